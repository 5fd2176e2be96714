"""What a report says of each of its hips, in the cells of a row."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hosr.cohort.columns import COLUMNS, Cell
from hosr.cohort.rows import make_rows
from hosr.cohort.tables import csv_bytes
from hosr.findings import Island, Length, Spurs
from hosr.vocabulary.terms import Bridging, BridgingBasis, GapClass, Presence
from tests.cohort.reports import BARE, SAMPLES, altered, readings_of, sample

NAMES = sorted(path.stem for path in (SAMPLES / "reports").glob("*.dcm"))


def test_every_sample_gives_the_row_that_was_read_over(
    compare_golden: Callable[[str, str], None],
) -> None:
    """All columns of all hips of the sample reports are as they were looked at once."""
    rows = make_rows(readings_of(*map(sample, NAMES))).rows
    compare_golden("cohort/samples.csv", csv_bytes(rows).decode().replace("\r\n", "\n"))


def test_a_row_has_every_column_in_order() -> None:
    """Rows and the table of columns name the same cells."""
    (row,) = make_rows(readings_of(sample("brooker-3"))).rows
    assert list(row) == [column.name for column in COLUMNS]


@pytest.mark.parametrize(
    ("hip", "cells"),
    [
        (
            {"evaluable": False, "not_evaluable_reason": "metal over the hip"},
            {"evaluable": False, "reason": "metal over the hip", "flags": "NOT_EVALUABLE"},
        ),
        (
            {"presence": Presence.PRESENT, "source_grades": (("brooker", ("III",)),)},
            {
                "brooker_source": "III",
                "brooker_possible": "III",
                "brooker": "III",
                "della_valle_by_brooker": "C",
                "flags": "GRADE_UNSUPPORTED",
            },
        ),
        (
            {"presence": Presence.ABSENT},
            {
                "brooker_derived": "0",
                "brooker_possible": "0",
                "brooker": "0",
                "della_valle_by_brooker": "A",
                "della_valle_derived": "A",
                "della_valle_possible": "A",
                "della_valle": "A",
            },
        ),
        (
            {"source_grades": (("brooker", ("II", "III")),), "spurs": Spurs(pelvis=True)},
            {
                "spur_pelvis": True,
                "brooker_source": "II|III",
                "brooker_possible": "II|III|IV",
                "della_valle_by_brooker": "B|C",
                "della_valle_possible": "B|C",
                "flags": "GAP_MISSING|BRIDGING_UNKNOWN",
            },
        ),
        (
            {"gap": Length(gap_class=GapClass.AT_LEAST_10_MM), "bridging": Bridging.NONE},
            {
                "gap_category": ">=10mm",
                "bridging": "none",
                "brooker_derived": "II",
                "brooker_possible": "II",
                "brooker": "II",
                "della_valle_by_brooker": "B",
                "della_valle_derived": "B",
                "della_valle_possible": "B",
                "della_valle": "B",
                "flags": "CATEGORICAL_GAP|GAP_WITHOUT_SPURS",
            },
        ),
        (
            {
                "islands": (Island(length=Length(mm=4.0)), Island(length=Length(mm=9.0)), Island()),
                "spurs": Spurs(pelvis=False, femur=False),
            },
            {
                "island_count": 3,
                "largest_island_mm": 9.0,
                "spur_pelvis": False,
                "spur_femur": False,
                "calibration_label": "STATED",
                "brooker_derived": "I",
                "brooker_possible": "I",
                "brooker": "I",
                "della_valle_by_brooker": "A|B",
                "della_valle_possible": "A|B",
                "flags": "ISLAND_LENGTH_MISSING",
            },
        ),
        (
            {
                "gap": Length(mm=0.0, uncertainty_mm=0.5),
                "spurs": Spurs(pelvis=True),
                "bridging": Bridging.CONFIRMED,
                "bridging_basis": BridgingBasis.CT,
            },
            {
                "spur_pelvis": True,
                "gap_mm": 0.0,
                "gap_u_mm": 0.5,
                "gap_plane": "unstated",
                "bridging": "confirmed",
                "bridging_basis": "ct",
                "calibration_label": "STATED",
                "brooker_derived": "IV",
                "brooker_possible": "IV",
                "brooker": "IV",
                "della_valle_by_brooker": "C",
                "della_valle_derived": "C",
                "della_valle_possible": "C",
                "della_valle": "C",
            },
        ),
    ],
)
def test_what_is_not_said_stays_empty(hip: dict[str, object], cells: dict[str, Cell]) -> None:
    """Of the cells about the hip only those are filled in that its findings fill in."""
    (row,) = make_rows(readings_of(altered("brooker-3", hip={**BARE, **hip}))).rows
    names = [column.name for column in COLUMNS]
    about_hip = names[names.index("evaluable") : names.index("reader_id")]
    filled = {name: row[name] for name in about_hip if row[name] is not None}
    presence = {"presence": "absent" if hip.get("presence") is Presence.ABSENT else "present"}
    expected = {"evaluable": True, **(presence if hip.get("evaluable", True) else {}), **cells}
    assert filled == expected
