# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""What the operations `schedules.…` take and answer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from nexpo._struct import Struct

__all__ = ["MissedRuns", "MissedRunsLike", "RanSchedule", "Schedule", "SchedulePreview"]


class MissedRuns(StrEnum):
    """The words of `MissedRuns`."""

    SKIP = "skip"
    ONCE = "once"
    ALL = "all"


MissedRunsLike: TypeAlias = MissedRuns | Literal["skip", "once", "all"]
"""A `MissedRuns`, or its word."""


class Schedule(Struct):
    """What `schedules.list`, `schedules.get`, `schedules.create`, `schedules.update` answer."""

    id: str
    name: str
    """Unique in the organization."""
    kind: str
    """Of the jobs."""
    payload: Any
    """What the jobs' handler gets."""
    rule: str
    """Cron of five or six fields, or an RRULE of RFC 5545."""
    time_zone: str
    """IANA time zone."""
    start_at: datetime
    """Nothing is due before; the DTSTART of an RRULE."""
    missed: MissedRuns
    """What becomes of times at which no worker was there."""
    overlap: bool
    """Jobs may run while one of an earlier time is not finished."""
    paused: bool
    """Nothing is queued."""
    next_at: datetime | None
    """Absent: paused, or there is no next time."""
    last_at: datetime | None
    """The time for which the last job was queued."""
    cause: str | None
    """Why it stopped by itself: a stable word."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was changed last."""


class RanSchedule(Struct):
    """What `schedules.run` answers."""

    job_id: str


class SchedulePreview(Struct):
    """What `schedules.preview` answers."""

    times: list[datetime]
    """The next times."""
