# SPDX-License-Identifier: Apache-2.0
"""Why a call failed: one class for each code, all of them an `Error`."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from nexpo._struct import Struct

__all__ = [
    "Aborted",
    "AlreadyExists",
    "Cancelled",
    "DataLoss",
    "DeadlineExceeded",
    "Error",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "NotFound",
    "OutOfRange",
    "PermissionDenied",
    "ResourceExhausted",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "Unknown",
    "Violation",
]


class Violation(Struct):
    """One broken rule of one field."""

    field: str
    """JSON pointer (RFC 6901) into the input, for example `/email`; empty for the whole input."""
    rule: str
    """The rule's stable name, for example `required`, `max`, `format`, `type`."""
    message: str
    """What the rule asks, for people. Never contains the refused value."""


class Error(Exception):
    """Why a call failed. Programs branch on the class and on `reason`; `message` is for people and may change."""

    code: ClassVar[str] = "unknown"
    """The canonical code, for example `not_found`; each class has its own."""
    _number: ClassVar[int] = 2

    message: str
    """Safe to show; holds no secret."""
    reason: str
    """Stable snake_case word declared by the operation, for example `email_taken`."""
    violations: tuple[Violation, ...]
    """Every broken rule, for `InvalidArgument`."""
    retry_after: float | None
    """Seconds after which a repeat may succeed, if known."""

    def __init__(
        self,
        message: str = "",
        *,
        reason: str = "",
        violations: tuple[Violation, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.violations = tuple(violations)
        self.retry_after = retry_after

    def __str__(self) -> str:
        text = f"{self.message} ({self.reason})" if self.reason else self.message
        rules = "; ".join(f"{broken.field} {broken.message}" for broken in self.violations)
        return f"{text}: {rules}" if rules else text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r}, reason={self.reason!r}, violations={self.violations!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.message, self.reason, self.violations, self.retry_after)


def _restore(
    kind: type[Error], message: str, reason: str, violations: tuple[Violation, ...], retry_after: float | None
) -> Error:
    return kind(message, reason=reason, violations=violations, retry_after=retry_after)


class Cancelled(Error):
    """The caller asked to stop."""

    code = "cancelled"
    _number = 1


class Unknown(Error):
    """An error of a foreign system that fits no other code."""


class InvalidArgument(Error):
    """The input breaks a rule, whatever the state of the system; `violations` says which ones."""

    code = "invalid_argument"
    _number = 3


class DeadlineExceeded(Error):
    """The time limit passed before the answer was ready."""

    code = "deadline_exceeded"
    _number = 4


class NotFound(Error):
    """No such record, or none that the caller may know of."""

    code = "not_found"
    _number = 5


class AlreadyExists(Error):
    """A record with this identity exists."""

    code = "already_exists"
    _number = 6


class PermissionDenied(Error):
    """The caller is known and may not do this."""

    code = "permission_denied"
    _number = 7


class ResourceExhausted(Error):
    """A limit was reached; `retry_after` says when to come back."""

    code = "resource_exhausted"
    _number = 8


class FailedPrecondition(Error):
    """The system is not in the state that the call needs."""

    code = "failed_precondition"
    _number = 9


class Aborted(Error):
    """A conflict with another change; read again and repeat."""

    code = "aborted"
    _number = 10


class OutOfRange(Error):
    """A value lies outside of what can be represented."""

    code = "out_of_range"
    _number = 11


class Unimplemented(Error):
    """This installation does not offer the operation."""

    code = "unimplemented"
    _number = 12


class Internal(Error):
    """A broken invariant; the log has the details under the request id."""

    code = "internal"
    _number = 13


class Unavailable(Error):
    """Not now; the same call may succeed later."""

    code = "unavailable"
    _number = 14


class DataLoss(Error):
    """Stored data is damaged."""

    code = "data_loss"
    _number = 15


class Unauthenticated(Error):
    """The call carries no valid credentials."""

    code = "unauthenticated"
    _number = 16


BY_CODE: Final[dict[int, type[Error]]] = {
    kind._number: kind
    for kind in (
        Cancelled,
        Unknown,
        InvalidArgument,
        DeadlineExceeded,
        NotFound,
        AlreadyExists,
        PermissionDenied,
        ResourceExhausted,
        FailedPrecondition,
        Aborted,
        OutOfRange,
        Unimplemented,
        Internal,
        Unavailable,
        DataLoss,
        Unauthenticated,
    )
}
