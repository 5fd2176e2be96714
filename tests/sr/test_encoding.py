"""Content items and documents as bytes: the same as highdicom and pydicom make of the same content."""

from __future__ import annotations

import warnings
from io import BytesIO

import pydicom
import pytest
from hypothesis import HealthCheck, given
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from hosr import codes, sr
from hosr.report import Report
from hosr.sr.document import encode_item
from hosr.sr.highdicom_bridge import content_item
from hosr.sr.items import Item, Quantity, Reference, Relation, code, composite, date, image, num
from hosr.sr.measurement import measurement_tree
from hosr.sr.receivers import Options
from tests.drawn import drawn
from tests.narrative.cases import CASES
from tests.strategies import reports

_SECTIONS = (("findings", ("Right hip: islands.\nGegenüber.",)), ("impression", ("Brooker III.",)))


def _by_highdicom(item: Item) -> bytes:
    """The item as highdicom's content items hold it and pydicom writes it."""
    stream = DicomBytesIO()
    stream.is_implicit_VR, stream.is_little_endian = False, True
    with warnings.catch_warnings(action="ignore"):  # of names of one component
        write_dataset(stream, content_item(item), parent_encoding="utf-8")
    return stream.getvalue()


@drawn(20, unchecked=[HealthCheck.data_too_large])
@given(report=reports())
def test_a_tree_is_encoded_as_highdicom_and_pydicom_do(report: Report) -> None:
    """Whatever a report holds, its content tree is what highdicom's content items make, to the byte."""
    tree = measurement_tree(report, Options())

    assert encode_item(tree) == _by_highdicom(tree)


@pytest.mark.parametrize(
    "item",
    [
        num(codes.DISTANCE, 1 / 3, codes.MILLIMETER),
        num(codes.DISTANCE, 1e-7, codes.MILLIMETER),
        num(codes.DISTANCE, 12.0, codes.MILLIMETER),
        num(codes.ROWS, 2048, codes.PIXELS),
        code(codes.FINDING, codes.YES),
        image(codes.SOURCE, Reference("1.2.3", "1.2.4", 7), Relation.CONTAINS),
        image(
            codes.SOURCE,
            Reference("1.2.3", "1.2.4", None, Reference("1.2.5", "1.2.6")),
            Relation.CONTAINS,
        ),
        composite(codes.CURRENT_PROCEDURE_EVIDENCE, Reference("1.2.3", "1.2.44")),
        date(codes.STUDY_DATE, "20260302", Relation.HAS_ACQ_CONTEXT),
    ],
    ids=lambda item: f"{item.value_type} {item.value}"[:60],
)
def test_each_kind_of_item_is_encoded_as_highdicom_and_pydicom_do(item: Item) -> None:
    """Numbers that DS cannot hold, frames and presentation states included."""
    assert encode_item(item) == _by_highdicom(item)


@pytest.mark.parametrize("name", sorted(CASES))
def test_pydicom_writes_a_document_again_as_the_same_bytes(name: str) -> None:
    """Order, padding, lengths and meta information are those that pydicom would choose."""
    report = CASES[name]
    for data in (sr.encode(report), sr.encode_narrative(report, _SECTIONS)):
        again = BytesIO()
        pydicom.dcmread(BytesIO(data)).save_as(again, enforce_file_format=True)

        assert again.getvalue() == data


def test_an_item_that_holds_something_else_is_an_error() -> None:
    """A value type and its value belong together."""
    with pytest.raises(TypeError, match="a CODE item holds a code"):
        encode_item(Item("CODE", codes.FINDING, "text"))
    with pytest.raises(TypeError, match="a NUM item holds a quantity"):
        encode_item(Item("NUM", codes.DISTANCE, codes.YES))
    with pytest.raises(TypeError, match="an SCOORD item holds a graphic"):
        encode_item(Item("SCOORD", codes.IMAGE_REGION, Quantity(1, codes.MILLIMETER)))
    with pytest.raises(TypeError, match="an item of this type holds a reference"):
        encode_item(Item("IMAGE", codes.SOURCE, "1.2.3"))


def test_what_is_kept_is_not_altered_by_what_is_written_from_it() -> None:
    """Encoding one tree twice, and another between, gives the same bytes."""
    one, other = (measurement_tree(CASES[name], Options()) for name in sorted(CASES)[:2])
    first = encode_item(one)
    encode_item(other)

    assert encode_item(one) == first


def test_a_data_set_is_read_back_by_pydicom() -> None:
    """Every VR that documents need comes back with its value."""
    tree = measurement_tree(CASES[min(CASES)], Options())
    stream = BytesIO(encode_item(tree))
    found: Dataset = pydicom.filereader.read_dataset(stream, False, True)

    assert found.ValueType == "CONTAINER"
    assert len(found.ContentSequence) == len(tree.children)
