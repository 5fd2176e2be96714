"""Discs as patients bring them: names that a file system changed, files without preamble, two studies."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

import hosr
from hosr.errors import ImagesRefused
from hosr.intake.images import NamedStudies, Note, read_images
from tests.command import hosr as run_hosr
from tests.command import write_record
from tests.images import dicom_bytes, film
from tests.intake.dicom_files import ct, encoded, medium, radiograph, write

LISTED = ["IMAGES", "IM001"]
NOTHING = (
    "there is no radiograph, CT or MR image; give the DX, CR, CT, MR or secondary capture images "
    "that were graded"
)


@pytest.mark.parametrize(
    ("on_disc", "notes"),
    [
        ("IMAGES/IM001", []),
        ("images/im001", []),
        ("Images/Im001", []),
        ("IMAGES/IM001.;1", []),
        ("IMAGES/IM001;1", []),
        ("images/im001.", []),
        ("images/im001.dcm", ["im001.dcm: has another name in the DICOMDIR; it is used"]),
        ("IMAGES/IM001.DCM;1", ["IM001.DCM;1: has another name in the DICOMDIR; it is used"]),
    ],
)
@pytest.mark.parametrize("image", [radiograph, lambda: ct(1)])
def test_names_that_a_file_system_changed(
    tmp_path: Path, on_disc: str, notes: list[str], image: Callable[[], Dataset]
) -> None:
    """A DICOMDIR finds its files in small letters, with a version and with an extension."""
    path = tmp_path / on_disc
    path.parent.mkdir()
    write(path, image())
    source = read_images([medium(tmp_path / "DICOMDIR", LISTED)])
    assert len(source.images) == 1
    assert [f"{note.path}: {note.problem}" for note in source.notes] == notes


def test_the_exact_name_goes_before_those_like_it(tmp_path: Path) -> None:
    """What is there under its own name is not looked for under another."""
    (tmp_path / "IMAGES").mkdir()
    write(tmp_path / "IMAGES" / "IM001", ct(1))
    write(tmp_path / "IMAGES" / "im001", ct(2))
    write(tmp_path / "IMAGES" / "IM001.dcm", ct(3))
    source = read_images([medium(tmp_path / "DICOMDIR", LISTED)])
    assert [image.instance_number for image in source.images] == [1]
    assert source.notes == ()


def test_a_name_that_leads_out_by_a_link(tmp_path: Path) -> None:
    """A link out of the folder is refused under a name that is only like the one listed too."""
    root = tmp_path / "medium"
    outside = tmp_path / "outside"
    outside.mkdir()
    root.mkdir()
    write(outside / "im001.dcm", radiograph())
    (root / "images").symlink_to(outside)
    with pytest.raises(ImagesRefused, match=r"^DICOMDIR: refers to a file outside of its folder"):
        read_images([medium(root / "DICOMDIR", LISTED)])


def test_the_cause_is_told_where_there_is_no_image(tmp_path: Path) -> None:
    """A directory without its files, or one that names none, is told beside the refusal."""
    with pytest.raises(ImagesRefused, match=r".") as refusal:
        read_images([medium(tmp_path / "DICOMDIR", LISTED, ["IMAGES", "IM002"])])
    assert [str(fault) for fault in refusal.value.faults] == [
        f"DICOMDIR: {NOTHING}",
        "DICOMDIR: refers to a file that is not there (and 1 more file)",
    ]
    with pytest.raises(ImagesRefused, match=r"DICOMDIR: refers to no file"):
        read_images([medium(tmp_path / "DICOMDIR")])


def without_preamble(content: bytes, *, meta: bool) -> bytes:
    """The file without its first 132 bytes, or without file meta information as well."""
    if meta:
        return content[132:]
    length = 12 + int.from_bytes(content[140:144], "little")
    return content[132 + length :]


NOT_MARKED = "has no preamble and DICOM mark; it is read all the same"


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("meta", [True, False])
@pytest.mark.parametrize("charset", ["ISO_IR 100", ""])
def test_a_file_without_preamble(tmp_path: Path, syntax: str, meta: bool, charset: str) -> None:
    """Is read, from a folder, by itself, in memory, out of an archive, and once more for its pixels."""
    image = radiograph(PatientName="Rossi^Maria", SpecificCharacterSet=charset)
    content = without_preamble(encoded(image, syntax), meta=meta)
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "IM1").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        archive.writestr("IM1", content)
    directory = medium(folder / "DICOMDIR", ["IM1"])
    (tmp_path / "whole").mkdir()
    expected = read_images([write(tmp_path / "whole" / "IM1", image, syntax)])
    for given in (folder, folder / "IM1", content, tmp_path / "study.zip", directory):
        source = read_images(given)
        assert source.images == expected.images
        assert NOT_MARKED in {note.problem for note in source.notes}
        whole = source.read_file(source.images[0].sop_instance_uid)
        assert dcmread(BytesIO(whole)).PatientName == "Rossi^Maria"


@pytest.mark.parametrize("content", [b"\x08\0\0\0\x04\0\0\0" * 300, b"\x02\0\0\0ULtimate" * 100])
def test_what_only_begins_like_dicom(tmp_path: Path, content: bytes) -> None:
    """A file of another kind in a folder of images does no harm."""
    write(tmp_path / "a.dcm", radiograph())
    (tmp_path / "thumbs.db").write_bytes(content)
    assert [note.path for note in read_images([tmp_path]).notes] == ["thumbs.db"]


OTHER = "1.2.826.0.1.2"


@pytest.fixture
def disc(tmp_path: Path) -> Path:
    """A radiograph, and two slices of another study of the same patient."""
    path = tmp_path / "disc"
    path.mkdir()
    write(path / "film", radiograph())
    for number in (1, 2):
        slice_of = ct(number, StudyInstanceUID=OTHER, AccessionNumber="A-18")
        write(path / f"slice{number}", slice_of)
    medium(path / "DICOMDIR", ["film"], ["slice1"], ["slice2"])
    return path


UNNAMED = "images: are of 2 studies: 1.2.826.0.1.1 (1 DX, such as film); 1.2.826.0.1.2 (2 CT, such as slice1)"
REMEDY = "name one in study.study_instance_uid of the record, or give the images of one study"


def test_two_studies_are_refused_by_name(disc: Path) -> None:
    """Where nobody says which is meant, the studies are named and how to choose."""
    for given in (disc, disc / "DICOMDIR"):
        with pytest.raises(ImagesRefused, match=r".") as refusal:
            read_images(given)
        assert list(map(str, refusal.value.faults)) == [f"{UNNAMED}; {REMEDY}"]


@pytest.mark.parametrize(
    ("named", "modalities"),
    [
        (NamedStudies(study_instance_uids=frozenset({"1.2.826.0.1.1"})), ["DX"]),
        (NamedStudies(study_instance_uids=frozenset({OTHER})), ["CT", "CT"]),
        (NamedStudies(study_instance_uids=frozenset({OTHER, "1.2.3"})), ["CT", "CT"]),
        (NamedStudies(accession_numbers=frozenset({"A-17"})), ["DX"]),
        (NamedStudies(accession_numbers=frozenset({"A-18"})), ["CT", "CT"]),
        (NamedStudies(sop_instance_uids=frozenset({"1.2.826.0.1.1.2.2"})), ["CT", "CT"]),
    ],
)
def test_the_study_that_is_named(disc: Path, named: NamedStudies, modalities: list[str]) -> None:
    """Its images are taken, and the others told."""
    source = read_images(disc / "DICOMDIR", named=named)
    assert [image.reference.modality for image in source.images] == modalities
    (note,) = source.notes
    assert note.problem.startswith("is of another study than the record names; it is not used")


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"study_instance_uids": {"1.2.3"}}, "None of them fits the record"),
        ({"study_instance_uids": {OTHER, "1.2.826.0.1.1"}}, "2 of them fit the record"),
        ({"accession_numbers": {"A-17", "A-18"}}, "2 of them fit the record"),
    ],
)
def test_no_one_study_is_named(disc: Path, named: dict[str, set[str]], words: str) -> None:
    """Two that are named are as open as none."""
    asked = NamedStudies(**{key: frozenset(values) for key, values in named.items()})
    with pytest.raises(ImagesRefused, match=rf"\. {words}; name one in"):
        read_images(disc, named=asked)


def test_another_patient_on_the_disc(tmp_path: Path) -> None:
    """The images of a study that is not meant may be anybody's; of the one meant they may not."""
    write(tmp_path / "1", radiograph())
    write(tmp_path / "2", ct(1, StudyInstanceUID=OTHER, PatientID="P-4712", PatientSex="M"))
    named = NamedStudies(study_instance_uids=frozenset({OTHER}))
    assert read_images(tmp_path, named=named).patient.patient_id == "P-4712"
    write(tmp_path / "3", ct(2, StudyInstanceUID=OTHER))
    with pytest.raises(ImagesRefused, match="Patient ID is not that of"):
        read_images(tmp_path, named=named)


