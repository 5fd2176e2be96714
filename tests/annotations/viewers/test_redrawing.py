"""hosr's own report that a viewer redrew: what of it holds, what its lines became, and what is asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from hosr.annotations.account import Account
from hosr.annotations.authorship import Author
from hosr.annotations.context import Context
from hosr.annotations.records import Imported, import_read
from hosr.annotations.sources import Figure, Form, Label, Source, Stated
from hosr.annotations.viewers.predecessors import Predecessor, former_lines
from hosr.errors import RecordRefused
from hosr.findings import Algorithm, Hip, Person, Place
from hosr.intake.images import SourceImages, read_images
from hosr.intake.record import parse_record, record_json
from hosr.pipeline import make_report
from hosr.status import Signature, Signing, Step
from hosr.vocabulary.terms import Presence, Side
from tests.command import marked
from tests.images import FILM_UID, dicom_bytes, film

OLD = "2.25.1"
AT = dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC)
CALIBRATED = "16.7 mm (calibrated to a 10 mm object)"
NERI = Person(name="Neri^Ada", organization="Synthetic Hospital")

GAP = ((10.0, 10.0), (18.0, 10.0))
FIRST, SECOND = ((20.0, 40.0), (26.0, 40.0)), ((20.0, 50.0), (24.0, 50.0))
BALL = ((30.0, 60.0), (42.0, 60.0))


@cache
def _images() -> SourceImages:
    return read_images(dicom_bytes(film()))


def _report(**changes: Any) -> Predecessor:
    """A draft of the right hip with a gap of 6.7 mm, two islands and a ball of 10 mm; the left was not drawn."""
    right: dict[str, Any] = {
        "gap": {"points": GAP},
        "islands": [
            {"length": {"points": FIRST}},
            {"length": {"points": SECOND}},
        ],
        "calibration": {"points": BALL, "true_mm": 10},
        "stage": "maturation",
        "grades": {"brooker": "III"},
        "comment": "Compare the gap of 6.7 mm.",
    }
    record = marked(**(right | changes))
    record["schema_version"] = "1.1"
    record["hips"][0] = {
        key: value for key, value in record["hips"][0].items() if value is not None
    }
    record["hips"].append({"side": "left", "presence": "absent"})
    record["conclusion"], record["context"] = "Brooker III.", {"indication": "Pain"}
    report = make_report(parse_record(record), _images()).report
    return Predecessor(sop_instance_uid=OLD, report=report, is_editable=True)


def _line(label: str, points: Any, *stated: float) -> Figure:
    return Figure(
        label=Label(name=label),
        place=f"new.dcm, {label or 'unlabelled'}",
        form=Form.LINE,
        points=tuple(points),
        image=Place(sop_instance_uid=FILM_UID),
        stated=tuple(Stated(concept="Length", value=value, unit="mm") for value in stated),
    )


def _plain() -> list[Figure]:
    """What a viewer saves where nothing was moved."""
    return [
        _line("Right HO gap", GAP),
        _line("Right island 1", FIRST),
        _line("Right island 2", SECOND),
    ]


def _import(
    figures: list[Figure],
    before: Predecessor | None,
    *,
    named: bool = True,
    only_added: bool = False,
) -> tuple[Imported, Account]:
    context = Context(images=_images())
    source = Source(
        name="new.dcm",
        kind="a report",
        figures=tuple(figures),
        predecessors=(OLD,) if named else (),
        supersedes=(OLD,) if named and not only_added else (),
        is_in_words=True,
    )
    return import_read([source], context, Author(person=NERI, at=AT), before), context.account


def test_what_is_still_to_be_done_is_what_the_report_and_the_drawing_say() -> None:
    """Neither a whole drawing over a partial report nor a part over a whole one becomes a whole."""
    whole = _report()
    part = replace(whole, report=replace(whole.report, incomplete="Left hip to be graded."))
    said = []
    for before in (whole, part):
        for incomplete in ("", "Left hip to be drawn."):
            source = Source(
                name="new.dcm",
                kind="a report",
                figures=tuple(_plain()),
                predecessors=(OLD,),
                incomplete=incomplete,
                is_in_words=True,
            )
            author = Author(person=NERI, at=AT)
            made = import_read([source], Context(images=_images()), author, before)
            said.append(made.record.incomplete)
    assert said == [
        "",
        "Left hip to be drawn.",
        "Left hip to be graded.",
        "Left hip to be graded. Left hip to be drawn.",
    ]


def _faults(figures: list[Figure], before: Predecessor | None, *, named: bool = True) -> list[str]:
    with pytest.raises(RecordRefused) as refused:
        _import(figures, before, named=named)
    return [f"{fault.path}: {fault.problem}" for fault in refused.value.faults]


def _told(account: Account, what: str = "hip") -> list[str]:
    """What is told of the hips as a whole."""
    return [
        f"{entry.place.removeprefix('new.dcm, ')}: {entry.words}"
        for entry in (*account.read, *account.refused, *account.assumed)
        if entry.place.endswith(what)
    ]


def test_a_dragged_gap_changes_the_grade_and_old_and_new_are_told() -> None:
    """Calibration and findings are the report's; grade and comment of the former reader are not carried."""
    dragged = _line("Right HO gap", (GAP[0], (30.0, 10.0)), 20.0)
    imported, account = _import([dragged, *_plain()[1:]], _report())
    assert _told(account) == [
        "right hip: gap: 6.7 mm -> 16.7 mm; Brooker III -> II; Della Valle C -> B",
        "left hip: as in the report that was redrawn",
        "right hip: the grade that the former reader gave is not carried over: who drew now has not said it",
        "right hip: the former reader's comment is not carried over: who drew now has not said it",
        "right hip: as in the report that was redrawn: presence, spurs, bridging, calibration, stage",
        "left hip: as in the report that was redrawn: presence",
    ]
    assert _told(account, "new.dcm") == [
        "new.dcm: the former reader's conclusion is not carried over: who drew now has not said it"
    ]
    assert _told(account, "gap")[1:] == [
        f'Right HO gap: "Right HO gap" is {CALIBRATED}',
        f"Right HO gap: its writer states 20 mm, by the pixel spacing alone; hosr measures {CALIBRATED}",
    ]
    record, report = imported.record, _report().report
    assert (record.observer, record.graded_at, record.conclusion) == (NERI, AT, "")
    assert (record.view, record.context) == (report.view, report.context)
    right, left = record.hips
    former = report.hips[0].hip
    assert (right.source_grades, right.comment, right.stage) == ((), "", former.stage)
    assert (right.spurs, right.calibration) == (former.spurs, former.calibration)
    assert left.presence is Presence.ABSENT


