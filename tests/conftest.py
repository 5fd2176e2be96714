"""Golden files: whole outputs kept in tests/golden and compared byte for byte; drawn cases untimed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable

_GOLDEN = Path(__file__).parent / "golden"

# How long a drawn case takes tells of the machine's load, not of hosr.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that rewrites the golden files."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/golden instead of comparing"
    )


@pytest.fixture
def record_figures(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Have a line of figures printed at the end of the run, whichever process the test ran in."""

    def record(line: str) -> None:
        record_property("figures", line)

    return record


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests recorded."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    lines = [
        value for report in reports for name, value in report.user_properties if name == "figures"
    ]
    if lines:
        terminalreporter.section("figures")
    for line in lines:
        terminalreporter.write_line(str(line))


@pytest.fixture
def compare_golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the golden file of this name, or rewrite that file."""
    update = request.config.getoption("--update-golden")

    def compare(name: str, text: str) -> None:
        path = _GOLDEN / name
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.is_file(), f"{name} does not exist; run pytest --update-golden and read it"
        assert text == path.read_bytes().decode()

    return compare
