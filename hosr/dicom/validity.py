"""Whether a text has a valid form in DICOM (PS3.5 section 6.2), asked before it is written.

pydicom checks lengths, but lets through control characters, a backslash that makes
two values of one, and halves of surrogate pairs, which no character set can hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from pydicom import config
from pydicom.datadict import dictionary_VR
from pydicom.valuerep import validate_value

from hosr.dicom.writing import Value
from hosr.errors import Fault

# Tab, line ends and form feed are text in UT alone, and a backslash is a character there.
_FORBIDDEN_IN_TEXT = re.compile(r"[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_FORBIDDEN = re.compile(r"[\0-\x1f\x7f-\x9f\ud800-\udfff\\]")
# A range matches dates in a query; it is no date of a document.
_FORMS = {
    "DA": re.compile(r"(\d{8})?"),
    "TM": re.compile(r"(\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?)?"),
}
_OFFSET = re.compile(r"[+-](0\d|1[0-4])[0-5]\d")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from, as a fault says it, and what to do about it."""

    words: str
    remedy: str


HEADER = Origin("the header's value", "correct the images; nothing is cut short")
RECORD = Origin("the record's value", "correct the record; nothing is cut short")


def is_valid(vr: str, value: str) -> bool:
    """Whether the value may stand in an attribute of this VR, as one value."""
    forbidden = _FORBIDDEN_IN_TEXT if vr == "UT" else _FORBIDDEN
    form = _FORMS.get(vr)
    if forbidden.search(value) or (form is not None and not form.fullmatch(value)):
        return False
    try:
        validate_value(vr, value, config.RAISE)
    except ValueError:
        return False
    return True


def valid_values(
    stated: Iterable[tuple[str, str]], origin: Origin
) -> tuple[dict[str, Value], list[Fault]]:
    """The values by keyword, and a fault for each without a valid form, naming the attribute."""
    values: dict[str, Value] = {}
    faults = []
    for keyword, value in stated:
        vr = _vr(keyword)
        is_offset = keyword == "TimezoneOffsetFromUTC"
        if is_valid(vr, value) and (not is_offset or _OFFSET.fullmatch(value)):
            values[keyword] = value
        else:
            problem = f"{origin.words} is not a valid {vr} of DICOM"
            faults.append(Fault(keyword, problem, origin.remedy))
    return values, faults


_vr = cache(dictionary_VR)
