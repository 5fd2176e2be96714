"""What no record may say at once: each rule's smallest breach, whole, and a neighbour that passes."""

from __future__ import annotations

from typing import Any

import pytest

from hosr.errors import Fault
from hosr.findings import Context, Mass, Plane
from hosr.vocabulary.terms import (
    Bridging,
    BridgingBasis,
    Cause,
    Contrast,
    Event,
    Presence,
    Side,
    Site,
    Stage,
    View,
)
from tests.scales import hips
from tests.scales.hips import (
    NARROW,
    SPURS,
    WIDE,
    Case,
    a_hip,
    after,
    calibration,
    graded_as,
    hip_fault,
    mm,
    present,
    spurred,
    staged,
    with_islands,
)


def _absent(**given: object) -> Case:
    return Case(a_hip(presence=Presence.ABSENT, **given))


_E01 = hip_fault(
    "presence",
    "ossification is absent, yet bone, its stage or a grade that counts bone is given",
    'say "present", or remove what describes it',
    "E01",
)
_E01_EARLY = hip_fault(
    "presence",
    "ossification is absent, yet a lesion in its early stage is described",
    'say "indeterminate", or remove the stage and the features',
    "E01",
)
_INDETERMINATE_EARLY = Case(a_hip(presence=Presence.INDETERMINATE, stage=Stage.EARLY))
_E02 = hip_fault(
    "grades.brooker",
    "ossification is present, yet Brooker 0 is given",
    "correct the presence or the grade",
    "E02",
)
_E02_BIPLANAR = hip_fault(
    "grades.simplified_biplanar",
    "ossification is present, yet Simplified biplanar 0 is given",
    "correct the presence or the grade",
    "E02",
)
_E03 = hip_fault(
    "presence",
    "ossification is present, but nothing describes it and no grade is given",
    "give islands, spurs, gap, bridging or the grade",
    "E03",
)
_E04 = hip_fault(
    "bridging",
    "bone bridges the joint, yet a gap of 1 cm or more is given on the same view",
    "correct the bridging or the gap; a gap on the lateral view goes into gap_lateral",
    "E04",
)
_E04_LATERAL = hip_fault(
    "bridging",
    "bridging is confirmed, yet a gap is given on the lateral view",
    'say "apparent", as bridging on one view only is, or correct the gap on the lateral view',
    "E04",
)
_E01_SITE = hip_fault(
    "presence",
    "ossification is absent, yet it is said where it lies",
    'say "present", or remove the site',
    "E01",
)
_E01_MASS = hip_fault(
    "presence",
    "ossification is absent, yet a soft-tissue mass is described, of which it may be the beginning",
    'say "indeterminate", or describe a mass that is another in the comment',
    "E01",
)
_CONTRAST = hip_fault(
    "mass.contrast",
    "enhancement is among the features, yet the mass is said not to enhance, or to have had no contrast",
    "correct one of them",
)
_MASS = Mass(sizes_mm=(34.0, 28.0))
_UNDECIDED_ENHANCING: dict[str, Any] = {
    "presence": Presence.INDETERMINATE,
    "features": ("CT_EARLY_ENHANCEMENT",),
}
_E04_BASIS = hip_fault(
    "bridging_basis",
    "is given, yet bridging is not confirmed",
    'say "bridging": "confirmed", or leave it out',
    "E04",
)
_E07 = hip_fault(
    "grades",
    "this pair of Brooker and Della Valle grades is impossible for one hip",
    "possible pairs are 0/A, I/A, I/B, II/B, III/C and IV/C",
    "E07",
)
_E08 = hip_fault(
    "gap", "the class of the gap contradicts its millimetres", "correct one of them", "E08"
)
_E08_LATERAL = hip_fault(
    "gap_lateral", "the class of the gap contradicts its millimetres", "correct one of them", "E08"
)
_E12 = hip_fault(
    "stage",
    "the early stage has no calcification, yet the grade counts bone",
    "use mineralization or maturation, or remove the grade and what it derives from",
    "E12",
)
_E15 = hip_fault(
    "calibration",
    "an implant calibrates the image, yet the index event left none",
    "correct the index event, add the cause joint_replacement, or give lengths in mm",
    "E15",
)
_NOT_EVALUABLE = hip_fault(
    "evaluable",
    "the hip is not evaluable, yet findings or grades are given",
    "say that it is evaluable, or remove them",
)
_INDETERMINATE = hip_fault(
    "presence",
    "presence is indeterminate, yet findings of bone or grades are given",
    'say "present", or remove them',
)

