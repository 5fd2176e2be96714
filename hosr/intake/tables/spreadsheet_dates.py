"""What spreadsheets do to what looks like a date: they make one of 1-2, and swap day and month.

A program set to month before day takes 03/04/2026 for the 4th of March, and leaves 25/04/2026 as a
text. Neither can be turned back: which cells were changed is seen of some only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

# As Excel and LibreOffice write months in English, German, French, Spanish and Italian.
_MONTHS = (
    "jan feb mar apr may jun jul aug sep oct nov dec m\u00e4r mrz mai okt dez janv f\u00e9vr avr juin juil "
    "ao\u00fb ao\u00fbt sept d\u00e9c ene abr ago dic gen mag giu lug set ott"
)
_MONTH = rf"(?:{'|'.join(_MONTHS.split())})\.?"
_MADE = re.compile(
    rf"\d{{1,2}}[-. ]{{1,2}}{_MONTH}|{_MONTH}[-. ]{{1,2}}\d{{1,4}}|\d{{4}}-\d\d-\d\d(?:[T ]00:00:00)?",
    re.IGNORECASE,
)
MADE = (
    "a spreadsheet makes a date of 1-2, 1/2 or 1.2: format the column as text or number, and type it "
    "again"
)

_NUMBERS = re.compile(r"(\d{1,2})[-./ ]{1,2}(\d{1,2})[-./ ]{1,2}\d{4}(?!\d)", re.ASCII)
_MONTHS_OF_A_YEAR = 12

SWAPPED = (
    "day and month are swapped in it, as a spreadsheet of another country writes them; write its whole "
    "column as 2026-03-02, from where it comes"
)
_REWRITE = "write the whole column as 2026-03-02, from where it comes"


def is_made(cell: Any) -> bool:
    """Whether a cell is a date, or the text of one as a spreadsheet shows what it made of 1-2."""
    return isinstance(cell, dt.date) or (isinstance(cell, str) and bool(_MADE.fullmatch(cell)))


def identifier_problem(cell: Any) -> tuple[str, str] | None:
    """What is wrong with an identifier that a spreadsheet took for a date: 1-2 and 2/1 are one then."""
    is_plain = (
        isinstance(cell, str) and cell[:4].isdecimal()
    )  # may be written so, and stays as it is
    return ("is a date, not an identifier", MADE) if is_made(cell) and not is_plain else None


def may_be_swapped(cell: Any) -> bool:
    """Whether a date would be another one with day and month swapped."""
    if isinstance(cell, dt.date):
        return cell.day <= _MONTHS_OF_A_YEAR and cell.day != cell.month
    first, second = _two_numbers(cell)
    return first != second and 0 < first <= _MONTHS_OF_A_YEAR and 0 < second <= _MONTHS_OF_A_YEAR


def is_one_order(text: Any) -> bool:
    """Whether the text of a date tells which of its numbers is the day."""
    return max(_two_numbers(text)) > _MONTHS_OF_A_YEAR


def is_swapped(text: Any, forms: Sequence[str]) -> bool:
    """Whether a date has its month where all forms that it should have want the day, or its day."""
    first, second = _two_numbers(text)
    if not forms or first == second:
        return False
    if all(form.find("%d") < form.find("%m") < form.find("%Y") for form in forms):
        return 0 < first <= _MONTHS_OF_A_YEAR < second
    if all(form.find("%m") < form.find("%d") < form.find("%Y") for form in forms):
        return 0 < second <= _MONTHS_OF_A_YEAR < first
    return False


def words_of_doubt(row: int) -> tuple[str, str]:
    """The problem of a date that may be swapped because another one, in this row, is; the remedy."""
    problem = f"may have day and month swapped, as a spreadsheet did in this column (see row {row})"
    return problem, _REWRITE


def _two_numbers(text: Any) -> tuple[int, int]:
    found = _NUMBERS.match(text) if isinstance(text, str) else None
    return (0, 0) if found is None else (int(found[1]), int(found[2]))
