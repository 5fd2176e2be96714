"""The values at the ends of a record: words, texts, names, UIDs, times.

Each is a type for a field of a form; its validator refuses in words for people, and its schema
is never stricter than the validator.
"""

import datetime as dt
import json
import re
from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from hosr.findings import Plane
from hosr.identity import is_usable_uid, is_valid_uid
from hosr.intake.record.refusal import kind_of, listing, nearest_first, quoted, refuse
from hosr.phrases import phrase, several
from hosr.study import is_orientation
from hosr.vocabulary.surfaces import SetAside, Structure, SurfaceBasis
from hosr.vocabulary.terms import (
    FEATURES,
    Bridging,
    BridgingBasis,
    Cause,
    Contrast,
    Event,
    GapClass,
    ImageSide,
    Presence,
    Side,
    Site,
    Stage,
    Symptom,
    View,
)

EnumT = TypeVar("EnumT", bound=Enum)

# The versions that are read: a record is written by the first that has all its keys.
SCHEMA_VERSIONS = ("1.0", "1.1")
SCHEMA_VERSION = SCHEMA_VERSIONS[0]

# Controls apart from tab and line ends; one line also has none of those, and no backslash, which
# parts the values of a DICOM attribute (PS3.5 section 6.2).
_LINES_PATTERN = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"
_ONE_LINE_PATTERN = r"^[^\u0000-\u001f\u007f-\u009f\\]*$"
# As archives know images and studies, zeros before a number or not; and as the standard has it.
UID_PATTERN = r"^[0-9]+(\.[0-9]+)+$"
_VALID_UID_PATTERN = r"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+$"
_DAY_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

YEARS = range(1900, 2200)
OFFSETS = (dt.timedelta(hours=-12), dt.timedelta(hours=14))
_SIDES = several(('"side": "right"', '"side": "left"'))
_INSTANT_EXAMPLE = "2026-03-02T10:15:00+01:00"


def _word_of(kind: type[EnumT]) -> Callable[[Any], EnumT]:
    members = {str(member.value): member for member in kind}

    def read(value: Any) -> EnumT:
        if isinstance(value, str) and value in members:
            return members[value]
        raise _wrong_word(value, list(members))

    return read


def _wrong_word(value: Any, allowed: list[str]) -> Exception:
    if not isinstance(value, str):
        return refuse(
            phrase("is {kind}, not a word", kind=kind_of(value)),
            phrase("write {words}", words=listing(allowed)),
        )
    nearest = nearest_first(value, allowed)
    return refuse(
        phrase("is {found}, which is no word of the record", found=quoted(value)),
        phrase("write {words}", words=listing(nearest)),
    )


def _schema_of(kind: type[Enum]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [member.value for member in kind]})


def _read_side(value: Any) -> Side:
    if isinstance(value, str) and value.strip().casefold() in {"bilateral", "both", "b"}:
        remedy = phrase("write one entry for each hip, {text}", text=_SIDES)
        raise refuse(
            phrase("is {found}, but a grade is for one hip", found=quoted(value)), remedy, "E09"
        )
    if isinstance(value, str) and value.strip().casefold() in {"r", "l"}:
        full = "right" if value.strip().casefold() == "r" else "left"
        raise refuse(
            phrase("is {found}, which is no word of the record", found=quoted(value)),
            phrase("write {words}", words=quoted(full)),
            "E09",
        )
    return _word_of(Side)(value)


def _read_joint(value: Any) -> str:
    if value != "hip":
        problem = phrase(
            "is {found}, not the hip",
            found=quoted(value) if isinstance(value, str) else kind_of(value),
        )
        raise refuse(problem, phrase("record hips only; the scales are for no other joint"), "E10")
    return "hip"


def _read_version(value: Any) -> str:
    if not isinstance(value, str) or value not in SCHEMA_VERSIONS:
        shown = quoted(value) if isinstance(value, str) else kind_of(value)
        remedy = phrase(
            "write {text}, in quotes", text=f'"schema_version": "{SCHEMA_VERSIONS[-1]}"'
        )
        raise refuse(phrase("is {shown}, which this program cannot read", shown=shown), remedy)
    return value