# fault, what breaks the rule, a neighbour that does not
_ROWS: list[tuple[Fault, Case, Case]] = [
    (_E01, _absent(islands=hips.islands(4)), _absent(islands=())),
    (_E01, _absent(spurs=SPURS), _absent(spurs=hips.DENIED)),
    (_E01, _absent(gap=mm(14)), _absent()),
    (_E01, _absent(gap_lateral=WIDE), _absent()),
    (_E01, _absent(bridging=Bridging.APPARENT), _absent(bridging=Bridging.NONE)),
    (
        _E01,
        _absent(source_grades=graded_as(brooker="I")),
        _absent(source_grades=graded_as(brooker="0")),
    ),
    (
        _E01,
        _absent(source_grades=graded_as(brooker="I II")),
        _absent(source_grades=graded_as(brooker="0 I")),
    ),
    (
        _E01,
        _absent(source_grades=graded_as(della_valle="B")),
        _absent(source_grades=graded_as(della_valle="A")),
    ),
    (
        _E01,
        _absent(source_grades=graded_as(simplified_biplanar="1")),
        _absent(source_grades=graded_as(simplified_biplanar="0")),
    ),
    (_E01, _absent(stage=Stage.MATURATION), _absent()),
    (_E01_EARLY, _absent(stage=Stage.EARLY), _INDETERMINATE_EARLY),
    *(
        (
            _E01_EARLY,
            Case(a_hip(presence=Presence.ABSENT, features=(mass,)), view),
            Case(a_hip(presence=Presence.INDETERMINATE, features=(mass,)), view),
        )
        for mass, view in (
            ("XR_EARLY_MASS", View.AP_PELVIS),
            ("CT_EARLY_LOW_ATTENUATION", View.CT),
            ("MR_EARLY_ENHANCEMENT", View.MR),
        )
    ),
    (_E01, _absent(features=("XR_MAT_CORTEX",)), _absent(features=("XR_EARLY_MISSABLE",))),
    (
        _E02,
        Case(present(source_grades=graded_as(brooker="0"))),
        Case(present(source_grades=graded_as(brooker="0 I"))),
    ),
    (
        _E02,
        Case(a_hip(islands=hips.islands(4), source_grades=graded_as(brooker="0"))),
        Case(a_hip(islands=hips.islands(4), source_grades=graded_as(brooker="I"))),
    ),
    (
        _E02_BIPLANAR,
        Case(present(source_grades=graded_as(simplified_biplanar="0"))),
        Case(present(source_grades=graded_as(simplified_biplanar="1"))),
    ),
    (_E03, Case(present()), Case(present(source_grades=graded_as(della_valle="A")))),
    (_E03, Case(present(bridging=Bridging.NONE)), staged(Stage.MATURATION)),
    (
        _E04,
        Case(spurred(bridging=Bridging.APPARENT, gap=mm(10))),
        Case(spurred(bridging=Bridging.APPARENT, gap=mm(9.9))),
    ),
    (
        _E04,
        Case(spurred(bridging=Bridging.CONFIRMED, gap=WIDE)),
        Case(spurred(bridging=Bridging.CONFIRMED, gap=NARROW)),
    ),
    (
        _E04,
        Case(spurred(bridging=Bridging.APPARENT, gap=mm(12.5, Plane.DETECTOR))),
        Case(spurred(bridging=Bridging.APPARENT, gap=mm(12.4, Plane.DETECTOR))),
    ),
    (
        _E04,
        Case(spurred(bridging=Bridging.APPARENT, gap=mm(14))),
        Case(spurred(bridging=Bridging.APPARENT, gap_lateral=mm(14))),
    ),
    (
        _E07,
        Case(present(source_grades=graded_as(brooker="III", della_valle="B"))),
        Case(present(source_grades=graded_as(brooker="III", della_valle="C"))),
    ),
    (
        _E08,
        Case(spurred(gap=mm(9.9, gap_class=WIDE.gap_class))),
        Case(spurred(gap=mm(10, gap_class=WIDE.gap_class))),
    ),
    (
        _E08,
        Case(spurred(gap=mm(10, gap_class=NARROW.gap_class))),
        Case(spurred(gap=mm(10, Plane.DETECTOR, gap_class=NARROW.gap_class))),
    ),
    (
        _E08_LATERAL,
        Case(spurred(gap_lateral=mm(9.9, gap_class=WIDE.gap_class))),
        Case(spurred(gap_lateral=mm(9.9, gap_class=NARROW.gap_class))),
    ),
    (
        _E12,
        Case(with_islands(4, stage=Stage.EARLY)),
        Case(with_islands(4, stage=Stage.MINERALIZATION)),
    ),
    (
        _E12,
        Case(present(stage=Stage.EARLY, source_grades=graded_as(brooker="I"))),
        Case(present(stage=Stage.EARLY, source_grades=graded_as(brooker="0 I"))),
    ),
    (
        _E12,
        Case(present(stage=Stage.EARLY, source_grades=graded_as(della_valle="B")), View.CT),
        Case(present(stage=Stage.EARLY, source_grades=graded_as(della_valle="A")), View.CT),
    ),
    (
        _E12,
        Case(present(stage=Stage.EARLY, source_grades=graded_as(simplified_biplanar="1"))),
        Case(present(stage=Stage.EARLY, source_grades=graded_as(simplified_biplanar="1")), View.MR),
    ),
    (
        _E01_SITE,
        _absent(sites=(Site.ANTERIOR,)),
        Case(present(sites=(Site.ANTERIOR,), islands=hips.islands(4))),
    ),
    *(
        (
            _E04_BASIS,
            Case(
                present(bridging=bridging, bridging_basis=BridgingBasis.CT, islands=hips.islands(4))
            ),
            Case(present(bridging=Bridging.CONFIRMED, bridging_basis=BridgingBasis.CT)),
        )
        for bridging in (None, Bridging.NONE, Bridging.APPARENT)
    ),
    (
        _E04_LATERAL,
        Case(present(bridging=Bridging.CONFIRMED, gap_lateral=mm(14))),
        Case(present(bridging=Bridging.APPARENT, gap_lateral=mm(14))),
    ),
    (
        _E04_LATERAL,
        Case(present(bridging=Bridging.CONFIRMED, gap_lateral=NARROW)),
        Case(present(bridging=Bridging.CONFIRMED, gap_lateral=mm(0))),
    ),
    (
        _E12,
        Case(with_islands(4, stage=Stage.EARLY), View.MR),
        Case(with_islands(4, stage=Stage.MINERALIZATION), View.MR),
    ),
    (
        _E12,
        Case(spurred(stage=Stage.EARLY)),
        Case(present(stage=Stage.EARLY, spurs=hips.DENIED, islands=())),
    ),
    (
        _E15,
        Case(spurred(calibration=calibration()), context=after(Event.HIP_ARTHROSCOPY)),
        Case(spurred(calibration=calibration()), context=after(Event.TOTAL_HIP_ARTHROPLASTY)),
    ),
    (
        _E15,
        Case(spurred(calibration=calibration()), context=after(Event.TRAUMA)),
        Case(spurred(calibration=calibration()), context=after(Event.ACETABULAR_FRACTURE_FIXATION)),
    ),
    (
        _NOT_EVALUABLE,
        Case(a_hip(evaluable=False, sites=(Site.ANTERIOR,))),
        Case(a_hip(evaluable=False, hardware_nearby=True)),
    ),
    (_NOT_EVALUABLE, Case(a_hip(evaluable=False, mass=_MASS)), Case(a_hip(evaluable=False))),
    (
        _E01_MASS,
        _absent(mass=_MASS),
        Case(a_hip(presence=Presence.INDETERMINATE, mass=_MASS)),
    ),
    *(
        (
            _CONTRAST,
            Case(a_hip(**_UNDECIDED_ENHANCING, mass=Mass(contrast=contrast)), View.CT),
            Case(a_hip(**_UNDECIDED_ENHANCING, mass=Mass(contrast=Contrast.ENHANCES)), View.CT),
        )
        for contrast in (Contrast.NOT_GIVEN, Contrast.NO_ENHANCEMENT)
    ),
    # Each hip is calibrated by what its own event left there.
    (
        _E15,
        Case(
            spurred(calibration=calibration()),
            context=hips.after_each((Event.TRAUMA, 400), (Event.TOTAL_HIP_ARTHROPLASTY, 400)),
        ),
        Case(
            spurred(calibration=calibration()),
            context=hips.after_each((Event.TOTAL_HIP_ARTHROPLASTY, 400), (Event.TRAUMA, 400)),
        ),
    ),
    (
        _NOT_EVALUABLE,
        Case(a_hip(evaluable=False, islands=hips.islands(None))),
        Case(a_hip(evaluable=False, islands=())),
    ),
    (
        _NOT_EVALUABLE,
        Case(a_hip(evaluable=False, source_grades=graded_as(della_valle="A"))),
        Case(a_hip(evaluable=False)),
    ),
    (
        _NOT_EVALUABLE,
        Case(a_hip(evaluable=False, probabilities=hips.scored(III=1.0))),
        Case(a_hip(evaluable=False)),
    ),
    (
        _NOT_EVALUABLE,
        Case(a_hip(evaluable=False, presence=Presence.ABSENT)),
        Case(a_hip(evaluable=False, presence=Presence.PRESENT)),
    ),
    (
        _INDETERMINATE,
        Case(a_hip(presence=Presence.INDETERMINATE, spurs=SPURS)),
        Case(a_hip(presence=Presence.INDETERMINATE, spurs=hips.DENIED)),
    ),
    (
        _INDETERMINATE,
        Case(a_hip(presence=Presence.INDETERMINATE, source_grades=graded_as(brooker="0"))),
        Case(a_hip(presence=Presence.INDETERMINATE)),
    ),
    (
        _INDETERMINATE,
        Case(a_hip(presence=Presence.INDETERMINATE, stage=Stage.MINERALIZATION)),
        Case(a_hip(presence=Presence.INDETERMINATE, stage=Stage.EARLY)),
    ),
]


