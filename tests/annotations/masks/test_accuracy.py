"""How surely lengths are found between shapes of known size, at what cells (masks and probabilities)."""

from __future__ import annotations

import numpy as np
import pytest

from hosr.annotations.account import Account
from hosr.annotations.masks import MaskSetting, RoledMask, find_hips
from hosr.annotations.masks.joint import Joint
from hosr.annotations.masks.lattice import common_lattice
from hosr.annotations.masks.limits import BOUNDARY_SD_MM, BOUNDARY_SDS
from hosr.annotations.masks.readings import LevelReading, read_levels
from hosr.annotations.masks.scene import build_scene
from hosr.annotations.roles import Role
from tests.annotations.masks.shapes import (
    Floats,
    Ground,
    Solid,
    ball,
    box,
    ellipsoid,
    join,
    rod,
    turned,
)

pytestmark = pytest.mark.slow


# The gap is measured outside of the joint; here it is far away.
def _far(dimensions: int) -> Joint:
    return Joint(np.full(dimensions, 1e4), 31.0)


TIP_MM = 3.2


def _read(masks: list[RoledMask], setting: MaskSetting | None = None) -> LevelReading:
    common = common_lattice(masks, setting or MaskSetting(), Account())
    assert common is not None
    _, lattice = common
    scene = build_scene(masks, lattice, lattice.whole)
    return next(read_levels(scene, _far(len(lattice.start)), (0.5,)))


def _around(size_mm: float, edges: tuple[float, ...], shift: Floats) -> Ground:
    """A grid around the origin whose cells lie by this part of a cell beside it."""
    shape = tuple(int(np.ceil(size_mm / edge)) for edge in edges)
    start = (shift - (np.array(shape) - 1) / 2) * np.array(edges)
    return Ground(start=tuple(start), edges=edges, shape=shape)


def _gap_mm(pelvic: Solid, femoral: Solid, ground: Ground, *, soft: bool = False) -> float:
    masks = [
        ground.mask(Role.PELVIC_SPUR, pelvic, soft=soft),
        ground.mask(Role.FEMORAL_SPUR, femoral, soft=soft),
    ]
    reading = _read(masks)
    assert reading.gap is not None
    return reading.gap.length


def _errors(edges: tuple[float, ...], count: int, *, soft: bool = False) -> Floats:
    """Gaps of 5 to 15 mm between round tips, in all directions and places between cells."""
    chance = np.random.default_rng(7)
    found = []
    for _ in range(count):
        way = chance.normal(size=3)
        way /= np.linalg.norm(way)
        gap = chance.uniform(5.0, 15.0)
        tips = [side * way * (gap / 2 + TIP_MM) for side in (-1, 1)]
        pelvic, femoral = (rod(tip, tip + np.sign(tip @ way) * way * 4, TIP_MM) for tip in tips)
        ground = _around(gap + 2 * TIP_MM + 6, edges, chance.uniform(-0.5, 0.5, 3))
        found.append(_gap_mm(pelvic, femoral, ground, soft=soft) - gap)
    return np.array(found)


@pytest.mark.parametrize(
    ("edges", "soft", "bias_mm", "spread_mm"),
    [
        pytest.param((0.7, 0.7, 0.7), False, 0.15, 0.2, id="mask"),
        pytest.param((0.7, 0.7, 0.7), True, 0.1, 0.1, id="probabilities"),
        pytest.param((0.7, 0.7, 1.5), False, 0.2, 0.35, id="mask in thin slices"),
        pytest.param((1.5, 1.5, 1.5), False, 0.3, 0.6, id="mask of 1.5 mm"),
    ],
)
def test_a_gap_is_found_within_a_part_of_a_cell(
    edges: tuple[float, ...], soft: bool, bias_mm: float, spread_mm: float
) -> None:
    """On the average right, and seldom off by more than the uncertainty that is told."""
    errors = _errors(edges, 12, soft=soft)

    assert abs(errors.mean()) < bias_mm
    assert errors.std() < spread_mm


