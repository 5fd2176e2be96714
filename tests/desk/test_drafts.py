"""Drafts at the desk: shown, changed, held, signed, and never lost to another reader."""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from hosr.desk.pages import STATIC
from hosr.drafts import Draft
from hosr.findings import Person
from hosr.sr import decode
from tests.command import hosr
from tests.desk.desks import (
    BIANCHI,
    MODEL,
    ROSSI,
    Json,
    Page,
    Running,
    add_draft,
    model_record,
    moved,
    path_of,
    running,
    write_own_film,
)
from tests.drawn import drawn

pytestmark = pytest.mark.slow

_STUDIES = Path(__file__).parents[2] / "sample_data"
_SAMPLES = sorted(path.parent.name for path in _STUDIES.glob("*/record.json"))

_ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)


def grades_of(view: Json) -> dict[str, str | None]:
    """The grades of the first hip, by scale."""
    return {scale["key"]: scale["grade"] for scale in view["report"]["hips"][0]["scales"]}


def _keys_of(told: Any) -> Iterator[str]:
    """All keys of what is told but those of a record, whose form is another one's."""
    if isinstance(told, dict):
        yield from told
        told = [value for key, value in told.items() if key not in ("record", "original")]
    for each in told if isinstance(told, list) else ():
        yield from _keys_of(each)


class TestView:
    """What the page is told of a draft."""

    def test_the_worklist_tells_who_and_what(self, standing: Page) -> None:
        """A row of the worklist, and who reads."""
        told = standing.get("/drafts")
        (row,) = told["drafts"]
        assert row["patient_name"] == "Änne Müller"
        assert row["hips"] == [{"side": "right", "brooker": "III", "della_valle": "C"}]
        assert (row["made_by"], row["is_algorithm"], row["opened_by"]) == (
            "Grader",
            True,
            "Maria Rossi",
        )
        assert told["reader"] == {
            "key": ROSSI.key,
            "name": "Maria Rossi",
            "may_write": True,
        }

    def test_the_page_reads_what_it_is_told(self, standing: Page, shown: str) -> None:
        """Nothing is told of a draft, or of its images, that no program of the page looks at."""
        view = standing.open(shown)
        told = [view, standing.get("/drafts"), standing.get(f"{path_of(view)}/images")]
        programs = " ".join(each.read_text(encoding="utf-8") for each in STATIC.glob("*.js"))

        assert set(_keys_of(told)) - set(re.findall(r"\w+", programs)) == set()

    def test_who_opens_a_draft_has_it_in_hand(self, page: Page, draft: Draft) -> None:
        """The first reader who opens it; another one looks."""
        assert page.open(draft.draft_id)["draft"]["status"] == "opened"
        other = page.desk.enter(BIANCHI).open(draft.draft_id)
        assert other["draft"]["opened_by"] == "Maria Rossi"

    @pytest.mark.parametrize("study", _SAMPLES)
    def test_every_sample_study_opens(self, tmp_path: Path, study: str) -> None:
        """Radiograph, CT and MR: what the page shows of a study is what `hosr grade` says of it."""
        place = _STUDIES / study
        draft = add_draft(tmp_path, place / "record.json", place / "images")
        with running(tmp_path, ROSSI) as desk:
            page = desk.enter()
            view = page.open(draft.draft_id)
            images = page.get(f"{path_of(view)}/images")["images"]
            frame = page.ask("GET", f"{path_of(view)}/pixels/{images[0]['uid']}/1")
        ran = hosr("grade", place / "record.json", "--images", place / "images", "--json")
        told = [
            {scale["key"]: scale["grade"] for scale in hip["scales"]}
            for hip in view["report"]["hips"]
        ]
        expected = [
            {key: hip[key]["grade"] for key in hip if key not in ("side", "flags")}
            for hip in json.loads(ran.out)["hips"]
        ]
        assert told == expected
        assert view["report"]["faults"] == []
        assert len(images) == len(list((place / "images").iterdir()))
        assert len(frame.body) == 2 * images[0]["rows"] * images[0]["columns"]

    @pytest.mark.parametrize("language", ["de", "fr", "es", "it"])
    def test_it_speaks_the_language_of_the_reader(
        self, folder: Path, draft: Draft, language: str
    ) -> None:
        """Sections, grades, flags and obstacles are told in the language of the desk."""
        with running(folder, ROSSI) as desk:
            english = desk.enter().open(draft.draft_id)["report"]
        with running(folder, ROSSI, language=language) as desk:
            other = desk.enter().open(draft.draft_id)["report"]
        for told in ("status_line", "sections", "hips"):
            assert other[told] != english[told]
        assert other["hips"][0]["scales"][0]["grade"] == english["hips"][0]["scales"][0]["grade"]


