# SPDX-License-Identifier: Apache-2.0
"""The backend of a product, in this process.

    import nexpo

    with nexpo.open("sqlite:app.db") as backend:
        acme = backend.as_system("acme")
        ada = acme.users.create(email="ada@example.com")
"""

from __future__ import annotations

from nexpo import _core

_core.require_main_interpreter()

from nexpo import _errors, _types  # noqa: E402
from nexpo._backend import Backend, Caller, OperationInfo, Resealed  # noqa: E402
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
