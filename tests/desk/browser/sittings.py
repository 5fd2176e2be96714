"""A reader at the desk: what is on their screen, and what they do with it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.desk.browser.desks import DeskOfSamples

# What the browser itself says of an answer that the test asked for: a refusal is no fault of the page.
_EXPECTED = re.compile(r"Failed to load resource: .*(401|403|412|409|net::ERR_)")
WIDE = {"width": 1440, "height": 900}

Point = tuple[float, float]


@dataclass(slots=True, kw_only=True)
class Sitting:
    """One page of the desk in a browser; `complaints` are what its console and programs complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def enter(self, address: str) -> None:
        """Follow a link to the desk."""
        self.page.goto(address)
        self.page.locator("body[data-ready]").wait_for()

    def choose(self, patient: str) -> None:
        """Click the draft of a patient in the worklist, and wait until it is there."""
        self.page.locator(".row", has_text=patient).click()
        expect(self.page.locator("#patient-name")).to_contain_text(patient)
        self.wait_for_image()

    def wait_for_image(self) -> None:
        """Until a picture is drawn."""
        expect(self.page.locator(".pane.now .corner.info")).not_to_be_empty()

    @property
    def view(self) -> Locator:
        """The image."""
        return self.page.locator(".pane.now .view")

    def press(self, *keys: str) -> None:
        """Keys over the image."""
        self.view.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def handle(self, mark: str, end: int) -> Locator:
        """The end of a line, as "right.gap"."""
        return self.page.locator(f'.mark[data-key="{mark}"] .handle').nth(end)

    def place(self, mark: str, end: int) -> Point:
        """Where an end stands, in CSS pixels from the corner of the picture, not rounded."""
        moved = self.handle(mark, end).get_attribute("transform") or ""
        x, y = re.findall(r"-?[\d.]+(?:e-?\d+)?", moved)
        return float(x), float(y)

    def at(self, place: Point) -> Point:
        """The same place on the page."""
        box = self.view.bounding_box()
        assert box is not None
        return box["x"] + place[0], box["y"] + place[1]

    def drag(self, start: Point, by: Point, button: Any = "left") -> None:
        """Drag from a place of the page."""
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down(button=button)
        mouse.move(start[0] + by[0] / 2, start[1] + by[1] / 2)
        mouse.move(start[0] + by[0], start[1] + by[1])
        mouse.up(button=button)

    def wait_until_saved(self) -> None:
        """Until the page says that the desk keeps what is on it, and the grade is of that."""
        expect(self.page.locator("#saved")).to_have_attribute("data-state", "saved")
        expect(self.page.locator("#grades")).to_have_attribute("aria-busy", "false")

    def grade(self, scale: str = "brooker") -> Locator:
        """A grade on the screen."""
        return self.page.locator(f'.scale[data-scale="{scale}"] .grade')

    def field(self, label: str, choice: str) -> Locator:
        """One of the words of a field of the form."""
        return self.page.get_by_role("group", name=label, exact=True).get_by_role(
            "radio", name=choice, exact=True
        )


@contextmanager
def sitting(browser: Browser, **context: Any) -> Iterator[Sitting]:
    """A browser window of its own; at its end nothing may have gone wrong in the page."""
    opened = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **context})
    try:
        at_desk = Sitting(page=opened.new_page())
        watch(at_desk)
        yield at_desk
        assert at_desk.complaints == [], at_desk.complaints
    finally:
        opened.close()


def watch(at_desk: Sitting) -> None:
    """Keep whatever the console and the programs of the page complain of."""

    def keep(kind: str, text: str) -> None:
        if kind in ("error", "warning") and not _EXPECTED.search(text):
            at_desk.complaints.append(text)

    at_desk.page.on("console", lambda said: keep(said.type, said.text))
    at_desk.page.on("pageerror", lambda error: at_desk.complaints.append(str(error)))


@contextmanager
def reading(
    browser: Browser, desk: DeskOfSamples, patient: str = "", **context: Any
) -> Iterator[Sitting]:
    """Rossi at a desk, with the draft of a patient open."""
    with sitting(browser, **context) as at_desk:
        at_desk.enter(desk.link())
        if patient:
            at_desk.choose(patient)
        else:
            at_desk.wait_for_image()
        yield at_desk
