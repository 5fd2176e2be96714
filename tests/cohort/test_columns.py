"""The one table of columns."""

from __future__ import annotations

from hosr.cohort.columns import COLUMNS, Column, Kind, all_columns, empty_row


def test_every_column_is_named_once_and_says_what_it_means() -> None:
    """Names are words of Python, and meanings are one line."""
    names = [column.name for column in COLUMNS]
    assert len(set(names)) == len(names) == 54
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