class TestSaving:
    """What a reader made of a draft is kept, and never over what another one made."""

    def test_a_moved_line_is_kept_and_graded(self, page: Page, draft: Draft) -> None:
        """The gap line moved across 1 cm: the grade and the text follow, and the draft holds it."""
        view = page.open(draft.draft_id)
        assert grades_of(view) == {"brooker": "III", "della_valle": "C"}
        saved = page.save(view, moved(view["record"], 10)).json
        assert grades_of(saved) == {"brooker": "II", "della_valle": "B"}
        assert page.open(draft.draft_id) == saved

    def test_a_changed_record_is_by_who_changed_it(self, page: Page, draft: Draft) -> None:
        """The reader stands for what they drew; what the model said besides is not put in their mouth."""
        view = page.open(draft.draft_id)
        kept = page.save(view, moved(view["record"], 10)).json
        hip = kept["record"]["hips"][0]
        assert kept["record"]["observer"] == {
            "type": "person",
            "name": "Rossi^Maria",
            "organization": "Example Hospital",
        }
        assert "grades" not in hip
        assert "comment" not in hip
        assert kept["original"]["observer"] == MODEL
        assert kept["original"]["hips"][0]["grades"] == {"brooker": "III"}

    def test_what_is_undone_is_the_models_again(self, page: Page, draft: Draft) -> None:
        """A reader who goes back to what the model said has said nothing."""
        view = page.open(draft.draft_id)
        kept = page.save(view, moved(view["record"], 10)).json
        assert page.save(kept, view["record"]).json["record"] == view["original"]

    def test_a_stale_save_is_refused_and_both_are_shown(self, page: Page, draft: Draft) -> None:
        """Two readers on one draft: the second is told what the first made of it."""
        other = page.desk.enter(BIANCHI)
        mine, theirs = page.open(draft.draft_id), other.open(draft.draft_id)
        kept = page.save(mine, moved(mine["record"], 10)).json
        answer = other.save(theirs, moved(theirs["record"], -3))
        assert (answer.status, answer.json["code"]) == (412, "stale")
        assert answer.json["current"]["draft"] == kept["draft"]
        assert answer.json["current"]["record"] == kept["record"]
        assert page.open(draft.draft_id)["record"] == kept["record"]

    def test_the_same_save_again_is_answered(self, page: Page, draft: Draft) -> None:
        """A save whose answer was lost is sent again, and is no conflict with itself."""
        view = page.open(draft.draft_id)
        record = moved(view["record"], 10)
        first, second = page.save(view, record), page.save(view, record)
        assert (first.status, second.status) == (200, 200)
        assert first.json == second.json

    @pytest.mark.parametrize("seen", ["LEAVE OUT", "", "*", '""'])
    def test_a_save_says_what_it_is_of(self, page: Page, draft: Draft, seen: str) -> None:
        """Without the version that was seen nothing is kept."""
        view = page.open(draft.draft_id)
        values = {"record": moved(view["record"], 10), "decisions": []}
        answer = page.ask("PUT", path_of(view), values, If_Match=seen)
        assert (answer.status, answer.json["code"]) == (428, "no_version")

    def test_a_record_with_faults_is_kept(self, page: Page, draft: Draft) -> None:
        """A person is at work: what the rules refuse is kept with its faults, and cannot be signed."""
        view = page.open(draft.draft_id)
        record = copy.deepcopy(view["record"])
        del record["hips"][0]["presence"]
        record["hips"][0]["gap"] = {"mm": "9,5"}
        kept = page.save(view, record).json
        assert [fault["path"] for fault in kept["report"]["faults"]] == ["$.hips[0].gap.mm"]
        assert (kept["report"]["may_sign"], kept["report"]["document"]) == (False, None)
        assert page.act(kept, "sign", document="2.25.1").status == 422

    def test_history_keeps_every_revision(self, page: Page, draft: Draft) -> None:
        """Model's and reader's readings are both there, whole."""
        view = page.open(draft.draft_id)
        page.save(view, moved(view["record"], 10))
        entries = page.get(f"{path_of(view)}/history")["entries"]
        assert [(entry["event"], entry["by"]) for entry in entries] == [
            ("add", ""),
            ("open", "Maria Rossi"),
            ("change", "Maria Rossi"),
        ]
        assert entries[0]["record"] == view["original"]


