"""Against what a model is held: a named reader, or the grade that most persons gave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hosr.cohort.statistics.gradings import (
    MAJORITY,
    SCALES,
    Reader,
    first_readings,
    readers_of,
)
from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from hosr.cohort.statistics.gradings import Examined, Grading


_BY_MAJORITY = "the grade that more than half of the persons gave who graded the hip"


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
            given = ", ".join(reader.name for reader in readers) or "none"
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
        voted[examined] = replace(
            votes[0],
            reader=majority,
            read_no=1,
            evaluable=any(vote.evaluable for vote in votes),
            places=places,
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
