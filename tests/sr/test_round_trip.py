"""Writing and reading are a pair: nothing of a report is lost, and nothing is added."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given

from hosr import sr
from hosr.codes import Terminology
from hosr.intake.record import parse_record
from hosr.pipeline import report_record
from hosr.report import Report
from hosr.sr.receivers import Options, ProfileName
from tests.drawn import drawn
from tests.narrative.cases import CASES
from tests.strategies import reports

pytestmark = pytest.mark.slow

OPTIONS = (
    Options(),
    Options(profile=ProfileName.STONE),
    Options(hydrate=True),
    Options(terminology=Terminology.SNOMED),
)


@drawn(40, unchecked=[HealthCheck.data_too_large])
@given(report=reports())
def test_a_report_is_read_as_it_was_written(report: Report) -> None:
    """Decoding what was encoded gives the same report, whatever it holds, and finds it unaltered."""
    found = sr.decode_whole(sr.encode(report))
    assert (found.report, found.alterations) == (report, ())


@drawn(20, unchecked=[HealthCheck.data_too_large])
@given(report=reports())
def test_what_was_read_is_written_as_the_same_bytes(report: Report) -> None:
    """A report that was read back gives the same file again, byte for byte."""
    first = sr.encode(report)

    assert sr.encode(sr.decode(first)) == first


@drawn(20, unchecked=[HealthCheck.data_too_large])
@given(report=reports())
def test_the_record_of_a_report_reads_as_its_findings(report: Report) -> None:
    """`hosr read` gives a record that the door takes, with the same observer, context and sides."""
    record = parse_record(json.dumps(report_record(report)))

    assert (record.observer, record.context, record.view, record.graded_at) == (
        report.observer,
        report.context,
        report.view,
        report.graded_at,
    )
    assert [hip.side for hip in record.hips] == [graded.hip.side for graded in report.hips]
    assert [hip.source_grades for hip in record.hips] == [
        graded.hip.source_grades for graded in report.hips
    ]


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
@pytest.mark.parametrize("name", sorted(CASES))
def test_every_form_of_every_case_is_read_back(name: str, options: Options) -> None:
    """Profile, hydration and terminology change the form of a report, never its content."""
    found = sr.decode_whole(sr.encode(CASES[name], options))
    assert found == sr.Decoded(report=CASES[name], options=options, alterations=())


@pytest.mark.parametrize("name", sorted(CASES))
def test_another_form_is_another_document(name: str) -> None:
    """Each form of a report has UIDs of its own, so that no archive takes one for the other."""
    made = {sr.encode(CASES[name], options) for options in OPTIONS}

    assert len(made) == len(OPTIONS)
