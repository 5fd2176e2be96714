"""The order of versions: whatever they say of each other, each of them is told."""

from __future__ import annotations

from dataclasses import replace

from hosr.lifecycle.chain import Entry, ReadReport, order
from hosr.report import Report
from hosr.sr.receivers import Options
from hosr.study import Instance
from tests.comparison.earlier import earlier_report, signed
from tests.narrative.cases import hip

SR = "1.2.840.10008.5.1.4.1.1.88.34"


def _read(number: int, report: Report, *before: int) -> ReadReport:
    """A version known by its number, in the place of others."""
    if report.signing is not None:
        signing = replace(report.signing, predecessors=tuple(map(_document, before)))
        report = replace(report, signing=signing)
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
