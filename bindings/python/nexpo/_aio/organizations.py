# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `organizations.…`, as coroutines."""

from __future__ import annotations

from nexpo import _core
from nexpo._services.organizations import ORGANIZATIONS_BOOTSTRAP
from nexpo._types.organizations import BootstrapResult

__all__ = ["AsyncOrganizations"]


class AsyncOrganizations:
    """`organizations` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    async def bootstrap(self, *, email: str, password: str, name: str = "") -> BootstrapResult:
        """Create the organization and its first owner, if it has none.

        Raises:
            AlreadyExists: `email_taken`, `account_exists`.
        """
        return await self._start(ORGANIZATIONS_BOOTSTRAP, email, password, name)
