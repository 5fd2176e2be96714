"""UIDs and fingerprints derived from content: the only place that makes a UID.

The same content always gives the same UID, so that a report made twice is the same object,
and a changed one is another object. UIDs are of the `2.25.` form (PS3.5 Annex B.2).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import re
import uuid
from functools import cache
from typing import Any

# Metadata of a field that came later: it counts once it is not its default, so that what was made
# without it keeps its UIDs.
ADDED = {"hosr.identity": "added"}

_NAMESPACE = uuid.UUID("6f1b6c0e-0c8e-5c55-9a3c-3f9a4f0b2d71")
_ENCODE_PARTS = json.JSONEncoder(ensure_ascii=True).encode
_ENCODE_VALUE = json.JSONEncoder(sort_keys=True, ensure_ascii=True, allow_nan=False).encode
_UID = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+", re.ASCII)
_USABLE_UID = re.compile(r"\d+(\.\d+)+", re.ASCII)


def derive_uid(*parts: str) -> str:
    """A UID that stands for these parts and no others."""
    name = _ENCODE_PARTS(parts)
    return f"2.25.{uuid.uuid5(_NAMESPACE, name).int}"


def fingerprint(value: Any) -> str:
    """SHA-256 over the whole of a frozen value, as hexadecimal."""
    text = _ENCODE_VALUE(_plain(value))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def is_valid_uid(text: str) -> bool:
    """Whether this is a valid UID (PS3.5 section 9.1): digits and dots, 64 characters at most."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def is_usable_uid(text: str) -> bool:
    """Whether an object of others may be known by this: a UID, with zeros before its numbers or without.

    PS3.5 section 9.1 forbids such zeros. Devices write them, and an archive knows the object by them.
    """
    return len(text) <= 64 and _USABLE_UID.fullmatch(text) is not None


def _plain(value: Any) -> Any:
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    known = _fields(kind)
    if known is not None:
        names, added = known
        held = {name: _plain(getattr(value, name)) for name in names}
        for name, default in added:
            if getattr(value, name) != default:
                held[name] = _plain(getattr(value, name))
        return {"": kind.__name__, **held}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return value


_PLAIN = frozenset({str, float, int, bool, type(None)})


@cache
def _fields(kind: Any) -> tuple[tuple[str, ...], tuple[tuple[str, Any], ...]] | None:
    """The fields that count in a dataclass, and those that came later with what they were before.

    A field that equality leaves out does not count. None for another type.
    """
    if not dataclasses.is_dataclass(kind):
        return None
    fields = [field for field in dataclasses.fields(kind) if field.compare]
    added = [field for field in fields if field.metadata == ADDED]
    names = tuple(field.name for field in fields if field not in added)
    return names, tuple((field.name, field.default) for field in added)
