"""Reports of hosr that a viewer redrew, which come without the report that they were drawn over."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import UID

from hosr.drafts import Draft, Drafts, Status
from tests.annotations.viewers.files import redrawn_in_ohif
from tests.command import hosr
from tests.drafts.signatures import signed
from tests.watch.watching import SAMPLES, Place, events_of, sample

SAMPLE = SAMPLES / "brooker-3"
DRAGGED = [152.5, 389.0, 120.0, 430.0]
OLD_AND_NEW = "gap: 6.2 mm -> 17.3 mm; Brooker III -> II; Della Valle C -> B"
ROME = ("--timezone", "Europe/Rome", "--as", "Neri^Ada")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with a draft of the sample."""
    place = Place(root=tmp_path / "place")
    sample(place, "brooker-3")
    assert place.once().code == 0
    return place


def report_of(folder: Path, *options: str) -> pydicom.Dataset:
    """The measurement report of the sample, as somebody made it."""
    made = ("--make", "measurement", "--out", folder, *options)
    assert hosr("report", SAMPLE / "record.json", "--images", SAMPLE / "images", *made).code == 0
    return pydicom.dcmread(folder / "measurement.dcm")


def put(place: Place, drawn: pydicom.Dataset, name: str = "redrawn.dcm") -> None:
    """What a viewer saved, in the inbox."""
    drawn.save_as(place.inbox / name)


def only(place: Place) -> Draft:
    """The only draft."""
    (listed,) = place.listed()
    return place.draft(listed.draft_id)


def newer(place: Place, former: Draft) -> Draft:
    """The other one of two."""
    (listed,) = [each for each in place.listed() if each.draft_id != former.draft_id]
    return place.draft(listed.draft_id)


def told(draft: Draft, what: str = "read") -> list[str]:
    """What is told of how it was made."""
    return [entry["words"] for entry in draft.account[what]]


def test_a_redraw_of_a_draft_that_was_sent_is_known_by_its_report(place: Place) -> None:
    """Calibration, side and findings are those of the draft; old against new is told; that one is held."""
    former = only(place)
    put(place, redrawn_in_ohif(report_of(place.root / "sent"), DRAGGED))
    ran = place.once(*ROME)
    draft = newer(place, former)
    assert events_of(ran) == [f"draft {draft.draft_id}: of redrawn.dcm, follows {former.draft_id}"]
    assert OLD_AND_NEW in told(draft)
    (hip,), (was,) = draft.record["hips"], former.record["hips"]
    assert (hip["side"], hip["spurs"], hip["stage"]) == (was["side"], was["spurs"], was["stage"])
    assert hip["calibration"]["true_mm"] == was["calibration"]["true_mm"]
    assert "grades" not in hip
    assert draft.record["observer"] == {"type": "person", "name": "Neri^Ada"}
    held = place.draft(former.draft_id)
    assert held.status is Status.HELD
    assert held.hold_reason == f"redrawn in a viewer: draft {draft.draft_id}"


def test_a_redraw_of_what_was_signed_here_touches_nothing_of_it(place: Place) -> None:
    """The signed version is the report before; that it is signed is told."""
    with Drafts(place.drafts, clock=time.time) as drafts:
        former = signed(drafts, drafts.open(only(place).draft_id, by="Rossi^Maria"))
    version = pydicom.dcmread(Path(former.versions[-1]) / "measurement.dcm")
    put(place, redrawn_in_ohif(version, DRAGGED))
    place.once(*ROME)
    draft = newer(place, former)
    assert OLD_AND_NEW in told(draft)
    assert draft.follows == former.draft_id
    assert any("a report that is signed" in words for words in told(draft, "assumed"))
    assert place.draft(former.draft_id) == former


def _received(place: Place, report: pydicom.Dataset) -> tuple[object, ...]:
    Drafts(place.drafts, clock=time.time).close()
    folder = place.drafts / "received" / report.StudyInstanceUID
    folder.mkdir(parents=True)
    report.save_as(folder / f"{report.SOPInstanceUID}.dcm")
    return ()


def _archived(place: Place, report: pydicom.Dataset) -> tuple[object, ...]:
    folder = place.root / "archive"
    folder.mkdir()
    report.save_as(folder / f"{report.SOPInstanceUID}.dcm")
    return ("--images", place.images, f"file://{folder}")


@pytest.mark.parametrize("somewhere", [_received, _archived])
def test_a_report_that_is_no_draft_here_is_found(
    somewhere: Callable[[Place, pydicom.Dataset], tuple[object, ...]], tmp_path: Path
) -> None:
    """Among what was received, then in the archive: the drawing is of its calibration and findings."""
    place = Place(root=tmp_path / "place")
    shutil.copytree(SAMPLE / "images", place.images / "brooker-3")
    report = report_of(tmp_path / "made", "--hydrate")
    options = somewhere(place, report)
    put(place, redrawn_in_ohif(report, DRAGGED))
    ran = place.once(*ROME, *options)
    draft = only(place)
    assert events_of(ran) == [f"draft {draft.draft_id}: of redrawn.dcm"]
    assert OLD_AND_NEW in told(draft)


