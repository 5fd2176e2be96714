"""The decision table of both systems: what was seen, the grades that follow, what qualifies them."""

import pytest

from hosr.errors import Fault
from hosr.findings import Hip, Length, Observer, Plane, Spurs
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Bridging, Presence, Stage, View
from tests.scales import hips
from tests.scales.hips import (
    DENIED,
    MODEL,
    NARROW,
    READER,
    SPURS,
    WIDE,
    a_hip,
    graded_as,
    islands,
    mm,
    present,
    spurred,
    with_islands,
)

# row, hip, Brooker, Della Valle, flags; a space parts grades that stay possible.
Row = tuple[str, Hip, str, str, tuple[Flag, ...]]

_ABSENCE: list[Row] = [
    (
        "1 absent",
        a_hip(presence=Presence.ABSENT, islands=(), spurs=DENIED, bridging=Bridging.NONE),
        "0",
        "A",
        (),
    ),
    ("1 absent, nothing else said", a_hip(presence=Presence.ABSENT), "0", "A", ()),
    (
        "1 absent, graded by the source on one scale",
        a_hip(source_grades=graded_as(brooker="0")),
        "0",
        "A",
        (),
    ),
    (
        "2 not evaluable",
        a_hip(evaluable=False, not_evaluable_reason="hip outside the field"),
        "",
        "",
        (Flag.NOT_EVALUABLE,),
    ),
    (
        "3 indeterminate",
        a_hip(presence=Presence.INDETERMINATE, bridging=Bridging.NONE),
        "",
        "",
        (Flag.PRESENCE_INDETERMINATE,),
    ),
]

_ISLANDS: list[Row] = [
    ("4 short island", with_islands(6), "I", "A", ()),
    ("4 several short islands", with_islands(6, 6, 6), "I", "A", ()),
    (
        "5 island of 10 mm",
        with_islands(10),
        "I",
        "B",
        (Flag.ISLAND_BOUNDARY, Flag.ISLAND_EQUIVOCAL),
    ),
    ("6 long island", with_islands(14), "I", "B", ()),
    ("6 one of them is long", with_islands(6, 14, 3), "I", "B", ()),
    ("6 a long one beside an unmeasured one", with_islands(14, None), "I", "B", ()),
    ("7 unmeasured island", with_islands(None), "I", "A B", (Flag.ISLAND_LENGTH_MISSING,)),
    (
        "7 short one beside an unmeasured one",
        with_islands(6, None),
        "I",
        "A B",
        (Flag.ISLAND_LENGTH_MISSING,),
    ),
    (
        "7 by elimination: bone, no spurs, no bridging",
        present(spurs=DENIED, bridging=Bridging.NONE),
        "I",
        "A B",
        (Flag.ISLAND_LENGTH_MISSING,),
    ),
]

