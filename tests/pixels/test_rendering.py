"""Stored values to greys, by the formulas of PS3.3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from hosr.pixels.display_pipeline import ImageDisplay, LookupTable, Rescale, Window
from hosr.pixels.rendering import Padding, shade

if TYPE_CHECKING:
    from numpy.typing import NDArray

VALUES = np.array([[-2000, -1, 0, 1, 99, 100, 101, 150, 200, 4000]], np.int16)
WINDOW = Window(center=100, width=101)


def _greys(
    display: ImageDisplay, values: NDArray[np.generic] = VALUES, padding: Padding | None = None
) -> list[int]:
    return [int(grey) for grey in shade(values, display, padding).ravel()]


def _display(**given: object) -> ImageDisplay:
    plain = {"photometric_interpretation": "MONOCHROME2", **given}
    return ImageDisplay(**plain)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("display", "expected"),
    [
        # PS3.3 section C.11.2.1.2.1: 0 up to 49.5, 1 from 149.5 on.
        (_display(voi=WINDOW), [0, 0, 0, 0, 126, 129, 131, 255, 255, 255]),
        # Section C.11.2.1.3.2: 0 up to 49.5, 1 from 150.5 on.
        (
            _display(voi=Window(center=100, width=101, function="LINEAR_EXACT")),
            [0, 0, 0, 0, 125, 128, 130, 254, 255, 255],
        ),
        # Section C.11.2.1.3.1: a half at the centre.
        (
            _display(voi=Window(center=100, width=101, function="SIGMOID")),
            [0, 5, 5, 5, 125, 128, 130, 224, 250, 255],
        ),
        # A width of 1 tells apart what lies below and above.
        (_display(voi=Window(center=100, width=1)), [0, 0, 0, 0, 0, 255, 255, 255, 255, 255]),
        # The lowest value is white.
        (
            _display(voi=WINDOW, photometric_interpretation="MONOCHROME1"),
            [255, 255, 255, 255, 129, 126, 124, 0, 0, 0],
        ),
        # The window is of rescaled values.
        (
            _display(voi=WINDOW, modality=Rescale(slope=-1, intercept=100, unit="US")),
            [255, 131, 129, 126, 0, 0, 0, 0, 0, 0],
        ),
        # Tables end as they begin; a window is of the output of a Modality LUT.
        (
            _display(voi=WINDOW, modality=LookupTable(first=99, bits=8, values=(10, 100, 250))),
            [0, 0, 0, 0, 0, 129, 255, 255, 255, 255],
        ),
        (
            _display(voi=LookupTable(first=0, bits=10, values=(1023, 511, 0))),
            [255, 255, 255, 127, 0, 0, 0, 0, 0, 0],
        ),
    ],
)
def test_a_pipeline_that_the_header_gives(display: ImageDisplay, expected: list[int]) -> None:
    """Values become the greys of the standard's formulas."""
    assert _greys(display) == expected


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.float32, np.float64])
def test_the_kind_of_number_does_not_matter(kind: Any) -> None:
    """The same values give the same greys, in a table or one by one."""
    values: NDArray[Any] = VALUES.astype(kind)
    values[0, -1] = 4_000_000
    assert _greys(_display(voi=WINDOW), values) == _greys(_display(voi=WINDOW))


def test_what_is_no_number_is_black() -> None:
    """Infinite values and those that are no number are no image, white or black."""
    values: NDArray[np.float64] = np.array([[np.nan, np.inf, -np.inf, 100.0]])
    assert _greys(_display(voi=WINDOW), values) == [0, 0, 0, 129]
    inverse = _display(voi=WINDOW, photometric_interpretation="MONOCHROME1")
    assert _greys(inverse, values) == [0, 0, 0, 126]


@pytest.mark.parametrize("photometric_interpretation", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black(photometric_interpretation: str) -> None:
    """Stored values from the padding value to its limit are black, whatever the polarity."""
    display = _display(voi=WINDOW, photometric_interpretation=photometric_interpretation)
    plain = _greys(display)
    assert _greys(display, padding=Padding(lower=-2000, upper=-2000)) == [0, *plain[1:]]
    assert _greys(display, padding=Padding(lower=99, upper=200)) == [*plain[:4], *[0] * 5, plain[9]]


def _tissue() -> NDArray[np.uint16]:
    """A film: tissue from 400 to 599 between a black border and burnt air, and a few odd pixels."""
    film = np.empty((100, 200), np.uint16)
    film[:] = 400 + np.arange(200)
    film[:, :40] = 0
    film[:, 180:] = 4095
    film[50, 50:53] = (1, 2000, 3000)
    return film


@pytest.mark.parametrize("padding", [None, Padding(lower=0, upper=0)])
def test_without_a_window_the_tissue_is_seen(padding: Padding | None) -> None:
    """An image without a window spans the greys from its darkest to its brightest tissue."""
    greys = shade(_tissue(), _display(), padding)
    row = greys[0]
    assert row[:40].max() == 0
    assert row[180:].min() == 255
    assert row[42] <= 4
    assert row[177] >= 250
    assert (np.diff(row[40:180].astype(int)) >= 0).all()


def test_without_a_window_the_modality_counts() -> None:
    """The range is that of rescaled values: a negative slope turns dark and bright round."""
    inverse = _display(modality=Rescale(slope=-2, intercept=100, unit="US"))
    np.testing.assert_allclose(
        shade(_tissue(), inverse)[0].astype(int),
        255 - shade(_tissue(), _display())[0].astype(int),
        atol=1,
    )


@pytest.mark.parametrize("value", [0, 7, 65535])
def test_a_constant_image_is_grey(value: int) -> None:
    """An image of one value, without a window, is neither black nor white."""
    assert set(_greys(_display(), np.full((4, 4), value, np.uint16))) == {128}


def test_an_image_of_two_values_is_black_and_white() -> None:
    """Where all values lie at the ends, the ends are shown."""
    assert _greys(_display(), np.array([[0, 1], [1, 0]], np.uint8)) == [0, 255, 255, 0]


def test_an_image_of_padding_alone_is_black() -> None:
    """Where no value is an image, all is black."""
    values = np.full((2, 2), 5, np.int16)
    assert _greys(_display(), values, Padding(lower=5, upper=5)) == [0, 0, 0, 0]
