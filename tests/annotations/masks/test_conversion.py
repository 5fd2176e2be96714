"""A found hip as a hip of the record: lengths in space, points on a film, and what stays open."""

from __future__ import annotations

from dataclasses import replace

from hosr.annotations.masks import Distance, FoundHip, FoundIsland, as_hip
from hosr.annotations.roles import Role
from hosr.findings import (
    Basis,
    Boundary,
    Candidate,
    Hip,
    Island,
    Length,
    Line,
    Outline,
    Plane,
    Polygon,
    Segment,
    Spurs,
)
from hosr.vocabulary.surfaces import SetAside, Structure, SurfaceBasis
from hosr.vocabulary.terms import Bridging, BridgingBasis, Presence, Side
from tests.annotations.masks.shapes import FILM, FRAME_OF_REFERENCE

SPURS = (Role.PELVIC_SPUR, Role.FEMORAL_SPUR)
IN_SPACE = Distance(
    between=SPURS,
    ends=((1.0, 2.0, 3.0), (1.0, 2.0, 13.5)),
    mm=10.5,
    uncertainty_mm=1.389,
)
SEGMENT = Segment(
    start_mm=(1.0, 2.0, 3.0), end_mm=(1.0, 2.0, 13.5), frame_of_reference_uid=FRAME_OF_REFERENCE
)


def test_a_gap_in_the_patient_is_a_length_in_space() -> None:
    """Its millimetres follow from its two points; the frame of reference may be that of the images."""
    found = FoundHip(
        side=Side.RIGHT,
        presence=Presence.PRESENT,
        pelvic_spur=True,
        femoral_spur=True,
        distances=(IN_SPACE,),
    )

    assert as_hip(found, FRAME_OF_REFERENCE) == Hip(
        side=Side.RIGHT,
        presence=Presence.PRESENT,
        spurs=Spurs(pelvis=True, femur=True),
        gap=Length(segment=SEGMENT, uncertainty_mm=1.39),
    )
    assert as_hip(found).gap == Length(mm=10.5, plane=Plane.PATIENT, uncertainty_mm=1.39)


def test_lengths_on_a_film_are_points_that_hosr_measures() -> None:
    """An island with its outline; uncertainty is given where it is more than that of any algorithm."""
    ends = ((10.5, 20.5), (40.5, 20.5))
    outline = ((10.0, 20.0), (25.0, 10.0), (40.0, 20.0))
    sure = FoundIsland(ends=ends, mm=12.0, uncertainty_mm=1.3, outline=outline)
    unsure = FoundIsland(ends=ends, mm=12.0, uncertainty_mm=2.6, outline=())

    hip = as_hip(FoundHip(side=Side.LEFT, islands=(sure, unsure), place=FILM))

    line = Line(start=ends[0], end=ends[1], place=FILM)
    drawn = Length(line=line, plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED)
    assert hip.islands == (
        Island(length=drawn, region=Polygon(corners=outline, place=FILM)),
        Island(
            length=Length(
                line=line, plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED, uncertainty_mm=2.67
            )
        ),
    )
    assert hip.place == FILM


def test_contact_is_a_gap_of_nothing() -> None:
    """Whether it bridges is not stated."""
    hip = as_hip(FoundHip(side=Side.LEFT, presence=Presence.PRESENT, in_contact=True))

    assert (hip.gap, hip.bridging) == (Length(mm=0.0, plane=Plane.PATIENT), None)


def test_ct_confirms_a_bridge_and_says_so() -> None:
    """Only where the images are known to be of CT is that the basis."""
    ct = FoundHip(side=Side.LEFT, bridging=Bridging.CONFIRMED, is_ct=True)
    unknown = FoundHip(side=Side.LEFT, bridging=Bridging.CONFIRMED)

    assert [as_hip(each).bridging_basis for each in (ct, unknown)] == [BridgingBasis.CT, None]


def test_what_lost_and_what_was_seen_go_along() -> None:
    """What surfaces rest on, the other distances with why each is not the gap, and outlines."""
    other = replace(
        IN_SPACE, between=(Role.PELVIC_SPUR, Role.FEMUR), why=SetAside.LONGER, level=0.5
    )
    nowhere = replace(other, ends=(IN_SPACE.ends[0], IN_SPACE.ends[0]), why=SetAside.OVERLAP)
    boundary = Boundary(basis=SurfaceBasis.MASK, sd_mm=0.5, cell_mm=(1.0, 0.7), level=0.5)
    polygon = Polygon(corners=((10.0, 20.0), (25.0, 10.0), (40.0, 20.0)), place=FILM)
    outline = Outline(structure=Structure.IMPLANT, polygon=polygon)
    found = FoundHip(
        side=Side.RIGHT,
        distances=(IN_SPACE, other, nowhere),
        boundary=boundary,
        outlines=(outline,),
    )

    hip = as_hip(found, FRAME_OF_REFERENCE)

    assert (hip.boundary, hip.outlines) == (boundary, (outline,))
    assert hip.candidates == (
        Candidate(
            between=(Structure.PELVIC_SPUR, Structure.FEMUR),
            length=Length(segment=SEGMENT, uncertainty_mm=1.39),
            why=SetAside.LONGER,
            level=0.5,
        ),
    )


def test_every_structure_has_its_word_in_the_record() -> None:
    """What masks can be of, records can have outlines of."""
    drawn = {Role.PELVIS, Role.FEMUR, Role.IMPLANT, Role.OSSIFICATION, Role.ISLAND, *SPURS}
    assert {role.value for role in drawn} == {structure.value for structure in Structure}
