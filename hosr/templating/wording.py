"""In which words a report is told: the language, and whose templates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hosr.language import ENGLISH, Language


@dataclass(frozen=True, slots=True)
class Wording:
    """The language of a report, and the folder of a department's own templates, if it has one."""

    language: Language = ENGLISH
    site: Path | None = None
