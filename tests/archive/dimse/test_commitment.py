"""Commitment through the archive itself: asked on one association, reported on it or elsewhere."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pynetdicom
import pytest
from pydicom.dataset import Dataset
from pynetdicom import evt

from hosr.archive.dimse import DimseArchive
from hosr.archive.values import CommitmentReport, CommittingArchive, Reference
from hosr.errors import ArchiveError, ArchiveRefused, Reason
from tests.archive.dimse.objects import COMPREHENSIVE_SR, EXPLICIT, IMPLICIT
from tests.archive.dimse.peers import destination, scp

PUSH, INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"
REFERENCE = Reference(sop_class_uid=COMPREHENSIVE_SR, sop_instance_uid="2.25.300")


@contextmanager
def committing(act: Callable[[Any], int]) -> Iterator[int]:
    """An archive that answers requests for commitment with what `act` returns."""
    entity = pynetdicom.AE(ae_title="ARCHIVE")
    entity.acse_timeout = 2
    entity.add_supported_context(PUSH, [EXPLICIT, IMPLICIT])
    handlers: list[evt.EventHandlerType] = [(evt.EVT_N_ACTION, lambda event: (act(event), None))]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    assert server is not None
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


def _opened(port: int) -> CommittingArchive:
    """The archive as the outbox sees it."""
    return DimseArchive(destination(port))


def _report_at_once(event: Any) -> int:
    """Hear the request, and report all as committed on the same association soon after."""
    asked = event.action_information
    report = Dataset()
    report.TransactionUID = asked.TransactionUID
    report.ReferencedSOPSequence = asked.ReferencedSOPSequence
    send = event.assoc.send_n_event_report
    threading.Timer(0.2, send, [report, 1, PUSH, INSTANCE]).start()
    return 0x0000


def test_a_report_on_the_same_association_is_handed_on() -> None:
    """While the archive is open it takes reports, of one request as of the next."""
    reports: queue.Queue[CommitmentReport] = queue.Queue()

    def take(report: CommitmentReport) -> bool:
        reports.put(report)
        return True

    with committing(_report_at_once) as port, _opened(port) as archive:
        for transaction_uid in ("2.25.7", "2.25.8"):
            archive.request_commitment(transaction_uid, [REFERENCE], take)
            assert reports.get(timeout=30) == CommitmentReport(
                transaction_uid=transaction_uid, peer_aet="ARCHIVE", committed=(REFERENCE,)
            )


def test_an_archive_without_commitment_does_not_support_it() -> None:
    """Where the service is not accepted, asking is an error that says so."""
    with (
        scp(lambda _: 0) as port,
        DimseArchive(destination(port)) as archive,
        pytest.raises(ArchiveRefused) as caught,
    ):
        archive.request_commitment("2.25.7", [REFERENCE], lambda _: True)
    assert caught.value.reason is Reason.UNSUPPORTED


def test_an_archive_that_refuses_is_heard() -> None:
    """A status that is not success is no promise."""
    with (
        committing(lambda _: 0x0110) as port,
        DimseArchive(destination(port)) as archive,
        pytest.raises(ArchiveError) as caught,
    ):
        archive.request_commitment("2.25.7", [REFERENCE], lambda _: True)
    assert (caught.value.reason, caught.value.status) == (Reason.PROCESSING, "0110")
