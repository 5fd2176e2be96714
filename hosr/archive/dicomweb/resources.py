"""The paths of studies, series and instances below the root (PS3.18 section 10.1)."""

from __future__ import annotations

import re

# What archives hold includes UIDs with leading zeros; all that matters here is that a UID from
# elsewhere is one segment of a path, and no other.
_UID = re.compile(r"[0-9]+(\.[0-9]+)*", re.ASCII)


def is_uid(text: str) -> bool:
    """Whether a text can stand for a UID in a path."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def study_target(study: str) -> str:
    """The path of a study."""
    return f"/studies/{study}"


def series_target(study: str, series: str) -> str:
    """The path of a series."""
    return f"/studies/{study}/series/{series}"


def instance_target(study: str, series: str, instance: str) -> str:
    """The path of an instance."""
    return f"/studies/{study}/series/{series}/instances/{instance}"
