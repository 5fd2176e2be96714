"""Every mark of a hip put on an image that is there, within its frames and edges, and measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from hosr.errors import Fault, ImagesRefused, RecordRefused
from hosr.findings import (
    Basis,
    Calibration,
    Candidate,
    Hip,
    Island,
    Length,
    Line,
    Observer,
    Place,
    Plane,
    Point,
    Polygon,
    Segment,
)
from hosr.intake.images import SourceImage, SourceImages
from hosr.intake.space import SpaceFaults, show_segment
from hosr.measure.length import measure, reading_error_mm
from hosr.measure.pixel_size import basis_of
from hosr.measure.spacing import CROSS_SECTIONAL
from hosr.phrases import phrase
from hosr.vocabulary.terms import View


@dataclass(slots=True)
class Placed:
    """What placing found wrong: with the record, and with the images given."""

    record_faults: list[Fault] = field(default_factory=list)
    image_faults: list[Fault] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many faults there are so far."""
        return len(self.record_faults) + len(self.image_faults)


def place_hip(hip: Hip, source: SourceImages, path: str, placed: Placed) -> Hip:
    """The hip with every place resolved; what cannot be resolved is added to `placed`.

    A mark that names no image is on the hip's own image, or else on the only one there is.
    """
    key = None if hip.place is None else _Placer(source, placed).place(hip.place, f"{path}.image")
    placer = _Placer(source, placed, key)
    islands = hip.islands
    return replace(
        hip,
        gap=placer.length(hip.gap, f"{path}.gap"),
        gap_lateral=placer.length(hip.gap_lateral, f"{path}.gap_lateral"),
        islands=None
        if islands is None
        else tuple(placer.island(i, f"{path}.islands[{n}]") for n, i in enumerate(islands)),
        calibration=placer.calibration(hip.calibration, f"{path}.calibration"),
        candidates=tuple(
            placer.candidate(candidate, f"{path}.candidates[{number}]")
            for number, candidate in enumerate(hip.candidates)
        ),
        outlines=tuple(
            replace(outline, polygon=placer.polygon(outline.polygon, f"{path}.outlines[{number}]"))
            for number, outline in enumerate(hip.outlines)
        ),
        place=key,
    )


