# SPDX-License-Identifier: Apache-2.0
"""A disk that is full."""

import json
import os
import subprocess

from host import HostTest, eventually, main, request

EMAIL, PASSWORD = "ada@example.com", "correct horse"


class DiskFull(HostTest):
    """The database stands on a small file system of its own, inside a mount namespace that ends with the host."""

    def setUp(self):
        super().setUp()
        os.mkdir(os.path.join(self.folder, "data"))
        # The host becomes the init of nothing: `exec` keeps its process id, so signals and waiting work as usual.
        launcher = os.path.join(self.folder, "launch")
        binary = os.environ["NEXPO_HTTP_BINARY"]
        with open(launcher, "w", encoding="utf-8") as script:
            script.write("#!/bin/sh\nexec unshare --user --map-root-user --mount sh -c "
                         f"'mount -t tmpfs -o size=2m none data && exec {binary} \"$@\"' sh \"$@\"\n")
        os.chmod(launcher, 0o700)
        self.host = self.start("--limits.address_per_minute=0", "--limits.caller_per_minute=0",
                               environment={"NEXPO_ADMIN_EMAIL": EMAIL, "NEXPO_ADMIN_PASSWORD": PASSWORD},
                               binary=launcher)
        body = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
        self.token = self.ask(self.host, request("/auth/login", "POST", body)).json()["access_token"]
        self.client, self.reader = self.connect(self.host)

    def call(self, path, method="GET", body=None):
        data = json.dumps(body).encode() if body is not None else b""
        self.client.sendall(request(path, method, data, Authorization=f"Bearer {self.token}"))
        return self.reader.response(method)

    def inside(self, *command):
        """Runs a command in the namespace of the host."""
        subprocess.run(["nsenter", "--preserve-credentials", "--user", "--mount", f"--target={self.host.process.pid}",
                        *command], cwd="/", capture_output=True, check=False)

    def test_writes_are_refused_reads_go_on_and_space_heals(self):
        ballast = os.path.join(self.folder, "data", "ballast")
        self.inside("dd", "if=/dev/zero", f"of={ballast}", "bs=4096", "count=380")

        created, refused = 0, None
        for number in range(2000):
            response = self.call("/users", "POST", {"email": f"user{number}@example.com", "name": "x" * 200})
            if response.status != 201:
                refused = response
                break
            created += 1
        self.assertIsNotNone(refused, "the disk never filled")
        self.assertEqual(refused.status, 503)
        self.assertIn(refused.json()["reason"], ("storage_full", "storage_failed"))

        self.assertEqual(self.call("/users/me").status, 200)
        self.assertEqual(self.call("/health/live").status, 200)

        self.inside("rm", ballast)
        eventually(lambda: self.call("/users", "POST", {"email": "late@example.com"}).status == 201, "room to write")
        emails = set()
        path = "/users?limit=200"
        while path:
            page = self.call(path).json()
            emails |= {user["email"] for user in page["items"]}
            path = f"/users?limit=200&cursor={page['next']}" if page["next"] else None
        wanted = {f"user{number}@example.com" for number in range(created)} | {EMAIL, "late@example.com"}
        self.assertEqual(emails, wanted, "exactly what was answered with 201 is there")


if __name__ == "__main__":
    main()
