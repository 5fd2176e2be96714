"""The pieces of new bone outside the joint, and what each of them is attached to.

    touches pelvis and femur   a bridge, if it is wide enough
    touches one of them        a spur of that bone
    touches neither            an island
    hardly touches             nobody can tell: an island, or a spur of that bone

What its maker sorted is taken as said: an island stays one, a spur is of its bone, and touching the
other bone may still make it a bridge. Two spurs of different bones that meet are one piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from hosr.annotations.masks.lattice import Lattice
from hosr.annotations.masks.limits import (
    MOST_OVERLAP,
    MOST_PIECES,
    SPECK_MM2,
    SPECK_MM3,
    SPECK_PIXELS,
    SURE_CONTACT_CELLS,
    SURE_CONTACT_FILM_MM,
)
from hosr.annotations.masks.scene import BONES, GROWTH, Bools, Solids
from hosr.annotations.roles import Role
from hosr.annotations.volumes.boxes import filled_box

Labels = npt.NDArray[np.int32]

SPUR_OF = {Role.PELVIS: Role.PELVIC_SPUR, Role.FEMUR: Role.FEMORAL_SPUR}


class Attachment(IntEnum):
    """How a piece is joined to a bone."""

    NONE = 0
    UNSURE = 1
    SURE = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """One piece: its cells in an array of its own, and where that lies in the box of its solids.

    `contact` counts the cells that touch each bone outside the joint. `said` are the roles that
    its maker gave to any of it.
    """

    window: tuple[slice, ...]
    cells: Bools
    said: frozenset[Role]
    contact: dict[Role, int]
    attached: dict[Role, Attachment]
    is_cut: bool
    """Whether it reaches the border of the grid, so that a part of it may be missing."""

    @property
    def is_island(self) -> bool:
        """Whether it surely is attached to no bone."""
        return set(self.attached.values()) == {Attachment.NONE}

    @property
    def is_unsure(self) -> bool:
        """Whether it may be an island, or a spur."""
        return max(self.attached.values()) is Attachment.UNSURE

    @property
    def reaches_both(self) -> bool:
        """Whether it surely is attached to both bones."""
        return set(self.attached.values()) == {Attachment.SURE}

    def is_spur_of(self, bone: Role) -> bool:
        """Whether it surely is attached to that bone."""
        return self.attached[bone] is Attachment.SURE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """All pieces of a hip at one level; what was too small, and what lies within the joint."""

    pieces: tuple[Piece, ...]
    specks: int
    in_joint: int
    """Cells of new bone within the zone of the joint."""
    cells: int
    """All cells of new bone outside it, specks left out."""
    too_many: bool = False


def find_pieces(solids: Solids, zone: Bools | None) -> Pieces:
    """Sort the new bone of a hip; `zone` are the cells of its joint, None where that is not known."""
    found: list[Piece] = []
    specks = in_joint = 0
    for roles in (GROWTH, (Role.ISLAND,)):
        if not any(map(solids.has, roles)):
            continue
        whole = solids.cells(*roles)
        own = whole if zone is None or solids.lattice.is_film else whole & ~zone
        in_joint += int(whole.sum() - own.sum())
        labels, windows, small = _components(own, solids.lattice)
        specks += small
        if len(windows) > MOST_PIECES:
            return Pieces(pieces=(), specks=specks, in_joint=in_joint, cells=0, too_many=True)
        for number, window in windows:
            found.append(_piece(solids, zone, whole, labels, number, window))
    cells = sum(int(piece.cells.sum()) for piece in found)
    return Pieces(pieces=tuple(found), specks=specks, in_joint=in_joint, cells=cells)


def speck_cells(lattice: Lattice) -> float:
    """How many cells a piece has at the least."""
    if not lattice.is_mm:
        return SPECK_PIXELS
    return (SPECK_MM2 if lattice.is_film else SPECK_MM3) / lattice.cell


def _components(
    own: Bools, lattice: Lattice
) -> tuple[Labels, list[tuple[int, tuple[slice, ...]]], int]:
    """Numbered pieces that also touch at corners, with their places; and how many specks there were."""
    labels = np.zeros(own.shape, dtype=np.int32)
    box = filled_box(own)
    if box is None:
        return labels, [], 0
    inner, count = ndimage.label(own[box], structure=np.ones((3,) * own.ndim))
    sizes = np.bincount(inner.ravel(), minlength=count + 1)[1:]
    kept = np.flatnonzero(sizes >= speck_cells(lattice)) + 1
    numbers = np.zeros(count + 1, dtype=np.int32)
    numbers[kept] = np.arange(1, len(kept) + 1)
    labels[box] = numbers[inner]
    windows = [
        tuple(
            slice(first.start + part.start, first.start + part.stop)
            for first, part in zip(box, parts, strict=True)
        )
        for parts in ndimage.find_objects(labels[box])
    ]
    return labels, list(enumerate(windows, 1)), count - len(kept)


def _piece(
    solids: Solids,
    zone: Bools | None,
    whole: Bools,
    labels: Labels,
    number: int,
    window: tuple[slice, ...],
) -> Piece:
    wide = tuple(
        slice(max(0, part.start - 1), min(size, part.stop + 1))
        for part, size in zip(window, labels.shape, strict=True)
    )
    cells = labels[wide] == number
    said = _said(solids, cells, wide)
    touched: Bools = ndimage.binary_dilation(cells, structure=np.ones((3,) * cells.ndim))
    free = None if zone is None else ~zone[wide]
    met = {bone: _contact(cells, touched, solids.cells(bone, window=wide), free) for bone in BONES}
    if said == {Role.ISLAND}:
        attached = dict.fromkeys(BONES, Attachment.NONE)
    else:
        attached = {bone: _attachment(solids, bone, said, cells, wide, met[bone]) for bone in BONES}
        if zone is not None and not any(attached.values()):
            attached = _through_joint(solids, whole, zone, touched, wide)
        if zone is None and solids.lattice.is_film:
            attached = _without_joint(attached, said)
    return Piece(
        window=wide,
        cells=cells,
        said=said,
        contact={bone: int(where.sum()) for bone, where in met.items()},
        attached=attached,
        is_cut=_is_cut(solids, cells, wide),
    )


def _contact(cells: Bools, touched: Bools, bone: Bools, free: Bools | None) -> Bools:
    """Where a piece and a bone touch outside the joint: the cells of that one which has fewer there."""
    outside = bone if free is None else bone & free
    of_bone = touched & outside
    if not of_bone.any():
        return of_bone
    of_piece: Bools = cells & ndimage.binary_dilation(outside, np.ones((3,) * cells.ndim))
    return of_bone if of_bone.sum() < of_piece.sum() else of_piece


def _said(solids: Solids, cells: Bools, window: tuple[slice, ...]) -> frozenset[Role]:
    roles = (*GROWTH, Role.ISLAND)
    return frozenset(role for role in roles if (solids.cells(role, window=window) & cells).any())


def _is_sorted(said: frozenset[Role]) -> bool:
    return said <= set(SPUR_OF.values())


def _attachment(
    solids: Solids,
    bone: Role,
    said: frozenset[Role],
    cells: Bools,
    window: tuple[slice, ...],
    met: Bools,
) -> Attachment:
    """By the word of its maker, else by how many cells touch outside the joint."""
    if SPUR_OF[bone] in said:
        return Attachment.SURE
    if not solids.has(bone):
        return Attachment.NONE if _is_sorted(said) else Attachment.UNSURE
    contact = int(met.sum())
    if not contact:
        return Attachment.UNSURE if said == {Role.SPUR} else Attachment.NONE
    if contact < SURE_CONTACT_CELLS:
        return Attachment.UNSURE
    if solids.lattice.is_film:
        return _on_film(solids, cells & solids.cells(bone, window=window), cells, met)
    return Attachment.SURE


def _on_film(solids: Solids, common: Bools, cells: Bools, met: Bools) -> Attachment:
    """Whether a piece arises from a bone, or may lie before it."""
    if common.sum() > MOST_OVERLAP * cells.sum():
        return Attachment.UNSURE
    span = (np.ptp(np.argwhere(met), axis=0) + 1) * solids.lattice.edges
    wide = not solids.lattice.is_mm or span.max() >= SURE_CONTACT_FILM_MM
    return Attachment.SURE if wide else Attachment.UNSURE


def _without_joint(
    attached: dict[Role, Attachment], said: frozenset[Role]
) -> dict[Role, Attachment]:
    """On a film whose joint is not known, what is projected onto both bones may hold to either.

    A spur that its maker sorted holds to its bone, and lies before the other one.
    """
    if _is_sorted(said):
        return {
            bone: held if SPUR_OF[bone] in said else Attachment.NONE
            for bone, held in attached.items()
        }
    if min(attached.values()) is Attachment.NONE:
        return attached
    return dict.fromkeys(attached, Attachment.UNSURE)


def _through_joint(
    solids: Solids, whole: Bools, zone: Bools, touched: Bools, window: tuple[slice, ...]
) -> dict[Role, Attachment]:
    """What a piece is joined to within the zone, where it touches nothing outside.

    By bone that touches one of the two it is a spur whose root lies in the zone; where that bone touches
    both, nobody can tell. On a film the two always overlap there.
    """
    nothing = dict.fromkeys(BONES, Attachment.NONE)
    inner = whole & zone
    if not (touched & inner[window]).any():
        return nothing
    labels, _ = ndimage.label(inner, structure=np.ones((3,) * inner.ndim))
    joined = np.unique(labels[window][touched & inner[window]])
    roots = np.isin(labels, joined[joined > 0])
    roots = ndimage.binary_dilation(roots, structure=np.ones((3,) * inner.ndim)) & zone
    contact = {bone: int((roots & solids.cells(bone)).sum()) for bone in BONES}
    touching = [bone for bone in BONES if contact[bone]]
    if len(touching) == 1 and contact[touching[0]] >= SURE_CONTACT_CELLS:
        return {**nothing, touching[0]: Attachment.SURE}
    return {bone: Attachment.UNSURE if contact[bone] else Attachment.NONE for bone in BONES}


def _is_cut(solids: Solids, cells: Bools, window: tuple[slice, ...]) -> bool:
    """Whether the piece has a cell at the border of the grid."""
    size = solids.lattice.grid.shape
    for axis, part in enumerate(window):
        start, stop = solids.box.low[axis] + part.start, solids.box.low[axis] + part.stop
        if start == 0 and cells.take(0, axis=axis).any():
            return True
        if stop == size[axis] and cells.take(-1, axis=axis).any():
            return True
    return False