@dataclass(frozen=True, slots=True)
class _Placer:
    source: SourceImages
    placed: Placed
    key: Place | None = None

    def island(self, island: Island, path: str) -> Island:
        """Length and outline of an island."""
        region = island.region
        if region is not None:
            region = self.polygon(region, f"{path}.region")
        length = self.length(island.length, f"{path}.length")
        return replace(island, length=length, region=region)

    def polygon(self, polygon: Polygon, path: str) -> Polygon:
        """An outline."""
        place = self.place(polygon.place, f"{path}.image")
        self.inside(polygon.corners, place, f"{path}.polygon")
        return Polygon(corners=polygon.corners, place=place)

    def candidate(self, candidate: Candidate, path: str) -> Candidate:
        """A distance that is not the gap; one in space is shown on no slice, and compared when measured."""
        if candidate.length.segment is not None:
            return candidate
        length = self.length(candidate.length, f"{path}.length")
        return candidate if length is None else replace(candidate, length=length)

    def calibration(self, calibration: Calibration | None, path: str) -> Calibration | None:
        """The calibration object."""
        if calibration is None:
            return None
        return replace(calibration, line=self.line(calibration.line, path))

    def length(self, length: Length | None, path: str) -> Length | None:
        """A length, if it was marked."""
        if length is None:
            return None
        if length.segment is not None and length.line is None:
            return self.in_space(length, length.segment, path)
        if length.line is None:
            return length
        return replace(length, line=self.line(length.line, path))

    def in_space(self, length: Length, segment: Segment, path: str) -> Length:
        """A length in space with what a slice shows of it; the line then tells the slice."""
        named = segment.place
        if named is not None:
            before = self.placed.count
            named = self.place(named, f"{path}.image")
            if self.placed.count > before:
                return length
        found = show_segment(replace(segment, place=named), self.source, self.key, path)
        if isinstance(found, SpaceFaults):
            self.placed.record_faults.extend(found.of_record)
            self.placed.image_faults.extend(found.of_images)
            return length
        return replace(length, line=found, segment=replace(segment, place=None))

    def line(self, line: Line, path: str) -> Line:
        """Both ends of a line."""
        place = self.place(line.place, f"{path}.image")
        if line.end_place is None:
            self.inside((line.start, line.end), place, f"{path}.points")
            return replace(line, place=place)
        end_place = self.place(line.end_place, f"{path}.image")
        self.inside((line.start,), place, f"{path}.points")
        self.inside((line.end,), end_place, f"{path}.points")
        return replace(line, place=place, end_place=None if end_place == place else end_place)

    def place(self, place: Place, path: str) -> Place:
        """The image and frame of a mark, as far as they are there."""
        frame = place.frame
        uid = place.sop_instance_uid
        if not uid and self.key is not None:
            uid = self.key.sop_instance_uid
            frame = self.key.frame if frame is None else frame
        images = self.source.images
        if not uid and len(images) > 1:
            problem = phrase("no image is named, and {number} are given", number=len(images))
            self._refuse_record(path, problem, phrase("name it by its SOP Instance UID"))
            return place
        image = self.source.find(uid) if uid else images[0]
        if image is None:
            problem = phrase("image {uid} is not among the images given", uid=uid)
            remedy = phrase("give that image, or correct the UID")
            fault = Fault(path, problem, remedy)
            if place.sop_instance_uid and fault not in self.placed.image_faults:
                self.placed.image_faults.append(fault)
            return place
        return Place(
            sop_instance_uid=image.sop_instance_uid,
            frame=self._frame(frame, image.reference.frames, path),
        )

    def _frame(self, frame: int | None, frames: int, path: str) -> int | None:
        path = path.removesuffix("image") + "frame"
        if frames == 1 and frame in (None, 1):
            return None
        if frame is None:
            problem = phrase("the image has {frames} frames, and none is named", frames=frames)
            self._refuse_record(path, problem, phrase("name one from 1 to {frames}", frames=frames))
        elif not 1 <= frame <= frames:
            remedy = (
                phrase("leave it out")
                if frames == 1
                else phrase("name one from 1 to {frames}", frames=frames)
            )
            self._refuse_record(path, phrase("the image has no frame {frame}", frame=frame), remedy)
        return frame

    def inside(self, points: tuple[Point, ...], place: Place, path: str) -> None:
        """Whether points lie on their image; its edges belong to it."""
        image = self.source.find(place.sop_instance_uid)
        if image is None:
            return
        columns, rows = image.reference.columns, image.reference.rows
        outside = list(_outside(points, columns, rows))
        if outside:
            column, row = outside[0]
            point, more = f"[{column:g}, {row:g}]", len(outside) - 1
            problem = phrase("the point {point} lies outside the image", point=point)
            if more:
                problem = phrase("{problem} (and {number} more)", problem=problem, number=more)
            remedy = phrase(
                "points are [column, row] within 0..{columns}, 0..{rows}",
                columns=columns,
                rows=rows,
            )
            self._refuse_record(path, problem, remedy)

    def _refuse_record(self, path: str, problem: str, remedy: str) -> None:
        self.placed.record_faults.append(Fault(path, problem, remedy))


def _outside(points: tuple[Point, ...], columns: int, rows: int) -> Iterator[Point]:
    for column, row in points:
        if not (0 <= column <= columns and 0 <= row <= rows):
            yield column, row


def measure_hip(
    hip: Hip, source: SourceImages, observer: Observer, path: str, placed: Placed
) -> Hip:
    """The hip with millimetres wherever points were marked; what cannot be is added to `placed`.

    What was stated without a plane is qualified by its image.
    """
    hip = _qualify_stated(hip, source)
    bench = _Bench(source, hip.calibration, observer, placed)
    hip = with_lengths(hip, path, bench.measure)
    candidates = (
        replace(each, length=bench.measure_candidate(each.length, f"{path}.candidates[{n}].length"))
        for n, each in enumerate(hip.candidates)
    )
    return replace(hip, candidates=tuple(candidates))


def with_lengths(hip: Hip, path: str, change: Callable[[Length | None, str], Length | None]) -> Hip:
    """The hip with each of its lengths changed; `change` is given the length and its place below `path`."""
    islands = hip.islands
    return replace(
        hip,
        gap=change(hip.gap, f"{path}.gap"),
        gap_lateral=change(hip.gap_lateral, f"{path}.gap_lateral"),
        islands=None
        if islands is None
        else tuple(
            replace(island, length=change(island.length, f"{path}.islands[{number}].length"))
            for number, island in enumerate(islands)
        ),
    )


