"""One patient: both hips, with or without an implant and heterotopic bone, as parts to project or to slice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from . import anatomy
from .implant import implant
from .ossification import Growth, placed, placed_point
from .projection import Part, shell, uniform
from .solids import Ball, Blend, Ellipsoid, Point, Solid

Side = Literal["right", "left"]

BONE = shell(0.085, 0.021, 1.6)
FEMUR = shell(0.080, 0.021, 1.5)
HETEROTOPIC = shell(0.135, 0.085, 1.6)
DENSER = uniform(0.024)
TUBE = uniform(0.042)
EDGE = uniform(0.030)
FORAMEN = uniform(-0.022, 3.0)
TITANIUM = uniform(0.16)
COBALT = uniform(0.40)
BALL_MM = 25.0
BALL_CENTRE: Point = (0.0, 0.0, -112.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hip:
    """One hip; `head_mm` is the diameter of the implant's head, None for a native hip."""

    side: Side
    head_mm: float | None = None
    growth: Growth = field(default_factory=Growth)

    def pelvis(self) -> Solid:
        """The hip bone with its spurs grown into it."""
        spurs = tuple(spur.solid() for spur in self.growth.pelvic)
        return placed(Blend((anatomy.pelvis_side(), *spurs), 4.0), self.side)

    def femur(self) -> Solid:
        """The femur, cut for the stem where there is one, with its spurs."""
        bone = anatomy.femur() if self.head_mm is None else anatomy.resected_femur()
        spurs = tuple(spur.solid() for spur in self.growth.femoral)
        return placed(Blend((bone, *spurs), 4.0), self.side)

    def islands(self) -> tuple[Solid, ...]:
        """The separate pieces of bone."""
        return tuple(placed(island.solid(), self.side) for island in self.growth.islands)

    def bones(self) -> Iterator[Part]:
        """Everything made of bone."""
        yield Part(self.pelvis(), BONE)
        yield Part(self.femur(), FEMUR)
        yield Part(placed(anatomy.femoral_tube(), self.side), TUBE)
        yield from (Part(placed(edge, self.side), EDGE) for edge in anatomy.ridges())
        yield from (Part(island, HETEROTOPIC) for island in self.islands())
        for spur in (*self.growth.pelvic, *self.growth.femoral):
            yield Part(placed(spur.solid(), self.side), DENSER)

    def metal(self) -> Iterator[Part]:
        """Everything made of metal."""
        if self.head_mm is not None:
            parts = implant(self.head_mm)
            yield Part(placed(parts.cup, self.side), TITANIUM)
            yield Part(placed(parts.stem, self.side), TITANIUM)
            yield Part(placed(parts.head, self.side), COBALT)

    def head_ends(self) -> tuple[Point, Point] | None:
        """The ends of a diameter of the implant's head that the cup leaves free: along the mouth of the cup."""
        if self.head_mm is None:
            return None
        (x, y, z), reach = anatomy.HIP, self.head_mm / 2 / np.sqrt(2)
        ends = (x - reach, y, z - reach), (x + reach, y, z + reach)
        return placed_point(ends[0], self.side), placed_point(ends[1], self.side)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A patient on the table."""

    right: Hip
    left: Hip
    ball: bool = False
    """A steel ball of 25 mm between the thighs, at the depth of the hips."""
    seed: int = 1

    def bones(self) -> Iterator[Part]:
        """Bones of both sides and of the midline."""
        for solid in (anatomy.sacrum(), *anatomy.lumbar()):
            yield Part(solid, BONE)
        yield from (Part(hole, FORAMEN) for hole in anatomy.sacral_foramina())
        yield from self.right.bones()
        yield from self.left.bones()

    def metal(self) -> Iterator[Part]:
        """Implants and the calibration ball."""
        yield from self.right.metal()
        yield from self.left.metal()
        if self.ball:
            yield Part(Ball(BALL_CENTRE, BALL_MM / 2), COBALT)


def soft_parts(seed: int) -> Iterator[Part]:
    """Skin, fat, muscle, bladder and bowel gas; gas attenuates less than what it displaces."""
    yield Part(anatomy.body(), shell(0.0170, 0.0195, 14.0, 3.0))
    for muscle in anatomy.muscles():
        yield Part(muscle, uniform(0.0022, 3.0))
        yield Part(placed(muscle, "right"), uniform(0.0022, 3.0))
    yield Part(Ellipsoid((0.0, -22.0, 22.0), (46.0, 32.0, 30.0)), uniform(0.0022, 3.0))
    yield from (Part(gas, uniform(-0.016, 3.0)) for gas in bowel_gas(seed))


def bowel_gas(seed: int) -> tuple[Solid, ...]:
    """Pockets of gas in the rectum, the sigmoid colon and the caecum."""
    rng = np.random.default_rng(seed)
    pockets: list[Solid] = []
    for centre_x, centre_z, count in (
        (-58.0, 112.0, 8),
        (62.0, 108.0, 7),
        (6.0, 66.0, 5),
        (0.0, 140.0, 6),
    ):
        for _ in range(count):
            dx, dz = rng.normal(0, 15.0, 2)
            wide, high, deep = rng.uniform(6.0, 14.0, 3)
            middle = (centre_x + float(dx), -30.0, centre_z + float(dz))
            pockets.append(
                Ellipsoid(
                    middle, (float(wide), float(deep), float(high)), float(rng.uniform(-60, 60))
                )
            )
    return tuple(pockets)
