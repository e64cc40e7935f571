# SPDX-License-Identifier: Apache-2.0
"""Behind proxies that name their clients."""

import json

from host import HostTest, eventually, main, request, run


class Proxy(HostTest):
    def peer(self, host, *lines):
        """The address that the log shows for a request with these header lines."""
        seen = len(host.access())
        self.ask(host, b"GET /health/live HTTP/1.1\r\nHost: t\r\n" + b"".join(l.encode() + b"\r\n" for l in lines) + b"\r\n")
        return eventually(lambda: host.access()[seen:], "the access line")[0]["peer"]

    def test_nobody_is_believed_by_default(self):
        host = self.start()
        self.assertEqual(self.peer(host, "X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1"), "127.0.0.1")

    def test_others_than_the_proxies_are_not_believed(self):
        host = self.start("--http.trusted_proxies=10.0.0.0/8,::1")
        self.assertEqual(self.peer(host, "X-Forwarded-For: 192.0.2.1"), "127.0.0.1")

    def test_last_address_that_is_no_proxy_counts(self):
        host = self.start("--http.trusted_proxies=127.0.0.0/8, 10.0.0.0/8")
        for line, expected in (("X-Forwarded-For: 192.0.2.1", "192.0.2.1"),
                               ("X-Forwarded-For: 6.6.6.6, 192.0.2.1, 10.1.2.3", "192.0.2.1"),
                               ("X-Forwarded-For: 2001:DB8:0::1", "2001:db8::1"),
                               ("X-Forwarded-For: garbage", "127.0.0.1"),
                               ("Forwarded: for=192.0.2.1", "127.0.0.1")):
            self.assertEqual(self.peer(host, line), expected, line)

    def test_forwarded_can_be_chosen(self):
        host = self.start("--http.trusted_proxies=127.0.0.1", "--http.forwarding_header=forwarded")
        self.assertEqual(self.peer(host, 'Forwarded: for=6.6.6.6, for="[2001:db8::1]:80";proto=https'), "2001:db8::1")
        self.assertEqual(self.peer(host, "X-Forwarded-For: 192.0.2.1"), "127.0.0.1")

    def test_limits_count_for_the_client(self):
        host = self.start("--http.trusted_proxies=127.0.0.1", "--limits.address_per_minute=2")

        def login(client):
            body = json.dumps({"email": f"{client}@example.com", "password": "wrong password"}).encode()
            return self.ask(host, request("/auth/login", "POST", body, X_Forwarded_For=client)).status

        self.assertEqual([login("192.0.2.1") for _ in range(3)], [401, 401, 429])
        self.assertEqual(login("192.0.2.2"), 401)

    def test_malformed_settings_are_told(self):
        for value in ("10.0.0.0/33", "10.0.0.1/8", "example.com", "::/129"):
            done = run([f"--http.trusted_proxies={value}"], folder=self.folder)
            self.assertEqual(done.returncode, 2)
            self.assertIn("http.trusted_proxies", done.stderr)
            self.assertIn(value, done.stderr)


if __name__ == "__main__":
    main()
