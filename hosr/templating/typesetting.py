"""Typst source to pages, and drawings to picture files: the only place that knows the typesetter.

Only the fonts shipped, and those of a site's own folder, are used: what is installed on a machine
changes no report but one with letters that neither has (`spare_fonts`). A Typst source is a program, so
that a site's own is set in a sandbox, where it cannot hang or hold up a report: its folder is empty, so it
reads no file but the fonts, and it may name no package, which would be fetched from a network.

A page never shows a box in silence: what the fonts cannot print is replaced by a mark that says so.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import tempfile
import unicodedata
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hosr.errors import Fault, TemplateRefused, Unencodable
from hosr.resources import font_dir
from hosr.sandbox import End, Limits, WorkRefused, run_in_sandbox

if TYPE_CHECKING:
    import typst

UNPRINTABLE = "[?]"

_FONT_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_LAYOUT = "\n\t"  # of drawings; no font has a glyph for them, and none is looked for
_FAMILY_NAMES = (16, 1)  # name IDs of the typographic family, else of the family

# What the fonts shipped print for certain, so that they are read for what is seldom alone: Basic Latin,
# Latin-1 and Latin Extended-A, dashes, quotation marks, the bullet and the ellipsis.
_COMMON = (
    *(range(0x20, 0x7F), range(0xA0, 0x180)),
    *(range(0x2013, 0x2015), range(0x2018, 0x201F), range(0x2022, 0x2023), range(0x2026, 0x2027)),
)
COMMON_LETTERS = frozenset(chr(code) for codes in _COMMON for code in codes)

T = TypeVar("T")

_POINTS_PER_INCH = 72.0

LIMITS = Limits(seconds=5.0, memory_bytes=1024 * 1024 * 1024, files=64, threads=True)

_SIMPLIFY = "end its loops"
# Values are printed without @, so that this one is of the template.
_PACKAGE = re.compile(r'"@')
# A package that is named in disguise is asked for here, where nobody answers, and not abroad.
_NOWHERE = "http://127.0.0.1:9"
# What the typesetter tells of the source itself; the rest of what it says may quote a value.
_TOLD = re.compile(r"unknown variable: [\w-]+|[\w -]+")


def set_pages(
    source: str,
    written_at: dt.datetime,
    site_fonts: Path | None = None,
    spare_fonts: Path | None = None,
    *,
    empty: Path | None = None,
) -> bytes:
    """The pages of a Typst source as a PDF; the same source, time and fonts give the same bytes.

    `spare_fonts` is a folder that is used once.

    The source sees nothing but the folder `empty`; where none is given, one is made.

    Raises `Unencodable` where the source cannot be set, in the words of the typesetter.
    """
    fonts = _read_fonts(site_fonts, spare_fonts) if spare_fonts else _fonts(site_fonts)
    pages = _compile(source, fonts, written_at=written_at, empty=empty)
    # Orthanc drops the last byte of a PDF of even length that does not end with a line.
    return pages if pages.endswith(b"\n") else pages + b"\n"


def draw_png(drawing: str, width: int, height: int, *, empty: Path | None = None) -> bytes:
    """An SVG drawing as a PNG of that many pixels; `empty` as of `set_pages`."""
    source = (
        f"#set page(width: {width}pt, height: {height}pt, margin: 0pt)\n"
        f'#image(bytes({_literal(drawing)}), format: "svg", width: 100%)'
    )
    return _compile(source, _fonts(None), written_at=None, empty=empty)


def _compile(
    source: str, fonts: typst.Fonts, *, written_at: dt.datetime | None, empty: Path | None
) -> bytes:
    import typst

    made_folder = tempfile.TemporaryDirectory(prefix="hosr-pages-") if empty is None else None
    with made_folder or nullcontext(str(empty)) as folder:
        compiler = typst.Compiler(
            input=source.encode(),
            root=folder,
            font_paths=fonts,
            package_path=folder,
            package_cache_path=folder,
        )
        try:
            if written_at is None:
                made = compiler.compile(format="png", ppi=_POINTS_PER_INCH)
            else:
                # PDF/A-2a (ISO 19005-2, tagged) and PDF/UA-1 (ISO 14289-1) at once.
                made = compiler.compile(
                    format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=written_at
                )
        except typst.TypstError as error:
            remedy = "correct the template, or leave out the PDF"
            raise Unencodable(Fault("report.typ", "the page cannot be set", remedy)) from error
    if not isinstance(made, bytes):
        raise Unencodable(Fault("report.typ", "gives no single file", "correct the template"))
    return made


@cache
def _fonts(site_fonts: Path | None) -> typst.Fonts:
    return _read_fonts(site_fonts)


def _read_fonts(*further: Path | None) -> typst.Fonts:
    import typst

    folders = [str(font_dir()), *(str(folder) for folder in further if folder is not None)]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _literal(text: str) -> str:
    """A Typst string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def set_site_pages(
    source: str,
    written_at: dt.datetime,
    site_fonts: Path | None,
    spare_fonts: Path | None = None,
) -> bytes:
    """The pages of a source as a PDF, the same as `set_pages` gives.

    Raises `TemplateRefused` where the source cannot be set, or not in time.
    """
    if _PACKAGE.search(source):
        raise _refused("report.typ", "names a package", "write what it does into the template")
    fonts = [None if each is None else str(each.resolve()) for each in (site_fonts, spare_fonts)]
    return _answer(
        "report.typ", {"source": source, "written_at": written_at.isoformat(), "fonts": fonts}
    )


