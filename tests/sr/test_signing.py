"""What persons did to a report stands in header and content alike; a file of which they differ is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset

from hosr import sr
from hosr.errors import DocumentRefused, Unencodable
from hosr.findings import Length
from hosr.narrative import document_sections
from hosr.report import Report
from hosr.sr.labels import is_editable
from hosr.sr.measurement import content_key, measurement_instance
from hosr.sr.receivers import Options
from hosr.status import (
    Addendum,
    GradeChange,
    LengthChange,
    ObserverChange,
    OtherChange,
    Preliminaries,
    Signature,
    Signing,
    Space,
    Step,
)
from hosr.templating.sources import Wording
from hosr.version import FIRST_FORM
from hosr.vocabulary.terms import Side
from tests.narrative.cases import CASES, a_report, spurred
from tests.sr.test_alterations import written
from tests.visuals.objects import marked_report

ROSSI = Signature(
    name="Rossi^Maria^^Dr.",
    organization="Synthetic Hospital",
    identifier="SYN-17",
    signed_at=dt.datetime(2026, 3, 2, 11, 20, 5, tzinfo=dt.timezone(dt.timedelta(hours=1))),
)
MEIER = Signature(
    name="Meier^Jörg=マイヤー",
    organization="Synthetic Hospital",
    signed_at=dt.datetime(2026, 3, 9, 8, 0, 0, 250_000, tzinfo=dt.UTC),
)
DRAFT = a_report(spurred(Length(mm=6.2)), spurred(Length(mm=7.1), Side.LEFT))
OPTIONS = Options()


def signed(
    report: Report, signature: Signature = ROSSI, step: Step = Step.SIGN, **more: object
) -> Report:
    """The next version of a report."""
    key = content_key(report, OPTIONS)
    tracked_as = key if report.signing is None else report.signing.tracked_as
    signing = Signing(
        step=step,
        signature=signature,
        predecessors=(measurement_instance(key, OPTIONS),),
        tracked_as=tracked_as,
        **more,  # type: ignore[arg-type]
    )
    return replace(report, signing=signing)


SIGNED = signed(DRAFT)
AMENDED_WHY = "The gap was read again."
CHANGES = (
    GradeChange(side=Side.RIGHT, scale="brooker", before=("II", "III"), after=("III",)),
    GradeChange(side=Side.LEFT, scale="brooker", before=(), after=("III",), by_signer=True),
    GradeChange(
        side=Side.RIGHT,
        scale="della_valle",
        before=("B",),
        after=("C",),
        by_signer=True,
        before_by="HO-Net 2.1",
    ),
    GradeChange(
        side=Side.LEFT, scale="della_valle", before=("C",), after=(), before_by="Meier^Jan"
    ),
    LengthChange(side=Side.RIGHT, space=Space.GAP, before_mm=10.6, after_mm=6.2),
    LengthChange(side=Side.LEFT, space=Space.GAP_LATERAL, before_mm=None, after_mm=7.0),
    OtherChange(side=Side.LEFT),
    ObserverChange(before="HO-Net 2.1", after="Rossi^Maria"),
    OtherChange(side=None),
)
AMENDED = signed(SIGNED, MEIER, Step.AMEND, reason=AMENDED_WHY, changes=CHANGES)
ADDENDED = signed(
    SIGNED,
    ROSSI,
    Step.ADDEND,
    addenda=(
        Addendum(text="Seen with the surgeon.", signature=MEIER),
        Addendum(
            text="No change of the plan.\nSecond line.",
            signature=replace(ROSSI, signed_at=MEIER.signed_at + dt.timedelta(days=1)),
        ),
    ),
)
_MORE = Addendum(
    text="Told by telephone.",
    signature=replace(ROSSI, signed_at=MEIER.signed_at + dt.timedelta(hours=1)),
)
AMENDED_ADDENDED = signed(
    AMENDED, MEIER, Step.ADDEND, reason=AMENDED_WHY, changes=CHANGES, addenda=(_MORE,)
)
VERSIONS = {
    "signed": SIGNED,
    "amended": AMENDED,
    "addended": ADDENDED,
    "amended, addended": AMENDED_ADDENDED,
}


@pytest.mark.parametrize("name", VERSIONS)
def test_a_signed_report_comes_back_whole(name: str) -> None:
    """Who signed, when, in place of what, why, and every addendum; nothing is noted as altered."""
    decoded = sr.decode_whole(sr.encode(VERSIONS[name]))
    assert decoded.report == VERSIONS[name]
    assert decoded.alterations == ()


def test_every_case_can_be_signed() -> None:
    """Whatever a report says, its signed version says it too, and keeps the tracking UIDs."""
    for report in CASES.values():
        version = signed(report)
        data = sr.encode(version)
        assert sr.decode(data) == version
        assert _tracking(data) == _tracking(sr.encode(report))


@pytest.mark.parametrize(
    ("report", "series"),
    [
        (DRAFT, "20260302 101500"),
        (SIGNED, "20260302 112005"),
        (AMENDED, "20260309 090000"),
        (ADDENDED, "20260310 090000"),
        (replace(DRAFT, form=FIRST_FORM), "None None"),
    ],
)
def test_a_series_is_dated_by_what_was_done_last(report: Report, series: str) -> None:
    """Viewers list the newest version first; its content is as old as the grading, in every version."""
    narrative = sr.encode_narrative(report, document_sections(report, Wording()))
    for data in (sr.encode(report), narrative):
        dataset = pydicom.dcmread(BytesIO(data))
        assert f"{dataset.get('SeriesDate')} {dataset.get('SeriesTime')}" == series
        assert (dataset.ContentDate, dataset.ContentTime) == ("20260302", "101500")


def test_what_is_signed_is_not_redrawn() -> None:
    """A viewer saves into the series of the lines that it made its own, which then is called signed."""
    draft, options = marked_report(), Options(hydrate=True)
    for report, label, editable in (
        (draft, "HO data: both hips (draft)", [True, False]),
        (signed(draft), "HO data, signed: Brooker R III, L I", [False, False]),
    ):
        data = sr.encode(report, options)
        dataset = pydicom.dcmread(BytesIO(data))
        assert dataset.SeriesDescription == label
        assert [is_editable(words) for words in _tracking(data, "TextValue", "112039")] == editable
        assert sr.decode_whole(data).options == options


def test_the_header_says_who_signed_in_place_of_what() -> None:
    """PS3.3 section C.17.2: flags, verifier, author, and the predecessor with the purpose of CID 7009."""
    dataset = pydicom.dcmread(BytesIO(sr.encode(AMENDED)))
    (verifier,), (author,) = dataset.VerifyingObserverSequence, dataset.AuthorObserverSequence
    (study,) = dataset.PredecessorDocumentsSequence
    (series,) = study.ReferencedSeriesSequence
    (replaced,) = series.ReferencedSOPSequence
    assert (dataset.CompletionFlag, dataset.VerificationFlag, dataset.PreliminaryFlag) == (
        "COMPLETE",
        "VERIFIED",
        "FINAL",
    )
    assert verifier.VerifyingObserverName == MEIER.name
    assert verifier.VerifyingOrganization == "Synthetic Hospital"
    assert verifier.VerificationDateTime == "20260309080000.250000+0000"
    assert len(verifier.VerifyingObserverIdentificationCodeSequence) == 0
    assert (author.ObserverType, author.PersonName) == ("PSN", DRAFT.observer.name)
    assert study.StudyInstanceUID == dataset.StudyInstanceUID
    before = pydicom.dcmread(BytesIO(sr.encode(SIGNED)))
    assert replaced.ReferencedSOPInstanceUID == before.SOPInstanceUID
    assert replaced.PurposeOfReferenceCodeSequence[0].CodeValue == "121360"


def _verify(dataset: Dataset) -> None:
    """As a hand that edits a header would sign."""
    other = pydicom.dcmread(BytesIO(sr.encode(SIGNED)))
    for keyword in ("VerificationFlag", "PreliminaryFlag", "VerifyingObserverSequence"):
        setattr(dataset, keyword, getattr(other, keyword))
    dataset.SOPInstanceUID = "2.25.77"


def _verify_without_a_name(dataset: Dataset) -> None:
    dataset.VerificationFlag, dataset.PreliminaryFlag = "VERIFIED", "FINAL"


def _unverify(dataset: Dataset) -> None:
    dataset.VerificationFlag, dataset.PreliminaryFlag = "UNVERIFIED", "PRELIMINARY"
    del dataset.VerifyingObserverSequence


def _drop_the_verifier(dataset: Dataset) -> None:
    del dataset.VerifyingObserverSequence


def _sign_for_another(dataset: Dataset) -> None:
    dataset.VerifyingObserverSequence[0].VerifyingObserverName = "Bianchi^Anna"


def _sign_later(dataset: Dataset) -> None:
    dataset.VerifyingObserverSequence[0].VerificationDateTime = "20260402112005.000000+0100"


def _replace_another(dataset: Dataset) -> None:
    (study,) = dataset.PredecessorDocumentsSequence
    study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "2.25.9"


def _drop_the_predecessor(dataset: Dataset) -> None:
    del dataset.PredecessorDocumentsSequence


FORGED: list[tuple[Report, Callable[[Dataset], None], str]] = [
    (DRAFT, _verify, "has the Verification Flag VERIFIED, its content says draft"),
    (DRAFT, _verify_without_a_name, "has the Verification Flag VERIFIED, its content says draft"),
    (SIGNED, _unverify, "has the Verification Flag UNVERIFIED, its content says signed"),
    (SIGNED, _drop_the_verifier, "something else in its Verifying Observer Sequence"),
    (SIGNED, _sign_for_another, "something else in its Verifying Observer Sequence"),
    (SIGNED, _sign_later, "something else in its Verifying Observer Sequence"),
    (AMENDED, _replace_another, "something else in its Predecessor Documents Sequence"),
    (AMENDED, _drop_the_predecessor, "something else in its Predecessor Documents Sequence"),
]


@pytest.mark.parametrize(
    ("report", "forge", "words"), FORGED, ids=[forge.__name__ for _, forge, _ in FORGED]
)
def test_a_header_that_its_content_does_not_bear_out_is_refused(
    report: Report, forge: Callable[[Dataset], None], words: str
) -> None:
    """Nobody signs, or takes a signature back, by editing a header."""
    dataset = pydicom.dcmread(BytesIO(sr.encode(report)))
    forge(dataset)
    with pytest.raises(DocumentRefused, match=words):
        sr.decode(written(dataset))


@pytest.mark.parametrize("forge", [_verify, _verify_without_a_name])
def test_a_narrative_is_signed_by_its_content_too(forge: Callable[[Dataset], None]) -> None:
    """A draft in words whose header says VERIFIED is refused, without its measurement report."""
    for report, is_forged in ((DRAFT, True), (SIGNED, False)):
        sections = document_sections(report, Wording())
        dataset = pydicom.dcmread(BytesIO(sr.encode_narrative(report, sections)))
        if not is_forged:
            assert sr.read_narrative(written(dataset)) is not None
            continue
        forge(dataset)
        with pytest.raises(DocumentRefused, match="its content says draft"):
            sr.read_narrative(written(dataset))


def test_an_altered_reason_is_told() -> None:
    """Free words can be any; that they are not those that were signed shows in the UIDs."""
    dataset = pydicom.dcmread(BytesIO(sr.encode(AMENDED)))
    (reason,) = (item for item in _items(dataset) if item.get("TextValue") == AMENDED_WHY)
    reason.TextValue = "The gap was not read again."
    (told,) = sr.decode_whole(written(dataset)).alterations
    assert "its UIDs do not follow from what it holds" in told


def test_a_signature_without_a_valid_form_is_refused_by_attribute() -> None:
    """Nothing is cut short: the organization is an LO of 64, the identifier an SH of 16 letters."""
    for spoilt, keyword in (
        (replace(ROSSI, organization="x" * 65), "VerifyingOrganization"),
        (replace(ROSSI, name="x" * 65), "VerifyingObserverName"),
        (replace(ROSSI, identifier="9" * 17), "VerifyingObserverIdentificationCodeSequence"),
    ):
        with pytest.raises(Unencodable, match=keyword):
            sr.encode(signed(DRAFT, spoilt))


def _tracking(data: bytes, attribute: str = "UID", code: str = "112040") -> list[str]:
    """The tracking UIDs of a document, or what another item of its groups says."""
    return [
        str(item[attribute].value)
        for item in _items(pydicom.dcmread(BytesIO(data)))
        if attribute in item and item.ConceptNameCodeSequence[0].CodeValue == code
    ]


def _items(dataset: Dataset) -> Iterator[Dataset]:
    for item in dataset.get("ContentSequence", ()):
        yield item
        yield from _items(item)


_PART = replace(DRAFT, incomplete="The left hip is still to be graded.")


@pytest.mark.parametrize(
    ("keyword", "value", "problem"),
    [
        (
            "CompletionFlag",
            "COMPLETE",
            "has the Completion Flag COMPLETE, its content says partial",
        ),
        ("CompletionFlagDescription", "Nothing.", "has the Completion Flag Description Nothing."),
    ],
)
def test_a_part_is_none_that_is_complete(keyword: str, value: str, problem: str) -> None:
    """What is still to be done stands in header and content of both structured reports."""
    sections = document_sections(_PART, Wording())
    for data, read in (
        (sr.encode(_PART), sr.decode),
        (sr.encode_narrative(_PART, sections), sr.read_narrative),
    ):
        dataset = pydicom.dcmread(BytesIO(data))
        assert (dataset.CompletionFlag, dataset.CompletionFlagDescription) == (
            "PARTIAL",
            _PART.incomplete,
        )
        setattr(dataset, keyword, value)
        with pytest.raises(DocumentRefused, match=problem):
            read(written(dataset))


def test_a_long_reason_stands_in_the_content_alone() -> None:
    """The header takes 64 characters; nothing is cut short."""
    report = replace(DRAFT, incomplete="The left hip is still to be graded." * 3)

    data = sr.encode(report)

    assert "CompletionFlagDescription" not in pydicom.dcmread(BytesIO(data))
    assert sr.decode(data) == report


SENT = Preliminaries(
    documents=(measurement_instance(content_key(DRAFT, OPTIONS), OPTIONS),),
    tracked_as=content_key(DRAFT, OPTIONS),
)
REPLACING = replace(DRAFT, preliminaries=SENT)


def test_a_draft_tells_which_drafts_that_were_sent_it_replaces() -> None:
    """In content and header; nobody has signed it for that."""
    later = REPLACING
    dataset = pydicom.dcmread(BytesIO(sr.encode(later)))
    (study,) = dataset.PredecessorDocumentsSequence
    (series,) = study.ReferencedSeriesSequence
    (named,) = series.ReferencedSOPSequence
    assert named.ReferencedSOPInstanceUID == SENT.documents[0].sop_instance_uid
    assert (dataset.VerificationFlag, dataset.PreliminaryFlag) == ("UNVERIFIED", "PRELIMINARY")
    assert "VerifyingObserverSequence" not in dataset
    assert sr.decode(sr.encode(later)) == later
    narrative = sr.encode_narrative(later, document_sections(later, Wording()))
    assert sr.read_narrative(narrative)


def test_a_draft_whose_header_names_other_predecessors_is_refused() -> None:
    """One that names what its content does not, or does not name what it does."""
    later = REPLACING
    with_it = pydicom.dcmread(BytesIO(sr.encode(later)))
    without = pydicom.dcmread(BytesIO(sr.encode(DRAFT)))
    without.PredecessorDocumentsSequence = with_it.PredecessorDocumentsSequence
    del with_it.PredecessorDocumentsSequence
    for dataset in (with_it, without):
        with pytest.raises(DocumentRefused, match="says something else in its"):
            sr.decode(written(dataset))
