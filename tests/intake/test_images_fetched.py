"""Images of which only the headers are here: the file that is fetched must be of the same image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hosr.errors import ImagesRefused
from hosr.intake.images import read_images
from tests.intake.dicom_files import DELETE, radiograph, write

if TYPE_CHECKING:
    from pathlib import Path


def _fetched(tmp_path: Path, **changes: Any) -> bytes:
    """What a picture is made of, of an image whose file has these changes to what its header said."""
    header = write(tmp_path / "header.dcm", radiograph(PixelData=DELETE))
    whole = write(tmp_path / "whole.dcm", radiograph(**changes)).read_bytes()
    source = read_images([header], fetch=lambda _: whole)
    return source.read_file(source.images[0].sop_instance_uid)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"PatientName": "MUELLER^AENNE"},
        {"PatientBirthDate": ""},
        {"AccessionNumber": "SET-RIGHT", "StudyDescription": "of the order"},
    ],
)
def test_the_same_image_is_taken(changes: dict[str, Any], tmp_path: Path) -> None:
    """However the archive writes the name, and whatever it set right of the order."""
    assert _fetched(tmp_path, **changes)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"StudyInstanceUID": "2.25.1"}, "Study Instance UID"),
        ({"SeriesInstanceUID": "2.25.1"}, "SOP Instance, Class or Series Instance UID"),
        ({"SOPInstanceUID": "2.25.1"}, "SOP Instance, Class or Series Instance UID"),
        ({"Rows": 9}, "number of rows"),
        ({"Columns": 9}, "number of columns"),
        ({"NumberOfFrames": "2"}, "number of frames"),
        ({"PatientID": "OTHER"}, "patient"),
        ({"PatientBirthDate": "19010101"}, "patient"),
        ({"PatientSex": "M"}, "patient"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.33"}, "Class"),
    ],
)
def test_another_image_is_refused(changes: dict[str, Any], what: str, tmp_path: Path) -> None:
    """Nobody gets a picture of another study, patient or film than the report is of."""
    with pytest.raises(
        ImagesRefused, match=f"comes with another {what} than its header had; look at"
    ):
        _fetched(tmp_path, **changes)


@pytest.mark.parametrize("content", [b"", b"no DICOM", bytes(200)])
def test_what_is_no_image_is_refused(content: bytes, tmp_path: Path) -> None:
    """A page that says that the image is gone, say."""
    header = write(tmp_path / "header.dcm", radiograph(PixelData=DELETE))
    source = read_images([header], fetch=lambda _: content)
    with pytest.raises(ImagesRefused):
        source.read_file(source.images[0].sop_instance_uid)
