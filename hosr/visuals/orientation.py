"""Which way the patient lies in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from hosr.study import ImageReference


_OPPOSITES = {"L": "R", "R": "L", "A": "P", "P": "A", "H": "F", "F": "H"}
_ORIENTATION = "ImageOrientationPatient"

# Cosine from which on a direction goes by one letter alone: within 37 degrees of it.
_CLEAR = 0.8

# Where the axes of the patient lead, and where from (PS3.3 section C.7.6.2.1.1).
_AXES = (("L", "R"), ("P", "A"), ("H", "F"))


def edges(image: ImageReference, data_set: Dataset, frame: int | None) -> tuple[str, str]:
    """The patient's direction at the left and at the right edge; "" where it is not known.

    By Patient Orientation (PS3.3 section C.7.6.1.1.1), else by Image Orientation (Patient)
    (section C.7.6.2.1.1); letters other than the first are left out.
    """
    if image.patient_orientation is not None:
        right = image.patient_orientation[0][:1]
    else:
        right = _letter(_row(data_set, frame))
    return _OPPOSITES.get(right, ""), right


def _letter(row: Sequence[float]) -> str:
    for cosine, (positive, negative) in zip(row, _AXES, strict=False):
        if abs(cosine) >= _CLEAR:
            return positive if cosine > 0 else negative
    return ""


def _row(data_set: Dataset, frame: int | None) -> tuple[float, ...]:
    """The direction of rows: that of the frame, of all frames, or of the image."""
    index = (frame or 1) - 1
    try:
        per_frame = list(data_set.get("PerFrameFunctionalGroupsSequence") or [])
        shared = list(data_set.get("SharedFunctionalGroupsSequence") or [])
        groups = [*per_frame[index : index + 1], *shared[:1]]
        planes = [
            plane for group in groups for plane in group.get("PlaneOrientationSequence") or []
        ]
        holders = [*planes, data_set]
        found = next((h for h in holders if h.get(_ORIENTATION)), None)
        numbers = () if found is None else tuple(float(n) for n in found[_ORIENTATION].value)
    except Exception:  # noqa: BLE001 (pydicom throws of every kind on damaged values)
        return ()
    return numbers[:3] if len(numbers) == 6 else ()
