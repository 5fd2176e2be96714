"""How surely lengths are found between shapes of known size, at what cells (masks and probabilities)."""

from __future__ import annotations

import numpy as np
import pytest

from hosr.annotations.account import Account
from hosr.annotations.masks import MaskSetting, RoledMask
from hosr.annotations.masks.joint import Joint
from hosr.annotations.masks.lattice import common_lattice
from hosr.annotations.masks.readings import LevelReading, read_levels
from hosr.annotations.masks.scene import build_scene
from hosr.annotations.masks.surfaces import crossings, longest_diameter, settle_diameter
from hosr.annotations.roles import Role
from tests.annotations.masks.shapes import Floats, Ground, Solid, ball, ellipsoid, rod


# The gap is measured outside of the joint; here it is far away.
def _far(dimensions: int) -> Joint:
    return Joint(np.full(dimensions, 1e4), 27.0, 31.0)


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


def _ellipsoid_mm(length: float, turn: Floats, *, soft: bool) -> float:
    ground = _around(length + 3, (0.7,) * 3, np.array([0.3, -0.2, 0.1]))
    solid = ellipsoid((0, 0, 0), (length / 2, 3.6, 3.6), turn)
    (mask,) = [ground.mask(Role.ISLAND, solid, soft=soft)]
    cells = np.zeros(ground.shape, dtype=np.bool_)
    window = tuple(
        slice(low, low + size)
        for low, size in zip(mask.mask.origin, mask.mask.occupancy.shape, strict=True)
    )
    depth = np.zeros(ground.shape, dtype=np.float32)
    depth[window] = mask.mask.occupancy
    cells[window] = mask.mask.occupancy >= 0.5 if soft else mask.mask.occupancy > 0
    points = crossings(cells, ~cells, depth if soft else None, 0.5) * 0.7
    start, end = settle_diameter(points, *longest_diameter(points), 0.7)
    return float(np.linalg.norm(end - start))


@pytest.mark.parametrize("soft", [False, True], ids=["mask", "probabilities"])
@pytest.mark.parametrize("length_mm", [9.8, 10.0, 10.2])
def test_an_island_is_as_long_as_it_is_in_every_direction(length_mm: float, soft: bool) -> None:
    """Twelve ellipsoids turned at random: on the average within 0.15 mm, none off by 0.7 of a cell."""
    chance = np.random.default_rng(3)
    turns = [np.linalg.qr(chance.normal(size=(3, 3)))[0] for _ in range(12)]

    errors = np.array([_ellipsoid_mm(length_mm, turn, soft=soft) - length_mm for turn in turns])

    assert abs(errors.mean()) < (0.1 if soft else 0.15)
    assert errors.std() < (0.1 if soft else 0.25)
    assert np.abs(errors).max() < (0.3 if soft else 0.5)


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
