# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `jobs.…`, as coroutines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nexpo import _core
from nexpo._listing import AsyncListing
from nexpo._services.jobs import JOBS_CANCEL, JOBS_GET, JOBS_LIST, JOBS_REPLAY, JOBS_RETRY
from nexpo._types.jobs import Job, ReplayedJobs
from nexpo._types.webhooks import JobStateLike

__all__ = ["AsyncJobs"]


class AsyncJobs:
    """`jobs` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    def list(
        self,
        *,
        limit: int = 50,
        cursor: str | None = None,
        state: JobStateLike | None = None,
        kind: str | None = None,
    ) -> AsyncListing[Job]:
        """List the organization's background jobs in the order in which they were queued.

        Args:
            cursor: `next` of the page before.
            state: Only jobs in this state.
            kind: Only jobs of this kind.

        Raises:
            InvalidArgument: `cursor_invalid`.
        """
        return AsyncListing(self._start, JOBS_LIST, 1, (limit, cursor, state, kind))

    async def get(self, *, id: str) -> Job:
        """Get one background job.

        Raises:
            NotFound: `job_not_found`.
        """
        return await self._start(JOBS_GET, id)

    async def cancel(self, *, id: str) -> Job:
        """Call a background job off.

        One that is running is asked to stop, and is cancelled unless it succeeds all the same.

        Raises:
            NotFound: `job_not_found`.
            FailedPrecondition: `job_finished`.
        """
        return await self._start(JOBS_CANCEL, id)

    async def retry(self, *, id: str) -> Job:
        """Start a background job that has stopped anew.

        A dead or cancelled job gets all its attempts again; one that waits for its time runs at once.

        Raises:
            NotFound: `job_not_found`.
            FailedPrecondition: `job_not_stopped`.
            AlreadyExists: `job_not_unique`.
        """
        return await self._start(JOBS_RETRY, id)

    async def replay(
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
        return await self._start(JOBS_REPLAY, ids, kind, since, limit)
