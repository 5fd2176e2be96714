"""What a spacing would make of an image of a hip: pixels and fields that no device gives.

Most are a spacing in another unit than millimetres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hosr.phrases import figures, phrase

if TYPE_CHECKING:
    from hosr.intake.images.header import Header
    from hosr.measure.spacing import FrameGeometry, Pair, Spacing


# What a radiograph of a hip may show, in mm: the longer side may be that of stitched films, and no
# detector has finer pixels (conventions). A small field may be an excerpt.
_LONGER_SIDE_MM, _SHORTER_SIDE_MM = 1300.0, 600.0
_FINEST_PIXEL_MM = 0.02
_SPACINGS = {
    "pixel_spacing_mm": "Pixel Spacing",
    "imager_pixel_spacing_mm": "Imager Pixel Spacing",
    "nominal_scanned_pixel_spacing_mm": "Nominal Scanned Pixel Spacing",
}


def without_impossible(spacing: Spacing, size: tuple[int, int], header: Header) -> Spacing:
    """The spacing without what would make the film larger or finer than any is, each with a note."""
    possible: dict[str, Any] = {}
    for field, name in _SPACINGS.items():
        pair: Pair | None = getattr(spacing, field)
        if pair is None:
            continue
        shorter, longer = sorted(mm * count for mm, count in zip(pair, size, strict=True))
        if min(pair) < _FINEST_PIXEL_MM:
            header.note(_impossible_pixels(name, pair))
            possible[field] = None
        elif longer > _LONGER_SIDE_MM or shorter > _SHORTER_SIDE_MM:
            header.note(_impossible_image(name, (shorter, longer)))
            possible[field] = None
    return replace(spacing, **possible)


# What a slice of CT or MR through a hip may show (conventions). Written in centimetres, even half a
# metre is less than the least side; a smaller matrix may be an excerpt. In metres pixels are finer
# than any; in micrometres they are coarser, or the slice longer than a person.
_LEAST_SLICE_MM, _LEAST_SLICE_PIXELS = 60.0, 128
_LONGEST_SLICE_MM = 2500.0
_COARSEST_PIXEL_MM = 10.0


def may_be_slices(
    spacing: Spacing, placed: Sequence[FrameGeometry], size: tuple[int, int], header: Header
) -> bool:
    """Whether slices of this size may be of a hip by their spacing; with a note where not."""
    pairs = {frame.pixel_spacing_mm for frame in placed}
    pairs |= {spacing.pixel_spacing_mm} if spacing.pixel_spacing_mm else set()
    for pair in sorted(pairs):
        sides = [mm * count for mm, count in zip(pair, size, strict=True)]
        is_tiny = max(sides) < _LEAST_SLICE_MM and max(size) >= _LEAST_SLICE_PIXELS
        if min(pair) < _FINEST_PIXEL_MM or max(pair) > _COARSEST_PIXEL_MM:
            header.note(_impossible_pixels(_SPACINGS["pixel_spacing_mm"], pair))
            return False
        if is_tiny or max(sides) > _LONGEST_SLICE_MM:
            header.note(_impossible_image(_SPACINGS["pixel_spacing_mm"], sides))
            return False
    return True


def _impossible_pixels(name: str, pair: Pair) -> str:
    length = max(pair) if max(pair) > _COARSEST_PIXEL_MM else min(pair)
    return phrase(
        "{words} would make pixels of {length} mm; it is not used",
        words=name,
        length=figures(f"{length:g}"),
    )


def _impossible_image(name: str, sides: Sequence[float]) -> str:
    return phrase(
        "{words} would make the image {width} x {height} mm; it is not used",
        words=name,
        width=f"{min(sides):.0f}",
        height=f"{max(sides):.0f}",
    )
