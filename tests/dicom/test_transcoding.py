"""A data set changes how it is written, and nothing else."""

from __future__ import annotations

import io
import struct

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from hosr.dicom.structure import UnusableFile
from hosr.dicom.transcoding import implicit_of_explicit, inflated
from tests.archive.dimse.objects import DEFLATED, IMPLICIT, data_set_bytes, make_data_set, make_file
from tests.drawn import drawn


def _written(data_set: Dataset, *, implicit: bool) -> bytes:
    stream = DicomBytesIO()
    stream.is_little_endian, stream.is_implicit_VR = True, implicit
    write_dataset(stream, data_set)
    return stream.getvalue()


def _undefined(data_set: Dataset) -> Dataset:
    """The same with sequences and items that end with a delimiter."""
    for element in data_set:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                _undefined(item)
    return data_set


@pytest.mark.parametrize("undefined", [False, True])
def test_what_pydicom_writes_is_what_comes_out(undefined: bool) -> None:
    """Against an independent writer: the same bytes, delimiters or not."""
    source = make_data_set("2.25.1")
    explicit = _written(_undefined(source) if undefined else source, implicit=False)
    assert implicit_of_explicit(explicit) == _written(make_data_set("2.25.1"), implicit=True)


def test_an_unknown_value_of_undefined_length_is_a_sequence_in_implicit_vr() -> None:
    """UN of undefined length holds items in Implicit VR Little Endian (PS3.5 section 6.2.2)."""
    inner = struct.pack("<HHL", 0x0009, 0x1001, 2) + b"ab"
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF) + inner + b"\xfe\xff\x0d\xe0\0\0\0\0"
    explicit = (
        struct.pack("<HH2sHL", 0x0009, 0x1000, b"UN", 0, 0xFFFFFFFF)
        + item
        + b"\xfe\xff\xdd\xe0\0\0\0\0"
    )
    wanted = struct.pack("<HHL", 0xFFFE, 0xE000, len(inner)) + inner
    head = struct.pack("<HHL", 0x0009, 0x1000, len(wanted))
    assert implicit_of_explicit(explicit) == head + wanted


def test_bytes_that_are_no_text_stay() -> None:
    """A value that cannot be decoded is passed on as it is."""
    element = struct.pack("<HH2sH", 0x0010, 0x0010, b"PN", 4) + b"\xff\xfe\x80\\"
    wanted = struct.pack("<HHL", 0x0010, 0x0010, 4) + b"\xff\xfe\x80\\"
    assert implicit_of_explicit(element) == wanted


def test_a_deflated_data_set_is_inflated() -> None:
    """Deflated data give the data set; damage and excess are refused."""
    deflated = data_set_bytes(make_file("2.25.1", transfer_syntax=DEFLATED))
    explicit = inflated(io.BytesIO(deflated))
    assert explicit == data_set_bytes(make_file("2.25.1"))
    broken, cut = "is damaged and cannot be read", "is truncated or damaged"
    for damaged, problem in ((deflated[:-9], cut), (b"\xff" * 40, broken), (b"", cut)):
        with pytest.raises(UnusableFile, match=problem):
            inflated(io.BytesIO(damaged))


@drawn(120)
@given(st.data())
def test_damage_is_refused_or_harmless(data: st.DataObject) -> None:
    """Whatever bytes come, the end is a data set or a refusal, and soon."""
    whole = _written(make_data_set("2.25.1"), implicit=False)
    cut = data.draw(st.integers(0, len(whole)))
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole[:cut])
    changed[place : place + 4] = data.draw(st.binary(min_size=4, max_size=4))
    try:
        implicit = implicit_of_explicit(bytes(changed))
    except (UnusableFile, struct.error):
        return
    assert len(implicit) <= 2 * len(changed) + 8


def test_pydicom_reads_the_same_content() -> None:
    """The implicit data set has the content of the explicit one for an independent reader."""
    explicit = data_set_bytes(make_file("2.25.1"))
    read = pydicom.dcmread(io.BytesIO(implicit_of_explicit(explicit)), force=True)
    assert read == pydicom.dcmread(io.BytesIO(make_file("2.25.1", transfer_syntax=IMPLICIT)))
