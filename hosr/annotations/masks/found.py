"""What masks go in as, with what the images say beside them, and what was found of one hip, as plain values.

Ends of a distance are coordinates in the patient (LPS mm) where the masks lie in a volume, and on the
image (`hosr.annotations.sources`) where they lie on a film.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.annotations.slices import slices_of
from hosr.annotations.sources import PixelGrid
from hosr.findings import Boundary, Outline, Place
from hosr.measure.pixel_size import basis_of
from hosr.measure.spacing import aspect_of
from hosr.vocabulary.surfaces import SetAside
from hosr.vocabulary.terms import Bridging, Presence, Side

if TYPE_CHECKING:
    from hosr.annotations.roles import Role
    from hosr.annotations.slices import Slice
    from hosr.annotations.sources import Coordinates, Mask
    from hosr.intake.images import SourceImage, SourceImages


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoledMask:
    """A mask, what it stands for, and of which hip (None: its maker does not say).

    An empty mask says that its source knows the label and found nothing of it. A label that a source
    may merely lack is no empty mask: it is left out.
    """

    role: Role
    side: Side | None
    mask: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskSetting:
    """What is known beside the masks.

    `boundary_sd_mm` is the standard deviation of the boundaries that the model draws (None: nobody
    states it). `pixel_mm` is the size of a pixel of a film by its header, (between rows, between columns),
    at whatever plane; `aspect` the height of a pixel over its width, where only that is known.
    `only_side` is the hip that the images show, where their header says that they show one.
    `planes` are the slices on which outlines are wanted; `is_ct` tells that those are of CT.
    """

    boundary_sd_mm: float | None = None
    pixel_mm: tuple[float, float] | None = None
    aspect: float = 1.0
    only_side: Side | None = None
    planes: tuple[Slice, ...] = ()
    is_ct: bool = False


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """A distance between two surfaces, and why it is not the gap (None: it is); `mm` is None on a film.

    `level` is that of the probabilities at which it was found, None for masks.
    """

    between: tuple[Role, Role]
    ends: tuple[Coordinates, Coordinates]
    why: SetAside | None = None
    mm: float | None = None
    uncertainty_mm: float | None = None
    level: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIsland:
    """One island, with its longest diameter; `outline` is what a film shows of it.

    It may be a spur where `may_be_spur`: it touches bone so little that nobody can tell.
    """

    ends: tuple[Coordinates, Coordinates]
    mm: float | None = None
    uncertainty_mm: float | None = None
    outline: tuple[tuple[float, float], ...] = ()
    volume_mm3: float | None = None
    may_be_spur: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHip:
    """What the masks show of one hip; None is what they do not tell.

    `in_contact` says that opposing surfaces touch without a bridge that is wide enough to be sure.
    `distances` are all that were found, the one that was taken among them. `bridge_mm` is the
    narrowest width of a piece that reaches from bone to bone. `place` is the film, if it is one; `is_ct`
    whether its images are known to be of CT.
    """

    side: Side
    presence: Presence | None = None
    pelvic_spur: bool | None = None
    femoral_spur: bool | None = None
    islands: tuple[FoundIsland, ...] | None = None
    distances: tuple[Distance, ...] = ()
    in_contact: bool = False
    bridging: Bridging | None = None
    bridge_mm: float | None = None
    volume_mm3: float | None = None
    boundary: Boundary | None = None
    outlines: tuple[Outline, ...] = ()
    place: Place | None = None
    is_ct: bool = False
    frame_of_reference_uid: str = ""

    @property
    def gap(self) -> Distance | None:
        """The distance that was taken for the gap."""
        taken = (each for each in self.distances if each.why is None)
        return next(taken, None)
