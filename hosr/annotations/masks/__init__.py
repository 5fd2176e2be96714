"""Masks with roles to the findings of each hip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hosr.annotations.masks.conversion import as_hip
from hosr.annotations.masks.found import (
    Basis,
    Boundary,
    Distance,
    Fate,
    FoundHip,
    FoundIsland,
    ImagePlane,
    MaskSetting,
    Outline,
    RoledMask,
)
from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from hosr.annotations.account import Account

__all__ = [
    "Basis",
    "Boundary",
    "Distance",
    "Fate",
    "FoundHip",
    "FoundIsland",
    "ImagePlane",
    "MaskSetting",
    "Outline",
    "RoledMask",
    "as_hip",
    "find_hips",
]


def find_hips(
    masks: Sequence[RoledMask], setting: MaskSetting, account: Account
) -> tuple[FoundHip, ...]:
    """What the masks show of each hip."""
    try:
        import scipy.ndimage  # noqa: F401
    except ImportError:
        problem = "what masks show is found with scipy, which is not installed"
        raise UsageError(Fault("hosr import", problem, "install hosr[masks]")) from None
    from hosr.annotations.masks.hips import find_hips as find

    return find(masks, setting, account)