def test_what_was_not_moved_keeps_its_values() -> None:
    """A viewer gives points back within 32 bits; the record is that of the report, without its words."""
    moved_a_hair = [
        replace(each, points=tuple((c, r - 0.00003) for c, r in each.points)) for each in _plain()
    ]
    imported, account = _import(moved_a_hair, _report())
    assert _told(account)[0] == "right hip: as in the report that was redrawn"
    expected = [
        replace(graded.hip, source_grades=(), comment="", place=hip.place)
        for graded, hip in zip(_report().report.hips, imported.record.hips, strict=True)
    ]
    of_report = replace(imported.record, hips=tuple(expected))
    assert record_json(imported.record)["hips"] == record_json(of_report)["hips"]


def test_islands_are_known_by_their_number_or_by_an_end_that_was_not_moved() -> None:
    """The second one is redrawn, the first has lost its number; a third is new."""
    drawn = [
        _line("Right HO gap", GAP),
        _line("R island", (FIRST[0], (29.0, 40.0))),
        _line("Right island 2", ((60.0, 60.0), (66.0, 60.0))),
        _line("Right island 3", ((2.0, 70.0), (11.0, 70.0))),
    ]
    _, account = _import(drawn, _report())
    assert _told(account)[0] == (
        "right hip: island 1: 5.0 mm -> 7.5 mm; island 2: 3.3 mm -> 5.0 mm; island 3: none -> 7.5 mm"
    )


