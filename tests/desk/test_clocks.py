"""A clock that was wrong for a while leaves no reading that cannot be signed, and signs none too early."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hosr.desk.audit import Audit
from hosr.desk.desk import Desk, Setting
from hosr.desk.draft_images import DraftImages
from hosr.desk.imagery import Images
from hosr.drafts import Draft, Drafts
from hosr.templating.sources import Wording
from tests.desk.desks import ROSSI, Json, moved

_RIGHT = dt.datetime(2026, 3, 2, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = _RIGHT

    def __call__(self) -> dt.datetime:
        """What it says."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of the desk."""
    return Clock()


@pytest.fixture
def steps(folder: Path, draft: Draft, clock: Clock) -> Iterator[Desk]:
    """What the desk does, without a server."""
    del draft
    with Drafts(folder, clock=time.time) as drafts:
        yield Desk(
            drafts=drafts,
            imagery=DraftImages(drafts=drafts, images=Images()),
            audit=Audit(path=folder / "audit.jsonl", clock=clock),
            setting=Setting(wording=Wording(), clock=clock),
        )


def save(desk: Desk, view: Json, record: Json) -> Any:
    """The view of what a reader made of a draft."""
    kept = view["draft"]
    return desk.change(kept["id"], kept["etag"], record, (), ROSSI)


@pytest.mark.parametrize("ahead", [dt.timedelta(minutes=1), dt.timedelta(days=365)])
def test_a_reading_saved_while_the_clock_was_ahead_can_be_signed_once_it_is_right(
    steps: Desk, draft: Draft, clock: Clock, ahead: dt.timedelta
) -> None:
    """It is not signed as of a time that is still to come; drawn again, it is of now."""
    clock.now = _RIGHT + ahead
    begun = steps.open(draft.draft_id, ROSSI)
    own = moved(begun["record"], 1)
    saved = save(steps, begun, own)
    assert saved["report"]["may_sign"] is True
    clock.now = _RIGHT
    view = steps.open(draft.draft_id, ROSSI)
    assert view["report"]["may_sign"] is False
    for record in (moved(begun["record"], 2), own):
        view = save(steps, view, record)
        assert view["report"]["may_sign"] is True
        assert view["record"]["graded_at"] == "2026-03-02T12:00:00+01:00"


def test_the_time_zone_of_the_machine_changes_no_moment(
    steps: Desk, draft: Draft, clock: Clock
) -> None:
    """A reader who travels, or the end of summer time: what was said first keeps its time."""
    view = steps.open(draft.draft_id, ROSSI)
    saved = save(steps, view, moved(view["record"], 1))
    clock.now = (_RIGHT + dt.timedelta(minutes=5)).astimezone(dt.timezone(-dt.timedelta(hours=8)))
    again = save(steps, saved, saved["record"])
    assert again["record"]["graded_at"] == "2026-03-02T12:00:00+01:00"
    assert again["report"]["may_sign"] is True
