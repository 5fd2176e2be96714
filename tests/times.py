"""Where the time of a run went: by folder, and the files that took most of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

_MOST_FILES = 15


def phases_of(terminalreporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    """Setup, call and teardown of each test that ran, from all processes."""
    kept = terminalreporter.stats.values()
    return [report for each in kept for report in each if isinstance(report, pytest.TestReport)]


def time_table(phases: Iterable[pytest.TestReport]) -> Iterator[str]:
    """Lines of seconds, tests and place; seconds of all processes together."""
    seconds: defaultdict[str, float] = defaultdict(float)
    tests: defaultdict[str, int] = defaultdict(int)
    for phase in phases:
        file = phase.nodeid.partition("::")[0]
        folder = "/".join(file.split("/")[:-1][:2])
        for place in ("", folder, file):
            seconds[place] += phase.duration
            tests[place] += phase.when == "call"
    slowest = sorted(seconds, key=lambda place: -seconds[place])
    files = [place for place in slowest if place.endswith(".py")]
    folders = [place for place in slowest if place and place not in files]
    yield "seconds  tests"
    for place in ("", *folders, *files[:_MOST_FILES]):
        yield f"{seconds[place]:7.1f} {tests[place]:6}  {place or 'all'}"