@pytest.mark.parametrize("gap_mm", [0.9, 2.0, 9.8, 10.2])
@pytest.mark.parametrize("edge", [0.5, 1.0])
def test_a_gap_to_a_flat_bone_along_the_grid_is_found(gap_mm: float, edge: float) -> None:
    """The hardest place is that where surfaces run along the cells: each is off by half of one at most."""
    ground = _around(24.0 + gap_mm, (edge,) * 3, np.zeros(3))
    plane = lambda p: np.asarray(gap_mm / 2 - p[..., 2])  # noqa: E731

    found = _gap_mm(ball((0, 0, -gap_mm / 2 - 5), 5.0), plane, ground)

    assert abs(found - gap_mm) <= edge


def test_crossed_cylinders_are_as_far_apart_as_their_axes_less_their_radii() -> None:
    """Two rods that pass one another at right angles, 8 mm between their surfaces."""
    ground = _around(36.0, (0.7, 0.7, 0.7), np.array([0.2, -0.1, 0.4]))
    pelvic, femoral = rod((-12, 0, -7), (12, 0, -7), 3.0), rod((0, -12, 7), (0, 12, 7), 3.0)

    assert abs(_gap_mm(pelvic, femoral, ground) - 8.0) < 0.3


def _turns(count: int) -> list[Floats]:
    chance = np.random.default_rng(3)
    return [np.linalg.qr(chance.normal(size=(3, 3)))[0] for _ in range(count)]


def _islands_of(
    solid: Solid, length: float, edges: tuple[float, ...], *, soft: bool = False
) -> tuple[Floats, Floats]:
    """How far off its length an island is in twelve directions and places, and what is told of that.

    Boundaries are exact, so that what is told is of the cells alone.
    """
    chance = np.random.default_rng(5)
    errors, told = [], []
    for turn in _turns(12):
        ground = _around(length + 2 * max(edges) + 1, edges, chance.uniform(-0.5, 0.5, 3))
        mask = ground.mask(Role.ISLAND, turned(solid, turn), soft=soft)
        (hip,) = find_hips([mask], MaskSetting(boundary_sd_mm=0.0), Account())
        (island,) = hip.islands or ()
        assert island.mm is not None
        assert island.uncertainty_mm is not None
        errors.append(island.mm - length)
        told.append(island.uncertainty_mm)
    return np.array(errors), np.array(told)


ROUND = np.eye(3)
BENT = join(
    rod((-7, 0, 0), (-2, 4, 0), 2.0),
    rod((-2, 4, 0), (4, 4, 0), 2.0),
    rod((4, 4, 0), (8, 0, 0), 2.0),
)
# Each with its length; the last number is how far off the worst of twelve may be, in mm.
SHAPES: dict[str, tuple[Solid, float, float]] = {
    "ball": (ball((0, 0, 0), 5), 10.0, 0.35),
    "egg of 9.8 mm": (ellipsoid((0, 0, 0), (4.9, 3.6, 3.6), ROUND), 9.8, 0.4),
    "egg of 10.2 mm": (ellipsoid((0, 0, 0), (5.1, 3.6, 3.6), ROUND), 10.2, 0.4),
    "lens": (ellipsoid((0, 0, 0), (6, 6, 1.2), ROUND), 12.0, 0.6),
    "leaf": (ellipsoid((0, 0, 0), (8, 4, 1.2), ROUND), 16.0, 0.6),
    "thin rod": (rod((-3.5, 0, 0), (3.5, 0, 0), 1.5), 10.0, 0.5),
    "rod": (rod((-5.5, 0, 0), (5.5, 0, 0), 2.5), 16.0, 0.4),
    "block": (box((-5, -2, -2), (5, 2, 2)), 11.489, 0.6),
    "splinter": (box((-7, -1.5, -1), (7, 1.5, 1)), 14.457, 0.45),
    "plate": (box((-6, -4, -0.7), (6, 4, 0.7)), 14.490, 0.8),
    "bent rod": (BENT, 19.0, 0.5),
    "L": (join(rod((-5, -4, 0), (5, -4, 0), 2), rod((5, -4, 0), (5, 4, 0), 2)), 16.806, 0.45),
}
NAMED = [pytest.param(*shape, id=name) for name, shape in SHAPES.items()]


