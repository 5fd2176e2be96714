"""Who a record is by, once a person at the desk has changed what another one found.

Findings are by who drew them. A record that says anything else than the one that the draft was begun
with is therefore by the reader who changed it, as of then, and says nothing in their name that they did
not say, as where a viewer redraws a report (`hosr.annotations.viewers.redrawing`):

| of the former record                            | in that of the reader                             |
|-------------------------------------------------|---------------------------------------------------|
| grades, probabilities                           | left out; told as whose they were                 |
|                                                 | (`hosr.drafts.former_grades`)                     |
| a model's comment that is the same still        | left out: it may name what is no longer so        |
| a person's comment or conclusion                | as it is on the screen, told as whose it was      |
|                                                 | (`former_words`)                                  |
| the uncertainty of a length that was moved      | left out: it was that of another line             |
| that of an algorithm's length that was not      | as it was, stated: nobody read it more surely     |
| surfaces, and distances beside the gap          | left out with a length that was moved             |
| all else                                        | as it is on the screen                            |

Where it says the same again, it is the former record. A reader who changes a record of their own keeps
their grades and words.

Lines that nobody is said to have drawn (`hosr watch`) have no observer, whoever changes them, until a reader
says that they drew them.
"""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hosr.measure.length import ALGORITHM_READING_ERROR_MM
from hosr.persons import spellings
from hosr.scales.flags import uncertainty_mm

if TYPE_CHECKING:
    from hosr.desk.readers import Reader
    from hosr.findings import Length
    from hosr.report import GradedHip

Json = dict[str, Any]

# What a record says beside its findings: by whom and when, and in which form.
_NOT_FINDINGS = frozenset({"observer", "graded_at", "schema_version"})
_SAID_BEFORE = ("grades", "probabilities", "cumulative")
_LENGTHS = ("gap", "gap_lateral")
_OF_SURFACES = ("boundary", "candidates", "outlines")
_MOST_SAID = 2000
_POINTS = ("points", "points_mm", "image", "frame", "mm", "category")


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What a draft was begun with, and what it is now; `hips` are those of the original, as graded."""

    original: Json
    stored: Json
    hips: Sequence[GradedHip] = ()


@dataclass(slots=True)
class FirstSaid:
    """When a reader was first shown the report of what they say of a draft, as long as the desk runs."""

    _times: dict[tuple[str, str, str], dt.datetime] = field(default_factory=dict)

    def note(self, draft_id: str, reader: Reader, record: Json, now: dt.datetime) -> dt.datetime:
        """The time of then, which is now for what was not said before."""
        text = json.dumps(findings_of(record), sort_keys=True, ensure_ascii=True)
        key = (draft_id, reader.key, hashlib.sha256(text.encode()).hexdigest())
        # A time that is still to come is that of a clock that was wrong.
        at = self._times[key] = min(self._times.get(key, now), now)
        if len(self._times) > _MOST_SAID:
            del self._times[next(iter(self._times))]
        return at


def attribute(record: Json, former: Former, reader: Reader, at: dt.datetime) -> Json:
    """The record as it is kept: by who found what it says; `at` is when this reader first said so."""
    if "observer" not in former.original:
        return _claim(record, former, reader, at)
    return _take_over(record, former, reader, at)


def _take_over(record: Json, former: Former, reader: Reader, at: dt.datetime) -> Json:
    """The same where it is known who or what found what the draft was begun with."""
    for held in (former.stored, former.original):
        if findings_of(record) == findings_of(held):
            return copy.deepcopy(held)
    original = _with_uncertainties(former)
    if findings_of(record) == findings_of(original):
        return copy.deepcopy(former.original)
    own = copy.deepcopy(record)
    for held in (original, former.stored):
        if not _is_by(held, reader):
            _leave_out(own, held)
    if not _is_by(former.original, reader):
        for hip in _hips(own):
            for key in _SAID_BEFORE:
                hip.pop(key, None)
    if findings_of(own) == findings_of(former.stored):
        return copy.deepcopy(former.stored)
    own["observer"] = _observer(reader, former.original)
    own["graded_at"] = _told(at)
    return own


def _claim(record: Json, former: Former, reader: Reader, at: dt.datetime) -> Json:
    """The same of lines that nobody is said to have drawn: by nobody, or by the reader who says it.

    They are of when they were drawn, as long as the reader changes nothing of them.
    """
    is_claimed = "observer" in record
    for held in (former.stored, former.original):
        if findings_of(record) == findings_of(held) and is_claimed == ("observer" in held):
            return copy.deepcopy(held)
    own = copy.deepcopy(former.original)
    if findings_of(record) != findings_of(former.original):
        own = copy.deepcopy(record) | {"graded_at": at.replace(microsecond=0).isoformat()}
    if is_claimed:
        if "observer" in former.stored and not _is_by(former.stored, reader):
            _leave_out(own, former.stored)
        own["observer"] = observer_of(reader)
    return own


def correct_time(record: Json, reader: Reader, now: dt.datetime) -> Json:
    """The record of a reader, at a time that is still to come graded now: their clock was wrong then."""
    try:
        graded_at = dt.datetime.fromisoformat(record["graded_at"])
        is_to_come = _is_by(record, reader) and graded_at > now
    except (KeyError, ValueError, TypeError):  # which are told as faults
        return record
    return {**record, "graded_at": _told(now)} if is_to_come else record


def _told(at: dt.datetime) -> str:
    return at.replace(microsecond=0).isoformat()


def _with_uncertainties(former: Former) -> Json:
    """The original with what an algorithm's lengths are unsure by, where it leaves that to hosr.

    Left unsaid in a record of a person it would be the smaller one of a person who measured.
    """
    original = copy.deepcopy(former.original)
    if is_by_person(original):
        return original
    graded = {each.hip.side.value: each for each in former.hips}
    for hip in _hips(original):
        given = graded.get(str(hip.get("side")))
        for length, _ in _lengths(hip, {}):
            if "category" not in length:
                unsure_mm = max(_unsure_mm(given, length, hip), ALGORITHM_READING_ERROR_MM)
                length.setdefault("uncertainty_mm", math.ceil(100 * unsure_mm) / 100)
    return original


def _unsure_mm(given: GradedHip | None, length: Json, hip: Json) -> float:
    found = None if given is None else _as_graded(given, length, hip)
    return 0.0 if given is None or found is None else uncertainty_mm(found, given.setting)


def _as_graded(given: GradedHip, length: Json, hip: Json) -> Length | None:
    """A length of the record as hosr has it."""
    if length is hip.get("gap"):
        return given.hip.gap
    if length is hip.get("gap_lateral"):
        return given.hip.gap_lateral
    islands = zip(_list_of(hip, "islands"), given.hip.islands or (), strict=False)
    return next((each.length for told, each in islands if _within(told, "length") is length), None)


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
    return observer_of(reader)


def observer_of(reader: Reader) -> Json:
    """A reader as a record names who found what it says."""
    told = {"type": "person", "name": reader.name}
    return told | ({"organization": reader.organization} if reader.organization else {})


def _leave_out(record: Json, held: Json) -> None:
    """Take out of a record what another one said, as it stands in theirs; a person's words stay."""
    is_by_model = not is_by_person(held)
    if is_by_model and record.get("conclusion") == held.get("conclusion"):
        record.pop("conclusion", None)
    former = {str(hip.get("side")): hip for hip in _hips(held)}
    for hip in _hips(record):
        was = former.get(str(hip.get("side")), {})
        if is_by_model and hip.get("comment") == was.get("comment"):
            hip.pop("comment", None)
        _leave_out_surfaces(hip, was)


