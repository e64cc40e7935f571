# SPDX-License-Identifier: Apache-2.0
"""Logins offered at twice what the machine can hash."""

import json
import re
import threading
import time

from host import HostTest, main, request

EMAIL, PASSWORD = "ada@example.com", "correct horse"
LOGIN = request("/auth/login", "POST", json.dumps({"email": EMAIL, "password": PASSWORD}).encode())
BUDGET_MIB = 57
SECONDS = 3.0


class Overload(HostTest):
    def setUp(self):
        super().setUp()
        self.host = self.start("--limits.address_per_minute=0", "--limits.account_per_minute=0",
                               "--limits.caller_per_minute=0", f"--auth.hash_memory_mib={BUDGET_MIB}",
                               "--auth.hash_queue=4", "--log.access=false",
                               environment={"NEXPO_ADMIN_EMAIL": EMAIL, "NEXPO_ADMIN_PASSWORD": PASSWORD})

    def measure_capacity(self):
        """Logins per second when a few clients ask without pause."""
        answered = []

        def client():
            connection, reader = self.connect(self.host)
            while time.monotonic() < end:
                connection.sendall(LOGIN)
                if reader.response().status == 200:
                    answered.append(1)

        end = time.monotonic() + SECONDS
        self.together([client] * 4)
        return len(answered) / SECONDS

    @staticmethod
    def together(functions):
        threads = [threading.Thread(target=function) for function in functions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def gauge(self, name):
        body = self.ask(self.host, request("/metrics")).body.decode()
        return float(re.search(rf"^{name} (\S+)$", body, re.MULTILINE).group(1))

    def test_surplus_logins_are_refused_at_once_and_all_else_goes_on(self):
        token = self.ask(self.host, LOGIN).json()["access_token"]
        capacity = self.measure_capacity()
        logins, others, memory = [], [], []
        end = time.monotonic() + SECONDS
        clients = 16
        pause = clients / (2 * capacity)

        def offer_logins(number):
            connection, reader = self.connect(self.host)
            due = time.monotonic() + pause * number / clients
            while due < end:
                time.sleep(max(0.0, due - time.monotonic()))  # the offered rate does not depend on the answers
                begin = time.monotonic()
                connection.sendall(LOGIN)
                response = reader.response()
                logins.append((response, time.monotonic() - begin))
                due += pause

        def read_profile():
            connection, reader = self.connect(self.host)
            while time.monotonic() < end:
                connection.sendall(request("/users/me", Authorization=f"Bearer {token}"))
                others.append(reader.response().status)

        def watch_memory():
            while time.monotonic() < end:
                memory.append(self.gauge("nexpo_password_hash_memory_bytes"))

        self.together([lambda n=n: offer_logins(n) for n in range(clients)] + [read_profile, watch_memory])

        statuses = {response.status for response, _ in logins}
        self.assertLessEqual(statuses, {200, 429}, "nothing else is answered")
        refused = [(response, seconds) for response, seconds in logins if response.status == 429]
        served = len(logins) - len(refused)
        self.assertGreater(len(refused), 0)
        self.assertGreater(served, 0.3 * capacity * SECONDS)
        for response, _ in refused:
            self.assertEqual(response.json()["reason"], "sign_in_busy")
            self.assertGreaterEqual(int(response.headers["retry-after"]), 1)
        self.assertEqual(set(others), {200})
        self.assertGreater(len(others), 50)
        self.assertLessEqual(max(memory), BUDGET_MIB * 2**20)
        print(f"capacity {capacity:.0f}/s; offered {len(logins) / SECONDS:.0f}/s: {served} served, {len(refused)} refused,"
              f" the slowest refusal after {max(seconds for _, seconds in refused) * 1000:.0f} ms;"
              f" {len(others)} other answers; hash memory at most {max(memory) / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
