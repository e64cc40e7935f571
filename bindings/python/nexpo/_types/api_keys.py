# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""What the operations `api_keys.…` take and answer."""

from __future__ import annotations

from datetime import datetime

from nexpo._struct import Struct

__all__ = ["ApiKey", "NewApiKey"]


class NewApiKey(Struct):
    """What `api_keys.create`, `api_keys.rotate` answer."""

    _secrets = frozenset({"secret"})

    id: str
    organization_id: str
    name: str
    """What it is for."""
    scopes: list[str]
    """The permissions it has."""
    hint: str
    """The last four characters of the secret."""
    created_by: str
    """A user, or `system`."""
    created_at: datetime
    expires_at: datetime | None
    """Absent: never."""
    last_used_at: datetime | None
    """To about ten minutes."""
    old_secret_expires_at: datetime | None
    """Until when the secret before the rotation works."""
    version: int
    """The record's ETag."""
    secret: str
    """Shown this once. Send it as `Authorization: Bearer`."""


class ApiKey(Struct):
    """What `api_keys.list`, `api_keys.get` answer."""

    id: str
    organization_id: str
    name: str
    """What it is for."""
    scopes: list[str]
    """The permissions it has."""
    hint: str
    """The last four characters of the secret."""
    created_by: str
    """A user, or `system`."""
    created_at: datetime
    expires_at: datetime | None
    """Absent: never."""
    last_used_at: datetime | None
    """To about ten minutes."""
    old_secret_expires_at: datetime | None
    """Until when the secret before the rotation works."""
    version: int
    """The record's ETag."""
