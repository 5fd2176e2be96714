"""What lines, points and outlines say of a hip: as much as they show, and every fault at once."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from hosr.annotations.account import Account
from hosr.annotations.figures import find_hips
from hosr.annotations.roles import Meaning, Role, RoledFigure
from hosr.annotations.sources import Figure, Form, Label
from hosr.findings import (
    Basis,
    Calibration,
    Hip,
    Island,
    Length,
    Line,
    Place,
    Plane,
    Polygon,
    Spurs,
)
from hosr.intake.images import read_images
from hosr.vocabulary.terms import Presence, Side
from tests.images import DELETE, FILM_UID, SLICE_UID, axial, dicom_bytes, film

if TYPE_CHECKING:
    from hosr.intake.images import SourceImages

ON_FILM = Place(sop_instance_uid=FILM_UID)
SQUARE = ((20.0, 20.0), (40.0, 20.0), (40.0, 30.0), (20.0, 30.0))
HEXAGON = ((30.0, 20.0), (25.0, 28.66), (15.0, 28.66), (10.0, 20.0), (15.0, 11.34), (25.0, 11.34))


@cache
def _film(**changes: Any) -> SourceImages:
    return read_images(dicom_bytes(film(**changes)))


@cache
def _slices() -> SourceImages:
    return read_images([dicom_bytes(axial(number)) for number in (1, 2, 3)])


def _figure(
    role: Role,
    form: Form,
    *points: tuple[float, ...],
    side: Side | None = Side.RIGHT,
    true_mm: float | None = None,
    **more: Any,
) -> RoledFigure:
    given = {"label": Label(name=role.value), "place": "a.json", "image": ON_FILM, **more}
    meaning = Meaning(role=role, side=side, true_mm=true_mm)
    return RoledFigure(meaning=meaning, figure=Figure(form=form, points=points, **given))


def _line(*points: tuple[float, float]) -> Length:
    start, end = points
    line = Line(start=start, end=end, place=ON_FILM)
    return Length(plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED, line=line)


def _found(*figures: RoledFigure, images: SourceImages | None = None) -> tuple[Hip, ...]:
    account = Account()
    hips = find_hips(figures, images or _film(), account)
    account.raise_faults()
    return hips


def _faults(*figures: RoledFigure, images: SourceImages | None = None) -> list[str]:
    account = Account()
    find_hips(figures, images or _film(), account)
    return list(map(str, account.faults))


GAP = _figure(Role.GAP, Form.LINE, (20, 20), (26, 28))
START = _figure(Role.GAP_START, Form.POINT, (20, 20), place="start")
END = _figure(Role.GAP_END, Form.POINT, (26, 28), place="end")
ISLAND = _figure(Role.ISLAND, Form.POLYGON, *SQUARE, place="outline")
REGION = Polygon(corners=SQUARE, place=ON_FILM)
DIAMETER = _line((20.0, 20.0), (40.0, 30.0))


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ([GAP], {"gap": _line((20, 20), (26, 28))}),
        ([END, START], {"gap": _line((20, 20), (26, 28))}),
        ([GAP, GAP], {"gap": _line((20, 20), (26, 28))}),
        (
            [_figure(Role.ISLAND, Form.LINE, (20, 20), (26, 28))],
            {"islands": (Island(length=_line((20, 20), (26, 28))),)},
        ),
        ([ISLAND], {"islands": (Island(length=DIAMETER, region=REGION),)}),
        (
            [ISLAND, _figure(Role.ISLAND, Form.LINE, (22, 25), (38, 25))],
            {"islands": (Island(length=_line((22, 25), (38, 25)), region=REGION),)},
        ),
        ([_figure(Role.ISLAND, Form.BOX, *SQUARE)], {"islands": (Island(region=REGION),)}),
        (
            [_figure(Role.ISLAND, Form.POINT, (20, 20))],
            {"islands": (Island(),), "place": ON_FILM},
        ),
        (
            [_figure(Role.PELVIC_SPUR, Form.BOX, *SQUARE)],
            {"spurs": Spurs(pelvis=True), "place": ON_FILM},
        ),
        ([_figure(Role.FEMORAL_SPUR, Form.POINT, (2, 3)), GAP],
         {"spurs": Spurs(femur=True), "gap": _line((20, 20), (26, 28))}),
        ([_figure(Role.SPUR, Form.POINT, (2, 3))], {"place": ON_FILM}),
        ([_figure(Role.OSSIFICATION, Form.POLYGON, *SQUARE)], {"place": ON_FILM}),
        (
            [_figure(Role.CALIBRATION, Form.LINE, (2, 3), (12, 3), true_mm=8), GAP],
            {"gap": _line((20, 20), (26, 28)),
             "calibration": Calibration(line=Line(start=(2, 3), end=(12, 3), place=ON_FILM), true_mm=8)},
        ),
    ],
)  # fmt: skip
def test_a_figure_says_what_its_role_and_form_can_say(
    figures: list[RoledFigure], expected: dict[str, Any]
) -> None:
    """A box has no length, a spur of no named bone belongs to none, and a copy counts once."""
    is_bone = {each.role for each in figures} - {
        Role.GAP, Role.GAP_START, Role.GAP_END, Role.CALIBRATION,
    }  # fmt: skip
    presence = Presence.PRESENT if is_bone else None

    assert _found(*figures) == (Hip(side=Side.RIGHT, presence=presence, **expected),)


def test_the_outline_of_a_ball_calibrates_by_its_diameter() -> None:
    """A circle that was drawn round the head of an implant; an oblong outline is refused."""
    ring = _figure(Role.CALIBRATION, Form.POLYGON, *HEXAGON, true_mm=12)
    oblong = _figure(Role.CALIBRATION, Form.POLYGON, *SQUARE, true_mm=12)

    # A hexagon is too coarse for a circle; twice as many corners are round enough.
    assert "is not round" in _faults(ring, GAP)[0]
    assert "is not round" in _faults(oblong, GAP)[0]
    corners = [*HEXAGON, *((20 + (y - 20), 20 + (x - 20)) for x, y in HEXAGON)]
    around = sorted(corners, key=lambda corner: math.atan2(corner[1] - 20, corner[0] - 20))
    (hip,) = _found(_figure(Role.CALIBRATION, Form.POLYGON, *around, true_mm=12), GAP)
    assert hip.calibration is not None
    line = hip.calibration.line
    assert math.dist(line.start, line.end) == pytest.approx(20, rel=1e-3)


@pytest.mark.parametrize(
    "oblong",
    [
        {"ImagerPixelSpacing": ["0.3", "0.15"]},
        {"ImagerPixelSpacing": DELETE, "NominalScannedPixelSpacing": ["0.3", "0.15"]},
        {"ImagerPixelSpacing": DELETE, "PixelAspectRatio": ["2", "1"]},
    ],
)
def test_outlines_on_oblong_pixels_have_their_true_form(oblong: dict[str, Any]) -> None:
    """However the header says that pixels are twice as high as wide: diameters and balls follow."""
    images = read_images(dicom_bytes(film(**oblong)))
    island = _figure(Role.ISLAND, Form.POLYGON, (20, 20), (32, 22), (21, 30), (22, 26))
    turns = [2 * math.pi * n / 24 for n in range(24)]
    ring = [(50 + 16 * math.cos(turn), 30 + 8 * math.sin(turn)) for turn in turns]
    ball = _figure(Role.CALIBRATION, Form.POLYGON, *ring, true_mm=12, place="ball")

    (hip,) = _found(island, ball, images=images)

    assert hip.islands is not None
    assert hip.islands[0].length == _line((20.0, 20.0), (21.0, 30.0))
    assert hip.calibration is not None


def test_a_ball_without_a_side_calibrates_every_hip_of_its_image() -> None:
    """The ball between the thighs; hips that other sources speak of count too."""
    ball = _figure(Role.CALIBRATION, Form.LINE, (58, 60), (63, 60), side=None, true_mm=25)
    left = _figure(Role.GAP, Form.LINE, (100, 20), (104, 20), side=Side.LEFT)

    assert [hip.calibration is not None for hip in _found(ball, GAP, left)] == [True, True]
    account = Account()
    assert find_hips([ball], _film(), account) == ()
    assert [entry.words for entry in account.refused] == [
        '"calibration" calibrates no image that is measured on'
    ]
    (hip,) = find_hips([ball], _film(), Account(), others=[Side.LEFT])
    assert (hip.side, hip.presence, hip.calibration is None) == (Side.LEFT, None, False)


def test_an_object_of_the_hip_that_nobody_drew_on_calibrates_nothing() -> None:
    """Beside lines of the other hip, which has no object, it is asked back: it may be meant for these."""
    left = _figure(Role.CALIBRATION, Form.LINE, (90, 3), (99, 3), side=Side.LEFT, true_mm=8)
    right = _figure(Role.CALIBRATION, Form.LINE, (2, 3), (12, 3), true_mm=8)
    said = '"calibration" calibrates the left hip, of which nothing else is given'

    assert _faults(left, GAP) == [
        f"a.json: {said}; leave the side out where it calibrates the whole image"
    ]
    account = Account()
    (hip,) = find_hips([left, right, GAP], _film(), account)
    assert (hip.side, account.faults) == (Side.RIGHT, [])
    assert said in [entry.words for entry in account.refused]


def test_an_image_that_shows_one_hip_gives_the_side_and_contradicts_a_label() -> None:
    """The header decides where the label is silent, is told as assumed, and refuses another side."""
    hip_film = _film(ImageLaterality="L", ViewPosition="AP")
    account = Account()
    silent = _figure(Role.GAP, Form.LINE, (20, 20), (26, 28), side=None)

    (hip,) = find_hips([silent], hip_film, account)

    assert hip.side is Side.LEFT
    assert [entry.words for entry in account.assumed] == [
        '"gap" is of the left hip, the one that the image header names'
    ]
    (fault,) = _faults(GAP, images=hip_film)
    assert fault == (
        'a.json: "gap" is of the right hip, but the image header says left; correct the label, or '
        "give the image of that side"
    )


def test_the_half_of_a_pelvis_contradicts_and_never_decides() -> None:
    """All marks of the right hip in the left half: a fault. No side at all: asked back."""
    across = _figure(Role.GAP, Form.LINE, (100, 20), (104, 20))
    silent = _figure(Role.GAP, Form.LINE, (100, 20), (104, 20), side=None)

    (fault,) = _faults(across)
    assert fault == (
        "right hip: all its marks lie in the other half of the pelvis; correct the side; a film of "
        "one hip is the view ap_hip"
    )
    (fault,) = _faults(silent)
    assert fault == (
        'a.json: "gap" (gap) does not say of which hip it is; write side = "right" or '
        'side = "left" for its label'
    )


LONG = _figure(Role.GAP, Form.LINE, (20, 20), (26, 40), place="b")
BALL = {"form": Form.LINE, "true_mm": 8.0}


@pytest.mark.parametrize(
    ("figures", "problem"),
    [
        ([GAP, LONG], "a.json and b: are 2 gaps of the right hip, which has one"),
        ([GAP, START, END], "a.json and start and end: are 2 gaps of the right hip"),
        ([START, END, _figure(Role.GAP_START, Form.POINT, (3, 3), place="other")],
         "start and other: are 2 marks of the start of the gap at the right hip"),
        ([START], "start: marks the start of the gap at the right hip, and nothing its end"),
        ([END], "end: marks the end of the gap at the right hip, and nothing its start"),
        ([GAP, _figure(Role.CALIBRATION, Form.LINE, (2, 3), (12, 3), true_mm=8),
          _figure(Role.CALIBRATION, Form.LINE, (2, 4), (12, 4), true_mm=8, place="b")],
         "a.json and b: are 2 marks of a calibration object for the right hip"),
        ([GAP, _figure(Role.CALIBRATION, Form.LINE, (2, 3), (12, 3))], "of no known size"),
        ([_figure(Role.CALIBRATION, Form.BOX, *SQUARE, true_mm=8)], "(calibration) is a box"),
        ([_figure(Role.GAP, Form.POLYGON, *SQUARE)], "(gap) is a polygon"),
        ([_figure(Role.GAP, Form.LINE, *SQUARE)], "(gap) is a line of 4 points"),
        ([_figure(Role.GAP, Form.LINE, (2, 3), (2, 3))], "marks the same point twice"),
        ([_figure(Role.GAP, Form.LINE, (2, 3), (float("nan"), 3))], "has a point that is no number"),
        ([_figure(Role.GAP, Form.LINE, (2, 3), (121, 3))], "has the point [121, 3] outside its image"),
        ([_figure(Role.ISLAND, Form.POLYGON, (2, 3), (12, 3), (2, 3))], "fewer than three"),
        ([_figure(Role.GAP, Form.LINE, (2, 3), (5, 3), image=Place(sop_instance_uid="1.2"))],
         "is on image 1.2, which is not among those given"),
        ([ISLAND, _figure(Role.ISLAND, Form.LINE, (22, 25), (38, 25), place="long"),
          _figure(Role.ISLAND, Form.LINE, (30, 22), (30, 28), place="short")],
         'long and short: are 2 lengths of the one island that "island" outlines'),
    ],
)  # fmt: skip
def test_what_leaves_open_what_is_meant_is_a_fault(
    figures: list[RoledFigure], problem: str
) -> None:
    """Two figures of one role, or one whose form does not fit it: nothing is guessed."""
    (fault,) = _faults(*figures)

    assert problem in fault


def test_every_fault_is_told_at_once() -> None:
    """A missing side, a second gap and a lone start in one answer."""
    silent = _figure(Role.ISLAND, Form.POINT, (20, 20), side=None)

    assert len(_faults(silent, GAP, LONG, START)) == 3


def test_bones_and_ignored_labels_are_told_and_left_out() -> None:
    """The outline of a femur is no finding."""
    account = Account()
    bone = _figure(Role.FEMUR, Form.POLYGON, *SQUARE)
    ignored = _figure(Role.IGNORE, Form.POINT, (3, 3))

    assert find_hips([bone, ignored], _film(), account) == ()
    assert [entry.words for entry in account.refused] == [
        '"femur" (femur) says nothing of ossification by itself',
        '"ignore" is to be ignored, by its role',
    ]


def test_a_gap_on_the_lateral_view_stands_beside_that_on_the_frontal_one() -> None:
    """By the header's view; where there is no other gap it is the gap."""
    other = {"SOPInstanceUID": f"{FILM_UID}9", "ViewPosition": "LL"}
    both = read_images([dicom_bytes(film()), dicom_bytes(film(**other))])
    side_view = _figure(
        Role.GAP, Form.LINE, (30, 20), (35, 20), image=Place(sop_instance_uid=f"{FILM_UID}9")
    )

    (hip,) = _found(GAP, side_view, images=both)
    (alone,) = _found(side_view, images=both)

    assert hip.gap == _line((20, 20), (26, 28))
    assert hip.gap_lateral is not None
    assert alone.gap == hip.gap_lateral
    assert alone.gap_lateral is None


