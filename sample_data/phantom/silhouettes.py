"""What a perfect segmentation of a radiograph would hold: the silhouette of each structure, overlap and all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import anatomy
from .implant import implant
from .ossification import placed
from .projection import Beam, Pixel
from .scene import Hip
from .solids import FAR_MM, Field, Solid

FINE, COARSE = (0.5, 3), (1.5, 12)
"""How an outline is made: mm between planes, and which of the crossings of lines between pixels are kept.

Chords of the fine one are 0.05 pixel off a tip of 4 mm.
"""
BONES = ("pelvis", "femur", "stem")

Edge = tuple[int, int, int]


def structures(hip: Hip) -> list[tuple[str, Solid]]:
    """Return the name and solid of everything that is outlined at a hip; bones as they were without spurs."""
    bone = anatomy.femur() if hip.head_mm is None else anatomy.resected_femur()
    found: list[tuple[str, Solid]] = [("pelvis", anatomy.pelvis_side()), ("femur", bone)]
    if hip.head_mm is not None:
        parts = implant(hip.head_mm)
        found += [("head", parts.head), ("cup", parts.cup), ("stem", parts.stem)]
    found += [("pelvic_spur", spur.solid()) for spur in hip.growth.pelvic]
    found += [("femoral_spur", spur.solid()) for spur in hip.growth.femoral]
    found += [("island", island.solid()) for island in hip.growth.islands]
    return [(name, placed(solid, hip.side)) for name, solid in found]


def depths(solid: Solid, beam: Beam, step_mm: float = FINE[0]) -> Field:
    """Return how near each ray comes to a solid, in mm at the plane where it is nearest; negative inside."""
    least = np.full((beam.rows, beam.columns), FAR_MM, dtype=np.float32)
    box = solid.box.grow(1.0)
    for depth in np.arange(box.y[0] + step_mm / 2, box.y[1], step_mm):
        x, z = beam.plane(float(depth))
        columns = slice(*np.searchsorted(x[0], box.x))
        rows = slice(*np.searchsorted(-z[:, 0], (-box.z[1], -box.z[0])))
        if columns.start < columns.stop and rows.start < rows.stop:
            y = np.full((1, 1), depth, dtype=np.float32)
            distance = solid.distance(x[:, columns], y, z[rows])
            least[rows, columns] = np.minimum(least[rows, columns], distance)
    return least


def outline(name: str, solid: Solid, beam: Beam) -> list[Pixel]:
    """Return the longest outline of the shadow, (column, row) from the corner of the image, open."""
    step_mm, every = COARSE if name in BONES else FINE
    least = np.pad(depths(solid, beam, step_mm), 1, mode="edge")
    for border in (least[0], least[-1], least[:, 0], least[:, -1]):
        border[:] = np.abs(border)  # what leaves the image is cut half a pixel on, at its edge
    edges = max(_loops(least < 0), key=len)[::every]
    return [(column - 1, row - 1) for column, row in (_crossing(edge, least) for edge in edges)]


def _crossing(edge: Edge, least: Field) -> Pixel:
    """Return where the edge between two centres of pixels is crossed."""
    row, column, down = edge
    a = float(least[row, column])
    b = float(least[row + 1, column] if down else least[row, column + 1])
    part = a / (a - b)
    return column + 0.5 + (0 if down else part), row + 0.5 + (part if down else 0)


def _loops(inside: npt.NDArray[np.bool_]) -> list[list[Edge]]:
    """Return the closed rows of crossed edges round the pixels inside, none of which is at the border."""
    cells = inside[:-1, :-1].astype(int) + inside[:-1, 1:] + inside[1:, 1:] + inside[1:, :-1]
    following = {
        start: end
        for row, column in np.argwhere((cells > 0) & (cells < 4))
        for start, end in _steps(inside, int(row), int(column))
    }
    loops = []
    while following:
        start, at = following.popitem()
        loop = [start]
        while at != start:
            loop.append(at)
            at = following.pop(at)
        loops.append(loop)
    return loops


def _steps(inside: npt.NDArray[np.bool_], row: int, column: int) -> list[tuple[Edge, Edge]]:
    """Return how an outline passes between four pixels, with what is inside on its right."""
    corners = [(0, 0), (0, 1), (1, 1), (1, 0)]
    edges = [(row, column, 0), (row, column + 1, 1), (row + 1, column, 0), (row, column, 1)]
    filled = [bool(inside[row + down, column + right]) for down, right in corners]
    # Round the four pixels, an outline comes in where the inside begins and leaves where it ends.
    enters = [edges[n] for n in range(4) if not filled[n] and filled[(n + 1) % 4]]
    leaves = [edges[n] for n in range(4) if filled[n] and not filled[(n + 1) % 4]]
    if len(enters) == 2 and edges.index(leaves[0]) > edges.index(enters[0]):
        return list(zip(enters, leaves, strict=True))
    if len(enters) == 2:
        return [(enters[0], leaves[1]), (enters[1], leaves[0])]
    return list(zip(enters, leaves, strict=True))