class TestHostileBodies:
    """Whatever is sent as a record is refused or told as a fault, and breaks nothing."""

    @pytest.mark.parametrize(
        "body",
        [b"", b"[]", b"null", b'"x"', b"{", b'{"record": 1}', b'{"record": []}', b"\xff\xfe",
         b'{"record": {}, "decisions": {}}', b'{"record": {}, "decisions": [1]}',
         b'{"record": {"a": NaN}, "decisions": []}', b'{"record": {"a": Infinity}}',
         b'{"record": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
         b'{"record": {}, "decisions": ["' + b"x" * 3000 + b'"]}',
         b'{"record": {}, "decisions": [' + b'"x",' * 400 + b'"x"]}'],
    )  # fmt: skip
    def test_what_is_no_record_is_refused(self, standing: Page, shown: str, body: bytes) -> None:
        """The status says that the request is at fault."""
        answer = standing.desk.ask(
            "POST",
            f"/drafts/{shown}/grade",
            body,
            Cookie=standing.cookie,
            Origin=f"http://{standing.desk.host}",
            Content_Type="application/json",
        )
        assert (answer.status, answer.json["code"]) == (400, "no_json")

    @given(values=_ANY_JSON, place=st.sampled_from(["hips", "gap", "record", "observer", "side"]))
    @drawn(60, unchecked=[HealthCheck.function_scoped_fixture])
    def test_any_record_is_answered(
        self, standing: Page, shown: str, values: Any, place: str
    ) -> None:
        """Any JSON in the place of a record or a part of it is graded or told as faults."""
        record = copy.deepcopy(standing.open(shown)["record"])
        if place == "record":
            record = values if isinstance(values, dict) else {"x": values}
        elif place in ("hips", "observer"):
            record[place] = values
        else:
            record["hips"][0][place] = values
        content = {"record": record, "decisions": []}
        answer = standing.ask("POST", f"/drafts/{shown}/grade", content)
        assert answer.status in (200, 422)
        assert "Traceback" not in answer.body.decode()

    @pytest.mark.parametrize(
        "decision", ["right:brooker=V", "x", "", "left:brooker=II", "right:brooker="]
    )
    def test_a_decision_that_is_none_keeps_from_signing(
        self, page: Page, draft: Draft, decision: str
    ) -> None:
        """A grade is chosen out of those that are possible; another one is told."""
        view = page.open(draft.draft_id)
        report = page.grade(view, view["record"], [decision])
        assert report["may_sign"] is False
        assert report["why_not"]


class TestUncertainty:
    """How surely a length was read is not changed by who writes beside it."""

    @pytest.fixture
    def record(self) -> Json:
        """A model's gap of 13.95 mm at the detector: 11.2 mm in the patient, or 10 where it is 1.5 mm less."""
        found = model_record()
        (hip,) = found["hips"]
        hip["gap"]["points"] = [[10, 10], [23.95, 10]]
        del hip["grades"]
        return found

    def test_a_comment_leaves_a_grade_equivocal(self, page: Page, draft: Draft) -> None:
        """It is so as long as the line is the model's, and by the reader's own measure once moved."""
        view = page.open(draft.draft_id)
        commented = copy.deepcopy(view["record"])
        commented["hips"][0]["comment"] = "Seen."
        told = [view, page.save(view, commented).json]
        told.append(page.save(told[-1], moved(told[-1]["record"], 0.1)).json)
        hips = [each["report"]["hips"][0] for each in told]
        assert [hip["gap"]["uncertainty_mm"] for hip in hips] == [1.5, 1.5, 1.0]
        flags = [[flag["key"] for flag in hip["flags"]] for hip in hips]
        assert [("EQUIVOCAL" in each) for each in flags] == [True, True, False]


