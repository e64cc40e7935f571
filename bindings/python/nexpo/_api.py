# SPDX-License-Identifier: Apache-2.0
"""What the backend of every caller can do besides its operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nexpo import _core

if TYPE_CHECKING:
    from typing import Self

    from nexpo._aio import AsyncApi
    from nexpo._struct import JsonValue

__all__ = ["ApiBase"]


class ApiBase:
    """See `Api`."""

    __slots__ = ("_aio", "_core")

    def __init__(self, core: _core.Api) -> None:
        self._core = core
        self._aio: AsyncApi | None = None

    @property
    def aio(self) -> AsyncApi:
        """The same operations as coroutines, for asyncio."""
        if self._aio is None:
            from nexpo._aio import AsyncApi

            self._aio = AsyncApi(self._core)
        return self._aio

    def with_options(
        self,
        *,
        timeout: float | None = None,
        idempotency_key: str | None = None,
        if_version: int | None = None,
    ) -> Self:
        """The same caller with other options for calls.

        Args:
            timeout: Give up after so many seconds, with `DeadlineExceeded`.
            idempotency_key: A repeat with the same key gets the first answer; at most 255 characters.
            if_version: Change the record only if it still has this version, else `Aborted`.
        """
        return type(self)(self._core.with_options(timeout, idempotency_key, if_version))

    def invoke(self, operation: str, input: Mapping[str, JsonValue]) -> Any:
        """Call any operation by name, those of the application too, with the JSON that the HTTP door takes.

        Raises:
            Unimplemented: `operation_unknown`.
        """
        return self._core.invoke(operation, input)

    async def invoke_async(self, operation: str, input: Mapping[str, JsonValue]) -> Any:
        """The same as `invoke`, for asyncio."""
        return await self._core.start_invoke(operation, input)
