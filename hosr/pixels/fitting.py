"""Another window where that of the header shows nothing.

Headers name windows that lie beside all values of their image, are one value wide, or were made for
another kind of image; and tables that say more bits than their entries have. Whoever opened the
image has set another window by hand, and so does hosr for the part that it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hosr.pixels.display_pipeline import ImageDisplay, LookupTable, Window
from hosr.pixels.frames import Crop, Frame
from hosr.pixels.rendering import (
    Greys,
    count_values,
    greys_of,
    padding_of,
    rescaled,
    samples_of,
    seen_of,
    spanning_window,
)

# What leaves next to no contrast (conventions): nearly all of a picture within so few of 256 greys,
# or so small a share of it that is neither black nor white.
_LEAST_SPREAD = 24
_LEAST_BETWEEN = 0.05
_ENDS = (0.005, 0.995)

_LEAST_BITS = 8

NO_CONTRAST = "its header's window leaves next to no contrast; an automatic one is used"
CONTRADICTION = (
    "Presentation LUT Shape {shape} contradicts {photometric}; the lowest value is shown white"
)
CUT = "its values have more bits than the {bits} of Bits Stored; those above are left out"
UNFILLED = "its VOI LUT says {said} bits, and its entries have {bits}; it is taken as one of {bits}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """How an image is displayed, and what was odd in how its header wants it."""

    display: ImageDisplay
    remarks: tuple[str, ...] = ()


def fit(frame: Frame, display: ImageDisplay, crop: Crop) -> Fitted:
    """The display of a part of a frame: as the header has it, unless that shows next to nothing."""
    filled = with_filled_table(display)
    cut = (CUT.format(bits=frame.bits_stored),) if frame.is_cut else ()
    remarks = (*_contradiction(display), *cut)
    window = automatic_window(frame, filled.display, crop)
    if window is not None:
        return Fitted(display=replace(display, voi=window), remarks=(*remarks, NO_CONTRAST))
    return Fitted(display=filled.display, remarks=(*remarks, *filled.remarks))


def with_filled_table(display: ImageDisplay) -> Fitted:
    """The display with a VOI LUT of as many bits as its entries have.

    Greys reach from nought to the largest number of the bits that a table says (PS3.3 section
    C.11.2.1.1): one of 12 bits that says 16 is black. dcm4che reads them so, too.
    """
    voi = display.voi
    if not isinstance(voi, LookupTable):
        return Fitted(display=display)
    bits = max(_LEAST_BITS, max(voi.values).bit_length())
    if bits == voi.bits or not any(voi.values):
        return Fitted(display=display)
    remark = UNFILLED.format(said=voi.bits, bits=bits)
    return Fitted(display=replace(display, voi=replace(voi, bits=bits)), remarks=(remark,))


def _contradiction(display: ImageDisplay) -> tuple[str, ...]:
    if not display.is_contradictory:
        return ()
    shape, photometric = display.presentation_lut_shape, display.photometric_interpretation
    return (CONTRADICTION.format(shape=shape, photometric=photometric),)


def automatic_window(frame: Frame, display: ImageDisplay, crop: Crop) -> Window | None:
    """The window to show a part of a frame by; None where that of the header may stay."""
    samples = samples_of(frame, crop)
    if display.voi is None or not display.is_grayscale or samples.ndim != 2:
        return None
    counted = count_values(samples, seen_of(display, crop))
    is_seen = counted.are_image(padding_of(frame.data_set)) & (counted.counts > 0)
    values, counts = rescaled(counted.values[is_seen], display), counted.counts[is_seen]
    if _has_contrast(greys_of(values, display), counts):
        return None
    window = spanning_window(np.repeat(values, counts))
    if window is None:
        return None
    shows_more = _has_contrast(greys_of(values, replace(display, voi=window)), counts)
    return replace(window, explanation="AUTOMATIC") if shows_more else None


def _has_contrast(greys: Greys, counts: NDArray[np.intp]) -> bool:
    total = counts.sum()
    if not total:
        return False
    shares = np.bincount(greys.ravel(), weights=counts.ravel(), minlength=256) / total
    low, high = np.searchsorted(np.cumsum(shares), _ENDS)
    return bool(high - low >= _LEAST_SPREAD and shares[1:-1].sum() >= _LEAST_BETWEEN)


def joined(windows: Sequence[Window]) -> Window:
    """The window that shows what each of several automatic ones does."""
    low = min(window.center - window.width / 2 for window in windows)
    high = max(window.center + window.width / 2 for window in windows)
    return replace(windows[0], center=(low + high) / 2, width=high - low)
