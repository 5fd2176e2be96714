"""What viewers show of a measurement group: its region, its tracking identifier and its comment.

The region is the gap line, the first drawn island, or the image frame. Viewers fail on a group
without coordinates, so a hip whose findings were not drawn is outlined by the frame of the image
that was graded, or by its half of an AP pelvis.

Viewers never show coded grades; so the words say the side and the grade. They are structural English,
whatever the language of the narrative.

A line that a viewer may make its own is the exception: the viewer keeps the words while a reader
drags its ends, and saves them beside the new length. Its words say the side and what it is, and
neither grade nor number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from hosr.codes import hosr_code
from hosr.composite import numbered
from hosr.composite.labels import SIDES, grade_label, hip_label, length_label
from hosr.findings import Hip, Island, Length, Line, Polygon, to_graphic_precision
from hosr.report import GradedHip, Report
from hosr.study import ImageReference, half_of_pelvis
from hosr.vocabulary.terms import Side, View


class RegionKind(StrEnum):
    """What the region of a group shows."""

    GAP = "gap"
    ISLAND_OUTLINE = "island outline"
    ISLAND_LENGTH = "island length"
    GAP_PROJECTION = "gap across slices, as it is seen from one"
    ISLAND_PROJECTION = "island length across slices, as it is seen from one"
    FRAME = "image frame"


REGION_CODES = {
    RegionKind.GAP: hosr_code("HO-RG-GAP", "Gap line"),
    RegionKind.ISLAND_OUTLINE: hosr_code("HO-RG-OUTLINE", "Outline of an island"),
    RegionKind.ISLAND_LENGTH: hosr_code("HO-RG-LENGTH", "Length line of an island"),
    RegionKind.GAP_PROJECTION: hosr_code("HO-RG-GAP-PROJ", "Gap line, projected on this image"),
    RegionKind.ISLAND_PROJECTION: hosr_code(
        "HO-RG-LEN-PROJ", "Length line of an island, projected on this image"
    ),
    RegionKind.FRAME: hosr_code("HO-RG-FRAME", "Frame of the graded image, not localised"),
}

PROJECTIONS = (RegionKind.GAP_PROJECTION, RegionKind.ISLAND_PROJECTION)

# What is the region of the group of a hip.
OF_GAP = (RegionKind.GAP, RegionKind.GAP_PROJECTION)
OF_ISLANDS = (
    RegionKind.ISLAND_OUTLINE,
    RegionKind.ISLAND_LENGTH,
    RegionKind.ISLAND_PROJECTION,
)

# OHIF makes a drawn length editable when its identifier begins like this.
_HYDRATE_PREFIX = "Cornerstone3DTools@^0.1.0:Length:"
_EDITABLE = {RegionKind.GAP, RegionKind.ISLAND_LENGTH}
_SPURS = ("pelvic spur", "femoral spur")
_LINES = {RegionKind.GAP: "HO gap", RegionKind.ISLAND_LENGTH: "island {number}"}

# Viewers' pick lists offer as many islands of a side, and the sizes of heads that are most in use.
_ISLANDS = 3
_OBJECTS_MM = (22, 28, 32, 36, 40)

_REGIONS = {
    RegionKind.GAP: "gap",
    RegionKind.ISLAND_OUTLINE: "island 1",
    RegionKind.ISLAND_LENGTH: "island 1",
    RegionKind.GAP_PROJECTION: "gap (projected)",
    RegionKind.ISLAND_PROJECTION: "island 1 (projected)",
    RegionKind.FRAME: "not localised",
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A region: what it shows and its shape."""

    kind: RegionKind
    shape: Line | Polygon


def is_drawn(island: Island) -> bool:
    """Whether an island has a place on an image."""
    return _island_region(island) is not None


def drawn_islands(hip: Hip) -> tuple[Island, ...]:
    """The islands with a place on an image; they stand first in the hip of a report."""
    return tuple(island for island in hip.islands or () if is_drawn(island))


def hip_region(hip: Hip, report: Report) -> Drawn:
    """The region of the hip's own group."""
    if hip.gap is not None and hip.gap.line is not None:
        line = hip.gap.line
        return Drawn(RegionKind.GAP_PROJECTION if line.is_projected else RegionKind.GAP, line)
    for island in drawn_islands(hip):
        return island_region(island)
    return Drawn(RegionKind.FRAME, _frame(hip, report))


