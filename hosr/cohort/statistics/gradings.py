"""Rows of a cohort as gradings (one hip, study, reader and reading), and which of them is the reference.

A model is held against a named reader, or against the grade that most persons gave.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from hosr.cohort.columns import DEFAULT_WINDOWS, OUTSIDE
from hosr.errors import Fault, RecordRefused, UsageError
from hosr.phrases import several
from hosr.scales.brooker import BROOKER
from hosr.scales.crosswalk import della_valle_by_brooker
from hosr.scales.della_valle import DELLA_VALLE
from hosr.scales.scale import Scale

SCALES: tuple[Scale, ...] = (BROOKER, DELLA_VALLE)
NO_TIME_POINT = "no time point"
UNPLACED = (NO_TIME_POINT, OUTSIDE)  # which are not moments of a course
PERSON, ALGORITHM, MAJORITY = "person", "algorithm", "majority of persons"

# What was examined: subject, side, study.
Examined: TypeAlias = tuple[str, str, str]

# Della Valle has no grade 0: its A holds the hips without ossification.
_SYNONYMS = {("della_valle", "0"): "A"}

_SEVERE = ("p_brooker_III", "p_brooker_IV")


_BY_MAJORITY = "the grade that more than half of the persons gave who graded the hip"


@dataclass(frozen=True, slots=True, order=True)
class Reader:
    """Who graded; persons come before algorithms."""

    is_algorithm: bool
    name: str
    is_majority: bool = False

    @property
    def kind(self) -> str:
        """What the reader is, in words."""
        if self.is_majority:
            return MAJORITY
        return ALGORITHM if self.is_algorithm else PERSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """One reading; `places` are positions on the scales from the least grade, None if not graded.

    `by_brooker` are the positions on the Della Valle scale that the Brooker grade, or range, leaves.
    `probability` is that of Brooker III or IV; `since_index_days` counts from the index event.
    """

    subject: str
    side: str
    study: str
    day: int | None
    since_index_days: int | None
    time_point: str
    reader: Reader
    read_no: int
    evaluable: bool
    places: Mapping[str, int | None]
    by_brooker: tuple[int, ...]
    probability: float | None
    not_evaluable_reason: str

    @property
    def examined(self) -> Examined:
        """The hip in the study."""
        return self.subject, self.side, self.study

    @property
    def when(self) -> tuple[bool, int, str]:
        """A key that sorts by day; what has none comes last."""
        return self.day is None, self.day or 0, self.study

    @property
    def hip(self) -> tuple[str, str]:
        """The hip of all studies."""
        return self.subject, self.side


def read_gradings(rows: Sequence[Mapping[str, Any]]) -> tuple[Grading, ...]:
    """The gradings in an order of their own, whatever the order of the rows.

    Raises `RecordRefused` with every row that names an unknown grade or reader type, or that is
    there twice.
    """
    faults: list[Fault] = []
    gradings = []
    for number, row in enumerate(rows, start=1):
        found = [*_find_faults(row)]
        faults += [Fault(f"row {number}", problem, remedy) for problem, remedy in found]
        if not found:
            gradings.append((number, _read(row)))
    faults += _find_doubles(gradings)
    if faults:
        raise RecordRefused(faults)
    return tuple(sorted(_graded([grading for _, grading in gradings]), key=_order))


def _graded(gradings: Sequence[Grading]) -> list[Grading]:
    """The gradings without places on a scale that nobody graded on.

    A hip without ossification has the least grade on every scale, whatever it was graded on. Where
    that is all there is of a scale and other hips were graded on another one, it would stand for
    them all.
    """
    unused = {scale.key for scale in SCALES if _is_unused(scale.key, gradings)}
    return [
        replace(grading, places={**grading.places, **dict.fromkeys(unused)}) for grading in gradings
    ]


def _is_unused(scale: str, gradings: Sequence[Grading]) -> bool:
    placed = {grading.places[scale] for grading in gradings}
    elsewhere = any(g.places[scale] is None and any(g.places.values()) for g in gradings)
    return placed <= {None, 0} and elsewhere


def _order(grading: Grading) -> tuple[Any, ...]:
    reading = grading.reader, grading.read_no
    return natural(grading.subject), grading.side, grading.when, reading


def _find_faults(row: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for scale in SCALES:
        grade = _text(row.get(scale.key))
        if grade and _SYNONYMS.get((scale.key, grade), grade) not in scale.grades:
            yield f"{scale.key} is not one of {', '.join(scale.grades)}", "correct the grade"
    if not row.get(BROOKER.key) and not {*_stated_brooker(row)} <= {*BROOKER.grades}:
        yield (
            f"brooker_source or brooker_possible is not of {', '.join(BROOKER.grades)}",
            "correct it",
        )
    if row.get("reader_type") not in (PERSON, ALGORITHM):
        yield "reader_type is neither person nor algorithm", "say which"
    for column in ("subject_id", "hip_side", "study_id", "reader_id"):
        if not _text(row.get(column)):
            yield f"{column} is empty", "give it"


def _find_doubles(gradings: Sequence[tuple[int, Grading]]) -> Iterable[Fault]:
    seen: dict[tuple[Any, ...], int] = {}
    for number, grading in gradings:
        key = (*grading.examined, grading.reader, grading.read_no)
        if key in seen:
            problem = f"is the same hip, study, reader and reading as row {seen[key]}"
            yield Fault(f"row {number}", problem, "number the readings, or leave one out")
        seen.setdefault(key, number)


def _read(row: Mapping[str, Any]) -> Grading:
    evaluable = bool(row.get("evaluable", True))
    severe = [_number(row.get(column)) for column in _SEVERE]
    return Grading(
        subject=_text(row["subject_id"]),
        side=_text(row["hip_side"]),
        study=_text(row["study_id"]),
        day=_whole(row.get("study_day")),
        since_index_days=_whole(row.get("days_since_index")),
        time_point=_text(row.get("time_point")) or NO_TIME_POINT,
        reader=Reader(row["reader_type"] == ALGORITHM, _text(row["reader_id"])),
        read_no=_whole(row.get("read_no")) or 1,
        evaluable=evaluable,
        places={scale.key: _place(scale, row) if evaluable else None for scale in SCALES},
        by_brooker=_by_brooker(_stated_brooker(row)) if evaluable else (),
        # Scores of a model need not add up to 1 exactly.
        probability=min(1.0, sum(p for p in severe if p is not None))
        if None not in severe
        else None,
        not_evaluable_reason=_text(row.get("reason")),
    )


def _place(scale: Scale, row: Mapping[str, Any]) -> int | None:
    grade = _text(row.get(scale.key))
    return scale.grades.index(_SYNONYMS.get((scale.key, grade), grade)) if grade else None


def _stated_brooker(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The Brooker grade, or the range that the reader gave, or else that the findings leave."""
    columns = ("brooker", "brooker_source", "brooker_possible")
    stated = next(filter(None, (_text(row.get(column)) for column in columns)), "")
    return tuple(stated.split("|")) if stated else ()


