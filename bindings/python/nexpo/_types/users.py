# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""What the operations `users.…` take and answer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from nexpo._struct import Struct

__all__ = ["Role", "RoleLike", "User"]


class Role(StrEnum):
    """The words of `Role`."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


RoleLike: TypeAlias = Role | Literal["owner", "admin", "member", "viewer"]
"""A `Role`, or its word."""


class User(Struct):
    """What `users.create`, `users.list`, `users.me`, `users.get`, `users.update` answer."""

    id: str
    organization_id: str
    email: str
    """In lower case; unique in the organization."""
    name: str
    """What to call them; may be empty."""
    role: Role
    """What they may do."""
    created_at: datetime
    updated_at: datetime
    version: int
    """The record's ETag."""
