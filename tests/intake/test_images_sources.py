"""Files, folders, DICOMDIRs and ZIP archives."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from pydicom import Dataset
from pydicom.uid import (
    BasicTextSRStorage,
    Comprehensive3DSRStorage,
    EnhancedSRStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    KeyObjectSelectionDocumentStorage,
    RTStructureSetStorage,
    SegmentationStorage,
)

from hosr.dicom import elements
from hosr.errors import Fault, ImagesRefused
from hosr.intake.images import Note, SourceImages, read_images, sources, values
from hosr.intake.images.others import LABEL_MAP_SEGMENTATION
from tests.intake.dicom_files import ct, encoded, medium, radiograph, write

COUNT = 5
_SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of slices, the first of which has the last name."""
    path = tmp_path / "study"
    for number in range(1, COUNT + 1):
        file = path / f"series{number % 2}" / f"IM{COUNT - number}"
        file.parent.mkdir(parents=True, exist_ok=True)
        write(file, ct(number))
    return path


@pytest.fixture
def expected(folder: Path) -> SourceImages:
    """What the folder holds."""
    source = read_images([folder])
    assert [image.instance_number for image in source.images] == [1, 2, 3, 4, 5]
    assert source.notes == ()
    return source


def files(folder: Path) -> list[Path]:
    """Every file of a folder, in no order."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    random.Random(7).shuffle(paths)  # noqa: S311 (no secret)
    return paths


def zipped(folder: Path, archive: Path) -> Path:
    """An archive of a folder."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
        for path in files(folder):
            members.write(path, path.relative_to(folder))
    return archive


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    """Whoever put it there, what it leads to is none of these images; a link within is."""
    (folder / "out.dcm").symlink_to(write(tmp_path / "elsewhere.dcm", ct(9)))
    (folder / "series0" / "in.dcm").symlink_to(folder / "series1" / "IM4")
    source = read_images([folder])
    assert len(source.images) == COUNT
    assert {note.problem for note in source.notes} == {
        "is a link out of the folder; it is not used",
        "is the same image once more; it is used once",
    }


def test_order_and_place(folder: Path, expected: SourceImages, tmp_path: Path) -> None:
    """The same images give the same result, in whatever order and place they lie."""
    assert read_images(files(folder)) == expected
    assert read_images([folder / "series1", folder / "series0"]) == expected
    assert read_images([zipped(folder, tmp_path / "study.zip")]) == expected


def test_medium(folder: Path, expected: SourceImages) -> None:
    """A DICOMDIR stands for the files that it refers to, and a folder with one for its files."""
    components = [list(path.relative_to(folder).parts) for path in files(folder)]
    directory = medium(folder / "DICOMDIR", *components)
    assert read_images([directory]) == expected
    whole = read_images([folder])
    assert whole.images == expected.images
    assert whole.notes == (
        Note(
            path="DICOMDIR",
            problem="is no radiograph, CT or MR image but Media Storage Directory Storage",
        ),
    )


def test_incomplete_medium(folder: Path) -> None:
    """A file that a DICOMDIR refers to in vain is noted."""
    directory = medium(folder / "DICOMDIR", ["series1", "IM0"], ["series1", "IM9"])
    source = read_images([directory])
    assert len(source.images) == 1
    assert source.notes == (Note(path="DICOMDIR", problem="refers to a file that is not there"),)


@pytest.mark.parametrize(
    "components",
    [["..", "SECRET"], ["X", "..", "..", "SECRET"], ["/etc", "passwd"], ["A/../../B"], ["LINK"]],
)
def test_medium_that_reaches_out(tmp_path: Path, components: list[str]) -> None:
    """A DICOMDIR that refers outside of its folder is refused, and so is one by way of a link."""
    root = tmp_path / "medium"
    root.mkdir()
    (root / "LINK").symlink_to(write(tmp_path / "SECRET", radiograph()))
    directory = medium(root / "DICOMDIR", components)
    with pytest.raises(ImagesRefused, match=r"^DICOMDIR: refers to a file outside of its folder"):
        read_images([directory])


