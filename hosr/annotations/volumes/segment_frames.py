"""The frames of a Segmentation: what each of them holds, of which segment it is, and where it lies.

The grid that they lie in is highdicom's (`highdicom_geometry`), and found here where it has none: for a Python
that it has no release for, and for headers that it does not take, such as those whose frames each name
their orientation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hosr.annotations.account import Unusable
from hosr.annotations.volumes.segments import (
    FRACTIONAL,
    LABELMAP,
    SegmentationHeader,
    first_group,
    functional_groups,
    source_places,
)
from hosr.annotations.volumes.stacks import Plane, Stack, stack_planes
from hosr.errors import Fault, RecordRefused
from hosr.findings import Place
from hosr.pixels.frames import Frames

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from hosr.dicom.elements import HeaderAndPixels

_FRAMES_AT_ONCE = 16


class FrameReader:
    """The frames of a Segmentation, as long as its stream is open."""

    def __init__(self, found: HeaderAndPixels, header: SegmentationHeader, name: str) -> None:
        self._frames = Frames(found)
        self._header = header
        self._name = name
        self.groups = functional_groups(header.data_set, header.frames, name)

    @cached_property
    def segments(self) -> list[int | None]:
        """The segment of each frame; None for all of a label map."""
        return [self._segment_of(groups) for groups in self.groups]

    def _segment_of(self, groups: Sequence[Dataset]) -> int | None:
        if self._header.kind == LABELMAP:
            return None
        item = first_group(groups, "SegmentIdentificationSequence")
        if item is not None:
            return int(item.ReferencedSegmentNumber)
        if len(self._header.segments) == 1:
            return self._header.segments[0].number
        raise self._refused("has frames that name no segment", "export the segmentation anew")

    def filled(self, frame: int) -> NDArray[Any]:
        """The stored values of a frame, counted from 0; (rows, columns)."""
        return self._frames.read(frame + 1, 1)[0].samples

    def each(self, wanted: Sequence[int]) -> Iterator[tuple[int, NDArray[Any]]]:
        """The stored values of these frames, which are in rising order; as many at once as pay."""
        position = 0
        while position < len(wanted):
            first = wanted[position]
            run = 1
            while (
                run < _FRAMES_AT_ONCE and wanted[position : position + run + 1][-1] == first + run
            ):
                run += 1
            for offset, frame in enumerate(self._frames.read(first + 1, run)):
                yield first + offset, frame.samples
            position += run

    def _refused(self, problem: str, remedy: str) -> RecordRefused:
        return RecordRefused(Fault(self._name, problem, remedy))


class StackReader:
    """A Segmentation whose frames have planes, as one regular grid: `stack`."""

    def __init__(
        self, frames: FrameReader, header: SegmentationHeader, name: str, stack: Stack
    ) -> None:
        self._frames = frames
        self._header = header
        self.shape = (stack.count, header.rows, header.columns)
        self.to_patient_mm = stack.to_patient_mm
        self._indices = stack.indices
        seen: set[tuple[int, int | None]] = set()
        for at in zip(stack.indices, frames.segments, strict=True):
            if at in seen:
                whose = "" if at[1] is None else f" of segment {at[1]}"
                problem = f"has two frames{whose} in one place"
                raise RecordRefused(Fault(name, problem, "export the segmentation anew"))
            seen.add(at)

    def slabs(self, numbers: Sequence[int]) -> Iterator[tuple[int, Mapping[int, NDArray[Any]]]]:
        """Slices as they stand in the file, and what each of these segments fills of each."""
        segments = self._frames.segments
        wanted = [frame for frame, own in enumerate(segments) if own is None or own in numbers]
        for frame, stored in self._frames.each(wanted):
            own = segments[frame]
            if own is None:  # a label map
                yield self._indices[frame], {each: stored[None] == each for each in numbers}
            else:
                yield self._indices[frame], {own: as_filled(stored, self._header)[None]}


def as_filled(stored: NDArray[Any], header: SegmentationHeader) -> NDArray[Any]:
    """What a segment fills that has frames of its own; fractions stay as they are stored."""
    found: NDArray[Any] = stored if header.kind == FRACTIONAL else stored != 0
    return found


def has_planes(frames: FrameReader) -> bool:
    """Whether the frames lie in the patient, and not only on their images."""
    return all(first_group(groups, "PlanePositionSequence") is not None for groups in frames.groups)


def positions_of(frames: FrameReader) -> list[Sequence[float]]:
    """The centre of the first pixel of each frame, LPS mm, where the frames have planes."""
    found = (first_group(groups, "PlanePositionSequence") for groups in frames.groups)
    return [item.ImagePositionPatient for item in found if item is not None]


def stack_frames(frames: FrameReader, name: str, most: int) -> Stack:
    """The grid that frames lie in by their planes. Raises `RecordRefused` where they lie in none."""
    try:
        return stack_planes([_plane(groups) for groups in frames.groups], most)
    except Unusable as refusal:
        raise RecordRefused(Fault(name, refusal.problem, refusal.remedy)) from None


def images_of(
    frames: FrameReader, header: SegmentationHeader, name: str
) -> Mapping[Place, list[int]]:
    """Which frames were drawn on which image: of a segmentation without planes.

    Raises `RecordRefused` where a frame does not say on which one it was drawn.
    """
    found: defaultdict[Place, list[int]] = defaultdict(list)
    for frame, groups in enumerate(frames.groups):
        places = [place for item in groups for place in source_places(item)]
        if not places and len(header.image_uids) == 1:
            places = [Place(sop_instance_uid=header.image_uids[0])]
        if len(set(places)) != 1:
            problem = f"does not say on which image frame {frame + 1} was drawn"
            remedy = "export it with a source image for each frame (Derivation Image Sequence)"
            raise RecordRefused(Fault(name, problem, remedy))
        found[places[0]].append(frame)
    return found


def _plane(groups: Sequence[Dataset]) -> Plane:
    """Where a frame lies; what pydicom throws on values of another kind is its caller's to tell."""
    position = first_group(groups, "PlanePositionSequence")
    orientation = first_group(groups, "PlaneOrientationSequence")
    measures = first_group(groups, "PixelMeasuresSequence")
    if position is None or orientation is None or measures is None:
        remedy = "export it with the position, orientation and pixel spacing of each frame"
        raise Unusable("has frames that are not placed in the patient", remedy)
    x, y, z = map(float, position.ImagePositionPatient)
    a, b, c, d, e, f = map(float, orientation.ImageOrientationPatient)
    rows, columns = map(float, measures.PixelSpacing)
    return Plane(
        position=(x, y, z),
        orientation=(a, b, c, d, e, f),
        spacing=(rows, columns),
        depth=_number(measures, "SpacingBetweenSlices"),
        thickness=_number(measures, "SliceThickness"),
    )


def _number(item: Dataset, keyword: str) -> float | None:
    value = item.get(keyword)
    return None if value is None else float(value)
