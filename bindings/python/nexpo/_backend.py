# SPDX-License-Identifier: Apache-2.0
"""A running backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nexpo import _core
from nexpo._services import Api
from nexpo._struct import Struct
from nexpo._types import AuditReport, Config, Health
from nexpo._unset import UNSET

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType
    from typing import Self

__all__ = ["Backend", "Caller", "OperationInfo", "Resealed"]


class Caller(Struct):
    """Who makes a call. `Backend.as_caller` trusts what it is given: build one only from what you have verified."""

    kind: Literal["anonymous", "account", "system", "api_key"] = "anonymous"
    """What kind of party this is."""
    account_id: str = ""
    """`acc_…`, for an account."""
    user_id: str = ""
    """`usr_…`, the account's profile in the organization."""
    organization_id: str = ""
    """`org_…`, the organization the call works in."""
    session_id: str = ""
    """`ses_…`, when the call came with an access token."""
    role: str = ""
    """The role in the organization, for example `member`."""
    api_key_id: str = ""
    """`key_…`, for a program."""
    scopes: tuple[str, ...] = ()
    """The permissions of a program, for example `users:read`."""


class OperationInfo(Struct):
    """What an operation is."""

    name: str
    """`<noun>.<verb>`, for example `users.create`."""
    summary: str
    """One line for people."""
    description: str
    """More, if needed."""
    kind: Literal["query", "mutation", "stream"]
    """Whether it changes something."""
    rest: str
    """Method and path, for example `GET /users/{id}`; empty when REST does not offer it."""
    access: Literal["permission", "signed_in", "anyone", "system"]
    """Who may call it."""
    permission: str
    """`<noun>:<verb>`, for example `users:read`."""
    reasons: tuple[str, ...]
    """Failures of its own."""
    emits: tuple[str, ...]
    """Events of its own."""


class Resealed(Struct):
    """What sealing anew has done."""

    count: int
    """How many sealed values were under another key."""
    kept_key_removed: bool
    """A key stood in the database, of no use beside a configured one; it is gone."""
    key_id: str
    """Eight hexadecimal digits that name the key they are under now."""


class Backend:
    """A running backend. Safe to share between threads.

    A process that was forked must not use its parent's backend: every call raises `FailedPrecondition` (`forked`).
    """

    __slots__ = ("__weakref__", "_core")

    def __init__(self, core: _core.Backend) -> None:
        self._core = core

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Refuse new calls with `Unavailable`, let running ones finish, and stop every thread. Idempotent."""
        self._core.close()

    def as_system(self, organization: str) -> Api:
        """Call as the embedding application in the organization with this slug: every permission, no limits."""
        return Api(self._core.as_system(organization))

    def as_caller(self, caller: Caller) -> Api:
        """Call as somebody whom the application has identified itself."""
        return Api(self._core.as_caller(caller))

    def as_anonymous(self) -> Api:
        """Call as nobody in particular: sign-up and sign-in."""
        return Api(self._core.as_anonymous())

    def authenticate(self, token: str) -> Api:
        """Call as the holder of an access token or an API key.

        Raises:
            Unauthenticated: the token is not good.
        """
        return Api(self._core.authenticate(token))

    def as_client(self, *, token: str = "", address: str = "", request_id: str = "", traceparent: str = "") -> Api:
        """Call as whoever is at the other end of a door of your own, with the limits for strangers.

        Args:
            token: An access token or an API key; empty: nobody in particular.
            address: The IP address, for limits; empty: those per address do not apply.
            request_id: Taken over if it is 1 to 128 of A-Z a-z 0-9 _ . : -, else one is made.
            traceparent: W3C Trace Context; empty, or not valid: a trace begins here.
        """
        return Api(self._core.as_client(token, address, request_id, traceparent))

    def operations(self) -> list[OperationInfo]:
        """Every operation, built-in and added, in order of declaration."""
        return self._core.operations()

    def health(self) -> Health:
        """Whether calls can be served; asks each dependency."""
        return self._core.health()

    def seal_audit(self) -> int:
        """Seal the audit rows that have been committed until now; answers how many they were."""
        return self._core.seal_audit()

    def verify_audit(self) -> AuditReport:
        """Examine the whole audit. What is wrong with it is in the report."""
        return self._core.verify_audit()

    def reseal(self) -> Resealed:
        """Seal what is sealed in the database under `Config.sealing_key`.

        Raises:
            FailedPrecondition: `sealing_key_unknown`: the message names the key that is missing.
        """
        count, kept_key_removed, key_id = self._core.reseal()
        return Resealed(count=count, kept_key_removed=kept_key_removed, key_id=key_id)

    def work(self, *, until: datetime | None = None, max_jobs: int = 10_000) -> int:
        """Run due jobs on this thread; answers how many attempts it made.

        Args:
            until: No job is begun after this time; None: until none is due.
            max_jobs: No more jobs than this.
        """
        return self._core.work(until, max_jobs)

    def metrics(self) -> str:
        """All metrics in Prometheus' text format."""
        return self._core.metrics()


def open_backend(database: str | Config, settings: Mapping[str, Any], extras: dict[str, Any]) -> Backend:
    """See `open`."""
    given = {name: value for name, value in settings.items() if value is not UNSET}
    from nexpo._extras import prepare

    extras = prepare(extras)
    if isinstance(database, Config):
        if given:
            raise TypeError(f"give either a Config or settings by keyword: {', '.join(given)}")
        return Backend(_core.open(database, extras))
    return Backend(_core.open({"database": database, **given}, extras))
