"""A found hip as a hip of the record: lengths in space, points on a film, and what stays open."""

from __future__ import annotations

from hosr.annotations.masks import (
    Distance,
    Fate,
    FoundHip,
    FoundIsland,
    as_hip,
)
from hosr.annotations.roles import Role
from hosr.findings import (
    Basis,
    Hip,
    Island,
    Length,
    Line,
    Plane,
    Polygon,
    Segment,
    Spurs,
)
from hosr.vocabulary.terms import Bridging, BridgingBasis, Presence, Side
from tests.annotations.masks.shapes import FILM, FRAME_OF_REFERENCE

SPURS = (Role.PELVIC_SPUR, Role.FEMORAL_SPUR)
IN_SPACE = Distance(
    between=SPURS,
    ends=((1.0, 2.0, 3.0), (1.0, 2.0, 13.5)),
    fate=Fate.CHOSEN,
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
