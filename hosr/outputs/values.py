"""What goes into the files of a report, and what each file is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hosr.intake.images import Note
    from hosr.report import Report

__all__ = ["Made", "Outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A report, the way to the files of its images by SOP Instance UID, and what was tolerated."""

    report: Report
    read_image: Callable[[str], bytes]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One file to be written."""

    name: str
    data: bytes
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
