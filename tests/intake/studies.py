"""A record and images brought together as the flow does it, from a few words for either."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hosr.intake.images import read_images
from hosr.intake.matching import Matched, match
from hosr.intake.record import parse_record
from tests.command import marked
from tests.images import dicom_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset

    from hosr.findings import Hip

__all__ = ["matched", "matched_hip"]


def matched(folder: Path, images: list[Dataset], record: dict[str, Any]) -> Matched:
    """The record matched with images, which are written to a folder and read from there."""
    for number, image in enumerate(images):
        (folder / f"{number}.dcm").write_bytes(dicom_bytes(image))
    return match(parse_record(json.dumps(record)), read_images([folder]))


def matched_hip(folder: Path, images: list[Dataset], **hip: Any) -> Hip:
    """The one hip of a record with these words, matched with images."""
    (found,) = matched(folder, images, marked(**hip)).reading.hips
    return found