def other_object(sop_class: str) -> Dataset:
    """An object of the study that is no image."""
    return radiograph(SOPClassUID=sop_class, SOPInstanceUID="1.2.826.0.1.1.5.1")


def test_other_objects(folder: Path, expected: SourceImages) -> None:
    """What else lies in a folder is noted and left alone."""
    write(folder / "report", other_object(BasicTextSRStorage))
    write(folder / "state", other_object(GrayscaleSoftcopyPresentationStateStorage))
    (folder / "notes.txt").write_text("for the surgeon")
    (folder / "void").touch()
    source = read_images([folder])
    assert source.images == expected.images
    assert source.notes == (
        Note(
            path="notes.txt",
            problem="is not a DICOM file; it is not used (and 1 more file)",
        ),
        Note(path="report", problem="is no radiograph, CT or MR image but Basic Text SR Storage"),
        Note(
            path="state",
            problem="is no radiograph, CT or MR image but "
            f"Grayscale Softcopy Presentation State Storage; {DRAWN}",
        ),
    )


_IMPORT = "`hosr import FILE --labels labels.toml --images ...` makes a record of"
DRAWN = f"{_IMPORT} what was drawn in it"
_MASKS = f"{_IMPORT} its segments"
_CONVERT = "convert it to a DICOM Segmentation, of which `hosr import` makes a record"


@pytest.mark.parametrize(
    ("sop_class", "told"),
    [
        (SegmentationStorage, f"Segmentation Storage; {_MASKS}"),
        (LABEL_MAP_SEGMENTATION, f"Label Map Segmentation Storage; {_MASKS}"),
        (RTStructureSetStorage, f"RT Structure Set Storage; {_CONVERT}"),
        (EnhancedSRStorage, f"Enhanced SR Storage; {DRAWN}"),
        (Comprehensive3DSRStorage, f"Comprehensive 3D SR Storage; {DRAWN}"),
        (KeyObjectSelectionDocumentStorage, "Key Object Selection Document Storage"),
        ("1.2.826.0.1.9", "1.2.826.0.1.9"),
    ],
)
def test_what_is_no_image_is_named_with_what_reads_it(
    tmp_path: Path, sop_class: str, told: str
) -> None:
    """It is called by its name, and the command stands beside it where there is one."""
    image, other = encoded(radiograph()), encoded(other_object(sop_class))
    problem = f"is no radiograph, CT or MR image but {told}"
    assert read_images([image, other]).notes == (Note(path="image 2", problem=problem),)
    write(tmp_path / "mask", other_object(sop_class))
    with pytest.raises(ImagesRefused) as refusal:
        read_images([tmp_path / "mask"])
    assert refusal.value.faults[1:] == (Fault("mask", problem),)


def test_a_report_of_hosr_is_named_with_what_reads_it() -> None:
    """Nothing is to be imported from it: it is shown, and compared with."""
    report = (_SAMPLES / "reports" / "brooker-0.dcm").read_bytes()
    (note,) = read_images([encoded(radiograph()), report]).notes
    assert note.problem == (
        "is no radiograph, CT or MR image but Comprehensive 3D SR Storage; it is a report of hosr: "
        "`hosr show FILE` prints it, `--prior FILE` compares with it"
    )


def test_same_image_twice(folder: Path, expected: SourceImages) -> None:
    """An image that is there twice counts once, even behind another preamble."""
    original = folder / "series0" / "IM1"
    (folder / "copy").write_bytes(b"II*\0" + original.read_bytes()[4:])
    source = read_images([folder])
    assert source.images == expected.images
    assert source.notes == (
        Note(path="copy", problem="is the same image once more; it is used once"),
    ) or source.notes == (Note(path="IM1", problem="is the same image once more; it is used once"),)


def test_two_images_of_one_uid(folder: Path) -> None:
    """Two images under one SOP Instance UID are refused: a report could be of either."""
    write(folder / "copy", ct(1, Columns=3, PixelData=bytes(18)))
    with pytest.raises(ImagesRefused, match="has the SOP Instance UID of another file, but not"):
        read_images([folder])


def test_broken_image_in_a_folder(folder: Path) -> None:
    """A folder with a damaged image is refused: it could be the one that matters."""
    path = folder / "series0" / "IM1"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(
        ImagesRefused, match=r"^IM1: is truncated or damaged; fetch the file again$"
    ):
        read_images([folder])


