"""The limit of 1 cm: exactly, just below, just above, and in every form a length has."""

import pytest

from hosr.findings import Hip, Length, Plane, Spurs
from hosr.scales.implied_findings import imply_findings
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Bridging
from tests.scales import hips
from tests.scales.hips import NARROW, SPURS, WIDE, graded_as, islands, mm, spurred, with_islands


def _pair(hip: Hip) -> tuple[str | None, ...]:
    return tuple(grade.grade for grade in hips.grade(hip).grades)


@pytest.mark.parametrize(
    ("gap", "pair"),
    [
        (mm(9.99), ("III", "C")),
        (mm(9.999999), ("III", "C")),
        (mm(10), ("II", "B")),
        (mm(10.0), ("II", "B")),
        (mm(10.01), ("II", "B")),
        (mm(0), ("III", "C")),
        (WIDE, ("II", "B")),
        (NARROW, ("III", "C")),
    ],
)
def test_gap(gap: Length, pair: tuple[str, str]) -> None:
    """At least 1 cm takes exactly 1 cm to the milder grade; stated numbers are not rounded."""
    assert _pair(spurred(gap=gap)) == pair


@pytest.mark.parametrize(
    ("length", "pair"),
    [(9.99, ("I", "A")), (10.0, ("I", "B")), (10.01, ("I", "B")), (40.0, ("I", "B"))],
)
def test_island(length: float, pair: tuple[str, str]) -> None:
    """An island of exactly 1 cm is a long one; its length never raises the Brooker class."""
    assert _pair(with_islands(length)) == pair


def test_spurs_stand_above_islands() -> None:
    """Beside spurs islands count for nothing, however many and long."""
    many = islands(40, 40, 40, 40)

    assert _pair(spurred(gap=mm(14), islands=many)) == ("II", "B")
    assert _pair(spurred(gap=mm(4), islands=many)) == ("III", "C")


def test_small_spur_with_a_wide_gap() -> None:
    """The smallest spur of one bone makes class II."""
    assert _pair(spurred(spurs=Spurs(femur=True), gap=mm(45))) == ("II", "B")


@pytest.mark.parametrize("gap", [mm(0), mm(4), NARROW, None])
def test_bridging_stands_above_the_gap(gap: Length | None) -> None:
    """Bridged is IV and C, whatever is left of the gap."""
    assert _pair(spurred(bridging=Bridging.APPARENT, gap=gap)) == ("IV", "C")


@pytest.mark.parametrize(
    ("computed", "kept"),
    [
        (9.999999999999998, 10.0),
        (10.000000000000002, 10.0),
        (9.99996, 10.0),
        (9.9999, 9.9999),
        (9.99, 9.99),
    ],
)
def test_noise_of_measuring(computed: float, kept: float) -> None:
    """A length computed from points is kept to a ten-thousandth of a millimetre, no finer."""
    hip = spurred(gap=hips.measured(computed), gap_lateral=hips.measured(computed))

    assert imply_findings(hip) == spurred(gap=hips.measured(kept), gap_lateral=hips.measured(kept))


def test_noise_of_measuring_does_not_grade() -> None:
    """A gap and an island drawn 1 cm long reach 1 cm."""
    noisy = hips.measured(9.999999999999998)

    assert _pair(spurred(gap=noisy)) == ("II", "B")
    assert _pair(with_islands(noisy)) == ("I", "B")


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ((10.0,), (Flag.ISLAND_BOUNDARY, Flag.ISLAND_EQUIVOCAL)),
        ((10.0, 6.0), (Flag.ISLAND_BOUNDARY, Flag.ISLAND_EQUIVOCAL)),
        ((10.0, 25.0), ()),
        ((9.5, 25.0), ()),
        ((9.5, 6.0), (Flag.ISLAND_EQUIVOCAL,)),
        ((10.0, None), (Flag.ISLAND_BOUNDARY, Flag.ISLAND_EQUIVOCAL)),
        ((mm(10, Plane.DETECTOR),), (Flag.UNCALIBRATED,)),
    ],
)
def test_island_boundary(
    lengths: tuple[float | Length | None, ...], expected: tuple[Flag, ...]
) -> None:
    """Only the longest island can stand on the limit, and only in the plane of the patient."""
    assert hips.flags(with_islands(*lengths)) == expected


def test_range_of_the_source() -> None:
    """A source that leaves two grades open leaves them open, and they are stated so."""
    graded = hips.grade(hips.present(source_grades=graded_as(brooker="II III")))
    brooker = graded.grades[0]

    assert (brooker.grade, brooker.possible, brooker.stated) == (None, ("II", "III"), ("II", "III"))


def test_spurs_of_one_bone_are_enough() -> None:
    """A spur of either bone is a spur; that there is none needs both denied."""
    rows = [
        (SPURS, True),
        (Spurs(pelvis=True, femur=False), True),
        (Spurs(femur=True), True),
        (Spurs(pelvis=False), None),
        (Spurs(pelvis=False, femur=False), False),
        (Spurs(), None),
    ]
    assert [spurs.any for spurs, _ in rows] == [expected for _, expected in rows]
