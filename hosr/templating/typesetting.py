"""Typst source to pages, and drawings to picture files: the only place that knows the typesetter.

Only the fonts shipped, and those of a site's own folder, are used: what is installed on a machine
does not change a report.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from hosr._files import font_dir
from hosr.errors import Fault, Unencodable

if TYPE_CHECKING:
    import typst


_POINTS_PER_INCH = 72.0


def set_pages(source: str, written_at: dt.datetime, site_fonts: Path | None = None) -> bytes:
    """The pages of a Typst source as a PDF; the same source and time give the same bytes.

    Raises `Unencodable` where the source cannot be set, in the words of the typesetter.
    """
    pages = _compile(source, site_fonts, written_at=written_at)
    # Orthanc drops the last byte of a PDF of even length that does not end with a line.
    return pages if pages.endswith(b"\n") else pages + b"\n"


def draw_png(drawing: str, width: int, height: int) -> bytes:
    """An SVG drawing as a PNG of that many pixels."""
    source = (
        f"#set page(width: {width}pt, height: {height}pt, margin: 0pt)\n"
        f'#image(bytes({_literal(drawing)}), format: "svg", width: 100%)'
    )
    return _compile(source, None, written_at=None)


def _compile(source: str, site_fonts: Path | None, *, written_at: dt.datetime | None) -> bytes:
    import typst

    with tempfile.TemporaryDirectory(prefix="hosr-pages-") as empty:
        compiler = typst.Compiler(
            input=source.encode(),
            root=empty,
            font_paths=_fonts(site_fonts),
            package_path=empty,
            package_cache_path=empty,
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
    import typst

    folders = [str(font_dir()), *([str(site_fonts)] if site_fonts else [])]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _literal(text: str) -> str:
    """A Typst string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
