"""Of which hip a mask is, where its label does not say.

the label has a side                       that side
the images show one hip, by their header   that side
bone of a volume, both hips in it          each part on its side of the plane between the hips
bone of a volume, beside sided bone        the side of that one
new bone, piece by piece                   the side of the nearest bone that has one
what fills cells less than that            the half it lies in, and with the piece that it lies against
else                                       asked back: the half of an image never tells it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from hosr.annotations.account import Account
from hosr.annotations.masks.found import MaskSetting, RoledMask
from hosr.annotations.masks.lattice import Floats, Lattice
from hosr.annotations.masks.limits import LEVEL, NEAREST_BONE_MM, OTHER_LEVELS
from hosr.annotations.masks.pieces import Labels, speck_cells
from hosr.annotations.masks.scene import NEW_BONE, Bools
from hosr.annotations.masks.surfaces import distance_tree
from hosr.annotations.roles import Role
from hosr.vocabulary.terms import Side

_BONES = (Role.FEMUR, Role.PELVIS, Role.IMPLANT)
# Points of a bone that are enough to tell which one is nearest.
_ENOUGH = 40_000
# Centres of two hips are farther apart than this, and of two parts of a thigh bone they are not.
_LEAST_APART_MM = 80.0
# A thigh bone is not so much smaller than the other, unless it is cut off by the volume.
_LEAST_SHARE = 0.05
_REMEDY = 'give the label a side in labels.toml: { role = "...", side = "right" }'


def settle_sides(
    masks: Sequence[RoledMask], lattice: Lattice, setting: MaskSetting, account: Account
) -> list[RoledMask]:
    """The same masks, each of one side; what lies on both sides is divided. Faults are blamed."""
    if setting.only_side is not None:
        return [_of_only_side(roled, setting.only_side, account) for roled in masks]
    settled = [roled for roled in masks if roled.side is not None]
    _compare_with_patient(settled, lattice, account)
    open_bones = [roled for roled in masks if roled.side is None and roled.role in _BONES]
    settled += _settle_bones(open_bones, settled, lattice, account)
    for roled in masks:
        if roled.side is None and roled.role in NEW_BONE:
            settled += _settle_growth(roled, settled, lattice, account)
    return settled


def _of_only_side(roled: RoledMask, side: Side, account: Account) -> RoledMask:
    if roled.side is None:
        words = f"{roled.mask.label} is of the {side.value} hip, the only one that the images show"
        account.assume(roled.mask.place, words)
        return replace(roled, side=side)
    if roled.side is not side:
        problem = f"{roled.mask.label} is of the {roled.side.value} hip, and the images show the {side.value} one"
        account.blame(
            roled.mask.place, problem, "correct labels.toml, or give the images of that hip"
        )
    return roled


def _compare_with_patient(sided: list[RoledMask], lattice: Lattice, account: Account) -> None:
    """In a volume the right hip has the smaller x; labels that say otherwise are swapped, or mirrored."""
    middles = {} if lattice.is_film else _middles([], sided, lattice)
    if len(middles) == 2 and middles[Side.RIGHT] > middles[Side.LEFT]:
        place = next(roled.mask.place for roled in sided if roled.role in _BONES)
        problem = "the labels call the hip right that lies on the left of the patient, and the other one left"
        remedy = "correct the sides in labels.toml, or give masks that are not mirrored"
        account.blame(place, problem, remedy)


def _settle_bones(
    bones: list[RoledMask], sided: list[RoledMask], lattice: Lattice, account: Account
) -> list[RoledMask]:
    if not bones:
        return []
    middles = _middles(bones, sided, lattice)
    if len(middles) == 1:
        (side,) = middles
        return [replace(roled, side=side) for roled in bones]
    if len(middles) < 2:
        for roled in bones:
            problem = (
                f"of which hip {roled.mask.label} is, neither its label nor a second hip tells"
            )
            account.blame(roled.mask.place, problem, _REMEDY)
        return []
    words = "bone without a side is divided half way between the two hips"
    if not any(roled.role in _BONES and roled.mask.occupancy.size for roled in sided):
        words += "; the right one has the smaller x (LPS)"
    account.assume(bones[0].mask.place, words)
    return [part for roled in bones for part in _divide(roled, lattice, middles)]


def _middles(bones: list[RoledMask], sided: list[RoledMask], lattice: Lattice) -> dict[Side, float]:
    """Where the middle of each hip lies from left to right: by sided bone, else by two thigh bones."""
    found: dict[Side, float] = {}
    for side in Side:
        parts = [r for r in sided if r.side is side and r.role in _BONES and r.mask.occupancy.size]
        ranked = sorted(parts, key=lambda roled: _BONES.index(roled.role))
        if ranked:
            found[side] = float(_points_mm(ranked[0], lattice)[:, _across(lattice)].mean())
    if found or lattice.is_film:
        return found
    for role in (Role.FEMUR, Role.IMPLANT):
        for roled in (bone for bone in bones if bone.role is role):
            pair = _two_middles(roled, lattice)
            if pair is not None:
                return {Side.RIGHT: min(pair), Side.LEFT: max(pair)}
    return {}


def _two_middles(roled: RoledMask, lattice: Lattice) -> tuple[float, float] | None:
    labels, count = ndimage.label(_filled(roled, LEVEL))
    if count < 2:
        return None
    sizes = np.bincount(labels.ravel())[1:]
    large = np.argsort(sizes)[::-1][:2] + 1
    if sizes[large[1] - 1] < _LEAST_SHARE * sizes[large[0] - 1]:
        return None
    first, second = (
        float(
            lattice.to_mm(np.argwhere(labels == number) + np.array(roled.mask.origin))[:, 0].mean()
        )
        for number in large
    )
    return (first, second) if abs(first - second) >= _LEAST_APART_MM else None


def _divide(roled: RoledMask, lattice: Lattice, middles: dict[Side, float]) -> list[RoledMask]:
    """Each cell to the hip whose middle is nearer, from left to right."""
    if not roled.mask.occupancy.size:
        return [replace(roled, side=side) for side in Side]
    is_right = _is_right(roled, lattice, middles)
    return [_part(roled, Side.RIGHT, is_right), _part(roled, Side.LEFT, ~is_right)]


def _is_right(roled: RoledMask, lattice: Lattice, middles: dict[Side, float]) -> Bools:
    """Which cells lie nearer to the middle of the right hip than to that of the left one, from left to right."""
    row, shape = _across(lattice), roled.mask.occupancy.shape
    x = np.asarray(lattice.start[row], dtype=np.float32)
    for axis, size in enumerate(shape):
        along = (np.arange(size) + roled.mask.origin[axis]) * lattice.steps[row, axis]
        line = [-1 if each == axis else 1 for each in range(len(shape))]
        x = x + along.astype(np.float32).reshape(line)
    off = {side: np.abs(x - np.float32(middle)) for side, middle in middles.items()}
    is_right: Bools = np.broadcast_to(off[Side.RIGHT] < off[Side.LEFT], shape)
    return is_right


def _across(lattice: Lattice) -> int:
    """Which coordinate runs from one hip to the other: x of a patient, the column of a film."""
    return 1 if lattice.is_film else 0


def _settle_growth(
    roled: RoledMask, sided: list[RoledMask], lattice: Lattice, account: Account
) -> list[RoledMask]:
    """Every piece goes to the nearest sided bone; an empty mask was searched for at every hip."""
    bones = _bones_of_sides(sided, lattice)
    if not bones:
        problem = (
            f"of which hip {roled.mask.label} is, neither its label nor a bone with a side tells"
        )
        account.blame(roled.mask.place, problem, _REMEDY)
        return []
    if not roled.mask.occupancy.size:
        return [replace(roled, side=side) for side in bones]
    filled = _filled(roled, min(OTHER_LEVELS))
    labels, count = ndimage.label(filled, structure=np.ones((3,) * filled.ndim))
    numbers, points = _some_points(roled, labels, lattice)
    apart = {side: _apart_mm(numbers, points, count, bone) for side, bone in bones.items()}
    sides = list(apart)
    nearest = np.argmin([apart[side] for side in sides], axis=0)
    is_counted = np.bincount(labels.ravel(), minlength=count + 1) >= speck_cells(lattice)
    least = np.min([apart[side] for side in sides], axis=0)
    farthest = float(np.where(is_counted, least, 0.0).max())
    if lattice.is_mm and farthest > NEAREST_BONE_MM:
        problem = f"a piece of {roled.mask.label} lies {farthest:.0f} mm from the nearest bone that has a side"
        account.blame(
            roled.mask.place, problem, "label the bones of that hip too, or give the label a side"
        )
        return []
    _number_fringe(roled, labels, count, sided, lattice)
    owners = np.array([-1, *nearest[1:], 0, len(sides) - 1])  # outside, pieces, fringes
    windows = ndimage.find_objects(labels)
    return [
        _pieces(roled, side, labels, count, windows, owners == n) for n, side in enumerate(sides)
    ]


def _number_fringe(
    roled: RoledMask, labels: Labels, count: int, sided: list[RoledMask], lattice: Lattice
) -> None:
    """Number the fringe, which fills cells less than pieces do, after these: of the right hip, then of the left.

    It is divided half way between the hips: no bone by itself, it places the surfaces of pieces and of the
    bones beside it, and may be bone together with them.
    """
    if roled.mask.occupancy.dtype == np.bool_:
        return
    fringe = (labels == 0) & (roled.mask.occupancy > 0)
    if fringe.any():
        found = _middles([], sided, lattice)
        middles = {side: found.get(side, np.inf) for side in Side}
        is_right = _is_right(roled, lattice, middles)
        labels[fringe] = np.where(is_right[fringe], count + 1, count + 2)


def _bones_of_sides(sided: list[RoledMask], lattice: Lattice) -> dict[Side, Floats]:
    """Points of the bones of each side that has some."""
    return {
        side: np.concatenate(
            [
                _points_mm(bone, lattice)
                for bone in sided
                if bone.side is side and bone.role in _BONES and bone.mask.occupancy.size
            ]
        )
        for side in Side
        if any(b.side is side and b.role in _BONES and b.mask.occupancy.size for b in sided)
    }


def _some_points(
    roled: RoledMask, labels: Labels, lattice: Lattice
) -> tuple[npt.NDArray[np.int32], Floats]:
    """Some cells of every piece: the number of its piece, and where it lies."""
    places = np.flatnonzero(labels)
    numbers = labels.ravel()[places]
    _, first = np.unique(numbers, return_index=True)
    some = np.union1d(first, np.arange(0, len(places), max(1, len(places) // _ENOUGH)))
    index = np.column_stack(np.unravel_index(places[some], labels.shape))
    return numbers[some], lattice.to_mm(index + np.array(roled.mask.origin))


def _apart_mm(
    numbers: npt.NDArray[np.int32], points_mm: Floats, count: int, bone_mm: Floats
) -> Floats:
    """How far each piece lies from a bone, by some of its cells; piece 0 is what is outside."""
    distances, _ = distance_tree(bone_mm).query(points_mm)
    least = np.full(count + 1, np.inf)
    np.minimum.at(least, numbers, distances)
    least[0] = 0.0
    return least


def _points_mm(roled: RoledMask, lattice: Lattice) -> Floats:
    cells = np.argwhere(_filled(roled, LEVEL))
    if not len(cells):
        cells = np.array([roled.mask.occupancy.shape]) // 2
    cells = cells[:: max(1, len(cells) // _ENOUGH)]
    return lattice.to_mm(cells + np.array(roled.mask.origin))


def _filled(roled: RoledMask, level: float) -> Bools:
    occupancy = roled.mask.occupancy
    return (
        occupancy.astype(np.bool_, copy=False)
        if occupancy.dtype == np.bool_
        else occupancy >= level
    )


def _pieces(
    roled: RoledMask,
    side: Side,
    labels: Labels,
    count: int,
    windows: Sequence[tuple[slice, ...] | None],
    is_own: Bools,
) -> RoledMask:
    """The pieces of one side and its fringe, by their numbers, cut to their box.

    The fringe right beside a piece places its surface, and goes with it wherever it lies: with both
    sides, where it lies between pieces of both, for neither then has a cell of the other's piece.
    """
    mask = roled.mask
    own = [window for number, window in enumerate(windows, 1) if window and is_own[number]]
    if not own:
        return _part(roled, side, np.zeros(mask.occupancy.shape, dtype=np.bool_))
    has_fringe = len(windows) > count
    box = tuple(
        slice(
            max(0, min(part.start for part in parts) - has_fringe),
            max(part.stop for part in parts) + has_fringe,
        )
        for parts in zip(*own, strict=True)
    )
    numbers = labels[box]
    chosen: Bools = is_own[numbers]
    if has_fringe:
        beside = ndimage.binary_dilation(chosen, structure=np.ones((3,) * chosen.ndim))
        chosen |= beside & (numbers > count)
    occupancy = np.where(chosen, mask.occupancy[box], np.zeros((), dtype=mask.occupancy.dtype))
    origin = tuple(low + part.start for low, part in zip(mask.origin, box, strict=True))
    return replace(roled, side=side, mask=replace(mask, origin=origin, occupancy=occupancy))


def _part(roled: RoledMask, side: Side, chosen: Bools) -> RoledMask:
    """The chosen cells of a mask, cut to their box."""
    mask = roled.mask
    occupancy = np.where(chosen, mask.occupancy, np.zeros((), dtype=mask.occupancy.dtype))
    windows = ndimage.find_objects((occupancy > 0).astype(np.int8))
    window = windows[0] if windows else (slice(0, 0),) * occupancy.ndim
    origin = tuple(low + part.start for low, part in zip(mask.origin, window, strict=True))
    cut = replace(mask, origin=origin, occupancy=np.ascontiguousarray(occupancy[window]))
    return replace(roled, side=side, mask=cut)
