"""The pictures show what the truth says: the gap is dark between two bright edges, and as wide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread

ROOT = Path(__file__).resolve().parents[2] / "sample_data"

# Every sample whose phantom has a gap between two spurs that stand clear of other bone.
CASES = [
    ("brooker-2", "right"),
    ("brooker-3", "right"),
    ("bilateral", "right"),
    ("follow-up-2", "right"),
    ("poor-headers", "right"),
    ("ct", "right"),
]
_BEYOND_MM = 4.0
_STEPS_PER_PIXEL = 10

Floats = NDArray[np.float64]


def _pixels(study: str, uid: str) -> Floats:
    for path in sorted((ROOT / study / "images").iterdir()):
        dataset = dcmread(path)
        if dataset.SOPInstanceUID == uid:
            return np.asarray(dataset.pixel_array, dtype=np.float64)
    raise LookupError(uid)


def _profile(pixels: Floats, line: Floats, beyond_px: float) -> tuple[Floats, Floats]:
    """Brightness along a line that is lengthened at both ends, by distance from its middle."""
    middle, along = line.mean(axis=0), line[1] - line[0]
    length = float(np.hypot(*along))
    reach = length / 2 + beyond_px
    distances = np.linspace(-reach, reach, int(2 * reach * _STEPS_PER_PIXEL))
    columns, rows = (middle + distances[:, None] * along / length - 0.5).T
    left, top = np.floor(columns).astype(int), np.floor(rows).astype(int)
    right_part, lower_part = columns - left, rows - top
    brightness = (
        pixels[top, left] * (1 - right_part) * (1 - lower_part)
        + pixels[top, left + 1] * right_part * (1 - lower_part)
        + pixels[top + 1, left] * (1 - right_part) * lower_part
        + pixels[top + 1, left + 1] * right_part * lower_part
    )
    return distances, brightness


def _width(distances: Floats, brightness: Floats) -> float:
    """The distance between the steepest fall before the middle and the steepest rise behind it."""
    slope = np.gradient(brightness, distances)
    before, behind = distances < 0, distances > 0
    fall = distances[before][np.argmin(slope[before])]
    rise = distances[behind][np.argmax(slope[behind])]
    return float(rise - fall)


@pytest.mark.parametrize(("study", "side"), CASES)
def test_the_gap_in_the_picture_is_the_true_one(study: str, side: str) -> None:
    """Between its steepest edges the gap of a picture is as wide as the phantom's."""
    truth: dict[str, Any] = json.loads((ROOT / study / "truth.json").read_text(encoding="utf-8"))
    hip = next(hip for hip in truth["hips"] if hip["side"] == side)
    pixels = _pixels(study, hip["gap"]["image"])
    mm_per_px = truth["patient_mm_per_px"]
    distances, brightness = _profile(pixels, np.array(hip["gap"]["points"]), _BEYOND_MM / mm_per_px)

    assert _width(distances, brightness) * mm_per_px == pytest.approx(
        hip["gap_mm"], abs=truth["edge_uncertainty_mm"]
    )
