"""Reading blind: nothing of the model shows before the reader's own reading, and both are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hosr.desk.audit import AUDIT
from hosr.drafts import Draft
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
    path_of,
    running,
)

_OWN = {
    "presence": "present",
    "spurs": {"pelvis": True, "femur": True},
    "gap": {"points": [[10, 10], [32, 10]]},
    "bridging": "none",
    "islands": [],
}


@pytest.fixture
def blind(folder: Path, draft: Draft) -> Iterator[Running]:
    """A desk that is read blind."""
    del draft
    with running(folder, ROSSI, BIANCHI, is_blind=True) as serving:
        yield serving


def own(view: Json, **more: object) -> Json:
    """A record that a reader made by themselves."""
    record = json.loads(json.dumps(view["record"]))
    record["hips"][0] |= {**_OWN, **more}
    return dict(record)


def test_nothing_of_the_model_is_shown(blind: Running, draft: Draft) -> None:
    """Neither its grade nor its lines, words, scores or sources, in the list or in the draft."""
    page = blind.enter()
    page.open(draft.draft_id)
    for path in ("/drafts", f"/drafts/{draft.draft_id}", f"/drafts/{draft.draft_id}/history"):
        told = page.ask("GET", path).body.decode()
        for secret in ("III", '"C"', "[18,10]", "Found by the model", "result.json", "equivocal"):
            assert secret not in told.replace(draft.draft_id, ""), (path, secret)
    view = page.open(draft.draft_id)
    assert (view["blind"], view["original"]) == (True, None)
    assert view["record"]["hips"] == [{"side": "right", "evaluable": True}]
    assert view["record"]["observer"]["name"] == "Rossi^Maria"


def test_it_stays_hidden_until_the_own_reading_is_whole(blind: Running, draft: Draft) -> None:
    """A first line is no reading yet: the model's findings show once the reader could sign."""
    page = blind.enter()
    view = page.open(draft.draft_id)
    part = own(view)
    del part["hips"][0]["spurs"], part["hips"][0]["gap"]
    first = page.save(view, part).json
    assert (first["blind"], first["original"]) == (True, None)
    assert first["record"]["hips"][0]["presence"] == "present"
    second = page.save(first, own(view)).json
    assert second["blind"] is False
    assert second["original"]["observer"] == MODEL
    assert page.get("/drafts")["drafts"][0]["blind"] is False


def test_a_grade_of_the_model_is_told_once_the_own_reading_is_whole(
    blind: Running, draft: Draft
) -> None:
    """Before that nothing shows that the model graded otherwise; then it is a conflict to resolve."""
    page = blind.enter()
    view = page.open(draft.draft_id)
    live = page.grade(view, own(view))  # 22 mm, of which the model has 8
    (brooker, _) = live["hips"][0]["scales"]
    assert (live["may_sign"], brooker["former"], brooker["is_conflict"]) == (True, None, False)
    seen = page.save(view, own(view)).json
    (brooker, _) = seen["report"]["hips"][0]["scales"]
    assert (seen["blind"], seen["report"]["may_sign"]) == (False, False)
    assert (brooker["grade"], brooker["former"]) == ("II", {"grade": "III", "by": "Grader 1"})


def test_another_reader_of_a_blind_draft_sees_what_the_first_one_made(
    blind: Running, draft: Draft
) -> None:
    """Once it is read, it is read."""
    first, second = blind.enter(), blind.enter(BIANCHI)
    view = first.open(draft.draft_id)
    first.save(view, own(view))
    assert second.open(draft.draft_id)["blind"] is False


