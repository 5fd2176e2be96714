"""How far a report has come: what headers, labels, pages, sentences and messages say of it.

Every output asks the status of its report and writes no word of it by hand, so that none of them
can say another thing than the rest. A status follows from what persons did to a report (`Signing`),
and only goes forward: draft, signed, then amended or addended any number of times. A report in any
of them can be withdrawn (`Withdrawal`), which is its end.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from hosr.identity import ADDED
from hosr.study import Instance
from hosr.vocabulary.terms import Side


def _message(text: str) -> str:
    """Marks words that are said later, in the language of a report."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One status, in the words of every output.

    `completion`, `verification` and `preliminary` are the flags of an SR document (PS3.3 section
    C.17.2); `verification` is that of an encapsulated document too (section C.24.2). `order` and
    `result` are those of HL7 v2.5.1: OBR-25 (table 0123) and OBX-11 (table 0085); `diagnostic` is
    DiagnosticReport.status of FHIR, `observation` that of its observations. `label` stands in labels,
    descriptions and titles, which are English in every language, and in programs; `summary` ends a
    list of key objects, `told` what is printed for the user of the command line. The others are
    messages: the `notice` that no page may leave out, the one `word` for it in a picture, and how the
    report came about, its `origin`. Notice and `told` of a signed report have places for who
    signed and when.
    """

    completion: str
    verification: str
    preliminary: str
    order: str
    result: str
    diagnostic: str
    observation: str
    label: str
    summary: str
    told: str
    notice: str
    word: str
    origin: str


DRAFT = Status(
    completion="COMPLETE",
    verification="UNVERIFIED",
    preliminary="PRELIMINARY",
    order="P",
    result="P",
    diagnostic="preliminary",
    observation="preliminary",
    label="draft",
    summary="Draft, not verified.",
    told="Draft: not reviewed.",
    notice=_message("DRAFT - not reviewed. Not a medical device."),
    word=_message("Draft"),
    origin=_message("Draft generated from structured input."),
)

# Nobody has looked at it: HL7 has a status for results that are stored and not verified.
MODEL_DRAFT = replace(DRAFT, order="R", result="R")

# One hip of two, say. Of orders HL7 has a status for some of several results.
PART = replace(
    DRAFT,
    completion="PARTIAL",
    order="A",
    diagnostic="partial",
    label="partial draft",
    summary="Draft, not complete, not verified.",
    told="Draft, not complete: not reviewed.",
    notice=_message("DRAFT, NOT COMPLETE - not reviewed. Not a medical device."),
    word=_message("Partial draft"),
)

MODEL_PART = replace(PART, result=MODEL_DRAFT.result)

SIGNED = Status(
    completion="COMPLETE",
    verification="VERIFIED",
    preliminary="FINAL",
    order="F",
    result="F",
    diagnostic="final",
    observation="final",
    label="signed",
    summary="Signed.",
    told="Signed by {name}, {organization}, {time}.",
    notice=_message("Signed by {name}, {organization}, {time}."),
    word=_message("Signed"),
    origin=_message("Generated from structured input."),
)

AMENDED = replace(
    SIGNED,
    order="C",
    result="C",
    diagnostic="amended",
    observation="amended",
    label="amended",
    summary="Amended and signed.",
    told="Amended report, signed by {name}, {organization}, {time}.",
    notice=_message("AMENDED REPORT, signed by {name}, {organization}, {time}."),
    word=_message("Amended"),
)

ADDENDED = replace(
    SIGNED,
    order="C",
    result="C",
    diagnostic="appended",
    label="addendum",
    summary="Signed, with an addendum.",
    told="Signed by {name}, {organization}, {time}; with an addendum.",
    notice=_message("Signed by {name}, {organization}, {time}. With an ADDENDUM."),
)

# Words below an amended report do not make it one that was never amended.
AMENDED_ADDENDED = replace(
    AMENDED,
    diagnostic="appended",
    label="amended, added",
    summary="Amended and signed, with an addendum.",
    told="Amended report, signed by {name}, {organization}, {time}; with an addendum.",
    notice=_message("AMENDED REPORT, signed by {name}, {organization}, {time}. With an ADDENDUM."),
)

# The end of a report: nobody may act upon it, so its flags are those of what nobody verified.
WITHDRAWN = replace(
    DRAFT,
    order="X",
    result="X",
    diagnostic="entered-in-error",
    observation="entered-in-error",
    label="withdrawn",
    summary="Withdrawn, not to be used.",
    told="Withdrawn by {name}, {organization}, {time}: not to be used.",
    notice=_message("WITHDRAWN by {name}, {organization}, {time}. This report must not be used."),
    word=_message("Withdrawn"),
    origin=_message("Generated from structured input."),
)

# It stood under a patient or a study that it is not of: table 0085 has a status for that.
WITHDRAWN_AS_WRONG = replace(WITHDRAWN, result="W")


class Step(StrEnum):
    """What a person does to a report, which makes another document of it, or ends it."""

    SIGN = "sign"
    AMEND = "amend"
    ADDEND = "addend"
    WITHDRAW = "withdraw"


STATUSES = {
    Step.SIGN: SIGNED,
    Step.AMEND: AMENDED,
    Step.ADDEND: ADDENDED,
    Step.WITHDRAW: WITHDRAWN,
}
_AFTER_AMENDMENT = {**STATUSES, Step.ADDEND: AMENDED_ADDENDED}


class WithdrawalReason(StrEnum):
    """Why a report is withdrawn; what is right but for some words of it is amended instead."""

    WRONG_PATIENT = "wrong-patient"
    WRONG_STUDY = "wrong-study"
    OTHER = "other"


_WITHDRAWALS = {
    WithdrawalReason.WRONG_PATIENT: WITHDRAWN_AS_WRONG,
    WithdrawalReason.WRONG_STUDY: WITHDRAWN_AS_WRONG,
    WithdrawalReason.OTHER: WITHDRAWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who takes the responsibility for a report (a DICOM person name), for whom, and since when."""

    name: str = field(repr=False)
    organization: str
    identifier: str = field(default="", repr=False)
    signed_at: dt.datetime

    def __post_init__(self) -> None:
        offset = self.signed_at.utcoffset()
        if offset is None or offset % dt.timedelta(minutes=1):
            raise ValueError("the time of a signature needs an offset from UTC in whole minutes")


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeChange:
    """The grade of a hip on one scale, before and after, and whether it is the own one of who signed.

    Each is as it was stated: several grades where it was left open, none where there was none.
    `before_by` names who stated the one before, as in `ObserverChange`, where that is not the observer
    of the report: a model whose line a person moved.
    """

    side: Side
    scale: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    by_signer: bool = False
    before_by: str = field(default="", metadata=ADDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerGrade:
    """What another one stated of a hip on one scale, whose findings the observer of a report changed.

    `by` names them, as in `ObserverChange`. It is no grade of the report: who signs says what holds.
    """

    side: Side
    scale: str
    grades: tuple[str, ...]
    by: str


class Space(StrEnum):
    """A space that a report states: the one that decides, and that on the lateral view."""

    GAP = "gap"
    GAP_LATERAL = "gap_lateral"


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthChange:
    """The space between opposing bone surfaces, before and after; None where it was not measured."""

    side: Side
    space: Space
    before_mm: float | None
    after_mm: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherChange:
    """That other findings of a hip were changed, or without a side something else in the report."""

    side: Side | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverChange:
    """Who graded, before and after: a DICOM person name, or the name and version of an algorithm."""

    before: str
    after: str


Change: TypeAlias = GradeChange | LengthChange | ObserverChange | OtherChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Addendum:
    """Words that a person added below a signed report."""

    text: str = field(repr=False)
    signature: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Preliminaries:
    """Preliminary reports of a draft that were sent before, and that what comes of it takes the place of.

    `documents` are their structured reports, the newest measurement report first; `tracked_as` is what
    the tracking UIDs of their lesions follow from: receivers know the report by it from then on. It is
    empty where that is the name of another report by now, so that what comes of them has its own.
    """

    documents: tuple[Instance, ...]
    tracked_as: str

    def __post_init__(self) -> None:
        if not self.documents:
            raise ValueError("what takes the place of nothing has no preliminaries")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """The last step that was done to a report, by whom, and what it changed in which documents.

    The first step is a signature. An amendment has a `reason` and a signature of its own; `addenda`
    stand below what was signed, each with its own. `predecessors` are the documents that it takes the
    place of, the measurement report first; `tracked_as` is what the tracking UIDs of its lesions follow
    from, the same in all versions of a report.
    """

    step: Step
    signature: Signature
    predecessors: tuple[Instance, ...]
    tracked_as: str
    reason: str = ""
    changes: tuple[Change, ...] = ()
    addenda: tuple[Addendum, ...] = ()

    def __post_init__(self) -> None:
        if not self.predecessors:
            raise ValueError("a person signs a document that is there")
        if self.step is Step.WITHDRAW:
            raise ValueError("a withdrawal makes no other version of a report")

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """That of the report, and those of its addenda, by time; the last one made this version."""
        every = (self.signature, *(addendum.signature for addendum in self.addenda))
        return tuple(sorted(every, key=lambda signature: signature.signed_at))

    @property
    def has_own_grade(self) -> bool:
        """Whether a grade is the own one of who signed."""
        return any(isinstance(each, GradeChange) and each.by_signer for each in self.changes)

    @property
    def status(self) -> Status:
        """The status that the step led to; a report that was amended once stays one."""
        return (_AFTER_AMENDMENT if self.reason else STATUSES)[self.step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """That a person withdrew a report, why, and in what words of their own."""

    reason: WithdrawalReason
    text: str = field(default="", repr=False)
    signature: Signature

    def __post_init__(self) -> None:
        if self.reason is WithdrawalReason.OTHER and not self.text.strip():
            raise ValueError("another reason is one in words")

    @property
    def status(self) -> Status:
        """The status of the report from then on."""
        return _WITHDRAWALS[self.reason]
