"""Files that are no images, or not those of the record: one line each, exit 4, no file."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.command import Ran, hosr, write_record
from tests.images import DELETE, FILM_UID, dicom_bytes, film, write_film
from tests.intake.dicom_files import deflated, nested

if TYPE_CHECKING:
    from collections.abc import Callable

    Given = Callable[[Path], object]

_GIB = 1 << 30


def _film(**changes: Any) -> Given:
    return lambda folder: write_film(folder / "film.dcm", **changes)


def _films(**changes: Any) -> Given:
    """Two films, the second with these changes."""

    def write(folder: Path) -> None:
        write_film(folder / "1.dcm")
        write_film(folder / "2.dcm", **{"SOPInstanceUID": "2.25.2", **changes})

    return write


def _bytes(content: bytes, name: str = "film.dcm") -> Given:
    def write(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return write


def _bomb(folder: Path) -> None:
    """100 MB of blanks in 100 kB."""
    image = film(TextValue=" " * (100 << 20))
    (folder / "film.dcm").write_bytes(deflated(image))


def _nested(folder: Path) -> None:
    head, tail = dicom_bytes(film()).split(b"\x28\x00\x02\x00US", 1)
    deep = nested(500, defined=False, tag=(0x0020, 0x9116))
    (folder / "film.dcm").write_bytes(head + deep + b"\x28\x00\x02\x00US" + tail)


def _sparse(folder: Path) -> None:
    with (folder / "film.dcm").open("wb") as file:
        file.write(bytes(128) + b"DICM")
        file.truncate(3 * _GIB)


def _encrypted(folder: Path) -> None:
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        archive.writestr("film.dcm", dicom_bytes(film()))
    content = bytearray((folder / "images.zip").read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    (folder / "images.zip").write_bytes(content)


# What is given as images, and the faults.
WRONG_IMAGES: dict[str, tuple[Given, list[str]]] = {
    "nothing": (
        lambda _: None,
        [
            "  images: there is no radiograph, CT or MR image; give the DX, CR, CT, MR or secondary capture images that were graded"
        ],
    ),
    "only text beside": (
        _bytes(b"read me", "README.txt"),
        [
            "  README.txt: is not a DICOM file; give DICOM files, a folder, a DICOMDIR or a ZIP archive of them"
        ],
    ),
    "two patients": (
        _films(PatientID="P-4712"),
        ["  2.dcm: Patient ID is not that of 1.dcm; give the images of one patient and one study"],
    ),
    "two studies": (
        _films(StudyInstanceUID="2.25.5"),
        [
            "  images: are of 2 studies: 1.2.826.0.1.1 (1 DX, such as 1.dcm); 2.25.5 (1 DX, such as 2.dcm). 2 of them fit the record; name one in study.study_instance_uid of the record, or give the images of one study"
        ],
    ),
    "two issuers": (
        _films(IssuerOfPatientID="ELSEWHERE"),
        [
            "  2.dcm: Issuer of Patient ID is not that of 1.dcm; give the images of one patient and one study"
        ],
    ),
    "one UID for two": (
        _films(SOPInstanceUID=FILM_UID, StudyDate="20260302"),
        [
            "  2.dcm: has the SOP Instance UID of another file, but not its content; give the image as the archive holds it"
        ],
    ),
    "no study UID": (
        _film(StudyInstanceUID=DELETE),
        ["  film.dcm: Study Instance UID is missing; give the image as the archive holds it"],
    ),
    "no series UID": (
        _film(SeriesInstanceUID=""),
        ["  film.dcm: Series Instance UID is missing; give the image as the archive holds it"],
    ),
    "no image UID": (
        _film(SOPInstanceUID="1.2.x"),
        ["  film.dcm: SOP Instance UID is not valid; give the image as the archive holds it"],
    ),
    "no SOP class": (
        _film(SOPClassUID="1.2.x"),
        [
            "  film.dcm: SOP Class UID is missing or not valid; give the image as the archive holds it"
        ],
    ),
    "a structured report": (
        _film(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33"),
        [
            "  film.dcm: there is no radiograph, CT or MR image; give the DX, CR, CT, MR or secondary capture images that were graded",
            "  film.dcm: is no radiograph, CT or MR image but Comprehensive SR Storage; `hosr import FILE --labels labels.toml --images ...` makes a record of what was drawn in it",
        ],
    ),
    "no rows": (
        _film(Rows=DELETE),
        ["  film.dcm: has no Rows and Columns, so it is no image; give the image itself"],
    ),
    "the left hip": (
        _film(ImageLaterality="L"),
        [
            "  $.hips[0].side: is right, but the image header says left; correct the side, name the image of that side, or say in overrides why not"
        ],
    ),
    "the left hip, for the study": (
        _film(ImageLaterality=DELETE, Laterality="L"),
        [
            "  $.hips[0].side: is right, but the image header says left; correct the side, name the image of that side, or say in overrides why not"
        ],
    ),
    "both sides, each as the only one": (
        _film(Laterality="R", ImageLaterality="L"),
        [
            "  film.dcm: its laterality attributes name both sides, each as the only one; correct the laterality in the file"
        ],
    ),
    "no character set": (
        _film(SpecificCharacterSet=DELETE, PatientName=b"M\xfcller^\xc4nne"),
        [
            "  film.dcm: Patient's Name has characters outside of ASCII, and the file declares no character set for them; name it with --assume-charset, such as ISO_IR 100"
        ],
    ),
    "two names": (
        _film(PatientName="Müller\\Meier"),
        ["  film.dcm: Patient's Name holds a backslash, so more than one value; correct the file"],
    ),
    "too many frames": (
        _film(NumberOfFrames="99999999"),
        ["  film.dcm: Number of Frames is no number of frames; correct the file"],
    ),
    "a cut file": (
        _bytes(dicom_bytes(film())[:3000]),
        ["  film.dcm: is truncated or damaged; fetch the file again"],
    ),
    "a cut header": (
        _bytes(dicom_bytes(film())[:400]),
        ["  film.dcm: is truncated or damaged; fetch the file again"],
    ),
    "only a preamble": (
        _bytes(bytes(128) + b"DICM"),
        ["  film.dcm: is truncated: there is no data set; fetch the file again"],
    ),
    "noise": (
        _bytes(bytes(128) + b"DICM" + bytes(range(256)) * 4),
        ["  film.dcm: is truncated or damaged; fetch the file again"],
    ),
    "an empty file": (_bytes(b""), ["  film.dcm: is empty; fetch the file again"]),
    "a deflated bomb": (
        _bomb,
        ["  film.dcm: inflates to more than 64 MB; give the file uncompressed"],
    ),
    "500 sequences in one another": (
        _nested,
        ["  film.dcm: nests sequences more than 32 deep; give the file as the archive holds it"],
    ),
    "a file of 3 GiB": (_sparse, ["  film.dcm: is larger than 2 GiB; give the images one by one"]),
    "an encrypted archive": (
        _encrypted,
        ["  images.zip: is encrypted; give the images themselves"],
    ),
}


@pytest.mark.parametrize("case", WRONG_IMAGES)
def test_wrong_images_are_refused_in_one_line_each(case: str, tmp_path: Path) -> None:
    """Images that make a false report, or none, leave with 4, their faults and no file."""
    given, faults = WRONG_IMAGES[case]
    images = tmp_path / "images"
    images.mkdir()
    given(images)
    files = list(images.iterdir())
    record = write_record(tmp_path / "record.json")
    paths = files if len(files) == 1 else [images]
    ran = hosr("report", record, "--images", *paths, "--out", tmp_path / "out")
    assert ran == Ran(
        code=4, err="".join(f"{line}\n" for line in ("hosr: images refused", *faults))
    )
    assert ran.is_safe_to_read
    assert not (tmp_path / "out").exists()