def draw_site_png(drawing: str, width: int, height: int) -> bytes:
    """A drawing as a PNG, the same as `draw_png` gives.

    Raises `TemplateRefused` where it cannot be drawn, or not in time.
    """
    return _answer("key_image.svg", {"drawing": drawing, "width": width, "height": height})


def _answer(template: str, asked: dict[str, Any]) -> bytes:
    ended = run_in_sandbox(__name__, asked, limits=LIMITS)
    if ended.how is End.OUT_OF_TIME:
        raise _refused(template, f"takes longer than {LIMITS.seconds:g} s to set", _SIMPLIFY)
    if ended.how is End.BROKEN:
        raise _refused(template, "ends the process that sets it", _SIMPLIFY)
    if ended.how is End.REFUSED:
        raise _refused(template, f"cannot be set ({ended.reason})", "correct the template")
    return ended.made


def _refused(template: str, problem: str, remedy: str) -> TemplateRefused:
    return TemplateRefused(Fault(template, problem, remedy))


def load() -> None:
    """Import the typesetter."""
    import typst  # noqa: F401 (to have it loaded)


def prepare(asked: Mapping[str, Any]) -> list[Path]:
    """Leave it no network; what it reads is the fonts, each when it needs it."""
    os.environ.update(dict.fromkeys(("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"), _NOWHERE))
    folders = [font_dir(), *(Path(each) for each in asked.get("fonts", ()) if each is not None)]
    links = (path for folder in folders for path in folder.rglob("*") if path.is_symlink())
    return [*folders, *(link.resolve() for link in links), Path.cwd()]


def work(asked: Mapping[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
    """What `set_pages` or `draw_png` make of a request, in the sandbox."""
    try:
        empty = Path.cwd()
        return {}, (
            draw_png(**asked, empty=empty) if "drawing" in asked else _set(**asked, empty=empty)
        )
    except Unencodable as error:
        message = str(getattr(error.__cause__, "message", ""))
        told = message if _TOLD.fullmatch(message) else "the typesetter refuses it"
        raise WorkRefused(told) from error


def _set(source: str, written_at: str, fonts: list[str | None], empty: Path) -> bytes:
    site, spare = (None if folder is None else Path(folder) for folder in fonts)
    at = dt.datetime.fromisoformat(written_at)
    return set_pages(source, at, site, spare, empty=empty)


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
        if path.suffix.lower() in _FONT_SUFFIXES
    )


@cache
def _read_font(path: Path) -> _Font:
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
    return tuple(dict.fromkeys(font.family for font in map(_read_font, own) if font.family))


def lacking_letters(data: object, site_fonts: Path | None = None) -> list[str]:
    """The characters of plain data that neither the fonts shipped nor those of a site have."""
    seldom = _letters(data).difference(COMMON_LETTERS, _LAYOUT)
    if not seldom:
        return []
    known = frozenset().union(*(_read_font(path).characters for path in font_files(site_fonts)))
    return sorted(c for c in seldom if ord(c) not in known)


def with_printable(
    data: T, site_fonts: Path | None = None, spare: frozenset[int] = frozenset()
) -> tuple[T, bool]:
    """The same plain data with what the fonts cannot print replaced, and whether anything was.

    A run of characters that no font has becomes `UNPRINTABLE`, blanks between them included; of
    those characters, the ones that only shape what is beside them are left out. `spare` are code points
    of further fonts.
    """
    unknown = [c for c in lacking_letters(data, site_fonts) if ord(c) not in spare]
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
