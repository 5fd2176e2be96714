"""The elements that a walk through a file takes are those that pydicom's reader would give."""

from __future__ import annotations

import logging
import warnings
from contextlib import ExitStack
from io import BytesIO
from itertools import permutations
from pathlib import Path

import pydicom
import pydicom.data
import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

from hosr.dicom.elements import (
    is_dicom,
    peek,
    quiet_pydicom,
    read_elements,
    unvalidated_pydicom,
)
from hosr.dicom.structure import UnusableFile
from hosr.intake.images.elements import TAGS

_SAMPLES = Path(__file__).parents[2] / "sample_data"
_INSTALLED = Path(pydicom.data.__file__).parent / "test_files"
_FILES = sorted((*_INSTALLED.glob("*.dcm"), *_SAMPLES.rglob("*.dcm")))


def _taken(path: Path) -> dict[int, object] | None:
    with path.open("rb") as stream:
        if not is_dicom(stream):
            return None
        try:
            elements = read_elements(stream, TAGS).elements
        except UnusableFile:
            return None
    return _contents(elements)


def _by_pydicom(path: Path) -> dict[int, object]:
    dataset = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(TAGS))
    return _contents(dataset)


def _contents(elements: Dataset) -> dict[int, object]:
    """All but the character set, which pydicom has decoded already."""
    wanted = set(TAGS) - {0x00080005}
    return {int(tag): _content(element) for tag, element in elements.items() if tag in wanted}


def _content(element: object) -> object:
    if isinstance(element, RawDataElement):
        return element.VR, element.value or b""
    assert isinstance(element, pydicom.DataElement)
    return [item.to_json_dict() for item in element.value]


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_what_is_taken_is_what_pydicom_reads(path: Path) -> None:
    """In every transfer syntax, with lengths written or not, each wanted element is the same."""
    taken = _taken(path)
    if taken is None:  # refused, which tests of bad input look at
        return
    with warnings.catch_warnings(action="ignore"):
        assert taken == _by_pydicom(path)


@pytest.mark.parametrize("is_undefined_length", [True, False])
def test_a_sequence_is_taken_with_its_items(is_undefined_length: bool) -> None:
    """Whether its length is written or not."""
    item = Dataset()
    item.CodeValue = "R-10206"
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
    dataset.ViewCodeSequence = [item]
    dataset["ViewCodeSequence"].is_undefined_length = is_undefined_length
    dataset.PatientID = "SYN-1"
    stream = BytesIO()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.save_as(stream, enforce_file_format=True)
    stream.seek(0)
    found = read_elements(stream, TAGS).elements

    assert found.ViewCodeSequence[0].CodeValue == "R-10206"
    assert found.PatientID == "SYN-1"


def _file(dataset: Dataset, syntax: str = pydicom.uid.ExplicitVRLittleEndian) -> bytes:
    stream = BytesIO()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _with_scheme() -> Dataset:
    scheme = Dataset()
    scheme.CodingSchemeUID = "2.25.7"
    scheme.private_block(0x0009, "hosr tests", create=True).add_new(1, "LO", "private")
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.PatientID = ""
    dataset.CodingSchemeIdentificationSequence = [scheme]
    return dataset


@pytest.mark.parametrize(
    "syntax", [pydicom.uid.ExplicitVRLittleEndian, pydicom.uid.ImplicitVRLittleEndian]
)
@pytest.mark.parametrize("is_undefined_length", [True, False])
def test_a_peek_gives_texts_and_items(is_undefined_length: bool, syntax: str) -> None:
    """Of the tags that were asked for, however their lengths are written."""
    dataset = _with_scheme()
    dataset["CodingSchemeIdentificationSequence"].is_undefined_length = is_undefined_length
    seen = peek(
        _file(dataset, syntax), (0x00080008, 0x00080018, 0x00080070, 0x00080110, 0x00100020)
    )

    assert (seen.text(0x00080008), seen.text(0x00080018)) == ("DERIVED\\SECONDARY", "1.2.3")
    assert [item.text(0x0008010C) for item in seen.items(0x00080110)] == ["2.25.7"]
    assert (seen.text(0x00080070), seen.text(0x00100020), seen.text(0x00080016)) == ("", "", "")
    assert seen.items(0x00081115) == ()
    assert seen.media_sop_class_uid == "1.2.840.10008.5.1.4.1.1.7"
    assert seen.transfer_syntax == syntax


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is not a DICOM file"),
        (b"%PDF" * 100, "is not a DICOM file"),
        (_file(_with_scheme())[:-5], "is truncated or damaged"),
        (bytes(128) + b"DICM" + b"\xff" * 40, "is truncated or damaged"),
    ],
    ids=["nothing", "another file", "cut off", "no meta information"],
)
def test_a_peek_into_no_whole_file_is_refused(data: bytes, problem: str) -> None:
    """Whatever is wrong, one kind of error says so, from bytes as from a stream."""
    for file in (data, BytesIO(data)):
        with pytest.raises(UnusableFile, match=problem):
            peek(file, (0x00080018,))


@pytest.mark.filterwarnings("error")
def test_a_peek_says_nothing_of_a_value_that_is_none() -> None:
    """A UID that is none is seen as it stands, and nobody is warned with it."""
    data = _file(_with_scheme()).replace(b"1.2.3\0", b"not-it")

    assert peek(data, (0x00080018,)).text(0x00080018) == "not-it"


def test_what_several_threads_silence_ends_with_the_last_of_them() -> None:
    """Each thread leaves while others are inside, in any order: none hears a value of a header."""

    def settings() -> tuple[bool, bool, int]:
        with warnings.catch_warnings(record=True) as heard:
            warnings.warn("a value of the header", stacklevel=1)
        mode = pydicom.config.settings.reading_validation_mode
        return logging.getLogger("pydicom").disabled, not heard, mode

    def threads() -> list[ExitStack]:
        return [ExitStack() for _ in range(3)]

    warnings.simplefilter("always")
    before = settings()
    silent = (True, True, pydicom.config.IGNORE)
    assert before == (False, False, pydicom.config.WARN)
    for order in permutations(range(3)):
        inside = threads()
        for thread in inside:
            thread.enter_context(quiet_pydicom())
            thread.enter_context(unvalidated_pydicom())
        for leaving in order:
            assert settings() == silent
            inside[leaving].close()
        assert settings() == before