@pytest.mark.parametrize(("solid", "length_mm", "worst_mm"), NAMED)
def test_an_island_is_as_long_as_it_is(solid: Solid, length_mm: float, worst_mm: float) -> None:
    """Twelve directions and places between cells of 0.7 mm: on the average right to 0.33 mm."""
    errors, told = _islands_of(solid, length_mm, (0.7, 0.7, 0.7))

    assert abs(errors.mean()) < 0.33
    assert np.abs(errors).max() < worst_mm
    assert told == pytest.approx(0.49)


@pytest.mark.parametrize(
    ("edges", "spread_mm"),
    [((0.7, 0.7, 0.7), 0.25), ((0.7, 0.7, 1.0), 0.26), ((0.5, 0.5, 2.0), 0.5)],
)
def test_islands_of_all_shapes_are_as_sure_as_is_told(
    edges: tuple[float, ...], spread_mm: float
) -> None:
    """Of every twenty nineteen lie within what is told of cells alone. A plate falls apart in thick slices."""
    kept = [shape for name, shape in SHAPES.items() if edges[2] < 2.0 or name != "plate"]
    found = [_islands_of(solid, length, edges) for solid, length, _ in kept]
    errors, told = (np.concatenate(part) for part in zip(*found, strict=True))

    assert abs(errors.mean()) < 0.15
    assert errors.std() < spread_mm
    assert (np.abs(errors) <= told).mean() >= 0.95


def test_the_tips_of_a_needle_are_lost() -> None:
    """The worst case: 12 mm long and 2.4 mm thick, its last half millimetre is thinner than a voxel.

    Nothing in a mask tells where it ended. What is told of a model with usual boundaries covers that.
    """
    errors, told = _islands_of(ellipsoid((0, 0, 0), (6, 1.2, 1.2), ROUND), 12.0, (0.7, 0.7, 0.7))

    assert -0.5 < errors.mean() < 0.1
    assert np.abs(errors).max() > told[0]
    assert np.abs(errors).max() < np.hypot(told[0], BOUNDARY_SDS * BOUNDARY_SD_MM)


@pytest.mark.parametrize(("solid", "length_mm", "_worst_mm"), NAMED)
def test_an_island_of_probabilities_is_as_long_as_it_is(
    solid: Solid, length_mm: float, _worst_mm: float
) -> None:
    """Of which each cell says how much of it is filled: none is off by half of one."""
    errors, _ = _islands_of(solid, length_mm, (0.7, 0.7, 0.7), soft=True)

    assert np.abs(errors).max() < 0.34


@pytest.mark.parametrize(("edge", "most_mm"), [(0.33, 0.3), (0.66, 0.46)])
def test_a_gap_on_a_film_is_found(edge: float, most_mm: float) -> None:
    """Round tips 8 mm apart on a film, at six angles."""
    errors = []
    for angle in np.arange(6) * np.pi / 6:
        way = np.array([np.cos(angle), np.sin(angle)])
        ground = _around(30.0, (edge, edge), np.array([0.3, 0.1]))
        pixels = Ground(start=ground.start, edges=(edge, edge), shape=ground.shape)
        masks = [
            pixels.mask(role, rod(side * way * 8, side * way * 12, 4.0))
            for role, side in ((Role.PELVIC_SPUR, -1), (Role.FEMORAL_SPUR, 1))
        ]
        reading = _read(masks, MaskSetting(pixel_mm=(edge, edge)))
        assert reading.gap is not None
        errors.append(reading.gap.length - 8.0)

    assert np.abs(errors).max() < most_mm
