# SPDX-License-Identifier: Apache-2.0
"""The rows: what is measured, against what, and what it has to reach."""

import dataclasses
import operator
import statistics
import typing

import asgi_rows
import call_rows
import grpc_rows
import http_rows
import job_rows
import postgresql_rows
import program_rows
import python_rows
import webhook_rows

RELATIONS = {">=": operator.ge, "<=": operator.le}


@dataclasses.dataclass(frozen=True)
class Row:
    """`limit` stands in the peer's place where there is no peer. The ratio is always ours / theirs."""

    name: str
    unit: str
    relation: str
    reach: float
    measure: typing.Callable
    about: str
    limit: float = None

    def result(self, measured):
        """What the rounds come to."""
        ours = statistics.median(measured.ours)
        theirs = statistics.median(measured.theirs) if measured.theirs else self.limit
        ratio = ours / theirs
        fine = RELATIONS[self.relation](ratio, self.reach)
        return {"name": self.name, "ours": ours, "theirs": theirs, "unit": self.unit, "ratio": ratio,
                "reach": f"{self.relation}{self.reach:g}", "verdict": "ok" if fine else "below",
                "rounds": {"ours": measured.ours, "theirs": measured.theirs}, "notes": measured.notes}


ROWS = [
    Row("me_vs_beast", "1/s", ">=", 0.45, http_rows.me_vs_beast,
        "GET /users/me with a token seen before and the access log, against a bare Beast server; one thread, one core each"),
    Row("me_vs_fastify", "1/s", ">=", 4, http_rows.me_vs_fastify,
        "the same, against fastify with jose and better-sqlite3; one core each"),
    Row("asgi_me", "1/s", ">=", 0.7, asgi_rows.asgi_me,
        "the same under uvicorn, without a log, against a Starlette route with a constant answer"),
    Row("token_unseen", "1/s", ">=", 0.93, call_rows.token_unseen,
        "signature and claims of new access tokens, against OpenSSL verifying their signatures"),
    Row("authenticate_unseen", "1/s", ">=", 0.75, call_rows.authenticate_unseen,
        "Backend::authenticate of such tokens, with session and role from the database, against the same"),
    Row("token_seen", "1/s", ">=", 1, call_rows.token_seen,
        "Backend::authenticate of tokens seen before, one core", limit=1_000_000),
    Row("users_get_in_process", "1/s", ">=", 0.5, call_rows.users_get_in_process,
        "users().get through the pipeline, against the same read with SQLite's C interface"),
    Row("users_create_grouped", "1/s", ">=", 7, call_rows.users_create_grouped,
        "users().create from 64 callers, against one caller; ascending ids, random addresses"),
    Row("users_create_grouped_http", "1/s", ">=", 6, http_rows.users_create_grouped_http,
        "POST /users over 64 connections, against one connection"),
    Row("users_create_postgresql", "1/s", ">=", 0.6, postgresql_rows.users_create_postgresql,
        "users().create from 64 callers on PostgreSQL, against pgbench with the same three inserts and 64 clients"),
    Row("postgresql_point_read", "1/s", ">=", 0.5, postgresql_rows.postgresql_point_read,
        "users().get with row-level security, against pgbench -S with as many clients"),
    Row("grpc_users_get", "1/s", ">=", 0.6, grpc_rows.grpc_users_get,
        "unary Users/Get with a token seen before and the access log, against a bare gRPC C++ server; one core each"),
    Row("jobs_enqueue", "1/s", ">=", 3, job_rows.jobs_enqueue,
        "background jobs queued a thousand at a time on SQLite (FULL), against BullMQ's addBulk on Redis"),
    Row("jobs_process", "1/s", ">=", 3, job_rows.jobs_process,
        "jobs that do nothing run on SQLite (FULL), against BullMQ on Redis"),
    Row("jobs_process_pg", "1/s", ">=", 5, job_rows.jobs_process_pg,
        "jobs that do nothing run on PostgreSQL, against pg-boss on the same server"),
    Row("job_start", "ms", "<=", 1, job_rows.job_start,
        "p99 from the commit of a job to the start of its handler on SQLite, one at a time", limit=5),
    Row("job_start_pg", "ms", "<=", 1, job_rows.job_start_pg,
        "the same on PostgreSQL", limit=5),
    Row("jobs_million", "ms", "<=", 1.5, job_rows.jobs_million,
        "claiming jobs among a million that wait on SQLite, against a thousand"),
    Row("jobs_million_pg", "ms", "<=", 1.5, job_rows.jobs_million_pg,
        "the same on PostgreSQL"),
    Row("me_under_login_flood", "ms", "<=", 2, http_rows.me_under_login_flood,
        "p99 of GET /users/me while sign-ins come at twice the rate that can be hashed, against p99 without them"),
    Row("login_refusal_ms", "ms", "<=", 1, http_rows.login_refusal_ms,
        "p99 of the time until a sign-in of that surplus is refused", limit=50),
    Row("webhooks_delivered", "1/s", ">=", 1, webhook_rows.webhooks_delivered,
        "webhooks signed, delivered to a bare Beast server and recorded on SQLite; one core each", limit=10_000),
    Row("start_ms", "ms", "<=", 1, program_rows.start_ms,
        "from the start of nexpo-http on an existing database to its first 200", limit=30),
    Row("rss_mb", "MB", "<=", 1, program_rows.rss_mb,
        "memory of nexpo-http after 100 requests", limit=25),
    Row("binary_mb", "MB", "<=", 1, program_rows.binary_mb,
        "nexpo-http and every shared object of ours, stripped", limit=15),
    Row("python_users_get", "us", "<=", 1, python_rows.python_users_get,
        "what users.get takes more in Python than in C++, in microseconds", limit=1),
    Row("wheel_mb", "MB", "<=", 1, python_rows.wheel_mb,
        "the wheel of the Python package", limit=15),
    Row("import_ms", "ms", "<=", 1, python_rows.import_ms,
        "import nexpo, after the interpreter has started", limit=60),
]
