"""The life of a report out of Python: the same steps, files and refusals as on the command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import hosr
from tests.command import folder_bytes, marked
from tests.command import hosr as command
from tests.images import write_film

CET = dt.timezone(dt.timedelta(hours=1))
SIGNATURE = hosr.Signature(
    name="Bianchi^Anna",
    organization="Synthetic Hospital",
    identifier="SYN-17",
    signed_at=dt.datetime(2026, 3, 2, 11, 20, tzinfo=CET),
)
LATER = hosr.Signature(
    name="Meier^Jan",
    organization="Synthetic Hospital",
    signed_at=dt.datetime(2026, 3, 3, 8, tzinfo=CET),
)


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """The folder of a draft whose grades nobody could sign as they are, and its image."""
    record = marked(grades={"brooker": "I"})
    outcome = hosr.make_report(record, write_film(tmp_path / "film.dcm"))
    hosr.write_files(hosr.make_files(outcome, ["measurement", "text", "html"]), tmp_path / "draft")
    return tmp_path / "draft"


def test_a_report_is_signed_amended_and_added_to(draft: Path, tmp_path: Path) -> None:
    """Each step gives the new report and its files, and the history tells them all."""
    film, signed, amended = (tmp_path / name for name in ("film.dcm", "signed", "amended"))
    grades = [hosr.GivenGrade(side=hosr.Side.RIGHT, scale="brooker", grade="III")]
    uid = _versions(draft)[0].read.uid
    options = hosr.StepOptions(grades=grades, document=uid)
    first = hosr.sign(draft, signed, SIGNATURE, options)
    assert _brooker(first) == "III"
    assert [path.name for path in first.paths] == [made.name for made in first.files]
    assert sorted(first.paths) == sorted(signed.iterdir())
    second = hosr.amend(
        signed,
        amended,
        LATER,
        record=marked(end=(50, 10)),
        reason="The gap was read again.",
        options=hosr.StepOptions(images=film),
    )
    assert _brooker(second) == "II"
    third = hosr.addend(amended, tmp_path / "more", _after(LATER), text="Seen with the surgeon.")
    assert third.report.status.notice.endswith("With an ADDENDUM.")
    told = _versions(tmp_path)
    reports = [each.report for each in (first, second, third)]
    assert [each.read.report for each in told][1:] == reports
    places = [(each.depth, each.prevails) for each in told]
    assert places == [(0, False), (1, False), (2, False), (3, True)]


def test_a_report_is_withdrawn_in_its_versions(draft: Path, tmp_path: Path) -> None:
    """As the command does it: the same files, and the end of the history."""
    signed, gone = tmp_path / "signed", tmp_path / "gone"
    hosr.sign(draft, signed, SIGNATURE, hosr.StepOptions(grades=["right:brooker=III"]))
    why = hosr.WithdrawalReason.OTHER
    withdraw = partial(hosr.withdraw, reason=why, text="Film of another day.")
    with pytest.raises(hosr.UsageError, match="options: take more than a withdrawal does"):
        withdraw(signed, gone, LATER, options=hosr.StepOptions(newest_in=["web"]))
    made = withdraw([draft, signed], gone, LATER)
    assert made.report.status.label == "withdrawn"
    assert sorted(made.paths) == sorted(gone.iterdir())
    files = folder_bytes(gone)
    person = ("--as", "Meier^Jan", "--organization", "Synthetic Hospital")
    asked = (
        "--at",
        "2026-03-03T08:00:00+01:00",
        "--reason",
        "other",
        "--text",
        "Film of another day.",
    )
    assert command("withdraw", draft, signed, *person, *asked, "--out", gone).code == 0
    assert folder_bytes(gone) == files
    assert isinstance(hosr.history(tmp_path).entries[-1], hosr.Ending)


def _versions(folder: Path) -> list[hosr.Entry]:
    history = hosr.history(folder)
    assert history.faults == ()
    return [each for each in history.entries if isinstance(each, hosr.Entry)]


def _brooker(version: hosr.NewVersion) -> str | None:
    grade = version.report.hips[0].grade("brooker")
    return None if grade is None else grade.grade


def _after(signature: hosr.Signature) -> hosr.Signature:
    return hosr.Signature(
        name=signature.name,
        organization=signature.organization,
        signed_at=signature.signed_at + dt.timedelta(hours=1),
    )


def test_it_makes_what_the_command_makes(draft: Path, tmp_path: Path) -> None:
    """The same signature gives the same bytes, whoever asks for it; so it is the same step again."""
    options = hosr.StepOptions(grades=["right:brooker=III"], images=tmp_path / "film.dcm")
    hosr.sign(str(draft), str(tmp_path / "signed"), SIGNATURE, options)
    files = folder_bytes(tmp_path / "signed")
    person = ("--as", "Bianchi^Anna", "--organization", "Synthetic Hospital", "--id", "SYN-17")
    ran = command(
        *("sign", draft, *person, "--at", "2026-03-02T11:20:00+01:00"),
        *("--grade", "right:brooker=III", "--images", tmp_path / "film.dcm"),
        *("--out", tmp_path / "signed"),
    )
    assert (ran.code, ran.err) == (0, "")
    assert folder_bytes(tmp_path / "signed") == files


def test_no_step_is_taken_in_the_future(draft: Path, tmp_path: Path) -> None:
    """A signature that this clock has not come to is none, nor is a withdrawal."""
    signed, out = tmp_path / "signed", tmp_path / "out"
    graded = hosr.StepOptions(grades=["right:brooker=III"])
    tomorrow = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=1)
    future = replace(LATER, signed_at=tomorrow)
    shown = hosr.StepOptions(images=tmp_path / "film.dcm")
    new, why = marked(end=(50, 10)), hosr.WithdrawalReason.OTHER
    steps: list[Callable[[], object]] = [
        partial(hosr.addend, signed, out, future, text="More."),
        partial(hosr.amend, signed, out, future, record=new, reason="x", options=shown),
        partial(hosr.withdraw, [draft, signed], out, future, reason=why, text="Why."),
    ]
    refused = "^--at: lies in the future; give the time when it was, or correct the clock"
    with pytest.raises(hosr.UsageError, match=refused):
        hosr.sign(draft, signed, future, graded)
    hosr.sign(draft, signed, SIGNATURE, graded)
    for step in steps:
        with pytest.raises(hosr.UsageError, match=refused):
            step()
    assert not out.exists()


def test_what_cannot_be_done_is_refused(draft: Path, tmp_path: Path) -> None:
    """A grade in conflict, a word that is none, grades of an addendum, a draft amended, no archive."""
    out = tmp_path / "out"
    with pytest.raises(hosr.RecordRefused, match="Brooker I is in conflict with the findings"):
        hosr.sign(draft, out, SIGNATURE)
    with pytest.raises(hosr.UsageError, match="--grade right:brooker=V: names no grade of Brooker"):
        hosr.sign(draft, out, SIGNATURE, hosr.StepOptions(grades=["right:brooker=V"]))
    graded = hosr.StepOptions(grades=["right:brooker=III"])
    with pytest.raises(hosr.UsageError, match="cannot be given with words alone"):
        hosr.addend(draft, out, SIGNATURE, text="More.", options=graded)
    with pytest.raises(hosr.UsageError, match="is a draft; make the draft again"):
        hosr.amend(draft, out, SIGNATURE, record=marked(end=(19, 10)), reason="x")
    asked = hosr.StepOptions(grades=graded.grades, newest_in=["dimse://NOBODY@127.0.0.1:1"])
    with pytest.raises(hosr.ArchiveUnreachable):
        hosr.sign(draft, out, SIGNATURE, asked)
    with pytest.raises(hosr.DocumentRefused, match=r"manifest\.json: is missing"):
        hosr.sign(tmp_path, out, SIGNATURE)
    assert not out.exists()
    assert not (draft / "successor.json").exists()
