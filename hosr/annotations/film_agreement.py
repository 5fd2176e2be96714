"""Masks against the radiograph that they were drawn on: their outline is where the picture has edges.

Bone is brighter than what lies beside it, or darker on an inverted film. Across the outline of a mask
in its place nine pairs of pixels in ten agree which of the two it is; across one that lies elsewhere they
are as likely to say the one as the other. On nine sample films, at the outlines of bones and islands:

| mask                              | pairs that agree |
| --------------------------------- | ---------------- |
| right                             | 0.90 - 0.97      |
| mirrored left to right            | 0.58 - 0.88      |
| upside down, turned, or moved     | 0.50 - 0.67      |

A pelvis is nearly its own mirror image, so a mask is refused as mirrored where turning it would make it
agree clearly better, and not by a limit alone; and the outlines of heterotopic bone are asked apart. So is
each structure by itself, for one that alone was moved makes another gap. Of those of the nine films:

| outline of one structure                              | pairs that agree |
| ----------------------------------------------------- | ---------------- |
| right; or smoothed, or drawn 2 pixels off all around  | 0.85 - 1.00      |
| right, on a blurred or noisy film                     | 0.84 - 0.99      |
| 4 pixels off all around                               | 0.66 - 0.95      |
| a spur moved by 4, 8, 12 or 16 pixels, at the most    | 0.93, 0.75, 0.64, 0.71 |
| a bone moved by 12 pixels                             | 0.50 - 0.86      |

One that agrees poorly is refused where it would agree well a little way beside. Small islands have too few
pairs to tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from hosr.annotations.roles import HETEROTOPIC, STRUCTURES, Meaning, Role
from hosr.annotations.sources import Mask, PixelGrid
from hosr.pixels.frames import Frames, Undrawable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hosr.annotations.account import Account
    from hosr.annotations.context import Context
    from hosr.findings import Place

    Points = NDArray[np.int64]

LEAST_SHARE, GOOD_SHARE = 0.60, 0.75
LEAST_TURNED, TURNED_GAIN = 0.80, 0.10
LEAST_MOVED, MOVED_GAIN = 0.85, 0.15

_WHOLE = "its outline"
_NEW = "its outline of heterotopic bone"
_MOST_PAIRS = 20_000
# Fewer pairs than these tell nothing.
_LEAST_PAIRS = 200
# How far beside an outline is looked, in parts of the longer side: 3 pixels of 1280.
_REACH = 0.0025
# How far beside its place an outline is tried, and in what steps, likewise: 16 and 2 pixels of 1280; and with
# how many pairs.
_MOST_MOVED, _MOVED_STEP = 0.0125, 0.0016
_MOVED_PAIRS = 4_000


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pixels (row, column) inside of an outline, each with one as far outside of it."""

    inner: Points
    outer: Points


def check_films(masks: Sequence[tuple[Mask, Meaning]], context: Context) -> None:
    """Tell how far masks lie on what the radiographs show, or blame those that lie elsewhere."""
    if context.images is None:
        return
    by_place: defaultdict[Place, list[tuple[Mask, Role]]] = defaultdict(list)
    for mask, meaning in masks:
        if isinstance(mask.grid, PixelGrid) and meaning.role in STRUCTURES and mask.occupancy.size:
            by_place[mask.grid.place].append((mask, meaning.role))
    for place, those in by_place.items():
        _check_film(place, those, context)


def _check_film(place: Place, roled: Sequence[tuple[Mask, Role]], context: Context) -> None:
    account, images = context.account, context.images
    masks = [mask for mask, _ in roled]
    first, *others = dict.fromkeys(mask.place.split(",")[0] for mask in masks)
    name = f"{first} and {len(others)} more" if others else first
    image = None if images is None else images.find(place.sop_instance_uid)
    if images is None or image is None:
        problem = f"was drawn on image {place.sop_instance_uid}, which is not among those given"
        account.blame(name, problem, f"give that image with {account.options.images}")
        return
    shape = masks[0].grid.shape
    if shape != (image.geometry.rows, image.geometry.columns):
        problem = f"has {shape[0]} rows of {shape[1]} pixels, and its image "
        problem += f"{image.geometry.rows} rows of {image.geometry.columns}"
        account.blame(name, problem, "give the image that it was drawn on")
        return
    try:
        with images.open_file(place.sop_instance_uid) as stream:
            frame = Frames(stream).read(place.frame or 1, 1)[0]
    except Undrawable as refusal:
        account.assume(name, f"lies on the right bones: {refusal.reason}")
        return
    samples = frame.samples if frame.samples.ndim == 2 else frame.samples[..., 1]
    picture = samples.astype(np.float32)
    reach = max(2, round(_REACH * max(shape)))
    heterotopic = [mask for mask, role in roled if role in HETEROTOPIC]
    groups = [(masks, _WHOLE), (heterotopic if len(heterotopic) > 1 else [], _NEW)]
    if all(_lies_there(those, reach, picture, told, name, account) for those, told in groups):
        for mask in masks if len(masks) > 1 else ():
            told = f"the outline of {mask.label}"
            _lies_there([mask], reach, picture, told, mask.place, account)


