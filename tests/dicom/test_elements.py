"""The elements that a walk through a file takes are those that pydicom's reader would give."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path

import pydicom
import pydicom.data
import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

from hosr.dicom.elements import is_dicom, read_elements
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
