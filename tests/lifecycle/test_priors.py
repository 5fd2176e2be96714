"""Of the earlier reports that were read each hip is compared with the newest signed one, and with no other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hosr.comparison import COMPARISON_FLAGS
from hosr.errors import DocumentRefused, Fault, UsageError
from hosr.findings import Hip, Length
from hosr.language import ENGLISH
from hosr.lifecycle.amendment import amend
from hosr.lifecycle.given_grades import GivenGrade
from hosr.lifecycle.priors import EarlierReport, MergedID, carry_over, look_back, parse_merged
from hosr.lifecycle.signing import sign
from hosr.lifecycle.versions import Version
from hosr.priors import Lookback, Passing
from hosr.report import Report
from hosr.sr.receivers import Options
from hosr.status import Step
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Side
from tests.comparison.earlier import (
    EARLIER_STUDY,
    SIGNATURE,
    compared,
    earlier,
    earlier_report,
    signed,
    tha,
)
from tests.narrative.cases import CALIBRATED, PATIENT, a_report, hip, spurred

RIGHT, LEFT = Side.RIGHT, Side.LEFT
OLDER_STUDY = replace(EARLIER_STUDY, study_instance_uid="1.2.1", date="20240901")
MONTH = replace(EARLIER_STUDY, study_instance_uid="1.2.25", date="20260105")


def _gap(mm: float, side: Side = RIGHT, **given: Any) -> Hip:
    return spurred(Length(mm=mm, **CALIBRATED), side, **given)


NOW = a_report(_gap(6.2), context=tha())
THEN = signed(earlier_report(_gap(7.0)))
DRAFT_OF_JANUARY = earlier_report(_gap(6.6), study=MONTH)


def _look(*then: EarlierReport, now: Report = NOW, merged: Sequence[MergedID] = ()) -> Lookback:
    report, _ = look_back(now, then, merged)
    return report.lookbacks[0]


def _told(lookback: Lookback) -> tuple[float | None, list[Passing]]:
    """The space then, and why others were passed over."""
    prior = lookback.compared
    mm = None if prior is None or prior.gap is None else prior.gap.mm
    return mm, [each.why for each in lookback.passed_over]


def test_the_newest_signed_one_is_compared_and_the_others_are_noted() -> None:
    """Whatever the order they are given in; one that is given twice counts once."""
    older = signed(earlier_report(_gap(8.0), study=OLDER_STUDY))
    for given in ([THEN, older], [older, THEN], [older, THEN, THEN]):
        report, notes = look_back(NOW, [earlier(each) for each in given])
        assert _told(report.lookbacks[0]) == (7.0, [])
        (note,) = notes
        assert (earlier(older).uid in note.problem, note.path) == (True, "--prior")


def test_why_a_report_is_not_compared_with_is_told_as_it_is() -> None:
    """One of the other hip alone stands behind no newer one of this hip."""
    older = signed(earlier_report(_gap(8.0), study=OLDER_STUDY))
    of_left = signed(earlier_report(_gap(3.0, LEFT), study=MONTH))
    report, notes = look_back(NOW, [earlier(each) for each in (older, THEN, of_left)])
    assert _told(report.lookbacks[0]) == (7.0, [])
    assert {note.problem for note in notes} == {
        f"report {earlier(older).uid} is not compared with: there is a newer one of each hip",
        f"report {earlier(of_left).uid} is not compared with: it is of the other hip",
    }


def test_a_newer_draft_is_named_and_not_compared() -> None:
    """Of drafts alone none is compared."""
    draft = earlier(DRAFT_OF_JANUARY)
    assert _told(_look(draft, earlier(THEN))) == (7.0, [Passing.DRAFT])
    assert _told(_look(draft)) == (None, [Passing.DRAFT])
    assert _look(draft).passed_over[0].documents == draft.documents


def test_a_version_that_another_took_the_place_of_is_never_compared() -> None:
    """Draft, signed, amended: the last one stands for all."""
    draft = earlier_report(_gap(8.8))
    first = signed(draft)
    last = signed(
        replace(first, hips=THEN.hips), Step.AMEND, 7, predecessors=earlier(first).documents
    )
    chain = [earlier(each) for each in (draft, first, last)]
    for given in (chain, chain[::-1], chain[1:]):
        lookback = _look(*given)
        assert _told(lookback) == (7.0, [])
        assert lookback.compared is not None
        assert lookback.compared.report.step is Step.AMEND


def test_of_a_fork_none_is_compared() -> None:
    """Two versions that took the place of one: an older report does not stand in for them."""
    one = signed(THEN, Step.AMEND, 7, predecessors=earlier(THEN).documents)
    other = signed(THEN, Step.AMEND, 8, predecessors=earlier(THEN).documents)
    older = signed(earlier_report(_gap(9.0), study=OLDER_STUDY))
    lookback = _look(*map(earlier, (older, THEN, one, other)))
    assert _told(lookback) == (None, [Passing.FORK])
    named = {each.sop_instance_uid for each in lookback.passed_over[0].documents}
    assert named == {earlier(one).uid, earlier(other).uid}


def test_each_hip_has_its_own_earlier_report() -> None:
    """Right and left may be compared with different studies, and one of them with none."""
    now = a_report(_gap(6.2), _gap(8.0, LEFT), context=tha())
    left = signed(earlier_report(_gap(9.9, LEFT), study=OLDER_STUDY))
    report = compared(now, THEN, left)
    assert [_told(each) for each in report.lookbacks] == [(7.0, []), (9.9, [])]
    alone = compared(now, THEN)
    assert [_told(each) for each in alone.lookbacks] == [(7.0, []), (None, [Passing.OTHER_HIP])]


def test_the_facts_are_those_of_then() -> None:
    """Without the line that was drawn then; the tracking UID of then, and the next number of a time point."""
    first = _look(earlier(THEN)).compared
    assert first is not None
    assert first.gap is not None
    assert (first.gap, first.tracking_uid) == (
        replace(Length(mm=7.0, **CALIBRATED), line=None),
        "2.25.10",
    )
    assert (first.report.signature, first.report.time_point) == (SIGNATURE, 1)
    second = signed(compared(earlier_report(_gap(6.6), study=MONTH), THEN))
    again = _look(earlier(second), earlier(THEN)).compared
    assert again is not None
    assert again.report.time_point == 2


def _of(**patient: str) -> EarlierReport:
    then = earlier_report(_gap(7.0), patient=replace(PATIENT, **patient))
    return earlier(signed(then), "prior")


_ISSUED = a_report(_gap(6.2), patient=replace(PATIENT, issuer="HOSP"), context=tha())
_NO_BIRTH = a_report(_gap(6.2), patient=replace(PATIENT, birth_date=""), context=tha())


@pytest.mark.parametrize(
    ("then", "now", "problem"),
    [
        (_of(patient_id="HO-0043"), NOW, "is of another patient: patient ID differs"),
        (_of(birth_date="19560505"), NOW, "is of another patient: date of birth differs"),
        (_of(sex="M", birth_date="19360504"), NOW, "date of birth and sex differ"),
        (_of(issuer="CLINIC"), _ISSUED, "is of another patient: issuer of the patient ID differs"),
        (_of(patient_id=""), NOW, "cannot be known to be of this patient: the earlier report has"),
        (_of(birth_date=""), NOW, "neither an issuer of the ID nor a date of birth"),
        (_of(name="Verdi^Anna"), _NO_BIRTH, "is of another patient: name differs"),
        (
            earlier(signed(earlier_report(_gap(7.0), study=NOW.subject.study))),
            NOW,
            "that is graded",
        ),
        (
            earlier(signed(earlier_report(_gap(7.0), study=replace(EARLIER_STUDY, date="")))),
            NOW,
            "the earlier report has no study date",
        ),
        (
            earlier(signed(earlier_report(_gap(7.0), study=replace(MONTH, date="20260302")))),
            NOW,
            "is of the same day",
        ),
        (
            replace(earlier(THEN), replaced=Fault("prior", "has a successor")),
            NOW,
            "has a successor",
        ),
    ],
)
def test_what_is_refused(then: EarlierReport, now: Report, problem: str) -> None:
    """Another patient, or nobody knows; the same study; what is not earlier; what is no longer valid."""
    with pytest.raises(DocumentRefused, match=problem) as refused:
        look_back(now, [then])
    said = str(refused.value)
    hidden = {"HO-0042", "HO-0043", "19560504", "Verdi", "Rossi^Maria", "CLINIC", "HOSP"}
    assert not [word for word in hidden if word in said]


def test_a_later_study_is_refused_and_all_faults_are_told_at_once() -> None:
    """One fault for each thing that is wrong with each of them."""
    later = replace(THEN, subject=replace(THEN.subject, study=replace(MONTH, date="20260401")))
    with pytest.raises(DocumentRefused) as refused:
        look_back(NOW, [earlier(later, "later"), _of(patient_id="X-1", sex="M"), earlier(THEN)])
    told = [(fault.path, fault.problem) for fault in refused.value.faults]
    assert told == [
        ("later", "is of 2026-04-01, later than the study (2026-03-02)"),
        ("prior", "is of another patient: patient ID and sex differ"),
    ]


def test_a_name_alone_proves_nothing_either_way() -> None:
    """A patient who married is the same one, by ID and date of birth."""
    assert _told(_look(_of(name="Verdi^Maria")))[0] == 7.0


def test_a_merged_id_is_taken_by_the_word_of_a_person() -> None:
    """OLD=NEW; of another issuer only where that is named; and never without date of birth and sex."""
    merged = parse_merged("HO-0007=HO-0042")
    lookback = _look(_of(patient_id="HO-0007"), merged=[merged])
    assert lookback.compared is not None
    assert lookback.compared.report.formerly == "HO-0007"
    assert "HO-0007" not in repr(lookback)
    elsewhere = _of(patient_id="HO-0007", issuer="CLINIC")
    with pytest.raises(DocumentRefused, match="issuer of the patient ID differs"):
        _look(elsewhere, now=_ISSUED, merged=[merged])
    named = parse_merged("HO-0007^^^CLINIC=HO-0042")
    assert _told(_look(elsewhere, now=_ISSUED, merged=[named]))[0] == 7.0
    with pytest.raises(DocumentRefused, match="sex differs"):
        _look(_of(patient_id="HO-0007", sex="M"), merged=[merged])


@pytest.mark.parametrize(
    "text", ["", "HO-0007", "=HO-0042", "HO-0007=", "a=b=c", "unknown=HO-0042"]
)
def test_what_is_no_merged_id(text: str) -> None:
    """Two IDs that are somebody's."""
    with pytest.raises(UsageError, match="OLD=NEW"):
        parse_merged(text)


