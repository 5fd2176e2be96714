"""Cells: what each is worth by the mapping, and the sentence for each that is worth nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.errors import Fault
from hosr.intake.registry import parse_mapping
from hosr.intake.registry.cells import Cell, read_source_cell
from tests.intake.registry.registries import GERMAN, imported, mapped, write_table

if TYPE_CHECKING:
    from pathlib import Path

_UNITS = '[units]\n"gap.mm" = "{}"'
_GAP = '"gap.mm" = "Spalt"'


def _cell(raw: object, name: str, column: str, *more: str, table: str = "") -> Cell:
    mapping = parse_mapping(mapped(*more, table=table, columns=f'"{name}" = "{column}"'))
    source = mapping.source(name)
    assert source is not None
    return read_source_cell(source, raw, mapping.table)


_LENGTHS = (
    ("8", "mm", 8.0, ()),
    ("8,25", "mm", 8.25, ("decimal comma",)),
    ("0,82", "cm", 8.2, ("decimal comma", "cm to mm")),
    ("0,82 cm", "cm", 8.2, ('"cm" beside the number', "decimal comma", "cm to mm")),
    ("8mm", "mm", 8.0, ('"mm" beside the number',)),
    ("0,0082", "m", 8.2, ("decimal comma", "m to mm")),
    ("0,3", "in", 7.62, ("decimal comma", "in to mm")),
    ("+1e1", "mm", 10.0, ()),
    (8, "mm", 8.0, ()),
    (0.82, "cm", 8.2, ("cm to mm",)),
)


@pytest.mark.parametrize(("raw", "unit", "mm", "conversions"), _LENGTHS)
def test_a_length_becomes_millimetres_exactly(
    raw: object, unit: str, mm: float, conversions: tuple[str, ...]
) -> None:
    """A length is converted in decimals, and each step is counted."""
    cell = _cell(raw, "gap.mm", "Spalt", _UNITS.format(unit))
    assert cell == Cell(value=mm, conversions=conversions)


@given(st.decimals(min_value=0, max_value=20, places=4))
def test_no_length_is_bent_by_its_unit(cm: object) -> None:
    """Centimetres with a decimal comma are ten times as many millimetres, to the last digit."""
    text = f"{cm:.4f}"
    whole, digits = text.split(".")
    cell = _cell(f"{whole},{digits}", "gap.mm", "Spalt", _UNITS.format("cm"))
    assert cell.value == float(f"{whole}{digits[0]}.{digits[1:]}")


_NO_LENGTHS = (
    ("8 mm", "cm", "is in mm, but its column is in cm", "write all its cells in one unit"),
    ("0,8 cm", "mm", "is in cm, but its column is in mm", "write all its cells in one unit"),
    ("8 px", "mm", "has letters after the number, but its column is in mm",
     "write all its cells in one unit"),
    ("8.5", "mm", "is no number with a decimal comma",
     'write decimal = "." in [table], if all cells are written so'),
    ("1.234,5", "mm", "is no number with a decimal comma",
     "write digits alone, or list what means empty in [missing]"),
    (">= 1 cm", "mm", "is no number with a decimal comma",
     'a class such as >=10mm belongs to "gap.category"'),
    ("ca. 8", "mm", "is no number with a decimal comma",
     "write digits alone, or list what means empty in [missing]"),
    ("5-8", "mm", "is no number with a decimal comma",
     "write digits alone, or list what means empty in [missing]"),
    ("=4*2", "mm", "is no number with a decimal comma",
     "write digits alone, or list what means empty in [missing]"),
    ("\uff11\uff12", "mm", "is no number with a decimal comma",
     "write digits alone, or list what means empty in [missing]"),
    ("1" * 50, "mm", "is no number with a decimal comma",
     "write digits alone, or list what means empty in [missing]"),
    (True, "mm", "is no number with a decimal comma",
     "write digits alone, or list what means empty in [missing]"),
)  # fmt: skip


@pytest.mark.parametrize(("raw", "unit", "problem", "remedy"), _NO_LENGTHS)
def test_what_may_be_another_length_is_a_fault(
    raw: object, unit: str, problem: str, remedy: str
) -> None:
    """Mixed units, mixed decimals, ranges and formulas are named, never read."""
    cell = _cell(raw, "gap.mm", "Spalt", _UNITS.format(unit))
    assert cell == Cell(value=raw, problem=problem, remedy=remedy)


def test_a_length_beyond_any_hip_is_refused_by_the_door(tmp_path: Path) -> None:
    """A number is held to what a record may hold, after its conversion."""
    table = write_table(tmp_path, "Nr;Datum;Seite;Spalt\n1;02.03.2026;re;21\n2;02.03.2026;re;1e999")
    outcome = imported(table, mapped(_UNITS.format("cm"), columns=_GAP))
    measured = "write the millimetres that were measured, or leave the length out"
    assert outcome.faults == [
        Fault("row 2, column Spalt (gap.mm)", "is more than 200", measured, "E05"),
        Fault(
            "row 3, column Spalt (gap.mm)",
            "is not a finite number",
            "correct it, or leave it out",
            "E05",
        ),
    ]


_DAYS = (
    ("context.index_event.date", "01.09.2025", "2025-09-01", ("date %d.%m.%Y",), ()),
    ("context.index_event.date", "1.9.2025", "2025-09-01", ("date %d.%m.%Y",), ()),
    ("graded_at", "02.03.2026", "2026-03-02T12:00:00+01:00",
     ("date %d.%m.%Y", "offset of Europe/Berlin"), ("12:00 as the time of day",)),
    ("graded_at", "02.07.2026", "2026-07-02T12:00:00+02:00",
     ("date %d.%m.%Y", "offset of Europe/Berlin"), ("12:00 as the time of day",)),
)  # fmt: skip


@pytest.mark.parametrize(("name", "raw", "text", "conversions", "assumptions"), _DAYS)
def test_a_date_becomes_iso_8601(
    name: str, raw: str, text: str, conversions: tuple[str, ...], assumptions: tuple[str, ...]
) -> None:
    """A date is read by its named form; what is added to it is counted."""
    mapping = parse_mapping(mapped(columns='"context.index_event.date" = "Tag"'))
    source = mapping.source(name)
    assert source is not None
    found = read_source_cell(source, raw, mapping.table)
    assert found == Cell(value=text, conversions=conversions, assumptions=assumptions)


_MISSING = (
    ("-", '"-" means empty'),
    ("k.A.", '"k.A." means empty'),
    ("9", '"9" means empty'),
)


@pytest.mark.parametrize(("raw", "conversion"), _MISSING)
def test_a_code_for_nothing_is_nothing(raw: str, conversion: str) -> None:
    """Texts that mean an empty cell are counted as such, and give the record nothing."""
    words = '[missing]\n"grades.brooker" = ["9"]'
    table = 'missing = ["-", "k.A."]'
    cell = _cell(raw, "grades.brooker", "Grad", words, table=table)
    assert cell == Cell(conversions=(conversion,))


_WORDS = (
    ("side", "re", {"value": "right", "word": "re", "meaning": "right",
                    "conversions": ("words mapped",)}),
    ("side", "left", {"value": "left", "word": "left", "meaning": "left"}),
    ("side", "RE", {"value": "RE", "word": "RE",
                    "problem": "neither mapped nor a word of the record",
                    "remedy": 'map it in [values."side"]; write "left" or "right", or "both"'}),
    ("grades.brooker", "III", {"value": "III", "word": "III", "meaning": "III"}),
    ("grades.brooker", 3, {"value": 3, "word": "3", "meaning": "3"}),
    ("grades.brooker", "5", {"value": "5", "word": "5",
                             "problem": "neither mapped nor a word of the record",
                             "remedy": 'map it in [values."grades.brooker"]; write "0", "I", "II", '
                                       '"III" or "IV", or a range such as "II-III"'}),
    ("spurs.pelvis", True, {"value": True, "word": "true", "meaning": "true"}),
    ("spurs.pelvis", "ja", {"value": "ja", "word": "ja",
                            "problem": "neither mapped nor a word of the record",
                            "remedy": 'map it in [values."spurs.pelvis"]; '
                                      "write true or false, without quotes"}),
    ("context.causes", "burn|postoperative",
     {"value": ["burn", "postoperative"], "word": "burn|postoperative",
      "meaning": "burn|postoperative"}),
    ("observer.organization", "Klinik S\u00fcd", {"value": "Klinik S\u00fcd"}),
    ("study.patient_id", 4711, {"value": "4711"}),
    ("frame", 2, {"value": 2}),
    ("comment", "=HYPERLINK(1)", {"value": "=HYPERLINK(1)"}),
)  # fmt: skip


@pytest.mark.parametrize(("name", "raw", "cell"), _WORDS)
def test_a_word_is_mapped_or_valid_or_a_fault(
    name: str, raw: object, cell: dict[str, object]
) -> None:
    """Words of coded columns are matched exactly; free text passes as it stands, unseen."""
    mapping = parse_mapping(GERMAN if name == "side" else mapped(columns=f'"{name}" = "Spalte"'))
    source = mapping.source(name)
    assert source is not None
    assert read_source_cell(source, raw, mapping.table) == Cell(**cell)  # type: ignore[arg-type]


def test_the_words_of_a_list_are_mapped_one_by_one() -> None:
    """A list is parted as the mapping says, and each of its words has its meaning."""
    more = ('[values."context.symptoms"]\n"Schmerz" = "pain"\n"Fieber" = "fever"',
            '[lists]\n"context.symptoms" = ","')  # fmt: skip
    assert _cell("Schmerz, Fieber", "context.symptoms", "Klagen", *more) == Cell(
        value=["pain", "fever"],
        word="Schmerz,Fieber",
        meaning="pain|fever",
        conversions=("words mapped", 'list parted by ","'),
    )


def test_accents_match_however_they_were_typed() -> None:
    """A letter with its accent apart is the same word."""
    cell = _cell("Be\u0301ante", "bridging", "Pont", '[values.bridging]\n"B\u00e9ante" = "none"')
    assert (cell.value, cell.problem) == ("none", "")
