"""Masks of a hip become its findings, and leave open in the record what they leave open."""

from __future__ import annotations

import numpy as np
import pytest

from hosr.annotations.account import Account
from hosr.annotations.masks import MaskSetting, RoledMask, find_hips
from hosr.annotations.roles import Role
from hosr.vocabulary.surfaces import SetAside
from hosr.vocabulary.terms import Bridging, Presence, Side
from tests.annotations.masks.cases import outcome
from tests.annotations.masks.shapes import (
    FEMUR,
    PELVIS,
    Solid,
    ball,
    box,
    cut,
    ground,
    hip,
    join,
    rod,
)

GROUND = ground()
BONES = tuple(hip(GROUND))
IN_BONE = GROUND.distance(join(PELVIS, FEMUR)) < 0


def _with(solid: Solid, role: Role = Role.OSSIFICATION) -> list[RoledMask]:
    """The bones, and new bone that is drawn up to them."""
    return [*BONES, GROUND.given(role, (GROUND.distance(solid) < 0) & ~IN_BONE)]


# Roots in the pelvis above 6 mm and in the femur below -32 mm, round tips of 4 mm.
PELVIC = rod((45, 0, 9), (45, 0, -3), 4)
FEMORAL = rod((45, 0, -35), (45, 0, -23), 4)
ISLAND = ball((45, 0, -13), 6)


@pytest.mark.parametrize(
    ("solid", "spurs", "gap_mm", "islands_mm", "brooker", "della_valle"),
    [
        pytest.param(join(PELVIC, FEMORAL), (True, True), 12, [], "II", "B", id="two spurs"),
        pytest.param(
            join(PELVIC, rod((45, 0, -35), (45, 0, -16), 4)),
            (True, True),
            5,
            [],
            "III",
            "C",
            id="two spurs, near",
        ),
        pytest.param(PELVIC, (True, False), 25, [], "II", "B", id="pelvic spur, and the femur"),
        pytest.param(
            rod((45, 0, -35), (45, 0, -6), 4),
            (False, True),
            8,
            [],
            "III",
            "C",
            id="femoral spur, and the pelvis",
        ),
        pytest.param(ISLAND, (False, False), None, [12], "I", "B", id="island"),
        pytest.param(
            ball((45, 0, -13), 3.5), (False, False), None, [7], "I", "A", id="short island"
        ),
        pytest.param(
            join(PELVIC, FEMORAL, ball((30, 0, -19), 4)),
            (True, True),
            12,
            [8],
            "II",
            "B",
            id="spurs and an island",
        ),
    ],
)
def test_new_bone_is_sorted_by_what_it_touches(
    solid: Solid,
    spurs: tuple[bool, bool],
    gap_mm: float | None,
    islands_mm: list[float],
    brooker: str,
    della_valle: str,
) -> None:
    """A spur belongs to the bone that it touches, an island to none; the shortest way between is the gap."""
    seen = outcome(_with(solid))
    found = seen.found

    assert found.presence is Presence.PRESENT
    assert (found.pelvic_spur, found.femoral_spur) == spurs
    assert (None if found.gap is None else found.gap.mm) == pytest.approx(gap_mm, abs=0.6)
    assert [each.mm for each in found.islands or ()] == pytest.approx(islands_mm, abs=0.6)
    assert found.bridging is Bridging.NONE
    assert seen.possible["brooker"] == (brooker,)
    assert seen.possible["della_valle"] == (della_valle,)


def test_bone_from_bone_to_bone_bridges_and_has_a_width() -> None:
    """A rod of 8 mm across is surely no touch: confirmed by CT, Brooker IV."""
    seen = outcome(_with(rod((45, 0, 9), (45, 0, -35), 4)))

    assert seen.found.bridging is Bridging.CONFIRMED
    assert seen.found.bridge_mm == pytest.approx(8.0, abs=1.0)
    assert seen.found.gap is None
    assert seen.possible["brooker"] == ("IV",)


def test_a_thin_bridge_may_be_two_surfaces_that_touch() -> None:
    """Less than three voxels across: contact, and whether it bridges is not stated."""
    waist = join(PELVIC, FEMORAL, rod((45, 0, -3), (45, 0, -23), 0.9))

    seen = outcome(_with(waist))

    assert (seen.found.bridging, seen.found.in_contact) == (None, True)
    assert seen.possible == {"brooker": ("III", "IV"), "della_valle": ("C",)}
    assert "too narrowly to tell whether they are joined" in seen.told


def test_bone_in_the_joint_is_no_bridge_and_no_end_of_a_gap() -> None:
    """Ossification drawn into the joint touches both bones; outside it the gap is 12 mm all the same."""
    inner = cut(ball((0, 0, 0), 30.5), ball((0, 0, 0), 24), box((-60, -60, -60), (60, 60, -4)))

    seen = outcome(_with(join(PELVIC, FEMORAL, inner)))

    assert seen.found.bridging is Bridging.NONE
    assert seen.found.gap is not None
    assert seen.found.gap.mm == pytest.approx(12.0, abs=0.6)
    assert seen.possible["brooker"] == ("II",)
    assert "within the joint: neither a bridge nor an end of a gap" in seen.told


