"""What is signed at the desk goes on its way, also where the desk was killed in between."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import SystemRandom

import pytest

from hosr import versions
from hosr.archive import open_archive
from hosr.archive.configuration import load
from hosr.desk.delivery import Delivery
from hosr.drafts import Draft
from hosr.outbox import Outbox, State
from tests.command import marked
from tests.desk.desks import ROSSI, Page, running
from tests.drafts.signatures import LATER


@pytest.fixture
def delivery(tmp_path: Path) -> Callable[[str], Delivery]:
    """The way to an archive in a folder, or to one that nobody is at."""
    outbox = partial(Outbox, tmp_path / "outbox.sqlite", clock=time.time, random=SystemRandom())

    def to(address: str) -> Delivery:
        return Delivery(
            destination=load({}, tmp_path).destination(address),
            open_outbox=outbox,
            open_archive=partial(open_archive, environ={}, clock=time.time),
        )

    return to


def wait_for(page: Page, draft_id: str, state: str) -> None:
    """Until the worklist says how far a draft is."""
    for _ in range(300):
        (row,) = page.get("/drafts")["drafts"]
        if row["sent"] == state:
            return
        time.sleep(0.1)
    raise AssertionError(row["sent"], draft_id)


def test_a_signed_report_is_archived(
    folder: Path, draft: Draft, tmp_path: Path, delivery: Callable[[str], Delivery]
) -> None:
    """The worklist tells when it is; the objects lie in the archive as they were signed."""
    shelf = tmp_path / "shelf"
    with running(folder, ROSSI, delivery=delivery(f"file://{shelf}")) as desk:
        page = desk.enter()
        signed = page.sign(page.open(draft.draft_id)).json
        assert signed["draft"]["status"] == "signed"
        wait_for(page, draft.draft_id, "archived")
    reports = folder / "reports" / draft.draft_id / "1"
    made = {path.read_bytes() for path in reports.glob("*.dcm")}
    assert made <= {path.read_bytes() for path in shelf.rglob("*") if path.is_file()}


def test_what_was_signed_before_is_sent_when_the_desk_starts(
    folder: Path, draft: Draft, tmp_path: Path, delivery: Callable[[str], Delivery]
) -> None:
    """A desk that was killed right after the signature, or had no archive then."""
    with running(folder, ROSSI) as desk:
        page = desk.enter()
        assert page.sign(page.open(draft.draft_id)).status == 200
    shelf = tmp_path / "shelf"
    with running(folder, ROSSI, delivery=delivery(f"file://{shelf}")) as desk:
        wait_for(desk.enter(), draft.draft_id, "archived")
    with Outbox(tmp_path / "outbox.sqlite", clock=time.time, random=SystemRandom()) as outbox:
        before = outbox.entries()
    with running(folder, ROSSI, delivery=delivery(f"file://{shelf}")) as desk:
        wait_for(desk.enter(), draft.draft_id, "archived")
    with Outbox(tmp_path / "outbox.sqlite", clock=time.time, random=SystemRandom()) as outbox:
        assert outbox.entries() == before


def test_an_archive_that_is_not_there_keeps_nobody_from_signing(
    folder: Path, draft: Draft, tmp_path: Path, delivery: Callable[[str], Delivery]
) -> None:
    """The report is signed and waits in the outbox; the worklist says that it is on its way."""
    with running(folder, ROSSI, delivery=delivery("dimse://NOBODY@127.0.0.1:1")) as desk:
        page = desk.enter()
        assert page.sign(page.open(draft.draft_id)).status == 200
        wait_for(page, draft.draft_id, "sending")
    with Outbox(tmp_path / "outbox.sqlite", clock=time.time, random=SystemRandom()) as outbox:
        assert {entry.state for entry in outbox.entries()} == {State.QUEUED}


def test_what_the_archive_has_is_not_read_again_when_the_desk_starts(
    folder: Path, draft: Draft, tmp_path: Path, delivery: Callable[[str], Delivery]
) -> None:
    """Of thousands of signed reports only those are looked at that are still on their way."""
    shelf = tmp_path / "shelf"
    with running(folder, ROSSI, delivery=delivery(f"file://{shelf}")) as desk:
        page = desk.enter()
        assert page.sign(page.open(draft.draft_id)).status == 200
        wait_for(page, draft.draft_id, "archived")
    reports = folder / "reports"
    reports.rename(folder / "elsewhere")
    with running(folder, ROSSI, delivery=delivery(f"file://{shelf}")) as desk:
        wait_for(desk.enter(), draft.draft_id, "archived")


def test_another_report_in_the_place_of_what_was_signed_is_not_sent(
    folder: Path, draft: Draft, film: Path, tmp_path: Path, delivery: Callable[[str], Delivery]
) -> None:
    """A sound report that nobody signed at this desk: the worklist says that a person has to look."""
    with running(folder, ROSSI) as desk:
        page = desk.enter()
        assert page.sign(page.open(draft.draft_id)).status == 200
    place, elsewhere = folder / "reports" / draft.draft_id / "1", tmp_path / "elsewhere"
    options = versions.StepOptions(images=film)
    record = marked(end=(30, 10))
    time.sleep(1.1)  # a later version is known by a later second
    signature = replace(LATER, signed_at=dt.datetime.now(dt.UTC).replace(microsecond=0))
    versions.amend(
        place, elsewhere, signature, record=record, reason="Read again.", options=options
    )
    shutil.rmtree(place)
    shutil.move(elsewhere, place)
    with running(folder, ROSSI, delivery=delivery(f"file://{tmp_path / 'shelf'}")) as desk:
        wait_for(desk.enter(), draft.draft_id, "held")
    with Outbox(tmp_path / "outbox.sqlite", clock=time.time, random=SystemRandom()) as outbox:
        assert outbox.entries() == ()
