"""A found hip as a hip of the record, which leaves open what the masks leave open.

a piece that may be an island or a spur    an island of its length; spurs not stated, and no gap
surfaces that touch, bridge unsure         a gap of 0 mm, bridging not stated: III or IV
ends in the patient                        a length in space, where the frame of reference is known
ends on a film                             the two points; hosr measures them by its header
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from hosr.annotations.masks.found import Distance, FoundHip, FoundIsland
from hosr.annotations.sources import Coordinates
from hosr.findings import (
    Basis,
    Candidate,
    Hip,
    Island,
    Length,
    Line,
    Place,
    Plane,
    Point,
    Polygon,
    Segment,
    SpacePoint,
    Spurs,
    to_graphic_precision,
)
from hosr.measure.length import ALGORITHM_READING_ERROR_MM
from hosr.vocabulary.surfaces import Structure
from hosr.vocabulary.terms import Bridging, BridgingBasis

# What the magnification at the hip may add on a film, as a part of the length (`hosr.measure.pixel_size`).
_DEPTH_UNCERTAINTY = 0.05
# Volumes and lengths of masks are written to a hundredth of a millimetre.
_DECIMALS = 2


def as_hip(found: FoundHip, frame_of_reference_uid: str = "") -> Hip:
    """The findings as they go into a record.

    `frame_of_reference_uid` is that of the images, for masks of a file that names none. Without one
    lengths are stated in millimetres of the patient, and not where they lie.
    """
    uid = found.frame_of_reference_uid or frame_of_reference_uid
    on_ct = found.is_ct and found.bridging is Bridging.CONFIRMED
    return Hip(
        side=found.side,
        presence=found.presence,
        islands=_islands(found, uid),
        spurs=Spurs(pelvis=found.pelvic_spur, femur=found.femoral_spur),
        gap=_gap(found, uid),
        bridging=found.bridging,
        bridging_basis=BridgingBasis.CT if on_ct else None,
        place=found.place,
        boundary=found.boundary,
        candidates=tuple(_candidates(found, uid)),
        outlines=found.outlines,
    )


def _candidates(found: FoundHip, uid: str) -> Iterator[Candidate]:
    """The distances that are not the gap; without those whose ends lie at one place."""
    for distance in found.distances:
        start, end = distance.between
        if distance.why is None or distance.ends[0] == distance.ends[1]:
            continue
        yield Candidate(
            between=(Structure(start), Structure(end)),
            length=_length(distance, found.place, uid),
            why=distance.why,
            level=distance.level,
        )


def _gap(found: FoundHip, uid: str) -> Length | None:
    if found.in_contact:
        return Length(mm=0.0, plane=Plane.PATIENT)
    return None if found.gap is None else _length(found.gap, found.place, uid)


def _islands(found: FoundHip, uid: str) -> tuple[Island, ...] | None:
    if found.islands is None:
        return None
    return tuple(
        Island(length=_length(each, found.place, uid), region=_region(each, found.place))
        for each in found.islands
    )


def _length(given: Distance | FoundIsland, place: Place | None, uid: str) -> Length:
    if place is not None:
        start, end = (_on_image(point) for point in given.ends)
        return Length(
            line=Line(start=start, end=end, place=place),
            plane=Plane.UNKNOWN,
            basis=Basis.UNCALIBRATED,
            uncertainty_mm=_on_film_mm(given),
        )
    uncertainty = None if given.uncertainty_mm is None else round(given.uncertainty_mm, _DECIMALS)
    if uid:
        start_mm, end_mm = (_in_space(point) for point in given.ends)
        segment = Segment(start_mm=start_mm, end_mm=end_mm, frame_of_reference_uid=uid)
        return Length(segment=segment, uncertainty_mm=uncertainty)
    mm = None if given.mm is None else round(given.mm, _DECIMALS)
    return Length(mm=mm, plane=Plane.PATIENT, uncertainty_mm=uncertainty)


def _on_film_mm(given: Distance | FoundIsland) -> float | None:
    """The uncertainty where it is more than what hosr takes for any algorithm, with that of depth."""
    if given.uncertainty_mm is None or given.mm is None:
        return None
    if given.uncertainty_mm <= ALGORITHM_READING_ERROR_MM:
        return None
    return round(math.hypot(given.uncertainty_mm, _DEPTH_UNCERTAINTY * given.mm), _DECIMALS)


def _region(island: FoundIsland, place: Place | None) -> Polygon | None:
    if place is None or len(island.outline) < 3:
        return None
    return Polygon(corners=tuple(island.outline), place=place)


def _on_image(point: Coordinates) -> Point:
    column, row = point
    return to_graphic_precision(column), to_graphic_precision(row)


def _in_space(point: Coordinates) -> SpacePoint:
    x, y, z = point
    return to_graphic_precision(x), to_graphic_precision(y), to_graphic_precision(z)
