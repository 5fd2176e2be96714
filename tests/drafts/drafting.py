"""Drafts for tests: a film, records on it, and a store with a clock that stands."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hosr.drafts import Changed, Draft, Drafts, NewDraft, judge
from hosr.intake.images import read_images
from tests.command import marked

READER, OTHER = "Rossi^Maria", "Meier^Jan"
MODEL = {"type": "algorithm", "name": "Grader", "version": "1", "manufacturer": "Synthetic"}
BEGUN_AT = 1_772_445_600.0  # 2026-03-02 10:00 UTC


def ticking() -> Callable[[], float]:
    """A clock that goes on by a second each time it is asked."""
    seconds = itertools.count()
    return lambda: BEGUN_AT + next(seconds)


def opened(folder: Path) -> Drafts:
    """The drafts of a folder."""
    return Drafts(folder, clock=ticking(), busy_s=5.0)


def record_of(mm: float | None = None, **hip: Any) -> dict[str, Any]:
    """A record of a model, with a gap of as many pixels, which are mm here."""
    end = (18.0, 10.0) if mm is None else (10.0 + mm, 10.0)
    return {**marked(end=end, **hip), "observer": MODEL}


def another_study(number: int, **changes: Any) -> dict[str, Any]:
    """What the header of a film of another study says."""
    uid = f"1.2.826.0.1.{number}"
    own = {"StudyInstanceUID": uid, "SeriesInstanceUID": f"{uid}.1", "SOPInstanceUID": f"{uid}.2"}
    return own | changes


def add(drafts: Drafts, film: Path, record: dict[str, Any] | None = None, **new: Any) -> Draft:
    """A draft of a record on a film."""
    record = record_of() if record is None else record
    judged = judge(record, read_images(film))
    return drafts.add(NewDraft(record=record, images=(str(film),), **new), judged)


def changed(film: Path, record: dict[str, Any], *decisions: str) -> Changed:
    """What a reader made of a draft."""
    judged = judge(record, read_images(film), decisions=decisions)
    return Changed(record=record, decisions=decisions, judged=judged)
