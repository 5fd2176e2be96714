"""How a reader does what there is to do at the desk: by the pointer, or by keys alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from playwright.sync_api import Locator, expect

from tests.desk.browser.sittings import Sitting

# More than there are places on the page that the Tab key stops at.
_MOST_TABS = 150

# Pixels of the image by which the second end of a line is moved.
Move = tuple[int, int]


class Hand(Protocol):
    """What a reader works with."""

    @property
    def at_desk(self) -> Sitting:
        """Where the reader sits."""

    def choose(self, patient: str) -> None:
        """Open the draft of a patient from the worklist."""

    def press(self, button: Locator) -> None:
        """Press a button."""

    def write(self, field: Locator, words: str) -> None:
        """Write into an empty field."""

    def move_end(self, mark: str, by: Move) -> None:
        """Move the second end of a line, by some ten pixels of the image or a multiple."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """A mouse, and the keyboard for words."""

    at_desk: Sitting

    def choose(self, patient: str) -> None:
        """By a click on its row."""
        self.at_desk.choose(patient)

    def press(self, button: Locator) -> None:
        """By a click."""
        button.click()

    def write(self, field: Locator, words: str) -> None:
        """After a click into it."""
        field.click()
        self.at_desk.page.keyboard.type(words)

    def move_end(self, mark: str, by: Move) -> None:
        """By dragging it over the screen."""
        info = self.at_desk.page.locator(".pane.now .corner.info").inner_text()
        scale = float(info.rsplit(" ", 2)[-1].strip("%\u00a0 ")) / 100
        start = self.at_desk.at(self.at_desk.place(mark, 1))
        self.at_desk.drag(start, (by[0] * scale, by[1] * scale))


@dataclass(frozen=True, slots=True)
class Keys:
    """The keyboard alone: whatever is used has first to be reached."""

    at_desk: Sitting

    def choose(self, patient: str) -> None:
        """Its row is a link."""
        self.press(self.at_desk.page.locator(".row", has_text=patient))
        expect(self.at_desk.page.locator("#patient-name")).to_contain_text(patient)
        self.at_desk.wait_for_image()

    def press(self, button: Locator) -> None:
        """By Enter."""
        self._reach(button)
        self.at_desk.page.keyboard.press("Enter")

    def write(self, field: Locator, words: str) -> None:
        """Where the Tab key stops."""
        self._reach(field)
        self.at_desk.page.keyboard.type(words)

    def move_end(self, mark: str, by: Move) -> None:
        """M goes to the line, Tab to its other end, Shift and an arrow move that by ten pixels."""
        keyboard = self.at_desk.page.keyboard
        self._reach(self.at_desk.view)
        keyboard.press("m")
        expect(self.at_desk.handle(mark, 0)).to_be_focused()
        keyboard.press("Tab")
        expect(self.at_desk.handle(mark, 1)).to_be_focused()
        for arrows, far in zip((("Left", "Right"), ("Up", "Down")), by, strict=True):
            for _ in range(abs(far) // 10):
                keyboard.press(f"Shift+Arrow{arrows[far > 0]}")

    def _reach(self, target: Locator) -> None:
        """Press Tab until it has the focus."""
        expect(target).to_be_visible()
        for _ in range(_MOST_TABS):
            if target.evaluate("each => each === document.activeElement"):
                return
            self.at_desk.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not reach {target}")
