"""What no findings are made of: each with one clear sentence, and none of it hangs."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from hosr.annotations.account import Account
from hosr.annotations.masks import MaskSetting, RoledMask, find_hips
from hosr.annotations.roles import Role
from hosr.vocabulary.terms import Presence
from tests.annotations.masks.cases import faults_of
from tests.annotations.masks.shapes import Ground, ball, ground, hip

GROUND = ground()
BONES = tuple(hip(GROUND))


def _full(value: float | bool, role: Role = Role.OSSIFICATION) -> RoledMask:
    kind = np.bool_ if isinstance(value, bool) else np.float32
    return GROUND.given(role, np.full(GROUND.shape, value, dtype=kind))


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (np.nan, "holds values that are no numbers (NaN or infinite)"),
        (7.5, "holds values from 7.5 to 7.5"),
    ],
)
def test_probabilities_are_numbers_from_0_to_1(value: float, problem: str) -> None:
    """NaN, or scores before softmax."""
    cells = np.full((4, 4, 4), value, dtype=np.float32)
    mask = replace(
        GROUND.given(Role.OSSIFICATION, np.ones((4, 4, 4), np.float32)).mask, occupancy=cells
    )
    bad = RoledMask(role=Role.OSSIFICATION, side=BONES[0].side, mask=mask)

    assert faults_of([*BONES, bad]) == [f'label ossification: "ossification" {problem}']


def test_ossification_of_litres_is_none() -> None:
    """A label that fills a large volume stands for something else."""
    coarse = Ground(start=(0.0, 0.0, 0.0), edges=(3.0, 3.0, 3.0), shape=(50, 50, 50))
    full = coarse.given(Role.OSSIFICATION, np.ones(coarse.shape, np.bool_))

    assert faults_of([full]) == ["right hip: the ossification labelled is of 3.4 litres"]


def test_a_thousand_pieces_are_no_segmentation() -> None:
    """Blocks of 27 voxels all over the volume."""
    cells = np.zeros(GROUND.shape, dtype=np.bool_)
    cells[np.ix_(*(np.arange(size) % 5 < 3 for size in cells.shape))] = True

    (fault,) = faults_of([*BONES, GROUND.given(Role.OSSIFICATION, cells)])

    assert fault == "right hip: the ossification labelled falls into more than 100 pieces"


def test_a_million_specks_are_counted() -> None:
    """Single voxels everywhere, as noise gives them."""
    wide = Ground(start=(0.0, 0.0, 0.0), edges=(0.7, 0.7, 0.7), shape=(200, 200, 200))
    cells = np.zeros(wide.shape, dtype=np.bool_)
    cells[::2, ::2, ::2] = True
    account = Account()

    (found,) = find_hips([wide.given(Role.OSSIFICATION, cells)], MaskSetting(), account)

    assert (found.presence, found.islands) == (Presence.INDETERMINATE, None)
    assert "1000000 specks of ossification too small to count" in [e.words for e in account.refused]


def test_masks_on_several_grids_are_asked_for_on_one() -> None:
    """Both are named."""
    other = replace(ground(1.5), start=(-30.0, -16.7, -46.2))
    masks = [*BONES, other.mask(Role.OSSIFICATION, ball((45, 0, -13), 6))]

    (fault,) = faults_of(masks)

    assert fault == (
        'label ossification: "ossification" lies on 65 x 22 x 49 voxels of 1.5 x 1.5 x 1.5 mm from '
        '(-30.0, -16.7, -46.2), and "pelvis" (label pelvis) on 98 x 34 x 74 voxels of 1 x 1 x 1 mm '
        "from (-32.3, -16.7, -46.2)"
    )


def test_grids_that_are_equal_but_for_rounding_are_one() -> None:
    """As the same geometry written by two programs."""
    near = replace(GROUND, start=tuple(value + 0.004 for value in GROUND.start))

    assert faults_of([*BONES, near.mask(Role.OSSIFICATION, ball((45, 0, -13), 6))]) == []


def test_a_mask_is_no_line() -> None:
    """An area with the role of a gap is told, and left out."""
    account = Account()

    assert find_hips([_full(True, Role.GAP)], MaskSetting(), account) == ()
    assert [entry.words for entry in account.refused] == [
        '"gap" is an area, and a gap is drawn as line or points'
    ]


def test_masks_that_are_all_empty_say_nothing() -> None:
    """Every label is there, and none of them fills a voxel."""
    empty = [
        GROUND.given(role, np.zeros(GROUND.shape, np.bool_))
        for role in (Role.PELVIS, Role.FEMUR, Role.OSSIFICATION)
    ]
    account = Account()

    assert find_hips(empty, MaskSetting(), account) == ()
    assert "that there is no ossification is not said" in account.refused[-1].words


def _again(roled: RoledMask, role: Role) -> RoledMask:
    """The same cells under another label."""
    return GROUND.given(role, _cells(roled))


def _cells(roled: RoledMask) -> npt.NDArray[np.bool_]:
    cells = np.zeros(GROUND.shape, np.bool_)
    mask = roled.mask
    window = zip(mask.origin, mask.occupancy.shape, strict=True)
    cells[tuple(slice(low, low + size) for low, size in window)] = mask.occupancy
    return cells


SPUR = GROUND.mask(Role.OSSIFICATION, ball((45, 0, -13), 6))
PELVIS, FEMUR = BONES


@pytest.mark.parametrize(
    ("masks", "fault"),
    [
        pytest.param(
            [PELVIS, _again(PELVIS, Role.FEMUR), SPUR],
            'label femur: "femur" fills the same voxels as "pelvis" (label pelvis): 100% of the smaller one',
            id="the pelvis twice",
        ),
        pytest.param(
            [_again(FEMUR, Role.PELVIS), FEMUR, SPUR],
            'label femur: "femur" fills the same voxels as "pelvis" (label pelvis): 100% of the smaller one',
            id="the femur twice",
        ),
        pytest.param(
            [GROUND.given(Role.PELVIS, _cells(PELVIS) | _cells(FEMUR)), FEMUR, SPUR],
            'label femur: "femur" fills the same voxels as "pelvis" (label pelvis): 100% of the smaller one',
            id="all bones as pelvis",
        ),
        pytest.param(
            [PELVIS, FEMUR, _again(PELVIS, Role.OSSIFICATION)],
            'label ossification: "ossification" fills the same voxels as "pelvis" (label pelvis): 100% of '
            "the larger one",
            id="the pelvis as ossification",
        ),
        pytest.param(
            [PELVIS, FEMUR, _again(FEMUR, Role.IMPLANT), SPUR],
            'label implant: "implant" fills the same voxels as "femur" (label femur): 100% of the larger one',
            id="the femur as implant",
        ),
    ],
)
def test_two_labels_of_the_same_voxels_are_refused(masks: list[RoledMask], fault: str) -> None:
    """Both are named: that one of them is not labelled would not be true."""
    assert faults_of(masks) == [fault]


def test_two_labels_of_the_same_pixels_are_refused() -> None:
    """On a film too, where the bones of a hip lie behind one another, but not all of both."""
    film = Ground(start=(0.0, 0.0), edges=(0.5, 0.5), shape=(80, 80))
    masks = [
        film.mask(Role.PELVIS, ball((20, 20), 12)),
        film.mask(Role.FEMUR, ball((20, 20), 12.2)),
        film.mask(Role.OSSIFICATION, ball((35, 35), 3)),
    ]

    (fault,) = faults_of(masks, MaskSetting(pixel_mm=(0.5, 0.5)))

    assert fault == (
        'label femur: "femur" fills the same pixels as "pelvis" (label pelvis): 95% of the larger one'
    )


def test_bones_that_share_a_part_are_told() -> None:
    """A quarter of the pelvis is labelled as femur too: it counts as femur, and metal within it is none."""
    shared = GROUND.given(Role.FEMUR, _cells(FEMUR) | (_cells(PELVIS) & (_grid_x() < 0)))
    stem = GROUND.mask(Role.IMPLANT, ball((0, 0, -5), 7))
    account = Account()

    find_hips([PELVIS, shared, stem, SPUR], MaskSetting(), account)

    assert account.faults == []
    assert [e.words for e in account.assumed if "share" in e.words] == [
        '"pelvis" and "femur" share voxels, 23% of the smaller one; they count as "femur"'
    ]


def _grid_x() -> npt.NDArray[np.float64]:
    size = GROUND.shape
    return np.broadcast_to(np.arange(size[0])[:, None, None] + GROUND.start[0], size)


def test_without_scipy_one_sentence_says_what_to_install() -> None:
    """The rest of hosr does without it."""
    program = (
        "import sys; sys.modules['scipy'] = None\n"
        "from hosr.annotations.account import Account\n"
        "from hosr.annotations.masks import MaskSetting, find_hips\n"
        "from hosr.errors import UsageError\n"
        "try:\n    find_hips([], MaskSetting(), Account())\n"
        "except UsageError as error:\n    print(error)\n"
    )

    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == (
        "hosr import: what masks show is found with scipy, which is not installed; install hosr[masks]"
    )
