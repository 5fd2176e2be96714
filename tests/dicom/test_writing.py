"""Plain values as data elements: what pydicom would write, and a refusal of what fits no VR."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from hosr.dicom.writing import EncodedItem, InVR, Value, Values, encode_data_set, encode_file

_TEXT = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S"), exclude_characters="\\=^")
)


def _trimmed(text: str) -> str:
    return text.strip()


def _by_pydicom(values: Values) -> bytes:
    stream = DicomBytesIO()
    stream.is_implicit_VR, stream.is_little_endian = False, True
    write_dataset(stream, _dataset(values), parent_encoding="utf-8")
    return stream.getvalue()


def _dataset(values: Values) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        held: Any = value
        if isinstance(value, list):
            held = [_dataset(item) for item in held]
        elif isinstance(value, tuple):
            held = list(held)
        if isinstance(value, InVR):
            held = list(value.value) if isinstance(value.value, tuple) else value.value
            dataset.add(DataElement(keyword, value.vr, held))
        else:
            setattr(dataset, keyword, held)
    return dataset


_FLAT: dict[str, st.SearchStrategy[Value]] = {
    "PatientName": _TEXT.map(_trimmed),
    "StudyDescription": _TEXT.map(lambda text: text.strip()[:64]),
    "TextValue": _TEXT.map(_trimmed),
    "SOPInstanceUID": st.from_regex(r"1\.2\.[1-9][0-9]{0,8}", fullmatch=True),
    "StudyDate": st.dates().map(lambda day: f"{day:%Y%m%d}".zfill(8)),
    "SeriesNumber": st.integers(-(2**31), 2**31 - 1),
    "ReferencedFrameNumber": st.integers(1, 9999),
    "Rows": st.integers(0, 65535),
    "FloatingPointValue": st.floats(allow_nan=False, allow_infinity=False),
    "GraphicData": st.lists(st.floats(0, 10_000, width=32), min_size=2, max_size=8).map(tuple),
    "ImageType": st.lists(st.sampled_from(("DERIVED", "AXIAL")), min_size=2, max_size=3).map(tuple),
    "ShutterLeftVerticalEdge": st.integers(-(2**31), 2**31 - 1),
    "CenterOfCircularShutter": st.tuples(st.integers(1, 999), st.integers(1, 999)),
    "DisplayedAreaTopLeftHandCorner": st.tuples(*[st.integers(-(2**31), 2**31 - 1)] * 2),
    "EncapsulatedDocument": st.binary(max_size=9),
    "LUTData": st.binary(max_size=9).map(lambda data: InVR("OW", data)),
    "LUTDescriptor": st.tuples(st.just(3), st.integers(-9, 9), st.just(8)).map(
        lambda descriptor: InVR("SS", descriptor)
    ),
    "NumericValue": st.integers(1, 10**6).map(lambda n: n + 0.125),
}


@given(
    values=st.fixed_dictionaries({}, optional=_FLAT),
    inner=st.fixed_dictionaries({}, optional=_FLAT),
)
def test_a_data_set_is_written_as_pydicom_writes_it(
    values: dict[str, Value], inner: dict[str, Value]
) -> None:
    """Order of tags, padding, forms of numbers and lengths of sequences are the same."""
    nested: dict[str, Value] = {**values, "ContentSequence": [inner, {}], "ConceptCodeSequence": []}

    assert encode_data_set(nested) == _by_pydicom(nested)


def test_an_item_that_is_encoded_already_stands_as_it_is() -> None:
    """Encoding a part first makes no difference."""
    part: dict[str, Value] = {"CodeValue": "Y", "CodeMeaning": "Yes"}

    assert encode_data_set({"ConceptCodeSequence": [EncodedItem(encode_data_set(part))]}) == (
        encode_data_set({"ConceptCodeSequence": [part]})
    )


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"StudyDescription": "x" * 65536}, struct.error),
        ({"Rows": 65536}, struct.error),
        ({"Rows": "many"}, (struct.error, TypeError)),
        ({"SeriesNumber": 1.5}, ValueError),
        ({"NumericValue": float("nan")}, ValueError),
        ({"NumericValue": float("inf")}, ValueError),
        ({"PatientID": (1.0, 2.0)}, TypeError),
        ({"PatientID": 1}, TypeError),
        ({"LUTDescriptor": InVR("US", (0, -1, 8))}, struct.error),
        ({"EncapsulatedDocument": "text"}, TypeError),
        ({"GraphicData": (1e300, 0.0)}, OverflowError),
        ({"NoSuchKeyword": "x"}, KeyError),
        ({"PatientName": "\ud800"}, UnicodeEncodeError),
    ],
    ids=lambda value: str(value)[:40].encode("ascii", "replace").decode(),
)
def test_what_fits_no_value_representation_is_an_error(
    values: dict[str, Value], error: type[Exception] | tuple[type[Exception], ...]
) -> None:
    """Nothing is cut short or written in another form."""
    with pytest.raises(error):
        encode_data_set(values)


def test_a_file_has_its_preamble_and_meta_information() -> None:
    """The file is one that pydicom reads whole and would write alike."""
    uids = ("1.2.840.10008.5.1.4.1.1.88.34", "2.25.1")
    values = {"SOPClassUID": uids[0], "SOPInstanceUID": uids[1], "PatientID": "SYN-1"}
    meta = {"ImplementationClassUID": "2.25.7", "ImplementationVersionName": "HOSR"}
    data = encode_file(*uids, meta, values)
    read = pydicom.dcmread(BytesIO(data))
    again = BytesIO()
    read.save_as(again, enforce_file_format=True)

    assert again.getvalue() == data
    assert read.PatientID == "SYN-1"
