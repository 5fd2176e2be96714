"""Each flag: the smallest hip that raises it, and the neighbour that does not."""

from __future__ import annotations

import pytest

from hosr.comparison import COMPARISON_FLAGS
from hosr.findings import Basis, Context, Hip, Observer, Plane, Spurs
from hosr.scales.flags import uncertainty_mm
from hosr.scales.scale import Setting
from hosr.vocabulary.flags import FLAG_RULES, Flag, in_order
from hosr.vocabulary.terms import Bridging, Cause, Event, Presence, Side, Stage, View
from tests.scales import hips
from tests.scales.hips import (
    DENIED,
    MODEL,
    NARROW,
    READER,
    Case,
    a_hip,
    after,
    graded_as,
    mm,
    present,
    scored,
    spurred,
    with_islands,
)

_III = graded_as(brooker="III")
_FOP = Cause.FIBRODYSPLASIA_OSSIFICANS_PROGRESSIVA
_THA, _SCI = Event.TOTAL_HIP_ARTHROPLASTY, Event.SPINAL_CORD_INJURY


_ABSENT = a_hip(presence=Presence.ABSENT)
_NARROW_GAP = spurred(gap=mm(6.2))
_GRADED = spurred(gap=mm(6.2), source_grades=_III)
_BRIDGED = present(bridging=Bridging.CONFIRMED)
_CENTRAL = spurred(gap=mm(6.2), features=("XR_MIN_CENTRAL",))