def test_many_studies_are_counted(tmp_path: Path) -> None:
    """A sentence names five of them."""
    for number in range(7):
        changes = {"StudyInstanceUID": f"1.2.{number}", "SOPInstanceUID": f"1.2.{number}.1"}
        write(tmp_path / f"IM{number}", radiograph(**changes))
    with pytest.raises(
        ImagesRefused, match=r"of 7 studies: .*1\.2\.4 \(1 DX, such as IM4\); 2 more;"
    ):
        read_images(tmp_path)


def record_of(**study: str) -> dict[str, Any]:
    """A record of the film of `tests.images`, with these assertions."""
    return {
        "schema_version": "1.0",
        "graded_at": "2026-03-02T10:15:00+01:00",
        "observer": {"type": "person", "name": "Rossi^Maria"},
        "view": "ap_pelvis",
        **({"study": study} if study else {}),
        "hips": [{"side": "right", "presence": "absent"}],
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("study", "is_refused"),
    [({"study_instance_uid": OTHER}, False), ({"accession_number": "A-18"}, False), ({}, True)],
)
def test_report_and_check_choose_alike(
    tmp_path: Path, study: dict[str, str], is_refused: bool
) -> None:
    """The record chooses for `report`, `check` and Python; one that names nothing is refused."""
    images = tmp_path / "images"
    images.mkdir()
    (images / "1.dcm").write_bytes(dicom_bytes(film()))
    changes = {"StudyInstanceUID": OTHER, "SOPInstanceUID": "1.2.826.0.1.8"}
    (images / "2.dcm").write_bytes(dicom_bytes(film(AccessionNumber="A-18", **changes)))
    record = write_record(tmp_path / "record.json", record_of(**study))
    inputs = [str(record), "--images", str(images)]
    made = run_hosr("report", *inputs, "--out", str(tmp_path / "out"), "--make", "measurement")
    checked = run_hosr("check", *inputs, "--json")
    told = json.loads(checked.out)
    if is_refused:
        assert made.code == checked.code == 4
        assert "images: are of 2 studies: " in made.err
        assert [fault["path"] for fault in told["faults"]] == ["images"]
        return
    assert (made.code, checked.code) == (0, 0), made.err
    left = {
        "path": "1.dcm",
        "problem": "is of another study than the record names; it is not used",
    }
    assert left in told["notes"]
    assert left["problem"] in made.out
    outcome = hosr.make_report(record, images)
    assert outcome.report.subject.study.study_instance_uid == OTHER
    assert Note(**left) in outcome.notes
