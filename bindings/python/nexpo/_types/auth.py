# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""What the operations `auth.…` take and answer."""

from __future__ import annotations

from datetime import datetime

from nexpo._struct import Struct

__all__ = ["JsonWebKey", "JsonWebKeySet", "RotatedKeys", "TokenInfo", "Tokens"]


class Tokens(Struct):
    """What `auth.sign_up`, `auth.login`, `auth.refresh` answer."""

    _secrets = frozenset({"access_token", "refresh_token"})

    access_token: str
    """Send it as `Authorization: Bearer`."""
    refresh_token: str
    """Exchange it once for new tokens."""
    token_type: str
    """Always `Bearer`."""
    expires_in: int
    """Life of the access token in seconds."""
    user_id: str
    organization_id: str


class TokenInfo(Struct):
    """What `auth.validate` answers."""

    active: bool
    """Genuine, in time, and its session not ended."""
    token_type: str | None
    iss: str | None
    sub: str | None
    """The account."""
    iat: int | None
    exp: int | None
    user_id: str | None
    organization_id: str | None
    session_id: str | None
    role: str | None
    """The role at this moment."""


class JsonWebKey(Struct):
    """A `JsonWebKey`."""

    kty: str
    crv: str
    x: str
    y: str | None
    use: str
    alg: str
    kid: str


class JsonWebKeySet(Struct):
    """What `auth.keys` answers."""

    keys: list[JsonWebKey]


class RotatedKeys(Struct):
    """What `auth.rotate_keys` answers."""

    kid: str
    active_at: datetime
    """It signs from then on."""
