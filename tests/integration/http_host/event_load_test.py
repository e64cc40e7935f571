# SPDX-License-Identifier: Apache-2.0
"""Thousands of streams at the same time."""

import os
import resource
import select
import time

from events import EventTest
from host import main, request

STREAMS = 500 if "NEXPO_SANITIZED" in os.environ else 3000


class Load(EventTest):
    def test_thousands_of_streams_cost_little_and_all_get_the_event(self):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 3 * STREAMS), most))
        host = self.start_host("--limits.streams_per_caller=0", "--http.heartbeat_seconds=600")
        token = self.sign_in(host)
        before = host.resident_kib()
        with open(f"/proc/{host.process.pid}/status", encoding="utf-8") as status:
            threads = int(next(line for line in status if line.startswith("Threads")).split()[1])
        clients = []
        for _ in range(STREAMS):
            client, reader = self.connect(host)
            client.sendall(request("/events/stream", Authorization=f"Bearer {token}"))
            clients.append(reader)
        for reader in clients:
            while b"retry: " not in reader.buffer:
                self.assertTrue(reader._fill())
        self.assertEqual(self.gauge(host, "nexpo_event_subscriptions"), STREAMS)
        each = (host.resident_kib() - before) / STREAMS

        def processor_time():
            with open(f"/proc/{host.process.pid}/stat", encoding="utf-8") as stat:
                fields = stat.read().rsplit(") ", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        begin, used = time.monotonic(), processor_time()
        self.assertEqual(select.select([reader.client for reader in clients[:500]], [], [], 3)[0], [], "nothing happens")
        load = (processor_time() - used) / (time.monotonic() - begin)

        begin = time.monotonic()
        self.add_user(host, token, "ada")
        for reader in clients:
            while b"ada@example.com" not in reader.buffer:
                self.assertTrue(reader._fill())
        spread = time.monotonic() - begin
        print(f"{STREAMS} streams: {each:.1f} KiB each, {load:.2f} of a core, one event to all in {spread * 1000:.0f} ms",
              flush=True)
        with open(f"/proc/{host.process.pid}/status", encoding="utf-8") as status:
            now = int(next(line for line in status if line.startswith("Threads")).split()[1])
        self.assertLessEqual(now, threads + 2, "no thread for each")
        if "NEXPO_SANITIZED" not in os.environ:
            self.assertLess(each, 64)


if __name__ == "__main__":
    main()