def test_ossification_in_the_joint_alone_is_neither_present_nor_absent() -> None:
    """Presence is indeterminate, nothing is denied, and no grade is derived."""
    seen = outcome(_with(cut(ball((0, 0, 0), 27.5), ball((0, 0, 0), 23.5))))

    assert seen.found.presence is Presence.INDETERMINATE
    assert (seen.found.islands, seen.found.pelvic_spur, seen.found.femoral_spur) == (None,) * 3
    assert seen.possible["brooker"] == ()


@pytest.mark.parametrize(
    ("off_mm", "islands", "possible"),
    [
        pytest.param(2.1, [False], ("I",), id="two voxels off"),
        pytest.param(-0.6, [True], ("I", "II", "III"), id="touching at a corner"),
    ],
)
def test_what_hardly_touches_bone_may_be_an_island_or_a_spur(
    off_mm: float, islands: list[bool], possible: tuple[str, ...]
) -> None:
    """An island two voxels off the pelvis is one; a corner against it leaves both grades open."""
    # A point upwards: it meets the pelvis at no more than a few voxels.
    point = rod((45, 0, 6 - off_mm - 1.2), (45, 0, -14), 1.2)
    seen = outcome(_with(join(point, ball((45, 0, -14), 5))))

    assert [each.may_be_spur for each in seen.found.islands or ()] == islands
    assert seen.found.pelvic_spur is (None if islands[0] else False)
    assert seen.possible["brooker"] == possible


def test_specks_are_counted_and_left_out() -> None:
    """Two specks beside an island are no islands."""
    specks = join(ball((30, 6, -12), 1.4), ball((55, -6, -20), 1.2))

    seen = outcome(_with(join(ISLAND, specks)))

    assert len(seen.found.islands or ()) == 1
    assert "2 specks of ossification too small to count" in seen.told


def test_specks_alone_are_neither_presence_nor_absence() -> None:
    """They may be noise, and may be the beginning."""
    seen = outcome(_with(ball((30, 6, -12), 1.4)))

    assert seen.found.presence is Presence.INDETERMINATE


def test_a_hollow_island_is_one_piece_with_what_is_in_it() -> None:
    """A shell of bone with a speck inside is one island as long as its outside."""
    shell = join(cut(ball((45, 0, -13), 8), ball((45, 0, -13), 6)), ball((45, 0, -13), 1.2))

    seen = outcome(_with(shell))

    assert [each.mm for each in seen.found.islands or ()] == pytest.approx([16.0], abs=0.6)


def test_a_sheet_one_voxel_thick_is_an_island_of_its_length() -> None:
    """It is not lost, and as long as its diagonal."""
    sheet = box((35, -10, -13.4), (55, 10, -12.6))

    seen = outcome(_with(sheet))

    assert [each.mm for each in seen.found.islands or ()] == pytest.approx([28.3], abs=1.5)


def test_a_gap_does_not_run_through_metal() -> None:
    """A plate between two spurs stands in the way: the line beside it is longer."""
    plate = box((40, -14, -14), (50, 14, -11))
    masks = [*_with(join(PELVIC, FEMORAL)), GROUND.mask(Role.IMPLANT, plate)]

    seen = outcome(masks)

    assert seen.found.gap is not None
    assert seen.found.gap.mm is not None
    assert seen.found.gap.mm > 13.0


def test_implants_are_never_an_end_of_a_gap() -> None:
    """A screw in front of a pelvic spur is no bone: the femur is."""
    screw = rod((45, 0, -12), (60, 0, -12), 2)

    seen = outcome([*_with(PELVIC), GROUND.mask(Role.IMPLANT, screw)])

    assert seen.found.gap is not None
    assert seen.found.gap.between == (Role.PELVIC_SPUR, Role.FEMUR)
    assert seen.found.gap.mm == pytest.approx(25.0, abs=2.5)


def test_every_distance_is_kept_with_what_became_of_it() -> None:
    """The one between the spurs is the gap; those to the bones are longer."""
    seen = outcome(_with(join(PELVIC, FEMORAL)))

    assert [(each.between, each.why) for each in seen.found.distances] == [
        ((Role.PELVIC_SPUR, Role.FEMORAL_SPUR), None),
        ((Role.PELVIC_SPUR, Role.FEMUR), SetAside.LONGER),
        ((Role.FEMORAL_SPUR, Role.PELVIS), SetAside.LONGER),
    ]


def test_what_its_maker_sorted_is_taken_as_said_and_contradictions_are_told() -> None:
    """An island that lies against the pelvis stays one; a spur that touches nothing stays one."""
    island = outcome(_with(PELVIC, Role.ISLAND))
    spur = outcome(_with(ISLAND, Role.PELVIC_SPUR))

    assert [each.may_be_spur for each in island.found.islands or ()] == [False]
    assert "an island lies against the pelvis over" in island.told
    assert spur.found.pelvic_spur is True
    assert "a pelvic spur does not touch the pelvis" in spur.told


