"""What each file of a report is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One file to be written."""

    name: str
    data: bytes
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
