"""What can go wrong, as one tree.

    HosrError
    ├── UsageError          the call itself asks for something that does not exist
    ├── RecordRefused       the grading record is wrong; nothing is made of it
    ├── ImagesRefused       the DICOM input is wrong, or does not belong to the record
    │   └── DocumentRefused     the DICOM file to be read is not a report of hosr
    ├── TemplateRefused     a department's own template is broken, unsafe, or leaves out what must be said
    └── Unencodable         the report cannot be said in DICOM or text as asked

Every error carries its faults, all of them, each with a path, a problem and a remedy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "DocumentRefused",
    "Fault",
    "HosrError",
    "ImagesRefused",
    "RecordRefused",
    "TemplateRefused",
    "Unencodable",
    "UsageError",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, what, and what to do about it.

    `path` is a JSON path into the record (`$.hips[0].gap.mm`) or a file name;
    `rule` is the number of the published or conventional rule that was broken, if one was.
    """

    path: str
    problem: str
    remedy: str = ""
    rule: str = ""

    def __str__(self) -> str:
        """One line: path, problem, remedy, rule."""
        rule = f" [{self.rule}]" if self.rule else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.path}: {self.problem}{remedy}{rule}"


class HosrError(Exception):
    """The root: whatever hosr refuses, it refuses with this."""

    def __init__(self, faults: Iterable[Fault] | Fault) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class UsageError(HosrError):
    """The command line or call names something that does not exist or does not go together."""


class RecordRefused(HosrError):
    """The grading record is malformed or contradicts itself."""


class ImagesRefused(HosrError):
    """The images are unreadable, unsafe, or not those the record is about."""


class DocumentRefused(ImagesRefused):
    """A DICOM file was given to be read as a report, and it is not one of hosr's."""


class TemplateRefused(HosrError):
    """A template of a site's folder cannot be used; its path is the file, with the line."""


class Unencodable(HosrError):
    """The report holds something that the asked output has no lawful form for."""
