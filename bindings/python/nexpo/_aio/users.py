# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `users.…`, as coroutines."""

from __future__ import annotations

from nexpo import _core
from nexpo._listing import AsyncListing
from nexpo._services.users import USERS_CREATE, USERS_GET, USERS_LIST, USERS_ME, USERS_REMOVE, USERS_UPDATE
from nexpo._types.users import Role, RoleLike, User
from nexpo._unset import UNSET, Unset

__all__ = ["AsyncUsers"]


class AsyncUsers:
    """`users` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    async def create(
        self,
        *,
        email: str,
        name: str = "",
        role: RoleLike = Role.MEMBER,
        password: str | None = None,
    ) -> User:
        """Add a user to the organization.

        With a password the user can sign in at once, provided that nobody has an account with this address; an
        account that exists is joined by invitation instead. Giving a password takes the permission `accounts:write`
        as well: whoever has it can sign in as the new user.

        Args:
            role: Only owners make owners.
            password: Used only when nobody has an account with this address. Takes the permission
                `accounts:write`.

        Raises:
            AlreadyExists: `email_taken`.
            PermissionDenied: `owner_required`.
        """
        return await self._start(USERS_CREATE, email, name, role, password)

    def list(self, *, limit: int = 50, cursor: str | None = None, role: RoleLike | None = None) -> AsyncListing[User]:
        """List the organization's users in the order in which they were added.

        Args:
            cursor: `next` of the page before.
            role: Only users with this role.

        Raises:
            InvalidArgument: `cursor_invalid`.
        """
        return AsyncListing(self._start, USERS_LIST, 1, (limit, cursor, role))

    async def me(self) -> User:
        """Get the caller's own profile.

        Raises:
            NotFound: `user_not_found`.
        """
        return await self._start(USERS_ME)

    async def get(self, *, id: str) -> User:
        """Get one user.

        Raises:
            NotFound: `user_not_found`.
        """
        return await self._start(USERS_GET, id)

    async def update(self, *, id: str, name: str | None | Unset = UNSET, role: RoleLike | None | Unset = UNSET) -> User:
        """Change a user.

        A merge patch: absent fields stay as they are. Members may change their own name with `profile:write`; other
        users take `users:write`, roles `roles:write` as well.

        Args:
            name: Null empties it.
            role: Only owners make or change owners.

        Raises:
            NotFound: `user_not_found`.
            PermissionDenied: `owner_required`.
            FailedPrecondition: `last_owner`.
            Aborted: `version_mismatch`.
        """
        return await self._start(USERS_UPDATE, id, name, role)

    async def remove(self, *, id: str) -> None:
        """Remove a user from the organization.

        The user's sessions in the organization end.

        Raises:
            NotFound: `user_not_found`.
            PermissionDenied: `owner_required`.
            FailedPrecondition: `last_owner`.
            Aborted: `version_mismatch`.
        """
        return await self._start(USERS_REMOVE, id)
