"""Wide tables: boxes of a list, rows of both sides, rows below the header that are no data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from hosr.errors import RecordRefused, UsageError
from hosr.intake.registry import parse_mapping
from tests.intake.registry.registries import imported, mapped, write_table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.intake.registry.registries import Outcome

_BOXES = '[checkboxes]\n"context.symptoms" = { "s___1" = "pain", "s___2" = "swelling" }'


def _read(folder: Path, header: str, *rows: str, mapping: str) -> Outcome:
    return imported(write_table(folder, "\n".join((header, *rows))), mapping)


@pytest.mark.parametrize(
    ("cells", "symptoms"),
    [
        ("1;0", ["pain"]),
        ("Checked;Unchecked", ["pain"]),
        ("x;", ["pain"]),
        ("TRUE;yes", ["pain", "swelling"]),
        ("0;0", []),
        (";", []),
    ],
)
def test_checked_boxes_are_the_words_of_a_list(
    tmp_path: Path, cells: str, symptoms: list[str]
) -> None:
    """As REDCap exports them, raw or by their labels; a box that is not checked says nothing."""
    header = "Nr;Datum;Seite;s___1;s___2"
    (found,) = _read(tmp_path, header, f"1;02.03.2026;re;{cells}", mapping=mapped(_BOXES)).records
    assert [word.value for word in found.record.context.symptoms] == symptoms


def test_a_box_with_another_word_refuses_its_row(tmp_path: Path) -> None:
    """It may be a box of another kind."""
    row = "1;02.03.2026;re;1;2"
    outcome = _read(tmp_path, "Nr;Datum;Seite;s___1;s___2", row, mapping=mapped(_BOXES))
    assert [str(fault) for fault in outcome.faults] == [
        (
            'row 2, column s___1 + s___2 (context.symptoms): has a box "s___2" that is neither checked '
            "nor unchecked; write 1 or 0, or leave it empty"
        )
    ]


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ('"gap.mm" = { "a" = "8" }', '[checkboxes."gap.mm"]: is no list of words of the record'),
        ('images = { "a" = "8" }', '[checkboxes."images"]: is no list of words of the record'),
        ('"context.symptoms" = { "a" = "ache" }', '[checkboxes."context.symptoms"] "a": is "ache"'),
    ],
)
def test_boxes_are_of_lists_and_of_words(section: str, fault: str) -> None:
    """What is wrong with them is told before a table is read."""
    with pytest.raises(UsageError, match=re.escape(fault)):
        parse_mapping(mapped(f"[checkboxes]\n{section}"))


_BOTH = mapped(columns='"gap.mm" = "Spalt"').replace(
    '"li" = "left"', '"li" = "left", "bds" = "both"'
)


def test_a_row_of_both_sides_is_two_hips(tmp_path: Path) -> None:
    """Both are as the row says."""
    outcome = _read(tmp_path, "Nr;Datum;Seite;Spalt", "1;02.03.2026;bds;8,5", mapping=_BOTH)
    (found,) = outcome.records
    hips = [(hip.side.value, hip.gap and hip.gap.mm) for hip in found.record.hips]
    assert hips == [("right", 8.5), ("left", 8.5)]
    assert outcome.report.hips == 2
    (side,) = (column for column in outcome.report.columns if column.becomes == "side")
    assert [(v.value, v.becomes) for v in side.values] == [("bds", "both")]


def test_both_sides_beside_one_of_them_are_refused(tmp_path: Path) -> None:
    """Which of the two holds for that hip is not told."""
    rows = ("1;02.03.2026;bds;8,5", "1;;re;7")
    outcome = _read(tmp_path, "Nr;Datum;Seite;Spalt", *rows, mapping=_BOTH)
    assert outcome.records == []
    assert [fault.path for fault in outcome.faults] == ["row 3, column Seite (side)"]


def test_both_is_a_word_of_the_side_alone() -> None:
    """A record has hips of one side each, and it is no default."""
    for section in ('[values]\nview = { "a" = "both" }', '[constants]\nside = "both"'):
        text = mapped(columns='view = "A"').replace("[constants]\n", f"{section}\n", 1)
        with pytest.raises(UsageError):
            parse_mapping(text)


def test_rows_below_the_header_can_be_skipped(tmp_path: Path) -> None:
    """A row of units is no hip, but is counted as a row of the sheet."""
    rows = ("-;tt.mm.jjjj;-;mm", "1;02.03.2026;re;8")
    mapping = mapped(table="skip_below = 1", columns='"gap.mm" = "Spalt"')
    outcome = _read(tmp_path, "Nr;Datum;Seite;Spalt", *rows, mapping=mapping)
    assert [each.rows for each in outcome.records] == [(3,)]
    assert outcome.report.rows == 1
    with pytest.raises(UsageError, match="skip_below: is no number of rows"):
        parse_mapping(mapped(table="skip_below = -1"))


_EVENTS = mapped('[only]\nevent = ["year_1", "year_2"]\n[composed]\nid = "{Nr}-{event}"').replace(
    'id = "Nr"\n', ""
)


def test_rows_of_other_events_are_left_out_and_counted(tmp_path: Path) -> None:
    """REDCap has a row for each event of a patient, and in most of them nobody graded."""
    rows = (
        "1;;;screening",
        "1;02.03.2026;re;year_1",
        "1;02.03.2027;re;year_2",
        "2;;;screening",
        "2;;;",
        "2;02.03.2026;li;year_1",
    )
    outcome = _read(tmp_path, "Nr;Datum;Seite;event", *rows, mapping=_EVENTS)
    assert outcome.faults == []
    assert [each.id for each in outcome.records] == ["1-year_1", "1-year_2", "2-year_1"]
    assert (outcome.report.rows, outcome.report.left_out) == (3, 3)
    assert outcome.report.not_used == ()


def test_a_column_of_only_is_there(tmp_path: Path) -> None:
    """Else all rows would be left out in silence."""
    mapping = mapped('[only]\nEreignis = ["Jahr 1"]')
    with pytest.raises(RecordRefused, match="column Ereignis: is not in the table, but"):
        _read(tmp_path, "Nr;Datum;Seite", "1;02.03.2026;re", mapping=mapping)
    with pytest.raises(UsageError, match=re.escape("[only] event: is no list of texts")):
        parse_mapping(mapped('[only]\nevent = "year_1"'))