def _lies_there(
    masks: Sequence[Mask],
    reach: int,
    picture: NDArray[np.float32],
    outline: str,
    name: str,
    account: Account,
) -> bool:
    """Whether masks lie on what the picture shows; of a part a low share alone is told, and not refused."""
    pairs = _pairs(masks, reach)
    if len(pairs.inner) < _LEAST_PAIRS:
        return True
    share = _share(pairs, picture)
    better, changed = _best_turn(pairs, picture)
    helps = better >= max(LEAST_TURNED, share + TURNED_GAIN)
    if len(masks) == 1 and share < GOOD_SHARE:
        moved, place = _best_move(pairs, picture)
        if moved >= max(LEAST_MOVED, share + MOVED_GAIN):
            (better, changed), helps = max((better, changed), (moved, place)), True
    told = f"{share:.0%} of {outline} follows an edge"
    if helps or (outline == _WHOLE and share < LEAST_SHARE):
        hint = f"; {changed}, it would be {better:.0%}" if helps else ""
        problem = f"does not lie on what the image shows: {told}{hint}"
        account.blame(name, problem, "export it anew, or give the image that it was drawn on")
        return False
    if share < (LEAST_SHARE if outline == _NEW else GOOD_SHARE):
        account.assume(name, f"lies on what the image shows, though only {told}")
    elif outline == _WHOLE:
        account.take(name, f"lies on what the image shows: {told}")
    return True


def _pairs(masks: Sequence[Mask], reach: int) -> _Pairs:
    """The same number of pairs of each mask, at most, along its rows and its columns."""
    inner, outer = [np.zeros((0, 2), np.int64)], [np.zeros((0, 2), np.int64)]
    for mask in masks:
        filled = np.pad(mask.occupancy >= 0.5, 1)
        found: list[Points] = []
        steps: list[Points] = []
        for axis, sign in product((0, 1), (-1, 1)):
            is_edge = filled & ~np.roll(filled, -sign, axis)
            step = np.zeros(2, np.int64)
            step[axis] = sign
            cells = np.argwhere(is_edge) - 1 + np.array(mask.origin)
            found.append(cells)
            steps.append(np.broadcast_to(step, cells.shape))
        edges, outward = np.concatenate(found), np.concatenate(steps)
        every = max(1, -(-len(edges) * len(masks) // _MOST_PAIRS))
        inner.append((edges - reach * outward)[::every])
        outer.append((edges + (reach + 1) * outward)[::every])
    return _Pairs(np.concatenate(inner), np.concatenate(outer))


def _share(pairs: _Pairs, picture: NDArray[np.float32]) -> float:
    """The part of the pairs that agree whether it is brighter inside; 0.5 is chance."""
    brighter = float((_values(pairs.inner, picture) > _values(pairs.outer, picture)).mean())
    return max(brighter, 1 - brighter)


def _values(points: Points, picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of the pixels round each point; beyond the border those of the border count."""
    total = np.zeros(len(points), np.float32)
    for row, column in product((-1, 0, 1), repeat=2):
        at = np.clip(points + np.array([row, column]), 0, np.array(picture.shape) - 1)
        total += picture[at[:, 0], at[:, 1]]
    return total


def _best_turn(pairs: _Pairs, picture: NDArray[np.float32]) -> tuple[float, str]:
    """How much would follow edges after the turn that helps most, and in words which."""
    return max((_share(turned, picture), words) for words, turned in _turns(pairs, picture.shape))


def _best_move(pairs: _Pairs, picture: NDArray[np.float32]) -> tuple[float, str]:
    """The same of all places a little way beside."""
    side = max(picture.shape)
    most, step = round(_MOST_MOVED * side), max(1, round(_MOVED_STEP * side))
    every = -(-len(pairs.inner) // _MOVED_PAIRS)
    some = _Pairs(pairs.inner[::every], pairs.outer[::every])
    ways = [np.array(way) for way in product(range(-most, most + 1, step), repeat=2)]
    found = (
        (_share(_Pairs(some.inner + way, some.outer + way), picture), float(np.linalg.norm(way)))
        for way in ways
        if np.linalg.norm(way) <= most
    )
    share, far = max(found)
    return share, f"moved by {far:.0f} pixels"


def _turns(pairs: _Pairs, shape: tuple[int, ...]) -> Iterator[tuple[str, _Pairs]]:
    last = np.array(shape) - 1
    words = {
        (False, True): "mirrored left to right",
        (True, False): "upside down",
        (True, True): "turned by 180 degrees",
    }
    for flips, told in words.items():
        yield (
            told,
            _Pairs(*(np.where(flips, last - each, each) for each in (pairs.inner, pairs.outer))),
        )
    if shape[0] == shape[1]:
        yield "with rows and columns exchanged", _Pairs(pairs.inner[:, ::-1], pairs.outer[:, ::-1])
