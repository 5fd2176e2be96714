"""Lines, outlines and lengths on the images of a scene."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from hypothesis import strategies as st

from hosr.findings import (
    Basis,
    Island,
    Length,
    Line,
    Plane,
    Point,
    Polygon,
    Segment,
    to_graphic_precision,
)
from hosr.study import ImageReference
from hosr.vocabulary.terms import GapClass, ImagingModality, Site
from tests.strategies.subjects import Scene, places
from tests.strategies.texts import uids

__all__ = ["gaps", "islands", "marked_lines", "other_lengths", "polygons"]

LIMIT_MM = 10.0

# How points become millimetres (PS3.3 section 10.7), with the plane that follows.
_RADIOGRAPH_BASES = (
    (Basis.CALIBRATED_FIDUCIAL, Plane.PATIENT),
    (Basis.CALIBRATED_GEOMETRY, Plane.PATIENT),
    (Basis.CALIBRATED_UNKNOWN, Plane.PATIENT),
    (Basis.ESTIMATED_ERMF, Plane.PATIENT),
    (Basis.ESTIMATED_DISTANCE, Plane.PATIENT),
    (Basis.DETECTOR_PLANE, Plane.DETECTOR),
    (Basis.FILM_PLANE, Plane.DETECTOR),
    (Basis.UNKNOWN, Plane.UNKNOWN),
)


@cache
def _points(image: ImageReference) -> st.SearchStrategy[Point]:
    """Points within the image, of the precision of graphic data."""
    return st.tuples(
        st.floats(0, image.columns, width=32, allow_subnormal=False).map(abs),
        st.floats(0, image.rows, width=32, allow_subnormal=False).map(abs),
    )


@cache
def _ends(image: ImageReference) -> st.SearchStrategy[list[Point]]:
    return st.lists(_points(image), min_size=2, max_size=2, unique=True)


@cache
def _corners(image: ImageReference) -> st.SearchStrategy[list[Point]]:
    return st.lists(_points(image), min_size=3, max_size=7, unique=True)


@st.composite
def marked_lines(draw: st.DrawFn, scene: Scene, *, may_span: bool = False) -> Line:
    """Two points on an image; on CT and MR they may lie on two."""
    image = draw(st.sampled_from(scene.images))
    start, end = draw(_ends(image))
    place = draw(places(image))
    if not may_span or scene.modality is ImagingModality.RADIOGRAPH:
        return Line(start=start, end=end, place=place)
    other = draw(st.sampled_from(scene.images))
    end_place = draw(places(other))
    if end_place == place:
        return Line(start=start, end=end, place=place)
    return Line(start=start, end=draw(_points(other)), place=place, end_place=end_place)


@st.composite
def polygons(draw: st.DrawFn, scene: Scene) -> Polygon:
    """An outline on an image."""
    image = draw(st.sampled_from(scene.images))
    corners = draw(_corners(image))
    return Polygon(corners=tuple(corners), place=draw(places(image)))


_space_points = st.tuples(*[st.floats(-900, 900, width=32).map(lambda mm: mm + 0.0)] * 3)
_DIRECTIONS = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.48, 0.6, 0.64), (-0.6, 0.0, 0.8))


@st.composite
def _in_space(draw: st.DrawFn, scene: Scene, mm: st.SearchStrategy[float]) -> Length:
    """As long as asked; a slice shows it whole, as a projection, or as the point that it runs through."""
    start, direction = draw(_space_points), draw(st.sampled_from(_DIRECTIONS))
    length = min(max(draw(mm), 0.01), 199.0)
    x, y, z = (to_graphic_precision(a + length * b) for a, b in zip(start, direction, strict=True))
    segment = Segment(start_mm=start, end_mm=(x, y, z), frame_of_reference_uid=draw(uids))
    line = draw(marked_lines(scene))
    shown = draw(st.sampled_from(("whole", "projected", "point")))
    if shown != "whole":
        end = line.start if shown == "point" else line.end
        line = replace(line, end=end, is_projected=True)
    return Length(segment=segment, line=line, uncertainty_mm=draw(_uncertainties))


# Millimetres as people write them, close to 1 cm, and of any digits.
_around_the_limit = st.sampled_from((9.9, 9.94, 9.95, 9.96, 9.999999, 10.0, 10.04, 10.05, 11.0))
_millimetres = (
    st.integers(1, 600).map(lambda tenths: tenths / 10)
    | _around_the_limit
    | st.floats(0.001, 200.0, allow_subnormal=False)
)
_gaps_mm = _millimetres | st.just(0.0)
_narrow_gaps_mm = st.floats(0.0, 9.9).map(abs)
_uncertainties = st.none() | st.sampled_from((0.3, 0.57, 1.0, 1.5, 3.0))


def _class_of(mm: float) -> GapClass:
    return GapClass.BELOW_10_MM if mm < LIMIT_MM else GapClass.AT_LEAST_10_MM


@st.composite
def _lengths(
    draw: st.DrawFn, scene: Scene, mm: st.SearchStrategy[float], *, is_calibrated: bool
) -> Length:
    is_sliced = scene.modality is not ImagingModality.RADIOGRAPH
    kinds = ("stated", "measured", "marked", *(["in space"] if is_sliced else []))
    kind = draw(st.sampled_from(kinds))
    if kind == "in space":
        return draw(_in_space(scene, mm))
    if kind == "stated":
        plane = draw(st.sampled_from(list(Plane)))
        unstated = plane is Plane.UNSTATED and scene.modality is ImagingModality.RADIOGRAPH
        origins = [Basis.STATED, *([Basis.STATED_UNCALIBRATED] if unstated else [])]
        return Length(
            mm=draw(mm),
            plane=plane,
            basis=draw(st.sampled_from(origins)),
            uncertainty_mm=draw(_uncertainties),
        )
    if kind == "marked":
        line = draw(marked_lines(scene))
        return Length(plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED, line=line)
    bases: tuple[tuple[Basis, Plane], ...] = _RADIOGRAPH_BASES
    if is_sliced:
        bases = ((Basis.CROSS_SECTIONAL, Plane.PATIENT),)
    elif is_calibrated:
        bases = ((Basis.KNOWN_OBJECT, Plane.PATIENT),)
    basis, plane = draw(st.sampled_from(bases))
    return Length(
        mm=draw(mm),
        plane=plane,
        basis=basis,
        uncertainty_mm=draw(_uncertainties),
        line=draw(marked_lines(scene, may_span=True)),
    )


@st.composite
def gaps(draw: st.DrawFn, scene: Scene, *, is_calibrated: bool, is_narrow: bool) -> Length:
    """A space in millimetres, by points, or as a class; narrow ones are below 1 cm."""
    mm = _narrow_gaps_mm if is_narrow else _gaps_mm
    if draw(st.integers(0, 4)) == 0:
        classes = (GapClass.BELOW_10_MM,) if is_narrow else tuple(GapClass)
        return Length(gap_class=draw(st.sampled_from(classes)))
    gap = draw(_lengths(scene, mm, is_calibrated=is_calibrated))
    if not draw(st.booleans()):
        return gap
    gap_class = GapClass.BELOW_10_MM if gap.mm is None else _class_of(gap.mm)
    return replace(gap, gap_class=gap_class)


_sites = st.lists(st.sampled_from(Site), max_size=2, unique=True).map(tuple)


@st.composite
def islands(draw: st.DrawFn, scene: Scene, *, is_calibrated: bool) -> Island:
    """An island with or without a length and an outline."""
    length = _lengths(scene, _millimetres, is_calibrated=is_calibrated)
    return Island(
        length=draw(length) if draw(st.booleans()) else None,
        region=draw(polygons(scene)) if draw(st.booleans()) else None,
        sites=draw(_sites),
    )


@st.composite
def other_lengths(draw: st.DrawFn, scene: Scene, *, is_calibrated: bool) -> Length:
    """A length that is neither a gap nor of an island; one in space is shown on no slice."""
    length = draw(_lengths(scene, _millimetres, is_calibrated=is_calibrated))
    return length if length.segment is None else replace(length, line=None)