# flag, what raises it (and what comes with it), what does not (and what comes instead)
_ROWS: list[tuple[Flag, Case, tuple[Flag, ...], Case, tuple[Flag, ...]]] = [
    (
        Flag.NOT_EVALUABLE,
        Case(a_hip(evaluable=False, not_evaluable_reason="overlap")),
        (),
        Case(_ABSENT),
        (),
    ),
    (
        Flag.PRESENCE_INDETERMINATE,
        Case(a_hip(presence=Presence.INDETERMINATE)),
        (),
        Case(_ABSENT),
        (),
    ),
    (
        Flag.GRADE_DIFFERS,
        Case(spurred(gap=mm(14), source_grades=_III)),
        (),
        Case(spurred(gap=mm(14), source_grades=graded_as(brooker="II III"))),
        (),
    ),
    (Flag.GRADE_UNSUPPORTED, Case(present(source_grades=_III)), (), Case(_GRADED), ()),
    (Flag.EQUIVOCAL, Case(spurred(gap=mm(9))), (), Case(spurred(gap=mm(8.9))), ()),
    (
        Flag.GAP_BOUNDARY,
        Case(spurred(gap=mm(10))),
        (Flag.EQUIVOCAL,),
        Case(spurred(gap=mm(10.01))),
        (Flag.EQUIVOCAL,),
    ),
    (
        Flag.ISLAND_BOUNDARY,
        Case(with_islands(10)),
        (Flag.ISLAND_EQUIVOCAL,),
        Case(with_islands(10, 14)),
        (),
    ),
    (Flag.ISLAND_EQUIVOCAL, Case(with_islands(9)), (), Case(with_islands(8.9)), ()),
    (
        Flag.UNCALIBRATED,
        Case(spurred(gap=mm(6, Plane.DETECTOR))),
        (),
        Case(spurred(gap=mm(6))),
        (),
    ),
    (
        Flag.PLANE_UNSTATED,
        Case(spurred(gap=mm(6, Plane.UNSTATED, basis=Basis.STATED_UNCALIBRATED))),
        (),
        Case(spurred(gap=mm(6, Plane.UNSTATED))),
        (),
    ),
    (Flag.GAP_MISSING, Case(spurred()), (), Case(_NARROW_GAP), ()),
    (
        Flag.CATEGORICAL_GAP,
        Case(spurred(gap=NARROW)),
        (),
        Case(spurred(gap=mm(6, gap_class=NARROW.gap_class))),
        (),
    ),
    (Flag.CONTACT, Case(spurred(gap=mm(0))), (), Case(spurred(gap=mm(0.01))), ()),
    (
        Flag.SPUR_UNKNOWN,
        Case(with_islands(14, spurs=Spurs(pelvis=False))),
        (),
        Case(with_islands(14)),
        (),
    ),
    (
        Flag.BRIDGING_UNKNOWN,
        Case(spurred(bridging=None)),
        (Flag.GAP_MISSING,),
        Case(spurred(gap=mm(14), bridging=None)),
        (),
    ),
    (Flag.ISLAND_LENGTH_MISSING, Case(with_islands(None)), (), Case(with_islands(None, 14)), ()),
    (
        Flag.ISLAND_NEAR_BONE,
        Case(with_islands(14, gap=mm(9.9))),
        (Flag.GAP_WITHOUT_SPURS,),
        Case(with_islands(14, gap=mm(10))),
        (Flag.GAP_WITHOUT_SPURS,),
    ),
    (Flag.APPARENT_ONLY, Case(present(bridging=Bridging.APPARENT)), (), Case(_BRIDGED), ()),
    (
        Flag.VIEW_CONFLICT,
        Case(present(bridging=Bridging.APPARENT, gap_lateral=mm(12))),
        (Flag.APPARENT_ONLY,),
        Case(present(bridging=Bridging.APPARENT, gap_lateral=mm(0))),
        (Flag.APPARENT_ONLY,),
    ),
    (Flag.GAP_WITHOUT_SPURS, Case(present(gap=mm(6.2))), (), Case(_NARROW_GAP), ()),
    (
        Flag.GAP_WITH_BRIDGING,
        Case(spurred(bridging=Bridging.CONFIRMED, gap=mm(6.2))),
        (),
        Case(spurred(bridging=Bridging.CONFIRMED, gap=mm(0))),
        (),
    ),
    (Flag.UNIT_SLIP, Case(spurred(gap=mm(1.2))), (), Case(spurred(gap=mm(2.1))), ()),
    (
        Flag.VIEW_NOT_AP,
        Case(_NARROW_GAP, View.LATERAL),
        (),
        Case(_NARROW_GAP, View.AP_HIP),
        (),
    ),
    (
        Flag.CROSS_SECTIONAL_BASIS,
        Case(_NARROW_GAP, View.CT),
        (),
        Case(a_hip(presence=Presence.INDETERMINATE), View.CT),
        (Flag.PRESENCE_INDETERMINATE,),
    ),
    (
        Flag.EARLY_FILM,
        Case(_ABSENT, context=after(_THA, 83)),
        (),
        Case(_ABSENT, context=after(_THA, 84)),
        (),
    ),
    (
        Flag.NO_ARTHROPLASTY,
        Case(_ABSENT, context=after(_SCI)),
        (),
        Case(_ABSENT, context=after(_THA)),
        (),
    ),
    (
        Flag.MINERALIZATION_WITH_BRIDGING,
        Case(present(bridging=Bridging.CONFIRMED, stage=Stage.MINERALIZATION)),
        (),
        Case(present(bridging=Bridging.CONFIRMED, stage=Stage.MATURATION)),
        (),
    ),
    (
        Flag.MODEL_BORDERLINE,
        Case(spurred(gap=mm(6.2), probabilities=scored(II=0.31, III=0.69))),
        (),
        Case(spurred(gap=mm(6.2), probabilities=scored(II=0.3, III=0.7))),
        (),
    ),
    (
        Flag.CENTRAL_ORDER,
        Case(_CENTRAL),
        (),
        Case(_CENTRAL, context=Context(causes=(_FOP, Cause.JOINT_REPLACEMENT))),
        (),
    ),
    (
        Flag.EARLY_MINERALIZATION,
        Case(_NARROW_GAP, context=after(_THA, 9)),
        (Flag.EARLY_FILM,),
        Case(_NARROW_GAP, context=after(_THA, 10)),
        (Flag.EARLY_FILM,),
    ),
    (
        Flag.EARLY_MATURITY,
        Case(spurred(gap=mm(6.2), stage=Stage.MATURATION), context=after(_THA, 41)),
        (Flag.EARLY_FILM,),
        Case(spurred(gap=mm(6.2), stage=Stage.MATURATION), context=after(_THA, 42)),
        (Flag.EARLY_FILM,),
    ),
]


def test_every_flag_has_a_row() -> None:
    """The table is complete and in the order of printing; those of a comparison have one of their own."""
    alone = [flag for flag in Flag if flag not in COMPARISON_FLAGS]
    assert [row[0] for row in _ROWS] == alone


@pytest.mark.parametrize(
    ("flag", "raising", "beside", "neighbour", "instead"), _ROWS, ids=[row[0] for row in _ROWS]
)
def test_flag(
    flag: Flag, raising: Case, beside: tuple[Flag, ...], neighbour: Case, instead: tuple[Flag, ...]
) -> None:
    """The smallest case raises the flag, its neighbour does not, and neither raises more."""
    assert raising.flags() == in_order({flag, *beside})
    assert neighbour.flags() == instead


