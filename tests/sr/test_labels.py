"""What a viewer shows of a group: the part of an image that stands for a hip, and words that stay true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset

from hosr import sr
from hosr.composite.labels import series_label
from hosr.findings import Length, Polygon
from hosr.sr.labels import RegionKind, editable_tracking, hip_region, is_editable, line_labels
from hosr.sr.receivers import Options
from hosr.vocabulary.terms import Side, View
from tests.narrative.cases import CASES, a_report, spurred

FIRST, SECOND, WHOLE = (0.0, 1250.0), (1250.0, 2500.0), (0.0, 2500.0)


def _columns(side: Side, view: View, **header: object) -> tuple[float, float]:
    report = a_report(spurred(Length(mm=6.2), side), view=view)
    (image,) = report.subject.images
    image = replace(image, **header)  # type: ignore[arg-type]
    report = replace(report, subject=replace(report.subject, images=(image,)))
    drawn = hip_region(report.hips[0].hip, report)
    assert drawn.kind is RegionKind.FRAME
    assert isinstance(drawn.shape, Polygon)
    columns = [column for column, _ in drawn.shape.corners]
    return min(columns), max(columns)


@pytest.mark.parametrize(
    ("orientation", "right", "left"),
    [
        (("L", "F"), FIRST, SECOND),
        (("LP", "F"), FIRST, SECOND),
        (("L", "H"), FIRST, SECOND),
        (("R", "F"), SECOND, FIRST),
        (("RA", "FA"), SECOND, FIRST),
        (("A", "F"), WHOLE, WHOLE),
        (("PL", "F"), WHOLE, WHOLE),
        (("F", "L"), WHOLE, WHOLE),
        (("", "F"), WHOLE, WHOLE),
        (None, WHOLE, WHOLE),
    ],
)
def test_the_half_is_that_of_the_header(
    orientation: tuple[str, str] | None, right: tuple[float, float], left: tuple[float, float]
) -> None:
    """The direction of the rows alone tells the halves apart; where it does not, none is taken."""
    columns = [
        _columns(side, View.AP_PELVIS, patient_orientation=orientation)
        for side in (Side.RIGHT, Side.LEFT)
    ]

    assert columns == [right, left]


@pytest.mark.parametrize(
    ("view", "laterality", "expected"),
    [
        (View.AP_PELVIS, "", FIRST),
        (View.AP_PELVIS, "B", FIRST),
        (View.AP_PELVIS, "R", WHOLE),
        (View.AP_HIP, "R", WHOLE),
        (View.LATERAL, "", WHOLE),
    ],
)
def test_an_image_of_one_hip_has_no_halves(
    view: View, laterality: str, expected: tuple[float, float]
) -> None:
    """Only an image of both hips is halved; the half of a film of one hip would be beside it."""
    columns = _columns(Side.RIGHT, view, patient_orientation=("L", "F"), laterality=laterality)

    assert columns == expected


def test_words_that_a_viewer_may_keep_say_neither_grade_nor_number() -> None:
    """A reader may drag the line in a viewer, which saves the old words beside the new length."""
    files = (sr.encode(report, Options(hydrate=True)) for report in CASES.values())
    words = [pair for data in files for pair in _words(pydicom.dcmread(BytesIO(data)))]
    editable = [(tracking, comment) for tracking, comment in words if is_editable(tracking)]
    assert {comment.split()[1] for _, comment in editable} == {"HO", "island"}
    for tracking, comment in editable:
        assert editable_tracking(comment) == tracking
        assert re.fullmatch(r"(Right|Left) (HO gap|island \d+)", comment)
        assert comment in line_labels() or int(comment.split()[-1]) > 3


def test_a_series_that_a_viewer_may_write_into_names_no_grade() -> None:
    """OHIF offers both structured reports to save into; the other objects name the grade as before."""
    report = CASES["row_10_narrow_gap"]
    sections = (("findings", ("Right hip: islands.",)),)
    for options, data, narrative in (
        (Options(), "HO data: Brooker R III (draft)", "HO text: Brooker R III (draft)"),
        (Options(hydrate=True), "HO data: right hip (draft)", "HO text: right hip (draft)"),
    ):
        written = sr.encode(report, options), sr.encode_narrative(report, sections, options)
        described = [pydicom.dcmread(BytesIO(each)).SeriesDescription for each in written]
        assert described == [data, narrative]
    both = series_label(CASES["row_01_absent_at_both_hips"], "data", is_written_into=True)
    assert both == "HO data: both hips (draft)"


def _words(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """The tracking identifier and the comment of each measurement group."""
    for item in dataset.ContentSequence:
        if item.ConceptNameCodeSequence[0].CodeMeaning != "Imaging Measurements":
            continue
        for group in item.ContentSequence:
            texts = {
                each.ConceptNameCodeSequence[0].CodeValue: each.TextValue
                for each in group.ContentSequence
                if each.ValueType == "TEXT"
            }
            yield texts["112039"], texts["121106"]
