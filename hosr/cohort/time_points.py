"""When in the course a study was made: windows of days from the index event, or visits in order.

The times of follow-up are those that studies use: 6 weeks, 3 and 6 months, 1, 2, 3, 5 and 10 years
(3 months, 1, 3, 5 and 10 years: doi 10.1186/s13018-022-02959-z; 6 months: PMC4182406). The windows
are hosr's own: each begins and ends half-way to the neighbouring time, and the first 30 days are
the baseline.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hosr.errors import Fault, UsageError

PREOPERATIVE = "preoperative"
OUTSIDE = "outside the windows"

_OPTION = "--time-points"
_FORM = "write them as 3mo=60-120,1y=300-420, in days from the index event"
_ENTRY = re.compile(r"\s*([^=,]+?)\s*=\s*(-?\d{1,6})\s*-\s*(-?\d{1,6})\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """A time point and the days from the index event that belong to it, both included."""

    name: str
    first_day: int
    last_day: int


DEFAULT_WINDOWS = (
    Window("postoperative", 0, 30),
    Window("6 weeks", 31, 66),
    Window("3 months", 67, 136),
    Window("6 months", 137, 273),
    Window("1 year", 274, 547),
    Window("2 years", 548, 912),
    Window("3 years", 913, 1460),
    Window("5 years", 1461, 2739),
    Window("10 years", 2740, 4565),
)


def time_point(days: int, windows: Sequence[Window]) -> str:
    """The name of the window that a day lies in; else that it is before the event, or outside."""
    for window in windows:
        if window.first_day <= days <= window.last_day:
            return window.name
    return PREOPERATIVE if days < 0 else OUTSIDE


def parse_windows(text: str) -> tuple[Window, ...]:
    """The windows that an option names.

    Raises UsageError with every one that is malformed, is there twice, or overlaps another.
    """
    faults = []
    windows = []
    for entry in text.split(","):
        found = _ENTRY.fullmatch(entry)
        if found is None or not found[1].isprintable():
            faults.append(Fault(_OPTION, f"{entry.strip()!r} is no window", _FORM))
        elif int(found[2]) > int(found[3]):
            faults.append(Fault(_OPTION, f"{found[1]} ends before it begins", "swap the days"))
        else:
            windows.append(Window(found[1], int(found[2]), int(found[3])))
    times = Counter(window.name for window in windows)
    repeated = [name for name, count in times.items() if count > 1]
    faults += [Fault(_OPTION, f"{name} is there twice", "keep one of them") for name in repeated]
    in_order = sorted(windows, key=lambda window: (window.first_day, window.last_day))
    for before, after in pairwise(in_order):
        if after.first_day <= before.last_day:
            problem = f"{before.name} and {after.name} overlap"
            faults.append(Fault(_OPTION, problem, "let each day belong to one of them"))
    if faults:
        raise UsageError(faults)
    return tuple(in_order)
