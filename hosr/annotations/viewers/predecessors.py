"""The report of hosr that a viewer redrew: its lines, and which of them a drawn line was.

A viewer gives its report new tracking UIDs at every save, and drops side and calibration; so a line is
known by its label, and by the end of it that was not moved.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from hosr.annotations.roles import Meaning, Role
from hosr.annotations.sources import Figure, Form
from hosr.findings import SAME_MM, Hip, Length, Line
from hosr.report import Report
from hosr.sr.labels import RegionKind, can_be_edited, drawn_islands, line_label
from hosr.vocabulary.terms import Side

# Viewers give back an end that was not moved within the precision of 32 bits, and less than this; two
# lines of one report do not end so near to each other.
SAME_PX = 0.05
_HELD_PX = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """A measurement report of hosr that was redrawn, by its SOP Instance UID.

    `is_editable` tells whether viewers made its lines their own: then one that they did not save was
    deleted, and else they never had it. `later` tells what took its place since, where it is known.
    """

    sop_instance_uid: str
    report: Report
    is_editable: bool
    later: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedDocument:
    """A document that a viewer saved into an archive; `name` is its SOP Instance UID.

    `predecessors` and `supersedes` are what it goes back to by way of all others there, as of a `Source`.
    """

    name: str
    data: bytes
    predecessors: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedDrawing:
    """What a viewer saved into an archive, and the report of hosr that it was drawn over.

    The newest of the `documents` comes first; others are there to which it only adds. `notes` are what else
    the archive says of it.
    """

    documents: tuple[SavedDocument, ...]
    before: Predecessor | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerLine:
    """A line of a report: what it was, and the words that a viewer kept of it.

    `number` counts the islands of a hip. `was_editable` as in `Predecessor`, of this line.
    """

    meaning: Meaning
    line: Line
    number: int | None = None
    was_editable: bool = False

    @property
    def label(self) -> str:
        """As hosr called it."""
        if self.meaning.role is Role.CALIBRATION or self.meaning.side is None:
            return f"Calibration {self.meaning.true_mm:g} mm"
        is_gap = self.meaning.role is Role.GAP
        kind = RegionKind.GAP if is_gap else RegionKind.ISLAND_LENGTH
        return line_label(self.meaning.side, kind, self.number or 1)

    def is_held(self, figure: Figure) -> bool:
        """Whether an end of a figure is still where one of this line was."""
        found = _distances(self.line, figure)
        return found is not None and min(found) <= _HELD_PX


def former_lines(before: Predecessor) -> tuple[FormerLine, ...]:
    """The lines of a report: gaps, islands, and objects of known size."""
    return tuple(_lines(before))


def is_along(length: Length, figure: Figure) -> bool:
    """Whether a length was measured along a figure, on its image or in the patient."""
    if length.line is not None and figure.image is not None:
        return is_same(length.line, figure)
    if figure.form is not Form.LINE or figure.image is not None or length.mm is None:
        return False
    return abs(length.mm - math.dist(*figure.points)) <= SAME_MM


def is_same(line: Line, figure: Figure) -> bool:
    """Whether a figure is a line of a report where it was."""
    found = _distances(line, figure)
    return found is not None and max(found) <= SAME_PX


def find_former(figure: Figure, lines: tuple[FormerLine, ...]) -> FormerLine | None:
    """The one line that a figure was, by an end that was not moved; None for none, or several."""
    held = [line for line in lines if line.is_held(figure)]
    return held[0] if len(held) == 1 else None


def _lines(before: Predecessor) -> Iterator[FormerLine]:
    for graded in before.report.hips:
        hip, side = graded.hip, graded.hip.side
        if hip.gap is not None and hip.gap.line is not None:
            yield FormerLine(
                meaning=Meaning(role=Role.GAP, side=side),
                line=hip.gap.line,
                was_editable=before.is_editable and can_be_edited(RegionKind.GAP, hip.gap),
            )
        yield from _island_lines(before, side, graded.hip)
        if hip.calibration is not None:
            object_mm = hip.calibration.true_mm
            meaning = Meaning(role=Role.CALIBRATION, side=side, true_mm=object_mm)
            yield FormerLine(meaning=meaning, line=hip.calibration.line)


def _island_lines(before: Predecessor, side: Side, hip: Hip) -> Iterator[FormerLine]:
    """Islands are numbered as they stand in the report, drawn ones first."""
    for number, island in enumerate(drawn_islands(hip), start=1):
        if island.length is None or island.length.line is None:
            continue
        is_line = island.region is None and can_be_edited(RegionKind.ISLAND_LENGTH, island.length)
        yield FormerLine(
            meaning=Meaning(role=Role.ISLAND, side=side),
            line=island.length.line,
            number=number,
            was_editable=before.is_editable and is_line,
        )


def _distances(line: Line, figure: Figure) -> tuple[float, float] | None:
    """How far the ends of a figure are from those of a line, in pixels, as they fit best."""
    place = figure.image
    if figure.form is not Form.LINE or place is None or line.spans_images:
        return None
    if place.sop_instance_uid != line.place.sop_instance_uid:
        return None
    if (place.frame or 1) != (line.place.frame or 1):
        return None
    ways = ((line.start, line.end), (line.end, line.start))
    fits = ((math.dist(a, figure.points[0]), math.dist(b, figure.points[-1])) for a, b in ways)
    return min(fits, key=min)
