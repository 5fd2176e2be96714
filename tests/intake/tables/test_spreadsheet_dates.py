"""Dates that a spreadsheet made of other things, and days and months that it swapped."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hosr.cohort.covariates import read_covariates
from hosr.errors import RecordRefused
from hosr.intake.tables.reader import open_table
from hosr.intake.tables.records import examine_table
from hosr.intake.tables.spreadsheet_dates import MADE, SWAPPED, is_made, is_swapped, may_be_swapped
from tests.intake.registry.registries import imported, mapped, write_table
from tests.intake.tables.workbooks import write_workbook

if TYPE_CHECKING:
    from hosr.errors import Fault

PLAIN: dict[str, Any] = {
    "id": "1",
    "graded_at": "2026-03-02T10:00:00+01:00",
    "observer.type": "person",
    "observer.name": "Rossi^Maria",
    "side": "right",
}


def _plain(folder: Path, kind: str, column: str, cell: Any) -> tuple[Fault, ...]:
    """What a table of hosr's own says of a cell."""
    row = {**PLAIN, column: cell}
    path = folder / f"table.{kind}"
    if kind == "xlsx":
        write_workbook(path, {"A": [list(row), list(row.values())]})
    else:
        path.write_text(f"{','.join(row)}\n{','.join(map(str, row.values()))}\n", encoding="utf-8")
    (entry,) = examine_table(path)
    assert isinstance(entry.outcome, RecordRefused)
    return entry.outcome.faults


def _registry(folder: Path, cell: Any) -> Path:
    """A workbook with other columns than a record has."""
    rows = [["Nr", "Datum", "Seite", "X"], ["1", "02.03.2026", "re", cell]]
    return write_workbook(folder / "registry.xlsx", {"A": rows})


@pytest.mark.parametrize(
    "cell", ["2-Jan", "1. Feb", "01.Feb", "Jan-02", "02. Mrz", "1-Feb", "3 mai"]
)
@pytest.mark.parametrize("column", ["gap.mm", "grades.brooker", "bridging", "spurs.femur"])
def test_the_cause_of_a_date_among_numbers_and_words_is_told(
    tmp_path: Path, column: str, cell: str
) -> None:
    """It was 1-2, 1/2 or 1.2, which cannot be had back from it."""
    (fault,) = _plain(tmp_path, "csv", column, cell)
    assert (fault.path, fault.remedy) == (f"row 2, column {column}", MADE)


@pytest.mark.parametrize("column", ["gap.mm", "grades.brooker", "bridging"])
def test_the_cause_of_a_typed_date_is_told(tmp_path: Path, column: str) -> None:
    """A workbook holds the date itself."""
    (fault,) = _plain(tmp_path, "xlsx", column, dt.date(2026, 1, 2))
    assert (fault.path, fault.remedy) == (f"row 2, column {column}", MADE)


@pytest.mark.parametrize("name", ["gap.mm", "grades.brooker", "bridging"])
@pytest.mark.parametrize("cell", ["2-Jan", dt.date(2026, 1, 2)])
def test_a_mapping_tells_it_too(tmp_path: Path, name: str, cell: Any) -> None:
    """With the names of the user's column."""
    path = _registry(tmp_path, cell)
    (fault,) = imported(path, mapped(columns=f'"{name}" = "X"')).faults
    assert (fault.path, fault.remedy) == (f"row 2, column X ({name})", MADE)


@pytest.mark.parametrize("cell", ["Decision", "2-3", "12 may follow", "II", "1.2", "marked"])
def test_other_texts_are_no_dates(cell: str) -> None:
    """Their own remedy stands."""
    assert not is_made(cell)


@pytest.mark.parametrize("column", ["study.patient_id", "study.accession_number"])
def test_an_identifier_that_became_a_date_is_refused(tmp_path: Path, column: str) -> None:
    """Two patients, 1-2 and 2/1, would be one; a text that only looks like a day stays."""
    for kind, cell in (("csv", "2-Jan"), ("xlsx", dt.date(2026, 1, 2)), ("xlsx", "1. Feb")):
        (fault,) = _plain(tmp_path, kind, column, cell)
        assert str(fault) == f"row 2, column {column}: is a date, not an identifier; {MADE}"
        path = _registry(tmp_path, cell)
        (fault,) = imported(path, mapped(columns=f'"{column}" = "X"')).faults
        assert (fault.path, fault.remedy) == (f"row 2, column X ({column})", MADE)
    path = _registry(tmp_path, "2026-01-02")
    assert len(imported(path, mapped(columns=f'"{column}" = "X"')).records) == 1