class TestDecisions:
    """A grade that is in conflict or open waits for a person."""

    @pytest.fixture
    def conflict(self, folder: Path, record: Json, film: Path) -> Draft:
        """A draft of which the model's grade is not that of its findings."""
        record["hips"][0]["grades"] = {"brooker": "II"}
        return add_draft(folder, record, film)

    def test_a_conflict_is_decided_by_a_choice(self, folder: Path, conflict: Draft) -> None:
        """Both grades are offered; the one that is chosen stands in the text, and is signed."""
        with running(folder, ROSSI) as desk:
            page = desk.enter()
            view = page.open(conflict.draft_id)
            (scale, _) = view["report"]["hips"][0]["scales"]
            assert (scale["is_conflict"], scale["derived"], scale["source_grade"]) == (
                True,
                "III",
                "II",
            )
            assert [each["decision"] for each in scale["choices"]] == [
                "right:brooker=III",
                "right:brooker=II",
            ]
            assert view["report"]["why_not"] == [
                "Right hip: Brooker\u00a0II is in conflict with the findings (Brooker\u00a0III)."
            ]
            decided = page.save(view, view["record"], ["right:brooker=III"]).json
            assert (decided["report"]["may_sign"], decided["decisions"]) == (
                True,
                ["right:brooker=III"],
            )
            assert decided["record"]["observer"] == MODEL
            signed = page.sign(decided)
            assert signed.status == 200
            assert grades_of(signed.json) == {"brooker": "III", "della_valle": "C"}

    def test_a_choice_falls_with_the_findings_it_was_made_of(
        self, folder: Path, conflict: Draft
    ) -> None:
        """A line that is moved after it is graded by itself, on the screen, in the store and signed."""
        with running(folder, ROSSI) as desk:
            page = desk.enter()
            view = page.open(conflict.draft_id)
            decided = page.save(view, view["record"], ["right:brooker=III"]).json
            record = moved(decided["record"], 6)  # 14 mm, at least 1 cm
            live = page.grade(decided, record, decided["decisions"])
            kept = page.save(decided, record)
            again = page.save(decided, record)  # its answer may have been lost
            assert (kept.status, again.status) == (200, 200)
            (brooker, _) = kept.json["report"]["hips"][0]["scales"]
            assert (brooker["grade"], brooker["decision"], brooker["choices"]) == ("II", None, [])
            assert brooker["former"] == {"grade": "II", "by": "Grader 1"}
            assert live["hips"] == kept.json["report"]["hips"] == again.json["report"]["hips"]
            assert kept.json["decisions"] == []
            signed = page.sign(kept.json)
            assert grades_of(signed.json) == {"brooker": "II", "della_valle": "B"}

    def test_a_choice_falls_with_a_report_that_cannot_be_made(
        self, folder: Path, conflict: Draft
    ) -> None:
        """It is asked for again once the fault is mended."""
        with running(folder, ROSSI) as desk:
            page = desk.enter()
            view = page.open(conflict.draft_id)
            decided = page.save(view, view["record"], ["right:brooker=III"]).json
            faulty = copy.deepcopy(decided["record"])
            faulty["hips"][0]["presence"] = "absent"
            broken = page.save(decided, faulty).json
            assert (broken["decisions"], broken["report"]["may_sign"]) == ([], False)
            mended = page.save(broken, decided["record"]).json
            assert mended["report"]["why_not"] == view["report"]["why_not"]

    def test_a_choice_among_several_is_offered(
        self, folder: Path, record: Json, film: Path
    ) -> None:
        """Findings that leave several grades give as many choices, and remedies that close them."""
        hip = record["hips"][0]
        del hip["spurs"], hip["grades"], hip["gap"]
        draft = add_draft(folder, record, film)
        with running(folder, ROSSI) as desk:
            view = desk.enter().open(draft.draft_id)
        (brooker, _) = view["report"]["hips"][0]["scales"]
        assert brooker["is_open"]
        assert [each["grade"] for each in brooker["choices"]] == brooker["possible"]
        fixes = {flag["key"]: flag["fixes"] for flag in view["report"]["hips"][0]["flags"]}
        spurs = [fix["record"]["hips"][0]["spurs"] for fix in fixes["SPUR_UNKNOWN"]]
        assert {"pelvis": True, "femur": True} in spurs


