"""A part of a frame as a screen shows it: 8-bit greys, or red, green and blue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.pixels.processing import apply_color_lut

from hosr.pixels.frames import CANNOT_DECODE, UNKNOWN_COLOURS, Undrawable
from hosr.pixels.rendering import Padding, shade
from hosr.pixels.shutter import seen_through

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from hosr.pixels.display_pipeline import ImageDisplay
    from hosr.pixels.frames import Crop, Frame


def draw(frame: Frame, display: ImageDisplay, crop: Crop) -> NDArray[np.uint8]:
    """The part of a frame that is shown, (height, width) or (height, width, 3).

    Raises Undrawable for colours of a kind that is not drawn.
    """
    bottom, right = crop.top + crop.height, crop.left + crop.width
    samples = frame.samples[crop.top : bottom, crop.left : right]
    if display.is_grayscale and samples.ndim == 2:
        return _shuttered(samples, frame.data_set, display, crop)
    if frame.photometric_interpretation == "RGB" and samples.ndim == 3:
        return _narrowed(samples, frame.bits_stored)
    if frame.photometric_interpretation == "PALETTE COLOR" and samples.ndim == 2:
        return _coloured(samples, frame.data_set)
    raise Undrawable(UNKNOWN_COLOURS)


def _shuttered(
    samples: NDArray[Any], data_set: Dataset, display: ImageDisplay, crop: Crop
) -> NDArray[np.uint8]:
    """Greys, and the one of the shutter where it covers them."""
    padding, shutter = _padding(data_set), display.shutter
    if shutter is None:
        return shade(samples, display, padding)
    seen = seen_through(shutter, crop, display.aspect[0] / display.aspect[1])
    greys = shade(samples, display, padding, seen)
    greys[~seen] = min(max(shutter.grey, 0) >> 8, 255)
    return greys


def _narrowed(samples: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """The upper 8 bits of samples of so many."""
    narrowed: NDArray[np.uint8] = (samples >> max(0, bits - 8)).astype(np.uint8)
    return narrowed


def _coloured(samples: NDArray[Any], data_set: Dataset) -> NDArray[np.uint8]:
    try:
        colours = apply_color_lut(samples, data_set)
    except Exception:  # noqa: BLE001 (pydicom throws of every kind on damaged palettes)
        raise Undrawable(CANNOT_DECODE) from None
    return _narrowed(colours[..., :3], 8 * colours.dtype.itemsize)


def _padding(data_set: Dataset) -> Padding | None:
    """The values that are no image; those of stored values, so before any rescale."""
    for prefix in ("Float", "DoubleFloat", ""):
        value = _number(data_set, f"{prefix}PixelPaddingValue")
        if value is not None:
            limit = _number(data_set, f"{prefix}PixelPaddingRangeLimit")
            ends = (value, value if limit is None else limit)
            return Padding(lower=min(ends), upper=max(ends))
    return None


def _number(data_set: Dataset, keyword: str) -> float | None:
    try:
        return float(data_set.get(keyword))
    except Exception:  # noqa: BLE001 (absent, empty, several, or damaged in any manner)
        return None