def island_region(island: Island) -> Drawn:
    """The region of a drawn island."""
    region = _island_region(island)
    if region is None:
        raise ValueError("the island is not drawn")
    return region


def _island_region(island: Island) -> Drawn | None:
    if island.region is not None:
        return Drawn(RegionKind.ISLAND_OUTLINE, island.region)
    if island.length is not None and island.length.line is not None:
        line = island.length.line
        projected = line.is_projected
        return Drawn(RegionKind.ISLAND_PROJECTION if projected else RegionKind.ISLAND_LENGTH, line)
    return None


def _frame(hip: Hip, report: Report) -> Polygon:
    place = hip.place
    if place is None:
        raise ValueError("a hip in a report has a key image")
    image = report.subject.image(place)
    left, right = _columns(hip, image, report.view)
    return Polygon(corners=_rectangle(left, right, image.rows), place=numbered(place, image))


def _columns(hip: Hip, image: ImageReference, view: View) -> tuple[float, float]:
    """The first and last column of the hip's half of an AP pelvis, else of the whole image."""
    half = half_of_pelvis(image, hip.side) if view is View.AP_PELVIS else None
    first, last = half or (0.0, float(image.columns))
    return to_graphic_precision(first), to_graphic_precision(last)


def _rectangle(left: float, right: float, rows: int) -> tuple[tuple[float, float], ...]:
    """Corners and middles of the edges: viewers take five points for an editable box."""
    corners = ((left, 0.0), (right, 0.0), (right, float(rows)), (left, float(rows)))
    points = []
    for (x, y), (next_x, next_y) in zip(corners, (*corners[1:], corners[0]), strict=True):
        points.append((x, y))
        points.append(
            (to_graphic_precision((x + next_x) / 2), to_graphic_precision((y + next_y) / 2))
        )
    return tuple(points)


def line_label(side: Side, kind: RegionKind, number: int = 1) -> str:
    """What a line is, for a viewer to keep: for instance "Right HO gap", "Left island 2"."""
    return f"{side.value.capitalize()} {_LINES[kind].format(number=number)}"


def line_labels() -> tuple[str, ...]:
    """The labels that a viewer offers for lines drawn in it, and for arrows that point at spurs."""
    of_sides = [label for side in Side for label in _labels_of(side)]
    return (*of_sides, *(f"Calibration {mm} mm" for mm in _OBJECTS_MM))


def _labels_of(side: Side) -> Iterator[str]:
    yield line_label(side, RegionKind.GAP)
    for number in range(1, _ISLANDS + 1):
        yield line_label(side, RegionKind.ISLAND_LENGTH, number)
    for spur in _SPURS:
        yield f"{side.value.capitalize()} {spur}"


def can_be_edited(kind: RegionKind, length: Length | None) -> bool:
    """Whether OHIF can make an editable line of it: two points on one image, and a number."""
    if kind not in _EDITABLE or length is None or length.mm is None or length.line is None:
        return False
    return length.line.shows_length


def editable_tracking(words: str) -> str:
    """The tracking identifier of a line that OHIF is to make editable."""
    return f"{_HYDRATE_PREFIX}{words}"


def hip_tracking(graded: GradedHip, kind: RegionKind) -> str:
    """For instance "Right hip gap, Brooker III"."""
    return f"{SIDES[graded.hip.side]} {_REGIONS[kind]}, {grade_label(graded.grades[0])}"


def island_tracking(number: int, side: Side) -> str:
    """For instance "Right hip island 2"."""
    return f"{SIDES[side]} island {number}"


def hip_comment(graded: GradedHip) -> str:
    """For instance "Right hip: Brooker III, Della Valle C; gap 6.2 mm (32 mm object)"."""
    hip = graded.hip
    gap = "" if hip.gap is None else f"; gap {length_label(hip.gap, hip)}"
    return f"{hip_label(graded)}{gap}"


def island_comment(number: int, island: Island, side: Side) -> str:
    """For instance "Right hip: island 2, 14.0 mm"."""
    known = island.length is not None and island.length.mm is not None
    length = f", {length_label(island.length)}" if island.length is not None and known else ""
    return f"{SIDES[side]}: island {number}{length}"


def is_editable(tracking: str) -> bool:
    """Whether OHIF makes the line of this tracking identifier editable."""
    return tracking.startswith(_HYDRATE_PREFIX)
