"""Names and times of DICOM in the order and form of HL7 v2."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from itertools import zip_longest

from hosr.messages.hl7_text import in_one_line
from hosr.study import read_date

# HL7 table 0465: the component groups of a DICOM person name (PS3.5 section 6.2.1).
_SCRIPTS = ("A", "I", "P")
# HL7 table 0001; what else a header may say is not told.
_SEXES = frozenset("MFO")

_TIME = re.compile(r"((?:[01]\d|2[0-3])[0-5]\d)([0-5]\d)?(?:\.\d*)?", re.ASCII)
_OFFSET = re.compile(r"[+-](?:0\d|1[0-4])[0-5]\d", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonName:
    """A name in one script, its parts escaped; HL7 has the suffix before the prefix."""

    family: str
    given: str
    middle: str
    suffix: str
    prefix: str
    script: str = ""


def read_names(text: str) -> tuple[PersonName, ...]:
    """A DICOM person name, once for each script that it is written in; none for an empty one."""
    groups = text.split("=")
    found = [(s, g) for s, g in zip(_SCRIPTS, groups, strict=False) if g.strip(" ^")]
    return tuple(_read_name(group, script if len(found) > 1 else "") for script, group in found)


def _read_name(group: str, script: str) -> PersonName:
    parts = dict(zip_longest(range(5), map(in_one_line, group.split("^")[:5]), fillvalue=""))
    family, given, middle, prefix, suffix = parts.values()
    return PersonName(
        family=family, given=given, middle=middle, suffix=suffix, prefix=prefix, script=script
    )


def read_sex(text: str) -> str:
    """The sex, where HL7 has the same code for it."""
    return text if text in _SEXES else ""


def read_day(text: str) -> str:
    """A DICOM date that is one; "" for anything else."""
    return text.strip() if read_date(text) else ""


def read_moment(date: str, time: str, offset: str) -> str:
    """Date and time of a DICOM header to the second, as precise as they are valid.

    Without an offset it is local time; receivers take that of MSH-7 for it.
    """
    day, clock = read_day(date), _TIME.fullmatch(time.strip())
    if not day or clock is None:
        return day
    minutes, seconds = clock.groups()
    zone = offset if _OFFSET.fullmatch(offset) else ""
    return f"{day}{minutes}{seconds or ''}{zone}"


def write_moment(moment: dt.datetime) -> str:
    """A moment to the second, with its offset from UTC."""
    return moment.strftime("%Y%m%d%H%M%S%z")
