# SPDX-License-Identifier: Apache-2.0
"""Two hosts on one PostgreSQL server, and on one SQLite file."""

import os
import subprocess
import tempfile
import time

from events import EventTest, email_of
from host import eventually, main

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

    def test_hosts_on_postgresql(self):
        folder = tempfile.mkdtemp(prefix="nexpo-nodes-")
        os.chmod(folder, 0o755)
        directory = os.path.join(folder, "pg")
        subprocess.run([SCRIPT, "start", directory], check=True, timeout=60)
        self.addCleanup(subprocess.run, [SCRIPT, "remove", directory], check=False, timeout=60)
        database = f"postgresql://postgres@/postgres?host={directory}"
        times = self.check(*self.start_two(database))
        self.assertLess(sorted(times)[10], 0.5, "they tell each other")

    def test_hosts_on_one_file(self):
        self.check(*self.start_two(f"sqlite:{self.folder}/shared.db"))


if __name__ == "__main__":
    main()
