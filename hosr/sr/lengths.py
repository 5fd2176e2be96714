"""A length as a NUM item with its plane, origin, uncertainty and drawn line, and back."""

from __future__ import annotations

from typing import TypeVar

from hosr import codes
from hosr.codes import Code, hosr_code
from hosr.findings import (
    Basis,
    Length,
    Line,
    Place,
    Plane,
    Polygon,
    Segment,
    SpacePoint,
    to_graphic_precision,
)
from hosr.sr.items import (
    Graphic,
    Item,
    Quantity,
    Reference,
    Relation,
    SpaceGraphic,
    code,
    image,
    num,
    read_choice,
    read_string,
    scoord,
    scoord3d,
    text,
    uidref,
)
from hosr.vocabulary.terms import GapClass

K = TypeVar("K")

PLANE_CODES = {
    Plane.PATIENT: hosr_code("HO-PL-PATIENT", "In the patient"),
    Plane.DETECTOR: hosr_code("HO-PL-DETECTOR", "At the detector, magnified"),
    Plane.UNKNOWN: hosr_code("HO-PL-UNKNOWN", "Plane unknown"),
    Plane.UNSTATED: hosr_code("HO-PL-UNSTATED", "Plane not stated, taken as true size"),
}

BASIS_CODES = {
    Basis.STATED: hosr_code("HO-BA-STATED", "Stated by the source"),
    Basis.STATED_UNCALIBRATED: hosr_code(
        "HO-BA-STATED-UNC", "Stated by the source, image not calibrated"
    ),
    Basis.KNOWN_OBJECT: hosr_code("HO-BA-OBJECT", "Calibrated to an object of known size"),
    Basis.CALIBRATED_FIDUCIAL: hosr_code("HO-BA-FIDUCIAL", "Pixel spacing calibrated by fiducial"),
    Basis.CALIBRATED_GEOMETRY: hosr_code("HO-BA-GEOMETRY", "Pixel spacing corrected by geometry"),
    Basis.CALIBRATED_UNKNOWN: hosr_code(
        "HO-BA-CALUNKN", "Pixel spacing calibrated, manner unknown"
    ),
    Basis.ESTIMATED_ERMF: hosr_code("HO-BA-ERMF", "Estimated by the magnification factor"),
    Basis.ESTIMATED_DISTANCE: hosr_code("HO-BA-DISTANCE", "Estimated by source distances"),
    Basis.CROSS_SECTIONAL: hosr_code("HO-BA-SLICES", "Geometry of cross-sectional images"),
    Basis.DETECTOR_PLANE: hosr_code("HO-BA-DETECTOR", "Pixel spacing at the detector"),
    Basis.FILM_PLANE: hosr_code("HO-BA-FILM", "Pixel spacing of a digitised film"),
    Basis.UNKNOWN: hosr_code("HO-BA-UNKNOWN", "Pixel spacing of unknown meaning"),
    Basis.UNCALIBRATED: hosr_code("HO-BA-UNCALIB", "No pixel spacing"),
}

# What an image shows of a line in space: as long as it is, or its projection.
ISLAND_SEEN = (codes.ISLAND_SEEN, codes.ISLAND_PROJECTED)
LATERAL_SEEN = (codes.LATERAL_SEEN, codes.LATERAL_PROJECTED)


class Shapes:
    """Draws on the images of one report: SCOORD items selected from them; and in space, where it may."""

    def __init__(
        self, sop_classes: dict[str, str], source: Code, *, has_space: bool = True
    ) -> None:
        self._sop_classes = sop_classes
        self._source = source
        self._has_space = has_space

    def outline(self, polygon: Polygon) -> Item:
        """A closed region."""
        return self._region("POLYLINE", (*polygon.corners, polygon.corners[0]), polygon.place)

    def line(self, line: Line) -> Item:
        """A region of two points; of one where the second lies on another image, or right behind it."""
        if line.spans_images or line.start == line.end:
            return self._region("POINT", (line.start,), line.place)
        return self._region("POLYLINE", (line.start, line.end), line.place)

    def ends(self, line: Line) -> tuple[Item, ...]:
        """What a length is inferred from: the line, or its two ends on their images."""
        marks = [self.line(line)]
        if line.spans_images and line.end_place is not None:
            marks.append(self._region("POINT", (line.end,), line.end_place))
        return tuple(mark.related(Relation.INFERRED_FROM) for mark in marks)

    def keeps_line(self, length: Length) -> bool:
        """Whether the number of a length is inferred from its line on an image.

        It is inferred from one shape (TID 320): that in space, where there is one, and else from a line
        that is as long.
        """
        if length.line is None:
            return False
        return length.segment is None or not (self._has_space or length.line.is_projected)

    def segment(self, segment: Segment) -> tuple[Item, ...]:
        """A line in space; as text in a document that has no shapes there."""
        ends = (segment.start_mm, segment.end_mm)
        uid = segment.frame_of_reference_uid
        if self._has_space:
            shape = SpaceGraphic("POLYLINE", ends, uid)
            return (scoord3d(codes.PATH, shape, Relation.INFERRED_FROM),)
        words = "; ".join(" ".join(map(_nine_digits, end)) for end in ends)
        return (
            text(codes.SPACE_ENDS, words, Relation.HAS_PROPERTIES),
            uidref(codes.FRAME_OF_REFERENCE, uid, Relation.HAS_PROPERTIES),
        )

    def _region(self, shape: str, points: tuple[tuple[float, float], ...], place: Place) -> Item:
        uid = place.sop_instance_uid
        reference = Reference(self._sop_classes[uid], uid, place.frame)
        source = image(self._source, reference, Relation.SELECTED_FROM)
        return scoord(codes.IMAGE_REGION, shape, points, source)


