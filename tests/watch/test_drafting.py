"""Which results become drafts, which are refused, and which wait: worked off in one go."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hosr.drafts import Drafts, Status
from hosr.drafts.imagery import find_changed_images
from tests.drafts.signatures import signed
from tests.images import FILM_UID, STUDY_UID
from tests.privileges import unprivileged
from tests.watch.watching import (
    SAMPLES,
    Place,
    events_of,
    put_record,
    record_of,
    sample,
    write_film,
)

LATER_UID = "1.2.826.0.1.1.1.2"
_NOBODY = (65534, 65534)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with a film, which records may be of."""
    place = Place(root=tmp_path)
    write_film(place.images / "film.dcm")
    return place


def _only(place: Place) -> str:
    (listed,) = place.listed()
    return listed.draft_id


def test_a_record_becomes_a_draft_with_its_images(place: Place) -> None:
    """The draft has the record as it came, the images of its study and of no other, and is waiting."""
    write_film(place.images / "other" / "x.dcm", StudyInstanceUID="1.2.3", SOPInstanceUID="1.2.3.1")
    put_record(place)
    ran = place.once()
    draft = place.draft(_only(place))
    assert (ran.code, events_of(ran)) == (0, [f"draft {draft.draft_id}: of result.json"])
    assert draft.record == draft.original
    assert draft.record["study"]["study_instance_uid"] == STUDY_UID
    assert draft.images == (str(place.images / "film.dcm"),)
    assert (draft.status, draft.made_from) == (Status.WAITING, ("result.json",))
    assert place.lying() == ["done/result.json"]
    assert ran.is_safe_to_read


@pytest.mark.slow
@pytest.mark.parametrize(
    ("study", "files"),
    [
        ("ct", ("segmentation.dcm", "labels.toml")),
        ("ct", ("mask.nii.gz", "labels.toml")),
        ("brooker-3", ("outlines.json", "labels.toml")),
    ],
)
def test_a_folder_with_labels_is_one_result(
    study: str, files: tuple[str, ...], tmp_path: Path
) -> None:
    """Masks and outlines are imported with the labels beside them, as `hosr import` does.

    A folder that is named by the study says which one they are of.
    """
    place = Place(root=tmp_path)
    shutil.copytree(SAMPLES / study / "images", place.images / study)
    record = json.loads((SAMPLES / study / "record.json").read_text())
    uid = record["study"]["study_instance_uid"]
    folder = place.inbox / uid
    folder.mkdir()
    for name in files:
        shutil.copy(SAMPLES / study / name, folder)
    ran = place.once("--file-time")
    (listed,) = place.listed()
    draft = place.draft(listed.draft_id)
    assert events_of(ran) == [f"draft {draft.draft_id}: of {uid}"]
    assert listed.study_instance_uid == uid
    assert listed.is_algorithm
    assert draft.account["read"][0]["place"].startswith(files[0])
    assert len(draft.images) == len(list((SAMPLES / study / "images").iterdir()))
    assert place.lying() == [f"done/{uid}/{name}" for name in sorted(files)]


def test_a_contradiction_is_a_draft_for_a_person(place: Place) -> None:
    """What contradicts itself is of its images all the same: a person decides, before all else."""
    record = record_of()
    record["hips"][0] |= {"presence": "absent", "grades": {"brooker": "IV"}}
    (place.inbox / "result.json").write_text(json.dumps(record))
    assert events_of(place.once()) == [f"draft {_only(place)}: of result.json"]
    (listed,) = place.listed()
    assert listed.urgency == 5


