"""Which version of a report a message brings, and whether another one goes before it.

HL7 v2 and FHIR both have a receiver take the last message that comes for the state of a report. So
a message of an older version must not come after one of a newer version.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """How far a report is. The words stand in outboxes, and stay."""

    DRAFT = "draft"
    SIGNED = "signed"
    AMENDED = "amended"  # or with an addendum
    WITHDRAWN = "withdrawn"


# What persons answer for, and no draft takes the place of, whenever it was made.
_BINDING = frozenset({Stage.SIGNED, Stage.AMENDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a report: of which one, how far it is, and since when.

    `report` is the same in all versions at one receiver, and tells nothing of the patient.
    """

    report: str
    stage: Stage
    stated_at: dt.datetime

    @property
    def turn(self) -> int:
        """Its place among the versions of the report: microseconds since 1970."""
        return round(self.stated_at.timestamp() * 1_000_000)

    @property
    def words(self) -> str:
        """What it is and since when, in words."""
        return f"{self.stage.value}, {self.stated_at.isoformat(timespec='seconds')}"

    def goes_before(self, other: Version) -> bool:
        """Whether a receiver that has this version must not be sent the other one."""
        is_late_draft = other.stage is Stage.DRAFT and self.stage in _BINDING
        return is_late_draft or self.turn > other.turn
