"""What can go wrong, as one tree.

    HosrError
    ├── UsageError          the call itself asks for something that does not exist
    ├── DraftError          what was asked of a draft at the desk is not done
    │   ├── UnknownDraft        there is none of this id
    │   ├── StaleDraft          it is not any more what was looked at; carries it as it is now
    │   └── DraftRefused        its status allows no such thing
    ├── RecordRefused       the grading record is wrong; nothing is made of it
    ├── ImagesRefused       the DICOM input is wrong, or does not belong to the record
    │   └── DocumentRefused     the DICOM file to be read is not a report of hosr
    ├── TemplateRefused     a department's own template is broken, unsafe, or leaves out what must be said
    ├── Unencodable         the report cannot be said in DICOM or text as asked
    ├── MachineFailed       this machine ended or starved the work; the input may be as good as any
    └── ArchiveError        an archive did not do what it was asked; says why, as a `Reason`
        ├── ArchiveRefused      it answered, or what answered is not the archive that was meant
        └── ArchiveUnreachable  there was no answer, or none to the end

Every error carries its faults, all of them, each with a path, a problem and a remedy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, what, and what to do about it.

    `path` is a JSON path into the record (`$.hips[0].gap.mm`) or a file name;
    `rule` is the number of the published or conventional rule that was broken, if one was.
    """

    path: str
    problem: str
    remedy: str = ""
    rule: str = ""

    def __str__(self) -> str:
        """One line: path, problem, remedy, rule."""
        rule = f" [{self.rule}]" if self.rule else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.path}: {self.problem}{remedy}{rule}"


class HosrError(Exception):
    """The root: whatever hosr refuses, it refuses with this."""

    def __init__(self, faults: Iterable[Fault] | Fault) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class UsageError(HosrError):
    """The command line or call names something that does not exist or does not go together."""


class DraftError(HosrError):
    """What was asked of a draft is not done, and the draft stays as it was."""


class UnknownDraft(DraftError):
    """There is no draft of this id in the folder."""


class StaleDraft(DraftError):
    """The draft is not any more what was looked at; `current` is the draft as it is now."""

    def __init__(self, faults: Iterable[Fault] | Fault, *, current: Any) -> None:
        super().__init__(faults)
        self.current = current


class DraftRefused(DraftError):
    """The status of the draft allows no such thing: it is signed, held, or is being signed."""


class RecordRefused(HosrError):
    """The grading record is malformed or contradicts itself."""


class ImagesRefused(HosrError):
    """The images are unreadable, unsafe, or not those the record is about."""


class DocumentRefused(ImagesRefused):
    """A DICOM file was given to be read as a report, and it is not one of hosr's."""


class TemplateRefused(HosrError):
    """A template of a site's folder cannot be used; its path is the file, with the line."""


class Unencodable(HosrError):
    """The report holds something that the asked output has no valid form for."""


class MachineFailed(HosrError):
    """The machine had no process, file, memory or time left for the work: the same may work later."""


class Reason(StrEnum):
    """Why an archive did not do what it was asked: it decides what is done next."""

    UNREACHABLE = "unreachable"  # no connection
    INSECURE = "insecure"  # no agreement on TLS, or a certificate that is not trusted
    BUSY = "busy"  # not now: a transient rejection, 429, 503
    LOST = "lost"  # the connection ended before the answer: the outcome is unknown
    CAPACITY = "capacity"  # out of resources, which some archives also say of bad data
    PROCESSING = "processing"  # a failure of the archive, perhaps not the next time
    UNRECOGNISED = "unrecognised"  # an answer that no standard lists
    CONFIGURATION = (
        "configuration"  # AE titles, addresses, credentials, rights, services not offered
    )
    DATA = "data"  # the object itself cannot be stored there
    DUPLICATE = "duplicate"  # something is stored under this UID already
    REFILED = "refiled"  # it stored the object, but as one of another patient
    UNCONFIRMED = "unconfirmed"  # it answered without saying that the object was stored
    ABSENT = "absent"  # it has no such object
    PATIENT = "patient"  # it knows no such patient, or several
    SUPERSEDED = "superseded"  # it has a newer version of the report
    UNSUPPORTED = "unsupported"  # it does not offer this service


class ArchiveError(HosrError):
    """An archive did not do what it was asked.

    `status` is the status or failure reason as the archive said it (`A700`, `HTTP 503`), without
    its own words, which may name a patient; `retry_after_s` is the wait in seconds that it asked for.
    """

    def __init__(
        self,
        faults: Iterable[Fault] | Fault,
        *,
        reason: Reason,
        status: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(faults)
        self.reason = reason
        self.status = status
        self.retry_after_s = retry_after_s


class ArchiveRefused(ArchiveError):
    """The archive answered, and the answer was no; or what answered is not the archive."""


class ArchiveUnreachable(ArchiveError):
    """The archive gave no answer, or none to the end."""


def place_of(error: BaseException) -> str:
    """The kind of an error and the line it comes from: never its text, which may name a patient."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return type(error).__name__
    file = Path(last.tb_frame.f_code.co_filename).name
    return f"{type(error).__name__} in {file}, line {last.tb_lineno}"
