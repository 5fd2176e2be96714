"""The real OHIF application in a real browser: what a reader sees of an SR."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.peers.processes import PEERS, SCREENSHOTS
from tests.peers.talk import Talk, start_browser

APPLICATION = PEERS / "ohif" / "package" / "dist"
SECONDS = 600.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An SR to be opened, and the number of annotations that it should draw (none: text).

    `drag` is where a line that is tracked has an end, and where that is to be before it is saved.
    """

    study: str
    sop: str
    name: str
    annotations: int
    track: bool = False
    drag: tuple[Point, Point] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A line that is drawn on the image; its points in columns and rows of that image."""

    kind: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words that are drawn beside a line, and whether they lie within the picture."""

    lines: tuple[str, ...]
    in_view: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A line that was drawn anew: the panel after it, what the viewer proposed, the archive's answer."""

    redrawn: str
    proposed: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """A line to be drawn on an image, in its columns and rows, and the label to be chosen for it."""

    points: tuple[Point, Point]
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What came of drawing: what was saved, and what the page complained of."""

    saved: Saved
    errors: tuple[str, ...]
    outside: tuple[str, ...]
    screenshot: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the page shows after the double-click on one SR."""

    entries: tuple[str, ...]
    listed: bool
    shown: bool
    error_page: bool
    text: str
    cut: tuple[str, ...]
    offer: str
    choices: tuple[str, ...]
    image: str
    labels: tuple[Label, ...]
    shapes: tuple[Shape, ...]
    panel: str
    saved: Saved | None
    errors: tuple[str, ...]
    outside: tuple[str, ...]
    screenshot: Path

    @property
    def faults(self) -> tuple[str, ...]:
        """Whatever a reader would call broken, in words."""
        found = {
            "the study browser does not list the SR": not self.listed,
            f"the SR did not show in time; the page says: {self.text[:300]}": not self.shown,
            "an error page": self.error_page,
        }
        said = [sentence for sentence, true in found.items() if true]
        called = [f"the page asked another machine: {url}" for url in self.outside]
        return (*said, *called, *self.errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ohif:
    """The served application in a browser; it shows what the archive behind it keeps."""

    address: str
    browser: Talk

    def open(self, opening: Opening) -> Seen:
        """Open an SR in a page of its own; the screenshot is kept under the name given."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        screenshot = SCREENSHOTS / f"{opening.name}.png"
        asked = {
            "address": self.address,
            "study": opening.study,
            "sop": opening.sop,
            "annotations": opening.annotations,
            "track": opening.track,
            "drag": opening.drag,
            "screenshot": str(screenshot),
        }
        return _seen(self.browser.ask(asked, SECONDS), screenshot)

    def draw(self, study: str, lines: Sequence[NewLine], name: str) -> Drawn:
        """Draw lines on the first image of a study, label them from the list, and save them."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        screenshot = SCREENSHOTS / f"{name}.png"
        asked = {
            "address": self.address,
            "study": study,
            "draw": [{"points": line.points, "label": line.label} for line in lines],
            "screenshot": str(screenshot),
        }
        answer = self.browser.ask(asked, SECONDS)
        return Drawn(
            saved=Saved(**answer["saved"]),
            errors=tuple(answer["errors"]),
            outside=tuple(answer["outside"]),
            screenshot=screenshot,
        )


@contextmanager
def viewing(address: str) -> Iterator[Ohif]:
    """The application that is served at this address, in a browser."""
    with start_browser("open_study.mjs") as browser:
        yield Ohif(address=address, browser=browser)


def _seen(answer: dict[str, Any], screenshot: Path) -> Seen:
    """The page's answer as a value."""
    return Seen(
        entries=tuple(answer["entries"]),
        listed=answer["listed"],
        shown=answer["shown"],
        error_page=answer["error_page"],
        text=answer["text"],
        cut=tuple(answer["cut"]),
        offer=answer["offer"],
        choices=tuple(answer["choices"]),
        image=answer["image"],
        labels=tuple(
            Label(lines=tuple(label["lines"]), in_view=label["in_view"])
            for label in answer["labels"]
        ),
        shapes=tuple(
            Shape(kind=shape["kind"], points=tuple((x, y) for x, y in shape["points"]))
            for shape in answer["shapes"]
        ),
        panel=answer["panel"],
        saved=Saved(**answer["saved"]) if answer["saved"] else None,
        errors=tuple(answer["errors"]),
        outside=tuple(answer["outside"]),
        screenshot=screenshot,
    )