@pytest.mark.parametrize(
    ("case", "flags"),
    [
        # W02 and W03: bridging explains a gap without spurs; a line without spacing is a gap too.
        (Case(present(bridging=Bridging.CONFIRMED, gap=mm(4))), (Flag.GAP_WITH_BRIDGING,)),
        (Case(spurred(bridging=Bridging.CONFIRMED, gap=hips.drawn())), (Flag.GAP_WITH_BRIDGING,)),
        # 11 mm at the detector is less than 1 cm in the patient: a remark, not a contradiction.
        (
            Case(spurred(bridging=Bridging.CONFIRMED, gap=mm(11, Plane.DETECTOR))),
            (Flag.GAP_WITH_BRIDGING,),
        ),
        (
            Case(present(bridging=Bridging.APPARENT, gap_lateral=mm(4))),
            (Flag.APPARENT_ONLY, Flag.VIEW_CONFLICT),
        ),
        # W04: a second decimal or a measurement is no slip; an island may be one.
        (Case(spurred(gap=mm(1.25))), ()),
        (Case(spurred(gap=hips.measured(1.2))), ()),
        (Case(with_islands(1.5)), (Flag.UNIT_SLIP,)),
        (Case(spurred(gap=mm(2))), (Flag.UNIT_SLIP,)),
        # Flags of the 1 cm limit need the gap to decide, and in the plane of the patient.
        (Case(spurred(gap=mm(10, Plane.DETECTOR))), (Flag.UNCALIBRATED,)),
        (Case(spurred(gap=mm(10)), View.MR), (Flag.CROSS_SECTIONAL_BASIS,)),
        (Case(spurred(gap=NARROW), View.MR), (Flag.CROSS_SECTIONAL_BASIS,)),
        (Case(spurred(gap=mm(0)), View.MR), (Flag.CROSS_SECTIONAL_BASIS,)),
        (Case(spurred(gap=mm(6, Plane.UNKNOWN)), View.MR), (Flag.CROSS_SECTIONAL_BASIS,)),
        # Beside spurs the islands decide nothing, so their plane and lengths do not matter.
        (Case(spurred(gap=mm(6.2), islands=hips.islands(mm(12, Plane.DETECTOR)))), ()),
        (Case(spurred(gap=mm(6.2), islands=hips.islands(None, 10))), ()),
        # W06 comes with a grade; so do W05, W07 and W08.
        (
            Case(a_hip(presence=Presence.INDETERMINATE), View.LATERAL, after(_SCI, 3)),
            (Flag.PRESENCE_INDETERMINATE,),
        ),
        # W07, V10 and V11 count from an event of this hip, or of the patient as a whole.
        (Case(_NARROW_GAP, context=after(_THA, 9, Side.LEFT)), ()),
        (
            Case(_NARROW_GAP, context=after(_THA, 9, Side.RIGHT)),
            (Flag.EARLY_FILM, Flag.EARLY_MINERALIZATION),
        ),
        # Where each hip has its own event, each is counted from that.
        (Case(_NARROW_GAP, context=hips.after_each((_THA, 400), (_THA, 9))), ()),
        (
            Case(_NARROW_GAP, context=hips.after_each((_THA, 20), (_SCI, 400))),
            (Flag.EARLY_FILM,),
        ),
        (
            Case(_NARROW_GAP, context=hips.after_each((_SCI, 400), (_THA, 20))),
            (Flag.NO_ARTHROPLASTY,),
        ),
        (Case(_ABSENT, context=after(_THA, 9)), (Flag.EARLY_FILM,)),
        (
            Case(present(source_grades=_III, features=("XR_MAT_CORTEX",)), context=after(_THA, 9)),
            (
                Flag.GRADE_UNSUPPORTED,
                Flag.EARLY_FILM,
                Flag.EARLY_MINERALIZATION,
                Flag.EARLY_MATURITY,
            ),
        ),
        # W08: an excision does not tell whether there is a prosthesis; a cause may.
        (Case(_NARROW_GAP, context=after(Event.EXCISION_OF_HETEROTOPIC_OSSIFICATION)), ()),
        (Case(_NARROW_GAP, context=after(Event.REVISION_HIP_ARTHROPLASTY)), ()),
        (Case(_NARROW_GAP, context=Context(causes=(Cause.BURN,))), (Flag.NO_ARTHROPLASTY,)),
        (Case(_NARROW_GAP, context=Context(causes=(Cause.UNKNOWN,))), ()),
        (Case(_NARROW_GAP, context=Context(causes=(Cause.BURN, Cause.JOINT_REPLACEMENT))), ()),
        (Case(_NARROW_GAP, context=Context(causes=(Cause.POSTOPERATIVE,))), ()),
        (
            Case(_NARROW_GAP, context=Context(causes=(Cause.GENETIC,))),
            (Flag.NO_ARTHROPLASTY,),
        ),
        (Case(_CENTRAL, context=Context(causes=(Cause.GENETIC,))), (Flag.NO_ARTHROPLASTY,)),
        # V4: CT shows the order as the radiograph does.
        (
            Case(spurred(gap=mm(6.2), features=("CT_MIN_CENTRAL",)), view=View.CT),
            (Flag.CROSS_SECTIONAL_BASIS, Flag.CENTRAL_ORDER),
        ),
    ],
)
def test_finer_points(case: Case, flags: tuple[Flag, ...]) -> None:
    """What a flag means at its edges."""
    assert case.flags() == flags


