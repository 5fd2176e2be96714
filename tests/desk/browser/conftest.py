"""Chromium, once for all tests, and desks."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.desk.browser.desks import DeskOfSamples, desk_of, record_of
from tests.peers.processes import program
from tests.peers.talk import WITHOUT

Start = Callable[..., DeskOfSamples]

# Signing writes a page and its objects, which takes seconds where others work too.
_PATIENCE_MS = 20_000
_FLAGS = ["--no-sandbox", "--disable-gpu", WITHOUT]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of Debian, driven by playwright."""
    path = program("chromium", "Debian package chromium")
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A function that starts a desk: names of samples, or pairs of a name and another record."""
    with ExitStack() as stack:

        def begin(*samples: str | tuple[str, dict[str, Any]], **options: Any) -> DeskOfSamples:
            records = [
                (each, record_of(each)) if isinstance(each, str) else each for each in samples
            ]
            return stack.enter_context(desk_of(tmp_path / "drafts", records, **options))

        yield begin
