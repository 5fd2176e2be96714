"""The page in a real browser, as readers hold it, and before the Nu Html Checker."""

import atexit
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.peers.processes import PEERS, SCREENSHOTS, installed, program, run
from tests.peers.talk import Talk, start_browser
from tests.peers.validators import ValidatorError

NU = PEERS / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a reader holds the page."""

    width: int = 1280
    height: int = 900
    scheme: str = "light"
    media: str = "screen"


SETTINGS = {
    "light": Setting(),
    "dark": Setting(scheme="dark"),
    "phone": Setting(width=360, height=740),
    "paper": Setting(width=680, height=1010, media="print"),  # A4 less 15 mm at every edge
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the browser found in one setting; `undecided` is where axe-core could not tell."""

    setting: str
    text: str
    faults: tuple[str, ...]
    undecided: tuple[str, ...]
    rules: int
    images: int
    screenshot: Path


def open_page(path: Path, name: str, settings: Sequence[str], printed: Path) -> dict[str, Page]:
    """Open a page in each setting; that of the paper is printed to a PDF as well."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    asked = {
        "page": str(path),
        "settings": [_asked(setting, name, printed) for setting in settings],
    }
    try:
        answers = _browser().ask(asked, SECONDS)
    except RuntimeError:
        _browser.cache_clear()  # it talks no more; the next page has another
        raise
    return {answer["name"]: _page(answer, name) for answer in answers}


@cache
def _browser() -> Talk:
    """A browser that stays until the tests of this process end."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(start_browser("pages.mjs"))


def _asked(setting: str, name: str, printed: Path) -> dict[str, object]:
    how = SETTINGS[setting]
    return {
        "name": setting,
        "width": how.width,
        "height": how.height,
        "scheme": how.scheme,
        "media": how.media,
        "screenshot": str(_screenshot(name, setting)),
        "printed": str(printed) if how.media == "print" else "",
    }


def _screenshot(name: str, setting: str) -> Path:
    return SCREENSHOTS / f"{name}-{setting}.png"


def _page(answer: dict[str, Any], name: str) -> Page:
    """The browser's answer; whatever a reader would call broken is a fault, in words."""
    said = {
        "not accessible": answer["violations"],
        "too wide": answer["wide"],
        "words beyond the edge of a drawing": answer["cut"],
        "words over words": answer["covered"],
        "an image that does not show": answer["broken"],
        "the page asked for": answer["outside"],
        "the browser complains": answer["errors"],
    }
    return Page(
        setting=answer["name"],
        text=answer["text"],
        faults=tuple(f"{what}: {which}" for what, found in said.items() for which in found),
        undecided=tuple(answer["undecided"]),
        rules=answer["rules"],
        images=answer["images"],
        screenshot=_screenshot(name, answer["name"]),
    )


def nu_checker(paths: Sequence[Path]) -> dict[str, list[str]]:
    """What the Nu Html Checker minds in each file, HTML or SVG by its name; information too."""
    jar = installed(NU, "npm package vnu-jar")
    options = ["--stdout", "--exit-zero-always", "--format", "json", "--also-check-svg"]
    done = run([program("java", "Java 17"), "-jar", jar, *options, *paths], timeout=SECONDS)
    if done.code or not done.out.strip():
        raise ValidatorError(f"the Nu Html Checker did not run: {done}")
    found: dict[str, list[str]] = {str(path): [] for path in paths}
    for message in json.loads(done.out)["messages"]:
        name = str(message.get("url", "")).removeprefix("file:")
        kind = message.get("subType", message["type"])
        said = f"{kind}: {message['message']} (line {message.get('lastLine', '?')})"
        found.setdefault(name, []).append(said)
    return found
