"""How long masks of a whole pelvis take, and how much memory: `python tests/bench_masks.py`.

512 x 512 x 300 voxels of 0.7 x 0.7 x 1.0 mm with both hips of the phantom: spurs 12.4 mm apart and two
islands on the right, spurs 7.5 mm apart on the left, ossification without a side. The masks are made in
one process and found in another, so that its peak is that of the finding alone.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.remove(str(Path(__file__).resolve().parent))  # whose sample_data are tests

import numpy as np
import numpy.typing as npt

from hosr.annotations.account import Account
from hosr.annotations.masks import MaskSetting, RoledMask, find_hips
from hosr.annotations.roles import Role
from hosr.annotations.sources import Label, Mask, VoxelGrid
from hosr.vocabulary.terms import Side
from tests.annotations.pelvis import EDGES, SHAPE, START, pelvis_labels

ROLES = {1: Role.PELVIS, 2: Role.FEMUR, 3: Role.OSSIFICATION}


def main() -> None:
    """Make the masks, find the hips in them in a process of its own, and print what that took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.npy"
        np.save(path, pelvis_labels())
        for kind in ("masks", "probabilities"):
            subprocess.run([sys.executable, __file__, str(path), kind], check=True)


def _find(path: Path, kind: str) -> None:
    masks = list(_cut(np.load(path, mmap_mode="r"), soft=kind == "probabilities"))
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    hips = find_hips(masks, MaskSetting(), Account())
    after = resource.getrusage(resource.RUSAGE_SELF)
    wall, cpu = time.perf_counter() - start, after.ru_utime - before.ru_utime
    print(
        f"{kind}: {wall:.1f} s ({cpu:.1f} s of one core), {after.ru_maxrss / 1024:.0f} MB at most,"
    )
    print(f"  {before.ru_maxrss / 1024:.0f} MB of it the masks themselves")
    for hip in hips:
        islands = [round(island.mm or 0, 1) for island in hip.islands or ()]
        gap = None if hip.gap is None or hip.gap.mm is None else round(hip.gap.mm, 2)
        print(f"  {hip.side}: gap {gap} mm, islands {islands} mm")


def _cut(labels: npt.NDArray[np.uint8], *, soft: bool) -> list[RoledMask]:
    """Bones with a side, ossification without; each cut to its box."""
    rows = ((0, 0, EDGES[2], START[0]), (0, EDGES[1], 0, START[1]), (EDGES[0], 0, 0, START[2]))
    grid = VoxelGrid(shape=SHAPE, to_patient_mm=rows, frame_of_reference_uid="1.2.3")
    middle = round(-START[0] / EDGES[2])
    halves = {Side.RIGHT: slice(0, middle), Side.LEFT: slice(middle, None)}
    masks = []
    for number, role in ROLES.items():
        for side in halves if number < 3 else (None,):
            columns = slice(None) if side is None else halves[side]
            cells = labels[:, :, columns] == number
            spans = [np.flatnonzero(cells.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
            window = tuple(slice(int(s[0]), int(s[-1]) + 1) for s in spans)
            low = [part.start for part in window]
            low[2] += columns.start or 0
            own = (
                cells[window].astype(np.float32) * np.float32(0.9) if soft else cells[window].copy()
            )
            mask = Mask(
                label=Label(name=role.value),
                place=f"label {number}",
                grid=grid,
                origin=(low[0], low[1], low[2]),
                occupancy=own,
                is_probability=soft,
            )
            masks.append(RoledMask(role=role, side=side, mask=mask))
    return masks


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _find(Path(sys.argv[1]), sys.argv[2])
    else:
        main()
