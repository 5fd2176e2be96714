"""Labels, images and files that the readers of pictures are given in tests."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hosr.annotations.account import Account
from hosr.annotations.context import Context
from hosr.annotations.labels import parse_labels
from hosr.intake.images import read_images
from tests.images import FILM_UID, dicom_bytes, film

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from hosr.annotations.sources import Mask, Source
    from hosr.intake.images import SourceImages

__all__ = [
    "COLUMNS",
    "FILM_UID",
    "ROWS",
    "context",
    "faults",
    "film_images",
    "shown",
    "whole",
    "write_json",
]

ROWS, COLUMNS = 80, 120

LABELS = """
schema_version = "1.0"
[labels]
HO = { role = "ossification", side = "right" }
island = { role = "island", side = "right" }
pelvis = { role = "pelvis", side = "right" }
gap = { role = "gap", side = "right" }
gap_start = { role = "gap_start", side = "right" }
gap_end = { role = "gap_end", side = "right" }
"gap[0]" = { role = "gap_start", side = "right" }
"gap[1]" = { role = "gap_end", side = "right" }
ball = { role = "calibration", true_mm = 25 }
7 = { role = "island", side = "right" }
8 = { role = "pelvis", side = "right" }
"""


@cache
def film_images(**changes: Any) -> SourceImages:
    """The film of 120 columns by 80 rows."""
    return read_images(dicom_bytes(film(**changes)))


def context(more: str = "", images: SourceImages | None = None) -> Context:
    """The labels above, and the film."""
    labels = parse_labels(LABELS + more)
    return Context(labels=labels, images=images or film_images(), account=Account())


def whole(mask: Mask) -> NDArray[Any]:
    """A mask on all pixels of its image."""
    cells = np.zeros(mask.grid.shape, mask.occupancy.dtype)
    box = tuple(
        slice(start, start + length)
        for start, length in zip(mask.origin, mask.occupancy.shape, strict=True)
    )
    cells[box] = mask.occupancy
    return cells


def faults(given: Context) -> list[str]:
    """What its account blames."""
    return list(map(str, given.account.faults))


def write_json(path: Path, value: Any) -> Path:
    """A file of this value."""
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def shown(source: Source) -> list[tuple[str, str, tuple[tuple[float, ...], ...]]]:
    """The figures of a source: label, form and points."""
    return [(str(f.label), f.form.value, f.points) for f in source.figures]
