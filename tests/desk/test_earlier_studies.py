"""Films of before, out of the folders that the watch looks through: of the same patient, as they lie there."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hosr.desk.draft_images import DraftImages
from hosr.desk.earlier import describe_earlier
from hosr.desk.imagery import Images
from hosr.drafts import Drafts
from hosr.image_index.index import ImageIndex
from hosr.image_index.seen import SeenImages
from hosr.language import language_of
from hosr.status import WithdrawalReason
from hosr.versions import withdraw
from tests.desk.desks import (
    ROSSI,
    Json,
    Page,
    add_draft,
    model_record,
    path_of,
    running,
    write_own_film,
)
from tests.drafts.drafting import another_study
from tests.drafts.signatures import LATER, amended, signed

BEFORE = {**another_study(7), "StudyDate": "20250101"}
UID = BEFORE["SOPInstanceUID"]
RECORD = {**model_record(), "study": {}}
UNREPORTED = ["No valid report of this study is known here: nothing is marked on its images."]
RECEIVED = "This report was received: the draft is not compared with it."
FILED = "Images that are filed under this patient ID are not shown: film.dcm "


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder that the watch looks through."""
    return tmp_path / "archive"


def _look_through(folder: Path, films: Path) -> None:
    """What `hosr watch --images` does."""
    with SeenImages(folder) as seen:
        ImageIndex(seen, [films], folder / "received").renew()


def _of_today(folder: Path, place: Path, **changes: Any) -> str:
    """A draft of today's film."""
    film = write_own_film(place / "now", **another_study(8), **changes)
    return add_draft(folder, RECORD, film).draft_id


@contextmanager
def _imagery(folder: Path) -> Iterator[DraftImages]:
    """What a desk shows, without its page."""
    with Drafts(folder, clock=time.time) as drafts:
        imagery = DraftImages(drafts=drafts, images=Images())
        yield imagery
        imagery.close()


def _priors(page: Page, draft_id: str) -> list[Json]:
    priors: list[Json] = page.get(f"/drafts/{draft_id}/priors")["priors"]
    return priors


def _told(priors: list[Json]) -> list[tuple[str, list[str], list[str], list[Json]]]:
    """Of each its title, its words, the UIDs of its images, and what is marked."""
    return [
        (
            each["title"].replace("\xa0", " "),
            each["words"],
            [image["uid"] for image in each["images"]],
            each["hips"],
        )
        for each in priors
    ]


def test_an_earlier_film_is_shown_without_marks(folder: Path, films: Path, tmp_path: Path) -> None:
    """Nothing says what was found on it; its picture comes as that of the draft, which knows none of it."""
    write_own_film(films, **BEFORE, StudyDescription="Pelvis")
    draft_id = _of_today(folder, tmp_path)
    with running(folder, ROSSI) as desk:
        page = desk.enter()
        page.open(draft_id)
        assert _priors(page, draft_id) == []
        _look_through(folder, films)
        assert _told(_priors(page, draft_id)) == [
            ("1 January 2025, DX, Pelvis", UNREPORTED, [UID], [])
        ]
        picture = page.ask("GET", f"/drafts/{draft_id}/pixels/{UID}/1")
        own = page.get(f"/drafts/{draft_id}/images")
    assert picture.status == 200
    assert [image["uid"] for image in own["images"]] == [another_study(8)["SOPInstanceUID"]]
    assert set(own) == {"images"}


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ({"PatientBirthDate": "19600101"}, {}),
        ({"PatientSex": "M"}, {}),
        ({"PatientName": "Other^Person", "PatientBirthDate": ""}, {}),
        ({"IssuerOfPatientID": "B"}, {"IssuerOfPatientID": "A"}),
        ({"PatientBirthDate": "", "IssuerOfPatientID": ""}, {}),
        ({"PatientID": "P-4712"}, {}),
        ({"StudyDate": "20991231"}, {}),
        ({"StudyDate": ""}, {}),
        ({"BodyPartExamined": "CHEST"}, {}),
    ],
    ids=["birth date", "sex", "name", "issuer", "nothing but the ID", "ID", "later", "no date", "chest"],
)  # fmt: skip
def test_what_is_not_surely_an_earlier_film_of_the_patient_is_not_shown(
    folder: Path, films: Path, tmp_path: Path, then: dict[str, str], now: dict[str, str]
) -> None:
    """One ID may be that of two persons: neither the film nor that there is one is told, nor its picture."""
    write_own_film(films, **{**BEFORE, **then})
    _look_through(folder, films)
    draft_id = _of_today(folder, tmp_path, **now)
    with _imagery(folder) as imagery:
        assert imagery.seek_earlier(draft_id).open() == ()
        assert imagery.find_shown(draft_id, UID).source.find(UID) is None


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (lambda film: film.unlink(), "is no longer there"),
        (
            lambda film: film.write_bytes(film.read_bytes() + bytes(2)),
            "was changed since hosr watch looked at it",
        ),
    ],
    ids=["gone", "changed"],
)
def test_a_film_that_is_not_what_was_seen_is_told_and_not_shown(
    folder: Path, films: Path, tmp_path: Path, happens: Callable[[Path], object], words: str
) -> None:
    """By its day alone: whose it is cannot be known. Looked through again, it is as it is now."""
    film = write_own_film(films, **BEFORE)
    _look_through(folder, films)
    draft_id = _of_today(folder, tmp_path)
    happens(film)
    with _imagery(folder) as imagery:
        shown = imagery.seek_earlier(draft_id).open()
        told = _told(describe_earlier(shown, imagery.images, language_of("en")))
        assert imagery.find_shown(draft_id, UID).source.find(UID) is None
    assert told == [("1 January 2025", [f"{FILED}{words}."], [], [])]


