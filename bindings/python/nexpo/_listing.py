# SPDX-License-Identifier: Apache-2.0
"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nexpo._struct import Page

if TYPE_CHECKING:
    from nexpo._core import Operation

__all__ = ["AsyncListing", "Listing"]

T = TypeVar("T")


class Listing(Generic[T]):
    """Records that are fetched page by page while one iterates over them; nothing is asked before.

    `limit` of the operation is how many come at a time, and `cursor` where they begin.
    """

    __slots__ = ("_call", "_cursor", "_operation", "_values")

    def __init__(
        self, call: Callable[..., Page[T]], operation: Operation[Page[T]], cursor: int, values: tuple[Any, ...]
    ) -> None:
        self._call = call
        self._operation = operation
        self._cursor = cursor
        self._values = values

    def page(self) -> Page[T]:
        """Fetch one page."""
        return self._call(self._operation, *self._values)

    def pages(self) -> Iterator[Page[T]]:
        """Fetch page after page."""
        values = list(self._values)
        while True:
            page = self._call(self._operation, *values)
            yield page
            if page.next is None:
                return
            values[self._cursor] = page.next

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._operation!r}>"


class AsyncListing(Generic[T]):
    """Records that are fetched page by page while one iterates over them with `async for`."""

    __slots__ = ("_cursor", "_operation", "_start", "_values")

    def __init__(
        self,
        start: Callable[..., Awaitable[Page[T]]],
        operation: Operation[Page[T]],
        cursor: int,
        values: tuple[Any, ...],
    ) -> None:
        self._start = start
        self._operation = operation
        self._cursor = cursor
        self._values = values

    async def page(self) -> Page[T]:
        """Fetch one page."""
        return await self._start(self._operation, *self._values)

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Fetch page after page."""
        values = list(self._values)
        while True:
            page = await self._start(self._operation, *values)
            yield page
            if page.next is None:
                return
            values[self._cursor] = page.next

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._operation!r}>"