class _Bench:
    """One hip's images and calibration, on which its lines are measured."""

    def __init__(
        self,
        source: SourceImages,
        calibration: Calibration | None,
        observer: Observer,
        placed: Placed,
    ) -> None:
        self._source = source
        self._calibration = calibration
        self._reading_error_mm = reading_error_mm(observer)
        self._placed = placed

    def measure(self, length: Length | None, path: str) -> Length | None:
        """The length with its millimetres; as it is where none was marked, or it was in space."""
        if length is None or length.line is None or length.segment is not None:
            return length
        try:
            measured = self._measured(length, path)
        except ImagesRefused as error:
            self._placed.image_faults.extend(error.faults)
            return length
        except RecordRefused as error:
            self._placed.record_faults.extend(error.faults)
            return length
        return self._reconciled(length, measured, path)

    def measure_candidate(self, length: Length, path: str) -> Length:
        """The same of a distance that is not the gap: in space it is only compared with the slices."""
        if length.segment is None:
            return self.measure(length, path) or length
        segment = replace(length.segment, place=None)
        found = show_segment(segment, self._source, None, path)
        if isinstance(found, SpaceFaults):
            self._placed.record_faults.extend(found.of_record)
            self._placed.image_faults.extend(found.of_images)
        return replace(length, segment=segment)

    def _measured(self, length: Length, path: str) -> Length:
        line = length.line
        if line is None:
            return length
        start = self._source.find(line.place.sop_instance_uid)
        end = None if line.end_place is None else self._source.find(line.end_place.sop_instance_uid)
        if start is None:
            return length
        measured = measure(
            line,
            start.geometry,
            None if end is None else end.geometry,
            self._calibration,
            path,
            reading_error_mm=self._reading_error_mm,
        )
        if measured.mm is None and line.spans_images:
            problem = phrase(
                "the slices do not say where they lie, so nothing is measured across them"
            )
            self._placed.record_faults.append(
                Fault(path, problem, phrase("mark both points on one image"))
            )
        return measured

    def _reconciled(self, given: Length, measured: Length, path: str) -> Length:
        """What the source said of the length, where the header leaves it open."""
        if given.plane not in (Plane.UNKNOWN, measured.plane) and measured.mm is not None:
            if measured.plane is not Plane.UNKNOWN:
                is_calibrated = measured.basis is Basis.KNOWN_OBJECT
                says = (
                    phrase("the calibration object")
                    if is_calibrated
                    else phrase("the image header")
                )
                problem = phrase(
                    "the plane is given as {plane}, but {source} says {other}",
                    plane=given.plane,
                    source=says,
                    other=measured.plane,
                )
                self._placed.record_faults.append(
                    Fault(f"{path}.plane", problem, phrase("leave the plane out"))
                )
            measured = replace(measured, plane=given.plane)
        if given.uncertainty_mm is not None and measured.mm is not None:
            measured = replace(measured, uncertainty_mm=given.uncertainty_mm)
        return replace(measured, gap_class=given.gap_class)


def _qualify_stated(hip: Hip, source: SourceImages) -> Hip:
    """The hip with what its images say of lengths that were stated without a plane.

    Somebody read them with a ruler: on a film that is not calibrated it shows more than true size.
    """
    graded = None if hip.place is None else source.find(hip.place.sop_instance_uid)
    lateral = [image for image in source.images if image.header_view is View.LATERAL]
    on_graded = _is_uncalibrated(graded, hip)
    on_lateral = any(_is_uncalibrated(image, hip) for image in lateral) if lateral else on_graded
    islands = hip.islands
    return replace(
        hip,
        gap=_qualified(hip.gap, on_graded),
        gap_lateral=_qualified(hip.gap_lateral, on_lateral),
        islands=None
        if islands is None
        else tuple(replace(i, length=_qualified(i.length, on_graded)) for i in islands),
    )


def _qualified(length: Length | None, is_uncalibrated: bool) -> Length | None:
    if length is None or not length.mm or length.plane is not Plane.UNSTATED:
        return length
    basis = Basis.STATED_UNCALIBRATED if is_uncalibrated else Basis.STATED
    return replace(length, basis=basis)


def _is_uncalibrated(image: SourceImage | None, hip: Hip) -> bool:
    """Whether a ruler on an image shows another length than true size, or nobody can tell."""
    if image is None or image.geometry.modality in CROSS_SECTIONAL:
        return False
    known = hip.calibration
    if known is not None and known.line.place.sop_instance_uid == image.sop_instance_uid:
        return False
    return basis_of(image.geometry.spacing, image.geometry.modality).plane is not Plane.PATIENT
