"""What a person saw is what is signed; whatever ends meanwhile, there is one signature or none."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from hosr import versions
from hosr.drafts import Draft, Drafts, Event, NewDraft, Status, comparing, judge
from hosr.drafts.imagery import images_of
from hosr.drafts.pending import settle
from hosr.drafts.signing import Amendment, Form, amend_draft, sign_draft
from hosr.errors import (
    DraftRefused,
    HosrError,
    ImagesRefused,
    RecordRefused,
    StaleDraft,
    UsageError,
)
from hosr.intake.images import read_images
from hosr.lifecycle.versions import read_version
from hosr.pipeline import report_record
from hosr.sr import decode
from hosr.status import OtherChange, Signature, Step, WithdrawalReason
from hosr.vocabulary.terms import Side
from tests.children import in_a_child, in_children, killed_at_statement
from tests.command import folder_bytes
from tests.drafts.drafting import OTHER, READER, add, another_study, changed, opened, record_of
from tests.drafts.signatures import AT, FORM, LATER, SIGNATURE, amended, seen, signed
from tests.images import DELETE, SECRETS, dicom_bytes, write_film
from tests.images import film as film_of

LATEST = replace(LATER, signed_at=LATER.signed_at + dt.timedelta(days=2))


def left_of(drafts: Drafts) -> list[str]:
    """Every file of reports, without what a killed call left beside its place for the next one."""
    reports = drafts.folder / "reports"
    found = (path for path in reports.rglob("*") if path.is_file() and path.name[0] != ".")
    return sorted(path.relative_to(reports).as_posix() for path in found)


def test_what_was_seen_is_signed(drafts: Drafts, film: Path) -> None:
    """The draft's files, and the signed version beside them, which decodes to what was on the screen."""
    draft = add(drafts, film)
    done = signed(drafts, draft)
    assert (done.status, done.signed_by, done.signing_by) == (Status.SIGNED, READER, "")
    (folder,) = map(Path, done.versions)
    assert folder == drafts.reports(draft.draft_id) / "1"
    before = read_version(folder.with_name("draft"))
    assert before.documents[0].sop_instance_uid == seen(draft).document_uid
    version = read_version(folder)
    assert version.documents[0].sop_instance_uid == done.document_uid
    report = version.report
    assert report.signing is not None
    assert (report.signing.step, report.signing.signature) == (Step.SIGN, SIGNATURE)
    judged = judge(draft.record, images_of(draft))
    assert judged.outcome is not None
    assert report_record(report) == report_record(judged.outcome.report)
    assert [each.event for each in drafts.history(draft.draft_id)] == [Event.ADD, Event.SIGN]


def test_all_outputs_are_made_with_the_images(drafts: Drafts, film: Path) -> None:
    """Pages and pictures of the signed version say who signed."""
    done = signed(drafts, add(drafts, film), Form())
    made = {path.name for path in Path(done.versions[-1]).iterdir()}
    assert {"measurement.dcm", "report.html", "report.pdf", "key_right.png", "report.hl7"} <= made
    assert "Maria Rossi" in (Path(done.versions[-1]) / "report.html").read_text("utf-8")


def test_the_same_step_again_gives_what_it_gave(drafts: Drafts, film: Path) -> None:
    """Its answer may have been lost; another person is told that the draft was changed."""
    draft = add(drafts, film)
    shown = seen(draft)
    done = sign_draft(drafts, draft.draft_id, shown, SIGNATURE, FORM)
    assert sign_draft(drafts, draft.draft_id, shown, SIGNATURE, FORM) == done
    with pytest.raises(StaleDraft) as caught:
        sign_draft(drafts, draft.draft_id, shown, LATER, FORM)
    assert caught.value.current == done
    other = amended(drafts, done)
    assert amended(drafts, done) == other
    with pytest.raises(StaleDraft):
        amended(drafts, done, mm=4)


