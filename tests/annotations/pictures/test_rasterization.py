"""An outline as a mask: its half-filled contour is the outline, wherever it lies between the pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from hosr.annotations.pictures.rasterization import (
    as_mask,
    crosses_itself,
    fill,
    grown,
    on_image,
    runs_through_pixels,
)
from hosr.annotations.pictures.sheets import Sheet
from hosr.annotations.sources import Label
from hosr.findings import Place
from tests.annotations.pictures.given import COLUMNS, ROWS, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHEET = Sheet(place=Place(sop_instance_uid="1.2"), columns=COLUMNS, rows=ROWS, size=None)
HO = Label(name="HO")


def _filled(*rings: list[tuple[float, float]]) -> NDArray[Any]:
    return whole(fill(rings, SHEET, HO, "here"))


def _contour(cells: NDArray[Any]) -> NDArray[Any]:
    """Where the half-filled contour passes between the centres of pixels: (column, row)."""
    found = []
    for axis in (0, 1):
        before = cells[:-1] if axis == 0 else cells[:, :-1]
        behind = cells[1:] if axis == 0 else cells[:, 1:]
        row, column = np.nonzero((before > 0.5) != (behind > 0.5))
        a, b = before[row, column], behind[row, column]
        at = np.stack([row, column]) + 0.5
        at[axis] += (0.5 - a) / (b - a)
        found.append(at[::-1].T)
    return np.concatenate(found)


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.25, 0.5, 0.8])
def test_the_contour_of_a_box_is_where_its_sides_are(shift: float) -> None:
    """At any place between two pixels, and away from the corners, to a hundredth of a pixel."""
    left, top, right, bottom = 20 + shift, 10 + shift, 50.5 + shift, 30.25 + shift
    cells = _filled([(left, top), (right, top), (right, bottom), (left, bottom)])

    at = _contour(cells)
    on_sides = at[(at[:, 1] > top + 2) & (at[:, 1] < bottom - 2)]
    on_ends = at[(at[:, 0] > left + 2) & (at[:, 0] < right - 2)]

    assert set(np.round(on_sides[:, 0], 2)) == {round(left, 2), round(right, 2)}
    assert set(np.round(on_ends[:, 1], 2)) == {round(top, 2), round(bottom, 2)}


def test_the_contour_of_a_tilted_ellipse_is_within_a_twentieth_of_a_pixel() -> None:
    """The mean of its offsets is none."""
    turns = np.arange(90) * 2 * math.pi / 90
    x, y = 24.3 * np.cos(turns), 9.7 * np.sin(turns)
    tilt = math.radians(33)
    ring = np.stack(
        [
            60.2 + x * math.cos(tilt) - y * math.sin(tilt),
            40.7 + x * math.sin(tilt) + y * math.cos(tilt),
        ]
    ).T
    at = _contour(_filled([(float(c), float(r)) for c, r in ring])) - (60.2, 40.7)
    u = at @ (math.cos(tilt), math.sin(tilt))
    v = at @ (-math.sin(tilt), math.cos(tilt))
    level = np.hypot(u / 24.3, v / 9.7)
    slope = np.hypot(u / 24.3**2, v / 9.7**2) / level

    off = (level - 1) / slope

    assert np.abs(off).max() < 0.05
    assert abs(off.mean()) < 0.02


def test_a_mask_is_cut_to_the_box_that_holds_it_and_one_outside_is_empty() -> None:
    """The origin counts rows, then columns."""
    mask = fill([[(20, 10), (30, 10), (30, 15), (20, 15)]], SHEET, HO, "here")
    empty = as_mask(np.zeros((ROWS, COLUMNS), bool), (0, 0), SHEET, HO, "here")

    # A pixel whose centre lies half a pixel outside is a quarter full, so that one more is held.
    assert (mask.origin, mask.occupancy.shape) == ((9, 19), (7, 12))
    assert mask.occupancy.sum() == pytest.approx(50, rel=0.05)
    assert (mask.occupancy.dtype, empty.occupancy.size) == (np.dtype(np.float32), 0)


def test_two_outlines_of_one_object_that_share_a_side_leave_no_seam() -> None:
    """Their half-filled pixels add up."""
    cells = _filled(
        [(20, 10), (30, 10), (30, 20), (20, 20)], [(30, 10), (40, 10), (40, 20), (30, 20)]
    )

    assert (cells[12:18, 22:38] == 1).all()


def test_an_outline_at_the_edge_of_the_image_fills_to_the_edge() -> None:
    """Nothing is written beyond it."""
    cells = _filled([(110, 70), (COLUMNS, 70), (COLUMNS, ROWS), (110, ROWS)])

    assert cells[75, 115] == 1
    assert cells[79, 119] > 0.5
    assert cells[:68].sum() == 0


@pytest.mark.parametrize(
    ("ring", "crosses"),
    [
        ([(0, 0), (10, 0), (10, 10), (0, 10)], False),
        ([(0, 0), (10, 10), (10, 0), (0, 10)], True),
        ([(0, 0), (10, 0), (10, 0), (10, 10), (0, 10)], False),
        ([(0, 0), (4, 0), (8, 0), (8, 8), (0, 8)], False),
    ],
)
def test_an_outline_that_crosses_itself_is_found(
    ring: list[tuple[float, float]], crosses: bool
) -> None:
    """Corners that stand twice, and sides that go on straight, cross nothing."""
    assert crosses_itself(ring) is crosses


def _border_of_disc() -> list[tuple[float, float]]:
    """As findContours of OpenCV goes round a disc of radius 20: pixel by pixel, corners alone."""
    row, column = np.mgrid[:ROWS, :COLUMNS]
    inside = (row - 40) ** 2 + (column - 60) ** 2 <= 20**2
    at, found = (20, 60), [(60.0, 20.0)]  # the first pixel of the disc: row, column
    turns = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]
    heading = 0
    while len(found) < 2 or found[-1] != found[0]:
        for turn in range(heading - 2, heading + 6):
            step = turns[turn % 8]
            after = (at[0] + step[0], at[1] + step[1])
            if inside[after]:
                at, heading = after, turn
                found.append((float(at[1]), float(at[0])))
                break
    return found[:-1]


def test_an_outline_through_border_pixels_is_known_and_grown() -> None:
    """Taken as edges a disc of 1257 pixels has 1207, grown by half a pixel all of them."""
    border = _border_of_disc()
    moved = [(column + 0.5, row + 0.5) for column, row in border]

    as_edges = whole(fill([border], SHEET, HO, "here"))
    as_pixels = whole(fill([moved], SHEET, HO, "here", growth=0.5))

    assert runs_through_pixels(border)
    assert not runs_through_pixels([(x + 0.3, y) for x, y in border])
    assert not runs_through_pixels(border[:8])
    assert as_edges.sum() == pytest.approx(1207, abs=12)
    assert as_pixels.sum() == pytest.approx(1257, abs=12)
    at = _contour(as_pixels)
    assert np.hypot(at[:, 0] - 60.5, at[:, 1] - 40.5).mean() == pytest.approx(20.1, abs=0.15)


def test_a_round_outline_grows_from_its_middle() -> None:
    """As the ball of a calibration."""
    assert grown([(10, 0), (0, 10), (-10, 0), (0, -10)], 0.5) == [
        (10.5, 0), (0, 10.5), (-10.5, 0), (0, -10.5),
    ]  # fmt: skip


def test_a_picture_of_half_size_lies_on_its_image_with_its_contour_in_place() -> None:
    """Pixels of a picture that was resized: edges come out between the centres of its pixels."""
    sheet = Sheet(
        place=SHEET.place, columns=COLUMNS, rows=ROWS, size=(70, 40), scale=(2.0, 2.0), offset=(5, 0)
    )  # fmt: skip
    picture = np.zeros((40, 70), bool)
    picture[10:20, 15:35] = True

    at = _contour(on_image(picture, sheet))

    assert (at[:, 0].min(), at[:, 0].max()) == pytest.approx((20, 60), abs=0.01)
    assert (at[:, 1].min(), at[:, 1].max()) == pytest.approx((20, 40), abs=0.01)