class TestFormerGrades:
    """What a model had graded stays known as the model's once a reader moved its line."""

    BY_MODEL: ClassVar = {"grade": "III", "by": "Grader 1"}

    def test_a_moved_line_leaves_the_models_grade_to_be_resolved(
        self, page: Page, draft: Draft
    ) -> None:
        """The grade follows the line; that the model graded another one is told, and asked."""
        view = page.open(draft.draft_id)
        record = moved(view["record"], 10)
        live, kept = page.grade(view, record), page.save(view, record).json
        assert live["hips"] == kept["report"]["hips"]
        (brooker, della_valle) = kept["report"]["hips"][0]["scales"]
        assert (brooker["grade"], brooker["derived"], brooker["source_grade"]) == ("II", "II", None)
        assert (brooker["is_conflict"], brooker["former"]) == (True, self.BY_MODEL)
        assert [each["label"] for each in brooker["choices"]] == [
            "Brooker II, by the findings",
            "Brooker III, as graded before",
        ]
        assert (della_valle["is_conflict"], della_valle["former"]) == (False, None)
        assert (kept["report"]["may_sign"], kept["report"]["why_not"]) == (
            False,
            [
                (
                    "Right hip: Brooker\u00a0III, as Grader 1 graded, is in conflict with the findings "
                    "(Brooker\u00a0II)."
                ),
            ],
        )
        assert page.sign(kept).json["faults"][0]["problem"] == (
            "Brooker III, as Grader 1 graded, is in conflict with the findings (II)"
        )
        (row,) = page.get("/drafts")["drafts"]
        assert row["reasons"] == ["contradiction"]

    @pytest.mark.parametrize(
        ("grade", "sentence"),
        [
            ("II", "Brooker II is the grade of who signed; Grader 1 had graded Brooker III."),
            ("III", "Brooker III is the grade of who signed; before: Brooker II."),
        ],
    )
    def test_what_was_resolved_is_signed_and_told(
        self, page: Page, draft: Draft, folder: Path, grade: str, sentence: str
    ) -> None:
        """The signed report holds the reader's grade, and the model's as the model's."""
        view = page.open(draft.draft_id)
        record = moved(view["record"], 10)
        kept = page.save(view, record, [f"right:brooker={grade}"]).json
        assert (kept["report"]["may_sign"], kept["report"]["why_not"]) == (True, [])
        signed = page.sign(kept)
        assert signed.status == 200
        assert grades_of(signed.json) == {"brooker": grade, "della_valle": "B"}
        made = folder / "reports" / draft.draft_id / "1"
        text = " ".join((made / "report.txt").read_text("utf-8").split())
        assert f"Right hip: {sentence}" in text
        report = decode((made / "measurement.dcm").read_bytes())
        assert report.observer == Person(name=ROSSI.name, organization=ROSSI.organization)
        draft_text = (made.with_name("draft") / "report.txt").read_text("utf-8")
        assert "III" not in draft_text  # the reader's own record says nothing of the model's

    def test_a_line_within_1_cm_asks_nothing(self, page: Page, draft: Draft) -> None:
        """The model's grade is that of the findings still."""
        view = page.open(draft.draft_id)
        kept = page.save(view, moved(view["record"], -2)).json
        (brooker, _) = kept["report"]["hips"][0]["scales"]
        assert (brooker["former"], brooker["choices"]) == (self.BY_MODEL, [])
        assert kept["report"]["may_sign"]

    def test_words_do_not_settle_a_conflict(self, folder: Path, record: Json, film: Path) -> None:
        """What contradicted the findings before a comment was typed does so after it."""
        record["hips"][0]["grades"] = {"brooker": "II"}
        draft = add_draft(folder, record, film)
        with running(folder, ROSSI) as desk:
            page = desk.enter()
            view = page.open(draft.draft_id)
            said = copy.deepcopy(view["record"])
            said["hips"][0]["comment"] = "Seen."
            kept = page.save(view, said).json
        assert (kept["record"]["observer"]["name"], kept["report"]["may_sign"]) == (
            ROSSI.name,
            False,
        )
        assert grades_of(kept)["brooker"] == "III"

    def test_an_amendment_tells_it_again(self, page: Page, draft: Draft, folder: Path) -> None:
        """Each version stands for itself."""
        view = page.open(draft.draft_id)
        kept = page.save(view, moved(view["record"], 10), ["right:brooker=II"]).json
        signed = page.sign(kept).json
        record, decisions = moved(signed["record"], 1), ["right:brooker=II"]
        document = page.grade(signed, record, decisions)["document"]
        asked = {"record": record, "decisions": decisions, "document": document}
        assert page.act(signed, "amend", reason="The end was off.", **asked).status == 200
        made = folder / "reports" / draft.draft_id / "2" / "report.txt"
        text = " ".join(made.read_text("utf-8").split())
        assert "Brooker II is the grade of who signed; Grader 1 had graded Brooker III." in text

    def test_what_cannot_be_graded_any_more_is_told(
        self, page: Page, draft: Draft, folder: Path
    ) -> None:
        """There is nothing to choose, and the model's grade is in the report."""
        view = page.open(draft.draft_id)
        record = {**view["record"]}
        record["hips"] = [
            {"side": "right", "evaluable": False, "not_evaluable_reason": "Metal covers it."}
        ]
        kept = page.save(view, record).json
        assert kept["report"]["why_not"] == []
        assert page.sign(kept).status == 200
        made = folder / "reports" / draft.draft_id / "1" / "report.txt"
        text = " ".join(made.read_text("utf-8").split())
        assert "Right hip: not graded; Grader 1 had graded Brooker III." in text


