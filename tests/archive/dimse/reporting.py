"""An archive that calls hosr's listener and reports what it likes."""

from __future__ import annotations

import socket
import ssl
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import pynetdicom
from pydicom.dataset import Dataset
from pynetdicom.association import Association

from hosr.archive.addresses import Destination
from hosr.archive.dimse.listener import listen
from hosr.archive.values import Reference
from tests.archive.dimse.objects import COMPREHENSIVE_SR, EXPLICIT, IMPLICIT
from tests.archive.dimse.providers import PUSH, PUSH_INSTANCE, WAIT_S, Reports

REFERENCE = Reference(sop_class_uid=COMPREHENSIVE_SR, sop_instance_uid="2.25.300")
OTHER = Reference(sop_class_uid=COMPREHENSIVE_SR, sop_instance_uid="2.25.301")


def make_report(
    transaction_uid: str = "2.25.7",
    committed: tuple[Reference, ...] = (REFERENCE,),
    failed: tuple[tuple[Reference, int], ...] = (),
) -> Dataset:
    """What an archive reports (PS3.4 table J.3-3)."""
    report = Dataset()
    report.TransactionUID = transaction_uid
    report.ReferencedSOPSequence = [_item(reference) for reference in committed]
    report.FailedSOPSequence = []
    for reference, reason in failed:
        item = _item(reference)
        item.FailureReason = reason
        report.FailedSOPSequence.append(item)
    return report


def _item(reference: Reference) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = reference.sop_class_uid
    item.ReferencedSOPInstanceUID = reference.sop_instance_uid
    return item


def call(
    where: Destination,
    *,
    calling: str = "ARCHIVE",
    called: str = "HOSR",
    tls: ssl.SSLContext | None = None,
) -> Association:
    """An association of the archive with the listener, whatever became of it."""
    assert where.listener is not None
    entity = pynetdicom.AE(ae_title=calling)
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = WAIT_S
    entity.add_requested_context(PUSH, [EXPLICIT, IMPLICIT])
    role = pynetdicom.build_role(PUSH, scu_role=False, scp_role=True)
    association = entity.associate(
        "127.0.0.1", where.listener.port, ae_title=called, ext_neg=[role],
        tls_args=(tls, "localhost") if tls else None,
    )  # fmt: skip
    opened = association.dul.socket.socket if association.dul.socket else None
    if opened is not None:  # pynetdicom leaves it open where the listener ended it first
        weakref.finalize(association, opened.close)
    return association


def send(association: Association, report: Dataset, event_type: int = 1) -> int | None:
    """What the report was answered with; None where there was no answer."""
    answer, _ = association.send_n_event_report(report, event_type, PUSH, PUSH_INSTANCE)
    return int(answer.Status) if "Status" in answer else None


@contextmanager
def calling(where: Destination, reports: Reports) -> Iterator[Association]:
    """A listener that takes the reports, and an association of its archive with it."""
    with listen(where, reports.take):
        association = call(where)
        assert association.is_established
        try:
            yield association
        finally:
            if association.is_established:
                association.release()


def says_goodbye(connection: socket.socket) -> bool:
    """Whether the other side ends this connection, perhaps after an A-ABORT."""
    connection.settimeout(WAIT_S)
    try:
        while connection.recv(1 << 16):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True
