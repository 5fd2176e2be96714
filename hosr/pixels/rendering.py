"""Stored values to the greys of a screen: the grayscale pipeline of an image, 8 bits wide.

    stored values -> Modality LUT or rescale -> VOI LUT or window -> polarity (PS3.4 Annex N.2)

An image that names no window is shown from its darkest to its brightest tissue: what is stored
at the very ends of the scale, collimated borders and burnt air, does not count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hosr.pixels.display_pipeline import LookupTable, Rescale, Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hosr.pixels.display_pipeline import ImageDisplay

    Floats = NDArray[np.float64]
    Greys = NDArray[np.uint8]


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


def shade(
    stored: NDArray[Any],
    display: ImageDisplay,
    padding: Padding | None = None,
    seen: NDArray[np.bool_] | None = None,
) -> Greys:
    """The greys of stored values; what is padding, or no number, is black.

    Where a window has to be found, it is that of the pixels `seen`, of all of them if None.
    """
    if stored.dtype.kind in "iu":
        low, high = int(stored.min()), int(stored.max())
        if high - low < _MOST_ENTRIES:
            places = stored.astype(np.intp) - low
            entries = np.arange(low, high + 1, dtype=np.float64)
            counted = places.ravel() if seen is None else places[seen]
            counts = np.bincount(counted, minlength=entries.size)
            table = _piped(entries, counts, display, padding)
            return table[places]
    values = stored.astype(np.float64)
    counts = np.ones(values.shape, np.intp) if seen is None else seen.astype(np.intp)
    return _piped(values, counts, display, padding)


def _piped(
    stored: Floats, counts: NDArray[np.intp], display: ImageDisplay, padding: Padding | None
) -> Greys:
    """Values, each of which is there so many times, through the pipeline."""
    is_image = np.isfinite(stored)
    if padding is not None:
        is_image &= (stored < padding.lower) | (stored > padding.upper)
    shown = _rescaled(np.where(is_image, stored, 0), display)
    if display.voi is None:
        low, high = _ends(np.repeat(shown[is_image], counts[is_image]))
        display = replace(display, voi=_between(low, high))
    greys = _greys(shown, display)
    greys[~is_image] = 0
    return greys


def _rescaled(stored: Floats, display: ImageDisplay) -> Floats:
    modality = display.modality
    if isinstance(modality, Rescale):
        return stored * modality.slope + modality.intercept
    if isinstance(modality, LookupTable):
        return _entries(stored, modality)
    return stored


def _greys(values: Floats, display: ImageDisplay) -> Greys:
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


def _between(low: float, high: float) -> Window | None:
    """The window that spans the greys from one value to another; None where they are the same."""
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