def test_decisions_are_the_grades_of_who_signs(drafts: Drafts, film: Path) -> None:
    """A conflict is decided before; undecided it is refused, and nothing is written."""
    draft = add(drafts, film, record_of(4, grades={"brooker": "I"}))
    with pytest.raises(RecordRefused, match="Brooker I is in conflict with the findings"):
        signed(drafts, draft)
    assert left_of(drafts) == []
    change = changed(film, dict(draft.record), "right:brooker=III")
    draft = drafts.change(draft.draft_id, draft.etag, change, by=READER)
    report = decode((Path(signed(drafts, draft).versions[0]) / "measurement.dcm").read_bytes())
    assert report.hips[0].grade("brooker").grade == "III"  # type: ignore[union-attr]
    assert report.signing is not None
    assert [each.by_signer for each in report.signing.changes] == [True]  # type: ignore[union-attr]


def test_an_amendment_is_a_version_beside_what_was_signed(drafts: Drafts, film: Path) -> None:
    """It says the new record, why, and what it takes the place of; amended twice, all three stay."""
    draft = signed(drafts, add(drafts, film))
    files = folder_bytes(Path(draft.versions[0]))
    draft = amended(drafts, draft)
    assert (draft.status, draft.record, draft.signed_by) == (Status.SIGNED, record_of(6), OTHER)
    last = read_version(Path(draft.versions[-1])).report
    assert last.signing is not None
    assert (last.signing.step, last.signing.reason) == (Step.AMEND, "The gap was read again.")
    again = Signature(
        name=READER, organization="Synthetic Hospital", signed_at=AT + dt.timedelta(days=2)
    )
    record = record_of(5)
    amendment = Amendment(record=record, reason="Once more.")
    draft = amend_draft(drafts, draft.draft_id, seen(draft, record), again, amendment, FORM)
    assert [Path(each).name for each in draft.versions] == ["1", "2", "3"]
    kept = folder_bytes(Path(draft.versions[0]))
    assert {name: data for name, data in kept.items() if name != "successor.json"} == files


EARLIER_STUDY = {
    "StudyInstanceUID": "1.2.826.0.1.9",
    "SeriesInstanceUID": "1.2.826.0.1.9.1",
    "SOPInstanceUID": "1.2.826.0.1.9.1.1",
    "StudyDate": "20250901",
}


def test_a_draft_is_compared_with_what_was_signed_of_its_patient(
    drafts: Drafts, film: Path
) -> None:
    """In the newest version; what is of another patient, or cannot be read any more, is left out."""
    earlier = write_film(film.with_name("earlier.dcm"), **EARLIER_STUDY)
    signed_one = signed(drafts, add(drafts, earlier))
    later = add(drafts, film, record_of(5))
    assert later.priors == signed_one.versions
    stranger = write_film(film.with_name("stranger.dcm"), PatientID="P-1")
    assert add(drafts, stranger, record_of(4)).priors == ()
    amended_one = amended(drafts, signed_one)
    later = drafts.get(later.draft_id)
    assert later.priors == amended_one.versions[1:]
    assert _prior_of(signed(drafts, later)) == amended_one.document_uid
    another = add(drafts, Path(later.images[0]), record_of(4))
    shutil.rmtree(amended_one.versions[-1])
    judged = judge(another.record, images_of(another), compare=comparing(another.priors))
    assert judged.outcome is not None
    assert judged.outcome.report.lookbacks == ()
    assert "not compared with" in judged.notes[-1].problem


def test_a_draft_is_compared_with_what_is_signed_after_it_was_begun(
    drafts: Drafts, film: Path
) -> None:
    """As it is told from then on; signed is what was seen with it, and not what was seen before."""
    earlier = add(drafts, write_film(film.with_name("earlier.dcm"), **EARLIER_STUDY))
    later = add(drafts, film, record_of(5))
    before = seen(later)
    assert later.priors == ()
    signed_one = signed(drafts, earlier)
    with pytest.raises(StaleDraft, match="is not the report that was looked at") as refused:
        sign_draft(drafts, later.draft_id, before, SIGNATURE, FORM)
    current = refused.value.current
    assert (current.etag, current.priors) == (later.etag, signed_one.versions)
    assert drafts.get(later.draft_id).status is Status.WAITING
    assert not drafts.reports(later.draft_id).exists()
    assert _prior_of(signed(drafts, current)) == signed_one.document_uid