def _read_feature(value: Any) -> str:
    if isinstance(value, str) and value in FEATURES:
        return value
    raise _wrong_word(value, list(FEATURES))


def _read_instant(value: Any) -> dt.datetime:
    remedy = phrase(
        'write date, time and offset from UTC, such as "{example}"', example=_INSTANT_EXAMPLE
    )
    if not isinstance(value, str):
        raise refuse(phrase("is {kind}, not a time in quotes", kind=kind_of(value)), remedy)
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        raise refuse(phrase("is not an ISO 8601 date and time"), remedy) from None
    offset = moment.utcoffset()
    if offset is None:
        raise refuse(phrase("has no offset from UTC"), remedy)
    if not OFFSETS[0] <= offset <= OFFSETS[1] or offset % dt.timedelta(minutes=1):
        raise refuse(phrase("has an offset from UTC that no place has"), remedy)
    if moment.year not in YEARS:
        raise refuse(phrase("is in the year {year}", year=moment.year), phrase("correct the year"))
    return moment


def _read_day(value: Any) -> dt.date:
    remedy = phrase('write year, month and day, such as "2025-09-01"')
    if not isinstance(value, str):
        raise refuse(phrase("is {kind}, not a date in quotes", kind=kind_of(value)), remedy)
    if not re.fullmatch(_DAY_PATTERN, value):
        raise refuse(phrase("is not an ISO 8601 date"), remedy)
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        raise refuse(phrase("is a day that no calendar has"), remedy) from None
    if day.year not in YEARS:
        raise refuse(phrase("is in the year {year}", year=day.year), phrase("correct the year"))
    return day


def _check_one_line(text: str) -> str:
    if not text.strip():
        raise refuse(phrase("is blank"), phrase("fill it in, or leave the key out"))
    if re.search(r"[\n\t\\]", text):
        raise refuse(
            phrase("holds a line break, tab or backslash"),
            phrase("write it on one line without them"),
        )
    return text.strip()


def _check_person_name(text: str) -> str:
    """Up to three groups of 64 characters and five components each (PS3.5 section 6.2.1)."""
    name = _check_one_line(text)
    groups = name.split("=")
    if not name.strip("=^ "):
        raise refuse(phrase("is blank"), phrase('write "Family^Given"'))
    if len(groups) > 3 or any(group.count("^") > 4 for group in groups):
        problem = phrase(
            'has more parts than a DICOM person name: three groups ("="), five components ("^")'
        )
        raise refuse(problem, phrase('write "Family^Given"'))
    if any(len(group) > 64 for group in groups):
        raise refuse(phrase("is longer than {number} characters", number=64), phrase("shorten it"))
    return name


def _check_uid(text: str) -> str:
    if not is_usable_uid(text):
        remedy = phrase(
            "copy it from the image header: numbers joined by dots, at most 64 characters"
        )
        raise refuse(phrase("is not a DICOM UID"), remedy)
    return text


def _check_valid_uid(text: str) -> str:
    if is_usable_uid(text) and not is_valid_uid(text):
        raise refuse(
            phrase("has a number that begins with 0, as in no UID"), phrase("leave that 0 out")
        )
    return _check_uid(text)


def _check_parameter_name(name: str) -> str:
    if _check_one_line(name) != name:
        raise refuse(
            phrase("is a name that begins or ends with a blank"), phrase("remove the blank")
        )
    if "=" in name:
        raise refuse(phrase("is a name with an equals sign"), phrase("choose a name without one"))
    return name


def _check_orientation(directions: list[str]) -> list[str]:
    if not is_orientation(directions):
        raise refuse(
            phrase("is not where rows and columns lead"),
            phrase('write two directions, such as ["L", "F"]'),
        )
    return directions


def _read_parameter(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, list | dict):
        raise refuse(
            phrase("is {kind}", kind=kind_of(value)), phrase("write text, a number, true or false")
        )
    if kind_of(value) == "not a finite number":
        raise refuse(phrase("is not a finite number"), phrase("correct it"))
    return json.dumps(value)


