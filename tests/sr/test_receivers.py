"""What breaks a viewer is found before a document leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset

from hosr import sr
from hosr.errors import Fault, Unencodable
from hosr.findings import Basis, Length, Line, Place, Plane
from hosr.sr.content import read_item
from hosr.sr.receivers import Options, find_viewer_killers
from tests.narrative.cases import CASES, PLACE, a_report, spurred


def _measurement() -> Dataset:
    report = CASES[min(CASES)]
    return pydicom.dcmread(BytesIO(sr.encode(report)))


def _killers(dataset: Dataset) -> list[Fault]:
    """What is found in a whole document."""
    evidence = [
        (str(study.StudyInstanceUID), str(sop.ReferencedSOPInstanceUID))
        for study in dataset.get("CurrentRequestedProcedureEvidenceSequence", ())
        for series in study.ReferencedSeriesSequence
        for sop in series.ReferencedSOPSequence
    ]
    return find_viewer_killers(read_item(dataset), evidence, str(dataset.StudyInstanceUID))


def _child(dataset: Dataset, code_value: str) -> Dataset:
    for child in dataset.ContentSequence:
        if child.ConceptNameCodeSequence[0].CodeValue == code_value:
            found: Dataset = child
            return found
    raise LookupError(code_value)


def _group(dataset: Dataset) -> Dataset:
    return _child(_child(dataset, "126010"), "125007")


def _without(parent: Dataset, code_value: str) -> None:
    parent.ContentSequence = [
        child
        for child in parent.ContentSequence
        if child.ConceptNameCodeSequence[0].CodeValue != code_value
    ]


def _strip_region(dataset: Dataset) -> None:
    _without(_group(dataset), "111030")


def _strip_tracking(dataset: Dataset) -> None:
    _without(_group(dataset), "112040")


def _strip_groups(dataset: Dataset) -> None:
    _without(_child(dataset, "126010"), "125007")


def _strip_library(dataset: Dataset) -> None:
    _without(dataset, "111028")


def _strip_template(dataset: Dataset) -> None:
    del dataset.ContentTemplateSequence


def _double_group(dataset: Dataset) -> None:
    _child(dataset, "126010").ContentSequence.append(_group(dataset))


def _double_evidence(dataset: Dataset) -> None:
    series = dataset.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    series.ReferencedSOPSequence.append(series.ReferencedSOPSequence[0])


def _unname(dataset: Dataset) -> None:
    del _child(_group(dataset), "121106").ConceptNameCodeSequence


def _empty_number(dataset: Dataset) -> None:
    library = _child(dataset, "111028").ContentSequence[0].ContentSequence[0]
    _child(library, "110910").MeasuredValueSequence = []


def _unselect(dataset: Dataset) -> None:
    del _child(_group(dataset), "111030").ContentSequence


def _empty_tracking(dataset: Dataset) -> None:
    _child(_group(dataset), "112039").TextValue = " "


def _strip_finding(dataset: Dataset) -> None:
    _without(_group(dataset), "121071")


def _strip_site(dataset: Dataset) -> None:
    _without(_group(dataset), "363698007")


def _untemplate_group(dataset: Dataset) -> None:
    _group(dataset).ContentTemplateSequence[0].TemplateIdentifier = "1501"


def _double_measurements(dataset: Dataset) -> None:
    second = Dataset()
    second.update(_child(dataset, "126010"))
    second.ContentSequence = []
    dataset.ContentSequence.append(second)


def _infer_source(dataset: Dataset) -> None:
    _child(_group(dataset), "111030").ContentSequence[0].RelationshipType = "INFERRED FROM"


def _name_frame(dataset: Dataset) -> None:
    source = _child(_group(dataset), "111030").ContentSequence[0]
    source.ReferencedSOPSequence[0].ReferencedFrameNumber = 2


def _promise_a_line(dataset: Dataset) -> None:
    tracking = _child(_group(dataset), "112039")
    tracking.TextValue = f"Cornerstone3DTools@^0.1.0:Length:{tracking.TextValue}"


def _move_evidence(dataset: Dataset) -> None:
    dataset.CurrentRequestedProcedureEvidenceSequence[0].StudyInstanceUID = "1.2.9"


@pytest.mark.parametrize(
    ("breaks", "fault"),
    [
        (_strip_region, "group 1: has no image region; OHIF shows an error page"),
        (_strip_tracking, "group 1: has no tracking identifier and UID; OHIF throws"),
        (_strip_groups, "root: there is no measurement group; OHIF shows an error page"),
        (_strip_library, "root: there is no image library; older OHIF throws"),
        (_strip_template, "root: template 1500 is not named; hydration throws"),
        (_double_group, "group 2: shares its tracking UID; OHIF merges the groups"),
        (_double_evidence, "1.2.3.4.1: is listed twice as evidence; Stone stops at it"),
        (_unname, "TEXT: an item has no concept name; text viewers throw on it"),
        (_empty_number, "NUM: has no value; OHIF throws on it"),
        (_unselect, "SCOORD: is not selected from exactly one image"),
        (_infer_source, "SCOORD: is not selected from exactly one image"),
        (_name_frame, "SCOORD: names no frame of its image; OHIF draws it on the first"),
        (_empty_tracking, "group 1: has no tracking identifier and UID; OHIF throws"),
        (_strip_finding, "group 1: has no finding; 3D Slicer throws"),
        (_strip_site, "group 1: has no finding site; 3D Slicer throws"),
        (_untemplate_group, "group 1: is not of template 1410; Stone does not draw it"),
        (
            _double_measurements,
            "root: there are two lists of measurements; OHIF reads the first alone",
        ),
        (_promise_a_line, "group 1: is no measured line; OHIF cannot make it editable"),
        (_move_evidence, "1.2.9: is evidence of another study than the report"),
    ],
)
def test_each_known_killer_of_viewers_is_found(
    breaks: Callable[[Dataset], None], fault: str
) -> None:
    """A report with one thing that breaks a viewer is refused for that thing."""
    dataset = _measurement()
    breaks(dataset)

    assert [str(found) for found in _killers(dataset)] == [fault]


LINE = Line(start=(1.0, 1.0), end=(1.0, 9.0), place=PLACE)


@pytest.mark.parametrize(
    ("gap", "is_editable"),
    [
        (Length(mm=6.2, line=LINE), True),
        (Length(plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED, line=LINE), False),
        (
            Length(mm=6.2, line=replace(LINE, end_place=Place(sop_instance_uid="1.2.3.4.2"))),
            False,
        ),
    ],
)
def test_only_a_measured_line_is_offered_for_editing(gap: Length, is_editable: bool) -> None:
    """OHIF makes a line editable from two points on one image and a number, and from no less."""
    report = a_report(spurred(Length(mm=6.2, line=LINE)))
    (image,) = report.subject.images
    other = replace(image, instance=replace(image.instance, sop_instance_uid="1.2.3.4.2"))
    (graded,) = report.hips
    report = replace(
        report,
        subject=replace(report.subject, images=(image, other)),
        hips=(replace(graded, hip=replace(graded.hip, gap=gap)),),
    )
    data = sr.encode(report, Options(hydrate=True))
    words = _child(_group(pydicom.dcmread(BytesIO(data))), "112039").TextValue

    assert words.startswith("Cornerstone3DTools@^0.1.0:Length:") is is_editable
    assert sr.decode(data) == report


def test_a_shape_on_a_multi_frame_image_names_its_frame() -> None:
    """Without a frame number a viewer draws on the first frame, which may show another place."""
    report = CASES[min(CASES)]
    images = tuple(replace(image, frames=5) for image in report.subject.images)
    gap = Length(mm=6.2, line=Line(start=(1.0, 1.0), end=(1.0, 9.0), place=PLACE))
    report = replace(a_report(spurred(gap)), subject=replace(report.subject, images=images))

    with pytest.raises(Unencodable, match="names no frame of its image"):
        sr.encode(report)


def test_a_reference_outside_the_evidence_is_found() -> None:
    """Every image that the tree refers to stands in the evidence, else receivers cannot find it."""
    dataset = _measurement()
    del dataset.CurrentRequestedProcedureEvidenceSequence

    assert set(_killers(dataset)) == {
        Fault("1.2.3.4.1", "is referred to but is not listed as evidence")
    }


@pytest.mark.parametrize("name", sorted(CASES))
def test_no_report_of_hosr_has_one(name: str) -> None:
    """What hosr writes has none of them, in both documents and with lines made editable."""
    sections = (("findings", ("Right hip: islands.",)),)
    measurements = [sr.encode(CASES[name], Options(hydrate=given)) for given in (False, True)]
    for data in (*measurements, sr.encode_narrative(CASES[name], sections)):
        assert _killers(pydicom.dcmread(BytesIO(data))) == []
