"""Small reports to deliver: shipped examples under new UIDs, each with a few objects."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from pydicom import Dataset, dcmread
from pydicom.uid import UID

from hosr.archive.values import Locator
from hosr.identity import derive_uid
from hosr.outbox import Item

EXAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "reports"
OBJECTS = ("measurement", "narrative")


@cache
def _example() -> bytes:
    return (EXAMPLES / "brooker-3.dcm").read_bytes()


def make_object(*parts: str) -> bytes:
    """An object whose UID stands for these parts."""
    example: Dataset = dcmread(io.BytesIO(_example()))
    uid = UID(derive_uid(*parts))
    example.SOPInstanceUID = example.file_meta.MediaStorageSOPInstanceUID = uid
    example.SeriesInstanceUID = derive_uid("series", *parts)
    stream = io.BytesIO()
    example.save_as(stream)
    return stream.getvalue()


def make_item(*parts: str) -> Item:
    """The object as it goes into the outbox."""
    data = make_object(*parts)
    read = dcmread(io.BytesIO(data), stop_before_pixels=True)
    locator = Locator(
        study_instance_uid=str(read.StudyInstanceUID),
        series_instance_uid=str(read.SeriesInstanceUID),
        sop_class_uid=str(read.SOPClassUID),
        sop_instance_uid=str(read.SOPInstanceUID),
    )
    return Item.instance(locator=locator, data=data, name=f"{parts[-1]}.dcm")


def make_report(*parts: str) -> tuple[Item, ...]:
    """The objects of one report."""
    return tuple(make_item(*parts, name) for name in OBJECTS)