_SPURS: list[Row] = [
    ("8 wide gap", spurred(gap=mm(14.2)), "II", "B", ()),
    ("8 pelvis only", spurred(spurs=Spurs(pelvis=True), gap=mm(14.2)), "II", "B", ()),
    ("8 femur only", spurred(spurs=Spurs(femur=True), gap=mm(14.2)), "II", "B", ()),
    ("8 with short islands", spurred(gap=mm(14.2), islands=islands(4, 5)), "II", "B", ()),
    (
        "9 gap of 10 mm",
        spurred(gap=mm(10.0)),
        "II",
        "B",
        (Flag.EQUIVOCAL, Flag.GAP_BOUNDARY),
    ),
    ("10 narrow gap", spurred(gap=mm(6.2)), "III", "C", ()),
    ("10 with long islands", spurred(gap=mm(6.2), islands=islands(40)), "III", "C", ()),
    ("10 bridging not mentioned", spurred(gap=mm(6.2), bridging=None), "III", "C", ()),
    ("11a contact, bridging denied", spurred(gap=mm(0)), "III", "C", (Flag.CONTACT,)),
    (
        "11b contact, bridging not mentioned",
        spurred(gap=mm(0), bridging=None),
        "III IV",
        "C",
        (Flag.CONTACT,),
    ),
    ("12 gap classed as wide", spurred(gap=WIDE), "II", "B", (Flag.CATEGORICAL_GAP,)),
    ("13 gap classed as narrow", spurred(gap=NARROW), "III", "C", (Flag.CATEGORICAL_GAP,)),
    ("14 no gap", spurred(), "II III", "B C", (Flag.GAP_MISSING,)),
    (
        "14b bridging not mentioned",
        spurred(bridging=None),
        "II III IV",
        "B C",
        (Flag.GAP_MISSING, Flag.BRIDGING_UNKNOWN),
    ),
    (
        "14b nor bridging mentioned, but the gap classed as narrow",
        spurred(gap=NARROW, bridging=None),
        "III",
        "C",
        (Flag.CATEGORICAL_GAP,),
    ),
    (
        "14b bridging not mentioned, a gap drawn without spacing",
        spurred(gap=hips.drawn(), bridging=None),
        "II III",
        "B C",
        (Flag.UNCALIBRATED, Flag.GAP_MISSING),
    ),
    (
        "14b a space on the lateral view excludes no bridging on the graded one",
        spurred(gap_lateral=mm(14), bridging=None),
        "II III IV",
        "B C",
        (Flag.GAP_MISSING, Flag.BRIDGING_UNKNOWN),
    ),
    (
        "14b spurs denied, bridging not mentioned",
        with_islands(14, bridging=None),
        "I",
        "B",
        (),
    ),
    (
        "14 gap drawn without spacing",
        spurred(gap=hips.drawn()),
        "II III",
        "B C",
        (Flag.UNCALIBRATED, Flag.GAP_MISSING),
    ),
    (
        "12 gap drawn without spacing, but classed",
        spurred(gap=hips.drawn(gap_class=WIDE.gap_class)),
        "II",
        "B",
        (Flag.CATEGORICAL_GAP,),
    ),
    (
        "a gap implies spurs nobody mentioned",
        present(gap=mm(6.2)),
        "III",
        "C",
        (Flag.GAP_WITHOUT_SPURS,),
    ),
]

_BRIDGED: list[Row] = [
    ("15 apparent", present(bridging=Bridging.APPARENT), "IV", "C", (Flag.APPARENT_ONLY,)),
    (
        "15 apparent, gap 0",
        spurred(bridging=Bridging.APPARENT, gap=mm(0)),
        "IV",
        "C",
        (Flag.APPARENT_ONLY,),
    ),
    ("16 confirmed", present(bridging=Bridging.CONFIRMED), "IV", "C", ()),
    ("16 confirmed, gap 0", spurred(bridging=Bridging.CONFIRMED, gap=mm(0)), "IV", "C", ()),
    (
        "17 apparent, open on the lateral view",
        spurred(bridging=Bridging.APPARENT, gap_lateral=mm(12)),
        "IV",
        "C",
        (Flag.APPARENT_ONLY, Flag.VIEW_CONFLICT),
    ),
]

_UNSTATED: list[Row] = [
    (
        "18 nothing but the stage",
        present(stage=Stage.MATURATION),
        "I II III IV",
        "A B C",
        (Flag.SPUR_UNKNOWN, Flag.BRIDGING_UNKNOWN),
    ),
    (
        "18 short island",
        present(islands=islands(6)),
        "I II III IV",
        "A B C",
        (Flag.SPUR_UNKNOWN, Flag.BRIDGING_UNKNOWN),
    ),
    (
        "18 long island",
        present(islands=islands(14)),
        "I II III IV",
        "B C",
        (Flag.SPUR_UNKNOWN, Flag.BRIDGING_UNKNOWN),
    ),
    (
        "18 unmeasured island",
        present(islands=islands(None)),
        "I II III IV",
        "A B C",
        (Flag.SPUR_UNKNOWN, Flag.BRIDGING_UNKNOWN, Flag.ISLAND_LENGTH_MISSING),
    ),
    (
        "18 one bone not stated",
        present(islands=islands(14), spurs=Spurs(pelvis=False)),
        "I II III IV",
        "B C",
        (Flag.SPUR_UNKNOWN, Flag.BRIDGING_UNKNOWN),
    ),
    (
        "18 short island, bridging denied",
        present(islands=islands(6), bridging=Bridging.NONE),
        "I II III",
        "A B C",
        (Flag.SPUR_UNKNOWN,),
    ),
    (
        "20 Brooker alone",
        present(source_grades=graded_as(brooker="III")),
        "III",
        "",
        (Flag.GRADE_UNSUPPORTED,),
    ),
    (
        "20 Della Valle alone",
        present(source_grades=graded_as(della_valle="C")),
        "",
        "C",
        (Flag.GRADE_UNSUPPORTED,),
    ),
    (
        "20 both, one a range",
        present(source_grades=graded_as(brooker="II III", della_valle="C")),
        "II III",
        "C",
        (Flag.GRADE_UNSUPPORTED,),
    ),
]

