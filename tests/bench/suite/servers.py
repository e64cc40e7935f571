# SPDX-License-Identifier: Apache-2.0
"""Servers that a row starts on a folder and a port of their own, on the processor for servers."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

from context import SOURCE, CannotMeasure, run, wait_until

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
STOP_SECONDS = 30


def clean_environment():
    """Without settings that somebody has in the shell."""
    return {name: value for name, value in os.environ.items() if not name.startswith("NEXPO_")}


class Server:
    """A process with a port."""

    def __init__(self, context, command, folder, environment=None):
        self.context = context
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "log"
        # The log goes where a supervisor would put it: a file. Appending, so that it can be emptied between rounds.
        self._log = open(self.log, "ab")
        self.process = subprocess.Popen(context.on_server_cpu(command), cwd=folder,
                                        env=clean_environment() | (environment or {}), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self._log)
        try:
            self.port = self._find_port()
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _find_port(self):
        while True:
            line = self.process.stdout.readline().decode()
            if not line:
                code = self.process.wait()
                raise CannotMeasure(f"a server ended with {code}: {self.log.read_text(errors='replace')[-600:]}")
            found = re.search(r"(?:http://127\.0\.0\.1:|^)(\d+)\b", line)
            if found:
                return int(found.group(1))

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self._log.close()

    def empty_log(self):
        os.truncate(self.log, 0)

    def load(self, *arguments, **named):
        """Runs the load generator to its end; answers its report."""
        report = self.begin_load(*arguments, **named).report()
        self.empty_log()
        return report

    def begin_load(self, *arguments, **named):
        """Starts the load generator. Names are its options, written without dashes."""
        command = [self.context.program("nexpo_bench_load"), "--port", str(self.port)]
        for name, value in named.items():
            command += [f"--{name}", str(value)]
        return RunningLoad(self.context.on_load_cpu([*command, *arguments]))

    def ask(self, method, target, body=None, token=None):
        """One request; answers status and JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, target, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, json.loads(text) if text.startswith(("{", "[")) else text


class RunningLoad:
    """A load generator at work."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)

    def report(self):
        """Waits for its end; answers what it found."""
        out, errors = self.process.communicate(timeout=300)
        if self.process.returncode != 0:
            raise CannotMeasure(errors.strip())
        return json.loads(out)


class NexpoHttp(Server):
    """nexpo-http with its defaults, but that a benchmark's one client is not limited."""

    FLAGS = ("--limits.address_per_minute=0", "--limits.account_per_minute=0", "--limits.caller_per_minute=1000000000",
             "--auth.access_token_seconds=86400")

    def __init__(self, context, folder, *flags):
        super().__init__(context, [context.program("nexpo-http"), "--http.port=0", "--http.threads=1", *self.FLAGS, *flags],
                         folder, {"NEXPO_ADMIN_EMAIL": EMAIL, "NEXPO_ADMIN_PASSWORD": PASSWORD})

    def log_in(self):
        status, body = self.ask("POST", "/auth/login", {"email": EMAIL, "password": PASSWORD})
        if status != 200:
            raise CannotMeasure(f"signing in gave {status}: {body}")
        return body["access_token"]


class BeastConstant(Server):
    """A bare Beast server with one thread."""

    def __init__(self, context, folder, body_bytes):
        super().__init__(context, [context.program("nexpo_bench_constant"), "1", str(body_bytes)], folder)


class Fastify(Server):
    """fastify with jose and better-sqlite3 on the database of a nexpo-http that has stopped."""

    def __init__(self, context, folder, database, jwk):
        modules = SOURCE.parents[1] / "build/bench/npm"
        if not (modules / "node_modules/fastify").is_dir():
            raise CannotMeasure("the npm packages are not installed; tests/bench/run does it")
        shutil.copy(SOURCE / "peers/fastify/server.mjs", modules)  # node looks for packages beside the script
        super().__init__(context, ["node", str(modules / "server.mjs"), str(database), json.dumps(jwk)], folder,
                         {"NODE_ENV": "production"})


class Redis:
    """Redis with the settings of Debian's package: a snapshot now and then, no log, no flush before an answer."""

    def __init__(self, context, folder):
        folder.mkdir(parents=True)
        program = shutil.which("redis-server")
        if not program:
            raise CannotMeasure("Redis is not installed")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            context.on_server_cpu([program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder),
                                   "--save", "3600 1 300 100 60 10000", "--appendonly", "no"]),
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        context.stack.callback(self.stop)
        wait_until(lambda: self.process.poll() is not None or self.ask("PING") == "+PONG", "Redis")

    def ask(self, command):
        """One command without arguments; empty as long as nobody answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
                connection.sendall(f"{command}\r\n".encode())
                return connection.makefile().readline().strip()
        except OSError:
            return ""

    def empty(self):
        if self.ask("FLUSHALL") != "+OK":
            raise CannotMeasure("Redis does not answer")

    def stop(self):
        self.process.kill()  # nobody needs its snapshot
        self.process.wait()


class Postgresql:
    """A private PostgreSQL with its default durability, on a socket in its own folder."""

    def __init__(self, context, folder):
        self.context = context
        self.folder = folder
        self.binaries = self._find_binaries()
        folder.mkdir(parents=True)
        self._as_user = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
            self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        data = folder / "data"
        run([*self._as_user, self.tool("initdb"), "--username=postgres", "--auth=trust", "--encoding=UTF8",
             "--locale=C.UTF-8", f"--pgdata={data}"], cwd=folder)
        self.log = open(folder / "log", "ab")
        settings = [f"-cunix_socket_directories={folder}", "-clisten_addresses=", "-cmax_connections=200"]
        self.process = subprocess.Popen(
            context.on_server_cpu([*self._as_user, self.tool("postgres"), "-D", str(data), *settings]), cwd=folder,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        ready = [self.tool("pg_isready"), "--quiet", f"--host={folder}", "--username=postgres"]
        wait_until(lambda: self.process.poll() is not None or subprocess.run(ready, check=False).returncode == 0,
                   "PostgreSQL")
        if self.process.poll() is not None:
            raise CannotMeasure(f"PostgreSQL did not start: {(folder / 'log').read_text()[-600:]}")

    @staticmethod
    def _find_binaries():
        for folder in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
            if (folder / "initdb").exists() and (folder / "pgbench").exists():
                return folder
        raise CannotMeasure("PostgreSQL is not installed")

    def tool(self, name):
        return str(self.binaries / name)

    def url(self, database, role="postgres"):
        return f"postgresql:///{database}?host={self.folder}&user={role}"

    def sql(self, text, database="postgres"):
        return run([self.tool("psql"), "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", f"--host={self.folder}",
                    "--username=postgres", "--dbname", database, "--command", text])

    def pgbench(self, database, *arguments):
        """Runs pgbench; answers what it prints."""
        return run(self.context.on_load_cpu([self.tool("pgbench"), f"--host={self.folder}", "--username=postgres",
                                             *arguments, database]))

    def pgbench_rate(self, database, *arguments):
        """Transactions per second."""
        out = self.pgbench(database, "--no-vacuum", "--protocol=prepared", *arguments)
        return float(re.search(r"^tps = ([0-9.]+)", out, re.MULTILINE).group(1))

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast: does not wait for clients
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
