"""Gradings of heterotopic ossification of the hip as DICOM Structured Reports and narrative text.

    outcome = hosr.make_report(Path("record.json"), "images")
    outcome.report.hips[0].grade("brooker").grade        # "III"
    hosr.decode(hosr.encode(outcome.report)) == outcome.report

The public names are those of `__init__.pyi`, which type checkers read as well. Each is imported
when it is first used, so that `import hosr` stays quick.

    sources (record, table, images) -> intake -> findings -> scales -> report
    report -> sr | narrative | visuals | messages -> outputs -> outbox -> archive
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

_MODULES = {
    name: module
    for module, name in re.findall(
        r"^from (\S+) import (\w+) as \2$",
        Path(__file__).with_suffix(".pyi").read_text(encoding="ascii"),
        re.MULTILINE,
    )
}

__all__ = sorted(_MODULES)  # noqa: PLE0605 (a list all the same)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'hosr' has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return __all__
