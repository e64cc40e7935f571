# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `jobs.…`, as methods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from nexpo import _core
from nexpo._core import Operation
from nexpo._listing import Listing
from nexpo._struct import Page
from nexpo._types.jobs import Job, ReplayedJobs
from nexpo._types.webhooks import JobStateLike

__all__ = ["Jobs"]

JOBS_LIST: Final[Operation[Page[Job]]] = Operation("jobs.list")
JOBS_GET: Final[Operation[Job]] = Operation("jobs.get")
JOBS_CANCEL: Final[Operation[Job]] = Operation("jobs.cancel")
JOBS_RETRY: Final[Operation[Job]] = Operation("jobs.retry")
JOBS_REPLAY: Final[Operation[ReplayedJobs]] = Operation("jobs.replay")


class Jobs:
    """`jobs` of the caller's organization. Safe to share between threads; calls block."""

    __slots__ = ("_api", "_call")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._call = api.call

    def list(
        self,
        *,
        limit: int = 50,
        cursor: str | None = None,
        state: JobStateLike | None = None,
        kind: str | None = None,
    ) -> Listing[Job]:
        """List the organization's background jobs in the order in which they were queued.

        Args:
            cursor: `next` of the page before.
            state: Only jobs in this state.
            kind: Only jobs of this kind.

        Raises:
            InvalidArgument: `cursor_invalid`.
        """
        return Listing(self._call, JOBS_LIST, 1, (limit, cursor, state, kind))

    def get(self, *, id: str) -> Job:
        """Get one background job.

        Raises:
            NotFound: `job_not_found`.
        """
        return self._call(JOBS_GET, id)

    def cancel(self, *, id: str) -> Job:
        """Call a background job off.

        One that is running is asked to stop, and is cancelled unless it succeeds all the same.

        Raises:
            NotFound: `job_not_found`.
            FailedPrecondition: `job_finished`.
        """
        return self._call(JOBS_CANCEL, id)

    def retry(self, *, id: str) -> Job:
        """Start a background job that has stopped anew.

        A dead or cancelled job gets all its attempts again; one that waits for its time runs at once.

        Raises:
            NotFound: `job_not_found`.
            FailedPrecondition: `job_not_stopped`.
            AlreadyExists: `job_not_unique`.
        """
        return self._call(JOBS_RETRY, id)

    def replay(
        self,
        *,
        ids: Sequence[str] = (),
        kind: str | None = None,
        since: datetime | None = None,
        limit: int = 1000,
    ) -> ReplayedJobs:
        """Start dead background jobs anew.

        All that fit the ids, the kind and the time, the oldest first; those whose unique key another job has stay
        dead.

        Args:
            ids: Only these; empty: all that the rest fits.
            kind: Only of this kind.
            since: Only those that died at this time or later.
            limit: At most so many, the oldest first.
        """
        return self._call(JOBS_REPLAY, ids, kind, since, limit)
