"""Reports of commitments: only what is whole, bearable and expected is taken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydicom.config import IGNORE
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from hosr.archive.dimse import commitment
from hosr.archive.dimse.listener import listen
from hosr.archive.values import CommitmentReport
from tests.archive.dimse.peers import destination
from tests.archive.dimse.providers import Reports, with_listener
from tests.archive.dimse.reporting import (
    OTHER,
    REFERENCE,
    call,
    calling,
    make_report,
    send,
)

WHERE = destination(1)


def _damaged(place: str, keyword: str, value: str | None) -> Dataset:
    """A report in which one element has another value, or is left out."""
    report = make_report(failed=((OTHER, 0x0112),))
    item = report[place].value[0] if place else report
    if value is None:
        del item[keyword]
    else:
        tag = tag_for_keyword(keyword)
        assert tag is not None
        item[tag] = DataElement(tag, "UI", value, validation_mode=IGNORE)
    return report


def test_a_report_is_read_whole() -> None:
    """Transaction, who reported, what is committed to and what is not, with its reason."""
    reports = Reports()
    report = make_report("2.25.9", (REFERENCE,), ((OTHER, 0x0112),))
    with calling(with_listener(WHERE), reports) as association:
        assert send(association, report, 2) == 0x0000
    assert reports.next() == CommitmentReport(
        transaction_uid="2.25.9",
        peer_aet="ARCHIVE",
        committed=(REFERENCE,),
        failed=((OTHER, 0x0112),),
    )


def test_a_report_that_comes_twice_is_handed_on_twice() -> None:
    """Whether a second one is expected is not decided here."""
    reports = Reports()
    with calling(with_listener(WHERE), reports) as association:
        assert [send(association, make_report()) for _ in range(2)] == [0x0000, 0x0000]
    assert reports.next() == reports.next()


def test_a_report_that_nobody_expects_is_answered_as_a_failure() -> None:
    """The archive is not told that its report was taken when it was not."""
    reports = Reports(expected=False)
    with calling(with_listener(WHERE), reports) as association:
        assert send(association, make_report()) == 0x0110
    assert reports.next().transaction_uid == "2.25.7"


def test_a_taker_that_fails_is_no_success() -> None:
    """Where the report could not be recorded, the archive hears of a failure and can send it anew."""
    taken = Reports()

    def failing(report: CommitmentReport) -> bool:
        taken.take(report)
        raise OSError("disk full")

    reports = Reports()
    reports.take = failing  # type: ignore[method-assign]
    with calling(with_listener(WHERE), reports) as association:
        assert send(association, make_report()) == 0x0110
        assert send(association, make_report()) == 0x0110
    assert taken.next() == taken.next()


@pytest.mark.parametrize("event_type", [0, 3, 0xFFFF])
def test_another_event_is_not_known(event_type: int) -> None:
    """Only the two kinds of PS3.4 table J.3-2 are reports."""
    reports = Reports()
    with calling(with_listener(WHERE), reports) as association:
        assert send(association, make_report(), event_type) == 0x0113
    assert reports.is_empty


@pytest.mark.parametrize(
    ("place", "keyword", "value"),
    [
        ("", "TransactionUID", None),
        ("", "TransactionUID", ""),
        ("", "TransactionUID", "../../etc/passwd"),
        ("", "TransactionUID", "1." + "2" * 63),
        ("ReferencedSOPSequence", "ReferencedSOPInstanceUID", "no UID"),
        ("ReferencedSOPSequence", "ReferencedSOPInstanceUID", "1.2\\1.3"),
        ("ReferencedSOPSequence", "ReferencedSOPInstanceUID", None),
        ("ReferencedSOPSequence", "ReferencedSOPClassUID", None),
        ("ReferencedSOPSequence", "ReferencedSOPClassUID", "1..2"),
        ("FailedSOPSequence", "ReferencedSOPInstanceUID", "1.2.03"),
        ("FailedSOPSequence", "FailureReason", None),
    ],
)
@pytest.mark.filterwarnings("always")
def test_a_report_that_is_damaged_is_not_taken(
    place: str, keyword: str, value: str | None, recwarn: pytest.WarningsRecorder
) -> None:
    """No part of it is believed nor shown, and the next report on the same association is."""
    reports = Reports()
    report = _damaged(place, keyword, value)
    with calling(with_listener(WHERE), reports) as association:
        assert send(association, report, 2) == 0x0110
        assert reports.is_empty
        assert send(association, make_report("2.25.8")) == 0x0000
    assert reports.next().transaction_uid == "2.25.8"
    assert [str(warning.message) for warning in recwarn] == []


def test_a_report_of_no_bearable_size_is_not_taken() -> None:
    """A longer one than any report is not read, whatever it says."""
    reports = Reports()
    report = make_report()
    report.EncapsulatedDocument = bytes(commitment.MAX_REPORT_BYTES + 2)
    with calling(with_listener(WHERE), reports) as association:
        assert send(association, report) != 0x0000
    assert reports.is_empty


def test_more_references_than_are_bearable_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a limit, and a report at the limit is taken."""
    monkeypatch.setattr(commitment, "MAX_REFERENCES", 3)
    reports = Reports()
    named = [replace(REFERENCE, sop_instance_uid=f"2.25.{number}") for number in range(1, 5)]
    with calling(with_listener(WHERE), reports) as association:
        assert send(association, make_report(committed=tuple(named))) == 0x0110
        assert send(association, make_report(committed=tuple(named[:3]))) == 0x0000
    assert reports.next().committed == tuple(named[:3])


def test_two_that_listen_for_one_archive_both_get_its_reports() -> None:
    """A report is taken where one of them expects it, and one that ends does not end the other."""
    where, first, second = with_listener(WHERE), Reports(), Reports(expected=False)
    with listen(where, first.take):
        with listen(where, second.take):
            association = call(where)
            assert send(association, make_report("2.25.8")) == 0x0000
            assert first.next() == second.next()
        assert send(association, make_report("2.25.9")) == 0x0000
        association.release()
    assert first.next().transaction_uid == "2.25.9"
    assert second.is_empty
