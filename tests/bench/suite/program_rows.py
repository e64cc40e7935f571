# SPDX-License-Identifier: Apache-2.0
"""Rows about the program nexpo-http itself: how soon it serves, what it weighs."""

import random
import re
import shutil
import socket
import subprocess
import time

from context import CannotMeasure, Measured, run
from http_rows import site_of
from servers import NexpoHttp, clean_environment

MEGA = 1e6
REST_SECONDS = 3


def free_port():
    """Not one of those that the system deals out: a client that tries to connect to such a port may be given the same one
    for itself and then talks to itself."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise CannotMeasure("no port is free")


def answers_200(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(b"GET /health/ready HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            return client.recv(64).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False


def start_ms(context):
    """From just before the process is made; the client tries again at once until it is answered."""
    site = site_of(context)
    folder = site.copy("start")
    samples = []
    for _ in range(max(2, 4 * context.rounds)):
        port = free_port()
        command = context.on_server_cpu([context.program("nexpo-http"), f"--http.port={port}"])
        begin = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=clean_environment())
        try:
            while not answers_200(port):
                if process.poll() is not None or time.perf_counter() - begin > 30:
                    raise CannotMeasure("nexpo-http did not start")
            samples.append((time.perf_counter() - begin) * 1000)
        finally:
            process.terminate()
            process.wait(30)
    return Measured(samples)


def resident_mb(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status.read(), re.MULTILINE).group(1)) * 1024 / MEGA


def rss_mb(context):
    """A client's first hundred requests: sign-in, own profile, one user, lists, a new user. Measured when the server has
    had time to give back what it needs for hashing a password only."""
    site = site_of(context)
    at_once, samples = [], []
    for _ in range(max(1, context.rounds // 2)):
        with NexpoHttp(context, site.copy("rss")) as server:
            token = server.log_in()
            some_user = server.ask("GET", "/users?limit=1", token=token)[1]["items"][0]["id"]
            for target in ["/users/me", f"/users/{some_user}", "/users?limit=50"] * 32:
                status, body = server.ask("GET", target, token=token)
                if status != 200:
                    raise CannotMeasure(f"{target} gave {status}: {body}")
            server.ask("POST", "/users", {"email": "hundredth@example.com"}, token)
            server.ask("GET", "/openapi.json")
            at_once.append(resident_mb(server))
            time.sleep(0 if context.smoke else REST_SECONDS)
            samples.append(resident_mb(server))
    return Measured(samples, notes={"at_once": at_once})


def is_ours(path):
    """Shared objects that nexpo-http loads; libnexpo.so is for other programs, it has the library in itself."""
    return path.is_file() and not path.is_symlink() and not path.name.startswith("libnexpo.so")


def binary_mb(context):
    parts = [context.binaries / "hosts/http/nexpo-http"]
    for room in ("src", "hosts"):
        parts += [path for path in sorted((context.binaries / room).rglob("*.so*")) if is_ours(path)]
    total = 0
    for number, part in enumerate(parts):
        copy = context.folder / f"stripped{number}"
        shutil.copy(part, copy)
        run(["strip", str(copy)])
        total += copy.stat().st_size
    return Measured([total / MEGA], notes={"files": [part.name for part in parts]})
