"""What no findings are made of: each with one clear sentence, and none of it hangs."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
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


def test_bones_that_fill_everything_have_no_joint() -> None:
    """Pelvis and femur everywhere: no surface, and no sphere."""
    account = Account()
    masks = [_full(True, Role.PELVIS), _full(True, Role.FEMUR), BONES[0]]

    find_hips(
        [*masks, GROUND.mask(Role.OSSIFICATION, ball((45, 0, -13), 6))], MaskSetting(), account
    )

    assert account.faults == []


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
