"""What a record implies without saying it."""

import pytest

from hosr.errors import Fault
from hosr.findings import Hip, Island, Length, Plane, Probabilities, Spurs
from hosr.scales.implied_findings import imply_findings
from hosr.vocabulary.terms import Bridging, Presence, Stage
from tests.scales import hips
from tests.scales.hips import (
    DENIED,
    NARROW,
    SPURS,
    a_hip,
    graded_as,
    islands,
    measured,
    mm,
    scored,
)

_PRESENT, _ABSENT = Presence.PRESENT, Presence.ABSENT


@pytest.mark.parametrize(
    ("hip", "presence"),
    [
        (a_hip(islands=islands(4)), _PRESENT),
        (a_hip(spurs=Spurs(femur=True)), _PRESENT),
        (a_hip(bridging=Bridging.APPARENT), _PRESENT),
        (a_hip(gap=mm(4)), _PRESENT),
        (a_hip(gap=NARROW), _PRESENT),
        (a_hip(gap=hips.drawn()), _PRESENT),
        (a_hip(gap_lateral=mm(4)), _PRESENT),
        (a_hip(stage=Stage.MATURATION), _PRESENT),
        (a_hip(features=("XR_MIN_PERIPHERAL",)), _PRESENT),
        (a_hip(source_grades=graded_as(brooker="I")), _PRESENT),
        (a_hip(source_grades=graded_as(brooker="0 I", della_valle="B")), _PRESENT),
        (a_hip(source_grades=graded_as(della_valle="B C")), _PRESENT),
        (a_hip(source_grades=graded_as(simplified_biplanar="1")), _PRESENT),
        (a_hip(source_grades=graded_as(brooker="0")), _ABSENT),
        (a_hip(source_grades=graded_as(brooker="0", della_valle="A")), _ABSENT),
        (a_hip(source_grades=graded_as(simplified_biplanar="0")), _ABSENT),
        (a_hip(islands=(), spurs=DENIED, bridging=Bridging.NONE), _ABSENT),
        (a_hip(probabilities=scored(II=0.9, III=0.1)), _PRESENT),
        (a_hip(probabilities=scored(**{"0": 0.9, "I": 0.1})), _ABSENT),
    ],
)
def test_presence_follows(hip: Hip, presence: Presence) -> None:
    """Bone seen or graded is present; none graded, or all of it denied, is absent."""
    assert imply_findings(hip).presence is presence


@pytest.mark.parametrize(
    "hip",
    [
        pytest.param(a_hip(), id="nothing said"),
        pytest.param(a_hip(source_grades=graded_as(della_valle="A")), id="Della Valle A"),
        pytest.param(a_hip(source_grades=graded_as(brooker="0 I")), id="Brooker 0-I"),
        pytest.param(a_hip(probabilities=scored("della_valle", A=0.9, B=0.1)), id="a model's A"),
        pytest.param(a_hip(islands=(), spurs=DENIED), id="bridging not mentioned"),
        pytest.param(a_hip(islands=(), bridging=Bridging.NONE), id="spurs not mentioned"),
        pytest.param(a_hip(spurs=DENIED, gap=mm(4)), id="a gap without spurs"),
        pytest.param(a_hip(stage=Stage.EARLY, features=("XR_EARLY_MASS",)), id="early lesion"),
    ],
)
def test_presence_that_nobody_can_tell_is_refused(hip: Hip) -> None:
    """A hip whose presence nothing tells is refused with what to give."""
    assert imply_findings(hip).presence is None
    assert hips.faults_of(hip) == [
        Fault(
            "$.hips[0].presence",
            "nothing tells whether ossification is present (Della Valle A alone leaves it open)",
            'say "present", "absent" or "indeterminate", or give a Brooker grade',
        )
    ]


@pytest.mark.parametrize("presence", list(Presence))
def test_stated_presence_stands(presence: Presence) -> None:
    """What was stated is never overruled; a contradiction is for the refusal to tell."""
    assert imply_findings(a_hip(presence=presence, spurs=SPURS)).presence is presence


def test_hip_that_is_not_evaluable_implies_nothing() -> None:
    """Presence does not follow where the hip could not be evaluated."""
    hip = a_hip(evaluable=False, not_evaluable_reason="overlap", spurs=SPURS)

    assert imply_findings(hip).presence is None


@pytest.mark.parametrize(
    ("scores", "source"),
    [
        ({"I": 0.1, "II": 0.2, "III": 0.7}, ("III",)),
        ({"II": 0.45, "III": 0.45, "IV": 0.1}, ("II", "III")),
        ({"IV": 0.4, "0": 0.4, "I": 0.2}, ("0", "IV")),
    ],
)
def test_model_grades_by_its_highest_score(
    scores: dict[str, float], source: tuple[str, ...]
) -> None:
    """A model that gives scores and no grade has graded by the highest, all of them on a tie."""
    assert imply_findings(a_hip(probabilities=scored(**scores))).source_grade("brooker") == source


def test_grade_of_the_source_stands_above_its_scores() -> None:
    """A grade beside scores is the grade; the scores are kept as given, in the scale's order."""
    scores = scored(III=0.3, II=0.6, I=0.1)
    implied = imply_findings(a_hip(source_grades=graded_as(brooker="III"), probabilities=scores))

    assert implied.source_grades == graded_as(brooker="III")
    assert implied.probabilities == (
        Probabilities(scale="brooker", scores=(("I", 0.1), ("II", 0.6), ("III", 0.3))),
    )


def test_scores_without_any_are_dropped() -> None:
    """An empty vector of scores grades nothing."""
    implied = imply_findings(a_hip(probabilities=scored()))

    assert (implied.source_grades, implied.probabilities) == ((), ())


def test_grades_stand_in_the_order_of_the_scales() -> None:
    """The same record in another order is the same hip."""
    mixed = graded_as(simplified_biplanar="2", della_valle="C B", brooker="III")

    assert imply_findings(a_hip(source_grades=mixed)).source_grades == graded_as(
        brooker="III", della_valle="B C", simplified_biplanar="2"
    )


def test_islands_that_are_drawn_come_first() -> None:
    """Drawn islands stand first, then measured ones, then the rest, else as they were given."""
    bare, stated, drawn = Island(), Island(length=mm(30)), Island(length=measured(8))
    implied = imply_findings(a_hip(islands=(bare, stated, drawn, Island(length=mm(4)))))

    assert implied.islands == (drawn, stated, Island(length=mm(4)), bare)


def test_stated_lengths_stay_as_they_are() -> None:
    """Only the noise of a computation is removed; a number that was stated is kept in full."""
    hip = hips.spurred(gap=mm(9.99999), islands=islands(9.99999))

    assert imply_findings(hip) == hip


def test_noise_of_measured_islands() -> None:
    """A measured island loses the noise of its computation."""
    implied = imply_findings(a_hip(islands=islands(measured(9.999999999))))

    assert implied.islands == islands(
        Length(mm=10.0, basis=measured(1).basis, plane=Plane.PATIENT, line=hips.LINE)
    )


@pytest.mark.parametrize("tiny_mm", [2e-309, 1e-9, 0.00004])
def test_marked_points_are_never_in_contact(tiny_mm: float) -> None:
    """A measured gap, however narrow, is not rounded to contact, which leaves bridging open."""
    hip = hips.spurred(gap=measured(tiny_mm))

    assert imply_findings(hip).gap == hip.gap
