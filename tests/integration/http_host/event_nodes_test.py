# SPDX-License-Identifier: Apache-2.0
"""Two hosts on one PostgreSQL server, and on one SQLite file."""

import os
import select
import subprocess
import tempfile
import time

from events import EventTest, email_of
from host import eventually, main, request

SCRIPT = os.path.join(os.environ.get("NEXPO_SOURCE", ""), "tests/support/postgresql.sh")


class Nodes(EventTest):
    def start_two(self, database):
        flags = [f"--database={database}", "--sealing_key=" + "ab" * 32]
        one = self.start_host(*flags)
        return one, self.start_host(*flags)

    def check(self, one, other):
        token = self.sign_in(one)
        _, chunks, _ = self.open_stream(other, token)
        for name in ("a", "b"):
            self.add_user(one, token, name)
        self.assertEqual([email_of(chunks.event()), email_of(chunks.event())], ["a", "b"])
        socket = self.open_socket(other)
        socket.say(type="subscribe", token=token)
        self.assertEqual(socket.message(), {"type": "subscribed"})

        # How long an event takes from the answer at one to the client at the other.
        times = []
        for number in range(20):
            begin = time.monotonic()
            self.add_user(one, token, f"timed{number}")
            chunks.event()
            times.append(time.monotonic() - begin)
            socket.message()
        print(f"from one host to the other: median {sorted(times)[10] * 1000:.1f} ms", flush=True)

        # The end of the session at one is the end of everything that it opened at the other, and of the token.
        self.assertEqual(self.call(other, token, "/users/me").status, 200)
        self.assertEqual(self.call(one, token, "/auth/logout", "POST", {}).status, 204)
        begin = time.monotonic()
        eventually(lambda: self.call(other, token, "/users/me").status == 401, "the token to be refused")
        self.assertLess(time.monotonic() - begin, 1.5)
        self.assertEqual(chunks.event()["event"], "stream.ended")
        self.assertEqual(socket.message()["error"]["reason"], "session_ended")
        self.assertLess(time.monotonic() - begin, 3)
        return times

    def start_server(self):
        """The directory of a PostgreSQL server, and its URL."""
        folder = tempfile.mkdtemp(prefix="nexpo-nodes-")
        os.chmod(folder, 0o755)
        directory = os.path.join(folder, "pg")
        subprocess.run([SCRIPT, "start", directory], check=True, timeout=60)
        self.addCleanup(subprocess.run, [SCRIPT, "remove", directory], check=False, timeout=60)
        return directory, f"postgresql://postgres@/postgres?host={directory}"

    def test_hosts_on_postgresql(self):
        _, database = self.start_server()
        times = self.check(*self.start_two(database))
        self.assertLess(sorted(times)[10], 0.5, "they tell each other")

    def test_a_stream_that_waits_for_a_busy_thread_holds_up_nobody(self):
        directory, database = self.start_server()
        host = self.start_host(f"--database={database}", "--http.threads=1", "--http.blocking_threads=1",
                               "--http.blocking_queue=0", "--http.heartbeat_seconds=1")
        token = self.sign_in(host)
        client, chunks, _ = self.open_stream(host, token)
        subprocess.run([SCRIPT, "freeze", directory], check=True, timeout=60)
        try:
            # The one thread waits for the database; the stream's next heartbeat needs it.
            caller, reader = self.connect(host)
            caller.settimeout(1)
            held = False
            while not held:
                caller.sendall(request("/users/me", Authorization=f"Bearer {token}"))
                try:
                    self.assertEqual(reader.response().status, 503)
                except TimeoutError:
                    held = True
            client.sendall(b"x")
            for _ in range(20):
                begin = time.monotonic()
                self.assertEqual(self.ask(host, request("/nowhere")).status, 404)
                self.assertLess(time.monotonic() - begin, 2)
                select.select([], [], [], 0.1)
        finally:
            subprocess.run([SCRIPT, "thaw", directory], check=True, timeout=60)
        eventually(lambda: self.call(host, token, "/users", "POST", {"email": "ada@example.com"}).status == 201,
                   "a user to be added")
        self.assertEqual(email_of(chunks.event()), "ada")

    def test_hosts_on_one_file(self):
        self.check(*self.start_two(f"sqlite:{self.folder}/shared.db"))


if __name__ == "__main__":
    main()
