"""The tree against highdicom: its builders make the same of the same content, its reader reads ours."""

from __future__ import annotations

from io import BytesIO

import highdicom as hd
import numpy as np
import pydicom
import pytest

from hosr import codes, sr
from hosr.codes import Code
from hosr.findings import Algorithm, Length, Line, Person, Place
from hosr.report import Report
from hosr.scales import SCALES
from hosr.sr.content import read_item
from hosr.sr.items import Item
from hosr.sr.measurement import measurement_tree
from hosr.sr.receivers import Options
from tests.narrative.cases import CASES, a_report, spurred

pytestmark = pytest.mark.slow

LINE = Line(start=(100.0, 200.0), end=(100.0, 285.0), place=Place(sop_instance_uid="1.2.3.4.1"))

# What hosr adds to the templates' own rows, by concept name; highdicom has no builder for them.
_ADDED = {
    codes.QUALITATIVE_EVALUATIONS.key,
    codes.IMAGE_LIBRARY.key,
    codes.COMMENT.key,
    codes.LENGTH_PLANE.key,
    *(scale.rule_concept.key for scale in SCALES.values()),
}


def _hd(code: Code) -> hd.sr.CodedConcept:
    return hd.sr.CodedConcept(code.value, code.scheme, code.meaning)


def _without_additions(item: Item) -> Item:
    """The tree less what hosr adds, and less the SCOORD that repeats a region below a NUM."""
    kept = [
        _without_additions(child)
        for child in item.children
        if child.name is not None
        and child.name.key not in _ADDED
        and not (item.value_type == "NUM" and child.value_type == "SCOORD")
    ]
    return Item(item.value_type, item.name, item.value, item.relation, tuple(kept), item.template)


def _by_builders(report: Report) -> Item:
    """The same content through highdicom's own templates."""
    return read_item(
        hd.sr.MeasurementReport(
            observation_context=_observation(report),
            procedure_reported=hd.sr.CodedConcept("37622-8", "LN", "XR Pelvis AP"),
            imaging_measurements=[_group(report)],
            title=_hd(codes.IMAGING_MEASUREMENT_REPORT),
            language_of_content_item_and_descendants=hd.sr.LanguageOfContentItemAndDescendants(
                hd.sr.CodedConcept("en-US", "RFC5646", "English (United States)")
            ),
        )[0]
    )


def _observation(report: Report) -> hd.sr.ObservationContext:
    observer = report.observer
    assert isinstance(observer, Person)
    attributes = hd.sr.PersonObserverIdentifyingAttributes(
        name=observer.name, organization_name=observer.organization
    )
    return hd.sr.ObservationContext(
        observer_person_context=hd.sr.ObserverContext(
            observer_type=_hd(codes.PERSON), observer_identifying_attributes=attributes
        )
    )


def _group(report: Report) -> hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations:
    ours = measurement_tree(report, Options())
    group = next(ours.find(codes.IMAGING_MEASUREMENTS)).children[0]
    tracking = group.children[:2]
    region = hd.sr.ImageRegion(
        graphic_type=hd.sr.GraphicTypeValues.POLYLINE,
        graphic_data=np.array([LINE.start, LINE.end]),
        source_image=hd.sr.SourceImageForRegion("1.2.840.10008.5.1.4.1.1.7", "1.2.3.4.1"),
    )
    answers = [
        hd.sr.QualitativeEvaluation(_hd(item.name), _hd(item.value))
        for item in group.children
        if item.value_type == "CODE"
        and item.name is not None
        and item.name.scheme == codes.PRIVATE_SCHEME
        and isinstance(item.value, Code)
    ]
    return hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(
            identifier=str(tracking[0].value), uid=str(tracking[1].value)
        ),
        referenced_region=region,
        finding_type=_hd(codes.HETEROTOPIC_OSSIFICATION[Options().terminology]),
        finding_category=_hd(codes.MORPHOLOGICALLY_ABNORMAL),
        finding_sites=[hd.sr.FindingSite(_hd(codes.HIP_JOINT), laterality=_hd(codes.RIGHT))],
        measurements=[_distance()],
        qualitative_evaluations=answers,
    )


def _distance() -> hd.sr.Measurement:
    return hd.sr.Measurement(
        name=_hd(codes.DISTANCE),
        value=6.2,
        unit=_hd(codes.MILLIMETER),
        derivation=_hd(codes.MINIMUM),
        method=hd.sr.CodedConcept("HO-BA-STATED", "99HOSR", "Stated by the source"),
        finding_sites=[
            hd.sr.FindingSite(_hd(codes.BONY_PELVIS)),
            hd.sr.FindingSite(_hd(codes.PROXIMAL_FEMUR)),
        ],
    )


def _unordered(item: Item) -> tuple[object, ...]:
    """A tree in which the order of siblings does not count; the templates do not fix it."""
    children = sorted((_unordered(child) for child in item.children), key=repr)
    name = None if item.name is None else item.name.key
    value = item.value.key if isinstance(item.value, Code) else item.value
    return (item.value_type, name, value, item.relation, item.template, tuple(children))


def test_highdicom_builds_the_same_tree() -> None:
    """For the rows that its templates know, highdicom's builders and hosr say the same."""
    report = a_report(spurred(Length(mm=6.2, line=LINE)))
    ours = _without_additions(measurement_tree(report, Options()))

    assert _unordered(ours) == _unordered(_by_builders(report))


@pytest.mark.parametrize("name", sorted(CASES))
def test_highdicom_reads_grades_and_millimetres(name: str) -> None:
    """Highdicom's own reader finds every group, its grades and its gap."""
    report = CASES[name]
    groups = _groups_read(report)
    wanted = {scale.possible_concept.value for scale in SCALES.values()}
    found = [
        (answer.name.value, answer.value.value)
        for group in groups
        for answer in group.get_qualitative_evaluations()
        if answer.name.value in wanted and isinstance(answer.value, hd.sr.CodedConcept)
    ]
    gaps = [
        measurement.value
        for group in groups
        for measurement in group.get_measurements(name=_hd(codes.DISTANCE))
    ]

    assert found == [
        (SCALES[grade.scale].possible_concept.value, SCALES[grade.scale].code(given).value)
        for graded in report.hips
        for grade in graded.grades
        for given in grade.possible
    ]
    assert gaps == [
        graded.hip.gap.mm
        for graded in report.hips
        if graded.hip.gap is not None and graded.hip.gap.mm is not None
    ]


def _groups_read(
    report: Report,
) -> list[hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations]:
    dataset = pydicom.dcmread(BytesIO(sr.encode(report)))
    content = hd.sr.Comprehensive3DSR.from_dataset(dataset).content
    assert isinstance(content, hd.sr.MeasurementReport)
    return content.get_planar_roi_measurement_groups()


def test_an_algorithm_is_named_where_highdicom_looks_for_it() -> None:
    """A model stands in TID 4019 of its groups, with its version."""
    report = next(r for r in CASES.values() if isinstance(r.observer, Algorithm))
    groups = _groups_read(report)
    names = {
        item.value
        for group in groups
        for item in group[0].ContentSequence
        if item.name.value == codes.ALGORITHM_NAME.value
    }

    assert names == {report.observer.name}