def test_both_readings_go_to_a_cohort(
    blind: Running, draft: Draft, folder: Path, tmp_path: Path
) -> None:
    """The model's and the reader's first reading, whatever the reader made of it after that."""
    page = blind.enter()
    view = page.open(draft.draft_id)
    seen = page.save(view, own(view)).json
    page.save(seen, own(view, gap={"points": [[10, 10], [17, 10]]}))
    out = tmp_path / "readings.jsonl"
    ran = hosr("desk", folder, "--readings", out)
    assert (ran.code, ran.err) == (0, "")
    model, reader = (json.loads(line) for line in out.read_text().splitlines())
    assert (model["id"], model["record"]) == (f"{draft.draft_id}-model", draft.original)
    assert reader["record"]["hips"][0]["gap"] == _OWN["gap"]
    assert reader["record"]["observer"]["name"] == "Rossi^Maria"
    ran = hosr("cohort", out, "--out", tmp_path / "cohort")
    assert (ran.code, "2 readers" in ran.out) == (0, True), ran
    again = hosr("desk", folder, "--readings", out)
    assert (again.code, "is there already" in again.err) == (2, True)


def test_a_desk_that_is_not_blind_gives_no_blind_readings(
    page: Page, draft: Draft, folder: Path, tmp_path: Path
) -> None:
    """Whoever saw the model's marks did not read blind."""
    view = page.open(draft.draft_id)
    page.ask(
        "PUT", path_of(view), {"record": own(view), "decisions": []}, If_Match=view["draft"]["etag"]
    )
    out = tmp_path / "readings.jsonl"
    assert hosr("desk", folder, "--readings", out).code == 0
    assert out.read_text() == ""


def _add_second(folder: Path, film: Path) -> Draft:
    """What the model made again of the same study, as where newer images have come."""
    return add_draft(folder, {**model_record(), "graded_at": "2026-03-03T10:00:00+01:00"}, film)


def test_a_second_draft_of_a_study_is_not_read_blind(
    blind: Running, draft: Draft, folder: Path, film: Path, tmp_path: Path
) -> None:
    """Once the first is read its findings are known: the second hides nothing, and is no blind reading."""
    second = _add_second(folder, film)
    page = blind.enter()
    view = page.open(draft.draft_id)
    rows = {row["id"]: row["blind"] for row in page.get("/drafts")["drafts"]}
    assert rows == {draft.draft_id: True, second.draft_id: True}
    assert page.open(second.draft_id)["blind"] is True  # neither was read to its end yet
    assert page.save(view, own(view)).json["blind"] is False
    rows = {row["id"]: row["blind"] for row in page.get("/drafts")["drafts"]}
    assert rows == {draft.draft_id: False, second.draft_id: False}
    again = page.open(second.draft_id)
    assert (again["blind"], again["original"]["observer"]) == (False, MODEL)
    page.save(again, own(again))
    out = tmp_path / "readings.jsonl"
    ran = hosr("desk", folder, "--readings", out)
    assert (ran.code, ran.out[:17]) == (0, "1 draft read blin")
    told = [json.loads(line)["id"] for line in out.read_text().splitlines()]
    assert told == [f"{draft.draft_id}-model", f"{draft.draft_id}-reader"]


def test_a_draft_that_was_shown_by_another_desk_is_not_read_blind(
    folder: Path, draft: Draft, film: Path, tmp_path: Path
) -> None:
    """A desk that is not blind showed the model's findings: a blind one hides nothing of the study after it."""
    with running(folder, ROSSI) as desk:
        desk.enter().open(draft.draft_id)
    second = _add_second(folder, film)
    with running(folder, ROSSI, is_blind=True) as desk:
        page = desk.enter()
        assert not any(row["blind"] for row in page.get("/drafts")["drafts"])
        for each in (draft, second):
            view = page.open(each.draft_id)
            assert (view["blind"], view["original"]["observer"]) == (False, MODEL)
            page.save(view, own(view))
    out = tmp_path / "readings.jsonl"
    assert hosr("desk", folder, "--readings", out).code == 0
    assert out.read_text() == ""
    events = [json.loads(line)["event"] for line in (folder / AUDIT).read_text().splitlines()]
    assert events.count("shown") == 1
