"""Where a hip's group is drawn: its gap line, its first drawn island, or the image frame.

Viewers fail on a measurement group without coordinates, so a hip whose findings were not drawn
is outlined by the frame of the image that was graded, or by its half of an AP pelvis.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hosr.codes import hosr_code
from hosr.composite import numbered
from hosr.findings import Hip, Island, Line, Polygon, to_graphic_precision
from hosr.report import Report
from hosr.study import ImageReference, half_of_pelvis
from hosr.vocabulary.terms import View


class RegionKind(StrEnum):
    """What the region of a group shows."""

    GAP = "gap"
    ISLAND_OUTLINE = "island outline"
    ISLAND_LENGTH = "island length"
    FRAME = "image frame"


REGION_CODES = {
    RegionKind.GAP: hosr_code("HO-RG-GAP", "Gap line"),
    RegionKind.ISLAND_OUTLINE: hosr_code("HO-RG-OUTLINE", "Outline of an island"),
    RegionKind.ISLAND_LENGTH: hosr_code("HO-RG-LENGTH", "Length line of an island"),
    RegionKind.FRAME: hosr_code("HO-RG-FRAME", "Frame of the graded image, not localised"),
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
    """The islands with a place on an image; they stand first in a settled hip."""
    return tuple(island for island in hip.islands or () if is_drawn(island))


def hip_region(hip: Hip, report: Report) -> Drawn:
    """The region of the hip's own group."""
    if hip.gap is not None and hip.gap.line is not None:
        return Drawn(RegionKind.GAP, hip.gap.line)
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
        return Drawn(RegionKind.ISLAND_LENGTH, island.length.line)
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
