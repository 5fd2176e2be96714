"""Della Valle where it was not graded: what the Brooker grades alone leave of it.

It is told apart from what was graded, and never counted with it. A hip of Brooker I may be A or B, so
that a share has two bounds: the hips that surely have the grade, and those that may have it (worst-case
bounds: Manski, Partial Identification of Probability Distributions, 2003, chapter 1). There is no agreement,
change of grade or accuracy on it: that would be the Brooker gradings a second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hosr.cohort.statistics.estimates import Sampling, Share, clustered_shares
from hosr.cohort.statistics.gradings import Grading, Reader, time_points
from hosr.cohort.statistics.incidence import HIP, PATIENT, SEVERE, one_a_hip
from hosr.scales.della_valle import DELLA_VALLE

_OF = {HIP: "hips with a Brooker grade or range", PATIENT: "patients with such a hip"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeBounds:
    """The share that surely has one of the grades, and the share that may have one."""

    name: str
    grades: tuple[str, ...]
    at_least: Share
    at_most: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class DellaValleByBrooker:
    """One reader at one time point, by hip or by patient (the worse hip): derived, not graded.

    Of `derived`, `decided` have one Della Valle grade; `open` counts the others by what they may be,
    such as A|B; `graded_too` have one that was graded, which is not used here.
    """

    reader: str
    kind: str
    time_point: str
    unit: str
    derived: int
    decided: int
    open: dict[str, int]
    graded_too: int
    grades: tuple[GradeBounds, ...]
    severe: GradeBounds


def derive_della_valle(
    readings: dict[Reader, list[Grading]], sampling: Sampling
) -> tuple[DellaValleByBrooker, ...]:
    """For each reader with a hip that has Brooker and no Della Valle grade, at each time point."""
    everything = [grading for own in readings.values() for grading in own]
    found = []
    for reader, own in readings.items():
        if not any(_lacks(grading) for grading in own):
            continue
        for name in time_points(everything):
            hips = one_a_hip(grading for grading in own if grading.time_point == name)
            known = [grading for grading in hips if grading.by_brooker]
            if known:
                found += [_count(reader, name, known, unit, sampling) for unit in (HIP, PATIENT)]
    return tuple(found)


def _lacks(grading: Grading) -> bool:
    return bool(grading.by_brooker) and grading.places[DELLA_VALLE.key] is None


def _count(
    reader: Reader, time_point: str, known: Sequence[Grading], unit: str, sampling: Sampling
) -> DellaValleByBrooker:
    left = [(grading.subject, frozenset(grading.by_brooker)) for grading in known]
    graded = [grading.subject for grading in known if not _lacks(grading)]
    if unit == PATIENT:
        left, graded = [*_worse_hips(left).items()], [*set(graded)]
    bounds = _bound(left, unit, sampling)
    severe = bounds.pop()
    undecided = Counter(_written(places) for _, places in left if len(places) > 1)
    return DellaValleByBrooker(
        reader=reader.name,
        kind=reader.kind,
        time_point=time_point,
        unit=unit,
        derived=len(left),
        decided=len(left) - undecided.total(),
        open=dict(sorted(undecided.items())),
        graded_too=len(graded),
        grades=tuple(bounds),
        severe=severe,
    )


def _worse_hips(left: Sequence[tuple[str, frozenset[int]]]) -> dict[str, frozenset[int]]:
    """What the worse hip of each patient may have, whichever of the two that is."""
    found: dict[str, frozenset[int]] = {}
    for subject, places in left:
        other = found.get(subject, frozenset({0}))
        found[subject] = frozenset(max(one, two) for one in places for two in other)
    return found


def _written(places: frozenset[int]) -> str:
    return "|".join(DELLA_VALLE.grades[place] for place in sorted(places))


def _bound(
    left: Sequence[tuple[str, frozenset[int]]], unit: str, sampling: Sampling
) -> list[GradeBounds]:
    """The bounds of each grade, then those of the severe one."""
    named: dict[str, tuple[str, ...]] = {grade: (grade,) for grade in DELLA_VALLE.grades}
    named["severe"] = SEVERE[DELLA_VALLE.key]
    # A cell is the set of grades that are left, as the bits of a number.
    cells = [sum(1 << place for place in places) for _, places in left]
    every = range(1, 1 << len(DELLA_VALLE.grades))
    masks = [sum(1 << DELLA_VALLE.grades.index(one) for one in own) for own in named.values()]
    surely = [{cell for cell in every if not cell & ~mask} for mask in masks]
    perhaps = [{cell for cell in every if cell & mask} for mask in masks]
    subjects = [subject for subject, _ in left]
    shares = clustered_shares(subjects, cells, [*surely, *perhaps], _OF[unit], sampling)
    pairs = zip(shares[: len(named)], shares[len(named) :], strict=True)
    return [
        GradeBounds(name=name, grades=grades, at_least=least, at_most=most)
        for (name, grades), (least, most) in zip(named.items(), pairs, strict=True)
    ]
