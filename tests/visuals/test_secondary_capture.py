"""The pictures as DICOM images: the same pixels, and where they came from."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from hosr.composite import Encoded
from hosr.pixels.frames import Crop
from hosr.visuals.marks import KeyImage, Missing
from hosr.visuals.secondary_capture import secondary_captures
from hosr.vocabulary.terms import Side
from tests.composite.outline import as_text, read
from tests.narrative.cases import PLACE
from tests.visuals.objects import marked_report

BOTH = (Side.RIGHT, Side.LEFT)


def _png(width: int, height: int) -> bytes:
    """A picture in which every pixel has another colour."""
    picture = Image.new("RGB", (width, height))
    picture.putdata([(x, y, 7) for y in range(height) for x in range(width)])
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _picture(side: Side) -> KeyImage:
    return KeyImage(
        side=side,
        place=PLACE,
        crop=Crop(left=0, top=0, width=100, height=100),
        width=7,
        height=5,
        png=_png(7, 5),
        marks=(),
    )


def _captures(width: int = 7, height: int = 5) -> dict[Side, Encoded]:
    pictures = [_picture(side) for side in BOTH]
    files = dict.fromkeys(BOTH, _png(width, height))
    return dict(secondary_captures(marked_report(), pictures, files))


def test_the_whole_object_is_as_agreed(compare_golden: Callable[[str, str], None]) -> None:
    """Every element of the picture of a right hip."""
    compare_golden("objects/secondary_capture.txt", as_text(read(_captures()[Side.RIGHT])))


@pytest.mark.parametrize(("width", "height"), [(7, 5), (8, 5), (1, 1)])
def test_the_pixels_are_those_of_the_picture(width: int, height: int) -> None:
    """Every pixel comes back, of pictures with an odd number of bytes as well."""
    dataset = read(_captures(width, height)[Side.LEFT])
    expected = [[[x, y, 7] for x in range(width)] for y in range(height)]

    assert (dataset.Rows, dataset.Columns) == (height, width)
    assert np.array_equal(dataset.pixel_array.reshape(height, width, 3), expected)
    assert len(dataset.PixelData) % 2 == 0


def test_both_hips_are_one_series() -> None:
    """Each picture is an instance, numbered in its series, with its side."""
    datasets = [read(encoded) for encoded in _captures().values()]

    assert [(each.InstanceNumber, each.ImageLaterality) for each in datasets] == [
        (1, "R"),
        (2, "L"),
    ]
    assert len({each.SeriesInstanceUID for each in datasets}) == 1
    assert len({each.SOPInstanceUID for each in datasets}) == 2


def test_no_spacing_is_claimed() -> None:
    """The picture was cut and scaled; nobody is to measure on it."""
    dataset = read(_captures()[Side.RIGHT])

    assert [keyword for keyword in dataset.dir() if "Spacing" in keyword] == []


def test_a_hip_without_a_picture_has_no_capture() -> None:
    """What could not be drawn is left out, and the other hip is there."""
    pictures: list[KeyImage | Missing] = [
        Missing(side=Side.RIGHT, reason="no pixels"),
        _picture(Side.LEFT),
    ]
    made = secondary_captures(marked_report(), pictures, {Side.LEFT: _png(7, 5)})

    assert [side for side, _ in made] == [Side.LEFT]


def test_another_picture_is_another_object() -> None:
    """The identity follows from the picture."""
    assert _captures() == _captures()
    assert _captures()[Side.LEFT].instance != _captures(8, 5)[Side.LEFT].instance
