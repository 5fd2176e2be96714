"""The phantom's truth, found in masks of it: nine gaps in axial slices, and nine on frontal films."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from hosr.annotations.masks import MaskSetting, RoledMask
from hosr.annotations.roles import Role
from hosr.vocabulary.terms import Bridging, Presence, Side, View
from sample_data.phantom.ossification import Growth, Island, axial, bridge, frontal
from sample_data.phantom.projection import Beam
from sample_data.phantom.scene import Hip
from sample_data.phantom.silhouettes import depths, structures
from sample_data.phantom.solids import Solid, f32
from tests.annotations.masks.cases import Outcome, outcome
from tests.annotations.masks.shapes import Bools, Ground

GAPS_MM = [3.0, 4.8, 6.2, 7.5, 9.2, 10.8, 12.4, 14.0, 16.0]
ROLES = {"cup": Role.IMPLANT, "head": Role.IMPLANT, "stem": Role.IMPLANT}

# Axial slices of 1 mm of the left hip, from foot to head, and a film of it.
SLICES = Ground(
    start=(62.3, -56.1, -40.2),
    edges=(1.0, 0.7, 0.7),
    shape=(92, 120, 145),
    axes=((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
)
BEAM = Beam(
    sid_mm=1150, sod_mm=1000, spacing_mm=0.4, columns=330, rows=380, centre_x_mm=108, centre_z_mm=0
)
PIXEL_MM = BEAM.spacing_mm / BEAM.magnification()
FILM = Ground(start=(0.0, 0.0), edges=(PIXEL_MM, PIXEL_MM), shape=(BEAM.rows, BEAM.columns))


def _drawn(solid: Solid) -> Bools:
    """A solid in the slices, of which z, y and x are the axes."""
    x, y, z = (
        SLICES.start[axis] + np.arange(size) * edge
        for axis, size, edge in zip((0, 1, 2), SLICES.shape[::-1], SLICES.edges[::-1], strict=True)
    )
    cells = np.zeros(SLICES.shape, dtype=np.bool_)
    across, down = (_within(axis, span) for axis, span in ((x, solid.box.x), (y, solid.box.y)))
    for index, height in enumerate(z):
        if solid.box.z[0] <= height <= solid.box.z[1]:
            plane = np.full((1, 1), height, dtype=np.float32)
            near = solid.distance(f32(x[None, across]), f32(y[down, None]), plane)
            cells[index, down, across] = near < 0
    return cells


def _within(axis: npt.NDArray[np.floating], span: tuple[float, float]) -> slice:
    return slice(*(int(place) for place in np.searchsorted(axis, span)))


@cache
def _bones(*, on_film: bool, head_mm: float | None = None) -> dict[Role, Bools]:
    bare = Hip(side="left", head_mm=head_mm)
    found: dict[Role, Bools] = {}
    for name, solid in structures(bare):
        role = ROLES.get(name) or Role(name)
        cells = depths(solid, BEAM, 1.5) < 0 if on_film else _drawn(solid)
        found[role] = found[role] | cells if role in found else cells
    return found


def _ct(growth: Growth) -> Outcome:
    """New bone as one label, drawn up to the bones."""
    bones = _bones(on_film=False)
    grown = np.zeros(SLICES.shape, dtype=np.bool_)
    for name, solid in structures(Hip(side="left", growth=growth)):
        if name not in ("pelvis", "femur"):
            grown |= _drawn(solid)
    grown &= ~(bones[Role.PELVIS] | bones[Role.FEMUR])
    masks = [SLICES.given(role, cells, Side.LEFT) for role, cells in bones.items()]
    return outcome([*masks, SLICES.given(Role.OSSIFICATION, grown, Side.LEFT)])


def _film(growth: Growth, head_mm: float | None = None, *, by_maker: bool = True) -> Outcome:
    """One mask a structure, which overlap; new bone sorted by its maker, or not."""
    masks: list[RoledMask] = [
        FILM.given(role, cells, Side.LEFT)
        for role, cells in _bones(on_film=True, head_mm=head_mm).items()
    ]
    spurs = (Role.PELVIC_SPUR, Role.FEMORAL_SPUR, Role.ISLAND)
    found = {role: np.zeros(FILM.shape, dtype=np.bool_) for role in spurs}
    for name, solid in structures(Hip(side="left", growth=growth)):
        if name not in ("pelvis", "femur"):
            found[Role(name)] |= depths(solid, BEAM) < 0
    if by_maker:
        masks += [FILM.given(role, cells, Side.LEFT) for role, cells in found.items()]
    else:
        grown = np.logical_or.reduce(list(found.values()))
        masks.append(FILM.given(Role.OSSIFICATION, grown, Side.LEFT))
    setting = MaskSetting(pixel_mm=(PIXEL_MM, PIXEL_MM))
    return outcome(masks, setting, View.AP_PELVIS)


def _gap_mm(seen: Outcome) -> float:
    assert seen.found.gap is not None
    assert seen.found.gap.mm is not None
    assert seen.found.gap.between == (Role.PELVIC_SPUR, Role.FEMORAL_SPUR)
    return seen.found.gap.mm


@pytest.mark.slow
def test_nine_gaps_in_slices_are_found() -> None:
    """Each in the label that nobody sorted; the grade is the true one, and IV is never possible."""
    seen = [_ct(axial(gap_mm, 6.0)) for gap_mm in GAPS_MM]

    errors = np.array([_gap_mm(each) for each in seen]) - GAPS_MM
    assert np.abs(errors).max() < 0.4
    assert abs(errors.mean()) < 0.2
    assert [each.possible["brooker"] for each in seen] == [("III",)] * 5 + [("II",)] * 4
    assert {each.found.bridging for each in seen} == {Bridging.NONE}


@pytest.mark.slow
def test_nine_gaps_on_films_are_found() -> None:
    """Where pelvis and femur overlap, and nothing but the two spurs tells the gap."""
    seen = [_film(frontal(gap_mm)) for gap_mm in GAPS_MM]

    errors = np.array([_gap_mm(each) for each in seen]) - GAPS_MM
    assert np.abs(errors).max() < 0.3
    assert abs(errors.mean()) < 0.15
    assert {each.found.bridging for each in seen} == {Bridging.NONE}
    lines = [each.found.gap for each in seen]
    assert all(line is not None and len(line.ends[0]) == 2 for line in lines)


@pytest.mark.parametrize("head_mm", [None, 32.0], ids=["native", "replaced"])
def test_masses_that_overlap_on_a_film_bridge_apparently(head_mm: float | None) -> None:
    """A ventral and a dorsal mass, 10 mm apart in depth: apparent, as one view is all there is."""
    seen = _film(bridge(), head_mm)

    assert seen.found.bridging is Bridging.APPARENT
    assert seen.possible["brooker"] == ("IV",)


def test_islands_on_a_film_have_an_outline_and_a_length() -> None:
    """Two of them, 14 and 6 mm long; the outline is of few corners and as long."""
    islands = (
        Island(centre=(131.0, 0.0, 27.0), length_mm=14.0, width_mm=7.0, tilt_deg=52.0),
        Island(centre=(119.0, 0.0, 33.0), length_mm=6.0, width_mm=4.2, tilt_deg=15.0),
    )

    found = _film(Growth(islands=islands)).found

    assert [each.mm for each in found.islands or ()] == pytest.approx([14.0, 6.0], abs=0.3)
    for island in found.islands or ():
        corners = np.array(island.outline)
        apart = np.linalg.norm(corners[:, None] - corners[None], axis=2).max() * PIXEL_MM
        assert apart == pytest.approx(island.mm, abs=0.3)
        assert 8 <= len(corners) <= 80
    assert (found.pelvic_spur, found.femoral_spur) == (False, False)


def test_new_bone_that_is_mostly_projected_onto_a_bone_may_lie_before_it() -> None:
    """Drawn with its root, a label that nobody sorted leaves open whether it is a spur."""
    seen = _film(frontal(14.0), by_maker=False)

    assert (seen.found.pelvic_spur, seen.found.femoral_spur) == (None, None)
    assert seen.possible["brooker"] == ("I", "II", "III")


def test_bones_on_a_film_never_make_a_spur() -> None:
    """Pelvis and femur that overlap, and labels of new bone that are empty: absent."""
    found = _film(Growth()).found

    assert (found.presence, found.pelvic_spur, found.gap) == (Presence.ABSENT, False, None)


def test_without_a_size_of_pixels_bones_behind_a_spur_make_no_bridge() -> None:
    """The root of a pelvic spur lies before the head, and no joint tells it apart; the gap excludes a bridge."""
    masks = [FILM.given(role, cells, Side.LEFT) for role, cells in _bones(on_film=True).items()]
    for name, solid in structures(Hip(side="left", growth=frontal(6.2))):
        if name not in ("pelvis", "femur"):
            masks.append(FILM.given(Role(name), depths(solid, BEAM, 1.0) < 0, Side.LEFT))

    seen = outcome(masks, view=View.AP_PELVIS)

    assert seen.found.bridging is None
    assert seen.found.gap is not None
    assert seen.possible["brooker"] == ("II", "III")


def test_a_film_without_a_size_of_its_pixels_gives_points_alone() -> None:
    """The same line, and no millimetres: hosr measures it by what the record says."""
    growth = frontal(6.2)
    masks = [
        FILM.given(Role(name), depths(solid, BEAM) < 0, Side.LEFT)
        for name, solid in structures(Hip(side="left", growth=growth))
        if name not in ("pelvis", "femur")
    ]

    seen = outcome(masks, view=View.AP_PELVIS)

    assert seen.found.gap is not None
    assert seen.found.gap.mm is None
    (start, end) = (np.array(point) for point in seen.found.gap.ends)
    assert np.linalg.norm(end - start) * PIXEL_MM == pytest.approx(6.2, abs=0.3)
    assert seen.possible["brooker"] == ("II", "III")
