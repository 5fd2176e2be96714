"""Reports of OHIF, highdicom and dcmqi: their figures, and what of them cannot be used."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from hosr.annotations.context import Context
from hosr.annotations.viewers.measurement_groups import read
from hosr.errors import RecordRefused
from hosr.findings import Algorithm, Person
from tests.annotations.viewers.files import FILES, OHIF, SAMPLES, context_of, shown

_GAP = 'group 1 "right HO gap" line 152.5,389 141,404'
_OHIF_GAP = f"{_GAP}; Length 7.56 mm"

FIGURES: dict[str, list[str]] = {
    OHIF: ['group 1 "Right HO gap" line 151.83,388.41 140.12,403.31; Length 7.579 mm'],
    "adapters-5.6.8/length-labelled.dcm": [_OHIF_GAP],
    "adapters-5.6.8/length-moved-text.dcm": [_OHIF_GAP.replace("right HO", "R")],
    "adapters-5.6.8/length-site-coded.dcm": [_OHIF_GAP],
    "adapters-5.6.8/length-unlabelled.dcm": [
        _OHIF_GAP.replace('"right HO gap"', "a figure without a label")
    ],
    "adapters-5.6.8/arrow-only.dcm": ['group 1 "right island" point 150,350'],
    "adapters-5.6.8/ct-2d.dcm": [
        'group 1 "right HO gap" line 152.5,189 141,204; Length 13.23 mm',
    ],
    "adapters-5.6.8/ct-mpr-3d.dcm": [
        'group 1 "right HO gap" line -110.25,25.3,-36 -118.3,35.8,-36; Length 13.23 mm',
        'group 2 "left island" line -133,-16,-36 -105,-0.6,-36; Long Axis 31.96 mm',
    ],
    "adapters-5.6.8/many.dcm": [
        _OHIF_GAP,
        'group 2 "left HO gap" line 852.5,389 858,404; Length 6.391 mm',
        'group 3 "head 32 mm" line 227.5,420 296,488.5; Length 38.75 mm',
        'group 4 "left island" line 820,330 860,352; Long Axis 18.26 mm',
        'group 5 "spur femur R" point 150,350',
        'group 6 "Insel rechts äöü ≥5" polygon 100,300 140,300 140,330 100,330',
        'group 8 "box" box 600,300 660,300 660,350 600,350',
        'group 9 "probe" point 400,400',
        'group 10 "spline" polygon 600,300 640,300 640,330 600,330',
    ],
    "adapters-2.19.16/old-length-labelled.dcm": [_OHIF_GAP],
    "adapters-2.19.16/old-many.dcm": [
        _OHIF_GAP,
        'group 2 "left island" line 820,330 860,352; Long Axis 18.26 1',
        'group 3 "spur femur R" point 150,350',
        'group 4 "Insel rechts" polygon 100,300 140,300 140,330 100,330',
    ],
    "highdicom/tid1410-planar.dcm": [
        f"{_GAP}; Distance 6.2 mm; right",
        'group 2 "left island" polygon 820,330 860,352 846,362; Long axis 14 mm; left',
    ],
    "highdicom/tid1410-device.dcm": [f"{_GAP}; Distance 6.2 mm; right"],
    "highdicom/tid1501-scoord-ok.dcm": [f"{_GAP}; Length 7.56 mm; right"],
    "highdicom/tid1501-no-geometry-cm-grade.dcm": [],
    "highdicom/tid1411-seg.dcm": [],
    "dcmqi/tid1500.dcm": [],
}
_NO_POINTS = "as its writer stated it, has no points: it cannot be measured again"
_GRADE = '"Brooker grade", "Brooker 3" (99ACME), is what another system claims, and no grade here'
_SEGMENT = (
    "group 1: is of segment 1 of the segmentation 1.2.826.0.1.3680043.10.511.3.{}: import that file"
)
_SHORT = "its short axis is not used: a length is the longest"
LEFT: dict[str, list[str]] = {
    "adapters-5.6.8/many.dcm": [
        f"group 4: {_SHORT}",
        'group 7: "angle" is an angle, which is neither a length nor an outline',
    ],
    "adapters-5.6.8/ct-mpr-3d.dcm": [f"group 2: {_SHORT}"],
    "adapters-2.19.16/old-many.dcm": [f"group 2: {_SHORT}"],
    "highdicom/tid1501-no-geometry-cm-grade.dcm": [
        f"group 1: {_GRADE}",
        f'group 1: "Distance", 0.62 cm {_NO_POINTS}',
    ],
    "highdicom/tid1411-seg.dcm": [
        f'group 1: "Volume", 3.2 cm3 {_NO_POINTS}',
        _SEGMENT.format("17235202976472029568529139854740765"),
    ],
    "dcmqi/tid1500.dcm": [
        f"group 1: {_GRADE}",
        f'group 1: "Volume", 3200 mm3 {_NO_POINTS}',
        f'group 1: "Long Axis", 14.2 mm {_NO_POINTS}',
        _SEGMENT.format("71342468747529364027507683939331751"),
    ],
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_and_what_is_left(name: str) -> None:
    """Every maker's form gives the same figures; what is none is told, each with its place."""
    context = context_of(name)
    source = read(FILES / name, context)
    assert [shown(figure) for figure in source.figures] == FIGURES[name]
    told = [
        f"{entry.place.rpartition(', ')[2]}: {entry.words}" for entry in context.account.refused
    ]
    assert told == LEFT.get(name, [])
    assert context.account.faults == []
    assert source.is_in_words