_NEAR: list[Row] = [
    (
        "21 short island near bone",
        with_islands(6, gap=mm(4)),
        "I",
        "A",
        (Flag.ISLAND_NEAR_BONE, Flag.GAP_WITHOUT_SPURS),
    ),
    (
        "21 long island near bone",
        with_islands(25, gap=NARROW),
        "I",
        "B",
        (Flag.ISLAND_NEAR_BONE, Flag.GAP_WITHOUT_SPURS),
    ),
    (
        "21 island that touches bone",
        with_islands(25, gap=mm(0), bridging=None),
        "I",
        "B",
        (Flag.ISLAND_NEAR_BONE, Flag.GAP_WITHOUT_SPURS),
    ),
    ("21 island far from bone", with_islands(25, gap=mm(14)), "I", "B", (Flag.GAP_WITHOUT_SPURS,)),
    ("22 just below", spurred(gap=mm(9.2)), "III", "C", (Flag.EQUIVOCAL,)),
    ("22 just above", spurred(gap=mm(10.8)), "II", "B", (Flag.EQUIVOCAL,)),
    (
        "23 wide at the detector, narrow in the patient",
        spurred(gap=mm(11, Plane.DETECTOR)),
        "III",
        "C",
        (Flag.EQUIVOCAL, Flag.UNCALIBRATED),
    ),
    (
        "23 either at the detector",
        spurred(gap=mm(12, Plane.DETECTOR)),
        "II III",
        "B C",
        (Flag.UNCALIBRATED,),
    ),
    (
        "23 unknown plane",
        spurred(gap=mm(10, Plane.UNKNOWN)),
        "II III",
        "B C",
        (Flag.UNCALIBRATED,),
    ),
]

ROWS = [*_ABSENCE, *_ISLANDS, *_SPURS, *_BRIDGED, *_UNSTATED, *_NEAR]


@pytest.mark.parametrize(
    ("hip", "brooker", "della_valle", "flags"),
    [row[1:] for row in ROWS],
    ids=[row[0] for row in ROWS],
)
def test_row(hip: Hip, brooker: str, della_valle: str, flags: tuple[Flag, ...]) -> None:
    """Each row of the table gives its grades and its flags, no more and no less."""
    graded = hips.grade(hip)

    expected = {"brooker": tuple(brooker.split()), "della_valle": tuple(della_valle.split())}
    assert (hips.possible(graded), graded.flags) == (expected, flags)


@pytest.mark.parametrize(
    "hip",
    [
        pytest.param(present(), id="nothing said"),
        pytest.param(present(islands=(), bridging=Bridging.NONE), id="spurs not stated"),
        pytest.param(present(gap=Length()), id="an empty gap"),
    ],
)
def test_present_without_any_description_is_refused(hip: Hip) -> None:
    """Row 19: ossification that nothing describes and nobody graded has no grade."""
    assert hips.faults_of(hip) == [
        Fault(
            "$.hips[0].presence",
            "ossification is present, but nothing describes it and no grade is given",
            "give islands, spurs, gap, bridging or the grade",
            "E03",
        )
    ]


