"""Whose report it is, and whether it still holds, is told by what lies there and not by what once did."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from pathlib import Path

import pytest

from hosr.desk.audit import AUDIT
from hosr.drafts import Draft
from tests.command import Ran, hosr, marked
from tests.desk.desks import (
    ROSSI,
    Answer,
    Json,
    Page,
    add_draft,
    model_record,
    moved,
    path_of,
    running,
    write_own_film,
)
from tests.drafts.drafting import another_study
from tests.drafts.signatures import LATER

pytestmark = pytest.mark.slow

# Another person's film, filed under the same study and image.
_OTHER = {"PatientName": "Other^Person", "PatientID": "X-1", "PatientBirthDate": "19600101"}


@pytest.fixture
def signed(page: Page, draft: Draft) -> Json:
    """The view of the draft, once it is signed."""
    view: Json = page.sign(page.open(draft.draft_id)).json
    return view


def taken(folder: Path, step: str, out: Path, *more: object) -> Ran:
    """A step that a person takes by the command line on what was signed here."""
    (version,) = (folder / "reports").glob("*/1")
    who = ("--as", LATER.name, "--organization", LATER.organization)
    ran = hosr(step, version, "--out", out, *who, *more)
    assert ran.code == 0, ran.err
    return ran


class TestEndings:
    """What became of a signed report outside of the desk."""

    def test_a_withdrawn_report_is_shown_as_withdrawn(
        self, page: Page, signed: Json, folder: Path, tmp_path: Path
    ) -> None:
        """The worklist and the draft say so, and it is not amended."""
        assert (signed["draft"]["ended"], signed["may_amend"]) == (None, True)
        wait_a_second()
        taken(folder, "withdraw", tmp_path / "out", "--reason", "wrong-patient")
        view = page.open(signed["draft"]["id"])
        ended = view["draft"]["ended"]
        assert ended["step"] == "withdraw"
        assert ended["words"].startswith("WITHDRAWN by Jan Meier, Synthetic Hospital, ")
        assert ended["words"].endswith(" This report must not be used.")
        assert view["may_amend"] is False
        (row,) = page.get("/drafts")["drafts"]
        assert (row["status"], row["ended"]) == ("signed", "withdraw")
        amendment = amend(page, view)
        assert (amendment.status, amendment.json["problem"][:13]) == (422, "was withdrawn")

    def test_a_report_replaced_elsewhere_is_shown_as_replaced(
        self, page: Page, signed: Json, folder: Path, film: Path, tmp_path: Path
    ) -> None:
        """The grade on the screen is not the one that holds: it says where that lies, and is not amended."""
        wait_a_second()
        record = tmp_path / "record.json"
        record.write_text(json.dumps(marked(end=(28, 10))))
        more = ("--record", record, "--images", film, "--reason", "Read again.")
        taken(folder, "amend", tmp_path / "out", *more)
        view = page.open(signed["draft"]["id"])
        ended = view["draft"]["ended"]
        assert ended["step"] == "amend"
        assert ended["words"].startswith("This version no longer holds.")
        assert str(tmp_path / "out") in ended["words"]
        assert view["may_amend"] is False
        (row,) = page.get("/drafts")["drafts"]
        assert row["ended"] == "amend"
        assert amend(page, view).status == 422

    def test_another_report_in_its_place_is_not_shown_as_the_one_signed(
        self, page: Page, signed: Json, folder: Path, tmp_path: Path
    ) -> None:
        """Nor one of which a file was changed: it is said that the report is not what was signed."""
        name = signed["draft"]["id"]
        uid = "1.2.826.0.1.9"
        changes = {"StudyInstanceUID": uid, "SOPInstanceUID": f"{uid}.1", **_OTHER}
        other_film = write_own_film(tmp_path / "other", **changes)
        record = {**marked(end=(28, 10)), "study": {}}
        other = add_draft(folder, record, other_film)
        assert page.sign(page.open(other.draft_id)).status == 200
        place, theirs = (folder / "reports" / each / "1" for each in (name, other.draft_id))
        shutil.rmtree(place)
        shutil.copytree(theirs, place)
        for change in (lambda: None, lambda: (place / "report.txt").write_bytes(b"")):
            change()
            answer = page.ask("GET", f"/drafts/{name}")
            assert (answer.status, answer.json["code"]) == (409, "lost_report")
            assert answer.json["problem"] == "What was signed is gone or was changed."

    def test_a_second_report_of_a_hip_is_not_signed(
        self, page: Page, signed: Json, folder: Path, film: Path
    ) -> None:
        """It is said which draft was signed, and by whom; that one is amended instead."""
        other = add_draft(folder, moved(model_record(), -2), film)
        view = page.open(other.draft_id)
        (why,) = view["report"]["why_not"]
        assert why.startswith("A report of this hip and study was signed by Maria Rossi already")
        assert signed["draft"]["id"] in why
        assert page.sign(view).status == 409

    def test_what_was_drawn_over_it_is_signed_as_its_amendment(
        self, page: Page, signed: Json, folder: Path, film: Path
    ) -> None:
        """With a reason; the worklist and the signed draft tell of it, and a page of before is told too."""
        name = signed["draft"]["id"]
        draft = add_draft(folder, moved(model_record(), -2), film, follows=name)
        view, before = page.open(draft.draft_id), page.open(name)
        amends = view["report"]["amends"]
        assert amends["document"] == signed["draft"]["document"]
        assert amends["words"] == (
            f"This draft follows the report that Maria Rossi signed (draft {name}): Right hip: "
            "Brooker\u00a0III, Della\u00a0Valle\u00a0C. Signed, it amends that report and takes its place."
        )
        assert (view["report"]["may_sign"], view["report"]["why_not"]) == (True, [])
        assert page.sign(view).status == 409  # by a page that knows nothing of it
        given = {"document": view["report"]["document"], "amends": amends["document"]}
        refused = page.act(view, "sign", **given, reason=" ")
        assert (refused.status, refused.json["code"]) == (422, "no_reason")
        done = page.act(view, "sign", **given, reason="Drawn again.")
        assert done.status == 200, done.json
        assert done.json["draft"]["status"] == "signed"
        assert "Drawn again." in json.dumps(done.json["report"]["sections"])
        ended = page.open(name)
        assert (ended["draft"]["ended"]["step"], ended["may_amend"]) == ("by_draft", False)
        assert f"amended it with draft {draft.draft_id}" in ended["draft"]["ended"]["words"]
        rows = {row["id"]: row["ended"] for row in page.get("/drafts")["drafts"]}
        assert rows == {name: "by_draft", draft.draft_id: ""}
        stale = amend(page, before)
        assert (stale.status, stale.json["code"]) == (412, "stale")
        events = [json.loads(line) for line in (folder / AUDIT).read_bytes().splitlines()]
        last = [each for each in events if each["event"] == "amended"]
        assert [(each["draft"], each["before"]) for each in last] == [
            (draft.draft_id, view["draft"]["etag"])
        ]

    def test_what_says_nothing_else_amends_nothing(
        self, page: Page, signed: Json, folder: Path, tmp_path: Path
    ) -> None:
        """As of newer images with the same record: it is said before a reason is asked for, and while it lasts."""
        name = signed["draft"]["id"]
        newer = write_own_film(tmp_path / "newer", ImageComments="Sent again")
        draft = add_draft(folder, signed["record"], newer, follows=name)
        view = page.open(draft.draft_id)
        report = view["report"]
        assert report["amends"]["document"] == signed["draft"]["document"]
        words = (
            f"This draft says nothing else than the report that Maria Rossi signed (draft {name}), "
            "which stands. Put it on hold, or correct it."
        )
        assert (report["may_sign"], report["why_not"]) == (False, [words])
        changed = page.grade(view, moved(view["record"], -2))
        assert (changed["may_sign"], changed["why_not"]) == (True, [])

    def test_what_is_of_other_hips_amends_nothing(
        self, page: Page, signed: Json, folder: Path, film: Path
    ) -> None:
        """An amendment takes the place of the whole report: it is said before a reason is asked for."""
        record = model_record()
        both = {**record, "hips": [*record["hips"], {**record["hips"][0], "side": "left"}]}
        del both["hips"][1]["gap"]
        draft = add_draft(folder, both, film, follows=signed["draft"]["id"])
        report = page.open(draft.draft_id)["report"]
        assert report["may_sign"] is False
        words = (
            "The signed report does not speak of the same hips: this draft cannot take its place."
        )
        assert words in report["why_not"], report["faults"]

    def test_a_newer_draft_is_told_before_one_is_signed(
        self, page: Page, draft: Draft, folder: Path, film: Path
    ) -> None:
        """Images that came since are not looked at by chance alone; of a signed draft it is not said."""
        assert page.open(draft.draft_id)["draft"]["newer"] == ""
        newer = add_draft(folder, moved(model_record(), -2), film, follows=draft.draft_id)
        view = page.open(draft.draft_id)
        words = (
            f"There is a newer draft of this study ({newer.draft_id}): look at it before you sign."
        )
        assert view["draft"]["newer"] == words
        assert page.open(newer.draft_id)["draft"]["newer"] == ""
        assert page.sign(view).json["draft"]["newer"] == ""

    def test_what_was_signed_is_shown_in_the_language_that_it_was_signed_in(
        self, draft: Draft, folder: Path
    ) -> None:
        """An amendment is read in it too, for it is signed in it; the rest of the page is not."""
        with running(folder, ROSSI, language="de") as desk:
            page = desk.enter()
            german = page.sign(page.open(draft.draft_id)).json["report"]
        with running(folder, ROSSI) as desk:
            page = desk.enter()
            view = page.open(draft.draft_id)
            wait_a_second()
            record = moved(view["record"], 1)
            shown = page.grade(view, record)
            signed = amend(page, view, record).json["report"]
        assert view["report"]["sections"] == german["sections"]
        assert told_of(shown, "impression") == told_of(signed, "impression")
        assert told_of(shown, "impression")[0].startswith("Rechte Hüfte: ")
        assert shown["hips"][0]["name"] == "Right hip"


class TestEarlier:
    """What was reported of a patient before, beside the draft."""

    def test_the_earlier_report_of_another_person_is_not_shown(
        self, page: Page, folder: Path, tmp_path: Path
    ) -> None:
        """Two hospitals gave one patient ID: what differs else keeps the other person's film away."""
        earlier = {"StudyDate": "20250101", **another_study(7), **_OTHER, "PatientID": "P-4711"}
        before = write_own_film(tmp_path / "before", **earlier)
        other = add_draft(folder, {**model_record(), "study": {}}, before)
        assert page.sign(page.open(other.draft_id)).status == 200
        film = write_own_film(tmp_path / "now", **another_study(8))
        draft = add_draft(folder, {**model_record(), "study": {}}, film)
        assert draft.priors
        view = page.open(draft.draft_id)
        assert page.get(f"{path_of(view)}/priors")["priors"] == []
        picture = page.ask("GET", f"{path_of(view)}/pixels/1.2.826.0.1.7.2/1")
        assert picture.status == 409

    def test_an_earlier_report_that_is_signed_meanwhile_is_told_before_anything_is_signed(
        self, page: Page, folder: Path, tmp_path: Path
    ) -> None:
        """What is on the page is not signed; the refusal brings what is compared now, and that is."""
        record = {**model_record(), "study": {}}
        study = {"StudyDate": "20250101", **another_study(7)}
        before = add_draft(folder, record, write_own_film(tmp_path / "before", **study))
        draft = add_draft(folder, record, write_own_film(tmp_path / "now", **another_study(8)))
        view = page.open(draft.draft_id)
        assert view["report"]["compared"] == {"right": None}
        signed = page.sign(page.open(before.draft_id)).json
        refused = page.sign(view)
        current = refused.json["current"]
        assert (refused.status, current["draft"]["etag"]) == (412, view["draft"]["etag"])
        compared = current["report"]["compared"]["right"]
        assert compared["document"] == signed["draft"]["document"]
        assert dt.datetime.fromisoformat(compared["signed_at"]).tzinfo is not None
        assert told_of(current["report"], "comparison") != told_of(view["report"], "comparison")
        again = page.sign(current)
        assert (again.status, again.json["report"]["compared"]["right"]) == (200, compared)

    def test_the_film_of_another_person_is_not_shown_beside_an_earlier_report(
        self, page: Page, folder: Path, tmp_path: Path
    ) -> None:
        """Two persons share a Study Instance UID: the film shown is the one that the report speaks of."""
        study = {"StudyDate": "20250101", **another_study(7)}
        stranger = {**study, **_OTHER, "SOPInstanceUID": "1.2.826.0.1.7.3"}
        record = {**model_record(), "study": {}}
        add_draft(folder, record, write_own_film(tmp_path / "stranger", **stranger))
        before = add_draft(folder, record, write_own_film(tmp_path / "before", **study))
        assert page.sign(page.open(before.draft_id)).status == 200
        draft = add_draft(folder, record, write_own_film(tmp_path / "now", **another_study(8)))
        view = page.open(draft.draft_id)
        (prior,) = page.get(f"{path_of(view)}/priors")["priors"]
        assert [image["uid"] for image in prior["images"]] == ["1.2.826.0.1.7.2"]


