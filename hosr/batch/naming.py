"""Which ids a row may have: each is the name of a folder, on whatever system it is read."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 128
_MAX_BYTES = 240  # most file systems end a name at 255 bytes

# What Windows allows in no name, and what it takes for a device, with any extension.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)

# Files of the batch itself, beside the folders of its rows.
_OWN = frozenset({"results.jsonl", "results.parquet"})


def name_problem(name: str) -> str | None:
    """Why this cannot be the name of a folder; None where it can."""
    if len(name) > MAX_CHARACTERS or len(name.encode("utf-8", "replace")) > _MAX_BYTES:
        return f"is longer than {MAX_CHARACTERS} characters or {_MAX_BYTES} bytes"
    if not name.isprintable() or name != name.strip():
        return "holds a character that cannot be seen, or begins or ends with a space"
    if _FORBIDDEN.search(name):
        return "holds a character that a folder cannot be named with"
    if name.startswith(".") or name.endswith("."):
        return "begins or ends with a dot"
    if _DEVICE.fullmatch(name) or folded(name) in _OWN:
        return "is a name that is reserved"
    return None


def folded(name: str) -> str:
    """The name as a file system sees it that tells neither case nor composed characters apart."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
