"""What a careful reader would write down about a phantom, and what is true of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .ossification import placed_point
from .projection import Pixel
from .scene import Hip
from .solids import Point

JSON = dict[str, Any]


class Picture(Protocol):
    """A beam or a stack of slices: both know where a point is seen."""

    def pixel(self, point: Point) -> Pixel:
        """Return (column, row)."""
        ...


@dataclass(frozen=True, slots=True)
class View:
    """Where points are seen, and on which image."""

    picture: Picture
    image_at: Callable[[Point], str]
    axial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one hip was read: what was measured, and the words that no measurement gives."""

    stated: JSON = field(default_factory=dict)
    measure_gap: bool = False
    measure_islands: bool = False
    outline_islands: bool = False
    calibrate_by_head: bool = False
    grid_px: float = 0.1
    """Clicked points fall on multiples of this."""
    brooker: str | None = None
    della_valle: str | None = None
    """The true grades; None where there is nothing to grade."""


def hip_record(hip: Hip, reading: Reading, view: View) -> JSON:
    """Return one entry of `hips`."""
    presence = {key: value for key, value in reading.stated.items() if key == "presence"}
    out: JSON = {"side": hip.side, "evaluable": True} | presence
    if reading.measure_islands or reading.outline_islands:
        out["islands"] = [
            _island(hip, index, reading, view) for index in range(len(hip.growth.islands))
        ]
    ends = hip.growth.gap_ends()
    if reading.measure_gap and ends is not None:
        out["gap"] = _clicks([placed_point(end, hip.side) for end in ends], reading, view)
    out |= {key: value for key, value in reading.stated.items() if key != "presence"}
    head = hip.head_ends()
    if reading.calibrate_by_head and head is not None:
        out["calibration"] = _clicks(head, reading, view) | {"true_mm": hip.head_mm}
    return out


def hip_truth(hip: Hip, reading: Reading, view: View) -> JSON:
    """Return the known truth of one hip: millimetres in the patient, unrounded places in the image."""
    growth, side = hip.growth, hip.side
    ends, head = growth.gap_ends(), hip.head_ends()
    gap_mm = growth.gap_mm()
    return {
        "side": side,
        "brooker": reading.brooker,
        "della_valle": reading.della_valle,
        "gap_mm": None if gap_mm is None else round(gap_mm, 3),
        "gap": None if ends is None else _exact([placed_point(end, side) for end in ends], view),
        "islands": [
            {"length_mm": island.length_mm, "width_mm": island.width_mm}
            | _exact([placed_point(end, side) for end in island.ends()], view)
            | {
                "outline": [
                    _pixel(placed_point(p, side), view) for p in island.outline(axial=view.axial)
                ]
            }
            for island in growth.islands
        ],
        "head_mm": hip.head_mm,
        "head": None if head is None else _exact(head, view),
    }


def _island(hip: Hip, index: int, reading: Reading, view: View) -> JSON:
    island, out = hip.growth.islands[index], JSON()
    if reading.measure_islands:
        out["length"] = _clicks(
            [placed_point(end, hip.side) for end in island.ends()], reading, view
        )
    if reading.outline_islands:
        outline = [placed_point(point, hip.side) for point in island.outline(16, axial=view.axial)]
        clicks = _clicks(outline, reading, view)
        out["region"] = {"polygon": clicks["points"], "image": clicks["image"]}
    return out


def _clicks(points: Sequence[Point], reading: Reading, view: View) -> JSON:
    grid = reading.grid_px
    places = [
        [round(round(value / grid) * grid, 1) for value in view.picture.pixel(point)]
        for point in points
    ]
    return {"points": places, "image": view.image_at(points[0])}


def _exact(points: Sequence[Point], view: View) -> JSON:
    return {"points": [_pixel(point, view) for point in points], "image": view.image_at(points[0])}


def _pixel(point: Point, view: View) -> list[float]:
    return [round(value, 3) for value in view.picture.pixel(point)]
