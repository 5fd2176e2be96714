"""Whatever masks hold, a record of them is one that hosr reads and grades, or there are faults in words."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy import ndimage

from hosr.annotations.account import Account
from hosr.annotations.masks import MaskSetting, RoledMask, as_hip, find_hips
from hosr.annotations.masks.scene import PRECEDENCE
from hosr.findings import Algorithm
from hosr.intake.record import Record, parse_record, record_json
from hosr.pipeline import grade_record
from hosr.vocabulary.terms import Side, View
from tests.annotations.masks.shapes import Ground


def _masks(chance: np.random.Generator, ground: Ground) -> list[RoledMask]:
    """Clouds of any smoothness, as masks or probabilities, of any role and side."""
    masks = []
    for role in chance.choice(len(PRECEDENCE), int(chance.integers(2, 8))):
        cloud = ndimage.gaussian_filter(chance.normal(size=ground.shape), chance.choice([0, 1, 3]))
        cloud = cloud / cloud.std() - chance.choice([-1.0, 0.0, 1.0, 2.0])
        side = [None, Side.RIGHT, Side.LEFT, Side.RIGHT][int(chance.integers(4))]
        if chance.random() < 0.5:
            masks.append(ground.given(PRECEDENCE[role], cloud > 0, side))
        else:
            share = np.clip(0.5 + cloud, 0, 1).astype(np.float32)
            masks.append(ground.given(PRECEDENCE[role], share, side))
    return masks


@pytest.mark.parametrize("seed", range(10))
def test_clouds_become_records_or_faults(seed: int) -> None:
    """Two volumes and two films a seed."""
    chance = np.random.default_rng(seed)
    for size in ((18, 24, 30), (2, 9, 40), (40, 50), (1, 30)):
        edges = tuple(float(edge) for edge in chance.choice([0.5, 1.0, 2.9], len(size)))
        ground = Ground(start=(0.0,) * len(size), edges=edges, shape=size)
        is_film = len(size) == 2
        setting = MaskSetting(
            pixel_mm=(1.0, 1.2) if is_film and seed % 2 else None,
            only_side=Side.RIGHT if seed % 3 == 0 else None,
        )
        account = Account()
        hips = find_hips(_masks(chance, ground), setting, account)
        assert all(fault.problem and fault.remedy for fault in account.faults)
        if hips and not account.faults:
            record = Record(
                graded_at=dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.UTC),
                observer=Algorithm(name="Clouds", version="1"),
                view=View.AP_PELVIS if is_film else View.CT,
                hips=tuple(map(as_hip, hips)),
            )
            assert grade_record(parse_record(record_json(record)))