def test_a_line_without_a_label_is_known_by_the_end_that_was_not_moved() -> None:
    """It is told, and every other line without a label is asked back."""
    dragged = (GAP[0], (30.0, 10.0))
    _, account = _import([_line("", dragged), *_plain()[1:]], _report())
    assert _told(account, "unlabelled")[-1] == (
        "unlabelled: is Right HO gap: it has no label, and ends where that line of the report does"
    )
    elsewhere = _line("", ((60.0, 10.0), (70.0, 10.0)))
    assert _faults([elsewhere, *_plain()], _report()) == [
        "new.dcm, unlabelled: is a line without a label"
    ]


CONTRADICTIONS = {
    "Left HO gap": '"Left HO gap" ends where Right HO gap of the report does',
    "Right island 1": '"Right island 1" ends where Right HO gap of the report does',
    "Calibration 28 mm": '"Calibration 28 mm" ends where Right HO gap of the report does',
}


@pytest.mark.parametrize("label", CONTRADICTIONS)
def test_a_label_against_the_report_is_asked_back(label: str) -> None:
    """An end that was not moved says which line it was."""
    faults = _faults([_line(label, (GAP[0], (30.0, 12.0)))], _report())
    assert f"new.dcm, {label}: {CONTRADICTIONS[label]}" in faults


STALE = {
    "Right HO gap 6.7 mm": ["says 6.7 mm, and the line is 16.7 mm (calibrated to a 10 mm object)"],
    "Right HO gap, Brooker III": ["says Brooker III, and what was drawn gives Brooker II"],
    "Right HO gap 16.7 mm": [],
    "Right HO gap 20 mm": [],  # as the viewer shows it, without the calibration
    "Right HO gap, Brooker II": [],
}


@pytest.mark.parametrize("label", STALE)
def test_a_label_that_became_untrue_is_a_fault(label: str) -> None:
    """A viewer keeps the words while the line moves; others read them."""
    drawn = [_line(label, (GAP[0], (30.0, 10.0))), *_plain()[1:]]
    if not STALE[label]:
        _import(drawn, _report())
        return
    assert _faults(drawn, _report()) == [
        f'new.dcm, {label}: "{label}" {problem}' for problem in STALE[label]
    ]


def test_a_deleted_gap_is_measured_no_more() -> None:
    """The other findings stand: the grade is open again."""
    imported, account = _import(_plain()[1:], _report())
    told = _told(account)
    assert (
        told[0]
        == "right hip: gap: 6.7 mm -> none; Brooker III -> II or III; Della Valle C -> B or C"
    )
    assert "right hip: the gap line was deleted: no gap is measured any more" in told
    assert imported.record.hips[0].gap is None


def test_what_only_adds_to_a_report_deletes_nothing_of_it() -> None:
    """A line that such a document does not hold is that of the report still."""
    imported, account = _import(_plain()[1:2], _report(), only_added=True)
    assert "right hip: as in the report that was redrawn" in _told(account)
    lines = [line.line for line in former_lines(_report()) if line.meaning.side is Side.RIGHT]
    hip = imported.record.hips[0]
    kept = [hip.gap, *(island.length for island in hip.islands or ())]
    assert [length.line for length in kept if length is not None] == lines[:3]
    assert not [told for told in _told(account) if "deleted" in told]


def test_a_deleted_island_is_asked_for() -> None:
    """Whether it is none, or only not measured, nobody can tell."""
    assert _faults(_plain()[:2], _report()) == [
        "new.dcm, right hip: Right island 2 was deleted: is it no island, or one that is not measured?"
    ]


def test_lines_that_the_viewer_never_had_stay() -> None:
    """Of a report that was not made to be redrawn, a new line takes the place of its own only."""
    before = replace(_report(), is_editable=False)
    gap = _line("Right HO gap", ((50.0, 10.0), (62.0, 10.0)))
    _, account = _import([gap], before)
    assert _told(account)[0].startswith("right hip: gap: 6.7 mm -> 10.0 mm")
    dragged = [_line("Right HO gap", (GAP[0], (30.0, 10.0)))]
    _, account = _import(dragged, _report(), named=False)
    assert "island" not in _told(account)[0]
    assert f"new.dcm: was drawn over report {OLD}, which it does not name itself" in [
        f"{entry.place}: {entry.words}" for entry in account.assumed
    ]


