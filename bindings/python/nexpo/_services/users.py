# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `users.…`, as methods."""

from __future__ import annotations

from typing import Final

from nexpo import _core
from nexpo._core import Operation
from nexpo._listing import Listing
from nexpo._struct import Page
from nexpo._types.users import Role, RoleLike, User
from nexpo._unset import UNSET, Unset

__all__ = ["Users"]

USERS_CREATE: Final[Operation[User]] = Operation("users.create")
USERS_LIST: Final[Operation[Page[User]]] = Operation("users.list")
USERS_ME: Final[Operation[User]] = Operation("users.me")
USERS_GET: Final[Operation[User]] = Operation("users.get")
USERS_UPDATE: Final[Operation[User]] = Operation("users.update")
USERS_REMOVE: Final[Operation[None]] = Operation("users.remove")


class Users:
    """`users` of the caller's organization. Safe to share between threads; calls block."""

    __slots__ = ("_api", "_call")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._call = api.call

    def create(self, *, email: str, name: str = "", role: RoleLike = Role.MEMBER, password: str | None = None) -> User:
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
        return self._call(USERS_CREATE, email, name, role, password)

    def list(self, *, limit: int = 50, cursor: str | None = None, role: RoleLike | None = None) -> Listing[User]:
        """List the organization's users in the order in which they were added.

        Args:
            cursor: `next` of the page before.
            role: Only users with this role.

        Raises:
            InvalidArgument: `cursor_invalid`.
        """
        return Listing(self._call, USERS_LIST, 1, (limit, cursor, role))

    def me(self) -> User:
        """Get the caller's own profile.

        Raises:
            NotFound: `user_not_found`.
        """
        return self._call(USERS_ME)

    def get(self, *, id: str) -> User:
        """Get one user.

        Raises:
            NotFound: `user_not_found`.
        """
        return self._call(USERS_GET, id)

    def update(self, *, id: str, name: str | None | Unset = UNSET, role: RoleLike | None | Unset = UNSET) -> User:
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
        return self._call(USERS_UPDATE, id, name, role)

    def remove(self, *, id: str) -> None:
        """Remove a user from the organization.

        The user's sessions in the organization end.

        Raises:
            NotFound: `user_not_found`.
            PermissionDenied: `owner_required`.
            FailedPrecondition: `last_owner`.
            Aborted: `version_mismatch`.
        """
        return self._call(USERS_REMOVE, id)
