"""The one table of columns, and windows of days from the index event."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from hosr.cohort.columns import (
    COLUMNS,
    DEFAULT_WINDOWS,
    Column,
    Kind,
    Window,
    all_columns,
    empty_row,
    parse_windows,
    time_point,
)
from hosr.errors import UsageError


def test_every_column_is_named_once_and_says_what_it_means() -> None:
    """Names are words of Python, and meanings are one line."""
    names = [column.name for column in COLUMNS]
    assert len(set(names)) == len(names) == 62
    assert all(column.name.isidentifier() for column in COLUMNS)
    assert all(column.meaning and column.meaning.isprintable() for column in COLUMNS)


def test_columns_of_covariates_come_last_by_name() -> None:
    """Whatever the rows that bring them, their order is the same."""
    rows = [{**empty_row(), "x_b": "1"}, {**empty_row(), "x_a": "2"}, empty_row()]
    assert all_columns(rows) == (
        *COLUMNS,
        Column("x_a", Kind.TEXT, "covariate of the user"),
        Column("x_b", Kind.TEXT, "covariate of the user"),
    )


def test_the_windows_of_hosr_leave_no_day_out() -> None:
    """Each begins on the day after the one before it ends, the first on the day of the event."""
    assert DEFAULT_WINDOWS[0].first_day == 0
    assert all(b.first_day == a.last_day + 1 for a, b in pairwise(DEFAULT_WINDOWS))
    assert all(window.first_day <= window.last_day for window in DEFAULT_WINDOWS)


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (-1, "preoperative"),
        (0, "postoperative"),
        (30, "postoperative"),
        (31, "6 weeks"),
        (42, "6 weeks"),
        (91, "3 months"),
        (183, "6 months"),
        (365, "1 year"),
        (730, "2 years"),
        (1096, "3 years"),
        (1826, "5 years"),
        (3652, "10 years"),
        (4566, "outside the windows"),
    ],
)
def test_a_day_has_the_name_of_its_window(days: int, name: str) -> None:
    """The times of follow-up lie in the windows that bear their names."""
    assert time_point(days, DEFAULT_WINDOWS) == name


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("3mo=60-120,1y=300-420", (Window("3mo", 60, 120), Window("1y", 300, 420))),
        (" 1 year = 300 - 420 , 3mo=60-120", (Window("3mo", 60, 120), Window("1 year", 300, 420))),
        ("before=-400--1,after=0-0", (Window("before", -400, -1), Window("after", 0, 0))),
    ],
)
def test_windows_are_read_in_the_order_of_their_days(
    text: str, windows: tuple[Window, ...]
) -> None:
    """Spaces are no matter, and days before the event may be named."""
    assert parse_windows(text) == windows


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "--time-points: '' is no window; write them as 3mo=60-120,1y=300-420"),
        ("3mo=60", "'3mo=60' is no window"),
        ("3mo=60.5-90", "'3mo=60.5-90' is no window"),
        ("=60-90", "'=60-90' is no window"),
        ("a\tb=60-90", "is no window"),
        ("3mo=90-60", "3mo ends before it begins"),
        ("a=1-2,a=3-4", "a is there twice"),
        ("a=1-5,b=5-9", "a and b overlap"),
        ("a=1-9,b=2-3", "a and b overlap"),
    ],
)
def test_windows_that_leave_a_day_open_are_refused(text: str, message: str) -> None:
    """A window has a name of its own and days of its own."""
    with pytest.raises(UsageError, match=re.escape(message)):
        parse_windows(text)


def test_all_faults_of_windows_are_told_at_once() -> None:
    """Nobody corrects them one by one."""
    with pytest.raises(UsageError) as refused:
        parse_windows("x,a=9-1,b=1-5,c=5-9,b=20-30")
    assert len(refused.value.faults) == 4
