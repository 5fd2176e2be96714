"""Numbers, planes, days and names as a reader expects them; no number contradicts its grade."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from decimal import ROUND_FLOOR, Decimal

from hosr.findings import Basis, Length, Line, Plane
from hosr.language.language import Language, message
from hosr.scales.extent import LIMIT_MM
from hosr.study import read_date

# Translators: where a length holds, after a comma: "measured, at the detector plane"
PLANES = {
    Plane.PATIENT: message("true size"),
    Plane.DETECTOR: message("at the detector plane"),
    Plane.UNKNOWN: message("plane not known"),
    Plane.UNSTATED: message("taken as true size"),
}

# Translators: where a length holds, as an adverb: "a space of 12 mm at the detector plane"
_AT_FILM = message("at the film plane")
_AT_UNKNOWN = message("in an unknown plane")

# Characters that turn the direction of a whole line of text, numbers and all (Unicode UAX 9).
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LEFT_TO_RIGHT_MARK = "\u200e"

# The first of a month where it is an ordinal, which the CLDR does not write.
_FIRSTS = {"fr": "1er", "it": "1º"}

_UNIT = "\u00a0mm"

# The least length that is printed as a number; what is shorter and not zero is "less than" it.
LEAST_MM = 0.1


def decimal(figures: str, language: Language) -> str:
    """A number with all the decimals it is written with, by the custom of the language."""
    from babel.numbers import format_decimal

    places = len(figures.partition(".")[2])
    pattern = f"0.{'0' * places}" if places else "0"
    return format_decimal(Decimal(figures), pattern, language.locale)


def round_mm(mm: float) -> float | None:
    """The length to 0.1 mm, never lifted to 1 cm; None where it would be rounded down to contact."""
    tenths = round(mm, 1)
    if mm > 0 and tenths < LEAST_MM:
        return None
    return LIMIT_MM - LEAST_MM if mm < LIMIT_MM <= tenths else tenths


def millimetres(mm: float, language: Language) -> str:
    """A length to 0.1 mm; rounding never lifts it over 1 cm, nor down to contact."""
    rounded = round_mm(abs(mm))
    if rounded is None:
        least = _mm(str(LEAST_MM), language)
        return language.say("less than {length}", length=least).replace(" ", "\u00a0")
    return _mm(f"{rounded:.1f}", language)


def span(low_mm: float, high_mm: float, language: Language) -> str:
    """From one length to another with the unit once; as one length where they print alike."""
    low, high = millimetres(low_mm, language), millimetres(high_mm, language)
    if low == high:
        return high
    return language.say("{low} to {high}", low=low.removesuffix(_UNIT), high=high)


def where(length: Length, language: Language) -> str:
    """The plane of a length that is not one in the patient, as an adverb."""
    if length.plane is Plane.UNKNOWN:
        return language.say(_AT_UNKNOWN)
    return plane_words(length, language)


def plane_words(length: Length, language: Language) -> str:
    """Where a length holds, as it stands after a comma."""
    is_on_film = length.basis is Basis.FILM_PLANE
    return language.say(_AT_FILM if is_on_film else PLANES[length.plane])


def uncertainty(mm: float, language: Language) -> str:
    """A half-width to 0.1 mm, rounded up: it is never printed as less than it is."""
    return _mm(f"{math.ceil(mm * 10 - 1e-9) / 10:.1f}", language)


def size(mm: float, language: Language) -> str:
    """A known size without needless decimals."""
    return _mm(f"{mm:.3f}".rstrip("0").rstrip("."), language)


def pixels(line: Line, language: Language) -> str:
    """The length of a line on its image."""
    number = decimal(f"{math.dist(line.start, line.end):.1f}", language)
    return language.say("{number} pixels", number=number)


def percent(number: int, language: Language) -> str:
    """A whole number of hundredths."""
    from babel.numbers import format_percent

    return format_percent(Decimal(number) / 100, locale=language.locale)


def score(value: float, language: Language) -> str:
    """A model score to two decimals, rounded down: it never becomes a certainty."""
    return decimal(str(Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_FLOOR)), language)


def day(date: dt.date, language: Language) -> str:
    """A date that no country reads as another one."""
    from babel.dates import format_date

    written = format_date(date, "long", language.locale).replace(" ", "\u00a0")
    if date.day > 1:
        return written
    return f"{_FIRSTS.get(language.tag, '1')}{written.removeprefix('1')}"


def dicom_day(text: str, language: Language) -> str:
    """The date of a DICOM string; the string itself where it is no date."""
    date = read_date(text)
    return plain(text) if date is None else day(date, language)


def moment(when: dt.datetime, language: Language) -> str:
    """Day, time and offset from UTC; nothing that belongs to the time is parted from it."""
    date, time, offset = day(when.date(), language), f"{when:%H:%M}", when.isoformat()[-6:]
    told = language.say("{day}, {time} (UTC{offset})", day=date, time=time, offset=offset)
    return told.replace(f"{time} ", f"{time}\u00a0")


def elapsed(since: dt.date, until: dt.date, language: Language) -> str:
    """The time between two days in the unit that suits it, with the days."""
    total = (until - since).days
    months = (until.year - since.year) * 12 + until.month - since.month
    months -= until.day < since.day
    days = language.count("{number} day", "{number} days", total)
    if total < 14:
        return days
    if months < 2:
        return f"{language.count('{number} week', '{number} weeks', total // 7)} ({days})"
    if months < 24:
        return f"{_months(months, language)} ({days})"
    years, rest = divmod(months, 12)
    told = language.count("{number} year", "{number} years", years)
    if rest:
        told = language.say("{years} {months}", years=told, months=_months(rest, language))
    return f"{told} ({days})"


def _months(number: int, language: Language) -> str:
    return language.count("{number} month", "{number} months", number)


def _mm(figures: str, language: Language) -> str:
    return f"{decimal(figures, language)}{_UNIT}"


def plain(text: str) -> str:
    """Free text on one line: blanks joined, controls and changes of direction removed."""
    joined = " ".join(text.split())
    kept = (c for c in joined if unicodedata.category(c) != "Cc" and c not in _DIRECTION)
    return " ".join("".join(kept).split())


def in_order(text: str) -> str:
    """Words that a number may follow: after Arabic or Hebrew it would be drawn before them."""
    directions = [unicodedata.bidirectional(character) for character in text]
    strong = [direction for direction in directions if direction in ("L", "R", "AL")]
    return text + _LEFT_TO_RIGHT_MARK if strong[-1:] in (["R"], ["AL"]) else text


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
