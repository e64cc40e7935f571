# SPDX-License-Identifier: Apache-2.0
"""Rows over gRPC: nexpo-grpc on the server's processor, a load generator of ours on its own."""

import json
import re
import subprocess

from context import CannotMeasure, Measured, say
from http_rows import site_of
from servers import EMAIL, PASSWORD, NexpoHttp, Server

CONNECTIONS, CALLS = 4, 16


class GrpcServer(Server):
    """A process that serves gRPC."""

    def _find_port(self):
        while True:
            line = self.process.stdout.readline().decode()
            if not line:
                raise CannotMeasure(f"a server ended: {self.log.read_text(errors='replace')[-600:]}")
            found = re.search(r"(?: on 127\.0\.0\.1:|^)(\d+)\b", line)
            if found:
                return int(found.group(1))

    def rate(self, path, message=b"", token=""):
        """Unary calls per second."""
        command = [self.context.program("nexpo_bench_grpc_load"), str(self.port), path, message.hex(), token,
                   str(CONNECTIONS), str(CALLS), str(self.context.seconds), str(self.context.seconds / 4)]
        done = subprocess.run(self.context.on_load_cpu(command), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, timeout=300)
        self.empty_log()
        if done.returncode != 0:
            raise CannotMeasure(done.stderr.strip())
        report = json.loads(done.stdout)
        if report["failed"] > CONNECTIONS * CALLS:
            raise CannotMeasure(f"{report['failed']} calls were refused")
        if report["busy"] > 0.95 and not self.context.smoke:
            say(f"    the load generator was {report['busy']:.0%} busy: the server may be faster than this")
        return report["per_second"]


class NexpoGrpc(GrpcServer):
    """nexpo-grpc with its defaults, but that a benchmark's one client is not limited."""

    def __init__(self, context, folder):
        flags = [flag for flag in NexpoHttp.FLAGS if not flag.startswith("--http.")]
        super().__init__(context, [context.program("nexpo-grpc"), "--grpc.port=0", *flags], folder,
                         {"NEXPO_ADMIN_EMAIL": EMAIL, "NEXPO_ADMIN_PASSWORD": PASSWORD})


class Echo(GrpcServer):
    """gRPC's C++ server with the same threads, and nothing behind it."""

    def __init__(self, context, folder, message_bytes):
        super().__init__(context, [context.program("nexpo_bench_grpc_echo"), str(message_bytes)], folder)


def grpc_users_get(context):
    site = site_of(context)
    request = b"\x0a" + bytes([len(site.me["id"])]) + site.me["id"].encode()  # GetUser.id
    answer_bytes = 120  # of a User
    with NexpoGrpc(context, site.copy("grpc")) as ours, Echo(context, context.folder / "echo", answer_bytes) as echo:
        return Measured(*context.rounds_of(lambda: ours.rate("/nexpo.v1.Users/Get", request, site.token),
                                           lambda: echo.rate("/bench.Echo/Get", request, site.token)))
