"""What a piece is attached to, cell by cell: faces, edges and corners in volumes, outlines on films."""

from __future__ import annotations

import numpy as np
import pytest

from hosr.annotations.account import Account
from hosr.annotations.masks import MaskSetting
from hosr.annotations.masks.joint import Joint
from hosr.annotations.masks.lattice import common_lattice
from hosr.annotations.masks.pieces import Attachment, Pieces, find_pieces
from hosr.annotations.masks.scene import build_scene
from hosr.annotations.roles import Role
from tests.annotations.masks.shapes import Ground

SURE, UNSURE, NONE = Attachment.SURE, Attachment.UNSURE, Attachment.NONE


def _pieces(new_bone: tuple[slice, ...], role: Role = Role.OSSIFICATION) -> Pieces:
    """New bone beside a pelvis that fills the first cells of the first axis; a femur lies far off."""
    size = len(new_bone)
    ground = Ground(start=(0.0,) * size, edges=(1.0,) * size, shape=(24,) * size)
    filled: dict[Role, tuple[slice, ...]] = {
        Role.PELVIS: (slice(0, 6),) * size,
        Role.FEMUR: (slice(22, 24),) * size,
        role: new_bone,
    }
    masks = []
    for each, window in filled.items():
        cells = np.zeros(ground.shape, dtype=np.bool_)
        cells[window] = True
        masks.append(ground.given(each, cells))
    common = common_lattice(masks, MaskSetting(pixel_mm=(1.0, 1.0)), Account())
    assert common is not None
    _, lattice = common
    far = Joint(np.full(size, 1e4), 31.0)
    solids = build_scene(masks, lattice, lattice.whole).solids()
    return find_pieces(solids, far.cells(lattice, lattice.whole))


@pytest.mark.parametrize(
    ("new_bone", "held", "contact"),
    [
        pytest.param(np.s_[6:12, 0:5, 0:5], SURE, 25, id="face"),
        pytest.param(np.s_[6:12, 3:6, 3:6], SURE, 9, id="small face"),
        pytest.param(np.s_[6:12, 6:12, 0:6], UNSURE, 6, id="edge"),
        pytest.param(np.s_[6:12, 6:12, 6:12], UNSURE, 1, id="corner"),
        pytest.param(np.s_[7:13, 0:6, 0:6], NONE, 0, id="one voxel off"),
        pytest.param(np.s_[8:14, 0:6, 0:6], NONE, 0, id="two voxels off"),
        pytest.param(np.s_[6:12, 0:5], UNSURE, 5, id="short side on a film"),
    ],
)
def test_a_piece_is_held_by_nine_cells_at_the_least(
    new_bone: tuple[slice, ...], held: Attachment, contact: int
) -> None:
    """By fewer it may lie beside the bone; a voxel between them is enough to part them."""
    found = _pieces(new_bone)

    assert [(p.attached[Role.PELVIS], p.contact[Role.PELVIS]) for p in found.pieces] == [
        (held, contact)
    ]
    assert [piece.attached[Role.FEMUR] for piece in found.pieces] == [NONE]