def test_new_bone_that_is_labelled_as_bone_too_counts_as_new_bone_and_is_told() -> None:
    """A model of bones takes spurs for bone: the label of ossification stands above it."""
    spurs = GROUND.mask(Role.OSSIFICATION, cut(join(PELVIC, FEMORAL), PELVIS, FEMUR))
    grown = GROUND.mask(Role.PELVIS, join(PELVIS, PELVIC))

    seen = outcome([grown, BONES[1], spurs])

    assert seen.found.gap is not None
    assert seen.found.gap.between == (Role.PELVIC_SPUR, Role.FEMORAL_SPUR)
    assert "of what is labelled as ossification is labelled as bone too" in seen.told


def test_two_spurs_that_meet_are_a_bridge() -> None:
    """Each sorted by its maker, and joined over their whole width."""
    upper = cut(rod((45, 0, 9), (45, 0, -14), 4), PELVIS)
    lower = cut(rod((45, 0, -35), (45, 0, -14), 4), FEMUR, upper)
    masks = [
        *BONES,
        GROUND.mask(Role.PELVIC_SPUR, upper),
        GROUND.mask(Role.FEMORAL_SPUR, lower),
    ]

    assert outcome(masks).found.bridging is Bridging.CONFIRMED


@pytest.mark.parametrize(
    ("masks", "presence", "told"),
    [
        pytest.param(
            [*BONES, GROUND.mask(Role.OSSIFICATION, ball((0, 0, 900), 1))],
            Presence.ABSENT,
            "ossification is absent",
            id="an empty label, both bones",
        ),
        pytest.param(
            [BONES[0], GROUND.mask(Role.OSSIFICATION, ball((0, 0, 900), 1))],
            None,
            "no femur is labelled",
            id="an empty label, one bone",
        ),
        pytest.param(
            [*BONES, GROUND.mask(Role.PELVIC_SPUR, ball((0, 0, 900), 1))],
            None,
            "not every kind of ossification has a label",
            id="an empty label of spurs alone",
        ),
    ],
)
def test_absence_needs_a_label_that_was_searched_for_and_a_whole_joint(
    masks: list[RoledMask], presence: Presence | None, told: str
) -> None:
    """An empty label of all ossification over both bones of a joint, and nothing less."""
    account = Account()
    hips = find_hips(masks, MaskSetting(), account)

    words = " ".join(entry.words for entry in (*account.read, *account.refused))
    assert ([hip.presence for hip in hips], told in words) == ([presence] if presence else [], True)


def test_bones_without_a_label_of_ossification_give_no_grade() -> None:
    """That nobody searched for it is told, and absence is not said."""
    account = Account()

    assert find_hips(BONES, MaskSetting(), account) == ()
    assert [entry.place for entry in account.refused] == ["right hip"]
    assert "no label stands for ossification" in account.refused[0].words


def test_without_a_joint_no_gap_is_measured() -> None:
    """Of a pelvis that no femur is labelled beside, spurs of the pelvis may be islands all the same."""
    seen = outcome([BONES[0], *_with(join(PELVIC, FEMORAL))[2:]])

    assert seen.found.gap is None
    assert seen.found.femoral_spur is None
    assert "no femur is labelled" in seen.told


def test_voxels_over_3_mm_measure_no_gap() -> None:
    """Tips of spurs are lost in them: the spurs are told, the gap is not."""
    coarse = ground(3.2)
    spurs = cut(
        join(rod((45, 0, 9), (45, 0, -2), 9), rod((45, 0, -35), (45, 0, -26), 9)), PELVIS, FEMUR
    )

    seen = outcome([*hip(coarse), coarse.mask(Role.OSSIFICATION, spurs)])

    assert (seen.found.pelvic_spur, seen.found.femoral_spur) == (True, True)
    assert [each.why for each in seen.found.distances][:1] == [SetAside.WIDE_VOXELS]
    assert seen.possible["brooker"] == ("II", "III")
    assert "for the voxels are 3.2 mm long" in seen.told


def test_an_oblique_grid_with_axes_turned_round_gives_the_same() -> None:
    """Slices tilted by 20 degrees, counted from head to foot and from left to right."""
    angle = np.radians(20.0)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    axes = ((-1.0, 0.0, 0.0), (0.0, cos, sin), (0.0, sin, -cos))
    turned = type(GROUND)(
        start=(66.0, -44.0, 40.0), edges=(1.0, 1.0, 1.0), shape=(112, 90, 110), axes=axes
    )
    spurs = cut(join(PELVIC, FEMORAL), PELVIS, FEMUR)

    seen = outcome([*hip(turned), turned.mask(Role.OSSIFICATION, spurs)])

    assert seen.found.gap is not None
    assert seen.found.gap.mm == pytest.approx(12.0, abs=0.6)
    assert sorted(round(point[2]) for point in seen.found.gap.ends) == [-19, -7]


def test_a_hip_is_of_the_side_of_its_labels() -> None:
    """The left hip is found as the left one."""
    masks = [
        *hip(GROUND, Side.LEFT),
        GROUND.mask(Role.OSSIFICATION, cut(PELVIC, PELVIS, FEMUR), Side.LEFT),
    ]

    assert outcome(masks).found.side is Side.LEFT
