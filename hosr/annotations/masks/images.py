"""What the images say beside masks that were drawn on them: sizes, sides, and where slices lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hosr.annotations.masks.found import MaskSetting
from hosr.annotations.slices import slices_of
from hosr.annotations.sources import PixelGrid
from hosr.measure.spacing import aspect_of, basis_of

if TYPE_CHECKING:
    from hosr.annotations.sources import Mask
    from hosr.intake.images import SourceImage, SourceImages


def setting_of(
    masks: Sequence[Mask], images: SourceImages | None, boundary_sd_mm: float | None
) -> MaskSetting:
    """What is known beside these masks; without images only what the model says of its boundaries."""
    if images is None:
        return MaskSetting(boundary_sd_mm=boundary_sd_mm)
    film = _film_of(masks, images)
    if film is None:
        is_ct = {image.geometry.modality for image in images.images} == {"CT"}
        planes = slices_of(images)
        return MaskSetting(boundary_sd_mm=boundary_sd_mm, planes=planes, is_ct=is_ct)
    size = basis_of(film.geometry.spacing, film.geometry.modality)
    return MaskSetting(
        boundary_sd_mm=boundary_sd_mm,
        pixel_mm=size.mm_per_pixel,
        aspect=aspect_of(film.geometry.spacing),
        only_side=film.header_side,
    )


def frame_of_reference_of(images: SourceImages | None) -> str:
    """The one frame of reference of all slices; "" where there are several, or none."""
    uids = set() if images is None else {i.geometry.frame_of_reference_uid for i in images.images}
    return uids.pop() if len(uids) == 1 else ""


def _film_of(masks: Sequence[Mask], images: SourceImages) -> SourceImage | None:
    """The film that masks were drawn on; None where they lie in the patient."""
    grids = (mask.grid for mask in masks)
    places = (grid.place for grid in grids if isinstance(grid, PixelGrid))
    first = next(places, None)
    return None if first is None else images.find(first.sop_instance_uid)