VersionWord = Annotated[
    str, BeforeValidator(_read_version), WithJsonSchema({"enum": list(SCHEMA_VERSIONS)})
]
HipWord = Annotated[str, BeforeValidator(_read_joint), WithJsonSchema({"const": "hip"})]
SideWord = Annotated[Side, BeforeValidator(_read_side), _schema_of(Side)]
PresenceWord = Annotated[Presence, BeforeValidator(_word_of(Presence)), _schema_of(Presence)]
BridgingBasisWord = Annotated[
    BridgingBasis, BeforeValidator(_word_of(BridgingBasis)), _schema_of(BridgingBasis)
]
BridgingWord = Annotated[Bridging, BeforeValidator(_word_of(Bridging)), _schema_of(Bridging)]
GapClassWord = Annotated[GapClass, BeforeValidator(_word_of(GapClass)), _schema_of(GapClass)]
PlaneWord = Annotated[Plane, BeforeValidator(_word_of(Plane)), _schema_of(Plane)]
ImageSideWord = Annotated[ImageSide, BeforeValidator(_word_of(ImageSide)), _schema_of(ImageSide)]
ContrastWord = Annotated[Contrast, BeforeValidator(_word_of(Contrast)), _schema_of(Contrast)]
SiteWord = Annotated[Site, BeforeValidator(_word_of(Site)), _schema_of(Site)]
StructureWord = Annotated[Structure, BeforeValidator(_word_of(Structure)), _schema_of(Structure)]
SurfaceBasisWord = Annotated[
    SurfaceBasis, BeforeValidator(_word_of(SurfaceBasis)), _schema_of(SurfaceBasis)
]
SetAsideWord = Annotated[SetAside, BeforeValidator(_word_of(SetAside)), _schema_of(SetAside)]
StageWord = Annotated[Stage, BeforeValidator(_word_of(Stage)), _schema_of(Stage)]
ViewWord = Annotated[View, BeforeValidator(_word_of(View)), _schema_of(View)]
CauseWord = Annotated[Cause, BeforeValidator(_word_of(Cause)), _schema_of(Cause)]
SymptomWord = Annotated[Symptom, BeforeValidator(_word_of(Symptom)), _schema_of(Symptom)]
EventWord = Annotated[Event, BeforeValidator(_word_of(Event)), _schema_of(Event)]
FeatureKey = Annotated[
    str,
    BeforeValidator(_read_feature),
    WithJsonSchema({"type": "string", "enum": list(FEATURES)}),
]

# Blanks at the end of a text do not count in DICOM (PS3.5 section 6.2, VR UT).
LongText = Annotated[
    str,
    Field(max_length=1024, json_schema_extra={"pattern": _LINES_PATTERN}),
    AfterValidator(str.rstrip),
]
ShortText = Annotated[
    str,
    Field(min_length=1, max_length=64, json_schema_extra={"pattern": _ONE_LINE_PATTERN}),
    AfterValidator(_check_one_line),
]
PersonName = Annotated[
    str,
    Field(min_length=1, max_length=194, json_schema_extra={"pattern": _ONE_LINE_PATTERN}),
    AfterValidator(_check_person_name),
]
Uid = Annotated[
    str,
    Field(json_schema_extra={"pattern": UID_PATTERN, "maxLength": 64}),
    AfterValidator(_check_uid),
]
ValidUid = Annotated[
    str,
    Field(json_schema_extra={"pattern": _VALID_UID_PATTERN, "maxLength": 64}),
    AfterValidator(_check_valid_uid),
]
Orientation = Annotated[
    list[str], Field(min_length=2, max_length=2), AfterValidator(_check_orientation)
]
ParameterName = Annotated[str, Field(max_length=64), AfterValidator(_check_parameter_name)]
LONGEST_PARAMETER = 1024
ParameterValue = Annotated[
    str,
    Field(max_length=LONGEST_PARAMETER),
    BeforeValidator(_read_parameter),
    WithJsonSchema({"type": ["string", "number", "boolean"], "maxLength": LONGEST_PARAMETER}),
]
Instant = Annotated[
    dt.datetime,
    BeforeValidator(_read_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": [_INSTANT_EXAMPLE]}),
]
Day = Annotated[
    dt.date,
    BeforeValidator(_read_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": _DAY_PATTERN}),
]
