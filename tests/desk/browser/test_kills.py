"""A desk that is killed (-9) again and again while a reader drags a line and types a comment."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Request, Response, expect

from hosr.drafts import Drafts
from tests.desk.browser.desks import SAMPLES, record_of
from tests.desk.browser.sittings import Sitting, sitting
from tests.desk.desks import add_draft
from tests.desk.forks import Forks, forks
from tests.peers.orthanc import free_port

pytestmark = [pytest.mark.peer, pytest.mark.slow]

KILLS = 50
# After every tenth kill the page meets the new desk before its reader has opened the new link.
LOCKED_EACH = 10
# After every fifth one nobody types on: the page saves by itself what it holds, after a while.
ALONE_EACH = 5
GAP = "right.gap"
_LATEST_KILL_S = 1.0

# What the page holds whenever it says that all of it is saved: the comment, and the end of the line.
_WATCH = """() => {
  const saved = document.getElementById("saved");
  const note = () => {
    if (saved.dataset.state !== "saved") return;
    const words = [...document.querySelectorAll("label")].find((each) => each.textContent === "Comment").control;
    const end = document.querySelectorAll('.mark[data-key="right.gap"] .handle')[1];
    window.shownAsSaved.push([words.value, Number(end.getAttribute("aria-valuenow"))]);
  };
  window.shownAsSaved = [];
  new MutationObserver(note).observe(saved, { attributes: true, attributeFilter: ["data-state"] });
}"""

# The comment, and the column of the second end to a tenth of a pixel.
Content = tuple[str, float]


def content_of(record: Any) -> Content:
    """What of a record this reader changes."""
    hip = record["hips"][0]
    return hip.get("comment") or "", round(hip["gap"]["points"][1][0], 1)


@dataclass(slots=True, kw_only=True)
class Reading:
    """A reader at a desk that dies; what the page sent, and what it was answered."""

    at_desk: Sitting
    folder: Path
    desks: Forks
    port: int
    link: str
    draft_id: str
    sent: list[Content] = field(default_factory=list)
    kept: list[Content] = field(default_factory=list)

    @property
    def comment(self) -> Locator:
        """The field that is typed into."""
        return self.at_desk.page.get_by_label("Comment")

    @property
    def state(self) -> Locator:
        """Whether it is saved, in words."""
        return self.at_desk.page.locator("#saved")

    def wait_until(self, *states: str) -> None:
        """Until the page says one of these; it is looked at each time the page is drawn."""
        wanted = ", ".join(f'#saved[data-state="{state}"]' for state in states)
        self.at_desk.page.locator(wanted).wait_for()

    def listen(self) -> None:
        """Keep what the page sends to be saved, and what of that is acknowledged."""

        def note(request: Request, into: list[Content]) -> None:
            if request.method == "PUT":
                sent: Any = request.post_data_json
                into.append(content_of(sent["record"]))

        def answered(response: Response) -> None:
            if response.status == 200:
                note(response.request, self.kept)

        self.at_desk.page.on("request", lambda request: note(request, self.sent))
        self.at_desk.page.on("response", answered)

    def enter(self, there: Content) -> None:
        """Follow the newest link to what is there."""
        self.sent.append(there)
        self.kept.append(there)
        self.at_desk.enter(self.link)
        self.at_desk.wait_for_image()
        expect(self.comment).to_have_value(there[0])
        self.at_desk.page.evaluate(_WATCH)

    def work(self, words: str, far: int) -> None:
        """Drag the end of the line there, and type with the other hand meanwhile."""
        page = self.at_desk.page
        x, y = self.at_desk.at(self.at_desk.place(GAP, 1))
        page.mouse.move(x, y)
        page.mouse.down()
        self.comment.focus()
        page.keyboard.press("Control+A")
        for step, letter in enumerate(words, 1):
            page.mouse.move(x + far * step / len(words), y)
            page.keyboard.type(letter)
        page.mouse.up()
        self.wait_until("saved", "unreachable")

    def work_until_killed(self, number: int, seconds: float) -> None:
        """One drag after the other, until the desk is dead."""
        killing = threading.Timer(seconds, self.desks.kill)
        killing.start()
        step = 0
        while killing.is_alive():
            step += 1
            self.work(f"{number}.{step}", 12 if step % 2 else -12)
        killing.join()
        self.desks.wait()

    def check_kept(self) -> Content:
        """What lies in the store of the dead desk: all that was said to be saved, and the last of it."""
        with Drafts(self.folder, clock=lambda: 0.0) as drafts:
            now = content_of(drafts.get(self.draft_id).record)
            known = {content_of(entry.record) for entry in drafts.history(self.draft_id)}
        shown: list[Any] = self.at_desk.page.evaluate("() => window.shownAsSaved.splice(0)")
        assert {(words, column) for words, column in shown} <= known
        assert set(self.kept) <= known
        last = self.sent[::-1].index(self.kept[-1])
        assert now in self.sent[-1 - last :]
        return now

    def begin_again(self, *, knows: bool) -> None:
        """Start the desk; its reader opens the new link first, or the page meets it without."""
        context = self.at_desk.page.context
        context.set_offline(True)
        self.link = self.desks.begin(self.folder, self.port)
        if knows:
            assert context.request.get(self.link).ok
        context.set_offline(False)


@pytest.fixture
def reading(chromium: Browser, tmp_path: Path) -> Iterator[Callable[[], Reading]]:
    """A function that begins: a desk with a draft, and its reader in Chromium."""
    folder = tmp_path / "drafts"
    draft = add_draft(folder, record_of("brooker-2"), SAMPLES / "brooker-2" / "images")
    with forks() as desks, sitting(chromium) as at_desk:

        def begin() -> Reading:
            port = free_port()
            made = Reading(
                at_desk=at_desk,
                folder=folder,
                desks=desks,
                port=port,
                link=desks.begin(folder, port),
                draft_id=draft.draft_id,
            )
            made.listen()
            made.enter(content_of(draft.record))
            return made

        yield begin


def test_fifty_kills_while_dragging_and_typing_lose_nothing(
    reading: Callable[[], Reading], record_figures: Callable[[str], None]
) -> None:
    """What was shown as saved is there, the page says what is not, and saves it when it can.

    A page whose session ended with the desk cannot yet: it holds them out of sight, and goes on where they
    were once its reader opens the new link in another tab.
    """
    reader = reading()
    draw = random.Random(14)  # noqa: S311 (when to kill)
    in_hand = 0
    for number in range(1, KILLS + 1):
        reader.work_until_killed(number, draw.uniform(0, _LATEST_KILL_S))
        in_hand += reader.state.get_attribute("data-state") == "unreachable"
        reader.check_kept()
        reader.comment.focus()
        reader.at_desk.page.keyboard.press("End")
        reader.at_desk.page.keyboard.type(" late")
        reader.wait_until("unreachable")
        expect(reader.state).to_contain_text("NOT SAVED")
        is_known = number % LOCKED_EACH > 0
        reader.begin_again(knows=is_known)
        if number % ALONE_EACH:
            reader.at_desk.page.keyboard.type(".")
        if is_known:
            reader.wait_until("saved")
            expect(reader.comment).to_have_value(re.compile(r" late\.?$"))
            assert reader.kept[-1][0] == reader.comment.input_value()
        else:
            locked = reader.at_desk.page.locator("#locked")
            expect(locked).to_contain_text("The last changes are not saved. This page holds them")
            expect(reader.at_desk.page.locator("#desk > *")).to_have_count(0)
            other = reader.at_desk.page.context.new_page()
            other.goto(reader.link)
            reader.wait_until("saved")
            expect(reader.comment).to_have_value(re.compile(r" late\.?$"))
            other.close()
            reader.at_desk.wait_for_image()
            reader.at_desk.page.evaluate(_WATCH)
    record_figures(f"{KILLS} kills of hosr desk, {in_hand} with changes in hand")
