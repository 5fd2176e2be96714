"""Which version of a report a message brings, read out of the message itself."""

from __future__ import annotations

import datetime as dt
import json
from itertools import product

import pytest

from hosr.archive.versions import Stage, Version, read_bundle, read_oru
from hosr.dicom.structure import UnusableFile
from hosr.status import Step
from tests.messages.fhir.bundles import bundle_of
from tests.messages.fhir.bundles import signed as signed_for_fhir
from tests.messages.signed import signed
from tests.messages.versions import REPORT, oru, withdrawn

MOMENT = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def test_a_message_says_of_which_version_it_is() -> None:
    """All are of one report, each with the time of its status; a withdrawal is its end."""
    amended = signed(REPORT, Step.AMEND, minute=40)
    reports = (REPORT, signed(REPORT, Step.SIGN), amended, withdrawn(amended))
    versions = [read_oru(oru(report)) for report in reports]
    assert [version.stage for _, version in versions] == list(Stage)
    assert [version.stated_at for _, version in versions] == [
        REPORT.graded_at,
        *(dt.datetime.fromisoformat(f"2026-03-02T11:{minute}+01:00") for minute in (20, 40)),
        dt.datetime.fromisoformat("2026-03-03T11:20+01:00"),
    ]
    assert len({version.report for _, version in versions}) == 1
    assert len({control_id for control_id, _ in versions}) == 4
    _, other = read_oru(oru(REPORT).replace(b"HO-0042", b"HO-0043"))
    assert other.report != versions[0][1].report
    _, issued = read_oru(oru(REPORT).replace(b"HO-0042^^^", b"HO-0042^^^HOSP"))
    assert issued.report == versions[0][1].report
    assert "HO-0042" not in repr(versions)


def test_a_bundle_says_the_same() -> None:
    """By the DiagnosticReport in it; the same bundle has the same key, another one another."""
    amended = signed_for_fhir(REPORT, Step.SIGN, Step.AMEND)
    reports = (REPORT, signed_for_fhir(REPORT, Step.SIGN), amended, withdrawn(amended))
    bundles = [json.dumps(bundle_of(report)).encode() for report in reports]
    read = [read_bundle(bundle) for bundle in bundles]
    assert [version.stage for _, version in read] == list(Stage)
    turns = [version.turn for _, version in read]
    assert turns == sorted(turns)
    assert len({version.report for _, version in read}) == 1
    assert [key for key, _ in read] == [read_bundle(bundle)[0] for bundle in bundles]
    assert len({key for key, _ in read}) == 4


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MSH",
        b"\xff\xfe",
        b"no message",
        oru(REPORT).replace(b"ORU^R01", b"ADT^A01"),
        oru(REPORT).replace(b"|RAD|P|", b"|RAD|P|").replace(b"OBR|", b"ZBR|"),
        oru(REPORT).replace(b"20260302", b"2026AB02"),
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    """Whatever it is: nothing of it is guessed."""
    with pytest.raises(UnusableFile):
        read_oru(data)


def test_what_is_no_bundle_is_refused() -> None:
    """JSON of another kind, a bundle without a report, or one that does not say since when."""
    bundle = bundle_of(REPORT)
    undated = json.dumps(bundle).replace('"issued"', '"recorded"')
    others = [
        entry for entry in bundle["entry"] if "Report" not in entry["resource"]["resourceType"]
    ]
    for text in ("", "[]", "{}", '{"entry": 1}', json.dumps({**bundle, "entry": others}), undated):
        with pytest.raises(UnusableFile):
            read_bundle(text.encode())


def test_no_version_goes_behind_a_newer_one() -> None:
    """By the time of its status; a draft of any time not behind what was signed."""
    late = MOMENT + dt.timedelta(minutes=1)
    version = {
        (stage, moment): Version(report="r", stage=stage, stated_at=moment)
        for stage, moment in product(Stage, (MOMENT, late))
    }
    for (stage, at), (other, then) in product(version, version):
        is_late_draft = other is Stage.DRAFT and stage in (Stage.SIGNED, Stage.AMENDED)
        expected = at > then or is_late_draft
        assert version[stage, at].goes_before(version[other, then]) is expected
