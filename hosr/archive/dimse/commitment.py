"""Storage commitment (PS3.4 Annex J): the request, and what an archive reports of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.events import Event
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)

from hosr.archive.dimse.association import ArchiveAssociation, Handler
from hosr.archive.dimse.storage import SYNTAXES
from hosr.archive.statuses import hexadecimal
from hosr.archive.values import CommitmentReport, Reference, refusal
from hosr.errors import Reason
from hosr.identity import is_valid_uid

TakeReport = Callable[[CommitmentReport], bool]


STORAGE_COMMITMENT: UID = StorageCommitmentPushModel
_INSTANCE: UID = StorageCommitmentPushModelInstance

# PS3.4 section J.3.2.1.1 and table J.3-2.
_REQUEST_COMMITMENT = 1
_COMMITTED, _FAILURES_EXIST = 1, 2

# PS3.7 section 10.3.1: what the sender of a report is told.
_TAKEN, _PROCESSING_FAILURE, _NO_SUCH_EVENT_TYPE = 0x0000, 0x0110, 0x0113

MAX_REPORT_BYTES = 16 << 20
MAX_REFERENCES = 100_000

_NOT_OFFERED = "let its administrator allow storage commitment to this AE title, or read back"


def commitment_context() -> PresentationContext:
    """The presentation context of storage commitment."""
    return build_context(STORAGE_COMMITMENT, SYNTAXES)


def request_commitment(
    association: ArchiveAssociation,
    transaction_uid: str,
    references: Sequence[Reference],
    name: str,
) -> None:
    """Ask for commitment to these instances; return when the archive said that it heard.

    Raises
    ------
    ArchiveError
        UNSUPPORTED where the archive aborts or refuses to commit at all, LOST where no answer came
        in time, else what its status means.
    """
    if not _is_accepted(association):
        problem = "does not offer storage commitment"
        raise refusal(name, Reason.UNSUPPORTED, problem, _NOT_OFFERED)
    information = _action_information(transaction_uid, references)
    try:
        answer, _ = association.send_n_action(
            information, _REQUEST_COMMITMENT, STORAGE_COMMITMENT, _INSTANCE
        )
    except (RuntimeError, ValueError):  # it was ended meanwhile, or the answer cannot be read
        answer = Dataset()
    if "Status" not in answer:
        raise _unanswered(association, name)
    if answer.Status != _TAKEN:
        raise _refused(int(answer.Status), name)


def report_handlers(take_report: TakeReport, peer_aet: str) -> list[Handler]:
    """What takes reports that come on the association of the request itself."""
    return [(evt.EVT_N_EVENT_REPORT, answer_report, [take_report, peer_aet])]


def answer_report(event: Event, take_report: TakeReport, peer_aet: str) -> tuple[int, None]:
    """Read a report, hand it on, and say what its sender is told: success only where it was expected."""
    if getattr(event.request, "EventTypeID", None) not in {_COMMITTED, _FAILURES_EXIST}:
        return _NO_SUCH_EVENT_TYPE, None
    try:
        report = _read_report(event, peer_aet)
    except Exception:  # noqa: BLE001 (whatever the reader of elements throws)
        return _PROCESSING_FAILURE, None
    return (_TAKEN if take_report(report) else _PROCESSING_FAILURE), None


def _action_information(transaction_uid: str, references: Sequence[Reference]) -> Dataset:
    """PS3.4 table J.3-1."""
    information = Dataset()
    information.TransactionUID = transaction_uid
    information.ReferencedSOPSequence = [_item(reference) for reference in references]
    return information


def _item(reference: Reference) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = reference.sop_class_uid
    item.ReferencedSOPInstanceUID = reference.sop_instance_uid
    return item


def _read_report(event: Event, peer_aet: str) -> CommitmentReport:
    """PS3.4 table J.3-3; ValueError for what is no report."""
    encoded = getattr(event.request, "EventInformation", None)
    if encoded is None or len(encoded.getbuffer()) > MAX_REPORT_BYTES:
        raise ValueError("no report, or a report of no bearable size")
    information = event.event_information
    failed = tuple(
        (_reference(item), int(item.FailureReason))
        for item in _items(information, "FailedSOPSequence")
    )
    return CommitmentReport(
        transaction_uid=_uid(information, "TransactionUID"),
        peer_aet=peer_aet,
        committed=tuple(map(_reference, _items(information, "ReferencedSOPSequence"))),
        failed=failed,
    )


def _items(information: Dataset, keyword: str) -> Iterable[Dataset]:
    items = information.get(keyword) or ()
    if len(items) > MAX_REFERENCES:
        raise ValueError("more references than are bearable")
    return items


def _reference(item: Dataset) -> Reference:
    return Reference(
        sop_class_uid=_uid(item, "ReferencedSOPClassUID"),
        sop_instance_uid=_uid(item, "ReferencedSOPInstanceUID"),
    )


def _uid(item: Dataset, keyword: str) -> str:
    """The UID as it was encoded: where it is none, pydicom would warn with what the peer wrote."""
    encoded = item.get_item(keyword).value
    value = str(encoded, "ascii").rstrip("\0") if isinstance(encoded, bytes) else str(encoded)
    if not is_valid_uid(value):
        raise ValueError("a UID that is none")
    return value


def _is_accepted(association: ArchiveAssociation) -> bool:
    return any(
        context.abstract_syntax == STORAGE_COMMITMENT for context in association.accepted_contexts
    )


def _unanswered(association: ArchiveAssociation, name: str) -> Exception:
    """No answer: some archives abort where they commit to nothing that this AE title sends."""
    if association.peer_aborted:
        problem = "ended the association when it was asked for storage commitment"
        return refusal(name, Reason.UNSUPPORTED, problem, _NOT_OFFERED)
    problem = "gave no answer when it was asked for storage commitment"
    return refusal(name, Reason.LOST, problem, "it is asked again")


def _refused(status: int, name: str) -> Exception:
    """PS3.7 section 10.1.4.1.10: what an N-ACTION can be answered with."""
    not_offered = status in {0x0112, 0x0118, 0x0122, 0x0123, 0x0124, 0x0211}
    reason = Reason.UNSUPPORTED if not_offered else Reason.PROCESSING
    problem = "refused the request for storage commitment"
    return refusal(name, reason, problem, _NOT_OFFERED, status=hexadecimal(status))
