"""A part of a frame as a screen shows it: 8-bit greys, or red, green and blue.

    stored values -> Modality LUT or rescale -> VOI LUT or window -> polarity (PS3.4 Annex N.2)
                  -> shutter (PS3.3 section C.7.6.11)

An image that names no window is shown from its darkest to its brightest tissue: what is stored
at the very ends of the scale, collimated borders and burnt air, does not count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut

from hosr.pixels.display_pipeline import ImageDisplay, LookupTable, Rescale, Shutter, Window
from hosr.pixels.frames import CANNOT_DECODE, UNKNOWN_COLOURS, Crop, Frame, Undrawable

Floats = NDArray[np.float64]
Greys = NDArray[np.uint8]
Seen = NDArray[np.bool_]


# Values are looked up in a table of all that may occur, as long as that is no larger than this.
_MOST_ENTRIES = 1 << 17

# The share of the values shown that is taken for noise at either end, and that from which a
# single value at an end is taken for a border.
_NOISE_PERCENT = 0.5
_BORDER = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Padding:
    """Stored values that are no image (PS3.3 section C.7.5.1.1.2): from the lower to the upper."""

    lower: float
    upper: float


def draw(frame: Frame, display: ImageDisplay, crop: Crop) -> Greys:
    """The part of a frame that is shown, (height, width) or (height, width, 3).

    Raises Undrawable for colours of a kind that is not drawn.
    """
    samples = samples_of(frame, crop)
    if display.is_grayscale and samples.ndim == 2:
        return _shuttered(samples, frame.data_set, display, crop)
    if frame.photometric_interpretation == "RGB" and samples.ndim == 3:
        return _narrowed(samples, frame.bits_stored)
    if frame.photometric_interpretation == "PALETTE COLOR" and samples.ndim == 2:
        return _coloured(samples, frame.data_set)
    raise Undrawable(UNKNOWN_COLOURS)


def samples_of(frame: Frame, crop: Crop) -> NDArray[Any]:
    """The stored values of a part of a frame."""
    bottom, right = crop.top + crop.height, crop.left + crop.width
    part: NDArray[Any] = frame.samples[crop.top : bottom, crop.left : right]
    return part


def _shuttered(
    samples: NDArray[Any], data_set: Dataset, display: ImageDisplay, crop: Crop
) -> Greys:
    """Greys, and the one of the shutter where it covers them."""
    shutter, seen = display.shutter, seen_of(display, crop)
    greys = shade(samples, display, padding_of(data_set), seen)
    if shutter is None or seen is None:
        return greys
    greys[~seen] = min(max(shutter.grey, 0) >> 8, 255)
    return greys


def _narrowed(samples: NDArray[Any], bits: int) -> Greys:
    """The upper 8 bits of samples of so many."""
    narrowed: Greys = (samples >> max(0, bits - 8)).astype(np.uint8)
    return narrowed


def _coloured(samples: NDArray[Any], data_set: Dataset) -> Greys:
    try:
        colours = apply_color_lut(samples, data_set)
    except Exception:  # noqa: BLE001 (pydicom throws of every kind on damaged palettes)
        raise Undrawable(CANNOT_DECODE) from None
    return _narrowed(colours[..., :3], 8 * colours.dtype.itemsize)


def seen_of(display: ImageDisplay, crop: Crop) -> Seen | None:
    """Which pixels of a part of an image are seen; None where there is no shutter."""
    if display.shutter is None:
        return None
    return seen_through(display.shutter, crop, display.aspect[0] / display.aspect[1])


def padding_of(data_set: Dataset) -> Padding | None:
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


def shade(
    stored: NDArray[Any],
    display: ImageDisplay,
    padding: Padding | None = None,
    seen: Seen | None = None,
) -> Greys:
    """The greys of stored values; what is padding, or no number, is black.

    Where a window has to be found, it is that of the pixels `seen`, of all of them if None.
    """
    counted = count_values(stored, seen)
    is_image = counted.are_image(padding)
    shown = rescaled(np.where(is_image, counted.values, 0), display)
    if display.voi is None:
        window = spanning_window(np.repeat(shown[is_image], counted.counts[is_image]))
        display = replace(display, voi=window)
    greys = greys_of(shown, display)
    greys[~is_image] = 0
    return greys if counted.places is None else greys[counted.places]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Stored values, and how often each is seen; `places` of the pixels in them, None where it is their own."""

    values: Floats
    counts: NDArray[np.intp]
    places: NDArray[np.intp] | None = None

    def are_image(self, padding: Padding | None) -> Seen:
        """Which values are numbers and no padding."""
        is_image: Seen = np.isfinite(self.values)
        if padding is not None:
            is_image &= (self.values < padding.lower) | (self.values > padding.upper)
        return is_image


