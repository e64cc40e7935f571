# SPDX-License-Identifier: Apache-2.0
"""A queue in this process, written in Python: what the conformance suite of queues is run on."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import nexpo
from nexpo import plugin


@dataclass
class _Entry:
    body: bytes
    visible_at: float
    deliveries: int = 0
    receipt: str = ""


class MemoryQueue(plugin.Queue, plugin.QueueDeadLetters):
    MOST_DELIVERIES = 3

    def __init__(self, lease: int = 1) -> None:
        self._lease = lease
        self._changed = threading.Condition()
        self._entries: list[_Entry] = []
        self._dead: list[_Entry] = []
        self._receipts = 0

    def limits(self) -> plugin.QueueLimits:
        return plugin.QueueLimits(
            max_body_bytes=1_048_576, max_receive=10, max_delay=900, lease=self._lease, chooses_extension=True
        )

    def send(self, messages: Sequence[plugin.QueueMessage]) -> Sequence[nexpo.Error | None]:
        return [self._send(message) for message in messages]

    def receive(self, most: int, wait: float, stop: nexpo.Stop) -> Sequence[plugin.QueueDelivery]:
        until = time.monotonic() + wait
        with stop.calling(self._tell), self._changed:
            while True:
                deliveries = self._take(min(max(most, 1), 10))
                left = until - time.monotonic()
                if deliveries or left <= 0 or stop.requested:
                    return deliveries
                soonest = min((entry.visible_at for entry in self._entries), default=until) - time.monotonic()
                self._changed.wait(max(min(left, soonest), 0.001))

    def acknowledge(self, deliveries: Sequence[plugin.QueueDelivery]) -> Sequence[nexpo.Error | None]:
        return [self._acknowledge(delivery) for delivery in deliveries]

    def extend(self, delivery: plugin.QueueDelivery, lease: int) -> int:
        with self._changed:
            self._held(delivery).visible_at = time.monotonic() + max(lease, 1)
            return max(lease, 1)

    def release(self, delivery: plugin.QueueDelivery, delay: int) -> None:
        self._check(plugin.QueueMessage(delivery.body, delay))
        with self._changed:
            entry = self._held(delivery)
            entry.visible_at, entry.receipt = time.monotonic() + delay, ""
            self._changed.notify_all()

    def dead_letters(self, most: int) -> Sequence[plugin.QueueDeadLetter]:
        with self._changed:
            self._bury()
            return [plugin.QueueDeadLetter(entry.body, entry.deliveries) for entry in self._dead[:most]]

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _check(self, message: plugin.QueueMessage) -> None:
        limits = self.limits()
        reason = ""
        if not message.body:
            reason = "message_empty"
        elif len(message.body) > limits.max_body_bytes:
            reason = "message_too_large"
        elif not 0 <= message.delay <= limits.max_delay:
            reason = "delay_too_long"
        elif message.group:
            reason = "group_unsupported"
        if reason:
            raise nexpo.InvalidArgument("the queue does not take this message", reason=reason)

    def _send(self, message: plugin.QueueMessage) -> nexpo.Error | None:
        try:
            self._check(message)
        except nexpo.Error as error:
            return error
        with self._changed:
            self._entries.append(_Entry(message.body, time.monotonic() + message.delay))
            self._changed.notify_all()
        return None

    def _acknowledge(self, delivery: plugin.QueueDelivery) -> nexpo.Error | None:
        with self._changed:
            try:
                self._entries.remove(self._held(delivery))
            except nexpo.Error as error:
                return error
        return None

    def _held(self, delivery: plugin.QueueDelivery) -> _Entry:
        for entry in self._entries:
            if entry.receipt == delivery.receipt != "" and entry.visible_at > time.monotonic():
                return entry
        raise nexpo.FailedPrecondition("the lease of the delivery has ended", reason="delivery_lost")

    def _bury(self) -> None:
        now = time.monotonic()
        for entry in list(self._entries):
            if entry.visible_at <= now and entry.deliveries >= self.MOST_DELIVERIES:
                self._entries.remove(entry)
                self._dead.append(entry)

    def _take(self, most: int) -> list[plugin.QueueDelivery]:
        self._bury()
        now = time.monotonic()
        deliveries: list[plugin.QueueDelivery] = []
        for entry in self._entries:
            if entry.visible_at > now or len(deliveries) == most:
                continue
            self._receipts += 1
            entry.visible_at, entry.receipt = now + self._lease, str(self._receipts)
            entry.deliveries += 1
            deliveries.append(plugin.QueueDelivery(entry.body, entry.receipt, entry.deliveries))
        return deliveries
