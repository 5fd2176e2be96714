"""Fonts of this machine, for letters that neither hosr's own fonts nor a site's have: Chinese names, say.

They are looked for only when letters are lacking, so that what is installed changes no other document;
and what is taken is told by name and version, for another machine may make another file of the same
report (with a UID of its own, as the PDF's follows from its bytes). Only files by the names below are
taken, from folders of the system: never those of a user. A font whose licence forbids embedding (OS/2
fsType) is passed over, and so is a variable one, of which the typesetter takes the thinnest.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hosr.templating.truetype import as_truetype
from hosr.templating.typesetting import lacking_letters

FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    str(Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "Fonts"),
)

# By preference, with the language that a font draws Chinese characters for; without one it draws all.
_NAMES = {
    "NotoSansCJK-Regular.ttc": "",
    "SourceHanSans.ttc": "",
    "SourceHanSans-Regular.ttc": "",
    "NotoSansCJKsc-Regular.otf": "SC",
    "NotoSansCJKjp-Regular.otf": "JP",
    "NotoSansCJKkr-Regular.otf": "KR",
    "NotoSansSC-Regular.otf": "SC",
    "NotoSansJP-Regular.otf": "JP",
    "NotoSansKR-Regular.otf": "KR",
    "SourceHanSansSC-Regular.otf": "SC",
    "SourceHanSansCN-Regular.otf": "SC",
    "SourceHanSansJP-Regular.otf": "JP",
    "SourceHanSansKR-Regular.otf": "KR",
    "Hiragino Sans GB.ttc": "SC",
    "ヒラギノ角ゴシック W3.ttc": "JP",
    "AppleSDGothicNeo.ttc": "KR",
    "msyh.ttc": "SC",
    "YuGothR.ttc": "JP",
    "malgun.ttf": "KR",
    "ipaexg.ttf": "JP",
    "NanumGothic.ttf": "KR",
    "wqy-microhei.ttc": "SC",
    "wqy-zenhei.ttc": "SC",
    "DroidSansFallbackFull.ttf": "",
    "Arial Unicode.ttf": "",
    "LeelawUI.ttf": "",
    "Nirmala.ttf": "",
    "Thonburi.ttc": "",
}
# Noto Sans of every other script: Thai, Devanagari, Georgian and so on.
_OTHERS = re.compile(r"NotoSans[A-Z]\w*-Regular\.(?:ttf|otf)")

_KANA, _HANGUL = (
    re.compile("[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d]"),
    re.compile("[\u1100-\u11ff\uac00-\ud7af]"),
)
_TYPOGRAPHIC_FAMILY, _FAMILY, _VERSION = 16, 1, 5
_NOT_EMBEDDABLE = 0x0002 | 0x0200  # restricted licence; bitmaps only


@dataclass(frozen=True, slots=True, kw_only=True)
class _Face:
    """One font of a file: its place there, its family and its version."""

    number: int
    family: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpareFonts:
    """The fonts that were found for lacking letters, and of which letters each is taken."""

    taken: tuple[tuple[Path, _Face, frozenset[int]], ...] = ()

    @property
    def families(self) -> tuple[str, ...]:
        """Their families, each once."""
        return tuple(dict.fromkeys(face.family for _, face, _ in self.taken))

    @property
    def told(self) -> tuple[str, ...]:
        """Their names with their versions."""
        return tuple(f"{face.family} {face.version}".strip() for _, face, _ in self.taken)

    @property
    def characters(self) -> frozenset[int]:
        """The letters that lacked and that they have."""
        return frozenset[int]().union(*(letters for _, _, letters in self.taken))

    @contextmanager
    def folder(self) -> Iterator[Path | None]:
        """A folder with these fonts and no others, as the typesetter wants them; None without any."""
        if not self.taken:
            yield None
            return
        with tempfile.TemporaryDirectory(prefix="hosr-fonts-") as name:
            for number, (file, face, letters) in enumerate(self.taken):
                with _opened(file) as fonts:
                    if "glyf" not in fonts[face.number]:
                        made = as_truetype(fonts[face.number], face.family, letters)
                        (Path(name) / f"{number}.ttf").write_bytes(made)
                        continue
                shutil.copyfile(file, Path(name) / f"{number}{file.suffix}")
            yield Path(name)


def find_spare_fonts(data: object, site_fonts: Path | None = None) -> SpareFonts:
    """Fonts of this machine for the letters of plain data that no font of hosr or of a site has."""
    lacking = {
        c for c in lacking_letters(data, site_fonts) if unicodedata.category(c)[0] in "LMNPS"
    }
    if not lacking:
        return SpareFonts()
    language = _language(lacking)
    left = frozenset(map(ord, lacking))
    taken: list[tuple[Path, _Face, frozenset[int]]] = []
    by_language = sorted(
        installed_fonts(), key=lambda file: _NAMES.get(_plain(file), "") not in ("", language)
    )
    for file in by_language:
        face = _choose(_read_faces(file), language)
        letters = frozenset() if face is None else left & _characters(file, face.number)
        if face is not None and letters:
            taken.append((file, face, letters))
            left -= letters
        if not left:
            break
    return SpareFonts(taken=tuple(taken))


def _language(letters: Iterable[str]) -> str:
    """The language whose shapes of Chinese characters are meant, by the other letters that are there."""
    text = "".join(letters)
    if _KANA.search(text):
        return "JP"
    return "KR" if _HANGUL.search(text) else "SC"


def _choose(faces: tuple[_Face, ...], language: str) -> _Face | None:
    """Of a collection the face for this language, else the first."""
    return next((f for f in faces if f.family.endswith(f" {language}")), next(iter(faces), None))


def _plain(file: Path) -> str:
    return unicodedata.normalize("NFC", file.name)


@cache
def installed_fonts() -> tuple[Path, ...]:
    """The files of these names in folders of the system, by preference."""
    found: dict[str, Path] = {}
    for folder in FOLDERS:
        for parent, folders, names in os.walk(folder):
            folders.sort()
            for path in (Path(parent) / name for name in sorted(names)):
                if _plain(path) in _NAMES or _OTHERS.fullmatch(path.name):
                    found.setdefault(_plain(path), path)
    order = [*_NAMES]
    return tuple(
        found[name]
        for name in sorted(found, key=lambda n: (order.index(n) if n in _NAMES else len(order), n))
    )


@cache
def _read_faces(file: Path) -> tuple[_Face, ...]:
    """The usable fonts of a file; none where it is damaged."""
    try:
        with _opened(file) as fonts:
            return tuple(_face(*each) for each in enumerate(fonts) if _is_usable(each[1]))
    except Exception:  # noqa: BLE001 (whatever a damaged font makes its reader throw)
        return ()


@cache
def _characters(file: Path, number: int) -> frozenset[int]:
    """The code points that one font of a file has a shape for."""
    try:
        with _opened(file) as fonts:
            return frozenset(fonts[number].getBestCmap() or ())
    except Exception:  # noqa: BLE001 (as above)
        return frozenset()


@contextmanager
def _opened(file: Path) -> Iterator[list[Any]]:
    from fontTools.ttLib import TTCollection, TTFont

    with _silent(logging.getLogger("fontTools")), file.open("rb") as stream:
        is_collection = file.suffix.lower() in {".ttc", ".otc"}
        yield (
            TTCollection(stream, lazy=True).fonts if is_collection else [TTFont(stream, lazy=True)]
        )


@contextmanager
def _silent(logger: logging.Logger) -> Iterator[None]:
    """Keep it from telling what is odd in a font: no matter of who makes a report; then as it was."""
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _is_usable(font: Any) -> bool:
    return "fvar" not in font and not font["OS/2"].fsType & _NOT_EMBEDDABLE


def _face(number: int, font: Any) -> _Face:
    names = font["name"]
    family = names.getDebugName(_TYPOGRAPHIC_FAMILY) or names.getDebugName(_FAMILY) or ""
    version = str(names.getDebugName(_VERSION) or "").partition(";")[0]
    return _Face(number=number, family=str(family), version=version)