def test_covariates_of_a_patient_that_became_a_date_are_refused(tmp_path: Path) -> None:
    """They would be joined to nobody, or to another one."""
    path = tmp_path / "covariates.csv"
    path.write_text("patient_id,arm\n2-Jan,A\n", encoding="utf-8")
    with pytest.raises(RecordRefused, match="row 2, column patient_id: is a date, not an identif"):
        read_covariates(path)


US, GERMAN = ("%m/%d/%Y",), ("%d.%m.%Y", "%d/%m/%Y")


@pytest.mark.parametrize(
    ("text", "forms", "swapped"),
    [
        ("04/25/2026", GERMAN, True),
        ("25/04/2026", US, True),
        ("25/04/2026", GERMAN, False),
        ("25/45/2026", GERMAN, False),
        ("03/04/2026", GERMAN, False),
        ("25/04/2026", (*GERMAN, *US), False),
        ("2026-04-25", ("%Y-%m-%d",), False),
        (45000, GERMAN, False),
    ],
)
def test_swapped_is_what_fits_the_other_order_alone(
    text: Any, forms: tuple[str, ...], swapped: bool
) -> None:
    """What fits both may be either, and says nothing."""
    assert is_swapped(text, forms) is swapped


@pytest.mark.parametrize(
    ("date", "doubtful"),
    [
        ("03/04/2026", True),
        ("04.04.2026", False),
        ("25.04.2026", False),
        (dt.date(2026, 4, 3), True),
        (dt.date(2026, 4, 25), False),
        (None, False),
    ],
)
def test_a_day_that_could_be_a_month_is_in_doubt(date: Any, doubtful: bool) -> None:
    """Where some date of its column is swapped."""
    assert may_be_swapped(date) is doubtful


def test_a_column_with_swapped_dates_is_not_guessed(tmp_path: Path) -> None:
    """The one that shows it and those that may be swapped too are refused, the others read."""
    rows = ("1;03.04.2026;re", "2;25.04.2026;re", "3;04.25.2026;re", "4;05.05.2026;re")
    outcome = imported(write_table(tmp_path, "\n".join(("Nr;Datum;Seite", *rows))), mapped())
    assert [each.id for each in outcome.records] == ["2", "4"]
    place = "column Datum (graded_at)"
    assert [(f.path, f.problem, f.remedy) for f in outcome.faults] == [
        (
            f"row 2, {place}",
            "may have day and month swapped, as a spreadsheet did in this column (see row 4)",
            "write the whole column as 2026-03-02, from where it comes",
        ),
        (f"row 4, {place}", 'is no date as "%d.%m.%Y"', SWAPPED),
    ]


def test_a_column_without_a_sign_of_it_is_read(tmp_path: Path) -> None:
    """The third of April stays one where the mapping says so."""
    rows = ("1;03.04.2026;re", "2;25.04.2026;re")
    outcome = imported(write_table(tmp_path, "\n".join(("Nr;Datum;Seite", *rows))), mapped())
    assert len(outcome.records) == 2


def test_a_date_beside_texts_of_dates_is_not_trusted(tmp_path: Path) -> None:
    """Excel took what it could for a date of its own country, and left the others texts."""
    cells = [dt.date(2026, 4, 3), "25/04/2026", dt.date(2026, 5, 5), dt.date(2026, 4, 30), "-"]
    path = write_workbook(
        tmp_path / "t.xlsx", {"A": [["id", "d"], *([n, each] for n, each in enumerate(cells))]}
    )
    with open_table(path) as table:
        rows = list(table.rows)
    faults = [(str(fault), row.number) for row in rows for fault in row.faults]
    assert faults == [
        (
            (
                "row 2, column d: may have day and month swapped, as a spreadsheet did in this column "
                "(see row 3); write the whole column as 2026-03-02, from where it comes"
            ),
            2,
        )
    ]
    assert [row.cells.get("d") for row in rows] == [None, *cells[1:]]


def test_dates_beside_other_texts_are_read(tmp_path: Path) -> None:
    """A dash and a word are no sign of anything."""
    cells = [dt.date(2026, 4, 3), "03/04/2026", "unknown"]
    path = write_workbook(tmp_path / "t.xlsx", {"A": [["d"], *([each] for each in cells)]})
    with open_table(path) as table:
        assert not any(row.faults for row in table.rows)
