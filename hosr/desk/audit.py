"""What was done at the desk, by whom and when: lines that are only ever added, each bound to the one before.

    {"at": "2026-03-02T11:20:05.123456+01:00", "reader": "3f2a...", "event": "changed", "draft": "a1b2...",
     "before": ETag, "after": ETag, "parts": ["hips[0].gap"], "previous": SHA-256 of the line before}

No name of a patient or a reader stands in it and no words of anybody: a reader by the key that
`hosr desk` prints beside their link, a draft by its id, what was changed by where it stands. What it said
is in the history of the draft. A line that was altered, taken out or put in breaks the chain; taking lines
off its end does not, which only a copy elsewhere shows.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from hosr.errors import Fault, UsageError
from hosr.folder import append_flushed, locked
from hosr.phrases import phrase

AUDIT = "audit.jsonl"
_BEGINNING = "0" * 64
_MOST_PARTS = 50
# The last line is looked for in so many bytes.
_TAIL_BYTES = 64 << 10


class AuditEvent(StrEnum):
    """What was done."""

    STARTED = "started"
    ENTERED = "entered"
    LEFT = "left"
    LOCKED = "locked"
    OPENED = "opened"
    CHANGED = "changed"
    REFUSED_STALE = "refused: stale"
    HELD = "held"
    RELEASED = "released"
    SIGNED = "signed"
    AMENDED = "amended"
    UNBLINDED = "unblinded"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event: by the key of the reader, with the draft and its ETags where it is about one."""

    event: AuditEvent
    reader: str = ""
    draft: str = ""
    before: str = ""
    after: str = ""
    parts: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Audit:
    """The file of a folder of drafts; several desks may write it. `clock` gives the time with its offset."""

    path: Path
    clock: Callable[[], datetime]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _waiting: list[Happened] = field(default_factory=list)

    def note(self, happened: Happened) -> None:
        """Have an event on the disk.

        Raises `UsageError` where it cannot be written; it is kept then, and goes before the next one.
        """
        with self._lock, self._telling():
            self._waiting.append(happened)
            self._write_all()

    def note_done(self, happened: Happened) -> None:
        """The same of what is done, and stays so: where it cannot be written, `find_unwritten` tells it."""
        with suppress(UsageError):
            self.note(happened)

    def require_writable(self) -> None:
        """Raises `UsageError` where the next event could not be written: nothing is to happen then."""
        with self._lock, self._telling():
            self._write_all()
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            os.close(os.open(self.path, flags, 0o600))

    def find_unwritten(self) -> Fault | None:
        """Why events are still to be written, which is tried once more; None where none are."""
        try:
            with self._lock, self._telling():
                self._write_all()
        except UsageError as error:
            return error.faults[0]
        return None

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            told = error.strerror or type(error).__name__
            problem = phrase("cannot be written ({told})", told=told)
            remedy = phrase("make room on the disk")
            raise UsageError(Fault(self.path.name, problem, remedy)) from error

    def _write_all(self) -> None:
        while self._waiting:
            self._write(self._waiting[0])
            self._waiting.pop(0)

    def _write(self, happened: Happened) -> None:
        with locked(self.path, os.O_RDWR | os.O_CREAT):
            last, is_torn = _last_line(self.path)
            told = {
                "at": self.clock().isoformat(timespec="microseconds"),
                "reader": happened.reader,
                "event": happened.event.value,
                "draft": happened.draft,
                "before": happened.before,
                "after": happened.after,
                **({"parts": list(happened.parts[:_MOST_PARTS])} if happened.parts else {}),
                "previous": _BEGINNING if last is None else _hash(last),
            }
            line = json.dumps(told, ensure_ascii=True).encode() + b"\n"
            append_flushed(self.path, (b"\n" if is_torn else b"") + line)


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _last_line(path: Path) -> tuple[bytes | None, bool]:
    """The last line, and whether its end is missing: power was lost while it was written."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    is_torn = bool(tail) and not tail.endswith(b"\n")
    lines = tail.split(b"\n")
    whole = lines if is_torn else lines[:-1]
    return (whole[-1], is_torn) if whole else (None, False)


def verify(path: Path) -> tuple[Fault, ...]:
    """Where the chain of a file is broken; nothing where it is whole, or where there is none yet."""
    if not path.exists():
        return ()
    try:
        return tuple(_broken(path))
    except OSError as error:
        problem = f"cannot be read ({error.strerror or type(error).__name__})"
        return (Fault(path.name, problem, "give this user the right to read it"),)


def _broken(path: Path) -> Iterator[Fault]:
    previous = _BEGINNING
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            content = line.removesuffix(b"\n")
            if _previous_of(content) != previous:
                problem = "does not follow from the line before: one of them was altered, or some are gone"
                remedy = "compare it with a copy, and keep both"
                yield Fault(f"{path.name}, line {number}", problem, remedy)
            previous = _hash(content)


def _previous_of(line: bytes) -> str | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told.get("previous") if isinstance(told, dict) else None


def read_events(path: Path) -> Iterator[dict[str, Any]]:
    """What was noted, oldest first; lines that are none are passed over."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            with suppress(ValueError):
                told = json.loads(line)
                if isinstance(told, dict):
                    yield told


# The parts of a record that may be named: what others write as a key may say anything.
_PARTS = frozenset(
    (
        *("schema_version", "graded_at", "study", "observer", "context", "view", "hips"),
        *("conclusion", "incomplete", "overrides", "side", "evaluable", "not_evaluable_reason"),
        *("presence", "islands", "spurs", "gap", "gap_lateral", "bridging", "bridging_basis"),
        *("site", "hardware_nearby", "mass", "boundary", "candidates", "outlines", "stage"),
        *("features", "grades", "probabilities", "cumulative", "calibration", "image", "frame"),
        *("comment",),
    )
)


def changed_parts(before: Any, after: Any) -> tuple[str, ...]:
    """Where two records differ, by the names of parts: `hips[0].gap`, or `other`."""
    return tuple(dict.fromkeys(_differing(before, after, "", 0)))


def _differing(before: Any, after: Any, path: str, depth: int) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict) and depth < 2:
        for key in dict.fromkeys((*before, *after)):
            name = key if key in _PARTS else "other"
            place = f"{path}.{name}" if path else name
            yield from _differing(before.get(key), after.get(key), place, depth + 1)
    elif path == "hips" and isinstance(before, list) and isinstance(after, list):
        most = max(len(before), len(after))
        pairs: Sequence[tuple[Any, Any]] = [
            (before[i] if i < len(before) else None, after[i] if i < len(after) else None)
            for i in range(most)
        ]
        for index, (one, other) in enumerate(pairs):
            yield from _differing(one, other, f"hips[{index}]", 1)
    else:
        yield path or "other"