REFUSED: dict[str, tuple[Callable[[], dict[str, object]], str]] = {
    "another patient": (
        lambda: record_of(patient_id="P-1"),
        (
            "$.study.patient_id: is not that of the images; give the images that were graded, or correct the "
            "record\n"
        ),
    ),
    "another order": (
        lambda: record_of(accession_number="A-1"),
        (
            "$.study.accession_number: is not that of the images; give the images that were graded, or correct "
            "the record\n"
        ),
    ),
    "no study": (
        lambda: record_of() | {"study": {"accession_number": "A-17"}},
        (
            "result.json: does not name its study; write study.study_instance_uid into the record, or put it "
            "into a folder that is named by its Study Instance UID\n"
        ),
    ),
    "a mark beside the image": (
        lambda: _marked_at([[10, 10], [900, 10]]),
        "$.hips[0].gap.points: the point [900, 10] lies outside the image",
    ),
    "a record that is none": (
        lambda: record_of() | {"view": "sideways"},
        "$.view: ",
    ),
}


def _marked_at(points: list[list[float]]) -> dict[str, object]:
    record = record_of()
    record["hips"][0]["gap"] = {"points": points, "image": FILM_UID}
    return record


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_of_the_images_is_refused_with_the_reason(
    make: Callable[[], dict[str, object]], reason: str, place: Place
) -> None:
    """It lies in `refused`, as it was, with every fault beside it; there is no draft."""
    text = json.dumps(make())
    (place.inbox / "result.json").write_text(text)
    ran = place.once()
    assert events_of(ran) == ["refused result.json: see refused/result.json.reason.txt"]
    assert place.listed() == ()
    assert place.lying() == ["refused/result.json", "refused/result.json.reason.txt"]
    assert (place.inbox / "refused" / "result.json").read_text() == text
    assert place.reason("result.json").startswith(reason)
    assert ran.is_safe_to_read


def test_a_side_that_the_image_denies_is_refused(tmp_path: Path) -> None:
    """A record of the right hip is never put on an image of the left one."""
    place = Place(root=tmp_path)
    write_film(place.images / "film.dcm", ImageLaterality="L", ViewPosition="LL")
    put_record(place)
    assert events_of(place.once())[0].startswith("refused result.json")
    assert place.listed() == ()


def test_a_study_with_two_patients_is_refused(place: Place) -> None:
    """Nobody knows whose hip it is."""
    write_film(place.images / "b.dcm", SOPInstanceUID=LATER_UID, PatientID="P-2", PatientName="B^C")
    put_record(place)
    assert events_of(place.once())[0].startswith("refused result.json")
    assert "patient" in place.reason("result.json").lower()
    assert place.listed() == ()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"PatientID": "P-2", "PatientName": "B^C"}, "refused"),
        ({"PatientBirthDate": "19010101"}, "refused"),
        ({"InstitutionName": "Elsewhere"}, "draft"),
    ],
)
def test_a_copy_of_an_image_that_is_of_another_person_is_refused(
    changes: dict[str, str], kind: str, place: Place
) -> None:
    """One was corrected, and nobody knows which: what lies in the first place is not just taken."""
    write_film(place.images / "film.dcm", PatientBirthDate="19600101")
    corrected = {"PatientBirthDate": "19600101", **changes}
    Drafts(place.drafts, clock=time.time).close()
    write_film(place.drafts / "received" / STUDY_UID / f"{FILM_UID}.dcm", **corrected)
    put_record(place)
    (event,) = events_of(place.once())
    assert event.split(" ")[0] == kind
    if kind == "refused":
        assert "lie in two places, and name two persons" in place.reason("result.json")


