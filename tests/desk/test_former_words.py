"""What a person wrote into a draft is never lost without a word, whoever changes the draft after them."""

from __future__ import annotations

import copy

import pytest

from hosr.drafts import Draft
from tests.desk.desks import BIANCHI, ROSSI, Json, Page, Running, moved

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
