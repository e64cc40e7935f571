# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""What the operations `organizations.…` take and answer."""

from __future__ import annotations

from nexpo._struct import Struct

__all__ = ["BootstrapResult"]


class BootstrapResult(Struct):
    """What `organizations.bootstrap` answers."""

    organization_id: str
    owner_created: bool
