"""A DICOM Segmentation of any of its three types, read into masks (PS3.3 section A.51).

Frames are placed by where they lie, never by their order; planes without a frame are empty. A
segmentation of radiographs has no planes: each mask lies on the image that it was drawn on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from hosr.annotations.formats import refusing_damaged
from hosr.annotations.sources import Mask, PixelGrid, Source, VoxelGrid
from hosr.annotations.stated_status import tell_status
from hosr.annotations.volumes.agreement import check_masks
from hosr.annotations.volumes.boxes import Boxes, filled_box
from hosr.annotations.volumes.highdicom_geometry import stack_by_highdicom
from hosr.annotations.volumes.segment_frames import (
    FrameReader,
    StackReader,
    as_filled,
    has_planes,
    images_of,
    positions_of,
    stack_frames,
)
from hosr.annotations.volumes.segments import (
    FRACTIONAL,
    LABELMAP,
    Segment,
    SegmentationHeader,
    read_segmentation_header,
)
from hosr.dicom.elements import read_header
from hosr.errors import Fault, RecordRefused
from hosr.findings import Algorithm, Place
from hosr.intake.record.json_text import refusing_unreadable
from hosr.pixels.frames import Undrawable

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from hosr.annotations.context import Context

MOST_CELLS = 1 << 29
"""As many as 512 x 512 x 2048: a CT of the whole body in slices of 1 mm."""


def read(path: Path, context: Context) -> Source:
    """The masks of a Segmentation.

    Raises `RecordRefused` for a file that is damaged, or whose frames lie on no regular grid.
    """
    name = path.name
    with _refusing_damaged(name), ExitStack() as closing:
        with refusing_unreadable(name):
            stream = closing.enter_context(path.open("rb"))
        found = read_header(stream)
        header = read_segmentation_header(found.data_set, name)
        wanted = [each for each in header.segments if context.labels.takes(each.label)]
        frames = FrameReader(found, header, name)
        if has_planes(frames):
            most = max(1, MOST_CELLS // (header.rows * header.columns))
            stack = stack_by_highdicom(header, positions_of(frames), most)
            stack = stack or stack_frames(frames, name, most)
            masks = _gathered(StackReader(frames, header, name, stack), header, wanted, name)
        else:
            masks = _on_images(frames, header, wanted, name)
    _tell(header, name, context)
    with _refusing_damaged(name):
        incomplete = tell_status(found.data_set, name, context.account)
    return Source(
        name=name,
        kind=f"DICOM Segmentation ({header.kind})",
        masks=check_masks(masks, name, context),
        observer=_observer(header, wanted, name, context),
        made_at=header.made_at,
        claims=header.claims,
        view=header.view,
        incomplete=incomplete,
        parameters=(
            ("segmentation_type", header.kind),
            ("segmentation_uid", header.sop_instance_uid),
        ),
    )


@contextmanager
def _refusing_damaged(name: str) -> Iterator[None]:
    with refusing_damaged(name):
        try:
            yield
        except Undrawable as refusal:
            problem = f"{refusal.reason}{': ' if refusal.detail else ''}{refusal.detail}"
            raise RecordRefused(Fault(name, problem, "fetch the file again")) from None


def _gathered(
    volume: StackReader, header: SegmentationHeader, wanted: Sequence[Segment], name: str
) -> list[Mask]:
    """The masks of a volume."""
    boxes = Boxes(name, axis=0, full=header.full)
    for start, slab in volume.slabs([segment.number for segment in wanted]) if wanted else ():
        for number, filled in slab.items():
            boxes.add(number, filled, start)
    grid = VoxelGrid(
        shape=volume.shape,
        to_patient_mm=volume.to_patient_mm,
        frame_of_reference_uid=header.frame_of_reference_uid,
        image_uids=header.image_uids,
    )
    masks = []
    for segment in header.segments:
        origin, occupancy = boxes.take(segment.number)
        masks.append(
            Mask(
                label=segment.label,
                place=f"{name}, {segment.place}",
                grid=grid,
                origin=origin,
                occupancy=occupancy,
                is_probability=header.is_probability,
            )
        )
    return masks


def _on_images(
    frames: FrameReader, header: SegmentationHeader, wanted: Sequence[Segment], name: str
) -> list[Mask]:
    """A mask for each segment on each image; none where a segment has no frame there."""
    numbers = {segment.number for segment in wanted}
    masks = []
    for place, those in images_of(frames, header, name).items():
        grid = PixelGrid(shape=(header.rows, header.columns), place=place)
        _require_one_each(frames, those, place, name)
        for segment in header.segments:
            frame = next((f for f in those if frames.segments[f] in (None, segment.number)), None)
            if frame is None:
                continue
            if segment.number in numbers:
                stored = frames.filled(frame)
                is_map = header.kind == LABELMAP
                filled = stored == segment.number if is_map else _part(stored, header)
            else:
                filled = np.zeros((0, 0), np.bool_)
            box = filled_box(filled > 0) or (slice(0, 0), slice(0, 0))
            masks.append(
                Mask(
                    label=segment.label,
                    place=f"{name}, {segment.place}",
                    grid=grid,
                    origin=tuple(part.start for part in box),
                    occupancy=np.ascontiguousarray(filled[box]),
                    is_probability=header.is_probability,
                )
            )
    return masks


def _part(stored: NDArray[Any], header: SegmentationHeader) -> NDArray[Any]:
    """What a segment fills of each pixel of an image."""
    filled = as_filled(stored, header)
    return filled if filled.dtype == np.bool_ else filled.astype(np.float32) / header.full


def _require_one_each(frames: FrameReader, those: Sequence[int], place: Place, name: str) -> None:
    numbers = [frames.segments[frame] for frame in those]
    if len(set(numbers)) < len(numbers):
        problem = f"has two frames of one segment on image {place.sop_instance_uid}"
        raise RecordRefused(Fault(name, problem, "export the segmentation anew"))


def _observer(
    header: SegmentationHeader, wanted: Sequence[Segment], name: str, context: Context
) -> Algorithm | None:
    """The program that made the segments that matter, if it is one and has a version."""
    segments = wanted or header.segments
    algorithms = {segment.algorithm for segment in segments}
    half_named = sorted({segment.half_named for segment in segments} - {""})
    if half_named:
        words = f"names the program {half_named[0]}, and not its version"
        context.account.leave(name, words)
    if len(algorithms) > 1:
        context.account.leave(name, "its segments were not all made by one program")
        return None
    return next(iter(algorithms), None)


def _tell(header: SegmentationHeader, name: str, context: Context) -> None:
    what = f"{len(header.segments)} segments, {header.frames} frames"
    if header.kind == FRACTIONAL:
        what += ", probabilities" if header.is_probability else ", parts of pixels"
    context.account.take(name, f"DICOM Segmentation ({header.kind}): {what}")
