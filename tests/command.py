"""The command line as a user meets it, called in this process."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hosr import cli
from tests.images import SECRETS

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Ran", "folder_bytes", "hosr", "marked", "write_record"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str = ""
    err: str = ""

    @property
    def is_safe_to_read(self) -> bool:
        """Whether nothing that was printed is a traceback or tells who was imaged."""
        said = self.out + self.err
        return "Traceback" not in said and not any(secret in said for secret in SECRETS)


def hosr(*arguments: object) -> Ran:
    """Run `hosr` with these arguments."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.main([str(argument) for argument in arguments])
    return Ran(code=code, out=out.getvalue(), err=err.getvalue())


def marked(*, end: tuple[float, float] = (18, 10), **hip: Any) -> dict[str, Any]:
    """A record of spurs from both bones with a gap marked from (10, 10), 8 pixels wide."""
    return {
        "schema_version": "1.0",
        "graded_at": "2026-03-02T10:15:00+01:00",
        "observer": {"type": "person", "name": "Rossi^Maria"},
        "study": {"accession_number": "A-17"},
        "hips": [
            {
                "side": "right",
                "presence": "present",
                "islands": [{}],
                "spurs": {"pelvis": True, "femur": True},
                "gap": {"points": [[10, 10], list(end)]},
                "bridging": "none",
                **hip,
            }
        ],
    }


def write_record(path: Path, record: Any = None) -> Path:
    """A record as a JSON file; the plain marked one where none is given."""
    path.write_text(json.dumps(marked() if record is None else record), encoding="utf-8")
    return path


def written_at(path: Path) -> tuple[int, int, int]:
    """Which file this is and when it was written and changed; it may be read meanwhile."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def folder_bytes(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too, by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
