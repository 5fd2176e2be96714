"""Which of the distances between opposing surfaces is the gap, what became of the others, and why.

The smallest free one, unless something leaves open which it is:

    bone bridges the joint, at any level       none, or contact
    a piece that may be a spur comes nearer    none, where it would turn the grade
    voxels with an edge over 3 mm              none
    another level of the probabilities         the gap, and as uncertain as they differ
"""

from __future__ import annotations

from dataclasses import replace

from hosr.annotations.masks.distances import Way
from hosr.annotations.masks.evidence import Evidence
from hosr.annotations.masks.found import Distance
from hosr.annotations.masks.readings import LevelReading, nearly_touches, shortest_free
from hosr.measure.pixel_size import MAGNIFICATION
from hosr.scales.extent import LIMIT_MM
from hosr.vocabulary.surfaces import SetAside, SurfaceBasis


def is_in_contact(evidence: Evidence) -> bool:
    """Whether opposing surfaces touch and it is open whether they are joined.

    At the level that decides they touch, or nearly do and are joined at another level; and at no
    level they are so far apart that the grade would turn.
    """
    first = evidence.first
    if first is None or not (evidence.has_joint or evidence.lattice.is_film):
        return False
    gaps = [reading.gap for reading in evidence.readings]
    if any(gap is not None and gap.length >= LIMIT_MM for gap in gaps):
        return False
    if first.is_bridged:
        return not all(reading.is_bridged for reading in evidence.readings)
    joined = any(reading.is_bridged or reading.touches for reading in evidence.readings)
    return joined and nearly_touches(first)


def find_distances(evidence: Evidence) -> tuple[Distance, ...]:
    """Every distance of the hip, the one that is the gap first."""
    first = evidence.first
    if first is None:
        return ()
    found = _judge(evidence, first.ways)
    found += [
        _distance(evidence, way, SetAside.UNSURE_ATTACHMENT)
        for way in first.open_ways
        if way.is_free and not way.overlaps and way not in first.ways and _is_new(way, first)
    ]
    for reading in evidence.readings[1:]:
        if reading.gap is not None:
            other = _distance(evidence, reading.gap, SetAside.OTHER_LEVEL)
            found.append(replace(other, level=reading.level))
    return tuple(found)


def why_no_gap(evidence: Evidence) -> SetAside | None:
    """What keeps the shortest free distance from being the gap; None where it is."""
    first = evidence.first
    if first is None or first.gap is None:
        return None
    if any(reading.is_bridged or reading.touches for reading in evidence.readings):
        return SetAside.BRIDGED
    if not evidence.is_measurable:
        return SetAside.WIDE_VOXELS
    other = shortest_free(first.open_ways)
    if other is None or not evidence.lattice.is_mm or other.length >= first.gap.length:
        return None
    limit = LIMIT_MM * MAGNIFICATION[1] if evidence.lattice.is_film else LIMIT_MM
    return SetAside.UNDECIDED if other.length < limit and first.gap.length >= LIMIT_MM else None


def _judge(evidence: Evidence, ways: tuple[Way, ...]) -> list[Distance]:
    shortest = shortest_free(ways)
    reason = why_no_gap(evidence)
    found = []
    for way in ways:
        if way is shortest:
            why = reason
        elif way.overlaps:
            why = SetAside.OVERLAP
        else:
            why = SetAside.LONGER if way.is_free else SetAside.THROUGH_BONE
        found.append(_distance(evidence, way, why))
    return sorted(found, key=lambda each: each.why is not None)


def _distance(evidence: Evidence, way: Way, why: SetAside | None) -> Distance:
    lattice = evidence.lattice
    uncertainty = evidence.uncertainty_mm(lattice.cell_along_mm(way.start_mm, way.end_mm))
    if why is None and uncertainty is not None:
        gaps = (reading.gap for reading in evidence.readings[1:])
        apart = [abs(gap.length - way.length) for gap in gaps if gap is not None]
        uncertainty = max([uncertainty, *apart])
    probable = evidence.boundary.basis is SurfaceBasis.PROBABILITIES
    return Distance(
        between=way.between,
        ends=(lattice.coordinates(way.start_mm), lattice.coordinates(way.end_mm)),
        why=why,
        mm=way.length if lattice.is_mm and not way.overlaps else None,
        uncertainty_mm=uncertainty,
        level=evidence.boundary.level if probable else None,
    )


def _is_new(way: Way, first: LevelReading) -> bool:
    """Whether no sure spur gives the same line."""
    return all(
        abs(way.length - other.length) > 1e-6 or way.between != other.between
        for other in first.ways
    )