def test_an_index_that_cannot_be_read_is_told_and_costs_the_draft_nothing(
    folder: Path, tmp_path: Path
) -> None:
    """Why earlier studies are missing is said in their place; the draft's own picture is there."""
    draft_id = _of_today(folder, tmp_path)
    (folder / "images.sqlite").write_bytes(b"no database" * 100)
    with running(folder, ROSSI) as desk:
        page = desk.enter()
        refused = page.ask("GET", f"/drafts/{draft_id}/priors")
        (own,) = page.get(f"/drafts/{draft_id}/images")["images"]
        picture = page.ask("GET", f"/drafts/{draft_id}/pixels/{own['uid']}/1")
    fault = refused.json["faults"][0]
    assert (refused.status, fault["path"]) == (422, str(folder / "images.sqlite"))
    assert fault["problem"] == "is no index of images of hosr watch"
    assert picture.status == 200


@pytest.mark.slow
def test_a_report_is_shown_on_the_film_that_it_speaks_of_wherever_that_lies(
    folder: Path, films: Path, tmp_path: Path
) -> None:
    """A draft that nobody signed tells nothing; a signed one its marks, also once its film was moved."""
    before = add_draft(folder, RECORD, write_own_film(tmp_path / "before", **BEFORE))
    draft_id = _of_today(folder, tmp_path)
    with running(folder, ROSSI) as desk:
        page = desk.enter()
        (unsigned,) = _told(_priors(page, draft_id))
        assert page.sign(page.open(before.draft_id)).status == 200
        (signed,) = _priors(page, draft_id)
        shutil.move(tmp_path / "before", films)
        (lost,) = _told(_priors(page, draft_id))
        _look_through(folder, films)
        (found,) = _priors(page, draft_id)
        view = page.open(draft_id)
        picture = page.ask("GET", f"{path_of(view)}/pixels/{UID}/1")
    assert unsigned[1:] == (UNREPORTED, [UID], [])
    assert signed["hips"][0]["marked"]["gap"]["points"] == RECORD["hips"][0]["gap"]["points"]
    assert "Signed by Maria Rossi" in signed["words"][0]
    assert lost[1][1] == "The images of this report are not shown: film.dcm is no longer there."
    assert lost[2:] == ([], signed["hips"])
    assert (found["hips"], found["words"], picture.status) == (signed["hips"], signed["words"], 200)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "mm", "words"),
    [
        ("sign", ["8.0 mm"], ["Signed by Maria Rossi", RECEIVED]),
        ("amend", ["6.0 mm"], ["AMENDED REPORT, signed by Jan Meier", RECEIVED]),
        ("withdraw", [], UNREPORTED),
    ],
)
def test_a_report_that_was_sent_here_marks_its_study_where_none_was_signed_here(
    folder: Path, films: Path, tmp_path: Path, step: str, mm: list[str], words: list[str]
) -> None:
    """Of all that was received the version that stands; one that was withdrawn marks nothing."""
    film = write_own_film(films, **BEFORE)
    other, received = tmp_path / "elsewhere", folder / "received" / BEFORE["StudyInstanceUID"]
    with Drafts(other, clock=time.time) as drafts:
        done = signed(drafts, add_draft(other, RECORD, film))
        versions = [Path(done.versions[0]) / "measurement.dcm"]
        if step == "amend":
            versions.append(Path(amended(drafts, done).versions[-1]) / "measurement.dcm")
        if step == "withdraw":
            out = tmp_path / "withdrawal"
            withdraw(Path(done.versions[0]), out, LATER, reason=WithdrawalReason.WRONG_PATIENT)
            versions += sorted(out.glob("*.dcm"))
    received.mkdir(parents=True)
    for number, path in enumerate(versions):
        shutil.copy(path, received / f"{number}.dcm")
    draft_id = _of_today(folder, tmp_path)
    _look_through(folder, films)
    with _imagery(folder) as imagery:
        shown = imagery.seek_earlier(draft_id).open()
        (told,) = _told(describe_earlier(shown, imagery.images, language_of("en")))
    assert told[2] == [UID]
    assert [hip["texts"]["gap"].replace("\xa0", " ") for hip in told[3]] == mm
    assert (told[1][0].startswith(words[0]), told[1][1:]) == (True, words[1:])


@pytest.mark.slow
def test_what_was_withdrawn_here_is_not_shown_by_a_copy_that_came_back(
    folder: Path, films: Path, tmp_path: Path
) -> None:
    """What was signed here is known better than what was received."""
    film = write_own_film(films, **BEFORE)
    received = folder / "received" / BEFORE["StudyInstanceUID"]
    with Drafts(folder, clock=time.time) as drafts:
        version = Path(signed(drafts, add_draft(folder, RECORD, film)).versions[0])
    received.mkdir(parents=True)
    shutil.copy(version / "measurement.dcm", received)
    withdraw(version, tmp_path / "out", LATER, reason=WithdrawalReason.WRONG_PATIENT)
    draft_id = _of_today(folder, tmp_path)
    with _imagery(folder) as imagery:
        shown = imagery.seek_earlier(draft_id).open()
        (told,) = _told(describe_earlier(shown, imagery.images, language_of("en")))
    assert told[1:] == (UNREPORTED, [UID], [])
