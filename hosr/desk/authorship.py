"""Who a record is by, once a person at the desk has changed what another one found.

Findings are by who drew them. A record that says anything else than the one that the draft was begun
with is therefore by the reader who changed it, as of then, and says nothing in their name that they did
not say, as where a viewer redraws a report (`hosr.annotations.viewers.redrawing`):

| of the former record                            | in that of the reader                             |
|-------------------------------------------------|---------------------------------------------------|
| grades, probabilities                           | left out: the findings grade, or the reader decides |
| a comment, a conclusion that is the same still  | left out: they may name what is no longer so      |
| the uncertainty of a length that was moved      | left out: it was that of another line             |
| surfaces, and distances beside the gap          | left out with a length that was moved             |
| all else                                        | as it is on the screen                            |

Where it says the same again, it is the former record. A reader who changes a record of their own keeps
their grades and words.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hosr.persons import spellings

if TYPE_CHECKING:
    from hosr.desk.readers import Reader

Json = dict[str, Any]

# What a record says beside its findings: by whom and when, and in which form.
_NOT_FINDINGS = frozenset({"observer", "graded_at", "schema_version"})
_SAID_BEFORE = ("grades", "probabilities", "cumulative")
_LENGTHS = ("gap", "gap_lateral")
_OF_SURFACES = ("boundary", "candidates", "outlines")
_POINTS = ("points", "points_mm", "image", "frame", "mm", "category")


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What a draft was begun with, and what it is now."""

    original: Json
    stored: Json


def attribute(record: Json, former: Former, reader: Reader, at: dt.datetime) -> Json:
    """The record as it is kept: by who found what it says; `at` is when this reader first said so."""
    for held in (former.stored, former.original):
        if findings_of(record) == findings_of(held):
            return copy.deepcopy(held)
    own = copy.deepcopy(record)
    for held in (former.original, former.stored):
        if not _is_by(held, reader):
            _leave_out(own, held)
    if not _is_by(former.original, reader):
        for hip in _hips(own):
            for key in _SAID_BEFORE:
                hip.pop(key, None)
    if findings_of(own) == findings_of(former.stored):
        return copy.deepcopy(former.stored)
    own["observer"] = _observer(reader, former.original)
    own["graded_at"] = at.replace(microsecond=0).isoformat()
    return own


def findings_of(record: Json) -> Json:
    """What a record says beside who said it, and when."""
    return {key: value for key, value in record.items() if key not in _NOT_FINDINGS}


def is_by_person(record: Json) -> bool:
    """Whether a person found what a record says."""
    observer = record.get("observer")
    return isinstance(observer, dict) and observer.get("type") == "person"


def _is_by(record: Json, reader: Reader) -> bool:
    observer = record.get("observer")
    name = observer.get("name") if isinstance(observer, dict) else None
    is_named = is_by_person(record) and isinstance(name, str)
    return is_named and bool(spellings(str(name)) & spellings(reader.name))


def _observer(reader: Reader, original: Json) -> Json:
    if _is_by(original, reader):
        return copy.deepcopy(dict(original["observer"]))
    told = {"type": "person", "name": reader.name}
    return told | ({"organization": reader.organization} if reader.organization else {})


def _leave_out(record: Json, held: Json) -> None:
    """Take out of a record what another reader said, as it stands in theirs."""
    if record.get("conclusion") == held.get("conclusion"):
        record.pop("conclusion", None)
    former = {str(hip.get("side")): hip for hip in _hips(held)}
    for hip in _hips(record):
        was = former.get(str(hip.get("side")), {})
        if hip.get("comment") == was.get("comment"):
            hip.pop("comment", None)
        _leave_out_surfaces(hip, was)


def _leave_out_surfaces(hip: Json, was: Json) -> None:
    moved = [(now, then) for now, then in _lengths(hip, was) if _points(now) != _points(then)]
    for now, then in moved:
        if now.get("uncertainty_mm") == then.get("uncertainty_mm"):
            now.pop("uncertainty_mm", None)
    for key in _OF_SURFACES if moved else ():
        if hip.get(key) == was.get(key):
            hip.pop(key, None)


def _lengths(hip: Json, was: Json) -> Iterator[tuple[Json, Json]]:
    """Each length that is there now, with the one in its place before."""
    pairs = [(hip.get(name), was.get(name)) for name in _LENGTHS]
    former, islands = _list_of(was, "islands"), _list_of(hip, "islands")
    for index, island in enumerate(islands):
        then = former[index] if index < len(former) else None
        pairs.append((_within(island, "length"), _within(then, "length")))
    for now, then in pairs:
        if isinstance(now, dict):
            yield now, then if isinstance(then, dict) else {}


def _within(values: Any, key: str) -> Any:
    return values.get(key) if isinstance(values, dict) else None


def _points(length: Json) -> list[Any]:
    return [length.get(key) for key in _POINTS]


def _hips(record: Json) -> list[Json]:
    return [hip for hip in _list_of(record, "hips") if isinstance(hip, dict)]


def _list_of(values: Json, key: str) -> list[Any]:
    found = values.get(key)
    return found if isinstance(found, list) else []
