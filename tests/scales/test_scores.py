"""What the scores of a model leave open, and what the grades are then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.findings import Hip, Length, Probabilities, Spurs
from hosr.report import grade_json
from hosr.scales import SCALES
from hosr.scales.scores import (
    find_rises,
    highest_scored,
    left_open,
    running_minimum,
    to_scores,
    wavering,
)
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Bridging, Presence, View
from tests.scales.hips import MODEL, SPURS, a_hip, grade, graded_as, mm, scored, with_islands

BROOKER = SCALES["brooker"]
CLOSE = scored(II=0.46, III=0.44, IV=0.1)
_BONE_OPEN = scored(**{"0": 0.55, "I": 0.45})


@pytest.mark.parametrize(
    ("scale", "scores", "grades"),
    [
        ("brooker", {"II": 0.46, "III": 0.44, "IV": 0.1}, "II III"),
        ("brooker", {"III": 0.8, "II": 0.2}, "III"),
        ("brooker", {"III": 1.0}, "III"),
        ("brooker", {}, ""),
        # Within 0.2, and not at it.
        ("brooker", {"I": 0.41, "II": 0.59}, "I II"),
        ("brooker", {"I": 0.4, "II": 0.6}, "II"),
        # Within 0.4 where 1 cm parts the two highest, and only there.
        ("brooker", {"II": 0.31, "III": 0.69}, "II III"),
        ("brooker", {"II": 0.3, "III": 0.7}, "III"),
        ("brooker", {"III": 0.65, "IV": 0.35}, "III"),
        ("della_valle", {"B": 0.35, "C": 0.65}, "B C"),
        ("della_valle", {"A": 0.35, "B": 0.65}, "B"),
        ("simplified_biplanar", {"1": 0.65, "2": 0.35}, "1 2"),
        # A third that is less likely than a grade that is excluded is not left open.
        ("brooker", {"II": 0.2, "III": 0.55, "IV": 0.25}, "III"),
        ("brooker", {"II": 0.25, "III": 0.5, "IV": 0.25}, "II III"),
        ("brooker", {"I": 0.34, "II": 0.33, "III": 0.33}, "I II III"),
        ("brooker", {"0": 0.2, "I": 0.2, "II": 0.2, "III": 0.2, "IV": 0.2}, "0 I II III IV"),
        # Grades apart: what lies between them was scored low, and stays so.
        ("brooker", {"I": 0.4, "II": 0.15, "III": 0.45}, "I III"),
        ("brooker", {"IV": 0.45, "0": 0.45, "I": 0.1}, "0 IV"),
    ],
)
def test_grades_that_scores_leave_open(scale: str, scores: dict[str, float], grades: str) -> None:
    """Every grade scored close to the highest, with twice the margin where 1 cm parts the two."""
    (found,) = scored(scale, **scores)
    assert left_open(found, SCALES[scale]) == tuple(grades.split())


@given(st.lists(st.integers(0, 20), min_size=5, max_size=5).filter(any))
def test_what_is_left_open(weights: list[int]) -> None:
    """The highest is always among them, and nothing that is scored below one that is not."""
    scores = [weight / sum(weights) for weight in weights]
    found = Probabilities(scale="brooker", scores=tuple(zip(BROOKER.grades, scores, strict=True)))
    is_open = left_open(found, BROOKER)
    shut = [score for name, score in found.scores if name not in is_open]
    assert set(highest_scored(found, BROOKER)) <= set(is_open)
    assert min(dict(found.scores)[name] for name in is_open) > max(shut, default=-1.0)
    borderline = Flag.MODEL_BORDERLINE in grade(a_hip(probabilities=(found,))).flags
    assert (
        borderline is (len(is_open) > 1) is bool(wavering(a_hip(probabilities=(found,)), BROOKER))
    )


@given(st.lists(st.integers(0, 100), min_size=4, max_size=4))
def test_cumulative_probabilities_without_a_rise_are_scores(percent: list[int]) -> None:
    """Repaired they never rise and are changed no further; their differences add up to 1."""
    given_ = dict(zip(BROOKER.grades[1:], (value / 100 for value in percent), strict=True))
    repaired = running_minimum(given_, BROOKER)
    assert find_rises(repaired, BROOKER) == []
    assert running_minimum(repaired, BROOKER) == repaired
    assert (repaired == given_) is (find_rises(given_, BROOKER) == [])
    scores = to_scores(repaired, BROOKER)
    assert min(scores.values()) >= 0
    assert sum(scores.values()) == pytest.approx(1)


def test_rise_is_told_with_its_neighbours() -> None:
    """0.98, 0.91, 0.62, 0.66 would make Brooker III less likely than never."""
    rising = {"I": 0.98, "II": 0.91, "III": 0.62, "IV": 0.66}
    assert find_rises(rising, BROOKER) == [(("III", 0.62), ("IV", 0.66))]
    assert running_minimum(rising, BROOKER) == {**rising, "IV": 0.62}


def _brooker(hip: Hip, view: View = View.AP_PELVIS) -> dict[str, Any]:
    graded = grade(hip, view, observer=MODEL)
    assert Flag.MODEL_BORDERLINE in graded.flags
    told = grade_json(graded, graded.grades[0])
    del told["rule"]
    return told


def _grade(grade: str | None, derived: str | None, possible: str, source: str | None) -> object:
    return {
        "grade": grade,
        "derived": derived,
        "possible": possible.split(),
        "source_grade": source,
    }


@pytest.mark.parametrize(
    ("hip", "told"),
    [
        # Scores alone: nobody graded, and both are possible.
        (a_hip(probabilities=CLOSE), _grade(None, None, "II III", "II-III")),
        # The model's own grade stands; its scores leave the other possible.
        (
            a_hip(source_grades=graded_as(brooker="III"), probabilities=CLOSE),
            _grade("III", None, "II III", "III"),
        ),
        # Its own grade is none of those: the words say which it scored highest.
        (
            a_hip(source_grades=graded_as(brooker="IV"), probabilities=CLOSE),
            _grade("IV", None, "IV", "IV"),
        ),
        # Findings decide what scores left open, and are followed where they leave it open too.
        (
            a_hip(spurs=SPURS, gap=mm(6.2), probabilities=CLOSE),
            _grade("III", "III", "III", None),
        ),
        (
            a_hip(spurs=SPURS, bridging=Bridging.NONE, probabilities=CLOSE),
            _grade(None, None, "II III", None),
        ),
        # Findings that overlap with the scores decide nothing; those that exclude them differ (W01).
        (
            a_hip(spurs=SPURS, gap=mm(0), probabilities=CLOSE),
            _grade(None, None, "III IV", "II-III"),
        ),
        (with_islands(8, probabilities=CLOSE), _grade(None, "I", "I", "II-III")),
        # Bone or none.
        (a_hip(probabilities=_BONE_OPEN), _grade(None, None, "0 I", "0-I")),
        (
            a_hip(presence=Presence.PRESENT, probabilities=_BONE_OPEN),
            _grade("I", None, "I", "I"),
        ),
        (
            a_hip(presence=Presence.ABSENT, probabilities=_BONE_OPEN),
            _grade("0", "0", "0", None),
        ),
        # Grades apart are no range.
        (
            a_hip(probabilities=scored(I=0.4, II=0.15, III=0.45)),
            _grade(None, None, "I III", "I or III"),
        ),
    ],
)
def test_grade_of_a_model_that_wavers(hip: Hip, told: object) -> None:
    """The grade is none, or the model's own, or that of the findings; possible is what is open."""
    assert _brooker(hip) == told


