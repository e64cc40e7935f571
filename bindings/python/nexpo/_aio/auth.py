# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `auth.…`, as coroutines."""

from __future__ import annotations

from nexpo import _core
from nexpo._services.auth import (
    AUTH_KEYS,
    AUTH_LOGIN,
    AUTH_LOGOUT,
    AUTH_REFRESH,
    AUTH_ROTATE_KEYS,
    AUTH_SIGN_UP,
    AUTH_VALIDATE,
)
from nexpo._types.auth import JsonWebKeySet, RotatedKeys, TokenInfo, Tokens

__all__ = ["AsyncAuth"]


class AsyncAuth:
    """`auth` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    async def sign_up(self, *, email: str, password: str, name: str = "", organization: str | None = None) -> Tokens:
        """Open an account with an organization of its own.

        Off unless `auth.open_registration` is set.

        Args:
            organization: Name of the new organization; made up when absent.

        Raises:
            PermissionDenied: `registration_closed`.
            AlreadyExists: `email_taken`.
            ResourceExhausted: `sign_in_busy`.
        """
        return await self._start(AUTH_SIGN_UP, email, password, name, organization)

    async def login(self, *, email: str, password: str, organization: str | None = None) -> Tokens:
        """Sign in with an address and a password.

        Args:
            organization: Slug or id; the oldest membership when absent.

        Raises:
            Unauthenticated: `credentials_invalid`.
            PermissionDenied: `organization_not_joined`.
            ResourceExhausted: `sign_in_busy`.
        """
        return await self._start(AUTH_LOGIN, email, password, organization)

    async def refresh(self, *, refresh_token: str) -> Tokens:
        """Exchange a refresh token for new tokens.

        A refresh token works once. A repeat within ten seconds gets the same successor; a later one ends the session.

        Raises:
            Unauthenticated: `refresh_token_invalid`, `refresh_token_reused`.
        """
        return await self._start(AUTH_REFRESH, refresh_token)

    async def logout(self) -> None:
        """End the session.

        Its access and refresh tokens are refused at once.

        Raises:
            FailedPrecondition: `no_session`.
        """
        return await self._start(AUTH_LOGOUT)

    async def validate(self, *, access_token: str) -> TokenInfo:
        """Say whether an access token is good, and whose it is."""
        return await self._start(AUTH_VALIDATE, access_token)

    async def keys(self) -> JsonWebKeySet:
        """Get the public keys that verify access tokens."""
        return await self._start(AUTH_KEYS)

    async def rotate_keys(self, *, revoke: bool = False) -> RotatedKeys:
        """Replace the key that signs access tokens.

        The new key is published now and signs after `auth.signing_key_publish_seconds`; the old one verifies until
        its last token has expired.

        Args:
            revoke: The old keys have leaked: the new one signs at once, and tokens that the old ones signed are
                refused.
        """
        return await self._start(AUTH_ROTATE_KEYS, revoke)
