# SPDX-License-Identifier: Apache-2.0
"""Start, health, reflection, settings and end."""

import os
import signal
import sqlite3
import subprocess
import threading

import grpc
from google.protobuf import descriptor_pool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from host import DEADLINE, SOURCE, HostTest, eventually, main, run
from nexpo.v1 import auth_pb2, users_pb2

SERVICES = {f"nexpo.v1.{name}" for name in
            ("ApiKeys", "Auth", "Events", "Jobs", "Operations", "Schedules", "Users", "Webhooks")}


class Lifecycle(HostTest):
    def health(self, host, service=""):
        client = self.connect(host)
        return health_pb2_grpc.HealthStub(client.channel).Check(health_pb2.HealthCheckRequest(service=service)).status

    def test_the_first_start_makes_an_owner_and_later_ones_do_not(self):
        host = self.start()
        self.assertIn("Created the organization default and its owner owner@example.com", host.output())
        self.connect(host).sign_in()
        host.stop()
        self.assertIn("has its owner already", self.start().output())
        self.assertEqual(os.stat(os.path.join(self.folder, "data", "nexpo.key")).st_mode & 0o777, 0o600)

    def test_health_is_told(self):
        host = self.start()
        for service in ("", *SERVICES):
            self.assertEqual(self.health(host, service), health_pb2.HealthCheckResponse.SERVING)
        with self.assertRaises(grpc.RpcError) as caught:
            self.health(host, "nexpo.v1.Nothing")
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_health_follows_the_database(self):
        host = self.start()
        stub = health_pb2_grpc.HealthStub(self.connect(host).channel)
        watch = stub.Watch(health_pb2.HealthCheckRequest(), timeout=DEADLINE)
        self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
        watch.cancel()

    def test_reflection_tells_of_services_and_messages(self):
        client = self.connect(self.start())
        database = ProtoReflectionDescriptorDatabase(client.channel)
        services = set(database.get_services())
        self.assertLessEqual(SERVICES | {"grpc.health.v1.Health"}, services)
        pool = descriptor_pool.DescriptorPool(database)
        login = pool.FindMessageTypeByName("nexpo.v1.Login")
        self.assertEqual([field.name for field in login.fields], ["email", "password", "organization"])
        self.assertTrue(pool.FindServiceByName("nexpo.v1.Events").FindMethodByName("Subscribe").server_streaming)
        self.assertEqual(pool.FindFileByName("nexpo/v1/users.proto").package, "nexpo.v1")

    def test_reflection_can_be_switched_off(self):
        client = self.connect(self.start("--grpc.reflection=false"))
        with self.assertRaises(grpc.RpcError) as caught:
            ProtoReflectionDescriptorDatabase(client.channel).get_services()
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_a_call_under_way_is_finished_before_the_end(self):
        host = self.start()
        client = self.connect(host)
        logins = [client.auth.Login.future(auth_pb2.Login(email="owner@example.com", password="correct horse battery"))
                  for _ in range(8)]
        eventually(lambda: host.access("Login"), "the first answer")
        host.signal()
        for login in logins:
            self.assertTrue(login.result(DEADLINE).access_token)
        self.assertEqual(host.wait(), 0)
        self.assertFalse([line for line in host.log() if "cut off" in line["message"]])

    def test_a_stream_without_end_is_cut_off_in_time(self):
        host = self.start("--grpc.drain_seconds=1")
        client = self.connect(host).sign_in()
        forever = threading.Event()
        self.addCleanup(forever.set)
        def inputs():
            yield users_pb2.CreateUser(email="ada@example.com")
            forever.wait(DEADLINE)
        call = client.users.CreateMany.future(inputs(), metadata=client.metadata)
        eventually(lambda: sqlite3.connect(os.path.join(self.folder, "data", "nexpo.db")).execute(
            "SELECT count(*) FROM user_profiles").fetchone()[0] == 2, "the first input")
        host.signal()
        self.assertEqual(host.wait(), 0)
        self.assertIn("calls were cut off, as grpc.drain_seconds have passed",
                      [line["message"] for line in host.log()])
        self.assertNotEqual(call.code(), grpc.StatusCode.OK)

    def test_a_second_signal_ends_it_at_once(self):
        host = self.start()
        client = self.connect(host).sign_in()
        forever = threading.Event()
        self.addCleanup(forever.set)
        def inputs():
            yield users_pb2.CreateUser(email="ada@example.com")
            forever.wait(DEADLINE)
        call = client.users.CreateMany.future(inputs(), metadata=client.metadata)
        eventually(lambda: sqlite3.connect(os.path.join(self.folder, "data", "nexpo.db")).execute(
            "SELECT count(*) FROM user_profiles").fetchone()[0] == 2, "the first input")
        host.signal()
        eventually(lambda: any(line["message"] == "draining" for line in host.log()), "draining")
        host.signal(signal.SIGINT)
        self.assertEqual(host.wait(), 128 + signal.SIGINT)
        self.assertNotEqual(call.code(), grpc.StatusCode.OK)

    def test_a_port_that_is_taken_is_told(self):
        host = self.start()
        done = run([f"--grpc.port={host.port}"], folder=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"cannot listen on 127.0.0.1:{host.port}", done.stderr)
        self.assertNotIn("password", done.stdout)

    def test_the_log_can_do_without_access_lines(self):
        host = self.start("--log.access=false")
        self.connect(host).sign_in()
        host.stop()
        self.assertFalse(host.access())

    def test_ipv6_is_served(self):
        host = self.start("--grpc.address=::1")
        self.connect(host).sign_in()
        self.assertEqual(eventually(lambda: host.access("Login"), "the line")[0]["peer"], "::1")


class Settings(HostTest):
    def committed(self, name):
        with open(os.path.join(SOURCE, "hosts", "grpc", name), encoding="utf-8") as file:
            return file.read()

    def test_examples_are_current(self):
        self.assertEqual(run(["--print-toml"]).stdout, self.committed("nexpo.example.toml"))
        self.assertEqual(run(["--print-env"]).stdout, self.committed(".env.example"))

    def test_problems_are_told_all_at_once(self):
        done = run(["--check-config", "--grpc.address=localhost", "--grpc.clients=billing acme,x y users", "--grpc.prot=1",
                    "--tls.minimum=1.3"], folder=self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--grpc.prot: unknown setting; did you mean --grpc.port?", done.stderr)
        done = run(["--check-config", "--grpc.address=localhost", "--grpc.clients=billing acme,x y users",
                    "--tls.minimum=1.3"], folder=self.folder)
        self.assertEqual(sorted(line.split(": ")[1].split(" ")[0] for line in done.stderr.splitlines()),
                         ["grpc.address", "grpc.clients", "grpc.clients", "tls.client_ca", "tls.minimum"], done.stderr)

    def test_actions(self):
        self.assertIn("--grpc.port", run(["--help"]).stdout)
        self.assertRegex(run(["--version"]).stdout, r"^nexpo-grpc \d+\.\d+\.\d+\n$")
        self.assertEqual(run(["--check-config"], folder=self.folder).stdout, "configuration ok\n")
        self.assertEqual(os.listdir(self.folder), [])
        self.assertIn("is up to date", run(["--migrate-only"], folder=self.folder).stdout)

    def test_the_files_are_in_order_for_protoc(self):
        proto = os.path.join(SOURCE, "hosts", "grpc", "proto")
        names = [f"nexpo/v1/{name}" for name in sorted(os.listdir(os.path.join(proto, "nexpo", "v1")))]
        done = subprocess.run(["protoc", "-I.", "--fatal_warnings", "--descriptor_set_out=/dev/null", *names], cwd=proto,
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    main()
