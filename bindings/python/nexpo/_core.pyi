# SPDX-License-Identifier: Apache-2.0
# The extension: what the Python files of the package stand on. Not for others.
from asyncio import Future
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
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

@final
class Type:
    """A described type: of a member, of a row or of a struct."""

    @staticmethod
    def boolean() -> Type: ...
    @staticmethod
    def integer() -> Type: ...
    @staticmethod
    def number() -> Type: ...
    @staticmethod
    def decimal() -> Type: ...
    @staticmethod
    def text() -> Type: ...
    @staticmethod
    def secret() -> Type: ...
    @staticmethod
    def bytes() -> Type: ...
    @staticmethod
    def timestamp() -> Type: ...
    @staticmethod
    def json() -> Type: ...
    @staticmethod
    def empty() -> Type: ...
    @staticmethod
    def enumeration(words: Sequence[str], members: Sequence[object]) -> Type: ...
    @staticmethod
    def optional(inside: Type, /) -> Type: ...
    @staticmethod
    def patch(inside: Type, /) -> Type: ...
    @staticmethod
    def list(element: Type, /) -> Type: ...
    @staticmethod
    def map(element: Type, /) -> Type: ...

@final
class StructMaker:
    """Describes one dataclass."""

    def __init__(self, name: str) -> None: ...
    def add(self, name: str, type: Type, rules: Mapping[str, Any]) -> None: ...
    def initial(self, name: str, value: object) -> None: ...
    def itself(self) -> Type: ...
    def build(self, python_class: type) -> Type: ...

@final
class Stop:
    """Says when to stop."""

    @property
    def requested(self) -> bool:
        """Whether stop was requested."""

    def wait(self, seconds: float) -> bool:
        """Waits until stop is requested or the time is over; answers whether it was requested."""

    def calling(self, function: Callable[[], object], /) -> AbstractContextManager[object]:
        """In a `with` statement: has `function` called, on whatever thread, when stop is requested; at once if it was."""

class Read:
    """A consistent snapshot of the database. Valid only inside the function that received it, on that thread.

    SQL is written once for SQLite and PostgreSQL; parameters are `$1`, `$2`, … only. Rows are dataclasses, whose fields
    the columns are matched to by name, or single values.
    """

    def all(self, type: type[T], sql: str, *parameters: object) -> list[T]:
        """Every row."""

    def one(self, type: type[T], sql: str, *parameters: object) -> T | None:
        """The first row, if there is one."""

@final
class Transaction(Read):
    """A snapshot that can be changed. Everything that one call writes is committed together or not at all."""

    def execute(self, sql: str, *parameters: object) -> int:
        """Runs one statement; answers the number of changed rows."""

    def enqueue(
        self,
        kind: str,
        input: object = None,
        *,
        run_at: datetime | None = None,
        priority: int = 0,
        idempotency_key: str = "",
        unique_key: str = "",
        concurrency_key: str = "",
        concurrency: int = 1,
        ordered: bool = False,
    ) -> str:
        """Queues a job with the same commit and answers its id, or that of the job that it would repeat."""

    def emit(self, event: str, payload: object) -> None:
        """Records an event with the same commit; it is declared in `emits`."""

    def audit_target(self, id: str, /) -> None:
        """Names the record that this call changes, for the audit row."""

    def audit_organization(self, id: str, /) -> None:
        """Names the organization of the audit row, where the caller has none yet."""

    def after_commit(self, function: Callable[[], object]) -> None:
        """Runs `function` once everything is committed and before the answer is given. It must be quick."""

    def refuse(self, error: Exception) -> Exception:
        """Commits what was written although the call fails: `raise tx.refuse(nexpo.Unauthenticated(…))`."""

class Write:
    """What `Call.write` and `JobRun.write` answer."""

@final
class Call:
    """What the handler of one call sees. Valid until the call is answered."""

    @property
    def caller(self) -> Caller:
        """Who calls."""

    @property
    def organization_id(self) -> str:
        """The organization the call works in; empty for callers without one."""

    @property
    def operation(self) -> OperationInfo:
        """The operation being called."""

    @property
    def request_id(self) -> str:
        """The id that every log line and answer of this call carries."""

    @property
    def now(self) -> datetime:
        """The time of the call; the same throughout."""

    @property
    def stop_requested(self) -> bool:
        """True when the caller gave up or the time limit passed."""

    def new_id(self, prefix: str, /) -> str:
        """A fresh id, for example `note_01…`."""

    def may(self, permission: str, /) -> bool:
        """True when the caller's role grants the permission, or the scopes of the caller's API key name it."""

    def require(self, permission: str, /) -> None:
        """Raises `PermissionDenied` unless `may` is true."""

    def expect_version(self, current: int, /) -> None:
        """Raises `Aborted` (`version_mismatch`) when the caller asked for another version."""

    def make_cursor(self, position: str, filter: str, /) -> str:
        """An opaque cursor that only this operation, with this filter and in this organization, can open."""

    def open_cursor(self, cursor: str, filter: str, /) -> str:
        """The position in a cursor. Raises `InvalidArgument` (`cursor_invalid`)."""

    def read(self, function: Callable[[Read], T]) -> T:
        """Runs `function` on a snapshot, and answers what it answers."""

    def write(self, closure: Callable[[Transaction], T]) -> T:
        """The last step of a mutation: `return call.write(lambda tx: …)`.

        The library runs the closure in a transaction, adds the audit row, events and idempotency record, and commits
        before anyone sees what it answers. It may run twice, so it touches nothing but the transaction. What this
        answers stands for that: return it, and use it for nothing else.
        """

