"""In which words a report is told: the language, and whose templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.language import ENGLISH, Language

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Wording"]


@dataclass(frozen=True, slots=True)
class Wording:
    """The language of a report, and the folder of a department's own templates, if it has one."""

    language: Language = ENGLISH
    site: Path | None = None
