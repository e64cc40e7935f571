# SPDX-License-Identifier: Apache-2.0
"""What an application can put in the place of the library's own parts: give an object of such a class to `nexpo.open`.

Methods are called from any thread of the library, several at a time, and never after `Backend.close` returned. A
`nexpo.Error` that they raise keeps its code and reason; other exceptions become `internal`, with the traceback in the
log.
"""

from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from nexpo._errors import Error

if TYPE_CHECKING:
    from datetime import datetime

    from nexpo._core import Stop

__all__ = [
    "Clock",
    "LogLevel",
    "LogSink",
    "LogValue",
    "Queue",
    "QueueDeadLetter",
    "QueueDeadLetters",
    "QueueDelivery",
    "QueueLimits",
    "QueueMessage",
    "Random",
]

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]
"""How much a record matters."""

LogValue: TypeAlias = str | int | float | bool
"""A particular of a record."""


@dataclass(slots=True)
class QueueMessage:
    """One message to send."""

    body: bytes
    """Any bytes, at least one and at most `QueueLimits.max_body_bytes`."""
    delay: int = 0
    """Nobody gets it earlier; seconds, not negative, at most `QueueLimits.max_delay`."""
    group: str = ""
    """Messages of one group come in order; empty for none. Only where `QueueLimits.groups`."""


@dataclass(slots=True)
class QueueDelivery:
    """One message as received. Whoever has it holds a lease: nobody else gets it until the lease ends."""

    body: bytes
    """As sent."""
    receipt: str
    """Names this delivery to the queue that made it; opaque, another one at each delivery."""
    deliveries: int = 1
    """Which delivery of the message this is, as far as the queue can tell; from 1."""


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """What a queue can do. Asked for once."""

    max_body_bytes: int
    """Longer bodies are refused: `message_too_large`."""
    max_receive: int = 1
    """No `receive` answers more."""
    max_delay: int = 0
    """Seconds, of a message and of a release; longer ones are refused: `delay_too_long`."""
    lease: int = 60
    """Seconds that a delivery is held unless it is extended."""
    chooses_extension: bool = False
    """`extend` takes the length that it is asked for; else a lease begins anew."""
    groups: bool = False
    """Messages may have a group; else one is refused: `group_unsupported`."""


@dataclass(frozen=True, slots=True)
class QueueDeadLetter:
    """A message that was delivered too often without being acknowledged."""

    body: bytes
    """As sent."""
    deliveries: int = 0
    """How often it was delivered; 0 where the service does not say."""


class Queue(abc.ABC):
    """A queue of messages, at least once. Every call ends in bounded time. See `nexpo/plugin/queue.hpp`."""

    @abc.abstractmethod
    def limits(self) -> QueueLimits:
        """What this queue can do."""

    @abc.abstractmethod
    def send(self, messages: Sequence[QueueMessage]) -> Sequence[Error | None]:
        """Send messages; answer for each of them, in their order, None or why it was not sent."""

    @abc.abstractmethod
    def receive(self, most: int, wait: float, stop: Stop) -> Sequence[QueueDelivery]:
        """Take up to `most` messages (0 counts as 1), and wait for the first of them until `wait` seconds are over or
        `stop` is requested."""

    @abc.abstractmethod
    def acknowledge(self, deliveries: Sequence[QueueDelivery]) -> Sequence[Error | None]:
        """Forget these; answer for each of them, in their order."""

    @abc.abstractmethod
    def extend(self, delivery: QueueDelivery, lease: int) -> int:
        """Make the lease last for `lease` seconds from now; answer how long it lasts. May change the receipt."""

    @abc.abstractmethod
    def release(self, delivery: QueueDelivery, delay: int) -> None:
        """Give a message back, to be delivered again after `delay` seconds."""


class QueueDeadLetters(abc.ABC):
    """Where a queue keeps what nobody acknowledged. A queue that can show it derives from this class too."""

    @abc.abstractmethod
    def dead_letters(self, most: int) -> Sequence[QueueDeadLetter]:
        """Show up to `most` dead messages, the oldest first. They stay where they are."""


class Clock(abc.ABC):
    """Where the library reads the time from. For tests; each look at it takes the lock of the interpreter."""

    @abc.abstractmethod
    def now(self) -> datetime:
        """The current time of day, aware of its zone."""

    @abc.abstractmethod
    def steady_now(self) -> int:
        """Nanoseconds of a clock that never goes back."""


class Random(abc.ABC):
    """Where the library takes random bytes from. Outside of tests it must be cryptographically secure."""

    @abc.abstractmethod
    def fill(self, size: int) -> bytes:
        """So many random bytes."""


class LogSink(abc.ABC):
    """Receives log records; should not wait. `nexpo.open` takes a `logging.Logger` as well."""

    @abc.abstractmethod
    def level(self) -> LogLevel:
        """Records below this level are not built at all. Asked for once."""

    @abc.abstractmethod
    def write(self, level: LogLevel, message: str, fields: dict[str, LogValue], time: datetime) -> None:
        """Take one record."""
