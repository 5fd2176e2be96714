"""The labels of one hip in one box of the grid, and which cells each of them fills at a level.

In a volume every cell belongs to one structure. Of masks that overlap the first of `PRECEDENCE` has it;
of probabilities the highest, where those of all structures together reach the level: so the border
between a spur and its bone does not fall apart at a high level. On a film structures lie behind one
another, and each keeps its own cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from hosr.annotations.masks.found import RoledMask
from hosr.annotations.masks.lattice import Box, Lattice
from hosr.annotations.masks.limits import LEVEL, OTHER_LEVELS
from hosr.annotations.roles import Role
from hosr.annotations.volumes.boxes import filled_box

Bools = npt.NDArray[np.bool_]
Field = npt.NDArray[np.float32]

# Metal is never bone; what somebody sorted stands before what nobody did; and new bone that a bone's
# own label holds as well is new bone.
PRECEDENCE = (
    Role.IMPLANT,
    Role.PELVIC_SPUR,
    Role.FEMORAL_SPUR,
    Role.SPUR,
    Role.ISLAND,
    Role.OSSIFICATION,
    Role.FEMUR,
    Role.PELVIS,
)
# Heterotopic bone that is sorted by what it touches, or holds to a bone by the word of its maker.
GROWTH = (Role.OSSIFICATION, Role.SPUR, Role.PELVIC_SPUR, Role.FEMORAL_SPUR)
NEW_BONE = (*GROWTH, Role.ISLAND)
BONES = (Role.PELVIS, Role.FEMUR)
# Probabilities that add up to more than this do not exclude one another.
_MOST_SUM = 1.1
# Of a border that falls over one cell, two fifths lie between these.
_UNDECIDED = (0.2, 0.8)
_RAMP_SHARE = 0.2


def box_of(masks: Iterable[RoledMask]) -> Box | None:
    """The smallest box around masks; None where nothing is in them."""
    found: Box | None = None
    for roled in masks:
        origin, shape = roled.mask.origin, roled.mask.occupancy.shape
        box = Box(tuple(origin), tuple(o + s for o, s in zip(origin, shape, strict=True)))
        if not box.is_empty:
            found = box if found is None else found.join(box)
    return found


def growth_box(masks: Sequence[RoledMask], lattice: Lattice) -> Box | None:
    """The box around all cells that may be new bone at any level; None where there are none.

    In a volume they have the highest of the probabilities that reach it together, and so their share at least.
    """
    structures = 1 if lattice.is_film else len({roled.role for roled in masks})
    least = min(LEVEL, *OTHER_LEVELS) / structures
    found: Box | None = None
    for mask in (roled.mask for roled in masks if roled.role in NEW_BONE):
        window = filled_box(_reaches(mask.occupancy, least))
        if window is not None:
            parts = list(zip(mask.origin, window, strict=True))
            low = tuple(first + part.start for first, part in parts)
            box = Box(low, tuple(first + part.stop for first, part in parts))
            found = box if found is None else found.join(box)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Solids:
    """Which cells each structure fills at one level.

    In a volume `owner` tells it, by place in PRECEDENCE and from 1; on a film `layers` do. `filled` holds
    the probability of any structure in a volume, None for masks; on a film `depths` hold each its own.
    """

    lattice: Lattice
    box: Box
    level: float
    owner: npt.NDArray[np.int8] | None
    filled: Field | None
    layers: dict[Role, Bools]
    depths: dict[Role, Field]

    def cells(self, *roles: Role, window: tuple[slice, ...] = ()) -> Bools:
        """The cells of these structures, in a window of the box where one is given."""
        if self.owner is not None:
            owner = self.owner[window]
            found = np.zeros(owner.shape, dtype=np.bool_)
            for role in roles:  # faster than a table that is looked up cell by cell
                found |= owner == PRECEDENCE.index(role) + 1
            return found
        found = np.zeros(self.box.shape, dtype=np.bool_)[window]
        for role in roles:
            if role in self.layers:
                found |= self.layers[role][window]
        return found

    def has(self, role: Role) -> bool:
        """Whether a structure is in the box."""
        if self.owner is None:
            return role in self.layers and bool(self.layers[role].any())
        return bool((self.owner == PRECEDENCE.index(role) + 1).any())

    @property
    def has_ramps(self) -> bool:
        """Whether probabilities of new bone fall slowly at its border, so that they tell where it runs.

        Many networks say yes or no and nothing between: their borders are those of masks.
        """
        depth = self.depth(*NEW_BONE)
        if depth is None:
            return False
        inside = self.cells(*NEW_BONE)
        window = _around(inside)
        inside, depth = inside[window], depth[window]
        near = ndimage.binary_dilation(inside)
        border = inside & ~ndimage.binary_erosion(inside)
        low, high = _UNDECIDED
        between = near & (depth > low) & (depth < high)
        return int(between.sum()) >= _RAMP_SHARE * int(border.sum())

    def depth(self, *roles: Role) -> Field | None:
        """How surely each cell is filled, to place surfaces between cells; None for masks."""
        if self.owner is not None:
            return self.filled
        fields = [self.depths[role] for role in roles if role in self.depths]
        return np.maximum.reduce(fields) if fields else None

    def beside(self, own: Bools) -> Bools:
        """The cells that a structure may have a free surface towards: no other fills them."""
        return ~own if self.owner is None else self.owner == 0


@dataclass(frozen=True, eq=False)
class Scene:
    """The fields of one hip, role by role, in one box: bool, or probabilities and parts of cells."""

    lattice: Lattice
    box: Box
    fields: dict[Role, Bools | Field]

    @property
    def has_levels(self) -> bool:
        """Whether a field is not of yes and no."""
        return any(field.dtype != np.bool_ for field in self.fields.values())

    @property
    def shared(self) -> float:
        """How much of the new bone in a volume is labelled as a bone too, as a part of it."""
        groups = [
            [_reaches(field, LEVEL) for role, field in self.fields.items() if role in roles]
            for roles in (NEW_BONE, BONES)
        ]
        if self.lattice.is_film or not all(groups):
            return 0.0
        new, bone = (np.logical_or.reduce(group) for group in groups)
        return float((new & bone).sum()) / max(1, int(new.sum()))

    def solids(self, level: float = LEVEL) -> Solids:
        """The structures at a level."""
        if self.lattice.is_film:
            layers = {role: _reaches(field, level) for role, field in self.fields.items()}
            fields = self.fields if self.has_levels else {}
            depths = {role: field.astype(np.float32) for role, field in fields.items()}
            return Solids(self.lattice, self.box, level, None, None, layers, depths)
        if not self.has_levels:
            owner = np.zeros(self.box.shape, dtype=np.int8)
            for number, role in _numbered(self.fields):
                owner[self.fields[role]] = number
            return Solids(self.lattice, self.box, level, owner, None, {}, {})
        highest, filled = self._divided
        owner = np.where(filled < level, np.int8(0), highest)
        return Solids(self.lattice, self.box, level, owner, filled, {}, {})

    @cached_property
    def _divided(self) -> tuple[npt.NDArray[np.int8], Field]:
        """Whose probability is highest in each cell, and that of any structure: for every level alike."""
        best = np.zeros(self.box.shape, dtype=np.float32)
        total = np.zeros(self.box.shape, dtype=np.float32)
        owner = np.zeros(self.box.shape, dtype=np.int8)
        for number, role in _numbered(self.fields):
            field = self.fields[role]
            higher = (field >= best) & (field > 0)
            owner[higher] = number
            np.maximum(best, field, out=best)
            total += field
        return owner, best if total.size and total.max() > _MOST_SUM else total


def build_scene(masks: Iterable[RoledMask], lattice: Lattice, box: Box) -> Scene:
    """The masks in a box; several of one role are one structure."""
    fields: dict[Role, Bools | Field] = {}
    for roled in masks:
        occupancy = roled.mask.occupancy
        part = box_of([roled])
        field = fields.get(roled.role)
        if field is None or (field.dtype == np.bool_ and occupancy.dtype != np.bool_):
            kind = np.bool_ if occupancy.dtype == np.bool_ else np.float32
            field = np.zeros(box.shape, kind) if field is None else field.astype(np.float32)
            fields[roled.role] = field
        common = None if part is None else part.meet(box)
        if part is not None and common is not None and not common.is_empty:
            window = field[common.within(box)]
            np.maximum(window, occupancy[common.within(part)], out=window)
    return Scene(lattice, box, fields)


def count_shared(
    one: Sequence[RoledMask], other: Sequence[RoledMask], lattice: Lattice
) -> tuple[int, int, int]:
    """How many cells two structures of masks fill in common, and how many each of them."""
    first, second = box_of(one), box_of(other)
    if first is None or second is None or first.meet(second).is_empty:
        return 0, 0, 0
    cells = [_union(one, lattice, first), _union(other, lattice, second)]
    near = first.meet(second)
    common = cells[0][near.within(first)] & cells[1][near.within(second)]
    return int(common.sum()), int(cells[0].sum()), int(cells[1].sum())


def _around(cells: Bools) -> tuple[slice, ...]:
    """The box of cells and those beside them: few of a hip are new bone; nothing where none is filled."""
    box = filled_box(cells) or (slice(0, 0),) * cells.ndim
    return tuple(slice(max(0, part.start - 1), part.stop + 1) for part in box)


def _union(masks: Sequence[RoledMask], lattice: Lattice, box: Box) -> Bools:
    """The cells of masks of one structure."""
    (field,) = build_scene(masks, lattice, box).fields.values()
    return _reaches(field, LEVEL)


def _reaches(field: Bools | Field, level: float) -> Bools:
    return field.astype(np.bool_, copy=False) if field.dtype == np.bool_ else field >= level


def _numbered(fields: dict[Role, Bools | Field]) -> list[tuple[int, Role]]:
    """Those that are there, the least of precedence first, so that the others are written over it."""
    ranked = [(number, role) for number, role in enumerate(PRECEDENCE, 1) if role in fields]
    return ranked[::-1]