def test_a_redraw_of_a_redraw_goes_back_to_the_report(place: Place) -> None:
    """By way of the drawing that was read here before; each follows the one before it."""
    first_draft = only(place)
    report = report_of(place.root / "sent")
    first = redrawn_in_ohif(report, DRAGGED)
    put(place, first, "first.dcm")
    place.once(*ROME)
    second_draft = newer(place, first_draft)
    last = redrawn_in_ohif(first, [150.5, 389.0, 118.0, 430.0])
    last.SOPInstanceUID = last.file_meta.MediaStorageSOPInstanceUID = UID("2.25.1202")
    put(place, last, "last.dcm")
    (event,) = events_of(place.once(*ROME))
    assert event.startswith("draft "), place.reason("last.dcm")
    draft = place.draft(event.split(" ")[1].rstrip(":"))
    assert draft.record["hips"][0]["calibration"]["true_mm"] == 32.0
    assert draft.follows == second_draft.draft_id
    assert place.draft(second_draft.draft_id).status is Status.HELD


def test_a_report_that_is_nowhere_is_asked_for(tmp_path: Path) -> None:
    """Its lines are never measured without its calibration, and the reason says what is missing."""
    place = Place(root=tmp_path / "place")
    shutil.copytree(SAMPLE / "images", place.images / "brooker-3")
    report = report_of(tmp_path / "made", "--hydrate")
    put(place, redrawn_in_ohif(report, DRAGGED))
    (event,) = events_of(place.once(*ROME))
    assert event == "refused redrawn.dcm: see refused/redrawn.dcm.reason.txt"
    assert place.reason("redrawn.dcm") == (
        f"redrawn.dcm: was drawn over report {report.SOPInstanceUID}, whose calibration and findings it does "
        "not hold; name that report with `hosr import --prior`\n"
    )
    assert place.listed() == ()


def test_a_redraw_of_a_report_that_was_withdrawn_is_refused(place: Place) -> None:
    """Nothing is made of what does not hold."""
    with Drafts(place.drafts, clock=time.time) as drafts:
        former = signed(drafts, drafts.open(only(place).draft_id, by="Rossi^Maria"))
    version = Path(former.versions[-1])
    ran = hosr(
        *("withdraw", version, "--as", "Rossi^Maria", "--organization", "Example Hospital"),
        *("--reason", "wrong-patient", "--out", place.root / "gone"),
    )
    assert ran.code == 0, ran.err
    put(place, redrawn_in_ohif(pydicom.dcmread(version / "measurement.dcm"), DRAGGED))
    (event,) = events_of(place.once(*ROME))
    assert event.startswith("refused redrawn.dcm")
    assert "was withdrawn" in place.reason("redrawn.dcm")
    assert len(place.listed()) == 1


def test_newer_images_follow_the_redraw_and_not_what_was_redrawn(place: Place) -> None:
    """There is one new draft: that of the lines that hold."""
    former = only(place)
    put(place, redrawn_in_ohif(report_of(place.root / "sent"), DRAGGED))
    place.once(*ROME)
    redrawn = newer(place, former)
    later = pydicom.dcmread(next((place.images / "brooker-3").iterdir()))
    later.SOPInstanceUID = later.file_meta.MediaStorageSOPInstanceUID = UID("2.25.1203")
    later.save_as(place.images / "later.dcm")
    (event,) = events_of(place.once(*ROME))
    assert event.startswith("newer ")
    assert event.endswith(f"follows {redrawn.draft_id}")
    assert len(place.listed()) == 3


def test_two_persons_who_redraw_one_report_are_two_drafts(place: Place) -> None:
    """Each follows the report, and neither is put back for the other: nobody's reading is lost."""
    former = only(place)
    report = report_of(place.root / "sent")
    for number, points in enumerate((DRAGGED, [150.5, 389.0, 118.0, 430.0]), start=1):
        drawn = redrawn_in_ohif(report, points)
        drawn.SOPInstanceUID = drawn.file_meta.MediaStorageSOPInstanceUID = UID(f"2.25.{number}")
        put(place, drawn, f"{number}.dcm")
    place.once(*ROME)
    drafts = [place.draft(each.draft_id) for each in place.listed()]
    assert sorted((each.follows, each.status) for each in drafts) == [
        ("", Status.HELD),
        (former.draft_id, Status.WAITING),
        (former.draft_id, Status.WAITING),
    ]
