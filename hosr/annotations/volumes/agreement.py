"""Masks against the CT that they were drawn on: the same place, and bone where bone is said to be.

A mask that is mirrored, transposed, shifted or in reversed order looks as good as a right one, and
its distances are those of nothing. The share of its cells that are denser than soft tissue tells:

| on the sample CT (spurs and island, slices of 3 mm) | over 100 HU | edge against what lies around it |
| --------------------------------------------------- | ----------- | -------------------------------- |
| right                                               | 1.00        | 790 HU                           |
| two pixels off                                      | 0.96        | 270 HU                           |
| one slice off                                       | 0.82        | 140 HU                           |
| mirrored, transposed, reversed                      | 0.17 - 0.51 | -60 - 20 HU                      |

The marrow of the old is fat, and not denser than 100 HU; their cortex is. So a mask whose edge is that
of bone is taken, whatever fills it; unless turning it over would put it on bone: a pelvis is nearly its
own mirror image, and heterotopic bone, which is asked apart, is not. A mask of one slice off is told, and measures right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from hosr.annotations.roles import HETEROTOPIC, SKELETON
from hosr.annotations.sources import Mask, VoxelGrid
from hosr.annotations.volumes.boxes import filled_above
from hosr.annotations.volumes.image_stacks import ImageStack, find_stacks
from hosr.pixels.frames import Undrawable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hosr.annotations.context import Context

    Indices = NDArray[np.int64]

BONE_HU = 100.0
LEAST_SHARE, GOOD_SHARE = 0.80, 0.95
EDGE_HU = 250.0
# Young heterotopic bone is hardly denser than muscle; where no bone is beside it, more is not asked.
YOUNG_EDGE_HU = 30.0
LEAST_TURNED, TURNED_GAIN = 0.90, 0.08

_MOST_SLICES, _MOST_CELLS = 16, 12_000
# Millions of cells are thinned out before they are counted.
_MANY = 4_000_000
# Of the bone of a mask, that may lie beyond the slices without a word: whole slices are more.
_MOST_BEYOND = 0.01
_MOVED = "moved by one slice"
_MATRIX_TO_RAS = np.diag([-1.0, -1.0, 1.0])


def check_masks(masks: Sequence[Mask], name: str, context: Context) -> tuple[Mask, ...]:
    """The masks with the frame of reference of the CT that they lie on, or faults where they do not.

    Masks on pixels of a single image are left as they are. Raises as reading an image does.
    """
    volumes = [mask for mask in masks if isinstance(mask.grid, VoxelGrid)]
    if not volumes:
        return tuple(masks)
    grid = volumes[0].grid
    assert isinstance(grid, VoxelGrid)  # noqa: S101 (for the type checker)
    if context.images is None:
        context.account.assume(name, "lies on the right bones: without images nobody looked")
        return tuple(masks)
    bones = [
        mask
        for mask in volumes
        if context.labels.role_of(mask.label) in SKELETON | HETEROTOPIC
        and filled_above(mask.occupancy, 0.5).any()
    ]
    stack = _stack_of(grid, bones, name, context)
    if stack is None or not _is_in_place(bones, stack, name, context):
        return tuple(masks)
    if grid.frame_of_reference_uid:
        return tuple(masks)
    words = "lies in the frame of reference of the images, which its file cannot say"
    context.account.assume(name, words)
    placed = replace(grid, frame_of_reference_uid=stack.frame_of_reference_uid)
    return tuple(replace(mask, grid=placed) if mask.grid is grid else mask for mask in masks)


def _is_in_place(bones: Sequence[Mask], stack: ImageStack, name: str, context: Context) -> bool:
    """Whether nothing speaks against it; what was not looked at is told."""
    unseen = "it has no label of bone to look at" if not bones else ""
    if stack.modality != "CT":
        unseen = "on MR, values do not tell"
    if not unseen:
        try:
            return _lies_on_bone(bones, stack, name, context)
        except Undrawable as refusal:
            unseen = refusal.reason
    context.account.assume(name, f"lies on the right bones: {unseen}")
    return True


def _stack_of(
    grid: VoxelGrid, bones: Sequence[Mask], name: str, context: Context
) -> ImageStack | None:
    """The series that a grid belongs to: the one it names, else the one where it lies on bone."""
    account = context.account
    stacks = find_stacks(context.images) if context.images is not None else []
    if not stacks:
        problem = "is a volume, and the images given are no slices"
        account.blame(name, problem, "give the CT that it was drawn on")
        return None
    frame = grid.frame_of_reference_uid
    same = [s for s in stacks if not frame or s.frame_of_reference_uid in ("", frame)]
    if not same:
        problem = "lies in another frame of reference than the images"
        account.blame(name, problem, "give the images that it was drawn on")
        return None
    named = set(grid.image_uids)
    stack = max(same, key=lambda each: (len(named & each.uids()), each.modality == "CT"))
    if not frame and len({each.frame_of_reference_uid for each in same}) > 1:
        stack = max(same, key=lambda each: _share_on(each, bones))
    missing = len(named - stack.uids())
    if missing:
        words = f"names {len(named)} images as its sources, {missing} of which were not given"
        account.leave(name, words)
    return stack if _fits_spacing(grid, stack, name, context) else None


def _fits_spacing(grid: VoxelGrid, stack: ImageStack, name: str, context: Context) -> bool:
    """Tell slices that are not evenly spaced; a grid of as many planes has them in the wrong places."""
    least, most = stack.unevenness_mm
    if most <= 1.02 * max(least, 0.01):
        return True
    apart = f"{least:.2f} to {most:.2f} mm apart"
    if not grid.frame_of_reference_uid and len(stack.slices) in grid.shape:
        problem = f"has its planes evenly spaced, and the slices that it was made of are {apart}"
        remedy = "give all slices to what converts them, or a DICOM Segmentation"
        context.account.blame(name, problem, remedy)
        return False
    context.account.leave("images", f"the slices are {apart}: some may be missing")
    return True


@dataclass(frozen=True, slots=True)
class _Sample:
    """Cells of bone, by their index in the grid, and those of its edge with one outside of each.

    All lie on slices of the images; `beyond` is the part of the bone that lies on none.
    """

    masks: Sequence[Mask]
    matrix: NDArray[np.float64]
    shape: tuple[int, int, int]
    cells: Indices
    edge: Indices
    around: Indices
    beyond: float

    def points(self, cells: Indices) -> NDArray[np.float64]:
        """Where the centres of cells lie: LPS, mm."""
        found: NDArray[np.float64] = cells @ self.matrix[:, :3].T + self.matrix[:, 3]
        return found


def _lies_on_bone(bones: Sequence[Mask], stack: ImageStack, name: str, context: Context) -> bool:
    """Whether all of the masks, and those of heterotopic bone among them, lie where bone is."""
    sample = _sample(bones, stack)
    if not len(sample.cells):
        problem = "has no bone on the slices of the images"
        context.account.blame(name, problem, "give the images that it was drawn on")
        return False
    if sample.beyond > _MOST_BEYOND:
        words = f"{sample.beyond:.0%} of its bone lies beyond the slices given, where nobody looked"
        context.account.leave(name, words)
    share = _share(stack.values_at(sample.points(sample.cells)))
    told = f"{share:.0%} of its bone is denser than {BONE_HU:g} HU"
    if share < GOOD_SHARE:
        return _may_lie_on_bone(sample, share, told, stack, name, context)
    heterotopic = [mask for mask in bones if context.labels.role_of(mask.label) in HETEROTOPIC]
    if heterotopic:
        part = _sample(heterotopic, stack)
        of_part = _share(stack.values_at(part.points(part.cells)))
        turned, better = _best_turn(part, stack) if of_part < LEAST_SHARE else (_MOVED, 0.0)
        if turned != _MOVED and better >= max(LEAST_TURNED, of_part + TURNED_GAIN):
            told = f"{of_part:.0%} of its heterotopic bone is denser than {BONE_HU:g} HU"
            _blame(f"{told}; {turned}, it would be {better:.0%}", name, context)
            return False
    context.account.take(name, f"lies on the bones of the images: {told}")
    return True


def _may_lie_on_bone(
    sample: _Sample, share: float, told: str, stack: ImageStack, name: str, context: Context
) -> bool:
    """The same of masks of which less than expected lies on bone; how it would be more is told."""
    edge = _edge_hu(sample, stack)
    is_skeleton = any(context.labels.role_of(mask.label) in SKELETON for mask in sample.masks)
    least_edge = EDGE_HU if is_skeleton else YOUNG_EDGE_HU
    turned, better = _best_turn(sample, stack)
    helps = better >= max(LEAST_TURNED, share + TURNED_GAIN)
    hint = f"; {turned}, it would be {better:.0%}" if helps else ""
    if (helps and turned != _MOVED) or (share < LEAST_SHARE and edge < least_edge):
        _blame(f"{told}{hint}", name, context)
        return False
    words = f"lies on the bones of the images, though only {told}{hint}"
    if edge >= least_edge and not hint:
        words += f", for its edge is {edge:.0f} HU denser than what lies around it"
    context.account.assume(name, words)
    return True


def _blame(told: str, name: str, context: Context) -> None:
    problem = f"does not lie on the bones of the images: {told}"
    context.account.blame(name, problem, "export it anew, or give the images that it was drawn on")


def _share_on(stack: ImageStack, bones: Sequence[Mask]) -> float:
    if not bones or stack.modality != "CT":
        return 0.0
    sample = _sample(bones, stack)
    return _share(stack.values_at(sample.points(sample.cells)))


def _share(values: NDArray[np.float64]) -> float:
    return float((values > BONE_HU).mean()) if values.size else 0.0


def _edge_hu(sample: _Sample, stack: ImageStack) -> float:
    if not len(sample.edge):
        return 0.0
    inner = stack.values_at(sample.points(sample.edge))
    outer = stack.values_at(sample.points(sample.around))
    return float(np.mean(inner) - np.mean(np.maximum(outer, -200.0)))


def _sample(bones: Sequence[Mask], stack: ImageStack) -> _Sample:
    """Cells on a few slices, spread over all that hold bone, as many of each mask as of the others."""
    grid = bones[0].grid
    assert isinstance(grid, VoxelGrid)  # noqa: S101 (for the types)
    matrix = np.array(grid.to_patient_mm)
    whole = [_cells(mask) for mask in bones]
    every = np.concatenate(whole)
    points = every @ matrix[:, :3].T + matrix[:, 3]
    index, is_near = stack.nearest(points)
    present = np.unique(index[is_near])
    step = np.linspace(0, len(present) - 1, min(_MOST_SLICES, len(present)))
    chosen = is_near & np.isin(index, present[np.rint(step).astype(int)])
    owner = np.repeat(np.arange(len(whole)), [len(cells) for cells in whole])
    quota = _MOST_CELLS // len(whole)
    kept = [every[chosen & (owner == number)] for number in range(len(whole))]
    cells = np.concatenate([_thinned(each, quota) for each in kept])
    edge, around = _edge(cells, bones, _in_plane_axes(matrix, stack))
    beyond = 1 - float(is_near.mean())
    return _Sample(bones, matrix, grid.shape, cells, edge, around, beyond)


def _cells(mask: Mask) -> Indices:
    """Indices in the grid of what a mask fills; every so many of them where they are millions."""
    step = 2 if mask.occupancy.size > _MANY else 1
    filled = mask.occupancy[(slice(None, None, step),) * 3]
    found: Indices = np.argwhere(filled_above(filled, 0.5)) * step + np.array(mask.origin)
    return found


def _thinned(cells: Indices, most: int) -> Indices:
    return cells[:: max(1, -(-len(cells) // most))]


def _in_plane_axes(matrix: NDArray[np.float64], stack: ImageStack) -> list[int]:
    along = np.abs(stack.normal @ (matrix[:, :3] / np.linalg.norm(matrix[:, :3], axis=0)))
    return [axis for axis in range(3) if axis != int(np.argmax(along))]


def _edge(cells: Indices, bones: Sequence[Mask], axes: Sequence[int]) -> tuple[Indices, Indices]:
    """Cells that have none beside them within their slice, each with the cell two further out."""
    edges, around = [], []
    for axis, sign in product(axes, (-1, 1)):
        step = np.zeros(3, np.int64)
        step[axis] = sign
        is_edge = ~(_inside(cells + step, bones) | _inside(cells + 2 * step, bones))
        edges.append(cells[is_edge])
        around.append(cells[is_edge] + 2 * step)
    return np.concatenate(edges), np.concatenate(around)


def _inside(cells: Indices, masks: Sequence[Mask]) -> NDArray[np.bool_]:
    found = np.zeros(len(cells), np.bool_)
    for mask in masks:
        local = cells - np.array(mask.origin)
        within = ((local >= 0) & (local < mask.occupancy.shape)).all(axis=1)
        found[within] |= filled_above(mask.occupancy[tuple(local[within].T)], 0.5)
    return found


def _best_turn(sample: _Sample, stack: ImageStack) -> tuple[str, float]:
    """The turn that would put most of a mask on bone, in words, and how much that would be."""
    found = ((_share(stack.values_at(points)), words) for words, points in _turns(sample, stack))
    share, words = max(found)
    return words, share


def _turns(sample: _Sample, stack: ImageStack) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """What goes wrong in exports, each by its words, with where the cells would lie without it."""
    cells = _thinned(sample.cells, _MOST_CELLS // 4)
    points = sample.points(cells)
    yield "with its coordinates taken as LPS for RAS, or the other way", points @ _MATRIX_TO_RAS
    last = np.array(sample.shape) - 1
    names = [_axis_words(sample.matrix[:, axis]) for axis in range(3)]
    for flips in product((False, True), repeat=3):
        if any(flips):
            turned = np.where(flips, last - cells, cells)
            words = " and ".join(name for name, flip in zip(names, flips, strict=True) if flip)
            yield f"mirrored {words}", sample.points(turned)
    one, other = _in_plane_axes(sample.matrix, stack)
    swapped = cells.copy()
    swapped[:, [one, other]] = cells[:, [other, one]]
    for flips in product((False, True), repeat=3):
        turned = np.where(flips, last - swapped, swapped)
        words = " and ".join(name for name, flip in zip(names, flips, strict=True) if flip)
        words = f", and mirrored {words}" if words else ""
        yield f"with rows and columns exchanged{words}", sample.points(turned)
    for steps in (-1, 1):
        moved = points + steps * stack.spacing_mm * stack.normal
        yield _MOVED, moved


def _axis_words(axis: NDArray[np.float64]) -> str:
    return ("left to right", "front to back", "head to foot")[int(np.argmax(np.abs(axis)))]
