"""The section [table] of a mapping, and the forms of its dates."""

from __future__ import annotations

import codecs
import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from hosr.intake.record.refusal import listing, nearest_first, quoted
from hosr.intake.registry.mapping import LAYOUTS, PER_HIP, TableForm
from hosr.intake.tables.rows import FileForm, normalized

Blame = Callable[[str, str, str], None]

KEYS = (
    "encoding",
    "delimiter",
    "skip",
    "skip_below",
    "sheet",
    "decimal",
    "dates",
    "timezone",
    "time",
    "layout",
    "images",
    "missing",
    "ignored",
)
_DIRECTIVES = frozenset("dmYHMSfz%")
_NEEDED = frozenset("dmY")
_MOST_SKIPPED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DateForms:
    """How dates are written: everywhere, and under single names."""

    default: tuple[str, ...] = ()
    by_name: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_table_form(section: dict[str, Any], blame: Blame) -> tuple[TableForm, frozenset[str]]:
    """How the table is written, and which texts mean an empty cell in every column."""

    def wrong(key: str, problem: str, remedy: str) -> None:
        blame(f"[table] {key}", problem, remedy)

    for key in section:
        if key not in KEYS:
            wrong(key, "is an unknown key", f"write {listing(nearest_first(key, KEYS)[:3])}")
    form = TableForm(
        file=FileForm(
            encoding=_encoding(section.get("encoding", ""), wrong),
            delimiter=_delimiter(section.get("delimiter", ""), wrong),
            skip=_skip(section.get("skip", 0), wrong),
            sheet=_text(section, "sheet", "", wrong) if "sheet" in section else "",
            is_mapped=True,
        ),
        decimal=_one_of(section, "decimal", (".", ","), wrong),
        timezone=_timezone(section.get("timezone"), wrong),
        time=_time(section.get("time"), wrong),
        skip_below=_skip_below(section.get("skip_below", 0), wrong),
        layout=_one_of(section, "layout", LAYOUTS, wrong) if "layout" in section else PER_HIP,
        images=_text(section, "images", ".", wrong),
        ignored=tuple(normalized(text.strip()) for text in _texts(section, "ignored", wrong)),
    )
    return form, frozenset(map(normalized, _texts(section, "missing", wrong)))


def _encoding(name: Any, wrong: Blame) -> str:
    if name == "":
        return ""
    try:
        "Knie".encode(name)  # refuses codecs that are not of text
        return codecs.lookup(name).name
    except (LookupError, TypeError, ValueError):
        remedy = 'write "utf-8", "cp1252" or "latin-1", for example'
        wrong("encoding", "is no character encoding", remedy)
        return ""


def _delimiter(text: Any, wrong: Blame) -> str:
    if text == "" or (isinstance(text, str) and len(text) == 1 and text not in '"\r\n'):
        return text if isinstance(text, str) else ""
    wrong("delimiter", "is not one character", r'write ";", "," or "\t", for example')
    return ""


def _skip(count: Any, wrong: Blame) -> int:
    if isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= _MOST_SKIPPED:
        return count
    wrong("skip", "is no number of lines", "write how many lines stand above the header")
    return 0


def _skip_below(count: Any, wrong: Blame) -> int:
    if isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= _MOST_SKIPPED:
        return count
    wrong("skip_below", "is no number of rows", "write how many rows below the header are no data")
    return 0


def _one_of(section: dict[str, Any], key: str, allowed: tuple[str, ...], wrong: Blame) -> str:
    found = section.get(key, allowed[0])
    if found in allowed:
        return str(found)
    shown = quoted(found) if isinstance(found, str) else "no text"
    wrong(key, f"is {shown}", f"write {listing(allowed)}")
    return allowed[0]


def _timezone(name: Any, wrong: Blame) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except Exception:  # noqa: BLE001 (ZoneInfo raises OSError, ValueError, TypeError, KeyError)
        remedy = 'write a name of the IANA list, such as "Europe/Berlin" or "UTC"'
        wrong("timezone", "is no time zone that this computer knows", remedy)
        return None


def _time(value: Any, wrong: Blame) -> dt.time | None:
    if value is None:
        return None
    try:
        found = dt.time.fromisoformat(value)
        if found.tzinfo is None:
            return found
    except (TypeError, ValueError):
        pass
    wrong("time", "is no time of day", 'write it as "12:00"')
    return None


def _text(section: dict[str, Any], key: str, default: str, wrong: Blame) -> str:
    found = section.get(key, default)
    if isinstance(found, str) and found.strip():
        return found
    wrong(key, "is no text", "write it in quotes")
    return default


def _texts(section: dict[str, Any], key: str, wrong: Blame) -> list[str]:
    found = section.get(key, [])
    if isinstance(found, list) and all(isinstance(text, str) for text in found):
        return found
    wrong(key, "is no list of texts", 'write it as ["-", "k.A."]')
    return []


def read_date_forms(sections: dict[str, Any], blame: Blame) -> DateForms:
    """The forms of dates in [table] and [dates]; none stands for ISO 8601."""
    default = _forms(sections.get("table", {}).get("dates", []), "[table] dates", blame)
    by_name = {
        name: _forms(given, f"[dates] {name}", blame)
        for name, given in _flat_dates(sections.get("dates", {}))
    }
    return DateForms(default=default, by_name=by_name)


def _flat_dates(section: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in section.items():
        if isinstance(value, dict):
            found += _flat_dates(value, f"{before}{key}.")
        else:
            found.append((f"{before}{key}", value))
    return found


def _forms(given: Any, place: str, blame: Blame) -> tuple[str, ...]:
    forms = [given] if isinstance(given, str) else given
    if not isinstance(forms, list) or not all(isinstance(form, str) for form in forms):
        blame(place, "is no form of a date", 'write it as "%d.%m.%Y"')
        return ()
    for form in forms:
        used = re.findall("%(.?)", form)
        if "y" in used:
            blame(place, "has a year of two digits", "write %Y; a table must say the century")
        elif not set(used) <= _DIRECTIVES or not set(used) >= _NEEDED or len(set(used)) < len(used):
            remedy = "write %d, %m and %Y once each, with %H, %M, %S and %z where there is a time"
            blame(place, f"{quoted(form)} is no form of a date", remedy)
    return tuple(forms)
