"""An archive that speaks DIMSE."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hosr.archive.addresses import Destination
from hosr.archive.dimse.association import (
    ArchiveAssociation,
    called_aet,
    close_association,
    open_association,
)
from hosr.archive.dimse.storage import send_object, storage_contexts, syntaxes_of
from hosr.archive.statuses import StoredObject, read_object
from hosr.archive.values import (
    Check,
    CommitmentReport,
    Entered,
    Locator,
    Query,
    Receipt,
    Reference,
    refusal,
)
from hosr.errors import ArchiveError, Reason

TakeReport = Callable[[CommitmentReport], bool]


# Message IDs (PS3.7 section E.1) are unsigned numbers of 16 bits.
_LAST_MESSAGE_ID = 0xFFFF
# An association has 128 presentation contexts at most (PS3.8 section 9.3.2.2).
_MAX_PAIRS = 64


class DimseArchive(Entered):
    """An archive behind a DIMSE address. One association serves many stores.

    Used by one thread at a time.
    """

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self._association: ArchiveAssociation | None = None
        self._pairs: tuple[tuple[str, str], ...] = ()
        self._message_id = 0
        self._reporting: tuple[ArchiveAssociation, TakeReport] | None = None

    def close(self) -> None:
        """Release the associations."""
        self._close()
        self._close_reporting()

    def store(self, data: bytes, sop_instance_uid: str) -> Receipt:
        """Store one DICOM file; a receipt only for a positive answer to this very request."""
        name = self._destination.name
        stored = read_object(data, sop_instance_uid, name)
        reused = self._propose(stored)
        receipt, timed_out = self._send(stored)
        if receipt is None and reused and not timed_out:
            # Archives end associations that were idle for a while. The same bytes again do no
            # harm, whatever became of the first try.
            receipt, timed_out = self._send(stored)
        if receipt is not None:
            return receipt
        problem = (
            f"gave no answer within {self._destination.answer_s:g} s"
            if timed_out
            else "ended the association before it answered"
        )
        remedy = "whether the object was stored is not known; send it again"
        raise refusal(name, Reason.LOST, problem, remedy)

    def fetch(self, locator: Locator) -> bytes:
        """The file of one instance, by C-GET or, with a listener, by C-MOVE."""
        from hosr.archive.dimse.query import ABORTED
        from hosr.archive.dimse.retrieval import fetch_instance

        try:
            return fetch_instance(self._destination, locator)
        except ArchiveError as error:
            if error.status != ABORTED:
                raise
        # One abort may be chance; what follows from "not offered" is a weaker proof.
        return fetch_instance(self._destination, locator)

    def fetch_all(
        self, locators: Sequence[Locator], take: Callable[[Locator, bytes], None]
    ) -> None:
        """Give each instance to `take`, from another thread; a series in one request."""
        from hosr.archive.dimse.retrieval import fetch_series

        fetch_series(self._destination, locators, take)

    def find(self, query: Query) -> tuple[Locator, ...]:
        """The instances that match, by C-FIND."""
        from hosr.archive.dimse.query import find_instances

        return find_instances(self._destination, query)

    def examine(self) -> tuple[Check, ...]:
        """What works with this archive, by trying it; nothing is stored."""
        from hosr.archive.dimse.verification import examine

        self._close()  # some archives have one association at a time
        return examine(self._destination)

    def request_commitment(
        self,
        transaction_uid: str,
        references: Sequence[Reference],
        take_report: TakeReport,
    ) -> None:
        """Ask for commitment; return when the archive said that it heard (N-ACTION 0000)."""
        from hosr.archive.dimse.commitment import request_commitment

        association = self._committing(take_report)
        request_commitment(association, transaction_uid, references, self._destination.name)

    def _committing(self, take_report: TakeReport) -> ArchiveAssociation:
        """The association of requests for commitment, kept open for the reports on them."""
        from hosr.archive.dimse.commitment import commitment_context, report_handlers

        open_for = self._reporting
        if open_for is not None and open_for[0].is_established and open_for[1] == take_report:
            return open_for[0]
        self._close_reporting()
        handlers = report_handlers(take_report, called_aet(self._destination))
        association = open_association(self._destination, [commitment_context()], handlers=handlers)
        self._reporting = (association, take_report)
        return association

    def _close_reporting(self) -> None:
        if self._reporting is not None:
            close_association(self._reporting[0])
        self._reporting = None

    def _propose(self, stored: StoredObject) -> bool:
        """See that contexts for the object are proposed; whether an association is there for it."""
        wanted = tuple(
            (stored.sop_class_uid, syntax) for syntax in syntaxes_of(stored.transfer_syntax)
        )
        known = {
            (str(c.abstract_syntax), str(c.transfer_syntax[0]))
            for c in storage_contexts(self._pairs)
        }
        if not known.issuperset(wanted):
            self._close()
            self._pairs = (*wanted, *self._pairs)[:_MAX_PAIRS]
        return self._association is not None and self._association.is_established

    def _send(self, stored: StoredObject) -> tuple[Receipt | None, bool]:
        """Send it once; the receipt, if there is one, and whether its time was up."""
        association = self._association
        if association is None or not association.is_established:
            self._close()
            contexts = storage_contexts(self._pairs)
            association = self._association = open_association(self._destination, contexts)
        self._message_id = self._message_id % _LAST_MESSAGE_ID + 1
        name = self._destination.name
        receipt = send_object(association, stored, self._message_id, name)
        if receipt is None:
            self._close()
        return receipt, association.timed_out

    def _close(self) -> None:
        if self._association is not None:
            close_association(self._association)
        self._association = None
