# SPDX-License-Identifier: Apache-2.0
"""Rows on a private PostgreSQL: it has the server's processor, we and pgbench in turns the other."""

from context import SOURCE, CannotMeasure, Measured, run_json
from servers import Postgresql

CLIENTS = 64
READERS = 8  # as many connections as the library reads with by default
#: Rows of pgbench_accounts per unit of scale; scale 1 fits into the default shared_buffers, as our rows do.
SCALE = 1


def server_of(context):
    def make():
        context.need_two_processors()
        server = Postgresql(context, context.folder / "postgresql")
        context.stack.callback(server.stop)
        server.sql("CREATE ROLE nexpo_owner LOGIN")
        return server
    return context.shared("postgresql", make)


class Calls:
    """Ours, in a database of their own."""

    def __init__(self, context, case):
        self.context = context
        self.case = case
        self.server = server_of(context)
        self.server.sql(f"CREATE DATABASE {case} OWNER nexpo_owner")
        self.per_second(callers=1)  # the tables, and what is to be read

    def per_second(self, callers):
        users = "200" if self.context.smoke else "10000"
        return run_json(self.context.on_load_cpu([
            self.context.program("nexpo_bench_calls"), self.case, "--database", self.server.url(self.case, "nexpo_owner"),
            "--callers", str(callers), "--seconds", str(self.context.seconds), "--users", users]))["ours"]

    def sql(self, text):
        return self.server.sql(text, self.case).strip()


def whole_seconds(context):
    return f"--time={max(1, round(context.seconds))}"


def users_create_postgresql(context):
    calls = Calls(context, "create_users")
    organization = calls.sql("SELECT id FROM organizations WHERE slug = 'bench'")

    def pgbench():
        return calls.server.pgbench_rate(calls.case, f"--client={CLIENTS}", "--jobs=1", whole_seconds(context),
                                         f"--define=organization={organization}",
                                         f"--file={SOURCE / 'peers/pgbench/create_user.sql'}")
    return Measured(*context.rounds_of(lambda: calls.per_second(CLIENTS), pgbench))


def postgresql_point_read(context):
    calls = Calls(context, "get_users")
    if calls.sql("SELECT relrowsecurity FROM pg_class WHERE relname = 'user_profiles'") != "t":
        raise CannotMeasure("user_profiles has no row-level security")
    calls.server.sql("CREATE DATABASE pgbench")
    calls.server.pgbench("pgbench", "--initialize", "--quiet", f"--scale={SCALE}")

    def pgbench():
        return calls.server.pgbench_rate("pgbench", "--select-only", f"--client={READERS}", "--jobs=1",
                                         whole_seconds(context), f"--scale={SCALE}")
    return Measured(*context.rounds_of(lambda: calls.per_second(READERS), pgbench))
