"""Chromium, once for all tests, and desks."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.desk.browser.desks import RunningDesk, fill, record_of, running_desk
from tests.peers.processes import program

Start = Callable[..., RunningDesk]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of Debian, driven by playwright."""
    path = program("chromium", "Debian package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A function that starts a desk: names of samples, or pairs of a name and another record."""
    with ExitStack() as stack:

        def begin(*samples: str | tuple[str, dict[str, Any]], **options: Any) -> RunningDesk:
            pairs = [(each, record_of(each)) if isinstance(each, str) else each for each in samples]
            folder = tmp_path / "drafts"
            fill(folder, pairs, **{key: options.pop(key) for key in ("images",) if key in options})
            return stack.enter_context(running_desk(folder, **options))

        yield begin
