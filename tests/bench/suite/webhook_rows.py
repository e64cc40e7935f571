# SPDX-License-Identifier: Apache-2.0
"""Rows about webhooks, measured by nexpo_bench_webhooks."""

from context import Measured, run_json
from servers import BeastConstant

BODY_BYTES = 16


def webhooks_delivered(context):
    """From the start of the workers to the commit of the last delivery; the receiver has a core of its own."""
    context.need_two_processors()
    deliveries = 160 if context.smoke else int(10_000 * context.seconds)
    samples = []
    with BeastConstant(context, context.folder / "sink", BODY_BYTES) as sink:
        for number in range(context.rounds):
            database = f"sqlite:{context.folder / f'webhooks{number}'}.db"
            samples.append(run_json(context.on_load_cpu([
                context.program("nexpo_bench_webhooks"), f"http://127.0.0.1:{sink.port}", database,
                str(deliveries)]))["rate"])
    return Measured(samples)
