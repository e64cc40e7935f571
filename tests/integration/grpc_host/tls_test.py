# SPDX-License-Identifier: Apache-2.0
"""TLS, programs that show certificates, and certificates that are replaced while the host runs."""

import os
import shutil
import socket
import ssl

import grpc

from host import HostTest, eventually, main, run  # first: it says where the others are
from certificates import Authority, openssl
from nexpo.v1 import users_pb2

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


class TlsTest(HostTest):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder)
        self.certificate = os.path.join(self.folder, "live.pem")
        self.key = os.path.join(self.folder, "live.key")
        self.install(*self.authority.issue("server"))

    def install(self, certificate, key):
        """Replaces both files as a careful tool does."""
        for source, target in ((certificate, self.certificate), (key, self.key)):
            shutil.copy(source, target + ".new")
            os.chmod(target + ".new", 0o600)
            os.rename(target + ".new", target)

    def start_tls(self, *flags, **options):
        return self.start(f"--tls.certificate={self.certificate}", f"--tls.key={self.key}", *flags, **options)

    def issue_client(self, name, subject_names, authority=None, days=30):
        """A client's certificate and key, for names that the certificate has."""
        authority = authority or self.authority
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout",
                f"{name}.key", "-out", f"{name}.csr", folder=self.folder)
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority.name}.pem", "-CAkey", f"{authority.name}.key",
                "-CAcreateserial", "-days", str(days), "-extfile", "/dev/stdin", "-out", f"{name}.pem", folder=self.folder,
                text=f"subjectAltName={subject_names}\n")
        return os.path.join(self.folder, f"{name}.pem"), os.path.join(self.folder, f"{name}.key")

    def credentials(self, client=None):
        def read(path):
            with open(path, "rb") as file:
                return file.read()
        certificate, key = client or (None, None)
        return grpc.ssl_channel_credentials(read(self.authority.file), key and read(key), certificate and read(certificate))

    def secure(self, host, client=None):
        return self.connect(host, self.credentials(client))

    def serial(self, host):
        """Of the certificate that the server shows."""
        context = ssl.create_default_context(cafile=self.authority.file)
        context.set_alpn_protocols(["h2"])
        with socket.create_connection(("127.0.0.1", host.port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as client:
                return client.getpeercert()["serialNumber"]


class Server(TlsTest):
    def test_calls_go_over_tls(self):
        host = self.start_tls()
        client = self.secure(host).sign_in()
        self.assertEqual(client.users.Me(users_pb2.GetMe(), metadata=client.metadata).email, "owner@example.com")
        self.assertEqual(self.failure(self.connect(host).users.Me, users_pb2.GetMe()).code, UNAVAILABLE)

    def test_old_versions_are_not_spoken(self):
        host = self.start_tls()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.authority.file)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", host.port), timeout=10) as plain, self.assertRaises(ssl.SSLError):
            context.wrap_socket(plain, server_hostname="127.0.0.1")

    def test_bad_files_are_refused_at_the_start(self):
        done = run([f"--tls.certificate={self.certificate}", f"--tls.key={self.authority.issue('other')[1]}",
                    "--grpc.port=0"], folder=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("TLS: ", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "data")))

    def test_certificates_are_replaced_while_it_runs(self):
        host = self.start_tls()
        client = self.secure(host).sign_in()
        before = self.serial(host)
        self.install(*self.authority.issue("renewed"))
        eventually(lambda: self.serial(host) != before, "the new certificate")
        client.users.Me(users_pb2.GetMe(), metadata=client.metadata)  # the old connection stands
        self.secure(host).sign_in()

    def test_a_bad_replacement_leaves_the_old_one_in_use(self):
        host = self.start_tls()
        before = self.serial(host)
        shutil.copy(self.authority.issue("other")[0], self.certificate)  # and not its key
        eventually(lambda: [line for line in host.log() if "not reloaded" in line["message"]], "the refusal")
        self.assertEqual(self.serial(host), before)
        self.secure(host).sign_in()
        self.assertEqual(self.serial(host), before)


class Programs(TlsTest):
    def start_mutual(self, *flags):
        return self.start_tls(f"--tls.client_ca={self.authority.file}", *flags)

    def test_without_a_certificate_nobody_gets_in(self):
        host = self.start_mutual()
        self.assertEqual(self.failure(self.secure(host).users.Me, users_pb2.GetMe()).code, UNAVAILABLE)
        self.secure(host, self.issue_client("anybody", "DNS:anybody.internal")).sign_in()

    def test_expired_and_foreign_certificates_are_refused(self):
        host = self.start_mutual("--grpc.clients=billing.internal default users:read")
        expired = self.issue_client("expired", "DNS:billing.internal", days=-1)
        self.assertEqual(self.failure(self.secure(host, expired).users.List, users_pb2.ListUsers()).code, UNAVAILABLE)
        foreign = self.issue_client("foreign", "DNS:billing.internal", Authority(self.folder, "elsewhere"))
        self.assertEqual(self.failure(self.secure(host, foreign).users.List, users_pb2.ListUsers()).code, UNAVAILABLE)

    def test_a_certificate_is_a_caller_with_the_permissions_that_are_configured(self):
        spiffe = "spiffe://example.com/importer"
        host = self.start_mutual(f"--grpc.clients=billing.internal default users:read,"
                                 f"{spiffe} default users:read users:write")
        billing = self.secure(host, self.issue_client("billing", "DNS:billing.internal"))
        self.assertEqual([user.email for user in billing.users.List(users_pb2.ListUsers()).items], ["owner@example.com"])
        self.assert_fails(grpc.StatusCode.PERMISSION_DENIED, "permission_denied", billing.users.Create,
                          users_pb2.CreateUser(email="ada@example.com"))
        self.assert_fails(grpc.StatusCode.PERMISSION_DENIED, "account_required", billing.users.Me, users_pb2.GetMe())
        importer = self.secure(host, self.issue_client("importer", f"URI:{spiffe}"))
        importer.users.Create(users_pb2.CreateUser(email="ada@example.com"))
        # Who has a token as well is whom the token says.
        owner = self.secure(host, self.issue_client("billing2", "DNS:billing.internal")).sign_in()
        self.assertEqual(owner.users.Me(users_pb2.GetMe(), metadata=owner.metadata).email, "owner@example.com")
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "token_invalid", billing.users.List, users_pb2.ListUsers(),
                          metadata=[("authorization", "Bearer forged")])

    def test_a_certificate_that_nobody_knows_is_nobody(self):
        host = self.start_mutual("--grpc.clients=billing.internal default users:read", "--tls.client_required=false")
        other = self.secure(host, self.issue_client("other", "DNS:other.internal"))
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "sign_in_required", other.users.List, users_pb2.ListUsers())
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "sign_in_required", self.secure(host).users.List,
                          users_pb2.ListUsers())

    def test_an_organization_that_there_is_not_is_told(self):
        host = self.start_mutual("--grpc.clients=billing.internal nowhere users:read")
        billing = self.secure(host, self.issue_client("billing", "DNS:billing.internal"))
        self.assert_fails(grpc.StatusCode.NOT_FOUND, "organization_not_found", billing.users.List, users_pb2.ListUsers())


if __name__ == "__main__":
    main()
