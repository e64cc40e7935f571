# SPDX-License-Identifier: Apache-2.0
"""The blocks of docs/python.md run, in one program, and print what the page says."""

from __future__ import annotations

import contextlib
import io
import pathlib
import re
from typing import Any

import pytest
from conftest import SERVER

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/python.md"
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(SERVER is not None, reason="the page opens files")
def test_the_guide_says_what_happens(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) > 5
    names: dict[str, Any] = {}
    for code, wanted in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102
        assert printed.getvalue() == wanted, code