def test_a_prior_that_is_amended_between_looking_and_signing_is_looked_at_anew(
    drafts: Drafts, film: Path
) -> None:
    """What was seen is compared with a version that holds no more: it is neither signed nor amended so."""
    signed_one = signed(
        drafts, add(drafts, write_film(film.with_name("earlier.dcm"), **EARLIER_STUDY))
    )
    later = add(drafts, film, record_of(5))
    before = seen(later)
    amended_one = amended(drafts, signed_one)
    with pytest.raises(StaleDraft, match="is not the report that was looked at"):
        sign_draft(drafts, later.draft_id, before, LATER, FORM)
    assert drafts.get(later.draft_id).versions == ()
    now = signed(drafts, drafts.get(later.draft_id))
    assert _prior_of(now) == amended_one.document_uid
    record = record_of(4)
    before = seen(now, record)
    third = Amendment(record=record_of(7), reason="Once more.")
    amend_draft(
        drafts, signed_one.draft_id, seen(amended_one, record_of(7)), _after(LATER), third, FORM
    )
    why = Amendment(record=record, reason="The gap was read again.")
    with pytest.raises(StaleDraft, match="is not the report that was looked at"):
        amend_draft(drafts, now.draft_id, before, _after(LATER), why, FORM)
    after = drafts.get(now.draft_id)
    assert (after.etag, after.versions) == (now.etag, now.versions)


def _prior_of(draft: Draft) -> str:
    """The report that the right hip of a signed draft is compared with."""
    prior = read_version(Path(draft.versions[-1])).report.prior_of(Side.RIGHT)
    assert prior is not None
    return prior.report.documents[0].sop_instance_uid


def _after(signature: Signature) -> Signature:
    return replace(signature, signed_at=signature.signed_at + dt.timedelta(days=1))


def test_images_are_read_in_the_character_set_of_the_draft(drafts: Drafts, film: Path) -> None:
    """Whoever looks at it later, and who signs it, read the name that was read when it was made."""
    write_film(film, SpecificCharacterSet=DELETE, PatientName="M\xfcller^\xc4nne".encode("latin1"))
    with pytest.raises(ImagesRefused):
        read_images(film)
    images = read_images(film, "ISO_IR 100")
    new = NewDraft(record=record_of(), images=(str(film),), assume_charset="ISO_IR 100")
    draft = drafts.add(new, judge(record_of(), images))
    assert images_of(draft).patient == images.patient
    report = read_version(Path(signed(drafts, draft).versions[0])).report
    assert report.subject.patient.name == "Müller^Änne"


def test_a_mark_that_was_taken_over_decides_no_grade(drafts: Drafts, film: Path) -> None:
    """It is kept with the draft, and not in the way of a signature."""
    draft = add(drafts, film)
    accepted = ("right:gap=accepted", "right:island.0=accepted")
    change = changed(film, dict(draft.record), *accepted)
    assert change.judged.may_be_signed
    draft = drafts.change(draft.draft_id, draft.etag, change, by=READER)
    assert draft.decisions == accepted
    assert signed(drafts, draft).decisions == accepted


def _change_by_another(drafts: Drafts, draft: Draft, film: Path) -> None:
    drafts.change(draft.draft_id, draft.etag, changed(film, record_of(5)), by=OTHER)


def _hold(drafts: Drafts, draft: Draft, _: Path) -> None:
    drafts.hold(draft.draft_id, draft.etag, "why", by=OTHER)


def _change_the_image(_: Drafts, __: Draft, film: Path) -> None:
    film.write_bytes(dicom_bytes(film_of(ImagerPixelSpacing=["2", "2"])))


def _change_a_pixel(_: Drafts, __: Draft, film: Path) -> None:
    data = film.read_bytes()
    film.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    os.utime(film, ns=(0, 0))


def _remove_the_image(_: Drafts, __: Draft, film: Path) -> None:
    film.unlink()


