"""The pages of a site's own Typst source, set by a process that cannot hang or hold up a report.

A Typst source is a program. Its folder is empty, so it reads no file, and it may name no package,
which would be fetched from a network.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import tempfile
from pathlib import Path

from hosr.confinement import Limits, confine, run_confined
from hosr.errors import Fault, TemplateRefused, Unencodable
from hosr.visuals.typesetting import set_pages

__all__ = ["main", "set_site_pages"]

LIMITS = Limits(seconds=5.0, memory_bytes=1024 * 1024 * 1024, files=64, threads=True)

_PATH = "report.typ"
# Values are printed without @, so that this one is of the template.
_PACKAGE = re.compile(r'"@')
# What the typesetter tells of the source itself; the rest of what it says may quote a value.
_TOLD = re.compile(r"unknown variable: [\w-]+|[\w -]+")


def set_site_pages(source: str, written_at: dt.datetime, site_fonts: Path | None) -> bytes:
    """The pages of a source as a PDF, the same as `set_pages` gives.

    Raises `TemplateRefused` where the source cannot be set, or not in time.
    """
    if _PACKAGE.search(source):
        raise _refused("names a package", "write what it does into the template")
    fonts = str(site_fonts.resolve()) if site_fonts is not None else None
    request = {"source": source, "written_at": written_at.isoformat(), "fonts": fonts}
    ended = run_confined(__name__, json.dumps(request).encode(), LIMITS)
    if not ended.in_time:
        raise _refused(f"takes longer than {LIMITS.seconds:g} s to set", "end its loops")
    if not ended.succeeded:
        raise _refused("ends the process that sets its pages", "end its loops")
    if not ended.answer.startswith(b"%PDF"):
        raise _refused(f"cannot be set ({ended.answer.decode()})", "correct the template")
    return ended.answer


def _refused(problem: str, remedy: str) -> TemplateRefused:
    return TemplateRefused(Fault(_PATH, problem, remedy))


def main() -> None:
    """Answer the request on standard input: a PDF, or why there is none."""
    request = json.load(sys.stdin.buffer)
    fonts = Path(request["fonts"]) if request["fonts"] is not None else None
    written_at = dt.datetime.fromisoformat(request["written_at"])
    tempfile.tempdir = str(Path.cwd())  # found otherwise by writing a file, which is forbidden
    confine(LIMITS)
    try:
        answer = set_pages(request["source"], written_at, fonts)
    except Unencodable as error:
        message = str(getattr(error.__cause__, "message", ""))
        answer = (message if _TOLD.fullmatch(message) else "the typesetter refuses it").encode()
    sys.stdout.buffer.write(answer)
