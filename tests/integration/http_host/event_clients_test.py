# SPDX-License-Identifier: Apache-2.0
"""Clients that others wrote: the packages eventsource and ws for Node.js."""

import fcntl
import filecmp
import json
import os
import shutil
import subprocess

from events import EventTest
from host import DEADLINE, main

SOURCE = os.environ.get("NEXPO_SOURCE", "")
PEERS = os.path.join(SOURCE, "tests/integration/events")
PLACE = os.path.join(SOURCE, "build/events/npm")


def install():
    """Packages in the versions of the lock file, once for all builds."""
    os.makedirs(PLACE, exist_ok=True)
    with open(os.path.join(PLACE, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in ("package.json", "package-lock.json", "peer.mjs"):
            shutil.copy(os.path.join(PEERS, name), PLACE)
        installed = os.path.join(PLACE, "installed")
        locked = os.path.join(PLACE, "package-lock.json")
        if not os.path.exists(installed) or not filecmp.cmp(installed, locked, shallow=False):
            subprocess.run(["npm", "--prefix", PLACE, "ci", "--no-audit", "--no-fund"], check=True, timeout=200,
                           stdout=subprocess.DEVNULL)
            shutil.copy(locked, installed)


class Peer:
    """A client in a process of its own, which prints a line for everything that it sees."""

    def __init__(self, test, kind, *arguments):
        self.process = subprocess.Popen(["node", os.path.join(PLACE, "peer.mjs"), kind, *arguments],
                                        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        test.addCleanup(self.stop)

    def line(self):
        return json.loads(self.process.stdout.readline() or "null")

    def stop(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.process.stdout.close()


class Clients(EventTest):
    @classmethod
    def setUpClass(cls):
        install()

    def test_an_event_source_reconnects_and_misses_nothing(self):
        folder_flags = ("--http.drain_seconds=2",)
        host = self.start_host(*folder_flags)
        port = host.address[1]
        token = self.sign_in(host)
        peer = Peer(self, "eventsource", host.url, token)
        self.assertEqual(peer.line(), ["open"])
        for name in ("a", "b"):
            self.add_user(host, token, name)
        self.assertEqual([peer.line()[1]["payload"]["email"] for _ in "ab"], ["a@example.com", "b@example.com"])
        host.stop()
        self.assertEqual(peer.line(), ["error", "connecting"])
        again = self.start(f"--http.port={port}", "--limits.caller_per_minute=0")
        for name in ("c", "d"):
            self.add_user(again, token, name)
        seen = []
        while len(seen) < 2:
            line = peer.line()
            if line[0] == "event":
                seen.append(line[1]["payload"]["email"])
        self.assertEqual(seen, ["c@example.com", "d@example.com"])
        # A session that ended is no reason to come back for ever.
        self.assertEqual(self.call(again, token, "/auth/logout", "POST", {}).status, 204)
        while (line := peer.line()) != ["error", "closed"]:
            self.assertIn(line[0], ("open", "ended", "error"))

    def test_ws_gets_events_and_answers_pings(self):
        host = self.start_host("--http.heartbeat_seconds=1")
        token = self.sign_in(host)
        for where in ("header", "message"):
            peer = Peer(self, "ws", host.url.replace("http", "ws"), token, where)
            self.assertEqual(peer.line(), ["open"])
            self.assertEqual(peer.line(), ["message", {"type": "subscribed"}])
            self.add_user(host, token, where)
            message = peer.line()
            self.assertEqual(message[1]["event"]["payload"]["email"], f"{where}@example.com")
            for _ in range(5):  # longer than a client lives that does not answer
                self.assertEqual(peer.line(), ["ping"])
            peer.stop()
            peer.stop = lambda: None

    def test_ws_is_told_why_it_ends(self):
        host = self.start_host()
        token = self.sign_in(host)
        peer = Peer(self, "ws", host.url.replace("http", "ws"), token, "message")
        self.assertEqual([peer.line(), peer.line()], [["open"], ["message", {"type": "subscribed"}]])
        self.assertEqual(self.call(host, token, "/auth/logout", "POST", {}).status, 204)
        self.assertEqual(peer.line()[1]["error"]["code"], "unauthenticated")
        self.assertEqual(peer.line(), ["close", 4401, "session_ended"])


if __name__ == "__main__":
    main()
