"""How it is graded: one published classification per file, registered here in one line each.

The findings of a hip are the possibilities they allow; a scale is an ordered table of criteria; the
possible grades are those that some allowed possibility meets. The rooms:

    scale                   what a scale is, what a possibility, what a grade, and the setting of one
    brooker, della_valle,
    simplified_biplanar     one published classification each
    crosswalk               what a Brooker grade alone says of Della Valle; for cohorts, never for a report
    extent                  the findings of a hip as possibilities
    scores                  the scores of a model, and which grades they leave open
    implied_findings        what a record implies without saying it
    contradictions          what must not be said at once
    chronology              what cannot have been before what
    flags                   what qualifies a grade
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.scales.brooker import BROOKER
from hosr.scales.della_valle import DELLA_VALLE
from hosr.scales.extent import (
    below_limit,
    grading_gap,
    has_grounds,
    is_given,
    possibilities_of,
    why_not_gradable,
)
from hosr.scales.scale import Grade, Possibility, Scale
from hosr.scales.scores import wavering
from hosr.scales.simplified_biplanar import SIMPLIFIED_BIPLANAR
from hosr.vocabulary.terms import ImagingModality

if TYPE_CHECKING:
    from hosr.findings import Hip

__all__ = ["SCALES", "grade_hip"]

SCALES: dict[str, Scale] = {
    scale.key: scale
    for scale in (
        BROOKER,
        DELLA_VALLE,
        SIMPLIFIED_BIPLANAR,
    )
}

# A grade of one scale is never turned into one of another: most leave the other open.
_UNSUPPORTED = "as graded by the source; no findings to derive a grade from"
_WAVERING = "not decided by the scores of the model: {grades}; no findings to derive a grade from"
_UNDERIVABLE = "not graded by the source, and no findings to derive a grade from"


def grade_hip(hip: Hip, modality: ImagingModality) -> tuple[Grade, ...]:
    """The grade of a hip on every scale; an optional scale only where its input is given."""
    allowed = possibilities_of(hip, modality)
    return tuple(
        _grade(scale, hip, allowed)
        for scale in SCALES.values()
        if not scale.optional or _is_wanted(scale, hip, modality)
    )


def _is_wanted(scale: Scale, hip: Hip, modality: ImagingModality) -> bool:
    scored = any(given.scale == scale.key for given in hip.probabilities)
    return _has_both_views(hip, modality) or scored or bool(hip.source_grade(scale.key))


def _has_both_views(hip: Hip, modality: ImagingModality) -> bool:
    """Whether the space was read on two radiographs, and is one that spurs may have left.

    Beside denied spurs a space below 1 cm is that of an island, of which the grades say nothing.
    """
    if modality is not ImagingModality.RADIOGRAPH:
        return False
    gaps = (grading_gap(hip, modality), hip.gap_lateral)
    surely_wide = all(below_limit(gap) == {False} for gap in gaps)
    return all(map(is_given, gaps)) and (hip.spurs.any is not False or surely_wide)


def _grade(scale: Scale, hip: Hip, allowed: frozenset[Possibility]) -> Grade:
    source = hip.source_grade(scale.key)
    scored = wavering(hip, scale)
    undecided = scored if set(source) <= set(scored) else ()
    obstacle = why_not_gradable(hip)
    if obstacle:
        possible = undecided if source else ()
        rule = f"not gradable: {obstacle}"
        return Grade(scale=scale.key, possible=possible, rule=rule, source=source)
    possible = scale.possible(allowed)
    if hip.source_grades and not has_grounds(hip) and (not source or set(source) & set(possible)):
        left = tuple(grade for grade in undecided if grade in possible) if source else ()
        rule = _unsupported(scale, source, left)
        return Grade(scale=scale.key, possible=left or source, rule=rule, source=source)
    grade = Grade(scale=scale.key, possible=possible, rule=_rule(scale, possible), source=source)
    if not grade.differs:
        return grade
    given = f"{scale.title} {' or '.join(source)}"
    rule = f"{grade.rule}; the findings exclude {given}, as graded by the source"
    return replace(grade, rule=rule)


def _unsupported(scale: Scale, source: tuple[str, ...], undecided: tuple[str, ...]) -> str:
    """The rule of a grade that no findings support."""
    if not source:
        return _UNDERIVABLE
    if source != undecided or len(source) == 1:
        return _UNSUPPORTED
    return _WAVERING.format(grades=f"{scale.title} {' or '.join(source)}")


def _rule(scale: Scale, possible: tuple[str, ...]) -> str:
    if not possible:
        return "not gradable: the findings contradict one another"
    if len(possible) == 1:
        return f"{scale.title} {possible[0]}: {scale.sentence(possible[0])}"
    return f"not decided by the findings: {scale.title} {' or '.join(possible)}"