class TestSubject:
    """Whose draft it is, as its own images said."""

    @pytest.mark.parametrize("is_saved", [False, True])
    def test_the_film_of_another_person_in_its_place_is_not_whose_draft_it_is(
        self, page: Page, draft: Draft, film: Path, *, is_saved: bool
    ) -> None:
        """Above the draft and in the worklist stays who it is of; no picture of the other is shown."""
        view = page.open(draft.draft_id)
        uid = page.get(f"{path_of(view)}/images")["images"][0]["uid"]
        before = page.get("/drafts")["drafts"][0]
        write_own_film(film.parents[1], **_OTHER)
        if is_saved:
            page.save(view, moved(view["record"], 1))
        view = page.open(draft.draft_id)
        assert (view["patient"]["name"], view["patient"]["id"]) == ("Änne Müller", "P-4711")
        assert view["report"]["may_sign"] is False
        row = page.get("/drafts")["drafts"][0]
        whose = ("patient_name", "patient_id", "study_day")
        assert [row[key] for key in whose] == [before[key] for key in whose]
        picture = page.ask("GET", f"{path_of(view)}/pixels/{uid}/1")
        assert (picture.status, picture.json["code"]) == (409, "lost_images")

    def test_a_record_does_not_say_whose_draft_it_is(
        self, page: Page, draft: Draft, film: Path
    ) -> None:
        """What it asserts of patient and study is held against the images, also once these are back."""
        view, away = page.open(draft.draft_id), film.with_suffix(".away")
        film.rename(away)
        record = moved(view["record"], 1)
        wrong = {**record, "study": {"patient_id": "X-1", "study_instance_uid": "1.2.3"}}
        view = page.save(view, wrong).json
        assert view["patient"]["id"] == "P-4711"
        assert page.get("/drafts")["drafts"][0]["patient_id"] == "P-4711"
        away.rename(film)
        view = page.open(draft.draft_id)
        told = {(fault["path"], fault["problem"]) for fault in view["report"]["faults"]}
        assert ("$.study.patient_id", "is not that of the images") in told
        assert page.sign(page.save(view, record).json).status == 200

    def test_a_film_that_came_anew_to_the_same_place_is_read_anew(
        self, page: Page, draft: Draft, film: Path, folder: Path
    ) -> None:
        """A draft of the corrected film tells its patient, though the former one was just looked at."""
        assert page.open(draft.draft_id)["patient"]["name"] == "Änne Müller"
        write_own_film(film.parents[1], PatientName="Müller^Änne Maria")
        newer = add_draft(folder, model_record(), film)
        view = page.open(newer.draft_id)
        assert view["patient"]["name"] == "Änne Maria Müller"
        assert page.sign(view).status == 200


def told_of(report: Json, key: str) -> list[str]:
    """The paragraphs of a section."""
    return next(each["paragraphs"] for each in report["sections"] if each["key"] == key)


def amend(page: Page, view: Json, record: Json | None = None) -> Answer:
    """An amendment of what a view shows, by a page that thinks that it may."""
    record = moved(view["record"], 2) if record is None else record
    document = page.grade(view, record)["document"]
    given = {"record": record, "decisions": [], "reason": "Read again.", "document": document}
    return page.act(view, "amend", **given)


def wait_a_second() -> None:
    """Times of signatures are told to the second, and a later step is known by a later one."""
    time.sleep(1.1)
