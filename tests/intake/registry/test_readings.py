"""Several readings in one row: by other readers, at other times, or again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from hosr.errors import UsageError
from hosr.findings import Person
from hosr.intake.registry import Refusal, parse_mapping
from tests.intake.registry.registries import GERMAN, imported, mapped, write_table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.intake.registry.registries import Outcome

_SHARED = GERMAN.replace('"observer.name" = "Rossi^Maria"\n', "")
READERS = f"""{_SHARED}
[readings.AR.columns]
"grades.brooker" = "Grad AR"
[readings.AR.constants]
"observer.name" = "Rossi^Anna"
[readings.BT.columns]
"grades.brooker" = "Grad BT"
comment = "Notiz BT"
[readings.BT.constants]
"observer.name" = "Test^Ben"
"""
HEADER = "Nr;Datum;Seite;Grad AR;Grad BT;Notiz BT"


def _read(folder: Path, *rows: str, mapping: str = READERS, header: str = HEADER) -> Outcome:
    return imported(write_table(folder, "\n".join((header, *rows))), mapping)


def _said(outcome: Outcome) -> list[tuple[str, str, list[str]]]:
    return [
        (
            each.id,
            each.record.observer.name if isinstance(each.record.observer, Person) else "",
            [f"{hip.side.value} {hip.source_grade('brooker')}" for hip in each.record.hips],
        )
        for each in outcome.records
    ]


def test_a_column_for_each_reader_is_a_record_for_each(tmp_path: Path) -> None:
    """Rows of one study stay together; who graded one hip alone has a record of that hip."""
    rows = ("17;02.03.2026;re;II;III;", "17;;li;0;;", "18;02.03.2026;re;;I;unclear")
    outcome = _read(tmp_path, *rows)
    assert outcome.faults == []
    assert _said(outcome) == [
        ("17-AR", "Rossi^Anna", ["right ('II',)", "left ('0',)"]),
        ("17-BT", "Test^Ben", ["right ('III',)"]),
        ("18-BT", "Test^Ben", ["right ('I',)"]),
    ]
    report = outcome.report
    assert (report.rows, report.records, report.hips) == (3, 3, 4)
    assert {c.column: c.filled for c in report.columns} == {
        "Nr": 3,
        "Datum": 2,
        "Seite": 3,
        "Grad AR": 2,
        "Grad BT": 2,
        "Notiz BT": 1,
    }
    assert report.constants == {
        "observer.type": "person",
        "observer.name of AR": "",
        "observer.name of BT": "",
    }
    assert any("are of several studies in a cohort" in each for each in report.defaults)


TIMES = """
[table]
encoding = "utf-8"
delimiter = ";"
timezone = "Europe/Berlin"
time = "12:00"
layout = "row per study"
[columns]
id = "Nr"
"observer.name" = "Wer"
[constants]
"observer.type" = "person"
[readings.6w.columns]
graded_at = "Datum 6w"
[readings.6w.columns.right]
"gap.mm" = "re 6w"
[readings.6w.columns.left]
"gap.mm" = "li 6w"
[readings.1j.columns]
graded_at = "Datum 1j"
right = { "gap.mm" = "re 1j" }
left = { "gap.mm" = "li 1j" }
"""


def test_times_and_sides_can_be_columns(tmp_path: Path) -> None:
    """The widest of tables: a row for each patient."""
    header = "Nr;Wer;Datum 6w;re 6w;li 6w;Datum 1j;re 1j;li 1j"
    row = "1;Rossi^Maria;2026-03-02;8.5;;2027-03-02;7;12"
    outcome = _read(tmp_path, row, mapping=TIMES, header=header)
    assert outcome.faults == []
    found = [
        (each.id, each.record.graded_at.year, [(h.side.value, h.gap and h.gap.mm) for h in hips])
        for each in outcome.records
        for hips in [each.record.hips]
    ]
    assert found == [
        ("1-6w", 2026, [("right", 8.5)]),
        ("1-1j", 2027, [("right", 7.0), ("left", 12.0)]),
    ]


def test_a_row_without_a_reading_is_refused(tmp_path: Path) -> None:
    """It would be left out in silence."""
    outcome = _read(tmp_path, "17;02.03.2026;re;;;", "18;02.03.2026;re;I;;")
    assert [str(fault) for fault in outcome.faults] == [
        "row 2: holds no reading; fill in a column of one, or remove the row"
    ]
    assert outcome.report.refused_rows == 1


def test_a_fault_is_of_its_reading_alone(tmp_path: Path) -> None:
    """The other reader's record is there; a fault of what they share refuses both, and one row."""
    outcome = _read(tmp_path, "17;02.03.2026;re;7;I;", "18;2026;re;II;I;")
    assert [each.id for each in outcome.records] == ["17-BT"]
    assert [fault.path for fault in outcome.faults] == [
        "row 2, column Grad AR (grades.brooker)",
        *["row 3, column Datum (graded_at)"] * 2,
    ]
    refusals = [entry for entry in outcome.entries if isinstance(entry, Refusal)]
    assert len(refusals) == outcome.report.refused_records == 3
    assert outcome.report.refused_rows == 2


def test_ids_of_readings_are_unique(tmp_path: Path) -> None:
    """A row may be named as a reading of another one."""
    rows = ("17;02.03.2026;re;I;;", "17-AR;02.03.2026;re;;I;", "17;02.03.2026;re;I;;")
    outcome = _read(tmp_path, *rows)
    assert [each.id for each in outcome.records] == ["17-AR-BT"]
    assert {fault.problem for fault in outcome.faults} == {"is used again for other rows"}


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ("[readings.AR]", '[readings."AR"]: is not a section; write "columns", "composed"'),
        ("[readings.AR.values]\nside = 1", '[readings."AR"]: holds "values", which is none of its'),
        ('[readings.AR.columns]\nid = "X"', '[readings."AR"]: names id or side'),
        ("[readings.AR.columns]", '[readings."AR"]: names no column'),
        ('[readings.AR.columns]\ngrade = "X"', '[readings."AR"] [columns] grade: is no name'),
        (
            '[readings.AR.columns]\n"grades.brooker" = "X"',
            '[readings."AR"] [columns] observer.name: is missing',
        ),
    ],
)
def test_a_wrong_reading_is_told_by_its_name(section: str, fault: str) -> None:
    """As every other section is, before a table is read."""
    with pytest.raises(UsageError, match=re.escape(fault)):
        parse_mapping(f"{_SHARED}\n{section}")


def test_readings_have_rows_in_common() -> None:
    """What tells the rows of one study is no matter of a reader."""
    text = READERS.replace('id = "Nr"\n', "")
    with pytest.raises(UsageError, match=re.escape("[columns] id: is missing")):
        parse_mapping(text)


def test_words_and_units_hold_for_all_readings() -> None:
    """They are named once; and one that no reading has is a slip."""
    more = '[values."grades.brooker"]\n"2" = "II"\n[missing]\ncomment = ["-"]'
    mapping = parse_mapping(f"{READERS}\n{more}")
    grades = [s.values for s in mapping.sources if s.name == "grades.brooker"]
    assert grades == [{"2": "II"}] * 2
    with pytest.raises(UsageError, match=re.escape("[missing] view: is of no mapped column")):
        parse_mapping(f'{READERS}\n[missing]\nview = ["-"]')


def test_a_mapping_without_readings_is_one(tmp_path: Path) -> None:
    """Its ids stay as they are."""
    outcome = _read(tmp_path, "17;02.03.2026;re;;;", mapping=mapped())
    assert [each.id for each in outcome.records] == ["17"]
