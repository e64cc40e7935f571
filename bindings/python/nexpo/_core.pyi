# SPDX-License-Identifier: Apache-2.0
# The extension: what the Python files of the package stand on. Not for others.
from asyncio import Future
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar, final

from nexpo._backend import Caller, OperationInfo
from nexpo._types import AuditReport, Config, Event, Health

__version__: str

T = TypeVar("T")

@final
class Operation(Generic[T]):
    """One of the library's operations, which answers a `T`."""

    def __new__(cls, name: str, /) -> Operation[T]: ...

@final
class Api:
    """The way of one caller into a backend."""

    def call(self, operation: Operation[T], /, *values: object) -> T:
        """Calls an operation with the values of its input's fields, in order."""

    def start(self, operation: Operation[T], /, *values: object) -> Future[T]:
        """Begins a call and answers an asyncio future."""

    def invoke(self, operation: str, input: object, /) -> Any:
        """Calls any operation by name with JSON."""

    def start_invoke(self, operation: str, input: object, /) -> Future[Any]:
        """The same as an asyncio future."""

    def subscribe(self, *values: object) -> Subscription:
        """Opens a subscription to live events."""

    def start_subscribe(self, *values: object) -> Future[Subscription]:
        """The same as an asyncio future."""

    def with_options(self, timeout: float | None, idempotency_key: str | None, if_version: int | None, /) -> Api:
        """The same caller with other options."""

@final
class Subscription:
    """Live events, pulled one by one."""

    def next(self, timeout: float | None, /) -> Event | None: ...
    def try_next(self) -> Event | None: ...
    def start_try_next(self) -> Future[Event | None]: ...
    def ready(self) -> Future[None]: ...
    def close(self) -> None: ...

@final
class Backend:
    """A running backend."""

    def as_system(self, slug: str, /) -> Api: ...
    def as_caller(self, caller: Caller, /) -> Api: ...
    def as_anonymous(self) -> Api: ...
    def as_client(self, token: str, address: str, request_id: str, traceparent: str, /) -> Api: ...
    def authenticate(self, token: str, /) -> Api: ...
    def health(self) -> Health: ...
    def seal_audit(self) -> int: ...
    def verify_audit(self) -> AuditReport: ...
    def reseal(self) -> tuple[int, bool, str]: ...
    def work(self, until: datetime | None, max_jobs: int, /) -> int: ...
    def operations(self) -> list[OperationInfo]: ...
    def metrics(self) -> str: ...
    def close(self) -> None: ...

def open(settings: Config | Mapping[str, Any], extras: Mapping[str, Any], /) -> Backend: ...
def require_main_interpreter() -> None: ...

class ManualClock:
    """A clock that stands still until the test moves it: `nexpo.open(..., clock=clock)`."""

    def __init__(self, start: datetime | None = None) -> None:
        """Starts at 2026-01-01T00:00:00Z unless another time is given."""

    def now(self) -> datetime:
        """The time of day."""

    def advance(self, seconds: float) -> None:
        """Moves it by so many seconds."""

    def set(self, now: datetime) -> None:
        """Sets the time of day, forwards or backwards."""
