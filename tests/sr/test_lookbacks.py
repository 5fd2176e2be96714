"""A comparison in the documents: facts of then come back, the judgement follows, and evidence names both studies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset

from hosr import sr
from hosr.errors import DocumentRefused
from hosr.findings import Length
from hosr.narrative import document_sections
from hosr.templating.sources import Wording
from hosr.vocabulary.terms import Side
from tests.comparison.earlier import compared, earlier, earlier_report, signed, tha
from tests.narrative.cases import CALIBRATED, MODEL, STUDY, a_report, spurred
from tests.sr.test_alterations import written

THEN = signed(earlier_report(spurred(Length(mm=10.6, **CALIBRATED)), observer=MODEL))
DRAFT = earlier_report(spurred(Length(mm=8.0, **CALIBRATED)))
NOW = a_report(
    spurred(Length(mm=6.2, **CALIBRATED)),
    spurred(Length(mm=8.2, **CALIBRATED), Side.LEFT),
    context=tha(),
)
REPORT = compared(NOW, THEN)


def _items(dataset: Dataset) -> Iterator[Dataset]:
    for item in dataset.get("ContentSequence", ()):
        yield item
        yield from _items(item)


def _named(dataset: Dataset, value: str) -> list[Dataset]:
    """The items below a data set with this concept name."""
    return [
        item
        for item in _items(dataset)
        if "ConceptNameCodeSequence" in item and item.ConceptNameCodeSequence[0].CodeValue == value
    ]


def test_a_comparison_comes_back_whole() -> None:
    """With a version of the earlier report for the right hip, and none for the left; also once signed."""
    for report in (REPORT, compared(NOW, DRAFT), signed(REPORT, days=400)):
        decoded = sr.decode_whole(sr.encode(report))
        assert (decoded.report, decoded.alterations) == (report, ())


def test_evidence_of_the_earlier_study_is_pertinent_in_both_documents() -> None:
    """PS3.3 section C.17.2.3: its documents and images, and nothing of it in the evidence of this study."""
    sections = document_sections(REPORT, Wording())
    for data in (sr.encode(REPORT), sr.encode_narrative(REPORT, sections)):
        dataset = pydicom.dcmread(BytesIO(data))
        (study,) = dataset.PertinentOtherEvidenceSequence
        named = {
            sop.ReferencedSOPInstanceUID
            for series in study.ReferencedSeriesSequence
            for sop in series.ReferencedSOPSequence
        }
        images = {image.instance.sop_instance_uid for image in THEN.subject.images}
        assert study.StudyInstanceUID == THEN.subject.study.study_instance_uid
        assert named == {earlier(THEN).uid, *images}
        (own,) = dataset.CurrentRequestedProcedureEvidenceSequence
        assert own.StudyInstanceUID == STUDY.study_instance_uid


def test_the_judgement_stands_in_codes_and_numbers() -> None:
    """The earlier report, when, and by how much the space differs from the one then."""
    dataset = pydicom.dcmread(BytesIO(sr.encode(REPORT)))
    (heading,) = _named(dataset, "18834-2")
    assert len(_named(heading, "121069")) == 2
    document, _ = _named(heading, "122075")
    (space,) = _named(heading, "HO-CMP-SPACE")
    told = {
        item.ConceptNameCodeSequence[0].CodeValue: float(item.MeasuredValueSequence[0].NumericValue)
        for item in space.ContentSequence
    }
    assert document.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == earlier(THEN).uid
    assert space.ConceptCodeSequence[0].CodeValue == "HO-CV-BEYOND"
    assert told == {
        "HO-CMP-CHANGE": pytest.approx(-4.4),
        "HO-CMP-VARIES": pytest.approx((1.5**2 + 1) ** 0.5),
    }
    (passed,) = _named(heading, "HO-PASSED-WHY")
    assert passed.ConceptCodeSequence[0].CodeValue == "HO-PA-OTHER-HIP"


def test_a_lesion_keeps_its_tracking_uid_at_another_time_point() -> None:
    """The hip's own group has the UID of then, and another time point (TID 1502), which is no number.

    OHIF prints the first number of a group beside its line, and that is to be its length.
    """
    data = sr.encode(REPORT)
    _, uids = sr.read_tracking(data)
    assert dict(uids)[Side.RIGHT] == dict(earlier(THEN).tracking_uids)[Side.RIGHT]
    assert dict(uids)[Side.LEFT] not in dict(earlier(THEN).tracking_uids).values()
    dataset = pydicom.dcmread(BytesIO(data))
    days = [str(item.TextValue) for item in _named(dataset, "126070")]
    orders = [int(i.MeasuredValueSequence[0].NumericValue) for i in _named(dataset, "126073")]
    assert (days, orders) == (["2026-03-02", "2025-03-02"], [1])


def _other_verdict(dataset: Dataset) -> None:
    (space,) = _named(dataset, "HO-CMP-SPACE")
    space.ConceptCodeSequence[0].CodeValue = "HO-CV-WITHIN"


def _other_variation(dataset: Dataset) -> None:
    (number,) = _named(dataset, "HO-CMP-VARIES")
    number.MeasuredValueSequence[0].NumericValue = "9"


def _no_flags(dataset: Dataset) -> None:
    for item in _items(dataset):
        item.ContentSequence = [
            each
            for each in item.get("ContentSequence", ())
            if each.ConceptNameCodeSequence[0].CodeValue != "HO-FLAG"
        ]
        if not item.ContentSequence:
            del item.ContentSequence


def _other_evidence(dataset: Dataset) -> None:
    series = dataset.PertinentOtherEvidenceSequence[0].ReferencedSeriesSequence[0]
    series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "2.25.99"


def _no_evidence(dataset: Dataset) -> None:
    del dataset.PertinentOtherEvidenceSequence


@pytest.mark.parametrize(
    "forge", [_other_verdict, _other_variation, _no_flags, _other_evidence, _no_evidence]
)
def test_a_judgement_that_does_not_follow_from_the_facts_is_refused(
    forge: Callable[[Dataset], None],
) -> None:
    """Nobody makes a change of a difference, or none of it, by editing the document."""
    fallen = compared(
        a_report(spurred(Length(mm=14.2, **CALIBRATED)), context=tha()),
        signed(earlier_report(spurred(Length(mm=6.2, **CALIBRATED)))),
    )
    dataset = pydicom.dcmread(BytesIO(sr.encode(fallen)))
    forge(dataset)
    with pytest.raises(DocumentRefused):
        sr.decode(written(dataset))
