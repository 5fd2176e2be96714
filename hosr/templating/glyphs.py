"""Which characters the fonts of a page can print, and what stands for those they cannot.

A page never shows a box in silence: what cannot be printed is replaced by a mark that says so.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from hosr._files import font_dir
from hosr.errors import Fault, TemplateRefused

UNPRINTABLE = "[?]"

_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_LAYOUT = "\n\t"  # of drawings; no font has a glyph for them, and none is looked for
_FAMILY_NAMES = (16, 1)  # name IDs of the typographic family, else of the family

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Font:
    """The family of a font, and the code points that it has a shape for."""

    family: str
    characters: frozenset[int]


def font_files(site_fonts: Path | None) -> tuple[Path, ...]:
    """The fonts shipped, then those of a site, by name."""
    folders = [font_dir(), *([site_fonts] if site_fonts else [])]
    return tuple(
        path
        for folder in folders
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in _SUFFIXES
    )


@cache
def _read(path: Path) -> _Font:
    """A font by its file; `TemplateRefused` where it is none."""
    from fontTools.ttLib import TTFont

    try:
        with TTFont(path, lazy=True, fontNumber=0) as font:
            names = (font["name"].getDebugName(number) for number in _FAMILY_NAMES)
            family = next((str(name) for name in names if name), "")
            return _Font(family, frozenset(font.getBestCmap() or ()))
    except Exception:  # noqa: BLE001 (whatever a damaged font makes its reader throw)
        remedy = "give TrueType or OpenType fonts"
        raise TemplateRefused(Fault(f"fonts/{path.name}", "is no font", remedy)) from None


def fonts_of(site: Path | None) -> Path | None:
    """The folder of fonts that a site brings, if it does."""
    return site / "fonts" if site is not None and (site / "fonts").is_dir() else None


def font_families(site_fonts: Path) -> tuple[str, ...]:
    """The families that a site's folder adds, each once.

    Raises `TemplateRefused` for a file that is no font.
    """
    own = font_files(site_fonts)[len(font_files(None)) :]
    return tuple(dict.fromkeys(font.family for font in map(_read, own) if font.family))


def with_printable(data: T, site_fonts: Path | None = None) -> tuple[T, bool]:
    """The same plain data with what the fonts cannot print replaced, and whether anything was.

    A run of characters that no font has becomes `UNPRINTABLE`, blanks between them included; of
    those characters, the ones that only shape what is beside them are left out.
    """
    known = frozenset().union(*(_read(path).characters for path in font_files(site_fonts)))
    unknown = sorted(c for c in _letters(data) if ord(c) not in known and c not in _LAYOUT)
    silent = "".join(filter(_prints_nothing, unknown))
    missing = "".join(c for c in unknown if c not in silent)
    if not unknown:
        return data, False

    run = f"[{re.escape(missing)}]+"
    unknown_run = re.compile(f"{run}(?: {run})*" if missing else "")

    def mend(value: object) -> object:
        if isinstance(value, str):
            text = re.sub(f"[{re.escape(silent)}]", "", value) if silent else value
            return unknown_run.sub(UNPRINTABLE, text) if missing else text
        if isinstance(value, dict):
            return {key: mend(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [mend(item) for item in value]
        return value

    return mend(data), bool(missing)  # type: ignore[return-value]  # the same shape, mended


def _prints_nothing(character: str) -> bool:
    """Format characters and variation selectors, which shape what is beside them."""
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"


def _letters(data: object) -> set[str]:
    if isinstance(data, str):
        return set(data)
    if isinstance(data, dict):
        return set().union(*map(_letters, data.values()))
    if isinstance(data, list | tuple):
        return set().union(*map(_letters, data))
    return set()
