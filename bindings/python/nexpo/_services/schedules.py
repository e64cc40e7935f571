# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `schedules.…`, as methods."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from nexpo import _core
from nexpo._core import Operation
from nexpo._listing import Listing
from nexpo._struct import JsonValue, Page
from nexpo._types.schedules import MissedRuns, MissedRunsLike, RanSchedule, Schedule, SchedulePreview
from nexpo._unset import UNSET, Unset

__all__ = ["Schedules"]

SCHEDULES_LIST: Final[Operation[Page[Schedule]]] = Operation("schedules.list")
SCHEDULES_GET: Final[Operation[Schedule]] = Operation("schedules.get")
SCHEDULES_CREATE: Final[Operation[Schedule]] = Operation("schedules.create")
SCHEDULES_UPDATE: Final[Operation[Schedule]] = Operation("schedules.update")
SCHEDULES_REMOVE: Final[Operation[None]] = Operation("schedules.remove")
SCHEDULES_RUN: Final[Operation[RanSchedule]] = Operation("schedules.run")
SCHEDULES_PREVIEW: Final[Operation[SchedulePreview]] = Operation("schedules.preview")


class Schedules:
    """`schedules` of the caller's organization. Safe to share between threads; calls block."""

    __slots__ = ("_api", "_call")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._call = api.call

    def list(self, *, limit: int = 50, cursor: str | None = None) -> Listing[Schedule]:
        """List the organization's schedules in the order in which they were made.

        Args:
            cursor: `next` of the page before.

        Raises:
            InvalidArgument: `cursor_invalid`.
        """
        return Listing(self._call, SCHEDULES_LIST, 1, (limit, cursor))

    def get(self, *, id: str) -> Schedule:
        """Get one schedule.

        Raises:
            NotFound: `schedule_not_found`.
        """
        return self._call(SCHEDULES_GET, id)

    def create(
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
        return self._call(SCHEDULES_CREATE, name, kind, payload, rule, time_zone, start_at, missed, overlap, paused)

    def update(
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
        return self._call(SCHEDULES_UPDATE, id, name, payload, rule, time_zone, start_at, missed, overlap, paused)

    def remove(self, *, id: str) -> None:
        """Remove a schedule.

        Jobs that it has queued stay.

        Raises:
            NotFound: `schedule_not_found`.
        """
        return self._call(SCHEDULES_REMOVE, id)

    def run(self, *, id: str) -> RanSchedule:
        """Queue a job of a schedule at once, besides its times.

        Raises:
            NotFound: `schedule_not_found`.
        """
        return self._call(SCHEDULES_RUN, id)

    def preview(
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
        return self._call(SCHEDULES_PREVIEW, rule, time_zone, start_at, after, count)