@final
class JobRun:
    """What the handler of one attempt sees. Valid until the attempt is over."""

    @property
    def id(self) -> str:
        """The job's id. It stays the same over all attempts: give it to others as an idempotency key."""

    @property
    def organization_id(self) -> str:
        """The organization that the job works in; empty for the installation's own."""

    @property
    def attempt(self) -> int:
        """1 for the first attempt."""

    @property
    def max_attempts(self) -> int:
        """The attempt after which the job is given up."""

    @property
    def scheduled_for(self) -> datetime | None:
        """The time for which a schedule queued the job; None for other jobs."""

    @property
    def now(self) -> datetime:
        """The time at which the attempt began; the same throughout."""

    @property
    def stop(self) -> Stop:
        """Requested when the job was cancelled, the backend closes, or the time of the attempt is over."""

    @property
    def stop_requested(self) -> bool:
        """True when stop was requested."""

    def new_id(self, prefix: str, /) -> str:
        """A fresh id, for example `note_01…`."""

    def progress(self, percent: int, note: str = "") -> None:
        """Tells observers how far the attempt is. Raises `Aborted` (`job_lost`): another worker has the job."""

    def read(self, function: Callable[[Read], T]) -> T:
        """Runs `function` on a snapshot, and answers what it answers."""

    def write(self, closure: Callable[[Transaction], T]) -> T:
        """The last step of a handler: what the closure writes is committed together with the end of the job."""

@final
class Table:
    """What an application adds to a backend."""

    def add_operation(
        self, info: dict[str, Any], input: Type, output: Type, function: Callable[..., Any], takes_input: bool
    ) -> None: ...
    def add_before(self, operation: str, function: Callable[..., Any]) -> None: ...
    def add_after(self, operation: str, function: Callable[..., Any]) -> None: ...
    def add_job(
        self,
        kind: dict[str, Any],
        input: Type | None,
        output: Type,
        function: Callable[..., Any],
        takes_input: bool,
        event: str,
    ) -> None: ...
    def add_schedule(self, name: str, kind: str, options: dict[str, Any], type: Type, input: object) -> None: ...
    def grant(self, role: str, permission: str) -> None: ...
    def migration(self, owner: str, number: int, name: str, sql: str) -> None: ...

_Answer = tuple[int, list[tuple[bytes, bytes]], bytes, BodySource | None]

@final
class Mailbox:
    """What the library's threads have to say to an event loop."""

    def fileno(self) -> int: ...
    def take(self) -> list[tuple[int, _Answer | None]]: ...

@final
class Exchange:
    """One request and what becomes of it."""

    def __init__(
        self,
        backend: Backend,
        method: str,
        target: str,
        headers: Iterable[tuple[bytes, bytes]],
        peer: str,
        secure: bool,
    ) -> None: ...
    def may_block(self) -> bool: ...
    def handle(self, body: bytes, mailbox: Mailbox, receiver: int) -> _Answer | None: ...
    def connect(self) -> Channel | None: ...
    def refuse(self, status: int, reason: str, detail: str) -> _Answer: ...
    def stop(self) -> None: ...

@final
class BodySource:
    """A body that is sent as it comes."""

    def next(self) -> tuple[bytes, bool]: ...
    def heartbeat(self) -> bytes: ...
    def on_ready(self, mailbox: Mailbox | None, receiver: int) -> None: ...
    def finish(self) -> None: ...
    def may_block(self) -> bool: ...

@final
class Channel:
    """A conversation in messages."""

    def receive(self, message: str, /) -> None: ...
    def next(self) -> tuple[list[str], int, str]: ...
    def on_ready(self, mailbox: Mailbox | None, receiver: int) -> None: ...
    def finish(self) -> None: ...
    def may_block(self) -> bool: ...

def body_limit(backend: Backend, /) -> int: ...
