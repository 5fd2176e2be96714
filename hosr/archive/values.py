"""What archives are given and what they answer, whatever the protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from hosr.archive.versions import Shown
from hosr.errors import ArchiveError, ArchiveRefused, ArchiveUnreachable, Fault, Reason


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Reference:
    """An instance as storage commitment names it (PS3.4 section J.3)."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Locator:
    """Where an instance stands in an archive: its UIDs at all levels, and what it is."""

    study_instance_uid: str
    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str

    @property
    def reference(self) -> Reference:
        """The instance without where it stands."""
        return Reference(sop_class_uid=self.sop_class_uid, sop_instance_uid=self.sop_instance_uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """That the archive said it has an instance, in so many words.

    `status` is what it answered (`0000`, `HTTP 200`, `placed`); `warning` is what it changed or
    doubted, in our words, empty where nothing.
    """

    sop_instance_uid: str
    status: str
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to look for; an empty field matches everything, the others must match exactly.

    One of the study, the accession number and the patient must be named. `modalities` are values
    of Modality (0008,0060) of a series.
    """

    study_instance_uid: str = ""
    accession_number: str = ""
    patient_id: str = ""
    modalities: tuple[str, ...] = ()

    def require_named(self, where: str) -> None:
        """Raises ArchiveRefused, of the archive of this name, where nothing is named."""
        if not (self.study_instance_uid or self.accession_number or self.patient_id):
            problem = "the search names no study, no accession number and no patient"
            raise refusal(where, Reason.CONFIGURATION, problem, "name one of them")


class Outcome(StrEnum):
    """How one check of an archive ended."""

    WORKS = "works"
    FAILS = "fails"
    ABSENT = "not offered"
    UNTRIED = "not tried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was tried with an archive, how it ended, and what that means, in words."""

    name: str
    outcome: Outcome
    words: str


def failed_check(name: str, error: ArchiveError) -> Check:
    """What an archive did instead of what was tried, with the status that it gave."""
    fault = error.faults[0]
    said = f"{fault.problem} ({error.status})" if error.status else fault.problem
    words = f"{said}; {fault.remedy}" if fault.remedy else said
    return Check(name=name, outcome=Outcome.FAILS, words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentReport:
    """What an archive reports of a request for commitment (PS3.4 section J.3.3).

    `failed` gives the Failure Reason (0008,1197) by instance; `peer_aet` is who reported.
    """

    transaction_uid: str
    peer_aet: str
    committed: tuple[Reference, ...]
    failed: tuple[tuple[Reference, int], ...] = ()


class Entered:
    """What is entered before use, and closed when it is left."""

    __slots__ = ()

    def __enter__(self) -> Self:
        """Nothing is opened by that."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what is open."""
        self.close()

    def close(self) -> None:
        """End what is open; it is opened again when it is needed."""


class Archive(Protocol):
    """A place that keeps DICOM objects. Entered before use; connects when first needed.

    One is used by one thread at a time. Every method raises `ArchiveError`, and nothing else, for
    what the archive, the network or the configuration does.
    """

    def __enter__(self) -> Self:
        """Nothing is opened yet."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the connection."""
        ...

    def store(self, data: bytes, sop_instance_uid: str) -> Receipt:
        """Store one DICOM file; a receipt only where the archive said that it has this instance."""
        ...

    def fetch(self, locator: Locator) -> bytes:
        """The file of one instance as the archive gives it: ABSENT, or UNSUPPORTED where it cannot."""
        ...

    def find(self, query: Query) -> tuple[Locator, ...]:
        """The instances that match, in the order of their UIDs; none is no error."""
        ...

    def examine(self) -> tuple[Check, ...]:
        """What works with this archive, by trying it; nothing is stored."""
        ...


class BulkArchive(Archive, Protocol):
    """An archive that gives many instances at less than the cost of one after the other."""

    def fetch_all(
        self, locators: Sequence[Locator], take: Callable[[Locator, bytes], None]
    ) -> None:
        """Give each instance to `take`, perhaps from another thread and in any order.

        Raises as `fetch`, and whatever `take` raises.
        """
        ...


class CommittingArchive(Archive, Protocol):
    """An archive that can be asked to take responsibility for what it holds."""

    def request_commitment(
        self,
        transaction_uid: str,
        references: Sequence[Reference],
        take_report: Callable[[CommitmentReport], bool],
    ) -> None:
        """Ask for commitment; return when the archive said that it heard (N-ACTION 0000).

        A report on this same connection goes to `take_report`, from another thread, while the
        archive is open; one on a connection of the archive's own goes to the listener.
        `take_report` says whether the report was expected. UNSUPPORTED where it is not offered.
        """
        ...


class ShowingArchive(Archive, Protocol):
    """A server of reports: what it has of one can be looked at, and is not given back as it was sent."""

    def show(self, report: str) -> Shown | None:
        """The version of a report that it shows now; None where it has none."""
        ...


# Where there was no answer, or none to the end, or none for now; all others are answers.
_UNREACHABLE = frozenset({Reason.UNREACHABLE, Reason.INSECURE, Reason.BUSY, Reason.LOST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why something was not done, and what to do about it, in our own words."""

    reason: Reason
    problem: str
    remedy: str = ""

    def refusal(
        self, where: str, *, status: str = "", retry_after_s: float | None = None
    ) -> ArchiveError:
        """The error that says this of the archive of this name."""
        kind = ArchiveUnreachable if self.reason in _UNREACHABLE else ArchiveRefused
        return kind(
            Fault(where, self.problem, self.remedy),
            reason=self.reason,
            status=status,
            retry_after_s=retry_after_s,
        )


def cause(reason: Reason, problem: str, remedy: str = "") -> Cause:
    """A cause as a row of a table."""
    return Cause(reason=reason, problem=problem, remedy=remedy)


def refusal(
    where: str, reason: Reason, problem: str, remedy: str = "", *, status: str = ""
) -> ArchiveError:
    """The error that says this of the archive of this name."""
    return cause(reason, problem, remedy).refusal(where, status=status)