@pytest.mark.parametrize(
    ("fault", "breach", "neighbour"),
    _ROWS,
    ids=[f"{index} {row[0].rule or row[0].path}" for index, row in enumerate(_ROWS)],
)
def test_contradiction(fault: Fault, breach: Case, neighbour: Case) -> None:
    """The smallest breach is refused by its rule and no other; the neighbour is not refused."""
    assert breach.faults() == [fault]
    assert neighbour.faults() == []


@pytest.mark.parametrize("cause", [Cause.JOINT_REPLACEMENT, Cause.NEAR_HARDWARE])
def test_implant_from_before_the_event(cause: Cause) -> None:
    """E15 does not hold where another cause put an implant there before."""
    fall = after(Event.TRAUMA)
    context = Context(causes=(cause,), index_event=fall.index_event)

    assert Case(spurred(calibration=calibration()), context=context).faults() == []


def test_class_beside_millimetres_at_the_detector() -> None:
    """E08 compares in the patient: 11 mm at the detector are surely less than 1 cm."""
    gap = mm(11, Plane.DETECTOR, gap_class=WIDE.gap_class)

    assert Case(spurred(gap=gap)).faults() == [_E08]


def test_grade_of_contradicting_findings() -> None:
    """Findings that leave nothing possible have no grade, and say so."""
    hip = present(islands=(), spurs=hips.DENIED, bridging=Bridging.NONE)
    (graded,), faults = hips.graded_with_faults(hip)

    assert [fault.rule for fault in faults] == ["E03"]
    assert {grade.rule for grade in graded.grades} == {
        "not gradable: the findings contradict one another"
    }


def test_all_faults_of_one_hip_at_once() -> None:
    """A hip that breaks several rules is told them all."""
    hip = a_hip(
        presence=Presence.ABSENT,
        bridging=Bridging.APPARENT,
        gap=mm(12, gap_class=NARROW.gap_class),
        source_grades=graded_as(brooker="IV", della_valle="A"),
    )
    assert Case(hip).faults() == [_E01, _E04, _E07, _E08]


def test_sides_are_told_apart_by_their_place_in_the_record() -> None:
    """The path of a fault counts hips as the record does, not as the report prints them."""
    left, right = present(), present()
    given = hips.reading(hips.on(Side.LEFT, left), right)

    assert [fault.path for fault in hips.faults_in(given)] == [
        "$.hips[0].presence",
        "$.hips[1].presence",
    ]
