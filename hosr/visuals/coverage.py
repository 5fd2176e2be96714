"""Which characters the fonts of a page can print, and what stands for those they cannot.

A page never shows a box in silence: what cannot be printed is replaced by a mark that says so.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from hosr._files import font_dir

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["UNPRINTABLE", "font_families", "with_printable"]

UNPRINTABLE = "[?]"

_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_LAYOUT = "\n\t"  # of drawings; no font has a glyph for them, and none is looked for
_WINDOWS_FAMILY = (16, 1)  # name IDs of the typographic family, else of the family

T = TypeVar("T")


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
def _characters(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True, fontNumber=0) as font:
        return frozenset(font.getBestCmap() or ())


@cache
def _family(path: Path) -> str:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True, fontNumber=0) as font:
        names = (font["name"].getDebugName(number) for number in _WINDOWS_FAMILY)
        return next((str(name) for name in names if name), "")


def font_families(site_fonts: Path) -> tuple[str, ...]:
    """The families that a site's folder adds, each once."""
    own = font_files(site_fonts)[len(font_files(None)) :]
    return tuple(dict.fromkeys(filter(None, map(_family, own))))


def with_printable(data: T, site_fonts: Path | None = None) -> tuple[T, bool]:
    """The same plain data with what the fonts cannot print replaced, and whether anything was.

    A run of characters that no font has becomes `UNPRINTABLE`; of those, the ones that only shape
    what is beside them are left out.
    """
    known = frozenset().union(*map(_characters, font_files(site_fonts)))
    unknown = sorted(c for c in _letters(data) if ord(c) not in known and c not in _LAYOUT)
    silent = "".join(filter(_prints_nothing, unknown))
    missing = "".join(c for c in unknown if c not in silent)
    if not unknown:
        return data, False

    def mend(value: object) -> object:
        if isinstance(value, str):
            text = re.sub(f"[{re.escape(silent)}]", "", value) if silent else value
            return re.sub(f"[{re.escape(missing)}]+", UNPRINTABLE, text) if missing else text
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
