# SPDX-License-Identifier: Apache-2.0
"""TLS: what is spoken, who is let in, and certificates that are replaced while the host runs."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile

from certificates import Authority, openssl
from host import DEADLINE, HostTest, Reader, eventually, main, request, run


class TlsTest(HostTest):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder)
        self.good = self.authority.issue("server")
        self.certificate = os.path.join(self.folder, "live.pem")
        self.key = os.path.join(self.folder, "live.key")
        self.install(*self.good)

    def install(self, certificate, key):
        """Replaces both files as a careful tool does."""
        for source, target in ((certificate, self.certificate), (key, self.key)):
            shutil.copy(source, target + ".new")
            os.chmod(target + ".new", 0o600)
            os.rename(target + ".new", target)

    def start_tls(self, *flags):
        return self.start(f"--tls.certificate={self.certificate}", f"--tls.key={self.key}", *flags)

    def context(self, client=None, authority=None):
        context = ssl.create_default_context(cafile=(authority or self.authority).file)
        if client:
            context.load_cert_chain(*client)
        return context

    def secure(self, host, context=None):
        """A connection over TLS whose server is checked."""
        plain = host.connect()
        self.addCleanup(plain.close)
        client = (context or self.context()).wrap_socket(plain, server_hostname="127.0.0.1")
        self.addCleanup(client.close)
        return client, Reader(client)

    def status(self, host, context=None):
        client, reader = self.secure(host, context)
        client.sendall(request())
        return reader.response().status

    def serial(self, host):
        client, _ = self.secure(host)
        return client.getpeercert()["serialNumber"]

    def is_resumed(self, host, context):
        """Whether a second connection goes on with the session of the first one."""
        client, reader = self.secure(host, context)
        client.sendall(request())
        reader.response()
        plain = host.connect()
        self.addCleanup(plain.close)
        again = context.wrap_socket(plain, server_hostname="127.0.0.1", session=client.session)
        self.addCleanup(again.close)
        again.sendall(request())
        self.assertEqual(Reader(again).response().status, 200)
        return again.session_reused

    def logged(self, host, level, *words):
        """The line of this level that holds all the words."""
        def find():
            for line in host.log():
                if line["level"] == level and all(word in str(line) for word in words):
                    return line
            return None
        return eventually(find, f"a line with {words}")


class Speaking(TlsTest):
    def test_requests_of_all_sizes_are_answered(self):
        host = self.start_tls()
        self.assertTrue(host.url.startswith("https://127.0.0.1:"))
        client, reader = self.secure(host)
        self.assertIn(client.version(), ("TLSv1.3", "TLSv1.2"))
        self.assertIsNone(client.compression())
        client.sendall(request() * 20 + request("/openapi.json") + request("/auth/login", "POST", b"[" * 200_000))
        statuses = [reader.response().status for _ in range(22)]
        self.assertEqual(statuses, [200] * 21 + [400])
        self.assertTrue(eventually(host.access, "the access line"))

    def test_curl_and_its_commands_work(self):
        host = self.start_tls()
        done = subprocess.run(["curl", "-s", "--cacert", self.authority.file, "--http2", "-w", "%{http_version}", "-o",
                               "/dev/null", host.url + "/health/live"], capture_output=True, text=True, timeout=DEADLINE,
                              check=True)
        self.assertEqual(done.stdout, "1.1", "http/1.1 was agreed on although HTTP/2 was offered first")
        commands = [line for line in host.output().splitlines() if "curl " in line]
        done = subprocess.run(["bash", "-c", "\n".join(commands)], capture_output=True, text=True, timeout=DEADLINE,
                              check=True)
        self.assertIn("ada@example.com", done.stdout)

    def test_only_http_1_1_is_agreed_on(self):
        host = self.start_tls()
        context = self.context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        self.assertEqual(self.secure(host, context)[0].selected_alpn_protocol(), "http/1.1")
        context.set_alpn_protocols(["h2"])
        with self.assertRaises(ssl.SSLError):
            self.secure(host, context)

    def handshake(self, host, *arguments):
        """What `openssl s_client` says, and whether it came to an agreement."""
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{host.address[1]}", "-CAfile",
                               self.authority.file, *arguments], input=b"", capture_output=True, timeout=DEADLINE,
                              check=False)
        text = done.stdout.decode(errors="replace")
        return text, "Cipher is (NONE)" not in text and done.returncode == 0

    def test_old_versions_and_weak_suites_are_refused(self):
        hosts = [self.start_tls()]
        self.install(*self.authority.issue("rsa", key=("rsa:2048",)))
        hosts.append(self.start_tls())
        for host in hosts:
            for arguments in (("-tls1", "-cipher", "ALL:@SECLEVEL=0"), ("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")):
                self.assertFalse(self.handshake(host, *arguments)[1], arguments)
            spoken = set()
            for suite in openssl("ciphers", "-tls1_2", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", folder=self.folder).split(":"):
                arguments = ("-tls1_2", "-cipher", suite.strip() + ":@SECLEVEL=0")
                if not suite.startswith("TLS_") and self.handshake(host, *arguments)[1]:
                    spoken.add(suite.strip())
            self.assertEqual(len(spoken), 3, spoken)
            for suite in spoken:
                self.assertRegex(suite, "^ECDHE-(ECDSA|RSA)-(AES128-GCM-SHA256|AES256-GCM-SHA384|CHACHA20-POLY1305)$")

    def test_renegotiation_is_refused(self):
        host = self.start_tls()
        text = subprocess.run(["openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{host.address[1]}"], input=b"R\n",
                              capture_output=True, timeout=DEADLINE, check=False)
        self.assertIn(b"no renegotiation", text.stderr)

    def test_minimum_1_3_refuses_1_2(self):
        host = self.start_tls("--tls.minimum=1.3")
        self.assertFalse(self.handshake(host, "-tls1_2")[1])
        self.assertTrue(self.handshake(host, "-tls1_3")[1])

    def test_sessions_are_resumed(self):
        self.assertTrue(self.is_resumed(self.start_tls(), self.context()))

    def test_plain_http_is_answered_in_plain_words(self):
        host = self.start_tls()
        response = self.ask(host, request())
        self.assertEqual((response.status, response.headers["connection"]), (400, "close"))
        self.assertEqual(response.json()["reason"], "tls_required")
        self.assertEqual(self.status(host), 200)

    def test_refusals_ask_for_tls_too(self):
        host = self.start_tls("--gateway.hsts_seconds=1000")
        client, reader = self.secure(host)
        client.sendall(b"POST /auth/login HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999\r\n\r\n")
        response = reader.response()
        self.assertEqual((response.status, response.headers["strict-transport-security"]), (413, "max-age=1000"))

    def test_garbage_and_silence_end_the_connection(self):
        host = self.start_tls("--tls.handshake_seconds=1", "--log.level=debug")
        for raw in (b"\x16\x03\x01\xff\xff" + b"\0" * 100, b"\0" * 100, b"\x80\x2e\x01\0\x02", b""):
            client, _ = self.connect(host)
            client.sendall(raw)
            self.assertIsNotNone(eventually(lambda c=client: c.recv(4096) == b"" or None, "the end"))
        self.logged(host, "debug", "TLS handshake failed", "took too long")
        self.assertEqual(self.status(host), 200)

    def test_failed_handshakes_do_not_flood_the_log(self):
        host = self.start_tls("--log.level=debug")
        for _ in range(200):
            client = host.connect()
            client.sendall(b"\0" * 20)
            client.close()
        self.assertEqual(self.status(host), 200)
        lines = [line for line in host.log() if "handshake" in line["message"]]
        self.assertTrue(lines)
        self.assertLess(len(lines), 150)

    def test_end_of_the_connection_is_announced(self):
        host = self.start_tls()
        client, reader = self.secure(host)
        client.sendall(request(Connection="close"))
        self.assertEqual(reader.response().status, 200)
        client.suppress_ragged_eofs = False
        self.assertEqual(client.recv(100), b"", "a close_notify came before the end")

    def test_drain_answers_what_runs(self):
        host = self.start_tls()
        client, reader = self.secure(host)
        raw = request("/auth/login", "POST", b'{"email":"nobody@example.com","password":"wrong password"}')
        client.sendall(raw[:-1])
        idle, idle_reader = self.secure(host)
        host.signal()
        eventually(lambda: any(line["message"] == "draining" for line in host.log()), "the drain")
        client.sendall(raw[-1:])
        self.assertEqual(reader.response().status, 401)
        self.assertIsNone(idle_reader.response())
        self.assertEqual(host.wait(), 0)


class Clients(TlsTest):
    def test_certificate_is_required_with_an_authority(self):
        host = self.start_tls(f"--tls.client_ca={self.authority.file}")
        client = self.authority.issue("client")
        self.assertEqual(self.status(host, self.context(client)), 200)
        stranger = Authority(self.folder, "stranger").issue("intruder")
        expired = self.authority.issue("late", days=-1)
        for what, certificate in {"none": None, "of another authority": stranger, "expired": expired}.items():
            with self.subTest(what), self.assertRaises((ssl.SSLError, ConnectionError)):
                # With TLS 1.3 the client learns of it with its first read.
                self.status(host, self.context(certificate))
        done = subprocess.run(["curl", "-s", "--cacert", self.authority.file, "--cert", client[0], "--key", client[1],
                               host.url + "/health/live"], capture_output=True, timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 0)

    def test_certificate_is_shown_anew_each_time(self):
        host = self.start_tls(f"--tls.client_ca={self.authority.file}")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.context(self.authority.issue("client"))
            context.maximum_version = version
            self.assertFalse(self.is_resumed(host, context), version)

    def test_certificate_can_be_optional_but_not_wrong(self):
        host = self.start_tls(f"--tls.client_ca={self.authority.file}", "--tls.client_required=false")
        self.assertEqual(self.status(host), 200)
        self.assertEqual(self.status(host, self.context(self.authority.issue("client"))), 200)
        stranger = Authority(self.folder, "stranger").issue("intruder")
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.status(host, self.context(stranger))


class Files(TlsTest):
    def write(self, path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def test_garbage_keeps_the_old_certificate_and_a_good_one_is_taken(self):
        host = self.start_tls()
        kept, kept_reader = self.secure(host)
        old = self.serial(host)
        with open(self.good[0], encoding="utf-8") as file:
            text = file.read()

        for number, (certificate, key, reason) in enumerate((
                ("garbage", "garbage", "holds no certificate"),
                ("", "", "holds no certificate"),
                (text[:len(text) // 2], None, "live.pem"),
                (text + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None, "malformed in certificate 2"),
                (None, "garbage", "holds no private key"),
        )):
            with self.subTest(reason, number=number):
                self.install(*self.good)
                if certificate is not None:
                    self.write(self.certificate, certificate)
                if key is not None:
                    self.write(self.key, key)
                before = len(host.log())
                host.signal(signal.SIGHUP)
                line = eventually(lambda b=before: next((l for l in host.log()[b:] if l["level"] == "error"), None),
                                  "the error")
                self.assertIn(reason, line["detail"])
                self.assertIn("live.", line["detail"])
                self.assertEqual(self.serial(host), old)

        # A key of another certificate, found by looking at the files and not by a signal.
        other = self.authority.issue("other")
        self.install(self.good[0], other[1])
        self.logged(host, "error", "does not fit")
        self.assertEqual(self.serial(host), old)
        self.install(*self.authority.issue("late", days=-1))
        self.logged(host, "error", "has expired")
        self.assertEqual(self.serial(host), old)
        os.unlink(self.key)
        self.logged(host, "error", "live.key cannot be read")

        self.install(*other)
        eventually(lambda: self.serial(host) != old, "the new certificate")
        self.logged(host, "info", "certificate reloaded")
        kept.sendall(request())
        self.assertEqual(kept_reader.response().status, 200, "connections outlive their certificate")
        self.assertNotIn("PRIVATE", host.errors())

    def test_pipes_are_not_waited_for(self):
        for pipe in (self.certificate, self.key):
            with self.subTest(pipe):
                self.install(*self.good)
                host = self.start_tls()
                os.unlink(pipe)
                os.mkfifo(pipe)
                host.signal(signal.SIGHUP)
                self.logged(host, "error", pipe, "is not a regular file")
                self.assertEqual(self.status(host), 200)
                self.refused(os.path.basename(pipe), "is not a regular file")
                os.unlink(pipe)

    def test_certificate_that_expires_soon_is_told(self):
        self.install(*self.authority.issue("short", days=3))
        self.logged(self.start_tls(), "warning", "expires soon", "live.pem")

    def test_key_that_everybody_can_read_is_told(self):
        os.chmod(self.key, 0o644)
        self.logged(self.start_tls(), "warning", "live.key", "every user")

    def refused(self, *words, flags=()):
        folder = tempfile.mkdtemp(dir=self.folder)
        done = run([f"--tls.certificate={self.certificate}", f"--tls.key={self.key}", "--http.port=0", *flags],
                   folder=folder)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(os.listdir(folder), [], "nothing was begun")

    def test_start_refuses_what_cannot_work(self):
        self.install(self.good[0], self.authority.issue("other")[1])
        self.refused("live.key", "does not fit", "live.pem")
        openssl("ec", "-in", self.good[1], "-aes128", "-passout", "pass:hush", "-out", self.key, folder=self.folder)
        self.refused("live.key", "encrypted", "passphrase")
        self.install(*self.authority.issue("late", days=-1))
        self.refused("live.pem", "expired")
        self.install(*self.good)
        empty = os.path.join(self.folder, "empty.pem")
        self.write(empty, "")
        self.refused("empty.pem", "no certificate", flags=[f"--tls.client_ca={empty}"])
        os.unlink(self.certificate)
        self.refused("live.pem")

    def test_settings_that_need_each_other_are_told(self):
        for flag, word in ((f"--tls.certificate={self.certificate}", "tls.key"), (f"--tls.key={self.key}", "tls.certificate"),
                           ("--tls.client_ca=x", "tls.certificate"), ("--tls.minimum=1.1", "1.2, 1.3")):
            done = run([flag], folder=self.folder)
            self.assertEqual(done.returncode, 2)
            self.assertIn(word, done.stderr)

    def test_hangup_without_tls_changes_nothing(self):
        host = self.start()
        host.signal(signal.SIGHUP)
        self.assertEqual(self.ask(host, request()).status, 200)
        host.signal(signal.SIGTERM)
        self.assertEqual(host.wait(), 0)


if __name__ == "__main__":
    main()
