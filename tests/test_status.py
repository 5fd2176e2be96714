"""Every output asks the status of its report, and writes none by hand."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from hosr.codes import PRELIMINARY_REPORT
from hosr.identity import fingerprint
from hosr.intake.images import read_images
from hosr.intake.record import parse_record
from hosr.outputs import OutputName, make_files
from hosr.pipeline import Outcome, make_report
from hosr.sr.signing import STEP_CODES
from hosr.status import (
    AMENDED_ADDENDED,
    DRAFT,
    MODEL_DRAFT,
    MODEL_PART,
    PART,
    STATUSES,
    WITHDRAWN_AS_WRONG,
    Signature,
    Signing,
    Status,
    Step,
    Withdrawal,
    WithdrawalReason,
)
from hosr.study import Instance
from tests.command import marked
from tests.images import write_film

SIGNATURE = Signature(
    name="Rossi^Maria",
    organization="Synthetic Hospital",
    identifier="SYN-17",
    signed_at=dt.datetime(2026, 3, 2, 11, 20, tzinfo=dt.timezone(dt.timedelta(hours=1))),
)
PREDECESSOR = Instance(
    series_instance_uid="2.25.7",
    sop_class_uid="1.2.840.10008.5.1.4.1.1.88.34",
    sop_instance_uid="2.25.8",
)
WITHDRAWAL = Withdrawal(reason=WithdrawalReason.WRONG_PATIENT, signature=SIGNATURE)
# What says of an output that it is of this step; pictures and titles have a word.
SAID = {Step.SIGN: "signed", Step.AMEND: "amended", Step.ADDEND: "addendum|signed"}

_OUTPUTS: tuple[OutputName, ...] = (
    "measurement",
    "narrative",
    "text",
    "html",
    "encapsulated",
    "overlay",
    "keyobjects",
    "captures",
    "hl7",
    "fhir",
)
_OF_A_DRAFT = re.compile("draft|unverified|preliminary", re.IGNORECASE)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A film on which a gap was marked, and its report."""
    film = write_film(tmp_path_factory.mktemp("status") / "film.dcm")
    return make_report(parse_record(json.dumps(marked())), read_images([film]))


def _said(name: str, data: bytes) -> str:
    """What a file says: its values, without names of attributes, classes and styles."""
    if name.endswith(".dcm"):
        elements = pydicom.dcmread(BytesIO(data)).iterall()
        predecessor = PRELIMINARY_REPORT.meaning  # what the document says of another one
        return "\n".join(
            str(element.value)
            for element in elements
            if element.VR not in ("OB", "OW", "SQ") and element.value != predecessor
        )
    if name.startswith("fhir"):
        return re.sub(r'"data": "[^"]*"', "", data.decode())
    if name.endswith(".html"):
        return re.sub(r"<style>.*?</style>|class=\"[^\"]*\"", "", data.decode(), flags=re.DOTALL)
    return re.sub('"(completion|verification|preliminary)":', "", data.decode())


def _signing(step: Step) -> Signing:
    return Signing(step=step, signature=SIGNATURE, predecessors=(PREDECESSOR,), tracked_as="a key")


def _files(outcome: Outcome, step: Step | None) -> dict[str, str]:
    signing = None if step is None else _signing(step)
    told = replace(outcome, report=replace(outcome.report, signing=signing))
    return {made.name: _said(made.name, made.data) for made in make_files(told, _OUTPUTS)}


@pytest.mark.parametrize("step", STEP_CODES)
def test_no_output_of_a_signed_report_says_that_it_is_a_draft(outcome: Outcome, step: Step) -> None:
    """Headers, labels, titles, pages and sentences change with the status of the report."""
    files = _files(outcome, step)
    assert {name for name, said in files.items() if _OF_A_DRAFT.search(said)} == set()
    said_so = re.compile(SAID[step], re.IGNORECASE)
    assert {name for name, said in files.items() if not said_so.search(said)} == {"manifest.json"}
    for name in ("measurement.dcm", "narrative.dcm", "manifest.json"):
        assert {"COMPLETE", "VERIFIED", "FINAL"} <= set(re.findall("[A-Z]+", files[name]))
    assert re.search(r"^VERIFIED$", files["report.pdf.dcm"], re.MULTILINE)
    assert "Maria Rossi, Synthetic Hospital, 2\u00a0March\u00a02026, 11:20" in files["report.html"]


def test_every_output_of_a_draft_says_so(outcome: Outcome) -> None:
    """None is without it: the pattern of the test above finds what there is to find."""
    assert {
        name for name, said in _files(outcome, None).items() if not _OF_A_DRAFT.search(said)
    } == set()


@pytest.mark.parametrize(
    "status",
    [
        *(DRAFT, MODEL_DRAFT, PART, MODEL_PART),
        *STATUSES.values(),
        *(AMENDED_ADDENDED, WITHDRAWN_AS_WRONG),
    ],
    ids=lambda s: s.label,
)
def test_the_flags_of_a_status_belong_together(status: Status) -> None:
    """Only what is complete is verified, only what is verified is final (PS3.3 section C.17.2)."""
    is_signed = status.verification == "VERIFIED"
    is_part = status in (PART, MODEL_PART)
    assert status.completion == ("PARTIAL" if is_part else "COMPLETE")
    assert (status.preliminary == "FINAL") is is_signed
    assert (status.order in "FC") is (status.result in "FC") is is_signed
    is_withdrawn = status.order == "X"
    assert is_withdrawn is (status.result in "XW") is (status.diagnostic == "entered-in-error")
    is_draft = not is_signed and not is_withdrawn
    assert (status.diagnostic in ("preliminary", "partial")) is is_draft
    assert (status.diagnostic == "partial") is (status.order == "A") is is_part
    assert ("Not a medical device" in status.notice) is is_draft
    assert ("must not be used" in status.notice) is is_withdrawn


def test_no_module_but_the_status_s_own_writes_it() -> None:
    """The flags of a document and the word in brackets of a label stand in one module."""
    written = re.compile(r"\"(?:UNVERIFIED|PRELIMINARY)\"|[ \"]\(draft\)|\bDRAFT - |\"Draft[^\"s]")
    modules = Path(__file__).parents[1] / "hosr"
    found = {path.name for path in modules.rglob("*.py") if written.search(path.read_text("utf-8"))}
    # A label has one as an example, and the last reads what others write.
    assert found == {"status.py", "labels.py", "stated_status.py"}


def test_a_draft_keeps_the_identity_it_had_before_reports_had_a_status(outcome: Outcome) -> None:
    """The default counts for nothing, any other status makes another object."""
    report = outcome.report
    others = {fingerprint(replace(report, signing=_signing(step))) for step in STEP_CODES}
    others.add(fingerprint(replace(report, withdrawal=WITHDRAWAL)))
    assert len(others) == len(Step)
    assert fingerprint(report) not in others
    assert fingerprint(replace(report, signing=None)) == fingerprint(report)


def test_a_withdrawal_ends_a_report_whatever_its_status_was(outcome: Outcome) -> None:
    """It has the time of who withdrew, and no version of it is made; another reason needs words."""
    for signing in (None, _signing(Step.AMEND)):
        report = replace(outcome.report, signing=signing, withdrawal=WITHDRAWAL)
        assert report.status is WITHDRAWN_AS_WRONG
        assert report.stated_at == report.documented_at == SIGNATURE.signed_at
    with pytest.raises(ValueError, match="no other version"):
        _signing(Step.WITHDRAW)
    with pytest.raises(ValueError, match="one in words"):
        Withdrawal(reason=WithdrawalReason.OTHER, text=" ", signature=SIGNATURE)
