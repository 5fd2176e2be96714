"""What is kept of a draft: what it is made of, how it stands, what a worklist tells, its history."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hosr.drafts.states import Event, Reason, Status, in_order, urgency_of
from hosr.persons import spellings
from hosr.vocabulary.terms import Side

if TYPE_CHECKING:
    from hosr.drafts.judgement import Judged
    from hosr.drafts.sent import Sent

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraft:
    """What a draft is begun with.

    Attributes
    ----------
    record
        The grading record as plain values, valid or not: a person will be at work on it.
    images
        Absolute paths of the files of its study, and folders of them.
    priors
        Absolute paths of earlier reports that it is compared with, beside what is signed of the
        patient in this folder, before or after it is begun.
    made_from
        Names of the sources that it was made from, without their folders.
    account
        What the import told of them.
    follows
        The draft of the same study that it comes after, where there is one.
    assume_charset, override_charset
        As for `read_images`, by which its images are read whenever they are.
    sent
        Its report as it is about to be sent, where it is.
    """

    record: Mapping[str, Any] = field(repr=False)
    images: tuple[str, ...]
    priors: tuple[str, ...] = ()
    made_from: tuple[str, ...] = ()
    account: Mapping[str, Any] = field(default_factory=dict, repr=False)
    follows: str = ""
    assume_charset: str = ""
    override_charset: str = ""
    sent: Sent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft as it stands.

    `original` is the record as the draft was begun with, `record` as it is now. `decisions` are the
    grades that a person chose where the findings leave several or contradict the source, such as
    `right:brooker=III`, and the marks of a model that they took over as they are, `right:gap=accepted`;
    `choosers` names for each of them whose it is. `images` and `priors` are absolute paths, the
    latter of what is signed by now; `images_digest` stands for what is in the images; whose they are by their headers say
    `patient_name`, `patient_id` and `study_date` (YYYYMMDD), as when the draft was begun. `versions`
    are the folders of what was signed, newest last, and `document_uid` the
    SOP Instance UID of the newest measurement report. `opened_by` is who opened it first, `signed_by`
    who signed last, `signing_by` who is signing now, into `signing_folder`. `sent` are the preliminary
    reports of it that were sent, oldest first.
    """

    draft_id: str
    revision: int
    status: Status
    record: Json = field(repr=False)
    record_digest: str = field(repr=False)
    original: Json = field(repr=False)
    choosers: Mapping[str, str] = field(default_factory=dict, repr=False)
    study_instance_uid: str = ""
    study_date: str = ""
    patient_name: str = field(default="", repr=False)
    patient_id: str = field(default="", repr=False)
    images: tuple[str, ...] = ()
    images_digest: str = ""
    priors: tuple[str, ...] = ()
    made_from: tuple[str, ...] = ()
    account: Json = field(default_factory=dict, repr=False)
    sent: tuple[Sent, ...] = ()
    follows: str = ""
    assume_charset: str = ""
    override_charset: str = ""
    hold_reason: str = field(default="", repr=False)
    made_at: dt.datetime
    changed_at: dt.datetime
    opened_by: str = field(default="", repr=False)
    signed_by: str = field(default="", repr=False)
    signing_by: str = field(default="", repr=False)
    signing_folder: str = ""
    versions: tuple[str, ...] = ()
    document_uid: str = ""

    @property
    def decisions(self) -> tuple[str, ...]:
        """What was decided, by whomever."""
        return tuple(self.choosers)

    def decisions_of(self, name: str) -> tuple[str, ...]:
        """Those that a person may sign: the grades that they chose, and marks that anybody took over.

        A grade that another one chose is no choice of theirs.
        """
        own = spellings(name)
        return tuple(
            decision
            for decision, chooser in self.choosers.items()
            if not decided_grades([decision]) or own & spellings(chooser)
        )

    @property
    def etag(self) -> str:
        """What stands for the draft as it is; another one after any change."""
        return etag_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event in the history of a draft, with all that it was after that."""

    draft_id: str
    revision: int
    at: dt.datetime
    by: str = field(repr=False)
    event: Event
    status: Status
    record: Json = field(repr=False)
    record_digest: str = field(repr=False)
    decisions: tuple[str, ...]

    @property
    def etag(self) -> str:
        """What stood for the draft from then on."""
        return etag_of(self)


def etag_of(draft: Draft | Entry) -> str:
    """What stands for a draft at one revision: its content, its decisions and its status."""
    parts = [draft.draft_id, draft.revision, draft.status, draft.record_digest, *draft.decisions]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What a person made of a draft: the whole record, the decisions, and what hosr says of both.

    Decisions are those of who makes the change, but for those of others, which `others` names.
    """

    record: Mapping[str, Any] = field(repr=False)
    decisions: tuple[str, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict, repr=False)
    judged: Judged = field(repr=False)


# That a person takes a mark of a model over as it is: `right:gap=accepted`. It decides no grade.
_ACCEPTED = re.compile(r"(right|left):[a-z_]+(\.\d+)?=accepted", re.ASCII)


def decided_grades(decisions: Iterable[str]) -> tuple[str, ...]:
    """Those of the decisions that choose a grade, or mean to."""
    return tuple(each for each in decisions if _ACCEPTED.fullmatch(each) is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedHip:
    """A hip in the worklist: the grades that stand, "" where none does or several are possible."""

    side: Side
    brooker: str = ""
    della_valle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a worklist tells of a record and its images, as far as they say it.

    `study_date` is as DICOM writes it, YYYYMMDD; `made_by` is the name of the observer.
    """

    patient_name: str = field(default="", repr=False)
    patient_id: str = field(default="", repr=False)
    study_instance_uid: str = ""
    study_date: str = ""
    view: str = ""
    made_by: str = field(default="", repr=False)
    is_algorithm: bool = False
    hips: tuple[ListedHip, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Summary):
    """A row of the worklist.

    `reasons` tell why it is urgent, the most urgent first. `followed_by` is the newest draft that
    was made of the same study after this one. `sent` is filled by who knows the outbox.
    """

    draft_id: str
    revision: int
    status: Status
    reasons: tuple[Reason, ...] = ()
    made_at: dt.datetime
    changed_at: dt.datetime
    opened_by: str = field(default="", repr=False)
    signed_by: str = field(default="", repr=False)
    hold_reason: str = field(default="", repr=False)
    follows: str = ""
    followed_by: str = ""
    document_uid: str = ""
    sent: str = ""

    def __post_init__(self) -> None:
        if self.followed_by:
            reasons = in_order({*self.reasons, Reason.NEWER_IMAGES})
            object.__setattr__(self, "reasons", reasons)

    @property
    def urgency(self) -> int:
        """How soon it should be looked at: the greater, the sooner; 0 for no reason."""
        return urgency_of(self.reasons)