def test_a_merged_id_that_joins_nothing_is_told() -> None:
    """A slip of the pen is no silent success."""
    for text, problem in (("A=B", "a new ID that is not"), ("A=HO-0042", "an old ID that none")):
        with pytest.raises(DocumentRefused, match=problem):
            _look(earlier(THEN), merged=[parse_merged(text)])


def test_what_a_look_up_found_is_left_out_where_it_does_not_fit() -> None:
    """Nobody named the reports of this study, of later ones and of other patients."""
    found = [
        replace(each, is_named=False)
        for each in (_of(sex="M"), earlier(signed(NOW)), earlier(THEN))
    ]
    report, notes = look_back(NOW, found)
    assert (_told(report.lookbacks[0]), notes) == ((7.0, []), ())


def _version(report: Report) -> Version:
    return Version(
        folder=Path("here"),
        report=report,
        options=Options(),
        language=ENGLISH,
        documents=earlier(report).documents,
        outputs=("measurement",),
        has_site_templates=False,
    )


def _graded(brooker: str, **given: Any) -> Report:
    hips = hip(source_grades=(("brooker", (brooker,)),))
    return a_report(hips, **{"context": tha(), **given})


def test_a_comparison_stays_when_the_report_is_signed_and_amended() -> None:
    """The same earlier report, judged anew: what is amended by one class is not two away any more."""
    then = signed(earlier_report(*(each.hip for each in _graded("III").hips)))
    draft = compared(_graded("I"), then)
    fell, jumped = Flag.GRADE_FELL, Flag.GRADE_JUMPED
    assert {fell, jumped} <= set(draft.hips[0].flags)
    noon = replace(SIGNATURE, signed_at=draft.graded_at + dt.timedelta(hours=2))
    version = sign(_version(draft), noon)
    own = sign(_version(draft), noon, [GivenGrade(side=RIGHT, scale="brooker", grade="II")])
    evening = replace(SIGNATURE, signed_at=noon.signed_at + dt.timedelta(hours=6))
    amended = amend(_version(version), carry_over(version, _graded("II")), evening, "Read again.")
    for report, flags in ((version, {fell, jumped}), (own, {fell}), (amended, {fell})):
        assert report.lookbacks == draft.lookbacks
        assert set(report.hips[0].flags) & COMPARISON_FLAGS == flags
