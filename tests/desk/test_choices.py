"""A grade that one reader chose is signed by no other as their own."""

from __future__ import annotations

import copy
import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hosr.drafts import Draft, Drafts
from hosr.drafts.database import STORE
from hosr.sr import decode
from tests.desk.desks import BIANCHI, ROSSI, Json, Page, Running, add_draft, running

BY_FINDINGS = "right:brooker=III"


@pytest.fixture
def draft(folder: Path, record: Json, film: Path) -> Draft:
    """A draft of which the model's grade is not that of its findings."""
    record["hips"][0]["grades"] = {"brooker": "II"}
    return add_draft(folder, record, film)


@pytest.fixture
def pages(folder: Path, draft: Draft) -> Iterator[tuple[Page, Page]]:
    """Bianchi, who has chosen the grade, and Rossi, who has not."""
    with running(folder, ROSSI, BIANCHI) as desk:
        bianchi, rossi = desk.enter(BIANCHI), desk.enter(ROSSI)
        view = bianchi.open(draft.draft_id)
        chosen = bianchi.save(view, view["record"], [BY_FINDINGS])
        assert chosen.json["report"]["may_sign"]
        yield bianchi, rossi


def brooker(view: Json) -> Json:
    """What is told of the first scale."""
    scale: Json = view["report"]["hips"][0]["scales"][0]
    return scale


def test_who_chose_is_told_and_nothing_is_chosen_for_another(
    pages: tuple[Page, Page], draft: Draft
) -> None:
    """The conflict waits for the one who signs; what was chosen stands beside it, with the name."""
    _, rossi = pages
    view = rossi.open(draft.draft_id)
    assert (view["decisions"], brooker(view)["decision"], brooker(view)["chosen"]) == (
        [],
        None,
        {"grade": "III", "by": "Luca Bianchi"},
    )
    told = "Right hip: Luca Bianchi chose Brooker\u00a0III. Choose the grade that you sign."
    assert (view["report"]["may_sign"], view["report"]["why_not"]) == (False, [told])
    refused = rossi.sign(view)
    assert (refused.status, refused.json["faults"][0]["problem"]) == (
        422,
        "Brooker II is in conflict with the findings (III)",
    )


@pytest.mark.parametrize("grade", ["III", "II"])
def test_the_same_choice_and_another_one_are_the_readers_own(
    pages: tuple[Page, Page], draft: Draft, folder: Path, grade: str
) -> None:
    """It is made again by who signs; then the first one is told theirs no more, and has to choose anew."""
    bianchi, rossi = pages
    view = rossi.open(draft.draft_id)
    own = rossi.save(view, view["record"], [f"right:brooker={grade}"]).json
    assert (brooker(own)["decision"], brooker(own)["chosen"]) == (grade, None)
    assert rossi.save(view, view["record"], [f"right:brooker={grade}"]).json == own  # said before
    other = bianchi.open(draft.draft_id)
    assert brooker(other)["chosen"] == {"grade": grade, "by": "Maria Rossi"}
    assert bianchi.sign(other).status == 422
    assert rossi.sign(own).status == 200
    made = folder / "reports" / draft.draft_id / "1" / "measurement.dcm"
    signing = decode(made.read_bytes()).signing
    assert signing is not None
    assert (signing.signature.name, signing.changes[0].after) == (ROSSI.name, (grade,))  # type: ignore[union-attr]


def test_a_choice_stays_the_others_while_somebody_else_works(
    pages: tuple[Page, Page], draft: Draft
) -> None:
    """Typing a word and putting the draft back take no choice away and take none over."""
    bianchi, rossi = pages
    view = rossi.open(draft.draft_id)
    said = copy.deepcopy(view["record"])
    said["hips"][0]["comment"] = "Seen."
    kept = rossi.save(view, said, []).json
    again = rossi.save(view, said, [])  # its answer may have been lost
    assert (again.status, again.json) == (200, kept)
    held = rossi.act(kept, "hold", reason="Later.").json
    for page, chosen in ((rossi, {"grade": "III", "by": "Luca Bianchi"}), (bianchi, None)):
        shown = page.open(draft.draft_id)
        assert (shown["draft"]["status"], brooker(shown)["chosen"]) == ("held", chosen)
    released = bianchi.act(held, "release").json
    assert (brooker(released)["decision"], released["report"]["may_sign"]) == ("III", True)


def test_a_store_of_before_tells_who_chose_by_its_history(
    folder: Path, draft: Draft, desk: Running
) -> None:
    """Decisions were a list once; whoever had one first and kept it has chosen it."""
    page = desk.enter(BIANCHI)
    view = page.open(draft.draft_id)
    kept = page.save(view, view["record"], [BY_FINDINGS, "right:gap=accepted"]).json
    rossi = desk.enter(ROSSI)
    rossi.act(kept, "hold", reason="Later.")
    with sqlite3.connect(folder / STORE) as store:
        as_before = json.dumps(["right:gap=accepted", BY_FINDINGS])
        store.execute("UPDATE draft SET decisions = ?", (as_before,))
        store.execute("DROP TRIGGER entry_stays")
        store.execute("UPDATE entry SET decisions = ? WHERE decisions <> '{}'", (as_before,))
    with Drafts(folder, clock=time.time) as drafts:
        found = drafts.get(draft.draft_id)
        assert found.choosers == dict.fromkeys((BY_FINDINGS, "right:gap=accepted"), BIANCHI.name)
        assert found.decisions_of(ROSSI.name) == ("right:gap=accepted",)
        assert found.decisions_of("BIANCHI^LUCA") == found.decisions
