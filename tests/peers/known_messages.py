"""Messages of the validators that hosr's reports are known to cause, each with its reason.

Anything else that a validator says fails the tests; so does an entry here that none says any more.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A message by its pattern (the whole of it), and why it stays."""

    pattern: str
    reason: str

    def matches(self, message: str) -> bool:
        """Whether this is the message."""
        return re.fullmatch(self.pattern, message) is not None


DCIODVFY = (
    Known(
        pattern=r"Warning: Unrecognized defined term <99HOSR> for value 1 of attribute "
        r"<Coding Scheme Designator>",
        reason="a private scheme is private: the designator is declared in the document",
    ),
)

DSRDUMP = (
    Known(
        pattern=r"Warning: The VR checker does not support this Specific Character Set: ISO_IR 192",
        reason="DCMTK checks no lengths in UTF-8; it reads it",
    ),
)

DICOM_SR_VALIDATOR = (
    Known(
        pattern=r"Error: Template 1500 .*\[Row 4\] CODE \(121058,DCM,.*"
        r"\(\d+-\d,LN,.*\) not found in context group 100",
        reason="CID 100 is a baseline group: other codes for the procedure are allowed",
    ),
    Known(
        pattern=r"Warning: Template 1501 .*: template ID encoded in first row container 1410 does "
        r"not match expected template ID 1501 - may be ambiguous template invocation",
        reason="TID 1500 invokes 1410 and 1501 alike; the validator tries both on each group",
    ),
    Known(
        pattern=r"Warning: .*\(125007,DCM,.*/CODE \([^/]*,99HOSR,[^/]*\): Content Item not in template",
        reason="qualitative evaluations came into TID 1410 after the validator's templates (2022)",
    ),
    Known(
        pattern=r"Warning: .*\(125007,DCM,.*/TEXT \(121106,DCM,\"Comment\"\): "
        r"Content Item not in template",
        reason="viewers name a measurement by its comment; TID 1410 is extensible",
    ),
    Known(
        pattern=r"Warning: .*/CONTAINER \(\d+-\d,LN,[^/]*\)(/TEXT \(121071,DCM,[^/]*\))?: "
        r"Content Item not in template",
        reason="CID 7001 names sections by LOINC codes now; the validator knows the former ones",
    ),
)


def unknown(messages: Iterable[str], known: Iterable[Known]) -> list[str]:
    """The messages that nothing on the list explains."""
    table = tuple(known)
    return [text for text in messages if not any(entry.matches(text) for entry in table)]


def unused(messages: Iterable[str], known: Iterable[Known]) -> list[str]:
    """The patterns on the list that explain nothing."""
    said = tuple(messages)
    return [entry.pattern for entry in known if not any(entry.matches(text) for text in said)]
