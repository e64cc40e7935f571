# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `auth.…`, as methods."""

from __future__ import annotations

from typing import Final

from nexpo import _core
from nexpo._core import Operation
from nexpo._types.auth import JsonWebKeySet, RotatedKeys, TokenInfo, Tokens

__all__ = ["Auth"]

AUTH_SIGN_UP: Final[Operation[Tokens]] = Operation("auth.sign_up")
AUTH_LOGIN: Final[Operation[Tokens]] = Operation("auth.login")
AUTH_REFRESH: Final[Operation[Tokens]] = Operation("auth.refresh")
AUTH_LOGOUT: Final[Operation[None]] = Operation("auth.logout")
AUTH_VALIDATE: Final[Operation[TokenInfo]] = Operation("auth.validate")
AUTH_KEYS: Final[Operation[JsonWebKeySet]] = Operation("auth.keys")
AUTH_ROTATE_KEYS: Final[Operation[RotatedKeys]] = Operation("auth.rotate_keys")


class Auth:
    """`auth` of the caller's organization. Safe to share between threads; calls block."""

    __slots__ = ("_api", "_call")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._call = api.call

    def sign_up(self, *, email: str, password: str, name: str = "", organization: str | None = None) -> Tokens:
        """Open an account with an organization of its own.

        Off unless `auth.open_registration` is set.

        Args:
            organization: Name of the new organization; made up when absent.

        Raises:
            PermissionDenied: `registration_closed`.
            AlreadyExists: `email_taken`.
            ResourceExhausted: `sign_in_busy`.
        """
        return self._call(AUTH_SIGN_UP, email, password, name, organization)

    def login(self, *, email: str, password: str, organization: str | None = None) -> Tokens:
        """Sign in with an address and a password.

        Args:
            organization: Slug or id; the oldest membership when absent.

        Raises:
            Unauthenticated: `credentials_invalid`.
            PermissionDenied: `organization_not_joined`.
            ResourceExhausted: `sign_in_busy`.
        """
        return self._call(AUTH_LOGIN, email, password, organization)

    def refresh(self, *, refresh_token: str) -> Tokens:
        """Exchange a refresh token for new tokens.

        A refresh token works once. A repeat within ten seconds gets the same successor; a later one ends the session.

        Raises:
            Unauthenticated: `refresh_token_invalid`, `refresh_token_reused`.
        """
        return self._call(AUTH_REFRESH, refresh_token)

    def logout(self) -> None:
        """End the session.

        Its access and refresh tokens are refused at once.

        Raises:
            FailedPrecondition: `no_session`.
        """
        return self._call(AUTH_LOGOUT)

    def validate(self, *, access_token: str) -> TokenInfo:
        """Say whether an access token is good, and whose it is."""
        return self._call(AUTH_VALIDATE, access_token)

    def keys(self) -> JsonWebKeySet:
        """Get the public keys that verify access tokens."""
        return self._call(AUTH_KEYS)

    def rotate_keys(self, *, revoke: bool = False) -> RotatedKeys:
        """Replace the key that signs access tokens.

        The new key is published now and signs after `auth.signing_key_publish_seconds`; the old one verifies until
        its last token has expired.

        Args:
            revoke: The old keys have leaked: the new one signs at once, and tokens that the old ones signed are
                refused.
        """
        return self._call(AUTH_ROTATE_KEYS, revoke)
