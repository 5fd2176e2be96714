"""Stored values to the greys of a screen: the grayscale pipeline of an image, 8 bits wide.

    stored values -> Modality LUT or rescale -> VOI LUT or window -> polarity (PS3.4 Annex N.2)

An image that names no window is shown from its darkest to its brightest tissue: what is stored
at the very ends of the scale, collimated borders and burnt air, does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hosr.visuals.image_display import LookupTable, Rescale, Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hosr.visuals.image_display import ImageDisplay

    Floats = NDArray[np.float64]
    Greys = NDArray[np.uint8]

__all__ = ["Padding", "shade"]

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
) -> Greys:
    """The greys of stored values; what is padding, or no number, is black."""
    is_image = _is_image(stored, padding)
    if stored.dtype.kind in "iu":
        low, high = int(stored.min()), int(stored.max())
        if high - low < _MOST_ENTRIES:
            return _looked_up(stored, low, high, is_image, display)
    values = np.where(is_image, stored, 0).astype(np.float64)
    shown = _rescaled(values, display)
    greys = _greys(shown, shown[is_image], display)
    greys[~is_image] = 0
    return greys


def _is_image(stored: NDArray[Any], padding: Padding | None) -> NDArray[np.bool_]:
    is_image: NDArray[np.bool_] = np.isfinite(stored)
    if padding is not None:
        is_image &= (stored < padding.lower) | (stored > padding.upper)
    return is_image


def _looked_up(
    stored: NDArray[Any],
    low: int,
    high: int,
    is_image: NDArray[np.bool_],
    display: ImageDisplay,
) -> Greys:
    """By a table of all values between the lowest and the highest."""
    entries = np.arange(low, high + 1, dtype=np.float64)
    offsets = stored.astype(np.intp) - low
    shown = _rescaled(entries, display)
    counts = np.bincount(offsets[is_image].ravel(), minlength=entries.size)
    table = _greys(shown, np.repeat(shown, counts), display)
    greys = table[offsets]
    greys[~is_image] = 0
    return greys


def _rescaled(stored: Floats, display: ImageDisplay) -> Floats:
    modality = display.modality
    if isinstance(modality, Rescale):
        return stored * modality.slope + modality.intercept
    if isinstance(modality, LookupTable):
        return _entries(stored, modality)
    return stored


def _greys(values: Floats, seen: Floats, display: ImageDisplay) -> Greys:
    """Values as greys; `seen` are those of the picture, from which a missing window is found."""
    voi = display.voi
    if isinstance(voi, LookupTable):
        brightness = _entries(values, voi) / ((1 << voi.bits) - 1)
    elif isinstance(voi, Window):
        brightness = _windowed(values, voi)
    else:
        brightness = _stretched(values, seen)
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


def _stretched(values: Floats, seen: Floats) -> Floats:
    """The full range of greys for what lies between the ends of the values seen."""
    low, high = _ends(seen)
    if high <= low:
        return np.full_like(values, 0.5)
    return (values - low) / (high - low)


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
