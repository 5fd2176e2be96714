"""The order of versions: whatever they say of each other, each of them is told."""

from __future__ import annotations

from dataclasses import replace

from hosr.lifecycle.chain import Entry, ReadReport, order
from hosr.report import Report
from hosr.sr.receivers import Options
from hosr.status import Preliminaries
from hosr.study import Instance
from tests.comparison.earlier import earlier_report, signed
from tests.narrative.cases import hip

SR = "1.2.840.10008.5.1.4.1.1.88.34"


def _read(number: int, report: Report, *before: int) -> ReadReport:
    """A version known by its number, in the place of others."""
    if report.signing is not None:
        signing = replace(report.signing, predecessors=tuple(map(_document, before)))
        report = replace(report, signing=signing)
    elif before:
        sent = Preliminaries(documents=tuple(map(_document, before)), tracked_as="one")
        report = replace(report, preliminaries=sent)
    return ReadReport(
        place="pacs", report=report, options=Options(), document=_document(number), is_archived=True
    )


def _document(number: int) -> Instance:
    return Instance(
        series_instance_uid="1.2.3", sop_class_uid=SR, sop_instance_uid=f"1.2.3.{number}"
    )


def test_versions_that_lead_back_to_themselves_are_told_and_none_prevails() -> None:
    """Nothing that hosr writes does; a header that was changed may."""
    draft = earlier_report(hip(source_grades=(("brooker", ("III",)),)))
    versions = [_read(1, signed(draft), 2), _read(2, signed(draft, days=1), 1), _read(3, draft)]
    told = order(versions)
    assert {each.read.uid for each in told if isinstance(each, Entry)} == {
        "1.2.3.1",
        "1.2.3.2",
        "1.2.3.3",
    }
    assert len(told) == 3
    assert not any(each.prevails for each in told)


def test_a_chain_that_closes_on_itself_ends() -> None:
    """A version in the place of a draft and of its own successor."""
    draft = earlier_report(hip(source_grades=(("brooker", ("III",)),)))
    versions = [
        _read(1, draft),
        _read(2, signed(draft), 1, 3),
        _read(3, signed(draft, days=1), 2),
    ]
    assert [each.depth for each in order(versions)] == [0, 1, 2]


def test_what_replaces_several_drafts_stands_once_below_the_last() -> None:
    """A signed report in the place of two that were sent: neither a fork, nor told twice."""
    draft = earlier_report(hip(source_grades=(("brooker", ("III",)),)))
    for before in ((), (1,)):
        versions = [_read(1, draft), _read(2, draft, *before), _read(3, signed(draft), 2, 1)]
        told = [each for each in order(versions) if isinstance(each, Entry)]
        assert [each.read.uid for each in told] == ["1.2.3.1", "1.2.3.2", "1.2.3.3"]
        assert [each.depth for each in told] == [0, len(before), 1 + len(before)]
        assert [each.prevails for each in told] == [False, False, True]
        assert not any(each.is_fork for each in told)


def test_a_draft_in_the_place_of_a_draft_keeps_no_signed_one_from_prevailing() -> None:
    """What nobody signed takes the place of nothing that somebody did."""
    draft = earlier_report(hip(source_grades=(("brooker", ("III",)),)))
    versions = [_read(1, draft), _read(2, draft, 1), _read(3, signed(draft), 1)]
    told = {each.read.uid: each for each in order(versions) if isinstance(each, Entry)}
    assert {uid: each.prevails for uid, each in told.items()} == {
        "1.2.3.1": False,
        "1.2.3.2": False,
        "1.2.3.3": True,
    }
    assert not any(each.is_fork for each in told.values())


def test_two_signed_reports_in_the_place_of_one_draft_are_a_fork() -> None:
    """Also where one of them names another draft between."""
    draft = earlier_report(hip(source_grades=(("brooker", ("III",)),)))
    versions = [
        _read(1, draft),
        _read(2, draft, 1),
        _read(3, signed(draft), 1),
        _read(4, signed(draft, days=1), 2, 1),
    ]
    told = {each.read.uid: each for each in order(versions) if isinstance(each, Entry)}
    assert [uid for uid, each in told.items() if each.is_fork] == ["1.2.3.4", "1.2.3.3"]
    assert not any(each.prevails for each in told.values())
