"""What an import says of a table: counts of everything, words of coded columns alone."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from hosr.intake.registry import ColumnReport, ValueReport
from tests.intake.registry.registries import imported, mapped, write_table

if TYPE_CHECKING:
    from pathlib import Path

_COLUMNS = (
    '"gap.mm" = "Spalt"\nbridging = "Bruecke"\n"study.patient_id" = "Patient"\ncomment = "Notiz"'
)
_HEADER = "Nr;Datum;Seite;Spalt;Bruecke;Patient;Notiz;Name;Alter"
_SECTIONS = (
    '[values.bridging]\n"0" = "none"\n[units]\n"gap.mm" = "cm"\n[missing]\nbridging = ["9"]\n'
    '[assumed]\nview = "ap_pelvis"\n"observer.organization" = "Secret Clinic"'
)


def _report(folder: Path, *rows: str) -> dict[str, ColumnReport]:
    table = write_table(folder, "\n".join((_HEADER, *rows)))
    report = imported(table, mapped(_SECTIONS, columns=_COLUMNS)).report
    return {column.becomes: column for column in report.columns}


def test_every_column_is_counted(tmp_path: Path) -> None:
    """Filled and empty cells, words with what they become, and conversions are counted."""
    columns = _report(
        tmp_path,
        "1;02.03.2026;re;0,8;0;;;;",
        "2;02.03.2026;re;0,9;confirmed;;;;",
        "3;02.03.2026;re;;0;;;;",
        "4;02.03.2026;re;8 mm;9;;;;",
        "5;02.03.2026;re;;x;;;;",
    )
    assert columns["gap.mm"] == ColumnReport(
        column="Spalt",
        becomes="gap.mm",
        side="",
        filled=3,
        empty=2,
        values=(),
        more_values=0,
        unknown=(),
        more_unknown=0,
        conversions={"cm to mm": 2, "decimal comma": 2},
        assumptions={},
    )
    assert columns["bridging"] == ColumnReport(
        column="Bruecke",
        becomes="bridging",
        side="",
        filled=4,
        empty=1,
        values=(
            ValueReport(value="0", count=2, becomes="none"),
            ValueReport(value="confirmed", count=1, becomes="confirmed"),
        ),
        more_values=0,
        unknown=(ValueReport(value="x", count=1, becomes=""),),
        more_unknown=0,
        conversions={'"9" means empty': 1, "words mapped": 2},
        assumptions={},
    )


def test_columns_that_are_not_read_are_named(tmp_path: Path) -> None:
    """A column that the mapping leaves out is named, unless it is left out knowingly."""
    table = write_table(tmp_path, f"{_HEADER}\n1;02.03.2026;re;;;;;;\n")
    report = imported(
        table, mapped(_SECTIONS, table='ignored = ["Alter", "Beruf"]', columns=_COLUMNS)
    ).report
    assert (report.not_used, report.ignored) == (("Name",), ("Alter", "Beruf"))


def test_defaults_of_the_record_are_told(tmp_path: Path) -> None:
    """What a record means by what the mapping does not fill is an assumption too."""
    table = write_table(tmp_path, "Nr;Datum;Seite;Spalt\n1;02.03.2026;re;8\n")
    assert imported(table, mapped(columns='"gap.mm" = "Spalt"')).report.defaults == (
        "gap.mm is in the patient, as nothing says gap.plane",
        "every hip is evaluable, as nothing says otherwise",
        "the view is that of the images, as nothing says view",
    )


@pytest.mark.parametrize("side", ["re", "Musterfrau"])
def test_nobody_is_named(tmp_path: Path, side: str) -> None:
    """Names, numbers of patients, free text and a column mapped by mistake stay unsaid."""
    rows = [
        f"{n};02.03.2026;{side};0,{n};Musterfrau {n};P-4711-{n};Geheim {n};Musterfrau;99"
        for n in range(1, 9)
    ]
    table = write_table(tmp_path, "\n".join((_HEADER, *rows)))
    outcome = imported(table, mapped(_SECTIONS, columns=_COLUMNS))
    said = json.dumps(asdict(outcome.report)) + "\n".join(map(str, outcome.faults))
    assert [
        word for word in ("Musterfrau", "4711", "Geheim", "Secret", "Rossi") if word in said
    ] == []
    (bridging,) = (c for c in outcome.report.columns if c.becomes == "bridging")
    assert (bridging.unknown, bridging.more_unknown) == ((), 8)


def test_numbers_of_patients_are_not_told_as_lengths(tmp_path: Path) -> None:
    """A length that cannot be one is not repeated: its column may be another than was meant."""
    table = write_table(tmp_path, "Nr;Datum;Seite;PatNr\n1;02.03.2026;re;471100\n")
    outcome = imported(table, mapped(columns='"gap.mm" = "PatNr"'))
    assert [fault.problem for fault in outcome.faults] == ["is more than 200"]
    assert "4711" not in json.dumps(asdict(outcome.report))


def test_gaps_that_may_be_codes_are_counted(tmp_path: Path) -> None:
    """A record without images is never matched with any, so an import has to say it."""
    rows = ("1;02.03.2026;re;9,9;0;;;;", "2;02.03.2026;re;0,9;0;;;;")
    table = write_table(tmp_path, "\n".join((_HEADER, *rows)))
    report = imported(table, mapped(_SECTIONS, columns=_COLUMNS)).report
    assert (report.records, report.missing_codes) == (2, 1)


def test_of_many_words_the_most_frequent_are_shown(tmp_path: Path) -> None:
    """A dozen words of a column are shown, ten unknown ones, and how many there are besides."""
    rows = ["0;02.03.2026;re;;0;;;;"]
    rows += [f"{n};02.03.2026;re;;x{n % 15:02};;;;" for n in range(1, 40)]
    bridging = _report(tmp_path, *rows)["bridging"]
    shown = [(value.value, value.count) for value in bridging.unknown]
    assert shown == [(f"x{n:02}", 3) for n in range(1, 10)] + [("x00", 2)]
    assert bridging.more_unknown == 5


def test_of_many_refusals_the_first_are_shown(tmp_path: Path) -> None:
    """Twenty refusals are kept, and all of them counted."""
    rows = [f"{n};02.03.2026;?;;;;;;" for n in range(50)]
    table = write_table(tmp_path, "\n".join((_HEADER, *rows)))
    report = imported(table, mapped(_SECTIONS, columns=_COLUMNS)).report
    assert (len(report.refusals), report.refused_records, report.refused_rows) == (20, 50, 50)
    assert (report.rows, report.records, report.hips) == (50, 0, 0)
