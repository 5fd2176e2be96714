"""What a kill left in an outbox, read from a copy: who opens the outbox itself would mend it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

# State of an object and whether a worker had it: what was going on.
_MOMENTS = {
    ("queued", False): "waiting",
    ("sending", True): "sending",
    ("stored", False): "stored, before the proof",
    ("proving", True): "asking for the proof",
    ("proving", False): "awaiting the report",
    ("committed", False): "recorded",
    ("verified", False): "recorded",
}


@dataclass(slots=True)
class Remains:
    """An outbox from outside, while nobody has it open."""

    outbox: Path
    seen: set[tuple[object, ...]] = field(default_factory=set)

    def look(self) -> set[str]:
        """In which moments objects stand that were changed since the last look."""
        with tempfile.TemporaryDirectory() as name:
            copy = Path(name) / "copy.sqlite"
            for suffix in ("", "-wal"):
                part = Path(f"{self.outbox}{suffix}")
                if part.exists():
                    shutil.copyfile(part, f"{copy}{suffix}")
            with closing(sqlite3.connect(copy)) as connection:
                rows = _read(connection)
        new = set(rows) - self.seen
        self.seen |= new
        return {_MOMENTS[state, worker != ""] for _, state, worker, _ in new}


def _read(connection: sqlite3.Connection) -> list[tuple[int, str, str, float]]:
    """Every object; RuntimeError where the file is not sound."""
    sound = connection.execute("PRAGMA integrity_check").fetchall()
    if sound != [("ok",)]:
        raise RuntimeError(f"the outbox is damaged: {sound}")
    return connection.execute("SELECT id, state, worker, changed_at FROM entry").fetchall()
