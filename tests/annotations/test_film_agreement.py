"""Masks of a radiograph are held against it: those that are mirrored, turned or moved are refused."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import ndimage

from hosr.annotations.account import Account
from hosr.annotations.context import Context
from hosr.annotations.film_agreement import check_films
from hosr.annotations.formats import read_source
from hosr.annotations.labels import read_labels
from hosr.annotations.sources import Mask, PixelGrid
from hosr.findings import Place
from hosr.intake.images import read_images

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from hosr.annotations.roles import Meaning

ROOT = Path(__file__).resolve().parents[2] / "sample_data"


@lru_cache
def drawn(study: str) -> tuple[Context, tuple[tuple[Mask, Meaning], ...]]:
    """The silhouettes of a sample, with what they stand for."""
    folder = ROOT / study
    images = read_images([folder / "images"])
    context = Context(labels=read_labels(folder / "labels.toml"), images=images)
    source = read_source(folder / "outlines.json", context)
    roled = ((mask, context.labels.meaning_of(mask.label)) for mask in source.masks)
    return context, tuple((mask, meaning) for mask, meaning in roled if meaning is not None)


def mirrored(mask: Mask) -> Mask:
    """Left to right."""
    row, column = mask.origin
    width = mask.grid.shape[1]
    origin = (row, width - column - mask.occupancy.shape[1])
    return replace(mask, origin=origin, occupancy=mask.occupancy[:, ::-1])


def inverted(mask: Mask) -> Mask:
    """Upside down."""
    row, column = mask.origin
    origin = (mask.grid.shape[0] - row - mask.occupancy.shape[0], column)
    return replace(mask, origin=origin, occupancy=mask.occupancy[::-1])


def moved(mask: Mask) -> Mask:
    """Ten pixels to the right."""
    return replace(mask, origin=(mask.origin[0], mask.origin[1] + 10))


def told_of(study: str, change: Callable[[Mask], Mask] = lambda mask: mask) -> tuple[str, str]:
    """What was read, and what is wrong."""
    context, masks = drawn(study)
    account = Account()
    changed = [(change(mask), meaning) for mask, meaning in masks]
    check_films(changed, replace(context, account=account))
    read = "; ".join(entry.words for entry in account.read)
    return read, "; ".join(fault.problem for fault in account.faults)


# Of both hips with implants, of one hip stored as MONOCHROME1, and one without an implant's spacing.
STUDIES = ("bilateral", "brooker-4", "follow-up-2")


@pytest.mark.parametrize("study", STUDIES)
def test_masks_in_their_place(study: str) -> None:
    """More than nine pairs of pixels in ten agree across their outlines."""
    read, wrong = told_of(study)
    assert wrong == ""
    share = int(read.removeprefix("lies on what the image shows: ")[:2])
    assert share >= 90


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (mirrored, "; mirrored left to right, it would be 9"),
        (inverted, "; upside down, it would be 9"),
        (moved, "does not lie on what the image shows: 5"),
    ],
)
def test_masks_elsewhere_are_refused(study: str, change: Callable[[Mask], Mask], told: str) -> None:
    """Mirrored, though a pelvis nearly is its own mirror image; upside down; or moved by a centimetre."""
    _, wrong = told_of(study, change)
    assert wrong.startswith("does not lie on what the image shows: ")
    assert told in wrong


def test_one_spur_that_is_mirrored_alone_is_refused() -> None:
    """Pictures of single structures are exported one by one; so far off, it would leave another gap."""
    read, wrong = told_of(
        "follow-up-2", lambda m: mirrored(m) if "pelvic spur" in m.label.name else m
    )
    assert read.startswith("lies on what the image shows: 9")
    assert '% of the outline of "right pelvic spur" (6) follows an edge; mirrored' in wrong


def spurs(study: str) -> tuple[str, ...]:
    """The labels of the spurs of a sample."""
    masks = (mask for mask, _ in drawn(study)[1] if mask.occupancy.size)
    return tuple(mask.label.name for mask in masks if mask.label.name.endswith("spur"))


@pytest.mark.parametrize("study", ["brooker-4", "follow-up-2"])
@pytest.mark.parametrize("way", [(-8, 9), (0, -8)])
def test_one_spur_that_alone_was_moved_is_refused(study: str, way: tuple[int, int]) -> None:
    """Of all outlines nine pairs in ten still agree; of its own no more than three in four."""
    for name in spurs(study):
        read, wrong = told_of(
            study,
            lambda m, name=name: (  # type: ignore[misc]
                replace(m, origin=(m.origin[0] + way[0], m.origin[1] + way[1]))
                if m.label.name == name
                else m
            ),
        )
        assert read.startswith("lies on what the image shows: ")
        assert re.search(f'of the outline of "{name}" .*; moved by ([7-9]|1[0-4]) pixels', wrong)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda m: _redrawn(m, lambda c: ndimage.binary_dilation(c, iterations=2)), id="wider"
        ),
        pytest.param(
            lambda m: _redrawn(m, lambda c: ndimage.binary_erosion(c, iterations=2)), id="narrower"
        ),
        pytest.param(
            lambda m: _redrawn(m, lambda c: ndimage.gaussian_filter(c * 1.0, 4) >= 0.5),
            id="smoother",
        ),
    ],
)
def test_outlines_in_their_place_are_taken_however_roughly_they_are_drawn(
    change: Callable[[Mask], Mask],
) -> None:
    """Two pixels too wide or too narrow all around, or with corners rounded; nothing is told of it."""
    context, masks = drawn("follow-up-2")
    account = Account()
    check_films([(change(m), meaning) for m, meaning in masks], replace(context, account=account))

    assert account.faults == []
    assert account.assumed == []


def _redrawn(mask: Mask, draw: Callable[[npt.NDArray[np.bool_]], npt.NDArray[np.bool_]]) -> Mask:
    origin = (mask.origin[0] - 12, mask.origin[1] - 12)
    return replace(mask, origin=origin, occupancy=draw(np.pad(mask.occupancy >= 0.5, 12)))


def test_masks_of_another_image_are_refused() -> None:
    """One that is not given, and one of another size."""
    context, masks = drawn("bilateral")
    uid = context.images.images[0].sop_instance_uid if context.images else ""
    told = []
    for shape, other in (((10, 10), uid), (masks[0][0].grid.shape, "1.2.3")):
        grid = PixelGrid(shape=(shape[0], shape[1]), place=Place(sop_instance_uid=other))
        account = Account()
        check_films(
            [(replace(masks[0][0], grid=grid), masks[0][1])], replace(context, account=account)
        )
        told.append(str(account.faults[0]).partition(": ")[2])
    assert told[0].startswith("has 10 rows of 10 pixels, and its image ")
    assert told[1] == (
        "was drawn on image 1.2.3, which is not among those given; give that image with --images"
    )
