"""How the grade of the same hip changes from one time point to the next, by the same reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hosr.cohort.rows import BASELINE_DAYS
from hosr.cohort.statistics.agreement import cross_tabulate
from hosr.cohort.statistics.estimates import Sampling, Share, clustered_shares
from hosr.cohort.statistics.gradings import SCALES, Grading, Reader, courses_of
from hosr.cohort.statistics.incidence import one_a_hip
from hosr.scales.scale import Scale

_OF_PAIRS = "hips graded at both time points"
_OF_BASELINES = "hips graded in the baseline window and later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Two neighbouring time points: a row of the matrix is the grade at the earlier one."""

    reader: str
    kind: str
    scale: str
    earlier: str
    later: str
    hips: int
    subjects: int
    only_earlier: int
    only_later: int
    labels: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    progressed: Share
    same: Share
    regressed: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineFailure:
    """Hips whose last grade is above that immediately after surgery.

    The definition of the trials of prophylactic irradiation, where "immediately" is the first grade
    from day 0 to `baseline_days` after the index event: a convention. A hip counts once for each
    index event; without a baseline, or without a later grade, it is left out.
    """

    reader: str
    kind: str
    scale: str
    baseline_days: int
    without_baseline: int
    failed: Share


def count_transitions(
    readings: dict[Reader, list[Grading]], sampling: Sampling
) -> tuple[Transition, ...]:
    """For each scale and reader, each pair of neighbouring time points of the cohort."""
    everything = [grading for own in readings.values() for grading in own]
    steps = [step for course in courses_of(everything) for step in pairwise(course)]
    found = []
    for scale in SCALES:
        for reader, own in readings.items():
            for step in steps:
                transition = _compare(scale, reader, own, step, sampling)
                if transition.hips or transition.only_earlier or transition.only_later:
                    found.append(transition)
    return tuple(found)


def _compare(
    scale: Scale,
    reader: Reader,
    own: Sequence[Grading],
    names: tuple[str, str],
    sampling: Sampling,
) -> Transition:
    before, after = (_places(scale, own, name) for name in names)
    both = sorted(before.keys() & after.keys())
    pairs = [(before[hip], after[hip]) for hip in both]
    subjects = [subject for subject, _ in both]
    steps = [1 + (later > earlier) - (later < earlier) for earlier, later in pairs]
    regressed, same, progressed = clustered_shares(
        subjects, steps, [{0}, {1}, {2}], _OF_PAIRS, sampling
    )
    return Transition(
        reader=reader.name,
        kind=reader.kind,
        scale=scale.key,
        earlier=names[0],
        later=names[1],
        hips=len(both),
        subjects=len(set(subjects)),
        only_earlier=len(before) - len(both),
        only_later=len(after) - len(both),
        labels=scale.grades,
        matrix=cross_tabulate(pairs, len(scale.grades)),
        progressed=progressed,
        same=same,
        regressed=regressed,
    )


def _places(scale: Scale, own: Sequence[Grading], name: str) -> dict[tuple[str, str], int]:
    seen = one_a_hip(grading for grading in own if grading.time_point == name)
    return {
        grading.hip: place for grading in seen if (place := grading.places[scale.key]) is not None
    }


def count_failures(
    readings: dict[Reader, list[Grading]], sampling: Sampling
) -> tuple[BaselineFailure, ...]:
    """For each scale and reader with a baseline: whose last grade is above that of the baseline."""
    found = (
        _count_failure(scale, reader, own, sampling)
        for scale in SCALES
        for reader, own in readings.items()
    )
    return tuple(failure for failure in found if failure is not None)


def _count_failure(
    scale: Scale, reader: Reader, own: Sequence[Grading], sampling: Sampling
) -> BaselineFailure | None:
    courses: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    hips = {grading.hip for grading in own if grading.places[scale.key] is not None}
    for grading in sorted(own, key=lambda grading: grading.when):
        place, day, since = grading.places[scale.key], grading.day, grading.since_index_days
        if place is not None and day is not None and since is not None and since >= 0:
            # Studies of one index event have its day in common.
            courses.setdefault((*grading.hip, day - since), []).append((since, place))
    subjects, failed = [], []
    for (subject, *_), course in sorted(courses.items()):
        since, baseline = course[0]
        if since <= BASELINE_DAYS and len(course) > 1:
            subjects.append(subject)
            failed.append(int(course[-1][1] > baseline))
    undated = hips - {(subject, side) for subject, side, _ in courses}
    if not subjects:
        return None
    (share,) = clustered_shares(subjects, failed, [{1}], _OF_BASELINES, sampling)
    return BaselineFailure(
        reader=reader.name,
        kind=reader.kind,
        scale=scale.key,
        baseline_days=BASELINE_DAYS,
        without_baseline=len(courses) - len(subjects) + len(undated),
        failed=share,
    )