def _by_brooker(stated: Iterable[str]) -> tuple[int, ...]:
    return tuple(map(DELLA_VALLE.grades.index, della_valle_by_brooker(stated)))


def _text(value: Any) -> str:
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    return "" if missing else str(value)


def _number(value: Any) -> float | None:
    return float(value) if _text(value) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def readers_of(gradings: Iterable[Grading]) -> tuple[Reader, ...]:
    """All readers, persons first, in the natural order of their names."""
    found = {grading.reader for grading in gradings}
    return tuple(sorted(found, key=lambda reader: (reader.is_algorithm, natural(reader.name))))


def first_readings(gradings: Iterable[Grading]) -> dict[Reader, dict[Examined, Grading]]:
    """For each reader the first reading of each hip in each study."""
    found: dict[Reader, dict[Examined, Grading]] = {}
    for grading in sorted(gradings, key=lambda grading: grading.read_no):
        found.setdefault(grading.reader, {}).setdefault(grading.examined, grading)
    return found


def time_points(gradings: Sequence[Grading]) -> tuple[str, ...]:
    """All time points: those of the courses, then what lies outside of them."""
    placed = [name for course in courses_of(gradings) for name in course]
    others = sorted({grading.time_point for grading in gradings} - {*placed}, key=natural)
    return (*placed, *others)


