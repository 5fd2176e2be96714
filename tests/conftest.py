"""What holds for all tests: golden files compared byte for byte, marks, and the tables at the end."""

from __future__ import annotations

import gc
import os
import signal
import warnings
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.drawn import register_profiles
from tests.peers import processes
from tests.times import phases_of, time_table

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_ROOT = Path(__file__).parents[1]
_GOLDEN = Path(__file__).parent / "golden"
_PEERS = Path(__file__).parent / "peers"
# Fixtures that start programs of others.
_OF_PEERS = {"archive_of_orthanc", "ohif", "orthanc", "unwilling"}

register_profiles()
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what goes on behind it so, and with it all that the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that rewrites the golden files."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/golden instead of comparing"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """More processes than there are processors: some tests wait, those of other programs most of all."""
    processors = os.cpu_count() or 1
    with_peers = "not peer" not in config.getoption("markexpr")
    return 2 * processors if with_peers else processors + 1


def pytest_sessionstart(session: pytest.Session) -> None:
    """Have each of several processes compile its part of the tests, or each would compile all of them.

    What cannot be imported is told of where it is collected.
    """
    given: dict[str, object] = getattr(session.config, "workerinput", {})
    if not given or session.config.args != session.config.getini("testpaths"):
        return
    place, processes = int(str(given["workerid"])[2:]), int(str(given["workercount"]))
    files = sorted(path.relative_to(_ROOT) for path in _ROOT.glob("tests/**/test_*.py"))
    for path in files[place::processes]:
        with suppress(Exception), warnings.catch_warnings(action="error"):
            import_module(".".join(path.with_suffix("").parts))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage once among the many tests that are found, which stay to the end; later only among what is new."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs programs of others, by its folder or by what it asks for; it comes first."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if item.path.is_relative_to(_PEERS) or names & _OF_PEERS:
            item.add_marker("peer")
    # What takes long begins first, or one core would wait for the other at the end.
    long = {item.path for item in items if any(map(item.get_closest_marker, ("peer", "slow")))}
    items.sort(key=lambda item: item.path not in long)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let only tests with that mark start such programs: the others run where there are none."""
    processes.allowed = item.get_closest_marker("peer") is not None


@pytest.fixture
def record_figures(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Have a line of figures printed at the end of the run, whichever process the test ran in."""

    def record(line: str) -> None:
        record_property("figures", line)

    return record


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests recorded, and where the time went."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    lines = [
        value for report in reports for name, value in report.user_properties if name == "figures"
    ]
    if lines:
        terminalreporter.section("figures")
    for line in lines:
        terminalreporter.write_line(str(line))
    terminalreporter.section("where the time went")
    for line in time_table(phases_of(terminalreporter)):
        terminalreporter.write_line(line)


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
