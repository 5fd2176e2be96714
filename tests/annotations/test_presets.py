"""The labels of known models have their roles by name, and none of them is heterotopic bone."""

from __future__ import annotations

import pytest

from hosr.annotations.presets import PRESETS
from hosr.annotations.roles import Meaning, Role
from hosr.vocabulary.terms import Side

BONES = {
    "hip_left": Meaning(role=Role.PELVIS, side=Side.LEFT),
    "hip_right": Meaning(role=Role.PELVIS, side=Side.RIGHT),
    "femur_left": Meaning(role=Role.FEMUR, side=Side.LEFT),
    "femur_right": Meaning(role=Role.FEMUR, side=Side.RIGHT),
    "hip_implant": Meaning(role=Role.IMPLANT),
}


@pytest.mark.parametrize("name", PRESETS)
def test_bones_have_roles_and_the_rest_is_ignored(name: str) -> None:
    """The four bones and the implant have their side; no other label is taken for a bone of a hip."""
    preset = PRESETS[name]
    assert {label: preset[label] for label in BONES} == BONES
    rest = {meaning for label, meaning in preset.items() if label not in BONES}
    assert rest == {Meaning(role=Role.IGNORE)}


def test_as_many_as_the_models_have() -> None:
    """104 classes of version 1; 117 of version 2, four more of its MR task; and the implant of each."""
    assert {name: len(preset) for name, preset in PRESETS.items()} == {
        "totalsegmentator-1": 104 + 1,
        "totalsegmentator-2": 117 + 4 + 1,
    }