def courses_of(gradings: Sequence[Grading]) -> tuple[tuple[str, ...], ...]:
    """Time points in order, as courses between which nothing is known of earlier and later.

    By the median day those counted from an index event, and those counted from the first study; of
    those without any day, by name, the ones that are times of follow-up. No other order is presumed:
    a name alone does not tell what came first.
    """
    since: dict[str, list[int]] = {}
    days: dict[str, list[int]] = {}
    names = {grading.time_point for grading in gradings} - {*UNPLACED}
    for grading in gradings:
        if grading.time_point in UNPLACED:
            continue
        if grading.since_index_days is not None:
            since.setdefault(grading.time_point, []).append(grading.since_index_days)
        elif grading.day is not None:
            days.setdefault(grading.time_point, []).append(grading.day)
    visits = {name: found for name, found in days.items() if name not in since}
    undated = names - since.keys() - visits.keys()
    named = tuple(window.name for window in DEFAULT_WINDOWS if window.name in undated)
    return _in_order(since), _in_order(visits), named


def _in_order(days: Mapping[str, Sequence[float]]) -> tuple[str, ...]:
    middle = {name: sorted(found)[len(found) // 2] for name, found in days.items()}
    return tuple(sorted(middle, key=lambda name: (middle[name], natural(name))))


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts "visit 2" before "visit 10"."""
    parts = re.findall(r"\d+|\D+", text)
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts)


def tally(gradings: Iterable[Grading], scale: Scale) -> tuple[int, ...]:
    """How many hips have each grade of a scale, from the least."""
    counts = Counter(grading.places[scale.key] for grading in gradings)
    return tuple(counts[place] for place in range(len(scale.grades)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The readings that models are held against, and what they are, in words.

    `undecided` holds for each scale what persons graded without a majority.
    """

    reader: Reader
    words: str
    readings: dict[Examined, Grading]
    undecided: dict[str, frozenset[Examined]]


def choose_reference(gradings: Sequence[Grading], named: str | None) -> Reference | None:
    """The named reader, else the majority of persons; None where no person graded.

    Raises `UsageError` where no reader has that name.
    """
    readers = readers_of(gradings)
    if named is not None:
        matching = [reader for reader in readers if reader.name == named]
        if not matching:
            given = several((reader.name for reader in readers), ",") or "none"
            problem, remedy = "is no reader of this table", f"name one of its readers: {given}"
            raise UsageError(Fault("reference", problem, remedy))
        readings = first_readings(gradings)[matching[0]]
        words = f"the first reading of {named}"
        return Reference(reader=matching[0], words=words, readings=readings, undecided={})
    persons = [reader for reader in readers if not reader.is_algorithm]
    if not persons:
        return None
    if len(persons) == 1:
        readings = first_readings(gradings)[persons[0]]
        words = f"the first reading of {persons[0].name}, the only person"
        return Reference(reader=persons[0], words=words, readings=readings, undecided={})
    return _vote(gradings)


def _vote(gradings: Sequence[Grading]) -> Reference:
    firsts = first_readings([grading for grading in gradings if not grading.reader.is_algorithm])
    by_hip: dict[Examined, list[Grading]] = {}
    for readings in firsts.values():
        for examined, grading in readings.items():
            by_hip.setdefault(examined, []).append(grading)
    majority = Reader(False, MAJORITY, is_majority=True)
    undecided: dict[str, set[Examined]] = {scale.key: set() for scale in SCALES}
    voted = {}
    for examined, votes in sorted(by_hip.items()):
        places = {}
        for scale in SCALES:
            cast = [place for vote in votes if (place := vote.places[scale.key]) is not None]
            places[scale.key] = _winner(cast)
            if cast and places[scale.key] is None:
                undecided[scale.key].add(examined)
        voted_brooker = places[BROOKER.key]
        voted[examined] = replace(
            votes[0],
            reader=majority,
            read_no=1,
            evaluable=any(vote.evaluable for vote in votes),
            places=places,
            by_brooker=_by_brooker(
                [] if voted_brooker is None else [BROOKER.grades[voted_brooker]]
            ),
            probability=None,
        )
    return Reference(
        reader=majority,
        words=_BY_MAJORITY,
        readings=voted,
        undecided={key: frozenset(hips) for key, hips in undecided.items()},
    )


def _winner(cast: Sequence[int]) -> int | None:
    """The place with more than half of the votes."""
    if not cast:
        return None
    ((place, votes),) = Counter(cast).most_common(1)
    return place if 2 * votes > len(cast) else None
