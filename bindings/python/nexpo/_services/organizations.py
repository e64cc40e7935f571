# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `organizations.…`, as methods."""

from __future__ import annotations

from typing import Final

from nexpo import _core
from nexpo._core import Operation
from nexpo._types.organizations import BootstrapResult

__all__ = ["Organizations"]

ORGANIZATIONS_BOOTSTRAP: Final[Operation[BootstrapResult]] = Operation("organizations.bootstrap")


class Organizations:
    """`organizations` of the caller's organization. Safe to share between threads; calls block."""

    __slots__ = ("_api", "_call")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._call = api.call

    def bootstrap(self, *, email: str, password: str, name: str = "") -> BootstrapResult:
        """Create the organization and its first owner, if it has none.

        Raises:
            AlreadyExists: `email_taken`, `account_exists`.
        """
        return self._call(ORGANIZATIONS_BOOTSTRAP, email, password, name)