def _put_back_an_older_store(drafts: Drafts, draft: Draft, _: Path) -> None:
    (drafts.reports(draft.draft_id) / "1").mkdir(parents=True)
    (drafts.reports(draft.draft_id) / "1" / "report.txt").write_text("signed")


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (_change_by_another, StaleDraft, "was changed since it was looked at"),
        (_hold, StaleDraft, "was changed since it was looked at"),
        (_change_the_image, ImagesRefused, "film.dcm: was changed since the draft was made"),
        (_change_a_pixel, ImagesRefused, "film.dcm: was changed since the draft was made"),
        (_remove_the_image, ImagesRefused, "film.dcm: is no longer there"),
        (_put_back_an_older_store, UsageError, "1: is there already; find out what it is"),
    ],
)
def test_what_is_not_what_was_seen_is_not_signed(
    drafts: Drafts,
    film: Path,
    spoil: Callable[[Drafts, Draft, Path], None],
    error: type[HosrError],
    words: str,
) -> None:
    """It is said why, and nothing is written."""
    draft = add(drafts, film)
    shown = seen(draft)
    spoil(drafts, draft, film)
    before, files = drafts.get(draft.draft_id), left_of(drafts)
    with pytest.raises(error, match=words):
        sign_draft(drafts, draft.draft_id, shown, SIGNATURE, FORM)
    assert (drafts.get(draft.draft_id), left_of(drafts)) == (before, files)


def test_what_has_no_status_to_be_signed_is_refused(drafts: Drafts, film: Path) -> None:
    """What is held, what is signed, what was never signed; another report than was on the screen."""
    draft = add(drafts, film)
    with pytest.raises(DraftRefused, match="is not signed; sign it"):
        amended(drafts, draft)
    with pytest.raises(StaleDraft, match="is not the report that was looked at"):
        sign_draft(drafts, draft.draft_id, seen(draft, record_of(5)), SIGNATURE, FORM)
    draft = drafts.hold(draft.draft_id, draft.etag, "why", by=OTHER)
    with pytest.raises(DraftRefused, match="is held; release it first"):
        signed(drafts, draft)
    draft = drafts.release(draft.draft_id, draft.etag, by=OTHER)
    draft = signed(drafts, draft)
    with pytest.raises(DraftRefused, match="is signed already; amend it"):
        signed(drafts, draft)


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        (Signature(name="^", organization="H", signed_at=AT), "--as: names nobody"),
        (Signature(name=READER, organization=" ", signed_at=AT), "--organization: names nobody"),
        (
            Signature(name=READER, organization="H", signed_at=AT.replace(year=2025)),
            r"\$\.graded_at",
        ),
        (Signature(name="Grader", organization="H", signed_at=AT), "is the algorithm that graded"),
    ],
)
def test_who_cannot_sign_leaves_nothing(
    drafts: Drafts, film: Path, signature: Signature, words: str
) -> None:
    """What the command line refuses is refused here, in its words, and the draft is as it was."""
    draft = add(drafts, film)
    with pytest.raises(HosrError, match=words):
        sign_draft(drafts, draft.draft_id, seen(draft), signature, FORM)
    assert (drafts.get(draft.draft_id), left_of(drafts)) == (draft, [])
    signed(drafts, draft)


def test_an_amendment_that_says_nothing_else_leaves_nothing(drafts: Drafts, film: Path) -> None:
    """Nor does one without a reason; the version before has no successor then."""
    draft = signed(drafts, add(drafts, film))
    files = left_of(drafts)
    for record, reason in ((record_of(), "Again."), (record_of(5), " ")):
        amendment = Amendment(record=record, reason=reason)
        with pytest.raises(UsageError):
            amend_draft(drafts, draft.draft_id, seen(draft, record), LATER, amendment, FORM)
    assert (drafts.get(draft.draft_id), left_of(drafts)) == (draft, files)


