# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""All operations, as coroutines."""

from __future__ import annotations

from nexpo import _core
from nexpo._aio.api_keys import AsyncApiKeys
from nexpo._aio.auth import AsyncAuth
from nexpo._aio.events import AsyncEvents
from nexpo._aio.jobs import AsyncJobs
from nexpo._aio.organizations import AsyncOrganizations
from nexpo._aio.schedules import AsyncSchedules
from nexpo._aio.users import AsyncUsers
from nexpo._aio.webhooks import AsyncWebhooks

__all__ = [
    "AsyncApi",
    "AsyncApiKeys",
    "AsyncAuth",
    "AsyncEvents",
    "AsyncJobs",
    "AsyncOrganizations",
    "AsyncSchedules",
    "AsyncUsers",
    "AsyncWebhooks",
]


class AsyncApi:
    """The backend as one caller sees it, for asyncio: calls do not block the event loop."""

    __slots__ = ("auth", "api_keys", "users", "organizations", "webhooks", "jobs", "schedules", "events")

    def __init__(self, core: _core.Api) -> None:
        self.auth = AsyncAuth(core)
        self.api_keys = AsyncApiKeys(core)
        self.users = AsyncUsers(core)
        self.organizations = AsyncOrganizations(core)
        self.webhooks = AsyncWebhooks(core)
        self.jobs = AsyncJobs(core)
        self.schedules = AsyncSchedules(core)
        self.events = AsyncEvents(core)
