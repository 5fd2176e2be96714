"""Points of the patient among the slices of a volume."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.measure.length import in_patient_mm
from hosr.measure.slices import Slices, normal_of, seen_from
from hosr.measure.spacing import FrameGeometry
from tests.drawn import drawn

_ROWS, _COLUMNS = 40, 30
_TILT = math.radians(20)
_ORIENTATIONS: dict[str, tuple[float, float, float, float, float, float]] = {
    "axial": (1, 0, 0, 0, 1, 0),
    "coronal": (1, 0, 0, 0, 0, -1),
    "feet first, prone": (-1, 0, 0, 0, -1, 0),
    "oblique": (1, 0, 0, 0, math.cos(_TILT), math.sin(_TILT)),
}


def _frame(orientation: str = "axial", height_mm: float = 0.0) -> FrameGeometry:
    first = FrameGeometry(
        position_mm=(-20.0, -30.0, 40.0),
        orientation=_ORIENTATIONS[orientation],
        pixel_spacing_mm=(0.5, 0.8),
    )
    x, y, z = (
        at + height_mm * along
        for at, along in zip(first.position_mm, normal_of(first), strict=True)
    )
    return FrameGeometry(
        position_mm=(x, y, z), orientation=first.orientation, pixel_spacing_mm=(0.5, 0.8)
    )


@drawn(20)
@given(
    st.sampled_from(sorted(_ORIENTATIONS)),
    st.tuples(st.floats(0, _COLUMNS), st.floats(0, _ROWS)),
    st.floats(-50, 50),
)
def test_a_point_is_seen_where_it_lies(
    orientation: str, point: tuple[float, float], height_mm: float
) -> None:
    """A point of a slice, moved off it at a right angle, is seen at its column and row and height."""
    frame = _frame(orientation)
    x, y, z = (
        at + height_mm * along
        for at, along in zip(in_patient_mm(point, frame), normal_of(frame), strict=True)
    )
    seen = seen_from((x, y, z), frame)
    assert seen.point == pytest.approx(point, abs=1e-6)
    assert seen.height_mm == pytest.approx(height_mm, abs=1e-6)


@pytest.mark.parametrize(
    ("heights", "gap"),
    [
        ((0.0, 2.0, 4.0), 2.0),
        ((4.0, 0.0, 2.0), 2.0),
        ((0.0, 2.0, 4.0, 10.0), 2.0),
        ((0.0, 0.0, 3.0), 3.0),
        ((1.0,), 0.8),
    ],
)
def test_most_slices_lie_so_far_apart(heights: tuple[float, ...], gap: float) -> None:
    """In any order, with one missing, with one given twice; of one slice the width of its pixels."""
    frames = tuple(_frame(height_mm=height) for height in heights)
    slices = Slices(frames=frames, rows=_ROWS, columns=_COLUMNS)
    assert slices.gap_mm == pytest.approx(gap)


@pytest.mark.parametrize("orientation", sorted(_ORIENTATIONS))
@pytest.mark.parametrize(
    ("point", "height_mm", "outside"),
    [
        ((15.0, 20.0), 0.0, 0.0),
        ((15.0, 20.0), -1.0, 0.0),
        ((15.0, 20.0), 5.0, 0.0),
        ((15.0, 20.0), 5.5, 0.5),
        ((0.0, 0.0), 3.0, 0.0),
        ((-1.25, 20.0), 3.0, 0.0),
        ((-2.5, 20.0), 3.0, 1.0),
        ((30.0, 46.0), 3.0, 2.0),
        ((35.0, 20.0), 8.0, math.hypot(3.0, 3.0)),
    ],
)
def test_slices_cover_half_a_slice_more(
    orientation: str, point: tuple[float, float], height_mm: float, outside: float
) -> None:
    """Three slices 2 mm apart, and 1 mm on all sides: beyond it the distance to that is told."""
    frame = _frame(orientation)
    frames = tuple(_frame(orientation, height) for height in (0.0, 2.0, 4.0))
    x, y, z = (
        at + height_mm * along
        for at, along in zip(in_patient_mm(point, frame), normal_of(frame), strict=True)
    )
    slices = Slices(frames=frames, rows=_ROWS, columns=_COLUMNS)
    assert slices.outside_mm((x, y, z)) == pytest.approx(outside, abs=1e-6)