def test_no_images(tmp_path: Path) -> None:
    """Where there is no image there is no report."""
    nothing = "there is no radiograph, CT or MR image"
    with pytest.raises(ImagesRefused, match=f"^images: {nothing}"):
        read_images([])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImagesRefused, match=f"^empty: {nothing}"):
        read_images([tmp_path / "empty"])
    report = write(tmp_path / "report.dcm", other_object(BasicTextSRStorage))
    with pytest.raises(ImagesRefused, match=f"^report.dcm: {nothing}"):
        read_images([report])
    with pytest.raises(ImagesRefused, match=r"^lost\.dcm: there is no such file or folder$"):
        read_images([tmp_path / "lost.dcm"])


def test_names_fit_one_line(tmp_path: Path) -> None:
    """A file name that breaks lines or drives terminals is told harmlessly."""
    path = tmp_path / "a\n\x1b[31m.dcm"
    path.write_text("no image")
    with pytest.raises(ImagesRefused, match=r"^a\?\?\[31m\.dcm: is not a DICOM file"):
        read_images([path])


def test_archive_that_climbs_out(tmp_path: Path) -> None:
    """The names in an archive lead nowhere: its members are read in memory."""
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../evil.dcm", encoded(radiograph()))
        archive.writestr("/etc/cron", "not an image")
    source = read_images([path])
    assert len(source.images) == 1
    assert source.notes == (Note(path="cron", problem="is not a DICOM file; it is not used"),)
    assert [entry.name for entry in tmp_path.iterdir()] == ["study.zip"]


def test_encrypted_archive(tmp_path: Path) -> None:
    """An encrypted archive is refused as such."""
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.dcm", encoded(radiograph()))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ImagesRefused, match=r"^study\.zip: is encrypted; give the images"):
        read_images([path])


@pytest.mark.parametrize(
    ("module", "cap", "problem"),
    [
        (sources, "MAX_FILES", "holds more than 2 files"),
        (values, "MAX_MEMBER_BYTES", "holds a file larger than 512 MiB"),
        (values, "MAX_ARCHIVE_BYTES", "holds more than 4 GiB"),
    ],
)
def test_caps_of_archives(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    cap: str,
    problem: str,
) -> None:
    """An archive is refused by what it declares, before anything in it is inflated."""
    archive = zipped(folder, tmp_path / "study.zip")
    monkeypatch.setattr(module, cap, 2)
    with pytest.raises(ImagesRefused, match=rf"^study\.zip: {problem}; give the"):
        read_images([archive])


def test_damaged_archive(folder: Path, tmp_path: Path) -> None:
    """An archive that is cut short is refused."""
    archive = zipped(folder, tmp_path / "study.zip")
    archive.write_bytes(archive.read_bytes()[:-30])
    with pytest.raises(ImagesRefused, match=r"^study\.zip: cannot be read; check the file"):
        read_images([archive])


def test_caps_of_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the cap is not opened, and a folder of too many files is refused."""
    assert elements.MAX_FILE_BYTES == 2 << 30
    with monkeypatch.context() as patch:
        patch.setattr(values, "MAX_FILE_BYTES", 100)
        with pytest.raises(ImagesRefused, match="is larger than 2 GiB; give the images"):
            read_images([folder])
        with pytest.raises(ImagesRefused, match=r"^IM1: is larger than 2 GiB; give the images"):
            read_images([folder / "series0" / "IM1"])
    monkeypatch.setattr(sources, "MAX_FILES", 2)
    with pytest.raises(ImagesRefused, match=r"^study: holds more than 2 files"):
        read_images([folder])


def test_device(tmp_path: Path) -> None:
    """What is neither file nor folder is refused, and a folder's links to nothing are left out."""
    with pytest.raises(ImagesRefused, match=r"^null: is neither a file nor a folder$"):
        read_images([Path("/dev/null")])
    write(tmp_path / "a.dcm", radiograph())
    (tmp_path / "link").symlink_to(tmp_path / "lost")
    assert len(read_images([tmp_path]).images) == 1
