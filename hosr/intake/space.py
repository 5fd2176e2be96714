"""A line in space brought to the slices of its volume: whether it lies in them, and which of them shows it.

Where both ends lie on one slice, that slice shows it as it is. Otherwise the slice nearest to its middle
shows where it passes: a projection, which says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hosr.errors import Fault
from hosr.findings import Line, Place, Point, Segment, SpacePoint, to_graphic_precision
from hosr.intake.images import SourceImage, SourceImages
from hosr.measure.slices import OnSlice, Slices, are_parallel, height_mm, seen_from
from hosr.measure.spacing import CROSS_SECTIONAL, FrameGeometry
from hosr.phrases import figures, phrase, several

# Both ends of a line on a slice lie as near to its plane, but for the digits of headers and points.
IN_PLANE_MM = 0.1

_ON_IMAGE = phrase('mark "points" on an image')


@dataclass(frozen=True, slots=True)
class _Stack:
    """Parallel slices of one series, with the image and the place of each."""

    images: tuple[SourceImage, ...]
    places: tuple[Place, ...]
    slices: Slices

    @property
    def series_uid(self) -> str:
        return self.images[0].reference.instance.series_instance_uid


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceFaults:
    """What is wrong with a line in space: with the record, or with the images given."""

    of_record: tuple[Fault, ...] = ()
    of_images: tuple[Fault, ...] = ()


def show_segment(
    segment: Segment, source: SourceImages, key: Place | None, path: str
) -> Line | SpaceFaults:
    """What a slice shows of a line in space: the one it names, else the one it lies on, else the nearest.

    Of several series in its frame of reference that of the key image goes first, then the largest.
    `segment.place` is an image and frame that are there.
    """
    stacks = [stack for stack in _stacks(source) if _frame_of(stack)]
    if not stacks:
        return SpaceFaults(of_record=(_without_space(source, path),))
    uid = segment.frame_of_reference_uid
    own = [stack for stack in stacks if _frame_of(stack) == uid]
    if not own:
        others = several(sorted({_frame_of(stack) for stack in stacks}))
        problem = phrase("is {uid}, but that of the images is {others}", uid=uid, others=others)
        remedy = phrase("give the images that it was measured on, or correct the UID")
        return SpaceFaults(of_images=(Fault(f"{path}.frame_of_reference_uid", problem, remedy),))
    if segment.place is not None:
        own = [stack for stack in own if segment.place in stack.places]
        if not own:
            problem = phrase("is no slice of the frame of reference of the points")
            remedy = phrase("name the slice to show them on, or none")
            return SpaceFaults(of_record=(Fault(f"{path}.image", problem, remedy),))
    ends = (segment.start_mm, segment.end_mm)
    stack = min(own, key=lambda each: _preference(each, ends, key))
    faults = tuple(_find_outside(stack, ends, f"{path}.points_mm"))
    return SpaceFaults(of_record=faults) if faults else _shown(segment, stack, path)


def _stacks(source: SourceImages) -> Iterator[_Stack]:
    """The slices of each series that say where they lie, by their directions."""
    open_stacks: list[list[tuple[SourceImage, Place, FrameGeometry]]] = []
    for image in source.images:
        if image.is_capture or image.geometry.modality not in CROSS_SECTIONAL:
            continue
        for number, frame in enumerate(image.geometry.frames, start=1):
            several = image.reference.frames > 1
            place = Place(
                sop_instance_uid=image.sop_instance_uid, frame=number if several else None
            )
            stack = next((held for held in open_stacks if _belongs(image, frame, held[0])), None)
            if stack is None:
                open_stacks.append([(image, place, frame)])
            else:
                stack.append((image, place, frame))
    for members in open_stacks:
        images, places, frames = zip(*members, strict=True)
        first = images[0].reference
        yield _Stack(images, places, Slices(frames=frames, rows=first.rows, columns=first.columns))


def _belongs(
    image: SourceImage, frame: FrameGeometry, first: tuple[SourceImage, Place, FrameGeometry]
) -> bool:
    other, _, directions = first
    return (
        image.reference.instance.series_instance_uid == other.reference.instance.series_instance_uid
        and image.geometry.frame_of_reference_uid == other.geometry.frame_of_reference_uid
        and are_parallel(frame, directions)
    )


def _frame_of(stack: _Stack) -> str:
    return stack.images[0].geometry.frame_of_reference_uid


def _without_space(source: SourceImages, path: str) -> Fault:
    is_sliced = any(image.geometry.modality in CROSS_SECTIONAL for image in source.images)
    if is_sliced:
        problem = phrase(
            "are points in space, but the slices do not say where in one frame of reference they lie"
        )
        return Fault(
            f"{path}.points_mm",
            problem,
            phrase('mark "points" on an image, or give the millimetres'),
        )
    problem = phrase("are points in space, but no image is one of CT or MR")
    return Fault(f"{path}.points_mm", problem, _ON_IMAGE)


def _preference(
    stack: _Stack, ends: tuple[SpacePoint, ...], key: Place | None
) -> tuple[bool, bool, int, str]:
    is_outside = any(stack.slices.outside_mm(end) for end in ends)
    return is_outside, key not in stack.places, -len(stack.places), stack.series_uid


def _find_outside(stack: _Stack, ends: tuple[SpacePoint, ...], path: str) -> Iterator[Fault]:
    for end in ends:
        distance = stack.slices.outside_mm(end)
        if distance:
            x, y, z = end
            problem = phrase(
                "the point {point} lies {distance} mm outside the slices",
                point=f"[{x:g}, {y:g}, {z:g}]",
                distance=figures(f"{distance:.1f}"),
            )
            remedy = phrase(
                "give all that it was measured on; x, y, z lead to the left, back and head"
            )
            yield Fault(path, problem, remedy)


def _shown(segment: Segment, stack: _Stack, path: str) -> Line | SpaceFaults:
    start, end = segment.start_mm, segment.end_mm
    index = stack.slices.nearest(start)
    if segment.place is not None:
        index = stack.places.index(segment.place)
    elif not _is_in_plane(segment, stack.slices.frames[index]):
        index = stack.slices.nearest(_middle(start, end))
    frame = stack.slices.frames[index]
    on_slice = (seen_from(start, frame), seen_from(end, frame))
    if not _reaches(on_slice, stack.slices.gap_mm):
        remedy = phrase("name the slice nearest to its middle, or none")
        return SpaceFaults(
            of_record=(
                Fault(f"{path}.image", phrase("is a slice that the line does not reach"), remedy),
            )
        )
    return _line(on_slice, stack, index, is_projected=not _is_in_plane(segment, frame))


def _middle(start: SpacePoint, end: SpacePoint) -> SpacePoint:
    x, y, z = ((a + b) / 2 for a, b in zip(start, end, strict=True))
    return x, y, z


def _is_in_plane(segment: Segment, frame: FrameGeometry) -> bool:
    heights = (height_mm(end, frame) for end in (segment.start_mm, segment.end_mm))
    return all(abs(height) <= IN_PLANE_MM for height in heights)


def _reaches(on_slice: tuple[OnSlice, OnSlice], gap: float) -> bool:
    """Whether a line passes through what a slice covers."""
    start, end = (each.height_mm for each in on_slice)
    return start * end <= 0 or min(abs(start), abs(end)) <= gap / 2 + IN_PLANE_MM


def _line(
    on_slice: tuple[OnSlice, OnSlice], stack: _Stack, index: int, *, is_projected: bool
) -> Line:
    image = stack.images[index].reference
    start, end = (_within(each.point, image.columns, image.rows) for each in on_slice)
    if is_projected and max(abs(a - b) for a, b in zip(start, end, strict=True)) < 1:
        start = end = _within(_between(start, end), image.columns, image.rows)
    place = stack.places[index]
    return Line(start=start, end=end, place=place, is_projected=is_projected)


def _between(start: Point, end: Point) -> Point:
    return (start[0] + end[0]) / 2, (start[1] + end[1]) / 2


def _within(point: Point, columns: int, rows: int) -> Point:
    """The point on the image, at its edge where it lies half a slice beside it, as graphic data holds it."""
    column, row = point
    return (
        to_graphic_precision(min(max(column, 0.0), float(columns))),
        to_graphic_precision(min(max(row, 0.0), float(rows))),
    )