def _with_an_earlier_study(drafts: Drafts, film: Path) -> tuple[Draft, Draft]:
    """A study of the year before, signed, and the one that is compared with it, signed too."""
    dates = {"StudyDate": "20250101", "ContentDate": "20250101"}
    before = write_film(film.with_name("before.dcm"), **another_study(7, **dates))
    earlier = signed(drafts, add(drafts, before, {**record_of(15), "study": {}}))
    return earlier, signed(drafts, add(drafts, film))


def _compared_with(draft: Draft) -> tuple[tuple[str, ...], ...]:
    """The documents that each hip of the newest version is compared with."""
    report = read_version(Path(draft.versions[-1])).report
    compared = (each.compared for each in report.lookbacks if each.compared is not None)
    return tuple(
        tuple(document.sop_instance_uid for document in each.report.documents) for each in compared
    )


def test_an_amendment_is_compared_with_what_was_shown(drafts: Drafts, film: Path) -> None:
    """With the earlier report as it is now: amended since, or withdrawn and then with none."""
    earlier, draft = _with_an_earlier_study(drafts, film)
    assert _compared_with(draft)[0][0] == earlier.document_uid
    record = {**record_of(14), "study": {}}
    amendment = Amendment(record=record, reason="The gap was read again.")
    newer = amend_draft(drafts, earlier.draft_id, seen(earlier, record), LATER, amendment, FORM)
    draft = drafts.get(draft.draft_id)
    shown = seen(draft, record_of(6))
    amendment = Amendment(record=record_of(6), reason="The gap was read again.")
    draft = amend_draft(drafts, draft.draft_id, shown, LATER, amendment, FORM)
    assert _compared_with(draft)[0][0] == newer.document_uid
    versions.withdraw(
        newer.versions[-1],
        drafts.folder / "withdrawn",
        replace(LATER, signed_at=LATER.signed_at + dt.timedelta(days=1)),
        reason=WithdrawalReason.WRONG_PATIENT,
    )
    signature = replace(LATER, signed_at=LATER.signed_at + dt.timedelta(days=2))
    amendment = Amendment(record=record_of(6), reason="The earlier report was withdrawn.")
    draft = amend_draft(
        drafts, draft.draft_id, seen(draft, record_of(6)), signature, amendment, FORM
    )
    assert _compared_with(draft) == ()
    report = read_version(Path(draft.versions[-1])).report
    assert report.signing is not None
    assert report.signing.changes == (OtherChange(side=None),)


def test_an_amendment_whose_comparison_stays_says_nothing_of_it(drafts: Drafts, film: Path) -> None:
    """Only what was changed is told as changed."""
    earlier, draft = _with_an_earlier_study(drafts, film)
    draft = amended(drafts, draft, 6)
    report = read_version(Path(draft.versions[-1])).report
    assert _compared_with(draft)[0][0] == earlier.document_uid
    assert report.signing is not None
    assert OtherChange(side=None) not in report.signing.changes


def test_a_clock_that_went_back_amends_nothing(drafts: Drafts, film: Path) -> None:
    """A version is known as the later one by its time: none is signed before the one that it follows."""
    draft = signed(drafts, add(drafts, film))
    files, record = left_of(drafts), record_of(6)
    amendment = Amendment(record=record, reason="The gap was read again.")
    for seconds in (0, -1, -3600):
        at = replace(LATER, signed_at=AT + dt.timedelta(seconds=seconds))
        with pytest.raises(UsageError, match="--at: is not later than 2026-03-02 11:20:00"):
            amend_draft(drafts, draft.draft_id, seen(draft, record), at, amendment, FORM)
        assert (drafts.get(draft.draft_id), left_of(drafts)) == (draft, files)


def test_the_same_amendment_with_other_grades_is_another_one(drafts: Drafts, film: Path) -> None:
    """Of two amendments at once that differ in a grade alone, the second is told of the first."""
    record = record_of(12)
    first, second = (
        Amendment(record=record, decisions=tuple(grades), reason="Read again.")
        for grades in (
            ["right:brooker=II", "right:della_valle=B"],
            ["right:brooker=III", "right:della_valle=C"],
        )
    )
    draft = signed(drafts, add(drafts, film))
    shown = seen(draft, record)
    done = amend_draft(drafts, draft.draft_id, shown, LATER, first, FORM)
    assert amend_draft(drafts, draft.draft_id, shown, LATER, first, FORM) == done
    with pytest.raises(StaleDraft):
        amend_draft(drafts, draft.draft_id, shown, LATER, second, FORM)
    assert drafts.get(draft.draft_id) == done