def count_values(stored: NDArray[Any], seen: Seen | None = None) -> Counted:
    """All values that may occur where they are whole and not too many, else those of each pixel."""
    if stored.dtype.kind in "iu":
        low, high = int(stored.min()), int(stored.max())
        if high - low < _MOST_ENTRIES:
            places = stored.astype(np.intp) - low
            entries = np.arange(low, high + 1, dtype=np.float64)
            counted = places.ravel() if seen is None else places[seen]
            counts = np.bincount(counted, minlength=entries.size)
            return Counted(values=entries, counts=counts, places=places)
    values = stored.astype(np.float64)
    counts = np.ones(values.shape, np.intp) if seen is None else seen.astype(np.intp)
    return Counted(values=values, counts=counts)


def rescaled(stored: Floats, display: ImageDisplay) -> Floats:
    """Stored values behind the Modality LUT or rescale."""
    modality = display.modality
    if isinstance(modality, Rescale):
        return stored * modality.slope + modality.intercept
    if isinstance(modality, LookupTable):
        return _entries(stored, modality)
    return stored


def greys_of(values: Floats, display: ImageDisplay) -> Greys:
    """Values behind the rescale as the greys of a screen; one grey for all without any window."""
    voi = display.voi
    if isinstance(voi, LookupTable):
        brightness = _entries(values, voi) / ((1 << voi.bits) - 1)
    elif voi is not None:
        brightness = _windowed(values, voi)
    else:
        brightness = np.full_like(values, 0.5)
    brightness = np.clip(brightness, 0.0, 1.0)
    if display.is_inverse:
        brightness = 1.0 - brightness
    return np.rint(brightness * 255).astype(np.uint8)


def _entries(values: Floats, table: LookupTable) -> Floats:
    """The entries for values; below the first input it is the first, above the last the last."""
    entries = np.asarray(table.values, dtype=np.float64)
    places = np.clip(np.rint(values) - table.first, 0, entries.size - 1)
    found: Floats = entries[places.astype(np.intp)]
    return found


def _windowed(values: Floats, window: Window) -> Floats:
    """PS3.3 sections C.11.2.1.2.1 and C.11.2.1.3."""
    center, width = window.center, window.width
    if window.function == "SIGMOID":
        return 1 / (1 + np.exp(np.clip(-4 * (values - center) / width, -700, 700)))
    if window.function == "LINEAR":
        center, width = center - 0.5, width - 1
    if not width:
        return (values > center).astype(np.float64)
    return (values - center) / width + 0.5


def spanning_window(seen: Floats) -> Window | None:
    """The window from the darkest to the brightest tissue; None where all is the same."""
    low, high = _ends(seen)
    if not (high > low and math.isfinite(high - low)):
        return None
    return Window(center=(low + high) / 2, width=high - low, function="LINEAR_EXACT")


def _ends(seen: Floats) -> tuple[float, float]:
    if not seen.size:
        return 0.0, 0.0
    least, most = float(seen.min()), float(seen.max())
    inner = seen
    for end in (least, most):
        at_end = seen == end
        if at_end.mean() >= _BORDER:
            inner = inner[inner != end]
    if not inner.size or inner.min() == inner.max():
        return least, most
    low, high = np.percentile(inner, (_NOISE_PERCENT, 100 - _NOISE_PERCENT))
    return float(low), float(high)


def seen_through(shutter: Shutter, crop: Crop, aspect: float) -> Seen:
    """Which pixels of a part of an image no shape of the shutter covers.

    Rows and columns of a shutter count from 1; `aspect` is the height of a pixel to its width.
    """
    parts = dict(shutter.parts)
    rows = np.arange(crop.top + 1, crop.top + crop.height + 1)[:, None]
    columns = np.arange(crop.left + 1, crop.left + crop.width + 1)[None, :]
    seen = np.ones((crop.height, crop.width), np.bool_)
    if "RECTANGULAR" in shutter.shapes:
        seen &= (columns >= parts["ShutterLeftVerticalEdge"][0]) & (
            columns <= parts["ShutterRightVerticalEdge"][0]
        )
        seen &= (rows >= parts["ShutterUpperHorizontalEdge"][0]) & (
            rows <= parts["ShutterLowerHorizontalEdge"][0]
        )
    if "CIRCULAR" in shutter.shapes:
        row, column = parts["CenterOfCircularShutter"]
        distances = np.hypot((rows - row) * aspect, columns - column)
        seen &= distances <= parts["RadiusOfCircularShutter"][0]
    if "POLYGONAL" in shutter.shapes:
        seen &= _inside(parts["VerticesOfThePolygonalShutter"], crop)
    return seen


def _inside(vertices: tuple[int, ...], crop: Crop) -> Seen:
    corners = [
        (column - 1 - crop.left, row - 1 - crop.top)
        for row, column in zip(vertices[::2], vertices[1::2], strict=True)
    ]
    mask = Image.new("1", (crop.width, crop.height))
    ImageDraw.Draw(mask).polygon(corners, fill=1)
    return np.asarray(mask, dtype=np.bool_)
