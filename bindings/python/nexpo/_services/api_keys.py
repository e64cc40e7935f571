# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `api_keys.…`, as methods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from nexpo import _core
from nexpo._core import Operation
from nexpo._listing import Listing
from nexpo._struct import Page
from nexpo._types.api_keys import ApiKey, NewApiKey

__all__ = ["ApiKeys"]

API_KEYS_CREATE: Final[Operation[NewApiKey]] = Operation("api_keys.create")
API_KEYS_LIST: Final[Operation[Page[ApiKey]]] = Operation("api_keys.list")
API_KEYS_GET: Final[Operation[ApiKey]] = Operation("api_keys.get")
API_KEYS_ROTATE: Final[Operation[NewApiKey]] = Operation("api_keys.rotate")
API_KEYS_REMOVE: Final[Operation[None]] = Operation("api_keys.remove")


class ApiKeys:
    """`api_keys` of the caller's organization. Safe to share between threads; calls block."""

    __slots__ = ("_api", "_call")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._call = api.call

    def create(self, *, name: str, scopes: Sequence[str], expires_at: datetime | None = None) -> NewApiKey:
        """Make an API key for a program.

        The secret is shown this once. A key has the permissions in `scopes`, which whoever makes it must have too,
        and stays when its maker leaves. No key can have `api_keys:write`, `roles:write` or what only owners may do,
        so that keys make no keys and give no roles: a leaked key does no more once it is removed. An organization has
        at most 1,000 keys.

        Args:
            scopes: Permissions that the caller has too, for example `users:read`. Refused: words that nothing
                asks for (`scope_unknown`), and `api_keys:write`, `roles:write`, `owners:write`, `billing:write`,
                `organizations:remove` (`scope_not_grantable`).
            expires_at: Absent: never.

        Raises:
            PermissionDenied: `scope_not_held`.
            FailedPrecondition: `too_many_api_keys`.
        """
        return self._call(API_KEYS_CREATE, name, scopes, expires_at)

    def list(self, *, limit: int = 50, cursor: str | None = None) -> Listing[ApiKey]:
        """List the organization's API keys in the order in which they were made.

        Args:
            cursor: `next` of the page before.

        Raises:
            InvalidArgument: `cursor_invalid`.
        """
        return Listing(self._call, API_KEYS_LIST, 1, (limit, cursor))

    def get(self, *, id: str) -> ApiKey:
        """Get one API key, without its secret.

        Raises:
            NotFound: `api_key_not_found`.
        """
        return self._call(API_KEYS_GET, id)

    def rotate(self, *, id: str, old_valid_seconds: int = 86400) -> NewApiKey:
        """Give an API key a new secret.

        The old secret goes on working for `old_valid_seconds`. At most two work at a time.

        Args:
            old_valid_seconds: How long the old secret goes on working.

        Raises:
            NotFound: `api_key_not_found`.
            PermissionDenied: `scope_not_held`.
            Aborted: `version_mismatch`.
            FailedPrecondition: `rotation_under_way`.
        """
        return self._call(API_KEYS_ROTATE, id, old_valid_seconds)

    def remove(self, *, id: str) -> None:
        """Remove an API key.

        Its secrets are refused at once.

        Raises:
            NotFound: `api_key_not_found`.
            Aborted: `version_mismatch`.
        """
        return self._call(API_KEYS_REMOVE, id)