def _rename(before: Path, after: Path) -> None:
    before.rename(after)


def _copy_without_times(before: Path, after: Path) -> None:
    shutil.copytree(before, after, copy_function=shutil.copyfile)
    shutil.rmtree(before)


@pytest.mark.parametrize("move", [_rename, _copy_without_times])
def test_a_store_that_was_moved_goes_on(
    drafts: Drafts, film: Path, tmp_path: Path, move: Callable[[Path, Path], None]
) -> None:
    """Images, drafts and versions that lie in the folder go with it, signed ones are amended there."""
    drafts.received.mkdir()
    inside = drafts.received / "film.dcm"
    shutil.copyfile(film, inside)
    name = signed(drafts, add(drafts, inside)).draft_id
    other = write_film(drafts.received / "other.dcm", **another_study(2))
    waiting = add(drafts, other, record_of(5)).draft_id
    drafts.close()
    moved = tmp_path / "moved"
    move(drafts.folder, moved)
    film.unlink()
    with opened(moved) as again:
        draft = amended(again, again.get(name))
        assert [Path(each).parent for each in draft.versions] == [moved / "reports" / name] * 2
        assert draft.images == (str(moved / "received" / "film.dcm"),)
        assert signed(again, again.get(waiting)).status is Status.SIGNED


def test_of_two_who_sign_at_once_one_does(drafts: Drafts, film: Path) -> None:
    """The other is told that the draft was changed; there is one version."""
    draft = add(drafts, film)
    shown, told = seen(draft), drafts.folder / "told"
    told.mkdir()

    def sign(signature: Signature) -> None:
        with opened(drafts.folder) as own:
            try:
                sign_draft(own, draft.draft_id, shown, signature, FORM)
            except StaleDraft:
                (told / "stale").touch()

    assert in_children(partial(sign, SIGNATURE), partial(sign, LATER)) == [0, 0]
    assert (told / "stale").exists()
    done = drafts.get(draft.draft_id)
    assert [Path(each).name for each in done.versions] == ["1"]
    version = read_version(Path(done.versions[0]))
    assert version.report.signing is not None
    assert version.report.signing.signature.name == done.signed_by


def test_what_a_dead_process_began_is_changed_and_signed(drafts: Drafts, film: Path) -> None:
    """Its files are taken back first, whatever the draft says since."""
    draft = add(drafts, film)
    out = drafts.reports(draft.draft_id) / "1"
    drafts.begin_signing(draft.draft_id, draft.etag, Event.SIGN, out, by=OTHER)
    for folder in (out, out.with_name("draft")):
        folder.mkdir(parents=True)
        (folder / "report.txt").write_text("begun")
    draft = drafts.change(draft.draft_id, draft.etag, changed(film, record_of(5)), by=READER)
    done = signed(drafts, draft)
    assert (done.signed_by, done.signing_by, done.versions) == (READER, "", (str(out),))
    assert (out / "report.txt").read_text("utf-8") != "begun"