@pytest.mark.parametrize(
    ("scores", "flags"),
    [
        ({"I": 0.41, "II": 0.59}, (Flag.MODEL_BORDERLINE,)),
        ({"I": 0.4, "II": 0.6}, ()),
        ({"III": 0.59, "IV": 0.41}, (Flag.MODEL_BORDERLINE,)),
        ({"II": 0.31, "III": 0.69}, (Flag.MODEL_BORDERLINE,)),
        ({"II": 0.3, "III": 0.7}, ()),
        ({"III": 1.0}, ()),
        ({"I": 0.2, "0": 0.2, "II": 0.2, "III": 0.2, "IV": 0.2}, (Flag.MODEL_BORDERLINE,)),
    ],
)
def test_model_borderline(scores: dict[str, float], flags: tuple[Flag, ...]) -> None:
    """Scores are close within 0.2, astride the limit of 1 cm within 0.4."""
    every = graded_as(brooker="0 I II III IV")

    hip = spurred(gap=mm(6.2), source_grades=every, probabilities=scored(**scores))
    assert hips.flags(hip, observer=MODEL) == flags


@pytest.mark.parametrize(("observer", "usual"), [(READER, 1.0), (MODEL, 1.5)])
def test_uncertainty(observer: Observer, usual: float) -> None:
    """A length has its own uncertainty, else that of who read it."""
    setting = Setting(observer=observer, view=View.AP_PELVIS)

    assert uncertainty_mm(mm(8), setting) == usual
    assert uncertainty_mm(mm(8, uncertainty_mm=0.0), setting) == 0.0


def test_rules() -> None:
    """Every warning has a flag, and so have five vocabulary rules."""
    rules = {rule for rule in FLAG_RULES.values() if rule}

    assert rules == {
        *(f"W{number:02}" for number in range(1, 18)),
        *("V4", "V8", "V10", "V11", "V12"),
    }


def test_model_that_disagrees_with_the_findings() -> None:
    """A model's grade against measured findings is stated, and the flag says that they differ."""
    hip = spurred(gap=mm(14), probabilities=scored(II=0.1, III=0.9))
    graded = hips.grade(hip, observer=MODEL)
    brooker = graded.grades[0]

    assert (brooker.grade, graded.derived(brooker), brooker.possible) == ("III", "II", ("II",))
    assert brooker.rule.endswith("; the findings exclude Brooker III, as graded by the source")
    assert graded.flags == (Flag.GRADE_DIFFERS,)
    assert graded.hip.probabilities == scored(II=0.1, III=0.9)


def test_denied_spurs_beside_a_gap_do_not_touch() -> None:
    """Contact is of spurs; an island that touches bone is an island near bone."""
    touching = with_islands(14, gap=mm(0), spurs=DENIED)

    assert hips.flags(touching) == (Flag.ISLAND_NEAR_BONE, Flag.GAP_WITHOUT_SPURS)


@pytest.mark.parametrize(
    ("hip", "possible"),
    [
        (present(bridging=Bridging.NONE, source_grades=graded_as(brooker="IV")), "I II III"),
        (present(islands=(), source_grades=graded_as(brooker="I")), "II III IV"),
    ],
)
def test_grade_that_a_denied_finding_excludes(hip: Hip, possible: str) -> None:
    """A denied finding is enough to differ from the source, though no grade derives from it."""
    graded = hips.grade(hip)
    assert hips.possible(graded)["brooker"] == tuple(possible.split())
    assert Flag.GRADE_DIFFERS in graded.flags


@pytest.mark.parametrize("brooker", ["0", "I", "II", "III", "IV", "III IV"])
def test_grade_alone(brooker: str) -> None:
    """A grade that nothing is said beside is never contradicted: what nobody mentions is unknown."""
    graded = hips.grade(a_hip(source_grades=graded_as(brooker=brooker)))
    assert hips.possible(graded)["brooker"] == tuple(brooker.split())
    assert graded.flags == (() if brooker == "0" else (Flag.GRADE_UNSUPPORTED,))


@pytest.mark.parametrize("brooker", ["I", "II", "III", "II III IV"])
def test_grade_that_a_denied_finding_allows(brooker: str) -> None:
    """A grade that denied bridging allows stays that of the source alone."""
    graded = hips.grade(present(bridging=Bridging.NONE, source_grades=graded_as(brooker=brooker)))
    assert hips.possible(graded)["brooker"] == tuple(brooker.split())
    assert graded.flags == (Flag.GRADE_UNSUPPORTED,)
