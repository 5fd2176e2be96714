"""What a person wrote into a draft is never lost without a word, whoever changes the draft after them."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from hosr.drafts import Draft
from tests.desk.desks import BIANCHI, ROSSI, Json, Page, Running, add_draft, moved, running

MODELS: Json = {
    "side": "right",
    "key": "comment",
    "by": "Grader 1",
    "text": "Found by the model.",
    "may_take": False,
}


def written(by: str, text: str, key: str = "comment") -> Json:
    """What is told of a person's words."""
    side = "right" if key == "comment" else None
    return {"side": side, "key": key, "by": by, "text": text, "may_take": True}


def says(record: Json, comment: str | None = None, conclusion: str | None = None) -> Json:
    """A record with these words, or without them."""
    said = copy.deepcopy(record)
    for held, key, words in (
        (said["hips"][0], "comment", comment),
        (said, "conclusion", conclusion),
    ):
        held.pop(key, None)
        if words is not None:
            held[key] = words
            said["schema_version"] = "1.1"
    return said


@pytest.fixture
def pages(desk: Running) -> tuple[Page, Page]:
    """Rossi, who writes first, and Bianchi."""
    return desk.enter(ROSSI), desk.enter(BIANCHI)


def test_words_stay_where_another_reader_changes_something_else(
    pages: tuple[Page, Page], draft: Draft
) -> None:
    """They are in the record that the second one has, and told as those of the first."""
    rossi, bianchi = pages
    view = rossi.open(draft.draft_id)
    own = rossi.save(view, says(moved(view["record"], -2), "Seen by Rossi.", "No surgery.")).json
    assert own["words"] == [MODELS]
    mine = bianchi.open(draft.draft_id)
    kept = bianchi.save(mine, moved(mine["record"], -1)).json
    assert kept["record"]["observer"]["name"] == BIANCHI.name
    assert kept["record"]["hips"][0]["comment"] == "Seen by Rossi."
    assert kept["record"]["conclusion"] == "No surgery."
    told = [
        MODELS,
        written("Maria Rossi", "No surgery.", "conclusion"),
        written("Maria Rossi", "Seen by Rossi."),
    ]
    assert kept["words"] == told == bianchi.open(draft.draft_id)["words"]


def test_words_that_another_reader_replaced_are_told(
    pages: tuple[Page, Page], draft: Draft
) -> None:
    """To the one who replaced them, and to the one whose they were."""
    rossi, bianchi = pages
    view = rossi.open(draft.draft_id)
    rossi.save(view, says(moved(view["record"], -2), "First thoughts."))
    view = rossi.open(draft.draft_id)
    rossi.save(view, says(view["record"], "Seen by Rossi."))
    mine = bianchi.open(draft.draft_id)
    kept = bianchi.save(mine, says(mine["record"], "Seen by Bianchi.")).json
    lost = written("Maria Rossi", "Seen by Rossi.")
    assert kept["words"] == [MODELS, lost]
    theirs = rossi.open(draft.draft_id)
    assert theirs["words"] == [MODELS, lost, written("Luca Bianchi", "Seen by Bianchi.")]
    back = rossi.save(theirs, says(theirs["record"], "Seen by Rossi.")).json
    assert back["record"]["hips"][0]["comment"] == "Seen by Rossi."
    assert back["words"] == [MODELS, written("Luca Bianchi", "Seen by Bianchi.")]


def test_words_that_were_chosen_of_another_version_are_kept(
    pages: tuple[Page, Page], draft: Draft
) -> None:
    """The stale save is refused; what its reader takes of the other version is not left out again."""
    rossi, bianchi = pages
    mine = bianchi.open(draft.draft_id)
    view = rossi.open(draft.draft_id)
    rossi.save(view, says(view["record"], "Seen by Rossi."))
    stale = bianchi.save(mine, says(mine["record"], None, "Seen by Bianchi."))
    assert stale.status == 412
    current = stale.json["current"]
    chosen = says(current["record"], current["record"]["hips"][0]["comment"], "Seen by Bianchi.")
    kept = bianchi.save(current, chosen).json
    assert kept["record"]["hips"][0]["comment"] == "Seen by Rossi."
    assert kept["record"]["conclusion"] == "Seen by Bianchi."


TEXTS: tuple[tuple[str | None, str], ...] = (
    *((None, key) for key in ("conclusion", "incomplete", "indication")),
    *(("right", key) for key in ("comment", "not_evaluable_reason")),
)


def all_said(record: Json, by: str) -> Json:
    """A record in which each text is another one, as of one person."""
    said = {**copy.deepcopy(record), "schema_version": "1.1"}
    said["hips"] = [{"side": "right", "evaluable": False}]
    said["context"] = {}
    holders = {"indication": said["context"], "comment": said["hips"][0]}
    holders["not_evaluable_reason"] = said["hips"][0]
    for _, key in TEXTS:
        holders.get(key, said)[key] = f"{key} of {by}"
    return said


def test_every_text_that_another_reader_replaced_is_told(
    pages: tuple[Page, Page], draft: Draft
) -> None:
    """As long as it stands it is told as theirs, and once it is replaced by another one too."""
    rossi, bianchi = pages
    view = rossi.open(draft.draft_id)
    rossi.save(view, all_said(view["record"], "Rossi"))
    mine = bianchi.open(draft.draft_id)
    lost = [
        {"side": side, "key": key, "by": "Maria Rossi", "text": f"{key} of Rossi", "may_take": True}
        for side, key in TEXTS
    ]
    assert mine["words"] == [MODELS, *lost]
    kept = bianchi.save(mine, all_said(mine["record"], "Bianchi")).json
    assert kept["words"] == [MODELS, *lost]
    assert kept["record"]["context"]["indication"] == "indication of Bianchi"


def test_why_the_patient_was_imaged_is_told_of_a_model_once_it_is_gone(
    folder: Path, film: Path, record: Json
) -> None:
    """It came with the model's record and is none of its findings: nobody signs it as a model's words."""
    record["context"] = {"indication": "Stiff hip"}
    made = add_draft(folder, record, film)
    with running(folder, ROSSI) as desk:
        page = desk.enter()
        view = page.open(made.draft_id)
        assert view["words"] == [MODELS]
        changed = {**view["record"], "context": {"indication": "Sitff hip"}}
        told = {**MODELS, "side": None, "key": "indication", "text": "Stiff hip", "may_take": True}
        assert page.save(view, changed).json["words"] == [told, MODELS]