def test_no_log_line_names_anybody(
    drafts: Drafts, film: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither who was imaged nor who read, whatever is done or refused."""
    caplog.set_level(logging.DEBUG, "hosr")
    draft = drafts.hold((draft := add(drafts, film)).draft_id, draft.etag, "Müller", by=READER)
    with pytest.raises(DraftRefused) as refused:
        signed(drafts, draft)
    draft = drafts.release(draft.draft_id, draft.etag, by=READER)
    with pytest.raises(StaleDraft) as stale:
        drafts.hold(draft.draft_id, "another", "why", by=READER)
    amended(drafts, signed(drafts, draft))
    assert [record.getMessage() for record in caplog.records if "sign" in record.getMessage()]
    said = f"{caplog.text} {refused.value} {stale.value} {draft} {drafts.listed()}"
    assert not [name for name in (*SECRETS, "Rossi", "Meier") if name in said]


def test_what_cannot_be_written_leaves_nothing_of_a_signature(drafts: Drafts, film: Path) -> None:
    """It is said why, and the same step again signs once there is room."""
    draft = add(drafts, film)
    in_the_way = drafts.folder / "reports"
    in_the_way.write_bytes(b"")
    with pytest.raises(UsageError, match=r"draft: cannot be written \(Not a directory\)"):
        signed(drafts, draft)
    assert drafts.get(draft.draft_id) == draft
    assert in_the_way.read_bytes() == b""
    in_the_way.unlink()
    assert signed(drafts, draft).status is Status.SIGNED


# A disk of its own, small enough to be filled.
DISK = """
mount -t tmpfs -o size=2m tmpfs "$1"
"$0" -m tests.drafts.filling "$1" "$2"
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="has no disks of its own")
@pytest.mark.parametrize("step", ["sign", "amend"])
def test_a_full_disk_leaves_nothing_of_a_signature(tmp_path: Path, step: str) -> None:
    """However much room there is: it is said, and with more room the same step again signs."""
    call = [
        "unshare",
        "--mount",
        "--map-root-user",
        "sh",
        "-c",
        DISK,
        sys.executable,
        str(tmp_path),
        step,
    ]
    ran = subprocess.run(call, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    *refused, last = json.loads(ran.stdout)
    assert last == {"said": ""}
    assert len(refused) > 5
    for each in refused:
        assert re.search("the disk is full|No space left on device", each.pop("said"))
        versions = 2 if step == "amend" else 1
        assert each == {"left": [], "is_same": True, "then": "signed", "versions": versions}


def test_a_copy_with_another_time_is_the_same_image(drafts: Drafts, film: Path) -> None:
    """A file that was put back from a backup is read, and holds what it held."""
    draft = add(drafts, film)
    os.utime(film, ns=(1, 1))
    assert signed(drafts, draft).status is Status.SIGNED


def killed_at_link(number: int, do: Callable[[], object]) -> Callable[[], object]:
    """Do it in a process that is killed (-9) before it gives this file its name."""
    link, calls = os.link, 0

    def dying(*arguments: object, **options: object) -> None:
        nonlocal calls
        calls += 1
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        link(*arguments, **options)  # type: ignore[arg-type]

    def die() -> object:
        os.link = dying
        return do()

    return die


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no kill -9")
@pytest.mark.parametrize("amends", [False, True], ids=["signed", "amended"])
@pytest.mark.parametrize("killed", [killed_at_link, killed_at_statement])
def test_a_kill_at_any_file_or_statement_leaves_one_signature_or_none(
    tmp_path: Path,
    film: Path,
    killed: Callable[[int, Callable[[], object]], Callable[[], object]],
    amends: bool,
) -> None:
    """What was not noted is taken back, and the same step again ends as if nothing had been."""
    folder = tmp_path / "drafts"
    with opened(folder) as drafts:
        draft = add(drafts, film)
        draft = signed(drafts, draft) if amends else draft
        before = left_of(drafts)

    def take_step() -> Draft:
        with opened(folder) as drafts:
            return amended(drafts, draft) if amends else signed(drafts, draft)

    kills = 0
    while in_a_child(killed(kills + 1, take_step)) == -signal.SIGKILL:
        kills += 1
        with opened(folder) as drafts:
            settle(drafts)
            there = drafts.get(draft.draft_id)
            if there.etag == draft.etag:
                assert (there, left_of(drafts)) == (draft, before)
                continue
            assert len(there.versions) == len(draft.versions) + 1
            read_version(Path(there.versions[-1]))
    done = take_step()
    with opened(folder) as drafts:
        assert drafts.get(draft.draft_id) == done
        assert drafts.signing() == ()
    assert kills >= 7
    assert read_version(Path(done.versions[-1])).documents[0].sop_instance_uid == done.document_uid
