# SPDX-License-Identifier: Apache-2.0
"""Rows on a private PostgreSQL: it has the server's processor, we and pgbench in turns the other."""

from context import SOURCE, CannotMeasure, Measured, run_json
from servers import Postgresql

CLIENTS = 64
READERS = 8  # as many connections as the library reads with by default
#: Rows of pgbench_accounts per unit of scale; scale 1 fits into the default shared_buffers, as our rows do.
SCALE = 1


class Database:
    """A database with our tables, made by us, and one with pgbench's."""

    def __init__(self, context):
        context.need_two_processors()
        self.server = Postgresql(context, context.folder / "postgresql")
        context.stack.callback(self.server.stop)
        self.server.sql("CREATE DATABASE nexpo")
        self.server.sql("CREATE ROLE nexpo_owner LOGIN; ALTER DATABASE nexpo OWNER TO nexpo_owner")
        self.server.sql("CREATE DATABASE pgbench")
        self.server.pgbench("pgbench", "--initialize", "--quiet", f"--scale={SCALE}")
        self.url = self.server.url("nexpo", "nexpo_owner")

    def calls(self, context, case, callers):
        """Our calls per second."""
        users = "200" if context.smoke else "10000"
        return run_json(context.on_load_cpu([
            context.program("nexpo_bench_calls"), case, "--database", self.url, "--callers", str(callers),
            "--seconds", str(context.seconds), "--users", users]))["ours"]


def database_of(context):
    return context.shared("postgresql", lambda: Database(context))


def whole_seconds(context):
    return f"--time={max(1, round(context.seconds))}"


def users_create_postgresql(context):
    database = database_of(context)
    database.calls(context, "create_users", 1)  # the tables, before pgbench wants them
    organization = database.server.sql("SELECT id FROM organizations WHERE slug = 'bench'", "nexpo").strip()
    script = SOURCE / "peers/pgbench/create_user.sql"

    def pgbench():
        return database.server.pgbench_rate("nexpo", f"--client={CLIENTS}", "--jobs=1", whole_seconds(context),
                                       f"--define=organization={organization}", f"--file={script}")
    return Measured(*context.rounds_of(lambda: database.calls(context, "create_users", CLIENTS), pgbench))


def postgresql_point_read(context):
    database = database_of(context)
    database.calls(context, "get_users", 1)  # fills the organization
    if database.server.sql("SELECT relrowsecurity FROM pg_class WHERE relname = 'user_profiles'", "nexpo").strip() != "t":
        raise CannotMeasure("user_profiles has no row-level security")

    def pgbench():
        return database.server.pgbench_rate("pgbench", "--select-only", f"--client={READERS}", "--jobs=1",
                                       whole_seconds(context), f"--scale={SCALE}")
    return Measured(*context.rounds_of(lambda: database.calls(context, "get_users", READERS), pgbench))