@pytest.mark.parametrize("gap", [None, mm(6.2)], ids=["no gap", "a gap between nothing"])
@pytest.mark.parametrize("source", [(), graded_as(brooker="III")], ids=["ungraded", "graded"])
def test_present_with_everything_denied_is_refused(
    gap: Length | None, source: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    """Row 19: ossification cannot be there without islands, spurs or bridging, graded or not."""
    denied = {"islands": (), "spurs": DENIED, "bridging": Bridging.NONE}
    hip = present(**denied, gap=gap, source_grades=source)

    assert hips.faults_of(hip) == [
        Fault(
            "$.hips[0].presence",
            "ossification is present, yet there are no islands, no spurs and no bridging",
            "correct one of them; what bridges the joint is given as bridging",
            "E03",
        )
    ]


@pytest.mark.parametrize(
    ("observer", "gap", "expected"),
    [
        (READER, 9.0, (Flag.EQUIVOCAL,)),
        (READER, 8.99, ()),
        (READER, 11.0, (Flag.EQUIVOCAL,)),
        (READER, 11.01, ()),
        (MODEL, 8.5, (Flag.EQUIVOCAL,)),
        (MODEL, 8.49, ()),
        (MODEL, 11.5, (Flag.EQUIVOCAL,)),
        (MODEL, 11.51, ()),
    ],
)
def test_equivocal_band(observer: Observer, gap: float, expected: tuple[Flag, ...]) -> None:
    """A gap is equivocal within 1.0 mm of 1 cm as a person reads it, 1.5 mm as an algorithm does."""
    assert hips.flags(spurred(gap=mm(gap)), observer=observer) == expected


@pytest.mark.parametrize(
    ("gap", "uncertainty", "expected"),
    [
        (9.2, 0.5, ()),
        (9.5, 0.5, (Flag.EQUIVOCAL,)),
        (11.3, 1.3, (Flag.EQUIVOCAL,)),
        (11.3, 1.29, ()),
        (13.0, 3.0, (Flag.EQUIVOCAL,)),
        (10.0, 0.0, (Flag.EQUIVOCAL, Flag.GAP_BOUNDARY)),
    ],
)
def test_stated_uncertainty(gap: float, uncertainty: float, expected: tuple[Flag, ...]) -> None:
    """An uncertainty that was stated stands in place of the usual one, its ends included."""
    assert hips.flags(spurred(gap=mm(gap, uncertainty_mm=uncertainty))) == expected


@pytest.mark.parametrize("gap", [mm(0), mm(4), mm(14), WIDE, NARROW, hips.drawn(), None])
@pytest.mark.parametrize("spurs", [SPURS, Spurs()], ids=["spurs", "spurs unknown"])
def test_gap_on_mr(gap: Length | None, spurs: Spurs) -> None:
    """A gap on MR bears on no grade: neither by its size, nor by touching, nor as a sign of spurs."""
    hip = present(islands=islands(4), spurs=spurs, gap=gap)
    graded = hips.grade(hip, View.MR)

    open_grades = {
        SPURS: {"brooker": ("II", "III", "IV"), "della_valle": ("B", "C")},
        Spurs(): {"brooker": ("I", "II", "III", "IV"), "della_valle": ("A", "B", "C")},
    }
    assert hips.possible(graded) == open_grades[spurs]


def test_gap_on_ct() -> None:
    """A gap on CT decides as on a film, outside the systems' definition."""
    graded = hips.grade(spurred(gap=mm(6.2)), View.CT)

    assert hips.possible(graded) == {"brooker": ("III",), "della_valle": ("C",)}
    assert graded.flags == (Flag.CROSS_SECTIONAL_BASIS,)


def test_early_lesion_is_not_graded() -> None:
    """A lesion in the early stage has no bone to grade, even where islands and spurs are denied."""
    bare = {"islands": (), "spurs": DENIED, "bridging": Bridging.NONE}
    graded = hips.grade(present(stage=Stage.EARLY, **bare))

    rule = "not gradable: the lesion is in the early stage, without bone to grade"
    assert [(grade.possible, grade.rule) for grade in graded.grades] == [((), rule), ((), rule)]
