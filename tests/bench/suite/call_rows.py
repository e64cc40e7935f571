# SPDX-License-Identifier: Apache-2.0
"""Rows of calls in one process, measured by nexpo_bench_calls."""

from context import Measured, run_json


def calls(context, case, database, *arguments, seconds=None):
    """Runs one case; answers calls per second of ours and, where it has one, of the peer."""
    return run_json([context.program("nexpo_bench_calls"), case, "--database", database,
                     "--seconds", str(seconds or context.seconds), *arguments])


def sqlite(context, name):
    return f"sqlite:{context.folder / name}.db"


def on_one_core(context, case):
    """Samples of a case that does both sides in turns by itself, in an organization with many users."""
    def sample():
        return run_json(context.on_server_cpu([
            context.program("nexpo_bench_calls"), case, "--database", sqlite(context, case),
            "--seconds", str(context.seconds), "--users", "200" if context.smoke else "10000"]))
    return [sample() for _ in range(context.rounds)]


def token_unseen(context):
    samples = on_one_core(context, "unseen_tokens")
    return Measured([s["ours"] for s in samples], [s["theirs"] for s in samples])


def authenticate_unseen(context):
    samples = on_one_core(context, "unseen_authentications")
    return Measured([s["ours"] for s in samples], [s["theirs"] for s in samples])


def token_seen(context):
    return Measured([s["ours"] for s in on_one_core(context, "seen_tokens")])


def users_get_in_process(context):
    samples = on_one_core(context, "get_users")
    return Measured([s["ours"] for s in samples], [s["theirs"] for s in samples])


def users_create_grouped(context):
    def rate(callers):
        return calls(context, "create_users", sqlite(context, "create"), "--callers", str(callers))["ours"]
    return Measured(*context.rounds_of(lambda: rate(64), lambda: rate(1)))
