"""JSON text to plain values, and what no record may hold whatever its keys mean.

JSON itself leaves open what repeated keys, NaN, lone surrogates and deep nesting mean; a record
that leaves anything open is refused, in one line.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from hosr.errors import Fault, RecordRefused
from hosr.intake.record.foreign_tables import refuse_foreign
from hosr.intake.record.refusal import Located, Location, first_of
from hosr.phrases import phrase

MAX_BYTES = 16 * 1024 * 1024
_MAX_DEPTH = 32
_MAX_VALUES = 250_000
_MAX_KEYS = 100  # in one object
_REPEATED = phrase("is given more than once")

# C0 and C1 control characters apart from tab and line feed, and lone surrogates; and the two that turn
# what follows round, so that "VI" is seen as "IV" (Unicode Standard Annex 9, LRO and RLO).
_UNSAYABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff]")
_LARGEST_EXACT_INTEGER = 2**53

# How foreign files begin: offset, bytes, what it is.
_FOREIGN = (
    (128, b"DICM", "a DICOM file"),
    (0, b"%PDF", "a PDF file"),
    (0, b"PK\x03\x04", "a ZIP or office file"),
    (0, b"PAR1", "a Parquet file"),
    (0, b"<", "XML or HTML"),
)


@dataclass(frozen=True, slots=True)
class _Repeated:
    """What stands for a key that one object holds more than once: the last value given."""

    last: Any


def refuse_file(name: str, problem: str, remedy: str = "") -> RecordRefused:
    """The refusal of a whole file."""
    return RecordRefused(Fault(name, problem, remedy))


@contextmanager
def refusing_unreadable(name: str) -> Iterator[None]:
    """Say in words why a file cannot be read."""
    try:
        yield
    except FileNotFoundError:
        raise refuse_file(name, "does not exist", "check the path") from None
    except IsADirectoryError:
        raise refuse_file(name, "is a folder", "name the file in it") from None
    except (OSError, ValueError):
        raise refuse_file(name, "cannot be read", "check the path and its permissions") from None


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file, unless it is larger than any record; its size is looked at first."""
    name = path.name or str(path)
    with refusing_unreadable(name):
        if path.stat().st_size > limit:
            raise _too_large(name, limit)
        with path.open("rb") as file:
            content = file.read(limit + 1)
    if len(content) > limit:
        raise _too_large(name, limit)
    return content


def read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """The text of a file in UTF-8, which may begin with a byte order mark."""
    return _decoded(read_bytes(path, limit), path.name).removeprefix("\ufeff")


