"""A cementless total hip replacement for the left side (x > 0): cup, head and stem, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass

from .anatomy import HIP, SOCKET_MM, STEM_AXIS
from .solids import Ball, Blend, Capsule, Cut, HalfSpace, Point, Solid, chain

CUP_WALL_MM = 4.0
CUP_OPENING: Point = (0.68, -0.22, -0.70)
"""The direction that the cup faces: 44 degrees of inclination and some anteversion."""


@dataclass(frozen=True, slots=True)
class Implant:
    """The metal parts; the liner between head and cup lets X-rays through."""

    head: Ball
    cup: Solid
    stem: Solid


def implant(head_mm: float) -> Implant:
    """Return an implant with a head of the given diameter."""
    shell = Cut(
        Ball(HIP, SOCKET_MM), (Ball(HIP, SOCKET_MM - CUP_WALL_MM), HalfSpace(HIP, CUP_OPENING))
    )
    screw = Capsule((98.0, 6.0, 24.0), (93.0, 18.0, 54.0), 2.6, 1.6)
    return Implant(Ball(HIP, head_mm / 2), Blend((shell, screw)), _stem())


def _stem() -> Solid:
    """A straight tapered stem: neck, shoulder, body along the shaft axis, blunt tip near z = -145 mm."""
    (ax, ay, az), (bx, by, bz) = STEM_AXIS
    points = [
        (ax + t * (bx - ax), ay + t * (by - ay), az + t * (bz - az))
        for t in (0.0, 0.12, 0.24, 0.43)
    ]
    shaft = chain(points, (10.8, 9.2, 7.8, 4.6))
    shoulder = chain(((121.0, 2.0, -28.0), (129.5, 4.0, -50.0)), (8.0, 10.8))
    calcar = Capsule((118.0, 2.0, -31.0), (126.0, 4.5, -112.0), 7.5, 4.5)
    neck = Capsule((95.0, 0.2, -6.0), (119.0, 2.0, -26.5), 5.6, 6.6)
    return Blend((Blend((shaft, shoulder, calcar), 4.0), neck), 4.0)
