"""The images that show the graded hips, as a document."""

from __future__ import annotations

from dataclasses import replace

import highdicom as hd
import pytest
from pydicom.sr.coding import Code

from hosr.composite import Encoded
from hosr.findings import Length, Line, Place
from hosr.report import Report
from hosr.sr.content import read_item
from hosr.sr.key_objects import key_objects
from hosr.study import Instance
from tests.composite.outline import as_text, read
from tests.narrative.cases import LINE, MODEL, PLACE, a_report, spurred
from tests.sr.trees import as_text as tree_text

REPORT = a_report(spurred(Length(mm=6.2, line=LINE)))
STATE = Instance(
    series_instance_uid="1.2.9",
    sop_class_uid="1.2.840.10008.5.1.4.1.1.11.1",
    sop_instance_uid="1.2.9.1",
)
PERSON = """  has obs context CODE Observer Type = Person (DCM 121006)
  has obs context PNAME Person Observer Name = 'Bianchi^Anna^^Dr.'
  has obs context TEXT Person Observer's Organization Name = 'Example Hospital'
"""
DESCRIPTION = "'Right hip: Brooker III, Della Valle C. Draft, not verified.'"


def _tree(encoded: Encoded) -> str:
    return tree_text(read_item(read(encoded)))


def _framed(frame: int) -> Report:
    """The report on one frame of an image that has several."""
    place = Place(sop_instance_uid=PLACE.sop_instance_uid, frame=frame)
    line = Line(start=LINE.start, end=LINE.end, place=place)
    graded = REPORT.hips[0]
    hip = replace(graded.hip, gap=Length(mm=6.2, line=line), place=place)
    images = (replace(REPORT.subject.images[0], frames=5),)
    subject = replace(REPORT.subject, images=images)
    return replace(REPORT, subject=subject, hips=(replace(graded, hip=hip),))


@pytest.mark.parametrize(
    ("report", "image"), [(REPORT, "1.2.3.4.1"), (_framed(3), "1.2.3.4.1 frame 3")]
)
def test_the_tree_is_the_grade_and_its_images(report: Report, image: str) -> None:
    """Title, observer, description and images by TID 2010."""
    assert _tree(key_objects(report)) == (
        f"CONTAINER Of Interest [TID 2010]\n{PERSON}"
        f"  contains TEXT Key Object Description = {DESCRIPTION}\n"
        f"  contains IMAGE (unnamed) = {image}\n"
    )


def test_an_algorithm_is_the_observer() -> None:
    """The images that a model graded were selected by it."""
    tree = _tree(key_objects(replace(REPORT, observer=MODEL)))

    assert "has obs context CODE Observer Type = Device (DCM 121007)\n" in tree
    assert "has obs context TEXT Device Observer Name = 'hip-grader'\n" in tree


def test_an_image_names_the_state_that_shows_it() -> None:
    """The presentation state stands in the reference to the image, and in the evidence."""
    dataset = read(key_objects(REPORT, {PLACE: STATE}))
    evidence = dataset.CurrentRequestedProcedureEvidenceSequence[0]

    assert as_text(dataset.ContentSequence[-1].ReferencedSOPSequence[0]) == (
        "ReferencedSOPClassUID UI 1.2.840.10008.5.1.4.1.1.7\n"
        "ReferencedSOPInstanceUID UI 1.2.3.4.1\n"
        "ReferencedSOPSequence 1\n"
        "  ReferencedSOPClassUID UI 1.2.840.10008.5.1.4.1.1.11.1\n"
        "  ReferencedSOPInstanceUID UI 1.2.9.1\n"
    )
    assert [
        sop.ReferencedSOPInstanceUID
        for series in evidence.ReferencedSeriesSequence
        for sop in series.ReferencedSOPSequence
    ] == ["1.2.3.4.1", "1.2.9.1"]


def test_the_header_is_that_of_key_objects() -> None:
    """A selection is not a report: it has no status and declares no private codes."""
    dataset = read(key_objects(REPORT))
    of_reports = ("CompletionFlag", "VerificationFlag", "CodingSchemeIdentificationSequence")

    assert (dataset.Modality, dataset.SeriesNumber) == ("KO", 9504)
    assert dataset.SeriesDescription == "HO images: Brooker R III (draft)"
    assert [keyword for keyword in of_reports if keyword in dataset] == []


def test_highdicom_reads_it() -> None:
    """The reader of highdicom gives the title, the observer and the image."""
    dataset = read(key_objects(REPORT, {PLACE: STATE}))
    document = hd.ko.KeyObjectSelectionDocument.from_dataset(dataset)
    (image,) = document.content.get_references()

    assert document.content[0].name == Code("113000", "DCM", "Of Interest")
    assert [each.observer_type.meaning for each in document.content.get_observer_contexts()] == [
        "Person"
    ]
    assert document.resolve_reference(image.referenced_sop_instance_uid) == (
        "1.2.3",
        "1.2.3.4",
        "1.2.3.4.1",
    )


def test_the_same_selection_is_the_same_file() -> None:
    """Nothing depends on the clock; with a presentation state it is another document."""
    assert key_objects(REPORT) == key_objects(REPORT)
    assert key_objects(REPORT).instance != key_objects(REPORT, {PLACE: STATE}).instance
