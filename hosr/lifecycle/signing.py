"""The next version of a report: signed by a person, or with words added below what was signed.

A signature is given to what lies there and to nothing else: the report says the same, but for the
grades that the person gives as their own (`given_grades`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hosr.dicom.writing import is_valid
from hosr.errors import Fault, UsageError
from hosr.findings import Algorithm
from hosr.intake.record.leaves import OFFSETS, YEARS
from hosr.language import turns_letters
from hosr.lifecycle.given_grades import GivenGrade, decide
from hosr.lifecycle.priors import carry_over
from hosr.lifecycle.versions import Version
from hosr.persons import spellings
from hosr.phrases import Phrase, phrase
from hosr.report import Report
from hosr.sr.measurement import content_key
from hosr.status import Addendum, FormerGrade, Preliminaries, Signature, Signing, Step

_PERSON_NAME = phrase(
    "write Family^Given: one line of at most {number} characters, without a backslash", number=64
)
_TURNS_LETTERS = phrase("holds a character that shows letters in another order")
_NAME = phrase("name the person who signs: Family^Given")


def sign(
    version: Version,
    signature: Signature,
    grades: Sequence[GivenGrade] = (),
    former: Sequence[FormerGrade] = (),
) -> Report:
    """The signed report of a draft; `former` as for `decide`.

    Raises
    ------
    UsageError
        Where it is signed already, or who signs is an algorithm, or signs before it was graded.
    RecordRefused
        Where a grade is in conflict or left open and the person gives none, or gives one that
        findings make impossible; with every such grade.
    """
    report = version.report
    faults = [*find_impossible_signature(report, signature), *find_incomplete(report)]
    if report.signing is not None:
        remedy = "add to it with `hosr addend`"
        faults.append(Fault(str(version.folder), f"is {report.status.label} already", remedy))
    if faults:
        raise UsageError(faults)
    hips, changes = decide(report, grades, former)
    signing = Signing(
        step=Step.SIGN,
        signature=signature,
        predecessors=(*version.documents, *report.predecessors),
        tracked_as=report.tracked_as(content_key(report, version.options)),
        changes=changes,
    )
    signed = replace(report, hips=hips, signing=signing, preliminaries=None)
    return carry_over(report, signed)


def replace_sent(report: Report, sent: Preliminaries | None) -> Report:
    """A report that was just signed, in the place of the preliminaries that were sent of it too.

    Of a draft that was changed since, receivers know these alone: they come first, and give the report
    its name. An amendment keeps both from what it amends.
    """
    signing = report.signing
    if signing is None or sent is None:
        return report
    before, tracked_as = (
        (*sent.documents, *signing.predecessors),
        sent.tracked_as or signing.tracked_as,
    )
    if signing.step is Step.AMEND:
        before, tracked_as = (*signing.predecessors, *sent.documents), signing.tracked_as
    named = tuple(dict.fromkeys(before))
    return replace(report, signing=replace(signing, predecessors=named, tracked_as=tracked_as))


def addend(version: Version, signature: Signature, text: str) -> Report:
    """The signed report with words of a person below it; what was signed stays as it was.

    Raises `UsageError` where it is not signed, there are no words, or who signs is an algorithm or
    signs before the last signature.
    """
    report = version.report
    faults = [*find_impossible_signature(report, signature)]
    if report.signing is None:
        faults.append(Fault(str(version.folder), "is a draft", "sign it with `hosr sign`"))
    if not text.strip():
        faults.append(Fault("--text", "has no words", "give what is to be added"))
    faults += find_unwritable("--text", text.strip())
    if faults or report.signing is None:
        raise UsageError(faults)
    addendum = Addendum(text=text.strip(), signature=signature)
    signing = replace(
        report.signing,
        step=Step.ADDEND,
        predecessors=version.documents,
        addenda=(*report.signing.addenda, addendum),
    )
    return replace(report, signing=signing)


def _is_of_a_calendar(at: dt.datetime) -> bool:
    """Whether a record could be of this time as well."""
    offset = at.utcoffset() or dt.timedelta(0)
    return at.year in YEARS and OFFSETS[0] <= offset <= OFFSETS[1]


def find_unwritable(option: str, words: str) -> Iterator[Fault]:
    """Words of a person that no document can hold, or that are read in another order than written."""
    remedy = phrase("leave out control characters")
    if not is_valid("UT", words):
        yield Fault(option, phrase("holds a character that no document can hold"), remedy)
    if turns_letters(words):
        yield Fault(option, _TURNS_LETTERS, remedy)


def find_incomplete(report: Report) -> Iterator[Fault]:
    """Why a report cannot be signed by anybody: it is part of one."""
    if report.incomplete:
        problem = phrase("is not complete ({words})", words=report.incomplete)
        yield Fault(
            phrase("the report"), problem, phrase("make it from the whole record, and sign that")
        )


def _one_line(characters: int) -> Phrase:
    return phrase(
        "write one line of at most {number} characters, without a backslash", number=characters
    )


def find_unwritable_signer(
    name: str, organization: str, identifier: str, option: str = "--as"
) -> Iterator[Fault]:
    """Why nobody can sign by this name, for this organization, with this identifier; `option` names them."""
    if not spellings(name):
        yield Fault(option, phrase("names nobody"), _NAME)
    if not organization.strip():
        yield Fault(
            "--organization", phrase("names nobody"), phrase("name for whom the person signs")
        )
    for place, vr, value, remedy in (
        (option, "PN", name, _PERSON_NAME),
        ("--organization", "LO", organization, _one_line(64)),
        ("--id", "SH", identifier, _one_line(16)),
    ):
        if not is_valid(vr, value):
            yield Fault(place, phrase("cannot stand in a DICOM document (as {vr})", vr=vr), remedy)
        if turns_letters(value):
            yield Fault(place, _TURNS_LETTERS, phrase("leave out control characters"))


def find_impossible_signature(report: Report, signature: Signature) -> Iterator[Fault]:
    """Why this person cannot sign this report at this time."""
    observer = report.observer
    person = spellings(signature.name)
    if isinstance(observer, Algorithm) and person & spellings(observer.name):
        yield Fault("--as", phrase("is the algorithm that graded; a person signs"), _NAME)
    if person & spellings(report.subject.patient.name):
        yield Fault("--as", phrase("is the name of the patient"), _NAME)
    yield from find_unwritable_signer(signature.name, signature.organization, signature.identifier)
    if not _is_of_a_calendar(signature.signed_at):
        remedy = phrase("correct the time, or the clock of this machine")
        yield Fault("--at", phrase("is of a year or an offset from UTC that no place has"), remedy)
    last = report.graded_at
    if report.signing is not None:
        last = report.signing.signatures[-1].signed_at
    # A time is told to the second, and a later version is known by a later one.
    if signature.signed_at < last or (report.signing and signature.signed_at == last):
        told = last.isoformat(sep=" ", timespec="seconds")
        problem = phrase("is not later than {time}, when it was graded", time=told)
        if report.signing is not None:
            problem = phrase("is not later than {time}, when it was signed last", time=told)
        yield Fault("--at", problem, phrase("correct the time, or the clock of this machine"))
