# SPDX-License-Identifier: Apache-2.0
"""What `open` takes besides settings: an application, plugins and a log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from nexpo import plugin

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["prepare"]


class _LoggerSink(plugin.LogSink):
    """Log records go to a logger of the standard library, with the particulars as `record.nexpo`."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def level(self) -> plugin.LogLevel:
        effective = self._logger.getEffectiveLevel()
        if effective <= logging.DEBUG:
            return "debug"
        if effective <= logging.INFO:
            return "info"
        return "warning" if effective <= logging.WARNING else "error"

    def write(self, level: plugin.LogLevel, message: str, fields: dict[str, plugin.LogValue], time: datetime) -> None:
        number = logging.getLevelNamesMapping()[level.upper()]
        if not self._logger.isEnabledFor(number):
            return
        traceback = fields.get("traceback")
        shown = "".join(f" {name}={value!r}" for name, value in fields.items() if name != "traceback")
        text = f"{message}:{shown}" if shown else message
        self._logger.log(
            number, "%s%s", text, f"\n{traceback}" if traceback else "", extra={"nexpo": dict(fields), "nexpo_time": time}
        )


def prepare(extras: dict[str, Any]) -> dict[str, Any]:
    """What the extension takes; the log comes first, because the others write to it."""
    known = {name: value for name, value in extras.items() if value is not None}
    log = known.pop("log", logging.getLogger("nexpo"))
    prepared: dict[str, Any] = {"log": _LoggerSink(log) if isinstance(log, logging.Logger) else log}
    application = known.pop("application", None)
    if application is not None:
        from nexpo._application import Application

        if not isinstance(application, Application):
            raise TypeError("application is a nexpo.Application")
        prepared["application"] = application._table()
    return prepared | known
