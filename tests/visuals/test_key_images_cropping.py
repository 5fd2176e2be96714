"""What part of an image is shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.findings import Place
from hosr.pixels.frames import Crop
from hosr.study import ImageReference
from hosr.visuals.key_images import crop_of, is_inside, picture_size
from hosr.visuals.marks import KeyImage, Mark, MarkKind
from hosr.vocabulary.terms import Side, View
from tests.visuals.pictures import image_of

HERE = Place(sop_instance_uid="1.2.3")


def _mark(*points: tuple[float, float], kind: MarkKind = MarkKind.GAP) -> Mark:
    return Mark(kind=kind, side=Side.RIGHT, place=HERE, points=points)


def _crop(*marks: Mark, view: View = View.AP_PELVIS, aspect: float = 1, **given: Any) -> Crop:
    return crop_of(image_of(**given), aspect, view, Side.RIGHT, marks)


SMALL = _mark((100.0, 100.0), (110.0, 110.0))


@pytest.mark.parametrize(
    ("crop", "expected"),
    [
        # 140 mm of pixels of 1 mm about (105, 105), moved toward the middle (200, 150).
        (
            _crop(SMALL, pixel_spacing_mm=(1.0, 1.0)),
            Crop(left=51, top=51, width=140, height=140),
        ),
        # Pixels twice as high as wide: half as many rows.
        (
            _crop(SMALL, pixel_spacing_mm=(2.0, 1.0), aspect=2),
            Crop(left=51, top=78, width=140, height=70),
        ),
        # No spacing: two fifths of a pelvis, four fifths of a hip.
        (_crop(SMALL), Crop(left=44, top=44, width=160, height=160)),
        (_crop(SMALL, view=View.AP_HIP), Crop(left=0, top=0, width=320, height=300)),
        # A spacing that would show a scrap, or more than there is.
        (_crop(SMALL, pixel_spacing_mm=(50.0, 50.0)), Crop(left=74, top=74, width=80, height=80)),
        (_crop(SMALL, pixel_spacing_mm=(0.1, 0.1)), Crop(left=0, top=0, width=400, height=300)),
        # Large marks take at most as much as leaves the anatomy to be recognised.
        (
            _crop(_mark((20.0, 150.0), (120.0, 150.0)), pixel_spacing_mm=(2.0, 2.0)),
            Crop(left=1, top=60, width=180, height=180),
        ),
        # Nothing marked: the half of the pelvis, or all there is.
        (_crop(), Crop(left=0, top=10, width=200, height=280)),
        (_crop(patient_orientation=("R", "F")), Crop(left=200, top=10, width=200, height=280)),
        (_crop(patient_orientation=None), Crop(left=0, top=0, width=400, height=300)),
        (_crop(view=View.AP_HIP), Crop(left=0, top=0, width=400, height=300)),
        (_crop(columns=401), Crop(left=0, top=9, width=201, height=282)),
        # A calibration object does not draw the picture to itself.
        (
            _crop(_mark((390.0, 290.0), (399.0, 290.0), kind=MarkKind.CALIBRATION)),
            Crop(left=0, top=10, width=200, height=280),
        ),
    ],
)
def test_a_crop(crop: Crop, expected: Crop) -> None:
    """The joint is shown at a size at which it is recognised."""
    assert crop == expected


@pytest.mark.parametrize(
    ("crop", "aspect", "expected"),
    [
        (Crop(left=0, top=0, width=800, height=400), 1.0, (800, 400)),
        (Crop(left=0, top=0, width=4000, height=2000), 1.0, (1000, 500)),
        (Crop(left=0, top=0, width=100, height=50), 1.0, (600, 300)),
        (Crop(left=0, top=0, width=400, height=400), 2.0, (400, 800)),
        (Crop(left=0, top=0, width=400, height=400), 0.5, (600, 300)),
        (Crop(left=0, top=0, width=1, height=5000), 1.0, (1, 1000)),
    ],
)
def test_the_size_of_a_picture(crop: Crop, aspect: float, expected: tuple[int, int]) -> None:
    """Pixels of a picture are square, and its longer side is neither tiny nor huge."""
    assert picture_size(crop, aspect) == expected


@st.composite
def _scenes(draw: st.DrawFn) -> tuple[ImageReference, float, tuple[Mark, ...]]:
    sizes = st.integers(1, 5000)
    rows, columns = draw(sizes), draw(sizes)
    spacing = st.floats(0.001, 100)
    image = image_of(
        rows=rows,
        columns=columns,
        pixel_spacing_mm=draw(st.none() | st.tuples(spacing, spacing)),
        patient_orientation=draw(st.sampled_from([None, ("L", "F"), ("R", "F"), ("A", "F")])),
    )
    points = st.tuples(st.floats(0, columns, width=32), st.floats(0, rows, width=32))
    marks = draw(st.lists(st.lists(points, min_size=1, max_size=5), max_size=4))
    return image, draw(st.floats(0.1, 10)), tuple(_mark(*points) for points in marks)


@given(_scenes(), st.sampled_from(View), st.sampled_from(Side))
def test_any_crop_holds_its_marks(
    scene: tuple[ImageReference, float, tuple[Mark, ...]], view: View, side: Side
) -> None:
    """A crop lies in its image and is not empty; every mark lies in the picture of it."""
    image, aspect, marks = scene
    crop = crop_of(image, aspect, view, side, marks)
    assert min(crop.left, crop.top) >= 0
    assert min(crop.width, crop.height) >= 1
    assert crop.left + crop.width <= image.columns
    assert crop.top + crop.height <= image.rows
    width, height = picture_size(crop, aspect)
    assert min(width, height) >= 1
    assert 600 <= max(width, height) <= 1000
    picture = KeyImage(
        side=side, place=HERE, crop=crop, width=width, height=height, png=b"", marks=marks
    )
    for mark in marks:
        assert is_inside(mark, crop)
        for x, y in map(picture.project, mark.points):
            assert -0.001 <= x <= width + 0.001
            assert -0.001 <= y <= height + 0.001


def test_points_are_projected() -> None:
    """A point of the image goes where it is seen: corners to corners, the middle to the middle."""
    crop = Crop(left=100, top=50, width=200, height=100)
    picture = KeyImage(
        side=Side.LEFT, place=HERE, crop=crop, width=600, height=500, png=b"", marks=()
    )
    assert picture.project((100.0, 50.0)) == (0, 0)
    assert picture.project((300.0, 150.0)) == (600, 500)
    assert picture.project((200.0, 100.0)) == (300, 250)
    assert picture.project((99.5, 151.0)) == (-1.5, 505)
