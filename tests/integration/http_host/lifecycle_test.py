# SPDX-License-Identifier: Apache-2.0
"""Starting and stopping."""

import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import threading

from host import DEADLINE, HostTest, Reader, eventually, main, request, run


class Start(HostTest):
    def login(self, host, email, password):
        body = json.dumps({"email": email, "password": password}).encode()
        return self.ask(host, request("/auth/login", "POST", body))

    def test_first_start_makes_files_owner_and_password(self):
        host = self.start()
        password = re.search(r"shown only this once: (\S+)", host.output()).group(1)
        self.assertEqual(len(password), 24)
        self.assertEqual(self.login(host, "owner@example.com", password).status, 200)
        data = os.path.join(self.folder, "data")
        self.assertEqual(stat.S_IMODE(os.stat(data).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(data, "nexpo.key")).st_mode), 0o600)
        self.assertNotIn(password, host.errors())

    def test_second_start_keeps_everything_and_shows_no_password(self):
        first = self.start()
        password = re.search(r"shown only this once: (\S+)", first.output()).group(1)
        with open(os.path.join(self.folder, "data", "nexpo.key"), encoding="utf-8") as key:
            before = key.read()
        first.signal()
        self.assertEqual(first.wait(), 0)

        second = self.start()
        self.assertNotIn("shown only", second.output())
        self.assertNotIn(password, second.output())
        self.assertIn("has its owner already", second.output())
        self.assertEqual(self.login(second, "owner@example.com", password).status, 200)
        with open(os.path.join(self.folder, "data", "nexpo.key"), encoding="utf-8") as key:
            self.assertEqual(key.read(), before)
        self.assertEqual(sorted(name for name in os.listdir(os.path.join(self.folder, "data")) if "key" in name),
                         ["nexpo.key"])

    def test_configured_owner_is_created_and_their_password_not_printed(self):
        host = self.start(environment={"NEXPO_ADMIN_EMAIL": "ada@example.com", "NEXPO_ADMIN_PASSWORD": "correct horse"})
        self.assertNotIn("correct horse", host.output() + host.errors())
        self.assertEqual(self.login(host, "ada@example.com", "correct horse").status, 200)

    def test_printed_commands_work_when_pasted(self):
        host = self.start()
        commands = [line for line in host.output().splitlines() if "curl " in line]
        self.assertEqual(len(commands), 3)
        done = subprocess.run(["bash", "-c", "\necho\n".join(commands)], capture_output=True, text=True,
                              timeout=DEADLINE, check=True)
        me, created = (json.loads(line) for line in done.stdout.splitlines() if line)
        self.assertEqual((me["email"], me["role"]), ("owner@example.com", "owner"))
        self.assertEqual((created["email"], created["role"]), ("ada@example.com", "member"))

    def test_two_programs_can_start_on_one_folder_at_once(self):
        started = []
        threads = [threading.Thread(target=lambda: started.append(self.start())) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(started), 2)
        self.assertEqual(sum("shown only this once" in host.output() for host in started), 1)
        for host in started:
            self.assertEqual(self.ask(host, request()).status, 200)

    def failed(self, done, code, *words):
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        for word in ("nexpo-http: ", *words):
            self.assertIn(word, lines[0])

    def test_taken_port_is_told_in_one_line(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            self.failed(run([f"--http.port={port}"], folder=self.folder), 1, str(port), "taken")
        self.assertFalse(os.path.exists(os.path.join(self.folder, "data")))

    def test_foreign_address_is_told_in_one_line(self):
        self.failed(run(["--http.address=203.0.113.77", "--http.port=0"], folder=self.folder), 1, "203.0.113.77")

    def test_unwritable_folder_is_told_in_one_line(self):
        # Not even root can write below a file.
        with open(os.path.join(self.folder, "data"), "w", encoding="utf-8"):
            pass
        self.failed(run(["--http.port=0"], folder=self.folder), 1, "data")

    def test_database_of_a_newer_version_is_told_in_one_line(self):
        host = self.start()
        host.signal()
        self.assertEqual(host.wait(), 0)
        path = os.path.join(self.folder, "data", "nexpo.db")
        with sqlite3.connect(path) as database:
            table = "nexpo_migrations"
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            row = dict(zip(columns, database.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()))
            row["number"] = 9999
            marks = ", ".join("?" * len(row))
            database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
        self.failed(run(["--http.port=0"], folder=self.folder), 1, "nexpo.db", "newer")

    def test_wrong_key_is_told_in_one_line(self):
        host = self.start()
        host.signal()
        self.assertEqual(host.wait(), 0)
        key = "A" * 43
        done = run(["--http.port=0"], {"NEXPO_SEALING_KEY": key}, self.folder)
        self.failed(done, 1, "key")
        self.assertNotIn(key, done.stderr)

    def test_lost_key_is_told_and_no_other_is_made(self):
        host = self.start()
        host.signal()
        self.assertEqual(host.wait(), 0)
        key = os.path.join(self.folder, "data", "nexpo.key")
        os.rename(key, key + ".away")
        self.failed(run(["--http.port=0"], folder=self.folder), 1, "sealing_key")
        self.assertFalse(os.path.exists(key))
        os.rename(key + ".away", key)
        self.start()

    def test_unsupported_database_is_a_configuration_error(self):
        self.failed(run(["--http.port=0", "--database=mysql://x"], folder=self.folder), 2, "database", "sqlite:")


class Load:
    """Clients that send one request after the other until the server is gone."""

    def __init__(self, host, reconnect):
        self.host = host
        self.reconnect = reconnect
        self.answered = 0
        self.lost = []
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while True:
            try:
                client = self.host.connect()
            except OSError:
                return  # Nothing was sent, so nothing is lost.
            with client:
                if not self._use(client):
                    return

    def _use(self, client):
        reader = Reader(client)
        while True:
            try:
                client.sendall(request(Connection="close") if self.reconnect else request())
                response = reader.response()
            except (OSError, AssertionError) as failure:
                response, reason = None, repr(failure)
            else:
                reason = "no answer"
            if response is None or response.status != 200:
                self.lost.append(reason)
                return False
            self.answered += 1
            if response.headers.get("connection") == "close":
                return True


class Stop(HostTest):
    def test_no_request_is_lost_under_load(self):
        for round_number in range(3):
            with self.subTest(round_number):
                host = self.start("--limits.caller_per_minute=0")
                clients = [Load(host, reconnect=number % 2 == 0) for number in range(12)]
                eventually(lambda: all(client.answered > 20 for client in clients), "the load")
                host.signal()
                for client in clients:
                    client.thread.join(DEADLINE)
                self.assertEqual([client.lost for client in clients if client.lost], [])
                self.assertEqual(host.wait(), 0)

    def test_signal_right_after_the_banner_is_a_drain_too(self):
        for _ in range(20):
            host = self.start()
            host.signal()
            self.assertEqual(host.wait(), 0)

    def test_running_call_is_answered_and_the_connection_closed(self):
        host = self.start()
        client, reader = self.connect(host)
        body = b'{"email":"nobody@example.com","password":"wrong password"}'
        raw = request("/auth/login", "POST", body)
        client.sendall(raw[:-1])
        idle, idle_reader = self.connect(host)
        host.signal()
        eventually(lambda: any(line["message"] == "draining" for line in host.log()), "the drain")
        client.sendall(raw[-1:])
        response = reader.response()
        self.assertEqual((response.status, response.headers["connection"]), (401, "close"))
        self.assertIsNone(idle_reader.response())
        idle.close()
        self.assertEqual(host.wait(), 0)

    def test_pipelined_requests_that_have_arrived_are_all_answered(self):
        host = self.start()
        client, reader = self.connect(host)
        body = b'{"email":"nobody@example.com","password":"wrong password"}'
        first = request("/auth/login", "POST", body)
        client.sendall(first[:-1])
        host.signal()
        eventually(lambda: any(line["message"] == "draining" for line in host.log()), "the drain")
        client.sendall(first[-1:] + request() * 9)
        responses = [reader.response() for _ in range(10)]
        self.assertEqual([response.status for response in responses], [401] + [200] * 9)
        self.assertEqual(responses[-1].headers["connection"], "close")
        self.assertEqual(host.wait(), 0)

    def test_drain_ends_although_a_client_holds_on(self):
        host = self.start("--http.drain_seconds=1")
        client, _ = self.connect(host)
        client.sendall(b"GET /health/live HTTP/1.1\r\n")
        eventually(lambda: self.ask(host, request()), "the server to read")
        host.signal()
        self.assertEqual(host.wait(), 0)
        self.assertTrue(any("cut off" in line["message"] for line in host.log()))

    def test_second_signal_ends_at_once(self):
        host = self.start("--http.drain_seconds=600", "--http.header_seconds=600")
        client, _ = self.connect(host)
        client.sendall(b"GET /health/live HTTP/1.1\r\n")
        eventually(lambda: self.ask(host, request()), "the server to read")
        host.signal(signal.SIGINT)
        eventually(lambda: any(line["message"] == "draining" for line in host.log()), "the drain")
        host.signal(signal.SIGINT)
        self.assertEqual(host.wait(), 128 + signal.SIGINT)

    def test_log_that_nobody_reads_holds_nobody_up(self):
        read_end, write_end = os.pipe()
        self.addCleanup(os.close, read_end)
        with open(os.path.join(self.folder, "out"), "w+", encoding="utf-8") as output:
            clean = {name: value for name, value in os.environ.items() if not name.startswith("NEXPO_")}
            process = subprocess.Popen([os.environ["NEXPO_HTTP_BINARY"], "--http.port=0"], cwd=self.folder, env=clean,
                                       stdout=output, stderr=write_end)
            self.addCleanup(process.kill)
            os.close(write_end)

            def port():
                output.seek(0)
                found = re.search(r"http://127.0.0.1:(\d+),", output.read())
                return found and int(found.group(1))

            client = socket.create_connection(("127.0.0.1", eventually(port, "the banner")), timeout=DEADLINE)
            with client:
                reader = Reader(client)
                for _ in range(300):
                    client.sendall(request() * 50)
                    for _ in range(50):
                        self.assertEqual(reader.response().status, 200)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(DEADLINE), 0)


if __name__ == "__main__":
    main()