def test_a_folder_in_the_folder_of_a_result_is_not_lost(place: Place) -> None:
    """What is deeper is not read; it is refused, and not put away among what is done."""
    put_record(place, "a.json")
    folder = place.inbox / STUDY_UID
    for name in ("a.json", "more/b.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(record_of()))
    events = [line.split(" ")[0] for line in events_of(place.once())]
    assert sorted(events) == ["draft", "refused"]
    assert "holds b.json, which lies in a folder of its own" in place.reason(STUDY_UID)


def test_images_that_were_moved_are_found_again(place: Place) -> None:
    """An archive of files is put in order: the draft is the same, and can be signed; other bytes are not taken."""
    put_record(place)
    place.once()
    draft_id = _only(place)
    before = place.draft(draft_id)
    (place.images / "2026").mkdir()
    moved = (place.images / "film.dcm").rename(place.images / "2026" / "film.dcm")
    assert events_of(place.once()) == []
    draft = place.draft(draft_id)
    assert (draft.images, draft.etag) == ((str(moved),), before.etag)
    with Drafts(place.drafts, clock=time.time) as drafts:
        signed(drafts, drafts.open(draft_id, by="Rossi^Maria"))
    write_film(place.images / "other.dcm", InstitutionName="Elsewhere")
    moved.unlink()
    place.once()
    assert place.draft(draft_id).images == (str(moved),)
    assert len(place.listed()) == 1


def test_files_that_are_being_copied_are_no_images(place: Place) -> None:
    """Whole or not, a hidden file or one that is called unfinished is gone in a moment."""
    for name in (".film.dcm.Xa31bc", "later.dcm.part"):
        write_film(place.images / name, SOPInstanceUID=LATER_UID)
    put_record(place)
    place.once()
    assert place.draft(_only(place)).images == (str(place.images / "film.dcm"),)


def test_a_result_waits_for_its_images(tmp_path: Path) -> None:
    """It stays where it is, and becomes a draft once they are there."""
    place = Place(root=tmp_path)
    put_record(place)
    words = f"no image of study {STUDY_UID} is here"
    assert events_of(place.once()) == [f"waiting result.json: {words}"]
    assert place.lying() == ["result.json"]
    write_film(place.images / "film.dcm")
    assert events_of(place.once()) == [f"draft {_only(place)}: of result.json"]


def test_a_result_waits_for_every_image_that_it_names(place: Place) -> None:
    """Another image of the study will not do."""
    record = _marked_at([[10, 10], [18, 10]])
    record["hips"][0]["gap"]["image"] = LATER_UID  # type: ignore[index]
    (place.inbox / "result.json").write_text(json.dumps(record))
    told = "waiting result.json: 1 of the 1 images that it names is not here"
    assert events_of(place.once()) == [told]
    write_film(place.images / "later.dcm", SOPInstanceUID=LATER_UID)
    assert events_of(place.once()) == [f"draft {_only(place)}: of result.json"]


def test_who_waits_for_too_long_is_told_of_once(tmp_path: Path) -> None:
    """After the patience there is one alert, over all restarts; the result stays where it is."""
    place = Place(root=tmp_path)
    put_record(place)
    first, second = (events_of(place.once("--patience", "0")) for _ in range(2))
    words = f"no image of study {STUDY_UID} is here"
    assert first == [
        f"waiting result.json: {words}",
        f"alert result.json: has waited for 0 s: {words}",
    ]
    assert second == first[:1]
    assert place.lying() == ["result.json"]


def test_the_same_result_again_is_the_draft_that_is_there(place: Place) -> None:
    """Whatever it is called, and also after the draft was opened: there is one draft, kept as it is."""
    put_record(place)
    place.once()
    draft_id = _only(place)
    with Drafts(place.drafts, clock=time.time) as drafts:
        opened = drafts.open(draft_id, by="Rossi^Maria")
    for name in ("result.json", "again.json"):
        put_record(place, name)
        assert events_of(place.once()) == [f"known {draft_id}: of {name}"]
    assert place.draft(draft_id) == opened
    assert place.lying() == ["done/again.json", "done/result.json", "done/result.json.2"]


def test_a_newer_image_makes_a_new_draft(place: Place) -> None:
    """The former is held where nobody has it in hand, and the new one says which it follows."""
    put_record(place)
    place.once()
    former = _only(place)
    write_film(place.images / "later.dcm", SOPInstanceUID=LATER_UID)
    ran = place.once()
    (newer,) = [each.draft_id for each in place.listed() if each.draft_id != former]
    assert events_of(ran) == [f"newer {newer}: of result.json, follows {former}"]
    assert place.draft(newer).follows == former
    assert len(place.draft(newer).images) == 2
    held = place.draft(former)
    assert (held.status, held.hold_reason) == (Status.HELD, f"newer images: draft {newer}")
    assert events_of(place.once()) == []


def test_a_result_that_cannot_follow_newer_images_keeps_no_other_from_it(place: Place) -> None:
    """Of two results of a study one names its order, which a newer image denies: the other one follows."""
    film = place.images / "film.dcm"
    write_film(film, AccessionNumber="A-1")
    put_record(place, "a.json", accession_number="A-1")
    other = record_of()
    other["observer"]["name"] = "Verdi^Anna"
    (place.inbox / "b.json").write_text(json.dumps(other))
    place.once()
    assert len(place.listed()) == 2
    write_film(film, AccessionNumber="A-2")
    write_film(place.images / "later.dcm", SOPInstanceUID=LATER_UID, AccessionNumber="A-2")
    kinds = [line.split(" ")[0] for line in events_of(place.once())]
    assert sorted(kinds) == ["alert", "newer"]


def _files_below(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("status", [Status.OPENED, Status.SIGNED])
def test_a_draft_in_hand_or_signed_is_not_touched_by_newer_images(
    status: Status, place: Place
) -> None:
    """Nothing of it changes, nor what was signed; the new draft is beside it."""
    put_record(place)
    place.once()
    former = _only(place)
    with Drafts(place.drafts, clock=time.time) as drafts:
        draft = drafts.open(former, by="Rossi^Maria")
        if status is Status.SIGNED:
            draft = signed(drafts, draft)
    signed_files = _files_below(place.drafts / "reports")
    assert bool(signed_files) == (status is Status.SIGNED)
    write_film(place.images / "later.dcm", SOPInstanceUID=LATER_UID)
    place.once()
    assert place.draft(former) == draft
    assert _files_below(place.drafts / "reports") == signed_files
    assert [each.status for each in place.listed() if each.draft_id != former] == [Status.WAITING]


def test_newer_images_of_another_patient_are_an_alert(place: Place) -> None:
    """The draft stays as it is: nothing is made of images that cannot be one study."""
    put_record(place)
    place.once()
    draft = place.draft(_only(place))
    write_film(place.images / "b.dcm", SOPInstanceUID=LATER_UID, PatientID="P-2", PatientName="B^C")
    (event,) = events_of(place.once())
    begin = f"alert study {STUDY_UID}: newer images cannot be used for result.json: "
    assert event.startswith(begin)
    assert place.draft(draft.draft_id) == draft
    assert len(place.listed()) == 1


def test_what_hosr_wrote_itself_wakes_nobody(place: Place, tmp_path: Path) -> None:
    """Its report in the inbox is refused; its objects beside the images are no images of the study."""
    from tests.command import hosr

    record = tmp_path / "record.json"
    record.write_text(json.dumps(record_of()))
    made = ["report", record, "--images", place.images, "--out", place.images / "report"]
    assert hosr(*made, "--make", "measurement,captures").code == 0
    put_record(place)
    shutil.copy(place.images / "report" / "measurement.dcm", place.inbox / "own.dcm")
    ran = place.once()
    assert events_of(ran) == [
        "refused own.dcm: see refused/own.dcm.reason.txt",
        f"draft {_only(place)}: of result.json",
    ]
    assert "was made by hosr itself" in place.reason("own.dcm")
    assert place.draft(_only(place)).images == (str(place.images / "film.dcm"),)


def test_names_show_nothing_but_text(place: Place) -> None:
    """A line feed, markup and bytes of no encoding in a name end on one line, and in `done`."""
    names = [b"a\nalert b.json", b"<script>alert(1)<", b"\xff\xfe.json", b"-rf .json", b"x" * 250]
    for name in names:
        path = os.fsencode(place.inbox) + b"/" + name
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 (bytes)
            file.write(json.dumps(record_of()))
    ran = place.once()
    assert len(place.listed()) == 1
    assert sorted(line.split(" ")[0] for line in events_of(ran)) == ["draft", *["known"] * 4]
    assert len(ran.out.splitlines()) == 7
    done = [os.fsencode(path.name) for path in (place.inbox / "done").iterdir()]
    assert sorted(done) == sorted([*names[:4], b"x" * 200])


@pytest.mark.parametrize("target", ["/etc/passwd", "nowhere", "."])
def test_a_link_is_refused_and_not_followed(target: str, place: Place) -> None:
    """Whatever it points to, the link itself is put aside, and what it points to stays as it is."""
    (place.inbox / "link.json").symlink_to(target)
    folder = place.inbox / "folder"
    folder.mkdir()
    (folder / "record.json").symlink_to(place.images / "film.dcm")
    ran = place.once()
    assert [line.split(":")[0] for line in events_of(ran)] == [
        "refused folder",
        "refused link.json",
    ]
    assert (place.inbox / "refused" / "link.json").is_symlink()
    assert "is a link: hosr reads nothing outside of its inbox" in place.reason("link.json")
    assert "holds record.json, which is a link" in place.reason("folder")


def test_a_pipe_is_refused_and_not_waited_for(place: Place) -> None:
    """Nobody writes to it, and the next result is worked off."""
    os.mkfifo(place.inbox / "a.json")
    put_record(place)
    assert [line.split(" ")[0] for line in events_of(place.once())] == ["refused", "draft"]
    assert place.reason("a.json") == "a.json: is a pipe or a device; give the files themselves\n"


def test_what_is_still_being_written_by_its_name_is_not_looked_at(place: Place) -> None:
    """Hidden files, and those that end as a program leaves them that is not done."""
    names = [".result.json", "result.json.part", "result.json.TMP", "result.json.filepart"]
    for name in names:
        put_record(place, name)
    assert events_of(place.once()) == []
    assert (
        sorted(path.name for path in place.inbox.iterdir() if path.is_file())[-4:]
        == sorted({*names, ".hosr-watch.lock"})[-4:]
    )


def test_what_may_not_be_read_keeps_nobody_waiting() -> None:
    """A file without the right to read it is put aside; a folder that cannot be moved stays, and is told."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(root=Path(folder, "of-nobody"))
        write_film(place.images / "film.dcm")
        put_record(place, "a.json").chmod(0)
        put_record(place, "b.json")
        (place.inbox / "c").mkdir()
        put_record(place, "c/c.json")
        for path in (Path(folder), place.inbox, place.images):
            path.chmod(0o755)
            os.chown(path, *_NOBODY)
        (place.inbox / "c").chmod(0o700)
        with unprivileged(place.root):
            ran = place.once()
            assert [line.split(":")[0].split(" of ")[0][:14] for line in events_of(ran)] == [
                "refused a.json",
                f"draft {_only(place)}"[:14],
                "failed c",
            ]
            assert "a.json: may not be read by this user" in place.reason("a.json")
            assert "Permission denied" in ran.out
        assert (place.inbox / "c" / "c.json").exists()


def test_a_grading_of_the_future_waits_for_its_time(place: Place) -> None:
    """One of two clocks is wrong, and a person may set it right; nothing is refused for that."""
    record = record_of() | {"graded_at": "2199-01-01T00:00:00+01:00"}
    (place.inbox / "result.json").write_text(json.dumps(record))
    (event,) = events_of(place.once())
    assert event.startswith(
        "waiting result.json: it was graded at 2199-01-01T00:00:00+01:00, which lies"
    )
    assert place.lying() == ["result.json"]


@pytest.mark.parametrize(
    "name", ["brooker-0", "brooker-3", "bilateral", "mr-early", "poor-headers"]
)
def test_every_sample_becomes_a_draft(name: str, tmp_path: Path) -> None:
    """Radiographs and MR, with whatever their headers lack."""
    place = Place(root=tmp_path)
    sample(place, name)
    ran = place.once()
    assert events_of(ran) == [f"draft {_only(place)}: of {name}.json"]


def test_several_results_of_one_study_are_several_drafts(place: Place) -> None:
    """Two models read one film: each has its draft, and each follows its own."""
    put_record(place, "a.json")
    other = record_of()
    other["observer"]["name"] = "Verdi^Anna"
    (place.inbox / "b.json").write_text(json.dumps(other))
    place.once()
    former = {each.draft_id for each in place.listed()}
    assert len(former) == 2
    write_film(place.images / "later.dcm", SOPInstanceUID=LATER_UID)
    place.once()
    newer = [place.draft(each.draft_id) for each in place.listed() if each.draft_id not in former]
    assert {draft.follows for draft in newer} == former


def _archived(place: Place, uid: str) -> None:
    """An image of the study in the archive."""
    write_film(place.root / "archive" / f"{uid}.dcm", SOPInstanceUID=uid)


def _once_at(place: Place, age_s: float, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a watch tells that runs so many seconds from now, with an archive as well."""
    now = time.time
    with monkeypatch.context() as later:
        later.setattr(time, "time", lambda: now() + age_s)
        ran = place.once("--images", place.images, f"file://{place.root / 'archive'}")
    assert ran.code == 0
    return events_of(ran)


def test_an_image_that_comes_to_the_archive_later_makes_a_new_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that comes to a folder does; what was signed is not touched, and a day later nobody asks."""
    place = Place(root=tmp_path)
    (place.root / "archive").mkdir()
    _archived(place, FILM_UID)
    put_record(place)
    assert [line.split(" ")[0] for line in _once_at(place, 0, monkeypatch)] == ["draft"]
    with Drafts(place.drafts, clock=time.time) as drafts:
        former = signed(drafts, drafts.open(_only(place), by="Rossi^Maria"))
    _archived(place, LATER_UID)
    assert _once_at(place, 10, monkeypatch) == []
    (event,) = _once_at(place, 70, monkeypatch)
    (newer,) = [each.draft_id for each in place.listed() if each.draft_id != former.draft_id]
    assert event == f"newer {newer}: of result.json, follows {former.draft_id}"
    assert place.draft(former.draft_id) == former
    assert len(place.draft(newer).images) == 2
    assert _once_at(place, 140, monkeypatch) == []
    assert _once_at(place, 300_000, monkeypatch) == []
    _archived(place, "1.2.826.0.1.1.1.3")
    assert _once_at(place, 600_000, monkeypatch) == []
    assert len(place.listed()) == 2


def test_images_in_an_archive_are_those_of_a_draft(tmp_path: Path) -> None:
    """The draft is of those of its study, can be signed, and finds it where the archive is changed.

    What lies in a folder too is the same image; an archive in the inbox is refused with the reason.
    """
    place = Place(root=tmp_path)
    archive, other = place.images / "study.zip", {"StudyInstanceUID": "1.2.3", "PatientID": "P-2"}
    with zipfile.ZipFile(archive, "w") as file:
        for name, changes in (("a", {}), ("b", {"SOPInstanceUID": LATER_UID}), ("c", other)):
            file.write(write_film(tmp_path / f"{name}.dcm", **changes), f"../{name}.dcm")
    shutil.copy(tmp_path / "a.dcm", place.images)
    put_record(place)
    shutil.copy(archive, place.inbox / "z.zip")
    assert [line.split(":")[0] for line in events_of(place.once())] == [
        f"draft {_only(place)}",
        "refused z.zip",
    ]
    assert place.reason("z.zip") == "z.zip: is a ZIP archive: hosr reads single files; unpack it\n"
    draft = place.draft(_only(place))
    assert set(draft.images) == {str(archive), str(place.images / "a.dcm")}
    with Drafts(place.drafts, clock=time.time) as drafts:
        assert find_changed_images(drafts.image_files(draft.draft_id)) == ()
        signed(drafts, drafts.open(draft.draft_id, by="Rossi^Maria"))
        with zipfile.ZipFile(archive, "a") as file:
            file.writestr("more", b"x")
        assert find_changed_images(drafts.image_files(draft.draft_id)) != ()
    assert events_of(place.once()) == []
