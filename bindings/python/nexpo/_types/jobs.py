# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""What the operations `jobs.…` take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nexpo._struct import Struct
from nexpo._types.webhooks import JobState

__all__ = ["Job", "ReplayedJobs"]


class Job(Struct):
    """What `jobs.list`, `jobs.get`, `jobs.cancel`, `jobs.retry` answer."""

    id: str
    organization_id: str | None
    """Absent: the installation's own."""
    kind: str
    """What it does."""
    state: JobState
    """Where it stands."""
    priority: int
    """Each step counts like a minute of waiting."""
    run_at: datetime
    """When it is, or was, due."""
    attempt: int
    """Attempts so far."""
    max_attempts: int
    """Attempts that it has."""
    progress: int
    """In percent."""
    progress_note: str
    """What it is at."""
    cancel_requested: bool
    """It was called off while it ran, and has not ended yet."""
    cause: str | None
    """Why the last attempt failed: a stable word."""
    cause_message: str | None
    """The same for people."""
    idempotency_key: str | None
    """While it is kept, queuing a job of its kind with this key answers this one."""
    unique_key: str | None
    """Until it is over, queuing a job of its kind with this key answers this one."""
    concurrency_key: str | None
    """Jobs that share it run one or a few at a time."""
    payload: Any
    """What the handler gets."""
    result: Any
    """What the handler answered."""
    schedule_id: str | None
    """When a schedule queued it."""
    scheduled_for: datetime | None
    """The time for which a schedule queued it."""
    created_at: datetime
    """When it was queued."""
    started_at: datetime | None
    """When its last attempt began."""
    finished_at: datetime | None
    """When it ended."""


class ReplayedJobs(Struct):
    """What `jobs.replay` answers."""

    count: int
    """How many jobs start anew."""