def test_a_space_on_mr_decides_nothing_that_scores_left_open() -> None:
    """What the findings decide is asked of the modality."""
    hip = a_hip(spurs=SPURS, gap=mm(6.2), bridging=Bridging.NONE, probabilities=CLOSE)
    assert _brooker(hip, View.MR) == _grade(None, None, "II III", None)


@pytest.mark.parametrize(
    ("scores", "rule"),
    [
        (
            CLOSE,
            (
                "not decided by the scores of the model: Brooker II or III; "
                "no findings to derive a grade from"
            ),
        ),
        (scored(II=0.1, III=0.9), "as graded by the source; no findings to derive a grade from"),
        (_BONE_OPEN, "not gradable: presence of heterotopic ossification is indeterminate"),
    ],
)
def test_rule(scores: tuple[Probabilities, ...], rule: str) -> None:
    """The rule says that scores decided nothing, and never that a source graded what it left open."""
    assert grade(a_hip(probabilities=scores)).grades[0].rule == rule


@pytest.mark.parametrize(
    ("hip", "presence"),
    [
        (a_hip(probabilities=_BONE_OPEN), Presence.INDETERMINATE),
        (a_hip(probabilities=scored("della_valle", A=0.45, B=0.55)), Presence.INDETERMINATE),
        (a_hip(probabilities=scored(I=0.45, II=0.55)), Presence.PRESENT),
        (
            a_hip(source_grades=graded_as(della_valle="B"), probabilities=_BONE_OPEN),
            Presence.PRESENT,
        ),
        (a_hip(spurs=Spurs(femur=True), probabilities=_BONE_OPEN), Presence.PRESENT),
    ],
)
def test_presence_where_scores_waver(hip: Hip, presence: Presence) -> None:
    """A model that wavers between bone and none tells that it is indeterminate, if nothing else tells."""
    assert grade(hip, observer=MODEL).hip.presence is presence


def test_what_was_scored_highest_is_told_where_the_findings_decide() -> None:
    """The highest score is told beside a grade by the findings, where it is another one's."""
    narrow = a_hip(spurs=SPURS, gap=mm(6.2), probabilities=CLOSE)
    wide = replace(narrow, gap=Length(mm=14))
    outscored = [grade(hip, observer=MODEL).facts.outscored for hip in (narrow, wide)]
    assert outscored == [(("brooker", ("II",)),), ()]
