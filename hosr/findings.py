"""What was seen, per hip, in frozen values.

Lengths are millimetres in the plane they name; points are DICOM graphic data, (column, row) with
(0, 0) at the top-left corner of the top-left pixel (PS3.3 section C.18.6.1.2). A coordinate is
held to the precision that graphic data can keep, 32 bits.
"""

from __future__ import annotations

import datetime as dt
import math
import struct
from dataclasses import dataclass, field
from enum import StrEnum

from hosr.identity import ADDED
from hosr.vocabulary.surfaces import SetAside, Structure, SurfaceBasis
from hosr.vocabulary.terms import (
    Bridging,
    BridgingBasis,
    Cause,
    Contrast,
    Event,
    GapClass,
    Presence,
    Side,
    Site,
    Stage,
    Symptom,
)

Point = tuple[float, float]
SpacePoint = tuple[float, float, float]
"""A place in the patient, mm to the left, to the back and to the head (LPS)."""


class Plane(StrEnum):
    """Where a length holds: in the patient, magnified at the detector, or nobody can tell.

    A length that somebody stated, and no more, is of an unstated plane, and taken as true size.
    """

    PATIENT = "patient"
    DETECTOR = "detector"
    UNKNOWN = "unknown"
    UNSTATED = "unstated"

    @property
    def is_true_size(self) -> bool:
        """Whether its millimetres count as those in the patient."""
        return self in (Plane.PATIENT, Plane.UNSTATED)


class Basis(StrEnum):
    """How a length in millimetres came about (PS3.3 section 10.7)."""

    STATED = "STATED"
    STATED_UNCALIBRATED = "STATED_UNCALIBRATED"
    """Stated without a plane, of an image on which a ruler measures no true size."""
    KNOWN_OBJECT = "KNOWN_OBJECT"
    CALIBRATED_FIDUCIAL = "CALIBRATED_FIDUCIAL"
    CALIBRATED_GEOMETRY = "CALIBRATED_GEOMETRY"
    CALIBRATED_UNKNOWN = "CALIBRATED_UNKNOWN"
    ESTIMATED_ERMF = "ESTIMATED_ERMF"
    ESTIMATED_DISTANCE = "ESTIMATED_DISTANCE"
    CROSS_SECTIONAL = "CROSS_SECTIONAL"
    DETECTOR_PLANE = "DETECTOR_PLANE"
    FILM_PLANE = "FILM_PLANE"
    UNKNOWN = "UNKNOWN"
    UNCALIBRATED = "UNCALIBRATED"


def to_graphic_precision(value: float) -> float:
    """The nearest number that DICOM graphic data (VR FL) can hold."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One image, or one frame of one; `frame` counts from 1 and is None for single-frame images."""

    sop_instance_uid: str
    frame: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Two marked points; `end_place` differs from `place` only across the slices of a volume.

    One that `is_projected` shows where a line in space passes, seen from above the slice: it is no
    longer than that line, and as short as a point where that runs straight through the slice.
    """

    start: Point
    end: Point
    place: Place
    end_place: Place | None = None
    is_projected: bool = field(default=False, metadata=ADDED)

    def __post_init__(self) -> None:
        _hold_graphic_precision(self.start, self.end)

    @property
    def shows_length(self) -> bool:
        """Whether it is as long on its image as what was measured."""
        return not (self.is_projected or self.spans_images)

    @property
    def spans_images(self) -> bool:
        """Whether the two points lie on different images."""
        return self.end_place is not None and self.end_place != self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon:
    """An outline of at least three corners; it closes by itself, the first corner is not repeated."""

    corners: tuple[Point, ...]
    place: Place

    def __post_init__(self) -> None:
        if len(self.corners) < 3:
            raise ValueError("a polygon has at least three corners")
        _hold_graphic_precision(*self.corners)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A straight line between two points of the patient, which may lie on no slice (PS3.3 C.7.6.2.1.1).

    `place` is the slice that it is to be shown on, where its source names one; in a report the line on
    that slice says so.
    """

    start_mm: SpacePoint
    end_mm: SpacePoint
    frame_of_reference_uid: str
    place: Place | None = None

    def __post_init__(self) -> None:
        _hold_graphic_precision(self.start_mm, self.end_mm)

    @property
    def mm(self) -> float:
        """How long it is."""
        return math.dist(self.start_mm, self.end_mm)


