"""How a page shows an image: its stored values as 16-bit numbers, and the pipeline from them to greys.

Stored values go to the page as they are, where a grayscale image has them in 16 bits. What has more, or
is in colour, is brought to 16 bits or to its greys here; the pipeline that is told then begins there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from hosr.pixels.display_pipeline import ImageDisplay, LookupTable, Rescale, Window, read_display
from hosr.pixels.frames import Crop, Frame
from hosr.pixels.rendering import draw, padding_of

# What luminance takes of red, green and blue (ITU-R BT.601).
_LUMINANCE = (0.299, 0.587, 0.114)
_GREYS = Window(center=127.5, width=255.0, function="LINEAR_EXACT")
_LEAST, _MOST = -(1 << 15), (1 << 16) - 1
_SIGNED_MOST = (1 << 15) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The values of one frame, (rows, columns) of 16 bits, and how they are shown."""

    values: NDArray[Any]
    display: dict[str, Any]

    @property
    def data(self) -> bytes:
        """Little endian, row by row."""
        return self.values.astype(self.values.dtype.newbyteorder("<"), copy=False).tobytes()


def describe_display(dataset: Dataset, frame: int) -> dict[str, Any]:
    """How a frame is shown, as its header says; of one whose values are brought to 16 bits see `store`."""
    display = read_display(dataset, frame)
    if not display.is_grayscale:
        return _described(ImageDisplay(photometric_interpretation="MONOCHROME2", voi=_GREYS), 8)
    bits = _whole(dataset, "BitsStored") or _whole(dataset, "BitsAllocated") or 16
    is_signed = _whole(dataset, "PixelRepresentation") == 1
    padding = padding_of(dataset)
    told = _described(display, bits, is_signed=is_signed)
    told["padding"] = None if padding is None else [padding.lower, padding.upper]
    return told


def store(frame: Frame, number: int) -> Stored:
    """The values of a frame as they are sent. Raises `Undrawable` for colours that nobody can show."""
    display = read_display(frame.data_set, number)
    told = describe_display(frame.data_set, number)
    if not display.is_grayscale or frame.samples.ndim > 2:
        rows, columns = frame.samples.shape[:2]
        colours = draw(frame, display, Crop(left=0, top=0, width=columns, height=rows))
        greys = np.rint(colours @ np.array(_LUMINANCE)) if colours.ndim > 2 else colours
        return Stored(values=greys.astype(np.uint16), display=told)
    samples = frame.samples
    if samples.dtype.kind in "iu" and _fits(samples, is_signed=told["signed"]):
        return Stored(
            values=samples.astype(np.int16 if told["signed"] else np.uint16), display=told
        )
    return _quantized(samples, display, told)


def _fits(samples: NDArray[Any], *, is_signed: bool) -> bool:
    least, most = (_LEAST, _SIGNED_MOST) if is_signed else (0, _MOST)
    return bool(samples.size) and least <= int(samples.min()) and int(samples.max()) <= most


def _quantized(samples: NDArray[Any], display: ImageDisplay, told: dict[str, Any]) -> Stored:
    """Values of more bits in 65,536 steps, which the rescale takes back; padding and no numbers are 0."""
    values = samples.astype(np.float64)
    is_image = np.isfinite(values)
    if told["padding"] is not None:
        low, high = told["padding"]
        is_image &= (values < low) | (values > high)
    least, most = (
        (float(values[is_image].min()), float(values[is_image].max()))
        if is_image.any()
        else (0.0, 0.0)
    )
    step = (most - least) / (_MOST - 1) or 1.0
    steps = np.where(is_image, np.rint((np.where(is_image, values, least) - least) / step) + 1, 0)
    modality = display.modality
    slope, intercept = (
        (modality.slope, modality.intercept) if isinstance(modality, Rescale) else (1.0, 0.0)
    )
    own = {
        "signed": False,
        "bits": 16,
        "modality": {"slope": step * slope, "intercept": (least - step) * slope + intercept},
        "padding": [0, 0],
        "low": 0,
        "high": _MOST,
    }
    return Stored(values=steps.astype(np.uint16), display={**told, **own})


def _described(display: ImageDisplay, bits: int, *, is_signed: bool = False) -> dict[str, Any]:
    bits = min(bits, 16)
    return {
        "signed": is_signed,
        "bits": bits,
        "modality": _modality(display.modality),
        "window": _window(display.voi),
        "voi": _table(display.voi) if isinstance(display.voi, LookupTable) else None,
        "inverse": display.is_inverse,
        "padding": None,
        "low": -(1 << bits - 1) if is_signed else 0,
        "high": (1 << bits - 1) - 1 if is_signed else (1 << bits) - 1,
        "aspect": list(display.aspect),
        "shutter": None
        if display.shutter is None
        else {
            "shapes": list(display.shutter.shapes),
            "parts": {name: list(values) for name, values in display.shutter.parts},
            "grey": display.shutter.grey,
        },
    }


def _modality(modality: Rescale | LookupTable | None) -> dict[str, Any] | None:
    if isinstance(modality, Rescale):
        return {"slope": modality.slope, "intercept": modality.intercept, "unit": modality.unit}
    return None if modality is None else _table(modality)


def _table(table: LookupTable) -> dict[str, Any]:
    return {"table": list(table.values), "first": table.first, "bits": table.bits}


def _window(voi: Window | LookupTable | None) -> dict[str, Any] | None:
    if not isinstance(voi, Window):
        return None
    return {"center": voi.center, "width": voi.width, "function": voi.function}


def _whole(dataset: Dataset, keyword: str) -> int | None:
    try:
        return int(dataset.get(keyword))
    except Exception:  # noqa: BLE001 (absent, empty, or damaged in any manner)
        return None
