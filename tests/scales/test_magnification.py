"""From the detector to the patient: what an uncalibrated gap may be."""

import pytest

from hosr.findings import Length, Plane
from hosr.measure.length import patient_interval_mm
from hosr.measure.pixel_size import MAGNIFICATION
from hosr.vocabulary.flags import Flag
from tests.scales import hips
from tests.scales.hips import mm, spurred, with_islands

_II, _BOTH, _III = ("II", "B"), ("II III", "B C"), ("III", "C")


def test_magnification_of_the_hip() -> None:
    """A hip is shown 15 to 25 % too wide."""
    assert MAGNIFICATION == (1.15, 1.25)


@pytest.mark.parametrize(
    ("apparent", "least", "greatest"),
    [
        (8.0, 6.4, 7.0),
        (10.0, 8.0, 8.7),
        (11.0, 8.8, 9.6),
        (11.5, 9.2, 10.0),
        (12.0, 9.6, 10.4),
        (12.5, 10.0, 10.9),
    ],
)
def test_patient_interval(apparent: float, least: float, greatest: float) -> None:
    """A length at the detector is divided by the greatest and by the least magnification."""
    interval = patient_interval_mm(mm(apparent, Plane.DETECTOR))

    assert interval is not None
    assert tuple(round(end, 1) for end in interval) == (least, greatest)


@pytest.mark.parametrize(
    ("length", "interval"),
    [
        (mm(9.5), (9.5, 9.5)),
        (mm(12.5, Plane.UNKNOWN), (10.0, 12.5)),
        (mm(0, Plane.DETECTOR), (0, 0)),
        (hips.WIDE, None),
        (hips.drawn(), None),
    ],
)
def test_interval_of_other_planes(length: Length, interval: tuple[float, float] | None) -> None:
    """In the patient a length is itself, in an unknown plane either; without number it is none."""
    assert patient_interval_mm(length) == interval


@pytest.mark.parametrize(
    ("plane", "gap", "grades"),
    [
        (Plane.DETECTOR, 8.0, _III),
        (Plane.DETECTOR, 10.0, _III),
        (Plane.DETECTOR, 11.0, _III),
        (Plane.DETECTOR, 11.49, _III),
        (Plane.DETECTOR, 11.5, _BOTH),
        (Plane.DETECTOR, 12.0, _BOTH),
        (Plane.DETECTOR, 12.49, _BOTH),
        (Plane.DETECTOR, 12.5, _II),
        (Plane.DETECTOR, 20.0, _II),
        (Plane.UNKNOWN, 8.0, _III),
        (Plane.UNKNOWN, 9.99, _III),
        (Plane.UNKNOWN, 10.0, _BOTH),
        (Plane.UNKNOWN, 11.5, _BOTH),
        (Plane.UNKNOWN, 12.49, _BOTH),
        (Plane.UNKNOWN, 12.5, _II),
    ],
)
def test_interval_rule(plane: Plane, gap: float, grades: tuple[str, str]) -> None:
    """A gap in no known plane of the patient decides only where all it may be agrees."""
    graded = hips.grade(spurred(gap=mm(gap, plane)))

    brooker, della_valle = (tuple(words.split()) for words in grades)
    expected = {"brooker": brooker, "della_valle": della_valle}
    assert hips.possible(graded) == expected
    assert Flag.UNCALIBRATED in graded.flags


@pytest.mark.parametrize(
    ("plane", "gap", "equivocal"),
    [
        (Plane.DETECTOR, 10.49, False),  # with the reading error up to 9.99 mm in the patient
        (Plane.DETECTOR, 10.5, True),
        (Plane.DETECTOR, 11.49, True),
        (Plane.DETECTOR, 11.5, False),  # open for its magnification, which is said instead
        (Plane.DETECTOR, 12.49, False),
        (Plane.DETECTOR, 12.5, True),
        (Plane.DETECTOR, 13.5, True),  # with the reading error down to 10.0 mm in the patient
        (Plane.DETECTOR, 13.51, False),
        (Plane.UNKNOWN, 8.99, False),
        (Plane.UNKNOWN, 9.0, True),
        (Plane.UNKNOWN, 9.99, True),
        (Plane.UNKNOWN, 13.51, False),
    ],
)
def test_reading_error_is_added_to_the_magnification(
    plane: Plane, gap: float, equivocal: bool
) -> None:
    """A gap that magnification alone decides is still equivocal within its uncertainty of 1 cm."""
    flags = hips.grade(spurred(gap=mm(gap, plane))).flags
    assert (Flag.EQUIVOCAL in flags, Flag.UNCALIBRATED in flags) == (equivocal, True)


def test_class_decides_what_the_plane_leaves_open() -> None:
    """A class beside a gap at the detector decides between the grades that the plane leaves."""
    gap = mm(12, Plane.DETECTOR, gap_class=hips.WIDE.gap_class)
    graded = hips.grade(spurred(gap=gap))

    expected = {"brooker": ("II",), "della_valle": ("B",)}
    assert (hips.possible(graded), graded.flags) == (expected, (Flag.UNCALIBRATED,))


@pytest.mark.parametrize(
    ("lengths", "della_valle", "flags"),
    [
        ((mm(10, Plane.DETECTOR),), "A", (Flag.UNCALIBRATED,)),
        ((mm(11, Plane.DETECTOR),), "A", (Flag.ISLAND_EQUIVOCAL, Flag.UNCALIBRATED)),
        ((mm(12, Plane.DETECTOR),), "A B", (Flag.UNCALIBRATED,)),
        ((mm(12.5, Plane.DETECTOR),), "B", (Flag.ISLAND_EQUIVOCAL, Flag.UNCALIBRATED)),
        ((mm(11, Plane.UNKNOWN),), "A B", (Flag.UNCALIBRATED,)),
        ((hips.drawn(),), "A B", (Flag.UNCALIBRATED, Flag.ISLAND_LENGTH_MISSING)),
        # 11.4 mm at the detector is less than 1 cm, and yet the greater number of the two.
        ((mm(11.2), mm(11.4, Plane.DETECTOR)), "B", ()),
        ((mm(7), mm(12, Plane.DETECTOR)), "A B", (Flag.UNCALIBRATED,)),
        ((mm(12, Plane.DETECTOR), mm(12, Plane.DETECTOR)), "A B", (Flag.UNCALIBRATED,)),
    ],
)
def test_islands_off_the_patient_plane(
    lengths: tuple[Length, ...], della_valle: str, flags: tuple[Flag, ...]
) -> None:
    """Islands follow the same rule, each in its own plane; one that surely reaches 1 cm decides."""
    graded = hips.grade(with_islands(*lengths))

    expected = {"brooker": ("I",), "della_valle": tuple(della_valle.split())}
    assert (hips.possible(graded), graded.flags) == (expected, flags)
