# SPDX-License-Identifier: Apache-2.0
"""Rows of background jobs: ours in one process, against queues in node with Redis or the same PostgreSQL behind them."""

import shutil

from context import SOURCE, CannotMeasure, Measured, run_json
from postgresql_rows import server_of
from servers import Redis

JOBS, PEER_JOBS = 60_000, 15_000
BATCH, CONCURRENCY = 1_000, 100
#: pg-boss fetches and completes so many with one statement each, from so many connections.
BOSS_BATCH, BOSS_WORKERS = 100, 4
FEW, MANY = 1_000, 1_000_000


def jobs(context, count):
    return str(count // 30 if context.smoke else count)


def peer(context, script, *arguments):
    modules = SOURCE.parents[1] / "build/bench/queues"
    if not (modules / "node_modules/bullmq").is_dir():
        raise CannotMeasure("the npm packages are not installed; tests/bench/run does it")
    shutil.copy(SOURCE / "peers/queues" / script, modules)  # node looks for packages beside the script
    return run_json(context.on_load_cpu(["node", str(modules / script), *map(str, arguments)]))


def ours(context, case, database, *arguments):
    command = [context.program("nexpo_bench_calls"), case, "--database", database, *arguments]
    return run_json(context.on_load_cpu(command) if database.startswith("postgresql:") else command)


class Databases:
    """A new database for each sample: what is done is kept, and would be in the way of the next."""

    def __init__(self, context, name):
        self.context = context
        self.name = name
        self.count = 0

    def sqlite(self):
        self.count += 1
        return f"sqlite:{self.context.folder / self.name}{self.count}.db"

    def postgresql(self):
        self.count += 1
        server = server_of(self.context)
        server.sql(f"CREATE DATABASE {self.name}{self.count} OWNER nexpo_owner")
        return server.url(f"{self.name}{self.count}", "nexpo_owner")


def against_bullmq(context, case, what):
    """BullMQ has both processors as well: Redis the one, node the other."""
    context.need_two_processors()
    redis = context.shared("redis", lambda: Redis(context, context.folder / "redis"))
    databases = Databases(context, case)

    def we():
        return ours(context, case, databases.sqlite(), "--jobs", jobs(context, JOBS))["ours"]

    def they():
        redis.empty()
        return peer(context, "bullmq.mjs", redis.port, jobs(context, PEER_JOBS), BATCH if not context.smoke else 100,
                    CONCURRENCY)[what]
    return Measured(*context.rounds_of(we, they))


def jobs_enqueue(context):
    return against_bullmq(context, "enqueue_jobs", "enqueue")


def jobs_process(context):
    return against_bullmq(context, "process_jobs", "process")


def jobs_process_pg(context):
    databases = Databases(context, "process_jobs")
    server = server_of(context)

    def we():
        return ours(context, "process_jobs", databases.postgresql(), "--jobs", jobs(context, JOBS))["ours"]

    def they(how="alone"):
        databases.postgresql()
        return peer(context, "pgboss.mjs", server.folder, f"process_jobs{databases.count}", jobs(context, PEER_JOBS),
                    BOSS_BATCH, BOSS_WORKERS, how)["process"]
    return Measured(*context.rounds_of(we, they), notes={"batches_with_one_result": they("together")})


def starts(context, database):
    samples = [ours(context, "start_jobs", database(), "--seconds", str(context.seconds)) for _ in range(context.rounds)]
    return Measured([sample["p99"] for sample in samples], notes={"median": [sample["p50"] for sample in samples]})


def job_start(context):
    return starts(context, Databases(context, "start_jobs").sqlite)


def job_start_pg(context):
    return starts(context, Databases(context, "start_jobs").postgresql)


def claims(context, database):
    def median(count):
        return ours(context, "claim_jobs", database(), "--jobs", jobs(context, count))["p50"]
    return Measured(*context.rounds_of(lambda: median(MANY), lambda: median(FEW)))


def jobs_million(context):
    return claims(context, Databases(context, "claim_jobs").sqlite)


def jobs_million_pg(context):
    return claims(context, Databases(context, "claim_jobs").postgresql)
