# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""All operations, as methods."""

from __future__ import annotations

from nexpo import _core
from nexpo._api import ApiBase
from nexpo._services.api_keys import ApiKeys
from nexpo._services.auth import Auth
from nexpo._services.events import Events
from nexpo._services.jobs import Jobs
from nexpo._services.organizations import Organizations
from nexpo._services.schedules import Schedules
from nexpo._services.users import Users
from nexpo._services.webhooks import Webhooks

__all__ = ["Api", "ApiKeys", "Auth", "Events", "Jobs", "Organizations", "Schedules", "Users", "Webhooks"]


class Api(ApiBase):
    """The backend as one caller sees it. Cheap, and safe to share between threads; calls block."""

    __slots__ = ("auth", "api_keys", "users", "organizations", "webhooks", "jobs", "schedules", "events")

    def __init__(self, core: _core.Api) -> None:
        super().__init__(core)
        self.auth = Auth(core)
        self.api_keys = ApiKeys(core)
        self.users = Users(core)
        self.organizations = Organizations(core)
        self.webhooks = Webhooks(core)
        self.jobs = Jobs(core)
        self.schedules = Schedules(core)
        self.events = Events(core)
