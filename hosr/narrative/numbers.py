"""Numbers, days and names as a reader expects them; a number never contradicts its grade."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from hosr.scales.rounding import LEAST_MM, round_mm
from hosr.study import read_date

if TYPE_CHECKING:
    from hosr.findings import Line

__all__ = [
    "count",
    "day",
    "dicom_day",
    "elapsed",
    "millimetres",
    "moment",
    "person_name",
    "pixels",
    "plain",
    "score",
    "size",
    "uncertainty",
]

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

# Characters that turn the direction of a whole line of text, numbers and all (Unicode UAX 9).
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def millimetres(mm: float) -> str:
    """A length to 0.1 mm; rounding never lifts it over 1 cm, nor down to contact."""
    rounded = round_mm(abs(mm))
    return f"less than {LEAST_MM} mm" if rounded is None else f"{rounded:.1f} mm"


def uncertainty(mm: float) -> str:
    """A half-width to 0.1 mm, rounded up: it is never printed as less than it is."""
    return f"{math.ceil(mm * 10 - 1e-9) / 10:.1f} mm"


def size(mm: float) -> str:
    """A known size without needless decimals."""
    return f"{mm:.3f}".rstrip("0").rstrip(".") + " mm"


def pixels(line: Line) -> str:
    """The length of a line on its image."""
    return f"{math.dist(line.start, line.end):.1f} pixels"


def score(value: float) -> str:
    """A model score to two decimals, rounded down: it never becomes a certainty."""
    return str(Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_FLOOR))


def count(number: int, noun: str) -> str:
    """How many there are: "one island", "two islands", "12 islands"."""
    figure = _COUNTS[number] if number < len(_COUNTS) else str(number)
    return f"{figure} {noun}" if number == 1 else f"{figure} {noun}s"


def day(date: dt.date) -> str:
    """A date that no country reads as another one."""
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def dicom_day(text: str) -> str:
    """The date of a DICOM string; the string itself where it is no date."""
    date = read_date(text)
    return plain(text) if date is None else day(date)


def moment(when: dt.datetime) -> str:
    """Day, time and offset from UTC."""
    return f"{day(when.date())}, {when:%H:%M} (UTC{when.isoformat()[-6:]})"


def elapsed(since: dt.date, until: dt.date) -> str:
    """The time between two days in the unit that suits it, with the days."""
    days = (until - since).days
    months = (until.year - since.year) * 12 + until.month - since.month
    months -= until.day < since.day
    if days < 14:
        return _some(days, "day")
    if months < 2:
        return f"{_some(days // 7, 'week')} ({days} days)"
    if months < 24:
        return f"{_some(months, 'month')} ({days} days)"
    years, rest = divmod(months, 12)
    parts = [_some(years, "year"), *([_some(rest, "month")] if rest else [])]
    return f"{' '.join(parts)} ({days} days)"


def _some(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def plain(text: str) -> str:
    """Free text on one line: blanks joined, controls and changes of direction removed."""
    joined = " ".join(text.split())
    kept = (c for c in joined if unicodedata.category(c) != "Cc" and c not in _DIRECTION)
    return " ".join("".join(kept).split())


def person_name(text: str) -> str:
    """A DICOM person name as it is spoken; its other scripts follow in brackets (PS3.5 6.2.1.1)."""
    alphabetic, *others = text.split("=")
    spoken = [_spoken(alphabetic), *map(_written, others)]
    first, *rest = [name for name in spoken if name] or [""]
    return f"{first} ({'; '.join(rest)})" if rest else first


def _spoken(group: str) -> str:
    family, given, middle, prefix, suffix = (*map(plain, group.split("^")), "", "", "", "", "")[:5]
    name = " ".join(part for part in (prefix, given, middle, family) if part)
    return ", ".join(part for part in (name, suffix) if part)


def _written(group: str) -> str:
    """Ideographic and phonetic groups keep the order of the parts."""
    return " ".join(part for part in map(plain, group.split("^")) if part)