def test_a_line_in_the_patient_is_a_length_in_space() -> None:
    """In the frame of reference of the images, which is told; of another one it is refused."""
    on: dict[str, Any] = {"image": None, "frame_of_reference_uid": ""}
    ends = ((10.0, 20.0, 30.0), (13.0, 24.0, 30.9))
    account = Account()
    uid = _slices().images[0].geometry.frame_of_reference_uid

    (hip,) = find_hips([_figure(Role.GAP, Form.LINE, *ends, **on)], _slices(), account)
    points = [_figure(role, Form.POINT, end, **on) for role, end in zip(POINTS, ends, strict=True)]
    (same,) = _found(*points, images=_slices())

    assert hip.gap is not None
    assert same.gap == hip.gap
    assert hip.gap.mm == pytest.approx(math.dist(*ends), abs=1e-5)
    assert hip.gap.segment is not None
    assert hip.gap.segment.frame_of_reference_uid == uid
    assert [entry.words for entry in account.assumed] == [
        '"gap" lies in the frame of reference of the images'
    ]
    stranger = _figure(Role.GAP, Form.LINE, *ends, image=None, frame_of_reference_uid="1.2.3")
    assert (
        "lies in the frame of reference 1.2.3, and the images in"
        in (_faults(stranger, images=_slices())[0])
    )
    (told,) = _faults(_figure(Role.GAP, Form.LINE, *ends, **on))
    assert told.partition(": ")[2] == (
        '"gap" lies in the patient, and no image says where that is; give the CT or MR images with --images'
    )


POINTS = (Role.GAP_START, Role.GAP_END)


def test_an_outline_in_the_patient_lies_on_the_slice_that_it_was_drawn_on() -> None:
    """A closed curve, to what graphic data hold; between the slices it is refused, a point is not."""
    x, y, z = _slices().images[1].geometry.frames[0].position_mm
    on: dict[str, Any] = {"image": None}
    ring = [(x + c - 0.5, y + r - 0.5, z) for c, r in SQUARE]
    tilted = [*ring[:3], (*ring[3][:2], z + 0.9)]
    above = (x, y, z + 0.9)
    place = Place(sop_instance_uid=f"{SLICE_UID}2")

    (hip,) = _found(_figure(Role.ISLAND, Form.POLYGON, *ring, **on), images=_slices())
    (marked,) = _found(_figure(Role.ISLAND, Form.POINT, above, **on), images=_slices())

    assert hip.islands is not None
    assert hip.islands[0].region == Polygon(corners=SQUARE, place=place)
    assert (marked.islands, marked.place) == ((Island(),), place)
    (fault,) = _faults(_figure(Role.ISLAND, Form.POLYGON, *tilted, **on), images=_slices())
    assert "lies on no slice of the images: 0.9 mm off the nearest" in fault