def length_item(name: Code, length: Length, shapes: Shapes, *modifiers: Item) -> Item | None:
    """The length as a NUM; None where there is no number."""
    if length.mm is None:
        return None
    modifier = Relation.HAS_CONCEPT_MOD
    return num(name, length.mm, codes.MILLIMETER).having(
        code(codes.MEASUREMENT_METHOD, BASIS_CODES[length.basis], modifier),
        *modifiers,
        code(codes.LENGTH_PLANE, PLANE_CODES[length.plane], modifier),
        *_uncertainty_items(length.uncertainty_mm),
        *(shapes.ends(length.line) if length.line and shapes.keeps_line(length) else ()),
        *(() if length.segment is None else shapes.segment(length.segment)),
    )


def seen_line(names: tuple[Code, Code], length: Length, shapes: Shapes) -> Item | None:
    """The line on an image that neither the number nor the region of its group shows.

    Of a line in space alone: `names` are those of one that is whole there, and of its projection.
    """
    if length.segment is None or length.line is None or shapes.keeps_line(length):
        return None
    return shapes.line(length.line)._replace(name=names[length.line.is_projected])


def read_seen_line(group: Item, names: tuple[Code, Code]) -> Line | None:
    """The same read back."""
    for is_projected, name in enumerate(names):
        shape = group.first(name, "SCOORD")
        if shape is not None:
            return read_line((shape,), is_projected=bool(is_projected))
    return None


def _nine_digits(value: float) -> str:
    """As many as tell every number of 32 bits from the next."""
    return f"{value:.9g}"


def _uncertainty_items(uncertainty_mm: float | None) -> tuple[Item, ...]:
    """The half-width above and below the length (TID 310)."""
    if uncertainty_mm is None:
        return ()
    return tuple(
        num(name, uncertainty_mm, codes.MILLIMETER, Relation.HAS_PROPERTIES)
        for name in (codes.UPPER_UNCERTAINTY, codes.LOWER_UNCERTAINTY)
    )


def read_length(
    item: Item | None, gap_class: GapClass | None = None, line: Line | None = None
) -> Length | None:
    """The length of a NUM and of a class; `line` is that of its group, where the number has none."""
    if item is None:
        if gap_class is None and line is None:
            return None
        if line is None:
            return Length(gap_class=gap_class)
        return Length(
            gap_class=gap_class,
            plane=Plane.UNKNOWN,
            basis=Basis.UNCALIBRATED,
            line=line,
        )
    uncertainty = item.first(codes.UPPER_UNCERTAINTY)
    shapes = tuple(child for child in item.children if child.value_type == "SCOORD")
    segment = _read_segment(item)
    return Length(
        mm=_number(item),
        gap_class=gap_class,
        plane=_required(read_choice(item, codes.LENGTH_PLANE, PLANE_CODES), codes.LENGTH_PLANE),
        basis=_required(
            read_choice(item, codes.MEASUREMENT_METHOD, BASIS_CODES), codes.MEASUREMENT_METHOD
        ),
        uncertainty_mm=None if uncertainty is None else _number(uncertainty),
        line=read_line(shapes) if shapes else line if segment else None,
        segment=segment,
    )


def _read_segment(item: Item) -> Segment | None:
    """Where a length was measured in space, if it was."""
    shape = item.first(codes.PATH, "SCOORD3D")
    if shape is not None and isinstance(shape.value, SpaceGraphic):
        start, end = shape.value.points
        uid = shape.value.frame_of_reference_uid
        return Segment(start_mm=start, end_mm=end, frame_of_reference_uid=uid)
    words = read_string(item, codes.SPACE_ENDS)
    if not words:
        return None
    start, end = map(_read_space_point, words.split("; "))
    uid = read_string(item, codes.FRAME_OF_REFERENCE)
    return Segment(start_mm=start, end_mm=end, frame_of_reference_uid=uid)


def _read_space_point(words: str) -> SpacePoint:
    x, y, z = (to_graphic_precision(float(number)) for number in words.split(" "))
    return x, y, z


def read_line(shapes: tuple[Item, ...], *, is_projected: bool = False) -> Line:
    """A line from one two-point shape, from two points on two images, or a projection from one or two."""
    points = [point for shape in shapes for point in _graphic(shape).points]
    placed = [read_place(shape) for shape in shapes]
    end_place = placed[1] if len(placed) > 1 else None
    start, end = points * 2 if len(points) == 1 and is_projected else points
    return Line(
        start=start,
        end=end,
        place=placed[0],
        end_place=end_place,
        is_projected=is_projected,
    )


def read_polygon(shape: Item) -> Polygon:
    """A polygon from a closed polyline."""
    return Polygon(corners=_graphic(shape).points[:-1], place=read_place(shape))


def read_place(shape: Item) -> Place:
    """The image that a shape was selected from."""
    reference = shape.children[0].value
    if not isinstance(reference, Reference):
        raise TypeError("a shape is selected from an image")
    return Place(sop_instance_uid=reference.sop_instance_uid, frame=reference.frame)


def _graphic(shape: Item) -> Graphic:
    if not isinstance(shape.value, Graphic):
        raise TypeError("a shape has points")
    return shape.value


def _number(item: Item) -> float:
    if not isinstance(item.value, Quantity) or item.value.unit.key != codes.MILLIMETER.key:
        raise TypeError("a length has a number of millimetres")
    return float(item.value.value)


def _required(answer: K | None, name: Code) -> K:
    if answer is None:
        raise ValueError(f"{name.meaning} is missing")
    return answer
