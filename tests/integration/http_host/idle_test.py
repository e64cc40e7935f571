# SPDX-License-Identifier: Apache-2.0
"""Ten thousand idle connections."""

import os
import re
import resource
import time

from host import HostTest, eventually, main, request

CONNECTIONS = 10_000


class Idle(HostTest):
    def setUp(self):
        super().setUp()
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < CONNECTIONS + 600:
            self.skipTest(f"only {hard} files may be open")
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, CONNECTIONS + 200), hard))

    @staticmethod
    def rss_kib(host):
        with open(f"/proc/{host.process.pid}/status", encoding="utf-8") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def test_ten_thousand_idle_connections_cost_little_and_slow_nobody(self):
        host = self.start("--log.access=false", "--http.idle_seconds=600", "--limits.caller_per_minute=0")
        self.ask(host, request())
        before = self.rss_kib(host)
        clients = []
        for _ in range(CONNECTIONS - 100):
            client = host.connect()
            self.addCleanup(client.close)
            clients.append(client)
            client.sendall(request())
        for client in clients:
            self.assertTrue(client.recv(4096).startswith(b"HTTP/1.1 200 "))
        self.assertGreaterEqual(len(os.listdir(f"/proc/{host.process.pid}/fd")), len(clients))

        def per_connection():
            return (self.rss_kib(host) - before) * 1024 / len(clients)

        limit = 32_768 if os.environ.get("NEXPO_SANITIZED") else 8192
        eventually(lambda: per_connection() < limit, "idle connections to be small")

        times = []
        for _ in range(50):
            begin = time.monotonic()
            response = self.ask(host, request())
            times.append(time.monotonic() - begin)
            self.assertEqual(response.status, 200)
        times.sort()
        print(f"{len(clients)} idle connections of {per_connection():.0f} bytes each; a new client is answered within"
              f" {times[25] * 1000:.1f} ms (median), {times[-1] * 1000:.1f} ms at most")
        self.assertLess(times[25], 0.1)
        self.assertTrue(clients[0].sendall(request()) is None and clients[0].recv(4096).startswith(b"HTTP/1.1 200 "))
        host.signal()
        self.assertEqual(host.wait(), 0, "and all of them are closed at the end")


if __name__ == "__main__":
    main()
