# SPDX-License-Identifier: Apache-2.0
"""The backend of a product, in this process.

    import nexpo

    with nexpo.open("sqlite:app.db") as backend:
        acme = backend.as_system("acme")
        ada = acme.users.create(email="ada@example.com")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexpo import _core

_core.require_main_interpreter()

from nexpo import _errors, _types  # noqa: E402
from nexpo._backend import Backend, Caller, OperationInfo, Resealed  # noqa: E402
from nexpo._core import Call, JobRun, Read, Stop, Transaction  # noqa: E402
from nexpo._errors import *  # noqa: E402, F403
from nexpo._events import AsyncSubscription, Subscription  # noqa: E402
from nexpo._listing import AsyncListing, Listing  # noqa: E402
from nexpo._open import open  # noqa: A004, E402
from nexpo._services import Api  # noqa: E402
from nexpo._struct import JsonValue, Page  # noqa: E402
from nexpo._types import *  # noqa: E402, F403
from nexpo._unset import UNSET, Unset  # noqa: E402

__all__ = [
    "UNSET",
    "Api",
    "AsyncListing",
    "AsyncSubscription",
    "Backend",
    "Caller",
    "JsonValue",
    "Listing",
    "OperationInfo",
    "Page",
    "Resealed",
    "Subscription",
    "Unset",
    "open",
]
__all__ += _errors.__all__
__all__ += _types.__all__

__version__ = _core.__version__

if TYPE_CHECKING:
    from nexpo import plugin as plugin
    from nexpo._application import Application as Application, EventType as EventType
    from nexpo._asgi import Asgi as Asgi, asgi as asgi
    from nexpo._describe import Rule as Rule

_LATER = {
    "Application": "nexpo._application",
    "Asgi": "nexpo._asgi",
    "EventType": "nexpo._application",
    "Rule": "nexpo._describe",
    "asgi": "nexpo._asgi",
    "plugin": "nexpo.plugin",
}
"""What most programs do not use is imported when it is asked for."""


def __getattr__(name: str) -> Any:
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(f"module 'nexpo' has no attribute {name!r}")
    import importlib

    found = importlib.import_module(module)
    value = found if module == f"nexpo.{name}" else getattr(found, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