def test_a_label_longer_than_its_element_is_read_whole() -> None:
    """Cornerstone up to 2024 wrote the label as the meaning of a code, which holds 64 characters."""
    name = "adapters-2.19.16/old-label-long.dcm"
    (figure,) = read(FILES / name, context_of(name)).figures
    assert figure.label.name == (
        "right HO gap measured perpendicular between the femoral spur and the acetabular spur"
    )


REFUSED = {
    "highdicom/tid1501-scoord.dcm": (
        "relates a shape to its image by INFERRED FROM (item 1.5.1.5.1.1), which the standard does not allow: "
        "other programs refuse the file; have it written with SELECTED FROM (in highdicom: "
        "SourceImageForRegion)"
    ),
    "monai/monai-basic-text.dcm": (
        "is a report in sentences (Basic Text SR), from which a grade is never read: it holds no code; draw "
        "and label the lines in a viewer, or write the record from it"
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_has_its_reason(name: str) -> None:
    """A report in sentences, and a file that other programs refuse."""
    with pytest.raises(RecordRefused) as refused:
        read(FILES / name, context_of(name))
    assert str(refused.value) == f"{Path(name).name}: {REFUSED[name]}"


def test_a_report_of_hosr_is_no_drawing(tmp_path: Path) -> None:
    """It is named for what it is, with what reads it."""
    path = shutil.copy(SAMPLES / "reports" / "brooker-3.dcm", tmp_path / "measurement.dcm")
    with pytest.raises(RecordRefused) as refused:
        read(Path(path), Context())
    assert str(refused.value) == (
        "measurement.dcm: is of hosr itself, and nothing was drawn in it; read it with `hosr show`, or name "
        "it with --prior"
    )


OBSERVERS = {
    OHIF: None,
    "highdicom/tid1410-planar.dcm": Person(name="Rossi^Maria"),
    "highdicom/tid1410-device.dcm": None,
    "dcmqi/tid1500.dcm": Person(name="Rossi^Maria"),
}


@pytest.mark.parametrize("name", OBSERVERS)
def test_who_drew_is_taken_where_it_is_said(name: str) -> None:
    """A viewer's "unknown^unknown" is nobody, and a device without a version is not known well enough."""
    assert read(FILES / name, context_of(name)).observer == OBSERVERS[name]


def test_a_program_is_known_by_its_version(tmp_path: Path) -> None:
    """Software Versions of the header says it, the name of a model does not."""
    document = dcmread(FILES / "highdicom/tid1410-device.dcm")
    document.SoftwareVersions = "2.1"
    document.TimezoneOffsetFromUTC = "+0130"
    document.save_as(tmp_path / "device.dcm")
    source = read(tmp_path / "device.dcm", context_of("highdicom/tid1410-device.dcm"))
    assert source.observer == Algorithm(
        name="HO grader", version="2.1", manufacturer="Acme", device_uid="2.25.99"
    )
    zone = dt.timezone(dt.timedelta(hours=1, minutes=30))
    assert source.made_at == dt.datetime(2026, 11, 28, 19, 15, 2, tzinfo=zone)


def test_a_time_without_a_zone_keeps_none() -> None:
    """Viewers write their own clock and leave its zone out; whoever imports says it."""
    made_at = read(FILES / OHIF, context_of(OHIF)).made_at
    assert str(made_at) == "2026-11-28 19:27:44"


def test_predecessors_count_without_their_class(tmp_path: Path) -> None:
    """OHIF names the report that was redrawn, and leaves its class out."""
    document = dcmread(FILES / OHIF)
    study, series, named = (Dataset() for _ in range(3))
    named.ReferencedSOPInstanceUID = "2.25.7"
    series.SeriesInstanceUID, series.ReferencedSOPSequence = "2.25.6", [named]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = "2.25.5", [series]
    document.PredecessorDocumentsSequence = [study]
    document.save_as(tmp_path / "redrawn.dcm")
    assert read(tmp_path / "redrawn.dcm", context_of(OHIF)).predecessors == ("2.25.7",)


def test_a_document_that_only_adds_to_another_replaces_none(tmp_path: Path) -> None:
    """The purpose of the reference says it (CID 7009); without one it takes the place of the other."""
    document = dcmread(FILES / OHIF)
    study, series, added, replaced, purpose = (Dataset() for _ in range(5))
    purpose.CodeValue, purpose.CodingSchemeDesignator = "121361", "DCM"
    added.ReferencedSOPInstanceUID, replaced.ReferencedSOPInstanceUID = "2.25.7", "2.25.8"
    added.PurposeOfReferenceCodeSequence = [purpose]
    series.ReferencedSOPSequence = [added, replaced]
    study.ReferencedSeriesSequence = [series]
    document.PredecessorDocumentsSequence = [study]
    document.save_as(tmp_path / "added.dcm")
    source = read(tmp_path / "added.dcm", context_of(OHIF))
    assert (source.predecessors, source.supersedes) == (("2.25.7", "2.25.8"), ("2.25.8",))
    assert source.sop_instance_uid == document.SOPInstanceUID


def test_why_there_is_no_number_is_told(tmp_path: Path) -> None:
    """What its writer says of a number in a code (CID 42), and of it in answers, is nobody's silence."""
    name = "highdicom/tid1501-scoord-ok.dcm"
    document = dcmread(FILES / name)
    (number,) = [node for node in _items(document) if node.ValueType == "NUM"]
    failure, status, low = (Dataset() for _ in range(3))
    failure.CodeValue, failure.CodingSchemeDesignator = "114006", "DCM"
    failure.CodeMeaning = "Measurement failure"
    status.CodeValue, status.CodingSchemeDesignator = "S", "99ACME"
    status.CodeMeaning = "Certainty"
    low.CodeValue, low.CodingSchemeDesignator, low.CodeMeaning = "L", "99ACME", "low"
    answer = Dataset()
    answer.RelationshipType, answer.ValueType = "HAS CONCEPT MOD", "CODE"
    answer.ConceptNameCodeSequence, answer.ConceptCodeSequence = [status], [low]
    number.NumericValueQualifierCodeSequence = [failure]
    number.MeasuredValueSequence = []
    number.ContentSequence = [*number.ContentSequence, answer]
    document.save_as(tmp_path / "failed.dcm")
    context = context_of(name)
    (figure,) = read(tmp_path / "failed.dcm", context).figures
    assert figure.stated == ()
    assert [entry.words for entry in context.account.refused] == [
        '"Length": "Measurement failure", as its writer says of the number',
        '"Certainty", "low" (99ACME), is what another system claims, and no grade here',
    ]


def _items(item: Dataset) -> Iterator[Dataset]:
    for child in item.get("ContentSequence", ()):
        yield child
        yield from _items(child)


def test_lengths_are_measured_anew_so_images_are_asked_for() -> None:
    """What the viewer measured is never taken in place of the images."""
    context = Context()
    read(FILES / OHIF, context)
    assert [str(fault) for fault in context.account.faults] == [
        f"{OHIF}: was drawn on images, on which every length is measured anew; give them with --images"
    ]