class TestSigning:
    """What was seen is what is signed."""

    def test_what_was_on_the_screen_is_signed(self, page: Page, draft: Draft, folder: Path) -> None:
        """The signed report lies in the folder, and decodes to the record that was on the screen."""
        view = page.open(draft.draft_id)
        kept = page.save(view, moved(view["record"], -2)).json
        signed = page.sign(kept)
        assert signed.status == 200
        assert signed.json["report"]["status_line"].startswith("Signed by Maria Rossi")
        assert (signed.json["may_edit"], signed.json["may_amend"]) == (False, True)
        ran = hosr("read", folder / "reports" / draft.draft_id / "1" / "measurement.dcm")
        read = json.loads(ran.out)
        assert read["hips"][0]["gap"]["points"] == kept["record"]["hips"][0]["gap"]["points"]
        assert read["observer"] == kept["record"]["observer"]

    def test_another_document_is_not_signed(self, page: Page, draft: Draft) -> None:
        """The UID that was on the screen has to be that of the report as it is made anew."""
        view = page.open(draft.draft_id)
        answer = page.act(view, "sign", document="2.25.1")
        assert (answer.status, answer.json["code"]) == (412, "stale")
        assert page.open(draft.draft_id)["draft"]["status"] == "opened"

    def test_a_signed_draft_in_an_old_tab_is_refused(self, page: Page, draft: Draft) -> None:
        """A tab that was left open before the signature can neither change nor sign it again."""
        old = page.open(draft.draft_id)
        kept = page.save(old, moved(old["record"], -2)).json
        assert page.sign(kept).status == 200
        assert page.save(old, moved(old["record"], 12)).status == 412
        assert page.save(kept, moved(old["record"], 12)).status == 412
        assert page.act(old, "hold", reason="x").status == 412
        fresh = page.open(draft.draft_id)
        answer = page.save(fresh, moved(old["record"], 12))
        assert (answer.status, answer.json["problem"]) == (409, "is signed")

    def test_a_signed_report_is_amended(self, page: Page, draft: Draft) -> None:
        """With a reason, and as it was shown: the live grade and the amendment are one document."""
        view = page.open(draft.draft_id)
        signed = page.sign(page.save(view, moved(view["record"], -2)).json).json
        time.sleep(1.1)  # signatures are dated in whole seconds, and an amendment is no earlier
        record = moved(signed["record"], -1)
        document = page.grade(signed, record)["document"]
        asked = {"record": record, "decisions": [], "document": document}
        assert page.act(signed, "amend", reason="  ", **asked).json["code"] == "no_reason"
        answer = page.act(signed, "amend", reason="The end was off.", **asked)
        assert answer.status == 200
        assert answer.json["draft"]["versions"] == [1, 2]
        assert answer.json["report"]["status_line"].startswith("AMENDED REPORT")

    def test_a_held_draft_is_released_first(self, page: Page, draft: Draft) -> None:
        """What was put back is not signed; its reason is shown until it is taken up again."""
        view = page.open(draft.draft_id)
        held = page.act(view, "hold", reason="Ask for the lateral view")
        assert held.json["draft"]["hold_reason"] == "Ask for the lateral view"
        assert page.sign(held.json).status == 409
        released = page.act(held.json, "release").json
        assert (released["draft"]["status"], released["draft"]["hold_reason"]) == ("opened", "")
        assert page.act(released, "hold", reason="").status == 422

    def test_a_patient_does_not_sign(self, folder: Path, record: Json, tmp_path: Path) -> None:
        """Who signs is told before they sign that they cannot."""
        film = write_own_film(tmp_path / "own", PatientName="Rossi^Maria")
        draft = add_draft(folder, record, film)
        with running(folder, ROSSI) as desk:
            view = desk.enter().open(draft.draft_id)
        assert view["report"]["may_sign"] is False
        assert view["report"]["why_not"] == ["Maria Rossi: is the name of the patient"]