def test_bone_that_bridged_does_not_where_a_gap_is_drawn() -> None:
    """Bridging is then not stated; a hip without ossification has it where an island is drawn."""
    before = _report(bridging="apparent", gap=None, grades=None, islands=[], calibration=None)
    drawn = [_line("Right HO gap", GAP), _line("Left island", ((90.0, 40.0), (96.0, 40.0)))]
    imported, account = _import(drawn, before)
    right, left = imported.record.hips
    assert (right.bridging, left.presence) == (None, Presence.PRESENT)
    assert (
        "right hip: bridging is not carried over: a gap is drawn now where bone bridged it"
        in _told(account)
    )
    assert "IV -> III" in _told(account)[0]


def test_another_object_measures_all_lines_anew() -> None:
    """The head in place of the ball: lengths that were kept are those of the new object."""
    head = _line("Calibration 12 mm", ((50.0, 60.0), (64.0, 60.0)))
    _, account = _import([*_plain(), head], _report())
    assert _told(account)[0] == (
        "right hip: gap: 6.7 mm -> 6.9 mm; island 1: 5.0 mm -> 5.1 mm; island 2: 3.3 mm -> 3.4 mm"
    )


def test_a_report_that_is_missing_is_asked_for() -> None:
    """Without it the lines would be measured without their calibration."""
    assert _faults(_plain(), None) == [
        f"new.dcm: was drawn over report {OLD}, whose calibration and findings it does not hold"
    ]


def test_a_signed_report_is_amended() -> None:
    """The record is for its amendment."""
    before = _report()
    signature = Signature(name="Neri^Ada", organization="Synthetic Hospital", signed_at=AT)
    document = before.report.subject.images[0].instance
    signing = Signing(step=Step.SIGN, signature=signature, predecessors=(document,), tracked_as="x")
    signed = replace(before, report=replace(before.report, signing=signing))
    _, account = _import(_plain(), signed)
    assert "amend that one with this record" in " ".join(entry.words for entry in account.assumed)


def test_who_draws_over_a_model_does_not_speak_for_it() -> None:
    """Scores belong to the model, and a line that nobody moved is as unsure as it was by the model."""
    model = Algorithm(name="HO", version="1")
    before = _report(
        grades=None, calibration={"points": BALL, "true_mm": 10},
        probabilities={"brooker": {"0": 0.0, "I": 0.0, "II": 0.1, "III": 0.9, "IV": 0.0}},
    )  # fmt: skip
    before = replace(before, report=replace(before.report, observer=model))
    imported, account = _import(_plain(), before)
    assert imported.record.hips[0].probabilities == ()
    gap = imported.record.hips[0].gap
    assert gap is not None
    assert gap.uncertainty_mm == 1.5
    assert (
        "right hip: the probabilities of the model are not carried over: who drew now has not said it"
        in _told(account)
    )


def test_another_study_is_refused() -> None:
    """The report that is named must be of the images."""
    before = _report()
    study = replace(before.report.subject.study, study_instance_uid="2.25.9")
    report = replace(before.report, subject=replace(before.report.subject, study=study))
    assert "--prior: is of another study than the images" in _faults(
        _plain(), replace(before, report=report)
    )


def test_only_a_drawing_is_drawn_over_a_report() -> None:
    """Masks of a model replace no report."""
    context = Context(images=_images())
    source = Source(name="mask.nii", kind="a mask")
    with pytest.raises(RecordRefused) as refused:
        import_read([source], context, Author(person=NERI, at=AT), _report())
    assert "--prior: is for a report that was redrawn in a viewer" in str(refused.value)


def test_hips_that_cannot_be_evaluated_are_not_drawn_on() -> None:
    """The report says that it could not be judged; a line says that it was."""
    record = marked()
    record["hips"] = [{"side": "right", "evaluable": False, "not_evaluable_reason": "artefacts"}]
    report = make_report(parse_record(record), _images()).report
    before = Predecessor(sop_instance_uid=OLD, report=report, is_editable=True)
    assert _faults([_line("Right HO gap", GAP)], before) == [
        "new.dcm, right hip: could not be evaluated by the report, and was drawn on now"
    ]
    assert isinstance(report.hips[0].hip, Hip)
    assert report.hips[0].hip.side is Side.RIGHT