def _leave_out_surfaces(hip: Json, was: Json) -> None:
    pairs = list(_lengths(hip, was))
    moved = [(now, then) for now, then in pairs if _points(now) != _points(then)]
    for now, then in pairs:
        if "uncertainty_mm" in then and _points(now) == _points(then):
            now.setdefault("uncertainty_mm", then["uncertainty_mm"])
    for now, then in moved:
        if now.get("uncertainty_mm") == then.get("uncertainty_mm"):
            now.pop("uncertainty_mm", None)
    for key in _OF_SURFACES if moved else ():
        if hip.get(key) == was.get(key):
            hip.pop(key, None)


def _lengths(hip: Json, was: Json) -> Iterator[tuple[Json, Json]]:
    """Each length that is there now, with the one before that is the same, else the one in its place."""
    pairs = [(hip.get(name), was.get(name)) for name in _LENGTHS]
    former = [_within(island, "length") for island in _list_of(was, "islands")]
    for index, island in enumerate(_list_of(hip, "islands")):
        now = _within(island, "length")
        alike = (each for each in former if _is_alike(now, each))
        pairs.append((now, next(alike, former[index] if index < len(former) else None)))
    for now, then in pairs:
        if isinstance(now, dict):
            yield now, then if isinstance(then, dict) else {}


def _within(values: Any, key: str) -> Any:
    return values.get(key) if isinstance(values, dict) else None


def _is_alike(one: Any, other: Any) -> bool:
    are_lengths = isinstance(one, dict) and isinstance(other, dict)
    return are_lengths and _points(one) == _points(other)


def _points(length: Json) -> list[Any]:
    return [length.get(key) for key in _POINTS]


def _hips(record: Json) -> list[Json]:
    return [hip for hip in _list_of(record, "hips") if isinstance(hip, dict)]


def _list_of(values: Json, key: str) -> list[Any]:
    found = values.get(key)
    return found if isinstance(found, list) else []
