"""Requests for commitment: heard only where the archive said so, and refused with a reason."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import evt

from hosr.archive.addresses import Destination
from hosr.archive.dimse import DimseArchive
from hosr.archive.values import CommitmentReport, CommittingArchive, Reference
from hosr.errors import ArchiveError, ArchiveRefused, ArchiveUnreachable, Reason
from tests.archive.dimse.providers import PUSH, PUSH_INSTANCE, Reports, archive, cut_off
from tests.archive.dimse.reporting import OTHER, REFERENCE, make_report


def _answer(status: int) -> Callable[[Any], tuple[int, None]]:
    return lambda _: (status, None)


def _request(act: Callable[[Any], tuple[int | Dataset, None]], **changes: Any) -> ArchiveError:
    with (
        archive((evt.EVT_N_ACTION, act)) as where,
        DimseArchive(replace(where, **changes)) as asked,
        pytest.raises(ArchiveError) as caught,
    ):
        asked.request_commitment("2.25.7", [REFERENCE], lambda _: True)
    assert caught.value.faults[0].path == "pacs"
    return caught.value


def test_the_request_says_what_it_asks_for() -> None:
    """Action type 1, the well-known instance, the transaction and every reference."""
    heard: list[tuple[int, str, str, list[Reference]]] = []

    def act(event: Any) -> tuple[int, None]:
        information = event.action_information
        references = [
            Reference(
                sop_class_uid=item.ReferencedSOPClassUID,
                sop_instance_uid=item.ReferencedSOPInstanceUID,
            )
            for item in information.ReferencedSOPSequence
        ]
        instance = str(event.request.RequestedSOPInstanceUID)
        heard.append((event.action_type, instance, information.TransactionUID, references))
        return 0x0000, None

    with archive((evt.EVT_N_ACTION, act)) as where, DimseArchive(where) as asked:
        asked.request_commitment("2.25.7", [REFERENCE, OTHER], lambda _: True)
    assert heard == [(1, "1.2.840.10008.1.20.1.1", "2.25.7", [REFERENCE, OTHER])]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (0x0110, Reason.PROCESSING),
        (0x0115, Reason.PROCESSING),
        (0x0213, Reason.PROCESSING),
        (0xC001, Reason.PROCESSING),
        (0x9999, Reason.PROCESSING),
        (0x0112, Reason.UNSUPPORTED),
        (0x0118, Reason.UNSUPPORTED),
        (0x0122, Reason.UNSUPPORTED),
        (0x0123, Reason.UNSUPPORTED),
        (0x0124, Reason.UNSUPPORTED),
        (0x0211, Reason.UNSUPPORTED),
    ],
)
def test_a_status_of_failure_is_no_promise(status: int, reason: Reason) -> None:
    """What the archive will never do is told apart from what it could not do now."""
    error = _request(_answer(status))
    assert isinstance(error, ArchiveRefused)
    assert (error.reason, error.status) == (reason, f"{status:04X}")


def test_an_abort_is_a_no() -> None:
    """Archives abort where they commit to nothing for this AE title."""

    def act(event: Any) -> tuple[int, None]:
        event.assoc.abort()
        return 0x0000, None

    error = _request(act)
    assert error.reason is Reason.UNSUPPORTED
    assert "ended the association" in str(error)


def test_a_connection_that_ends_leaves_the_outcome_open() -> None:
    """Without an answer nobody knows whether the archive heard."""

    def act(event: Any) -> tuple[int, None]:
        cut_off(event)
        return 0x0000, None

    error = _request(act)
    assert isinstance(error, ArchiveUnreachable)
    assert error.reason is Reason.LOST


def test_no_answer_in_time_leaves_the_outcome_open() -> None:
    """An archive that is silent is asked again later, not for ever now."""
    over = threading.Event()

    def act(_: Any) -> tuple[int, None]:
        over.wait(60)
        return 0x0000, None

    with archive((evt.EVT_N_ACTION, act)) as where:
        with (
            DimseArchive(replace(where, answer_s=1.0)) as asked,
            pytest.raises(ArchiveUnreachable) as caught,
        ):
            asked.request_commitment("2.25.7", [REFERENCE], lambda _: True)
        over.set()
    assert caught.value.reason is Reason.LOST


def test_an_answer_without_a_status_is_none() -> None:
    """An empty answer says nothing, and is not taken for a yes."""

    def emptied(event: Any) -> None:
        message = event.message
        if type(message).__name__ == "N_ACTION_RSP":
            del message.command_set.Status

    with (
        archive((evt.EVT_N_ACTION, _answer(0)), (evt.EVT_DIMSE_SENT, emptied)) as where,
        DimseArchive(replace(where, answer_s=2.0)) as asked,
        pytest.raises(ArchiveError) as caught,
    ):
        asked.request_commitment("2.25.7", [REFERENCE], lambda _: True)
    assert caught.value.reason is Reason.LOST


def test_a_later_request_is_heard_after_one_that_was_refused() -> None:
    """A refusal costs nothing but the request."""
    statuses = [0x0110, 0x0000]
    with (
        archive((evt.EVT_N_ACTION, lambda _: (statuses.pop(0), None))) as where,
        DimseArchive(where) as asked,
    ):
        with pytest.raises(ArchiveRefused):
            asked.request_commitment("2.25.7", [REFERENCE], Reports().take)
        asked.request_commitment("2.25.8", [REFERENCE], Reports().take)
    assert statuses == []


def test_reports_on_the_same_association_are_examined_as_well() -> None:
    """A damaged report and one of no known event are refused there too; a good one is taken."""
    reports, answers = Reports(), []
    sent: list[Any] = []
    damaged = make_report()
    del damaged.TransactionUID

    def act(event: Any) -> tuple[int, None]:
        sent.append((event.assoc, event.action_information))
        return 0x0000, None

    with archive((evt.EVT_N_ACTION, act)) as where, DimseArchive(where) as asked:
        asked.request_commitment("2.25.7", [REFERENCE], reports.take)
        association, good = sent[0]
        for information, event_type in ((damaged, 1), (good, 9), (good, 1)):
            answer, _ = association.send_n_event_report(
                information, event_type, PUSH, PUSH_INSTANCE
            )
            answers.append(answer.Status)
    assert answers == [0x0110, 0x0113, 0x0000]
    assert reports.next().committed == (REFERENCE,)
    assert reports.is_empty


def _opened(where: Destination) -> CommittingArchive:
    """The archive as the outbox sees it."""
    return DimseArchive(where)


def _report_at_once(event: Any) -> tuple[int, None]:
    """Hear the request, and report all as committed on the same association soon after."""
    asked = event.action_information
    report = Dataset()
    report.TransactionUID = asked.TransactionUID
    report.ReferencedSOPSequence = asked.ReferencedSOPSequence
    send = event.assoc.send_n_event_report
    threading.Timer(0.2, send, [report, 1, PUSH, PUSH_INSTANCE]).start()
    return 0x0000, None


def test_a_report_on_the_same_association_is_handed_on() -> None:
    """While the archive is open it takes reports, of one request as of the next."""
    reports = Reports()
    with archive((evt.EVT_N_ACTION, _report_at_once)) as where, _opened(where) as asked:
        for transaction_uid in ("2.25.7", "2.25.8"):
            asked.request_commitment(transaction_uid, [REFERENCE], reports.take)
            assert reports.next() == CommitmentReport(
                transaction_uid=transaction_uid, peer_aet="ARCHIVE", committed=(REFERENCE,)
            )


def test_an_archive_without_commitment_does_not_support_it() -> None:
    """Where the service is not accepted, asking is an error that says so."""
    with (
        archive(services=()) as where,
        DimseArchive(where) as asked,
        pytest.raises(ArchiveRefused) as caught,
    ):
        asked.request_commitment("2.25.7", [REFERENCE], lambda _: True)
    assert caught.value.reason is Reason.UNSUPPORTED
