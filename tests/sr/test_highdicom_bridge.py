"""The report as highdicom's own objects and back, by the real highdicom."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO

import highdicom as hd
import pydicom
import pytest
from pydicom.dataset import Dataset

from hosr import sr
from hosr.errors import DocumentRefused, UsageError
from hosr.report import Report
from hosr.sr.highdicom_bridge import from_highdicom, to_highdicom
from hosr.sr.receivers import Options, ProfileName
from tests.narrative.cases import CASES

NAMES = sorted(CASES)
REPORT = CASES[NAMES[0]]


def _images(report: Report) -> list[Dataset]:
    """The headers of the images that a report speaks of, as far as they are asked for."""
    images = []
    for reference in report.subject.images:
        header = Dataset()
        header.StudyInstanceUID = report.subject.study.study_instance_uid
        header.SOPInstanceUID = reference.instance.sop_instance_uid
        images.append(header)
    return images


def _file(document: Dataset) -> bytes:
    stream = BytesIO()
    document.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


@pytest.mark.parametrize("name", NAMES[::6])  # of all trees test_encoding asks the same
def test_the_document_of_highdicom_is_the_file_of_hosr(name: str) -> None:
    """Content that highdicom built, and what hosr wrote: both are the same bytes."""
    report = CASES[name]
    document = to_highdicom(report, _images(report))

    assert type(document) is hd.sr.Comprehensive3DSR
    assert _file(document) == sr.encode(report)
    assert from_highdicom(document) == report


def test_the_profile_decides_on_the_class() -> None:
    """Stone of Orthanc takes a Comprehensive SR."""
    options = Options(profile=ProfileName.STONE)
    document = to_highdicom(REPORT, _images(REPORT), options)

    assert type(document) is hd.sr.ComprehensiveSR
    assert _file(document) == sr.encode(REPORT, options)


def test_highdicom_works_with_the_content() -> None:
    """Its methods find groups, and the content goes into another document, which is not hosr's."""
    images = _images(REPORT)
    content = to_highdicom(REPORT, images).content
    assert isinstance(content, hd.sr.MeasurementReport)
    groups = content.get_planar_roi_measurement_groups()

    assert {type(group) for group in groups} == {
        hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations
    }
    for image, reference in zip(images, REPORT.subject.images, strict=True):
        image.SeriesInstanceUID = reference.instance.series_instance_uid
        image.SOPClassUID = reference.instance.sop_class_uid
        image.PatientID = image.PatientName = image.PatientBirthDate = image.PatientSex = ""
        image.AccessionNumber = image.StudyID = image.StudyDate = image.StudyTime = ""
    own = hd.sr.Comprehensive3DSR(
        evidence=images,
        content=content,
        series_instance_uid=hd.UID(),
        series_number=1,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer="Another Maker",
    )

    assert own.ContentSequence == content[0].ContentSequence
    with pytest.raises(DocumentRefused, match=r"^document: is a structured report of another"):
        from_highdicom(own)


def test_a_report_is_read_from_any_data_set_of_it() -> None:
    """As pydicom reads it, from highdicom's reader, and from a network, where it has no header."""
    read = pydicom.dcmread(BytesIO(sr.encode(REPORT)))
    bare = pydicom.dcmread(BytesIO(sr.encode(REPORT)))
    del bare.file_meta
    kept = _file(read)

    assert from_highdicom(read) == REPORT
    assert from_highdicom(hd.sr.Comprehensive3DSR.from_dataset(read)) == REPORT
    assert from_highdicom(bare) == REPORT
    assert "file_meta" not in vars(bare)
    assert _file(read) == kept


def test_a_document_with_more_in_it_is_refused() -> None:
    """What hosr did not write is not read as if it had."""
    document = to_highdicom(REPORT, _images(REPORT))
    document.ContentSequence[-1].ContentSequence.append(
        hd.sr.TextContentItem(
            name=hd.sr.CodedConcept("121106", "DCM", "Comment"),
            value="More",
            relationship_type=hd.sr.RelationshipTypeValues.CONTAINS,
        )
    )

    with pytest.raises(DocumentRefused, match=r"^document: was changed after it was written; "):
        from_highdicom(document)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"bytes", "document: is of type bytes, which is no data set; give a document of"),
        (Dataset(), "document: cannot be written as DICOM"),
    ],
)
def test_what_is_no_document_is_refused(document: Dataset, message: str) -> None:
    """One sentence, whatever was given."""
    with pytest.raises(DocumentRefused, match=message):
        from_highdicom(document)


def test_an_image_that_is_missing_is_named() -> None:
    """A report does not go with other images."""
    (image,) = _images(REPORT)
    uid = str(image.SOPInstanceUID)
    image.StudyInstanceUID = "1.2.3.999"
    message = f"{uid}: is not among the images; give the images that were graded"
    for images in ([], [image]):
        with pytest.raises(UsageError) as raised:
            to_highdicom(REPORT, images)
        assert str(raised.value) == message


@pytest.mark.parametrize(
    ("images", "kind"),
    [("film.dcm", "str"), ([b"DICM", Dataset()], "bytes"), (REPORT, "Report"), (None, "NoneType")],
    ids=["path", "bytes", "report", "nothing"],
)
def test_what_is_no_image_is_refused(images: list[Dataset], kind: str) -> None:
    """A sentence names what was given and what is wanted; one image may stand alone."""
    with pytest.raises(UsageError) as raised:
        to_highdicom(REPORT, images)

    assert str(raised.value) == (
        f"images: are of type {kind}; give data sets, as pydicom.dcmread makes them"
    )
    (image,) = _images(REPORT)
    assert to_highdicom(REPORT, image) == to_highdicom(REPORT, [image])


def test_where_highdicom_is_missing_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no release for every Python; reading needs none."""
    for name in [name for name in sys.modules if name.split(".")[0] == "highdicom"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError) as raised:
        to_highdicom(REPORT, _images(REPORT))

    assert str(raised.value) == (
        "highdicom: is needed for its objects, and is not installed; install highdicom; "
        "for some releases of Python there is none yet"
    )
    assert from_highdicom(pydicom.dcmread(BytesIO(sr.encode(REPORT)))) == REPORT


def test_nothing_else_imports_highdicom() -> None:
    """Neither the package with all of its public names, nor the making and reading of a report."""
    code = (
        "import sys, hosr\n"
        "import hosr.cli.program, hosr.outputs, hosr.sr.highdicom_bridge\n"
        "[getattr(hosr, name) for name in dir(hosr)]\n"
        "from tests.narrative.cases import CASES\n"
        "hosr.decode(hosr.encode(next(iter(CASES.values()))))\n"
        "sys.exit('highdicom' in sys.modules)\n"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
