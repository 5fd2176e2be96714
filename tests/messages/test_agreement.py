"""Whatever a report is read from says the same of it: patient, sides, grades, space, status, signer, UIDs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from io import BytesIO

import pydicom
import pytest

from hosr.intake.images import read_images
from hosr.intake.record import read_record
from hosr.language import ENGLISH
from hosr.messages import MessageForm, make_oru
from hosr.outputs import OutputName, make_files
from hosr.outputs.withdrawal import Stored, Withdrawn, make_withdrawal_files
from hosr.pipeline import Outcome, make_report
from hosr.sr import Options, encode, make_measurement
from hosr.status import Step
from hosr.templating.sources import Wording
from tests.comparison.cases import COMPARED
from tests.messages.carriers import (
    check_pages,
    check_withdrawal,
    check_words,
    of_bundle,
    of_message,
    of_report,
    on_one_line,
    words_of,
)
from tests.messages.fhir.bundles import bundle_of, identified
from tests.messages.parsing import Parsed
from tests.messages.signed import signed
from tests.messages.versions import withdrawn
from tests.sample_data.test_truth import ROOT, STUDIES

pytestmark = pytest.mark.slow

_CODED: tuple[OutputName, ...] = ("measurement", "narrative", "text", "hl7", "fhir", "fhir-r5")
_PAGES: tuple[OutputName, ...] = ("html", "pdf")
_STEPS: tuple[Step | None, ...] = (None, Step.SIGN, Step.AMEND, Step.ADDEND)
# Where headers have no date of birth, a patient is found by who issued the ID.
_ISSUER = MessageForm(issuer="HOSP", oids=(("HOSP", "1.2.276.0.76.3.1"),))
_CASES = [(study, step) for study in STUDIES for step in _STEPS]


@cache
def _outcome(study: str) -> Outcome:
    images = read_images([ROOT / study / "images"])
    return make_report(read_record(ROOT / study / "record.json"), images)


def _files(study: str, step: Step | None, outputs: tuple[OutputName, ...]) -> dict[str, bytes]:
    outcome = _outcome(study)
    if step is not None:
        outcome = replace(outcome, report=signed(outcome.report, step))
    made = make_files(outcome, outputs, message_form=_ISSUER)
    return {each.name: each.data for each in made}


def _steps(step: Step | None) -> tuple[Step, ...]:
    return () if step is None else (step,)


@pytest.mark.parametrize("name", COMPARED)
def test_what_was_seen_before_agrees(name: str) -> None:
    """Structured report, text, ORU and FHIR name the same earlier report, its space and the judgement."""
    report, words = identified(COMPARED[name]), Wording()
    told = of_report(pydicom.dcmread(BytesIO(encode(report))))
    assert set(told.since) == {each.side.value for each in report.lookbacks if each.compared}
    message = Parsed(make_oru(report, words, _ISSUER, sr_uid=told.sr_uid).data)
    assert of_message(message, told) == told
    assert of_bundle(bundle_of(report), told) == told
    line = on_one_line(" ".join(message.text_lines()))
    assert [word for word in words_of(told) if word not in line] == []


@pytest.mark.parametrize(("study", "step"), _CASES)
def test_all_that_a_report_is_read_from_agrees(study: str, step: Step | None) -> None:
    """Structured report, narrative, text, ORU and FHIR of each sample in each status."""
    check_words(_files(study, step, _CODED), *_steps(step))


@pytest.mark.parametrize(
    ("study", "step"), list(zip(STUDIES, _STEPS * len(STUDIES), strict=False)), ids=str
)
def test_pages_agree_with_the_structured_report(study: str, step: Step | None) -> None:
    """The page and the PDF of each sample, in one status each."""
    check_pages(_files(study, step, (*_PAGES, "measurement")), *_steps(step))


@pytest.mark.parametrize(("study", "step"), list(zip(STUDIES, _STEPS * len(STUDIES), strict=False)))
def test_all_that_tells_of_a_withdrawal_agrees(study: str, step: Step | None) -> None:
    """Note, text, ORU and FHIR of each sample, which was in one status each before."""
    draft = _outcome(study).report
    last = draft if step is None else signed(draft, step)
    versions = [
        Stored(
            report=each, options=Options(), objects=(make_measurement(each, Options()).instance,)
        )
        for each in dict.fromkeys((draft, last))
    ]
    taken_back = Withdrawn(
        report=withdrawn(last), versions=tuple(versions), missing_uids=(), language=ENGLISH
    )
    made = make_withdrawal_files(taken_back, ("hl7", "fhir", "fhir-r5"), _ISSUER)
    before = make_files(
        replace(_outcome(study), report=last), ("measurement", "hl7", "fhir"), message_form=_ISSUER
    )
    check_withdrawal(
        {each.name: each.data for each in made}, {each.name: each.data for each in before}
    )
