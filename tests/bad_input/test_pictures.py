"""Mutated annotations of pictures: a record or a clean refusal, never anything else."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import io
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given
from hypothesis import strategies as st
from PIL import Image

from hosr.annotations.account import Account
from hosr.annotations.authorship import Author
from hosr.annotations.context import Context
from hosr.annotations.labels import parse_labels
from hosr.annotations.records import import_sources
from hosr.errors import HosrError
from hosr.intake.images import SourceImages, read_images
from tests.drawn import drawn
from tests.images import COLUMNS, ROWS, dicom_bytes, film

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
_SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

_AUTHOR = Author(at=dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC))
_LABELS = parse_labels(
    """
    schema_version = "1.0"
    [observer]
    name = "Outliner"
    version = "1"
    [labels]
    HO = { role = "ossification", side = "right" }
    pelvis = { role = "pelvis", side = "right" }
    femur = { role = "femur", side = "right" }
    island = "island"
    gap = { role = "gap", side = "right" }
    gap_start = { role = "gap_start", side = "right" }
    gap_end = { role = "gap_end", side = "right" }
    ball = { role = "calibration", true_mm = 20 }
    1 = { role = "pelvic_spur", side = "right" }
    [pictures]
    least_score = 0.5
    [record]
    view = "ap_pelvis"
    """
)

_RING = [20, 10, 34, 10, 34, 22, 20, 22]
_COCO = {
    "images": [{"id": 5, "file_name": "film.png", "width": COLUMNS, "height": ROWS}],
    "categories": [
        {"id": 1, "name": "HO"},
        {"id": 2, "name": "pelvis"},
        {"id": 3, "name": "hip", "keypoints": ["gap_start", "gap_end"]},
    ],
    "annotations": [
        {"id": 1, "image_id": 5, "category_id": 1, "segmentation": [_RING], "bbox": [20, 10, 14, 12]},
        {"id": 2, "image_id": 5, "category_id": 2, "iscrowd": 1,
         "segmentation": {"counts": [3, 40, 40, 37, 9480], "size": [ROWS, COLUMNS]}},
        {"id": 3, "image_id": 5, "category_id": 3, "keypoints": [20, 30, 2, 26, 35, 1]},
        {"id": 4, "image_id": 5, "category_id": 1, "bbox": [2, 3, 4, 5], "score": 0.7},
    ],
}  # fmt: skip
_MARKUPS = {
    "@schema": "markups-schema-v1.0.3.json",
    "markups": [
        {"type": "Line", "coordinateSystem": "LPS", "coordinateUnits": "mm", "name": "gap",
         "controlPoints": [{"label": "gap-1", "position": [1.0, 2.0, 3.0]},
                           {"label": "gap-2", "position": [4.0, 6.0, 3.0]}]},
        {"type": "Fiducial", "controlPoints": [{"label": "gap_start", "position": [1, 2, 3]}]},
    ],
}  # fmt: skip
_YOLO = "0 0.2 0.2 0.1 0.1\n1 0.2 0.2 0.3 0.2 0.3 0.4 0.8\n1 0.5 0.5 0.1 0.1 0.9\n"


def _png() -> bytes:
    cells = np.zeros((ROWS, COLUMNS), np.uint8)
    cells[10:22, 20:34], cells[40:44, 20:34] = 1, 2
    file = io.BytesIO()
    Image.fromarray(cells).save(file, "PNG")
    return file.getvalue()


def _small_png() -> str:
    file = io.BytesIO()
    Image.fromarray(np.full((4, 6), 255, np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


_LABELME = {
    "version": "5.5.0", "imagePath": "film.png", "imageData": None,
    "imageWidth": COLUMNS, "imageHeight": ROWS,
    "shapes": [
        {"label": "gap", "shape_type": "line", "points": [[20, 30], [26, 35]]},
        {"label": "HO", "shape_type": "polygon", "points": [[20, 10], [34, 10], [34, 22]]},
        {"label": "ball", "shape_type": "circle", "points": [[40, 40], [50, 40]]},
        {"label": "HO", "shape_type": "mask", "points": [[40, 60], [45, 63]], "mask": _small_png()},
    ],
}  # fmt: skip
_DOCUMENTS = (_COCO, _COCO["annotations"], _LABELME, _MARKUPS)
_FILES = (_png(), _YOLO.encode(), *(json.dumps(each).encode() for each in _DOCUMENTS))

_ODD: st.SearchStrategy[Any] = st.sampled_from(
    (None, "", "x", "HO", "gap", "island", -1, 0, 1, 2, 5, 0.5, 119.9, 1e6, 1e308, 2**60, True, [], {},
     [[]], [1], [1, 2], [[1, 2], [3, 4]], {"counts": [9600], "size": [ROWS, COLUMNS]}, "0", "LPS", "RAS",
     "um", "mask", "circle", "polygon", "point", "line", "Line", "ROI", "ClosedCurve", math.inf)
)  # fmt: skip


def _leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every value of a document stands."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, child in items:
        found.append((*at, key))
        if isinstance(child, dict | list):
            found += _leaves(child, (*at, key))
    return found


@st.composite
def _odd_documents(draw: st.DrawFn) -> bytes:
    """A document that is well formed, with one or a few other values, or without them."""
    document = copy.deepcopy(draw(st.sampled_from(_DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        leaves = _leaves(document)
        if not leaves:
            break
        *path, last = draw(st.sampled_from(leaves))
        holder: Any = document
        for key in path:
            holder = holder[key]
        if draw(st.integers(0, 4)) or isinstance(holder, list):
            holder[last] = copy.deepcopy(draw(_ODD | st.floats(-10, 200) | st.integers(-3, 130)))
        else:
            del holder[last]
    return json.dumps(document).encode()


@st.composite
def _spoilt_files(draw: st.DrawFn) -> bytes:
    """A file with a few bytes changed, added or removed, or its end cut off."""
    content = bytearray(draw(st.sampled_from(_FILES)))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        some = draw(
            st.binary(min_size=1, max_size=4) | st.sampled_from((b"9", b"-", b".", b" ", b"["))
        )
        how = draw(st.sampled_from(("change", "insert", "remove", "cut")))
        if how == "change":
            content[at : at + len(some)] = some
        elif how == "insert":
            content[at:at] = some
        elif how == "remove":
            del content[at : at + len(some)]
        else:
            del content[at + 1 :]
    return bytes(content)


@pytest.fixture(scope="module")
def images() -> SourceImages:
    """A film."""
    return read_images(dicom_bytes(film()))


@drawn(60, unchecked=_SHARED)
@given(content=_odd_documents() | _spoilt_files())
def test_spoilt_annotations_give_a_record_or_are_refused(
    tmp_path: Path, images: SourceImages, content: bytes
) -> None:
    """With every fault in lines that can be printed and borne."""
    source = tmp_path / "source"
    source.write_bytes(content)
    account = Account()
    try:
        imported = import_sources(
            [source], Context(labels=_LABELS, images=images, account=account), _AUTHOR
        )
    except HosrError as refusal:
        event(type(refusal).__name__)
        lines = list(map(str, refusal.faults))
    else:
        event("record")
        lines = [entry.words for entry in (*account.read, *account.refused, *account.assumed)]
        assert imported.hips
    assert lines
    assert all(line.isprintable() and len(line) < 900 for line in lines)