class TestImages:
    """A draft whose images are not what they were is shown, and not signed."""

    def test_images_that_are_gone_are_told(self, page: Page, draft: Draft, film: Path) -> None:
        """The faults name the file; it is not signed, and a picture says why there is none."""
        view = page.open(draft.draft_id)
        uid = page.get(f"{path_of(view)}/images")["images"][0]["uid"]
        film.unlink()
        gone = page.open(draft.draft_id)
        told = {"path": "film.dcm", "problem": "is no longer there"}
        assert told.items() <= gone["report"]["faults"][-1].items()
        assert gone["report"]["may_sign"] is False
        assert page.sign(view).status == 409
        for path in ("images", f"pixels/{uid}/1"):
            answer = page.ask("GET", f"{path_of(view)}/{path}")
            assert (answer.status, answer.json["code"]) == (409, "lost_images")
            assert told.items() <= answer.json["faults"][0].items()

    def test_images_that_were_changed_are_told(self, page: Page, draft: Draft, film: Path) -> None:
        """Another film in the place of the one that was seen is not signed by what was seen."""
        view = page.open(draft.draft_id)
        write_own_film(film.parents[1], Rows=40, PixelData=bytes(2 * 40 * 120))
        changed = page.open(draft.draft_id)
        assert changed["report"]["faults"][-1]["problem"] == "was changed since the draft was made"
        assert page.sign(view).status == 409

    def test_images_that_are_back_are_seen_again(
        self, page: Page, draft: Draft, film: Path
    ) -> None:
        """A share that was away for a while is no reason to begin anew."""
        data = film.read_bytes()
        film.unlink()
        assert page.open(draft.draft_id)["report"]["faults"]
        film.write_bytes(data)
        assert page.open(draft.draft_id)["report"]["faults"] == []


class TestDisk:
    """Where the disk is full nothing is lost that was acknowledged, and nothing acknowledged that is lost."""

    def test_a_full_disk_is_told(
        self, desk: Running, draft: Draft, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A store that cannot be written says so; what was saved before is there."""
        import sqlite3

        from hosr.drafts import store

        page = desk.enter()
        view = page.open(draft.draft_id)

        def full(*_: Any, **__: Any) -> None:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(store.Drafts, "_move", full)
            answer = page.save(view, moved(view["record"], 10))
            assert (answer.status, answer.json["problem"]) == (422, "has no room: the disk is full")
        assert page.open(draft.draft_id) == view
        assert page.save(view, moved(view["record"], 10)).status == 200
