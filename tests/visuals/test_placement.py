"""Words on a picture lie beside what they name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.visuals.placement import Box, place_label, text_box

PICTURE = Box(0.0, 0.0, 800.0, 800.0)
SIZE = (100.0, 30.0)

_coordinates = st.floats(0.0, 800.0)
_points = st.tuples(_coordinates, _coordinates)
_shapes = st.lists(_points, min_size=1, max_size=5)


def _samples(shape: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points of a closed outline, at its corners and along its edges."""
    return [
        (x + (other_x - x) * step / 10, y + (other_y - y) * step / 10)
        for (x, y), (other_x, other_y) in zip(shape, [*shape[1:], shape[0]], strict=True)
        for step in range(11)
    ]


@pytest.mark.parametrize(
    ("named", "box"),
    [
        pytest.param([(300, 400), (360, 420)], Box(375, 395, 475, 425), id="to the right"),
        pytest.param([(700, 400), (760, 420)], Box(585, 395, 685, 425), id="to the left"),
        pytest.param([(20, 400), (780, 420)], Box(350, 355, 450, 385), id="above"),
        pytest.param([(20, 10), (780, 420)], Box(350, 435, 450, 465), id="below"),
        pytest.param([(5, 5), (795, 795)], Box(700, 385, 800, 415), id="over it for want of room"),
    ],
)
def test_a_label_lies_beside_what_it_names(named: list[tuple[float, float]], box: Box) -> None:
    """To the right where there is room, else to the left, above or below."""
    assert place_label(SIZE, named, [named], [], PICTURE) == box


def test_a_label_gives_way() -> None:
    """It goes elsewhere where other words lie, or where it would cover another shape."""
    named = [(300.0, 400.0), (360.0, 420.0)]
    right, left = Box(375, 395, 475, 425), Box(185, 395, 285, 425)
    assert place_label(SIZE, named, [named], [right], PICTURE) == left
    across = [(400.0, 300.0), (400.0, 500.0)]
    assert place_label(SIZE, named, [named, across], [], PICTURE) == left
    assert place_label(SIZE, named, [named, across], [left], PICTURE) == Box(280, 355, 380, 385)


@given(_shapes, st.lists(_shapes, max_size=4), st.floats(1, 800), st.floats(1, 800))
def test_a_label_stays_in_the_picture(
    named: list[tuple[float, float]],
    others: list[list[tuple[float, float]]],
    width: float,
    height: float,
) -> None:
    """A label that is no larger than the picture never sticks out of it."""
    box = place_label((width, height), named, [named, *others], [], PICTURE)
    assert box.outside(PICTURE) < 0.001
    assert (box.right - box.left, box.bottom - box.top) == pytest.approx((width, height))


@given(_shapes)
def test_a_label_covers_nothing_where_there_is_room(named: list[tuple[float, float]]) -> None:
    """What is named stays visible if the label fits between it and an edge of the picture."""
    room = max(
        min(x for x, _ in named) - SIZE[0],
        800 - max(x for x, _ in named) - SIZE[0],
        min(y for _, y in named) - SIZE[1],
        800 - max(y for _, y in named) - SIZE[1],
    )
    box = place_label(SIZE, named, [named], [], PICTURE)
    if room > SIZE[1] / 2:
        assert [point for point in _samples(named) if box.holds(point)] == []


def test_the_box_of_a_text_grows_with_it() -> None:
    """A line of text takes its number of letters in width and a line in height."""
    assert text_box("10.0 mm", 20.0) == pytest.approx((86.8, 24.0))
    assert text_box("", 20.0) == (0.0, 24.0)