# As far as a length may differ from that of its segment: millimetres are written to one place.
SAME_MM = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A length as measured, stated, or only classed against 1 cm.

    `uncertainty_mm` is a 95 % half-width, None where nobody stated or computed one. `line` is
    where it was measured; with a line and no `mm` the image gave no way to millimetres. A class
    alone is one of the patient. `segment` is where it was measured in space, on CT or MR: its
    millimetres follow from that, and `line` is then what an image shows of it.
    """

    mm: float | None = None
    gap_class: GapClass | None = None
    plane: Plane = Plane.UNSTATED
    basis: Basis = Basis.STATED
    uncertainty_mm: float | None = None
    line: Line | None = None
    segment: Segment | None = field(default=None, metadata=ADDED)

    @property
    def is_stated(self) -> bool:
        """Whether somebody stated its millimetres, and nothing was measured."""
        return self.basis in (Basis.STATED, Basis.STATED_UNCALIBRATED)

    @property
    def is_across_slices(self) -> bool:
        """Whether it was measured in space, and no slice is known that it lies on."""
        return self.segment is not None and (self.line is None or self.line.is_projected)

    def __post_init__(self) -> None:
        if self.segment is not None:
            self._follow(self.segment)
        if self.mm is None and self.line is None:
            object.__setattr__(self, "plane", Plane.PATIENT)
        for value in (self.mm, self.uncertainty_mm):
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise ValueError("a length is finite and not negative")

    def _follow(self, segment: Segment) -> None:
        mm = segment.mm if self.mm is None else self.mm
        if abs(mm - segment.mm) > SAME_MM:
            raise ValueError("a length is that of its segment")
        object.__setattr__(self, "mm", mm)
        object.__setattr__(self, "plane", Plane.PATIENT)
        object.__setattr__(self, "basis", Basis.CROSS_SECTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Island:
    """One island of bone in the soft tissue."""

    length: Length | None = None
    region: Polygon | None = None
    sites: tuple[Site, ...] = field(default=(), metadata=ADDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mass:
    """A soft-tissue mass: up to three diameters in mm, as given, and what contrast medium showed."""

    sizes_mm: tuple[float, ...] = ()
    contrast: Contrast | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spurs:
    """Spurs from each bone: seen, not seen, or not stated (None)."""

    pelvis: bool | None = None
    femur: bool | None = None

    @property
    def any(self) -> bool | None:
        """Whether there is a spur at all; one side is enough."""
        if self.pelvis or self.femur:
            return True
        return None if None in (self.pelvis, self.femur) else False


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """An object of known size in the image, such as the implant head."""

    line: Line
    true_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """What the surfaces rest on that lengths were measured between.

    `sd_mm` is the standard deviation of where a model draws them: as its maker states, or one that is
    usual (not `sd_is_stated`). `cell_mm` are the edges of a voxel, or of a pixel by its header; a surface
    lies at the `level` of what it was taken from.
    """

    basis: SurfaceBasis
    sd_mm: float | None = None
    sd_is_stated: bool = False
    cell_mm: tuple[float, ...] = ()
    level: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A distance that was found and is not the gap, and why; nothing is graded by it."""

    between: tuple[Structure, Structure]
    length: Length
    why: SetAside
    level: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A surface that was found, as a slice or a film shows it."""

    structure: Structure
    polygon: Polygon


@dataclass(frozen=True, slots=True, kw_only=True)
class Probabilities:
    """What a model gave for the grades of one scale, kept as it was given.

    An ordinal model gives `cumulative`, for each grade the probability of it or a more severe one;
    `scores` are then the differences (`hosr.scales.scores`).
    """

    scale: str
    scores: tuple[tuple[str, float], ...]
    cumulative: tuple[tuple[str, float], ...] = field(default=(), metadata=ADDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hip:
    """Everything seen at one hip; None means not stated."""

    side: Side
    evaluable: bool = True
    not_evaluable_reason: str = ""
    presence: Presence | None = None
    islands: tuple[Island, ...] | None = None
    spurs: Spurs = Spurs()
    gap: Length | None = None
    gap_lateral: Length | None = None
    bridging: Bridging | None = None
    stage: Stage | None = None
    features: tuple[str, ...] = ()
    source_grades: tuple[tuple[str, tuple[str, ...]], ...] = ()
    probabilities: tuple[Probabilities, ...] = ()
    calibration: Calibration | None = None
    place: Place | None = None
    comment: str = ""
    bridging_basis: BridgingBasis | None = field(default=None, metadata=ADDED)
    sites: tuple[Site, ...] = field(default=(), metadata=ADDED)
    hardware_nearby: bool | None = field(default=None, metadata=ADDED)
    mass: Mass | None = field(default=None, metadata=ADDED)
    boundary: Boundary | None = field(default=None, metadata=ADDED)
    candidates: tuple[Candidate, ...] = field(default=(), metadata=ADDED)
    outlines: tuple[Outline, ...] = field(default=(), metadata=ADDED)

    @property
    def lengths(self) -> tuple[Length, ...]:
        """Every length of the hip that was given: the gap, the lateral gap, then the islands."""
        islands = (island.length for island in self.islands or ())
        found = (self.gap, self.gap_lateral, *islands)
        return tuple(length for length in found if length is not None)

    def source_grade(self, scale: str) -> tuple[str, ...]:
        """What the source graded on a scale: one grade, a range, or nothing."""
        return dict(self.source_grades).get(scale, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEvent:
    """The operation or injury from which time is counted."""

    procedure: Event
    side: Side | None = None
    date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Why the patient was imaged, as the source states it.

    `other_event` is the index event of the other hip where each hip has its own, as after replacement
    on both sides; both then name their side.
    """

    indication: str = ""
    causes: tuple[Cause, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    index_event: IndexEvent | None = None
    other_event: IndexEvent | None = field(default=None, metadata=ADDED)

    @property
    def events(self) -> tuple[IndexEvent, ...]:
        """The index events, as given."""
        return tuple(event for event in (self.index_event, self.other_event) if event is not None)

    def event_of(self, side: Side) -> IndexEvent | None:
        """The index event that happened to this hip, or to the patient as a whole."""
        return next((event for event in self.events if event.side in (None, side)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A reader; the name is a DICOM person name."""

    name: str = field(repr=False)
    organization: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """A model or program that graded; a parameter's name holds no equals sign."""

    name: str
    version: str
    manufacturer: str = ""
    device_uid: str = ""
    parameters: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if any("=" in name for name, _ in self.parameters):
            raise ValueError("the name of a parameter holds no equals sign")


Observer = Person | Algorithm


def _hold_graphic_precision(*points: tuple[float, ...]) -> None:
    for point in points:
        for value in point:
            if not math.isfinite(value) or to_graphic_precision(value) != value:
                raise ValueError("points are finite and of 32-bit precision")