def decode_json(text: bytes | str, name: str) -> Any:
    """The value of a JSON text, with every repeated key marked for `cleaned`."""
    if len(text) > MAX_BYTES:
        raise _too_large(name, MAX_BYTES)
    plain = _as_text(text, name).removeprefix("\ufeff")
    if not plain.strip():
        raise refuse_file(name, "is empty", "give a grading record as JSON")
    try:
        return json.loads(plain, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        problem = f"is not JSON ({where}: {error.msg[:1].lower()}{error.msg[1:]})"
        raise refuse_file(name, problem, "give a grading record as JSON") from None
    except RecursionError:
        raise _too_deep(name) from None
    except ValueError:
        raise refuse_file(name, "holds a number of thousands of digits", "correct it") from None


def encode_json(value: Mapping[str, Any], name: str) -> str:
    """Plain values as the JSON text that they stand for, so that all rules of text hold for them."""

    def plain(item: Any) -> Any:
        if isinstance(item, Mapping):
            return dict(item)
        if isinstance(item, dt.date):  # a datetime is one, too
            return item.isoformat()
        problem = f"holds a value of the type {type(item).__name__}"
        raise refuse_file(name, problem, "write it as a word, a number, a list or a mapping")

    try:
        return json.dumps(dict(value), default=plain)
    except TypeError:
        problem = "has a key that is no word"
        raise refuse_file(name, problem, "name the keys as `hosr describe schema` does") from None
    except (ValueError, RecursionError):  # one that holds itself
        raise _too_deep(name) from None


def decode_object(text: bytes | str, name: str) -> dict[str, Any]:
    """The object of a JSON text that leaves nothing open: plain values, whatever its keys mean.

    Raises RecordRefused for what is no JSON object, is too large, or has a key twice.
    """
    value = decode_json(text, name)
    _, faults = cleaned(value, name)
    repeated = [fault.as_fault() for fault in faults if fault.problem == _REPEATED]
    if repeated:
        raise RecordRefused(first_of(repeated))
    if not isinstance(value, dict):
        raise refuse_file(name, "is no JSON object", "give a grading record as JSON")
    return value


def canonical_json(value: Mapping[str, Any], name: str) -> str:
    """The one text of plain values, in whatever order their keys are: ASCII, keys sorted, no spaces.

    Raises RecordRefused for more than a record may hold, and for what JSON has no number for.
    """
    plain = decode_object(encode_json(value, name), name)
    try:
        return json.dumps(plain, sort_keys=True, allow_nan=False, separators=(",", ":"))
    except ValueError:
        raise refuse_file(
            name, phrase("holds a number that is not finite"), phrase("correct it")
        ) from None


def cleaned(value: Any, name: str) -> tuple[Any, list[Located]]:
    """The value without repetitions and control characters, and a fault for each there was."""
    faults: list[Located] = []
    rest = _MAX_VALUES

    def clean(item: Any, location: Location) -> Any:
        nonlocal rest
        rest -= 1
        if rest < 0:
            raise refuse_file(
                name,
                phrase("holds more than {number} values", number=_MAX_VALUES),
                phrase("split it"),
            )
        if len(location) > _MAX_DEPTH:
            raise _too_deep(name)
        if isinstance(item, _Repeated):
            faults.append(Located(location, _REPEATED, phrase("keep one of them")))
            item = item.last
        if isinstance(item, str):
            return _clean_text(item, location, faults)
        if isinstance(item, list):
            return [clean(child, (*location, index)) for index, child in enumerate(item)]
        if isinstance(item, dict):
            if len(item) > _MAX_KEYS:
                faults.append(
                    Located(
                        location,
                        phrase("has {number} keys", number=len(item)),
                        phrase("remove what is too much"),
                    )
                )
            keys = {
                key: _clean_text(key, (*location, key), faults) for key in islice(item, _MAX_KEYS)
            }
            return {keys[key]: clean(item[key], (*location, keys[key])) for key in keys}
        if isinstance(item, int) and abs(item) > _LARGEST_EXACT_INTEGER:
            return float("inf")
        return item

    return clean(value, ()), faults


def _clean_text(text: str, location: Location, faults: list[Located]) -> str:
    plain = text.replace("\r\n", "\n")
    if _UNSAYABLE.search(plain) is None:
        return plain
    problem = phrase("holds a control character or half of a surrogate pair")
    faults.append(Located(location, problem, phrase("remove it; line breaks and tabs may stay")))
    return _UNSAYABLE.sub("\ufffd", plain)


def _as_text(text: bytes | str, name: str) -> str:
    if isinstance(text, str):
        return text
    refuse_foreign(io.BytesIO(text), name, of_tables=False)
    for offset, start, what in _FOREIGN:
        if text[offset : offset + len(start)] == start:
            raise refuse_file(
                name,
                f"is {what}, not a record",
                "give a grading record as JSON",
            )
    return _decoded(text, name)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise refuse_file(name, "is not UTF-8 text", "save it as UTF-8") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    times = Counter(key for key, _ in pairs)
    return {key: child if times[key] == 1 else _Repeated(child) for key, child in pairs}


def _too_large(name: str, limit: int) -> RecordRefused:
    problem = phrase("is larger than {number} MiB", number=limit // 1024 // 1024)
    return refuse_file(name, problem, phrase("a record holds one study; split it"))


def _too_deep(name: str) -> RecordRefused:
    return refuse_file(
        name, phrase("is nested too deeply"), phrase("give a grading record as the schema has it")
    )
