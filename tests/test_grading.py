"""The facts of a grading agree with its grades, whoever asks for them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from hosr.findings import Hip, Island, Length, Plane, Spurs
from hosr.grading import LIMIT_MM, OpenQuestion
from hosr.identity import fingerprint
from hosr.report import Report
from hosr.scales.extent import below_limit, longest_island
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Bridging, Presence, View
from tests.scales.hips import a_hip, drawn, grade, graded_as, mm, scored, spurred, with_islands
from tests.strategies import reports

_BETWEEN = (("brooker", ("II", "III")), ("della_valle", ("B", "C")))


@pytest.mark.parametrize(
    ("hip", "view", "questions"),
    [
        (spurred(gap=mm(6)), View.MR, (OpenQuestion.SPACE_ON_MR,)),
        (spurred(gap=drawn()), View.AP_PELVIS, (OpenQuestion.NO_MILLIMETRES,)),
        (spurred(gap=mm(0), bridging=None), View.AP_PELVIS, (OpenQuestion.CONTACT,)),
        (spurred(), View.AP_PELVIS, (OpenQuestion.SPACE,)),
        (spurred(gap_lateral=mm(6)), View.AP_PELVIS, (OpenQuestion.SPACE_ON_VIEW,)),
        (
            spurred(bridging=None),
            View.AP_PELVIS,
            (OpenQuestion.SPACE, OpenQuestion.BRIDGING),
        ),
        (
            a_hip(islands=(Island(length=mm(8)),), bridging=Bridging.NONE),
            View.AP_PELVIS,
            (OpenQuestion.SPURS,),
        ),
        (
            a_hip(islands=(Island(length=mm(8)),)),
            View.AP_PELVIS,
            (OpenQuestion.SPURS_AND_BRIDGING,),
        ),
        (with_islands(None), View.AP_PELVIS, (OpenQuestion.ISLAND_LENGTH,)),
        (spurred(gap=mm(11, Plane.DETECTOR)), View.AP_PELVIS, (OpenQuestion.CALIBRATION,)),
        (spurred(gap=mm(12)), View.AP_PELVIS, (OpenQuestion.UNKNOWN,)),
    ],
)
def test_what_leaves_a_grade_open(
    hip: Hip, view: View, questions: tuple[OpenQuestion, ...]
) -> None:
    """One question in most hips; the last is asked of none whose grade is decided."""
    assert grade(hip, view).facts.open_questions == questions


@pytest.mark.parametrize(
    ("hip", "by_gap", "by_island"),
    [
        (spurred(gap=mm(10.4)), _BETWEEN, ()),
        (spurred(gap=mm(9.6)), _BETWEEN, ()),
        (spurred(gap=mm(14)), (), ()),
        (a_hip(gap=mm(10.4)), _BETWEEN, ()),
        (a_hip(gap=mm(0.5), bridging=Bridging.APPARENT), (), ()),
        (with_islands(9.6), (), (("della_valle", ("A", "B")),)),
        (with_islands(10.4, 4.0), (), (("della_valle", ("A", "B")),)),
        (with_islands(14.0), (), ()),
    ],
)
def test_what_1_cm_would_change(
    hip: Hip, by_gap: tuple[object, ...], by_island: tuple[object, ...]
) -> None:
    """The grades on either side of 1 cm, where a length is within its uncertainty of it."""
    facts = grade(hip).facts
    assert (facts.grades_by_gap, facts.grades_by_island) == (by_gap, by_island)


def test_what_a_model_scored_higher_than_its_grade() -> None:
    """The highest score is told where the grade is another one, and not where it is the grade."""
    scores = scored(II=0.2, III=0.8)
    lower = a_hip(source_grades=graded_as(brooker="II"), probabilities=scores)
    assert grade(lower).facts.outscored == (("brooker", ("III",)),)
    assert grade(a_hip(probabilities=scores)).facts.outscored == ()


def test_absence_by_a_grade_alone() -> None:
    """A grade of the source may be all that the absence is known from."""
    alone = a_hip(source_grades=graded_as(brooker="0"))
    seen = replace(
        alone, islands=(), spurs=Spurs(pelvis=False, femur=False), bridging=Bridging.NONE
    )
    assert [grade(hip).facts.absent_by_grade for hip in (alone, seen)] == [True, False]


def test_facts_follow_the_hip() -> None:
    """Another hip in a graded one has facts of its own; none of them enters a fingerprint."""
    wide, narrow = grade(spurred(gap=mm(14))), grade(spurred(gap=mm(6)))
    changed = replace(wide, hip=narrow.hip)
    assert changed.facts == replace(narrow, flags=wide.flags).facts
    assert fingerprint(wide) == fingerprint(
        replace(wide, setting=grade(a_hip(gap=mm(14)), View.CT).setting)
    )


@given(reports())
def test_the_facts_agree_with_the_grades(report: Report) -> None:
    """No length, question or alternative contradicts what was graded."""
    for graded in report.hips:
        facts = graded.facts
        assert not facts.obstacle or not any(grade.possible for grade in graded.grades)
        for length in (facts.gap, facts.gap_lateral, *facts.islands):
            if length is not None and length.is_below is not None:
                assert length.is_below in below_limit(length.length) or length.length.gap_class
            if length is not None and length.patient_mm is not None and length.reach_mm is not None:
                assert length.reach_mm[0] <= length.patient_mm[0] <= length.patient_mm[1]
                assert length.patient_mm[1] <= length.reach_mm[1]
        longest: Length | None = longest_island(graded.hip)
        assert (facts.longest_island.length if facts.longest_island else None) == longest
        assert (Flag.PLANE_UNSTATED in graded.flags) is (facts.uncorrected is not None)
        if Flag.EQUIVOCAL in graded.flags:
            assert any(each and each.is_equivocal for each in (facts.gap, facts.gap_lateral))
        if facts.is_bridged and graded.hip.presence is Presence.PRESENT:
            assert graded.grades[0].possible in (("IV",), ())
        if facts.gap is not None and facts.gap.length.mm == LIMIT_MM:
            assert facts.gap.is_below is not True or facts.gap.length.plane is not Plane.PATIENT
