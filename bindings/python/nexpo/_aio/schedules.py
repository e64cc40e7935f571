# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `schedules.…`, as coroutines."""

from __future__ import annotations

from datetime import datetime

from nexpo import _core
from nexpo._listing import AsyncListing
from nexpo._services.schedules import (
    SCHEDULES_CREATE,
    SCHEDULES_GET,
    SCHEDULES_LIST,
    SCHEDULES_PREVIEW,
    SCHEDULES_REMOVE,
    SCHEDULES_RUN,
    SCHEDULES_UPDATE,
)
from nexpo._struct import JsonValue
from nexpo._types.schedules import MissedRuns, MissedRunsLike, RanSchedule, Schedule, SchedulePreview
from nexpo._unset import UNSET, Unset

__all__ = ["AsyncSchedules"]


class AsyncSchedules:
    """`schedules` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    def list(self, *, limit: int = 50, cursor: str | None = None) -> AsyncListing[Schedule]:
        """List the organization's schedules in the order in which they were made.

        Args:
            cursor: `next` of the page before.

        Raises:
            InvalidArgument: `cursor_invalid`.
        """
        return AsyncListing(self._start, SCHEDULES_LIST, 1, (limit, cursor))

    async def get(self, *, id: str) -> Schedule:
        """Get one schedule.

        Raises:
            NotFound: `schedule_not_found`.
        """
        return await self._start(SCHEDULES_GET, id)

    async def create(
        self,
        *,
        name: str,
        kind: str,
        payload: JsonValue = None,
        rule: str,
        time_zone: str = "UTC",
        start_at: datetime | None = None,
        missed: MissedRunsLike = MissedRuns.ONCE,
        overlap: bool = True,
        paused: bool = False,
    ) -> Schedule:
        """Queue a job again and again.

        Each time of the rule queues one job of the kind, whichever process is there first. The kind must be one that
        the application lets people schedule.

        Args:
            name: Unique in the organization.
            kind: Of the jobs; one that may be scheduled.
            payload: What the jobs' handler gets.
            rule: Cron of five or six fields, or an RRULE of RFC 5545.
            time_zone: IANA time zone.
            start_at: Absent: now. The DTSTART of an RRULE.
            missed: What becomes of times at which no worker was there.
            overlap: Jobs may run while one of an earlier time is not finished.
            paused: Nothing is queued.

        Raises:
            AlreadyExists: `schedule_name_taken`.
            FailedPrecondition: `too_many_schedules`.
            InvalidArgument: `schedule_rule_invalid`, `schedule_never_due`, `schedule_start_invalid`, `time_zone_unknown`.
        """
        return await self._start(SCHEDULES_CREATE, name, kind, payload, rule, time_zone, start_at, missed, overlap, paused)

    async def update(
        self,
        *,
        id: str,
        name: str | None | Unset = UNSET,
        payload: JsonValue | None | Unset = UNSET,
        rule: str | None | Unset = UNSET,
        time_zone: str | None | Unset = UNSET,
        start_at: datetime | None | Unset = UNSET,
        missed: MissedRunsLike | None | Unset = UNSET,
        overlap: bool | None | Unset = UNSET,
        paused: bool | None | Unset = UNSET,
    ) -> Schedule:
        """Change, pause or resume a schedule.

        Absent fields stay as they are. Times before the change that were not dealt with are dropped.

        Args:
            name: Unique in the organization.
            payload: What the jobs' handler gets.
            rule: Cron of five or six fields, or an RRULE of RFC 5545.
            time_zone: IANA time zone.
            start_at: Nothing is due before; the DTSTART of an RRULE.
            missed: What becomes of times at which no worker was there.
            overlap: Jobs may run while one of an earlier time is not finished.
            paused: Nothing is queued.

        Raises:
            NotFound: `schedule_not_found`.
            AlreadyExists: `schedule_name_taken`.
            InvalidArgument: `schedule_rule_invalid`, `schedule_never_due`, `schedule_start_invalid`, `time_zone_unknown`.
        """
        return await self._start(SCHEDULES_UPDATE, id, name, payload, rule, time_zone, start_at, missed, overlap, paused)

    async def remove(self, *, id: str) -> None:
        """Remove a schedule.

        Jobs that it has queued stay.

        Raises:
            NotFound: `schedule_not_found`.
        """
        return await self._start(SCHEDULES_REMOVE, id)

    async def run(self, *, id: str) -> RanSchedule:
        """Queue a job of a schedule at once, besides its times.

        Raises:
            NotFound: `schedule_not_found`.
        """
        return await self._start(SCHEDULES_RUN, id)

    async def preview(
        self,
        *,
        rule: str,
        time_zone: str = "UTC",
        start_at: datetime | None = None,
        after: datetime | None = None,
        count: int = 10,
    ) -> SchedulePreview:
        """Say when a rule would be due.

        Args:
            rule: Cron of five or six fields, or an RRULE of RFC 5545.
            time_zone: IANA time zone.
            start_at: Absent: now. The DTSTART of an RRULE.
            after: Only later times; absent: from the start on.

        Raises:
            InvalidArgument: `schedule_rule_invalid`, `schedule_never_due`, `schedule_start_invalid`, `time_zone_unknown`.
        """
        return await self._start(SCHEDULES_PREVIEW, rule, time_zone, start_at, after, count)
