"""A site's own pages and drawings, set by a process that cannot hang or hold up a report.

A Typst source is a program. Its folder is empty, so it reads no file, and it may name no package,
which would be fetched from a network.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from hosr.errors import Fault, TemplateRefused, Unencodable
from hosr.sandbox import Limits, confine, run_confined
from hosr.templating.typesetting import draw_png, set_pages

LIMITS = Limits(seconds=5.0, memory_bytes=1024 * 1024 * 1024, files=64, threads=True)

_MADE = b"made"
_SIMPLIFY = "end its loops"
# Values are printed without @, so that this one is of the template.
_PACKAGE = re.compile(r'"@')
# A package that is named in disguise is asked for here, where nobody answers, and not abroad.
_NOWHERE = "http://127.0.0.1:9"
# What the typesetter tells of the source itself; the rest of what it says may quote a value.
_TOLD = re.compile(r"unknown variable: [\w-]+|[\w -]+")


def set_site_pages(source: str, written_at: dt.datetime, site_fonts: Path | None) -> bytes:
    """The pages of a source as a PDF, the same as `set_pages` gives.

    Raises `TemplateRefused` where the source cannot be set, or not in time.
    """
    if _PACKAGE.search(source):
        raise _refused("report.typ", "names a package", "write what it does into the template")
    fonts = str(site_fonts.resolve()) if site_fonts is not None else None
    return _answer(
        "report.typ", {"source": source, "written_at": written_at.isoformat(), "fonts": fonts}
    )


def draw_site_png(drawing: str, width: int, height: int) -> bytes:
    """A drawing as a PNG, the same as `draw_png` gives.

    Raises `TemplateRefused` where it cannot be drawn, or not in time.
    """
    return _answer("key_image.svg", {"drawing": drawing, "width": width, "height": height})


def _answer(template: str, request: dict[str, Any]) -> bytes:
    ended = run_confined(__name__, json.dumps(request).encode(), LIMITS)
    if not ended.in_time:
        raise _refused(template, f"takes longer than {LIMITS.seconds:g} s to set", _SIMPLIFY)
    if not ended.succeeded:
        raise _refused(template, "ends the process that sets it", _SIMPLIFY)
    made, _, data = ended.answer.partition(b"\n")
    if made != _MADE:
        raise _refused(template, f"cannot be set ({made.decode()})", "correct the template")
    return data


def _refused(template: str, problem: str, remedy: str) -> TemplateRefused:
    return TemplateRefused(Fault(template, problem, remedy))


def main() -> None:
    """Answer the request on standard input: a line that says what came of it, then the bytes."""
    request = json.load(sys.stdin.buffer)
    tempfile.tempdir = str(Path.cwd())  # found otherwise by writing a file, which is forbidden
    os.environ.update(dict.fromkeys(("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"), _NOWHERE))
    confine(LIMITS)
    try:
        made = draw_png(**request) if "drawing" in request else _set(**request)
    except Unencodable as error:
        message = str(getattr(error.__cause__, "message", ""))
        told = message if _TOLD.fullmatch(message) else "the typesetter refuses it"
        sys.stdout.buffer.write(told.encode())
    else:
        sys.stdout.buffer.write(_MADE + b"\n" + made)


def _set(source: str, written_at: str, fonts: str | None) -> bytes:
    folder = Path(fonts) if fonts is not None else None
    return set_pages(source, dt.datetime.fromisoformat(written_at), folder)
