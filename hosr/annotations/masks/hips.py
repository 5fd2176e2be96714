"""From masks with roles to what is found of each hip: the order of the work, and what is left open."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from hosr.annotations.account import Account
from hosr.annotations.masks.conclusions import conclude
from hosr.annotations.masks.evidence import Evidence
from hosr.annotations.masks.found import FoundHip, MaskSetting, RoledMask
from hosr.annotations.masks.joint import Joint, fit_joint
from hosr.annotations.masks.key_slice import with_outlines
from hosr.annotations.masks.lattice import Box, Lattice, common_lattice
from hosr.annotations.masks.limits import (
    CROP_MM,
    LEVEL,
    MOST_PIECES,
    MOST_VOLUME_MM3,
    OTHER_LEVELS,
)
from hosr.annotations.masks.readings import LevelReading, loosen, read_levels
from hosr.annotations.masks.scene import (
    BONES,
    NEW_BONE,
    PRECEDENCE,
    Scene,
    box_of,
    build_scene,
    count_shared,
    growth_box,
)
from hosr.annotations.masks.sides import settle_sides
from hosr.annotations.roles import Role
from hosr.vocabulary.terms import Side

# So much beyond both bones the fitted joint may reach.
_JOINT_MARGIN_MM = 10.0
# So much of the ossification, or of a bone, may lie in another bone by the rounding of borders; and from so
# much on two labels are one and the same.
_MOST_SHARED = 0.05
_SAME_SHARE = 0.9
# Structures that are never one and the same.
_APART = (
    BONES,
    *product(BONES, (Role.IMPLANT,)),
    *product((*BONES, Role.IMPLANT), NEW_BONE),
)


def find_hips(
    masks: Sequence[RoledMask], setting: MaskSetting, account: Account
) -> tuple[FoundHip, ...]:
    """What the masks show of each hip, the right one first. See the package for rules and errors."""
    usable = [roled for roled in masks if _is_usable(roled, account)]
    if not usable:
        return ()
    common = common_lattice(usable, setting, account)
    if common is None:
        return ()
    aligned, lattice = common
    before = len(account.faults)
    sided = settle_sides(aligned, lattice, setting, account)
    if len(account.faults) > before:
        return ()
    hips = [
        _find_hip(side, [roled for roled in sided if roled.side is side], lattice, setting, account)
        for side in Side
    ]
    return tuple(hip for hip in hips if hip is not None)


def _is_usable(roled: RoledMask, account: Account) -> bool:
    mask, role = roled.mask, roled.role
    if role is Role.IGNORE:
        return False
    if role not in PRECEDENCE:
        words = f"{mask.label} is an area, and a {role.value.replace('_', ' ')} is drawn as line or points"
        account.leave(mask.place, words)
        return False
    if mask.occupancy.dtype == np.bool_ or not mask.occupancy.size:
        return True
    if not np.isfinite(mask.occupancy).all():
        problem = f"{mask.label} holds values that are no numbers (NaN or infinite)"
        account.blame(mask.place, problem, "give probabilities from 0 to 1")
        return False
    least, most = float(mask.occupancy.min()), float(mask.occupancy.max())
    if least < 0 or most > 1:
        problem = f"{mask.label} holds values from {least:.3g} to {most:.3g}"
        account.blame(
            mask.place, problem, "give probabilities from 0 to 1, not scores before softmax"
        )
        return False
    return True


def _find_hip(
    side: Side,
    masks: list[RoledMask],
    lattice: Lattice,
    setting: MaskSetting,
    account: Account,
) -> FoundHip | None:
    """One hip; None where nothing of it is labelled, or nothing tells whether there is new bone."""
    if not masks:
        return None
    place = f"{side.value} hip"
    declared = {roled.role for roled in masks} & set(NEW_BONE)
    if not declared:
        words = "its bones are labelled, but no label stands for ossification: that there is none is not said"
        account.leave(place, words)
        return None
    if not _are_apart(masks, lattice, place, account):
        return None
    joint = _find_joint(masks, lattice)
    readings = _read_growth(masks, lattice, joint, place, account)
    if readings and not _is_plausible(readings[0], lattice, place, account):
        return None
    evidence = Evidence(
        side=side,
        declared=frozenset(declared),
        readings=tuple(readings),
        joint=joint,
        lattice=lattice,
        masks=masks,
        setting=setting,
        account=account,
        has_ramps=bool(readings) and readings[0].solids.has_ramps,
    )
    hip = conclude(evidence)
    # Of a hip whose presence nothing tells no record can be made, and the other may be as good as any.
    return None if hip.presence is None else with_outlines(evidence, hip)


def _are_apart(masks: list[RoledMask], lattice: Lattice, place: str, account: Account) -> bool:
    """Whether no two structures fill the same cells, of which only one could be right.

    In a volume no part of a pelvis is of a femur, so that the smaller label counts, and a lesser part is told.
    New bone and metal may lie within a bone, and on a film bones behind one another: there the larger counts.
    """
    before = len(account.faults)
    for roles in _APART:
        groups = [[roled for roled in masks if roled.role is role] for role in roles]
        common, *sizes = count_shared(groups[0], groups[1], lattice)
        are_bones = roles == BONES and not lattice.is_film
        size = min(sizes) if are_bones else max(sizes)
        if not common or common <= _MOST_SHARED * size:
            continue
        first, second = (group[0].mask for group in groups)
        share = f"{common / size:.0%} of the {'smaller' if are_bones else 'larger'} one"
        if common > _SAME_SHARE * size:
            cells = "pixels" if lattice.is_film else "voxels"
            problem = (
                f"{second.label} fills the same {cells} as {first.label} ({first.place}): {share}"
            )
            remedy = "only one of them can be right: export both anew, or correct labels.toml"
            account.blame(second.place, problem, remedy)
        elif are_bones:
            words = f"{first.label} and {second.label} share voxels, {share}; they count as {second.label}"
            account.assume(place, words)
    return len(account.faults) == before


def _read_growth(
    masks: list[RoledMask], lattice: Lattice, joint: Joint | str, place: str, account: Account
) -> list[LevelReading]:
    """What is found in a box around the new bone; nothing where there is none."""
    growth = growth_box(masks, lattice)
    if growth is None:
        return []
    box = lattice.grow(growth, CROP_MM) if lattice.is_mm else lattice.whole
    scene = build_scene(masks, lattice, box)
    if scene.shared > _MOST_SHARED:
        words = (
            f"{scene.shared:.0%} of what is labelled as ossification is labelled as bone too; "
            "it counts as ossification"
        )
        account.assume(place, words)
    return _read(scene, masks, joint)


def _read(scene: Scene, masks: list[RoledMask], joint: Joint | str) -> list[LevelReading]:
    """At the level that decides first, then at the others, where there are probabilities."""
    known = joint if isinstance(joint, Joint) else None
    readings = read_levels(scene, known, (LEVEL, *OTHER_LEVELS))
    first = next(readings)
    if first.found.too_many or not any(roled.mask.is_probability for roled in masks):
        return [first]
    others = [*readings]
    return [loosen(first, others, known), *others]


def _find_joint(masks: list[RoledMask], lattice: Lattice) -> Joint | str:
    """The joint by its bones where their boxes meet; in words why there is none."""
    pelvis = box_of(roled for roled in masks if roled.role is Role.PELVIS)
    opposite = box_of(roled for roled in masks if roled.role in (Role.FEMUR, Role.IMPLANT))
    if pelvis is None or opposite is None:
        return f"no {'pelvis' if pelvis is None else 'femur'} is labelled"
    if not lattice.is_mm:
        return "the size of a pixel is not known"
    near = _meeting(pelvis, opposite, lattice)
    if near.is_empty:
        return "pelvis and femur do not meet in the images"
    bones = [roled for roled in masks if roled.role not in NEW_BONE]
    return fit_joint(build_scene(bones, lattice, near).solids())


def _meeting(one: Box, other: Box, lattice: Lattice) -> Box:
    """Where two bones meet: their boxes have it in common."""
    return lattice.grow(one, _JOINT_MARGIN_MM).meet(lattice.grow(other, _JOINT_MARGIN_MM))


def _is_plausible(reading: LevelReading, lattice: Lattice, place: str, account: Account) -> bool:
    """Whether so much bone in so many pieces can be ossification of a hip."""
    problem = ""
    if reading.found.too_many:
        problem = f"the ossification labelled falls into more than {MOST_PIECES} pieces"
    elif not lattice.is_film and reading.found.cells * lattice.cell > MOST_VOLUME_MM3:
        litres = reading.found.cells * lattice.cell / 1e6
        problem = f"the ossification labelled is of {litres:.1f} litres"
    if problem:
        remedy = "no segmentation of a hip is so; check what the label stands for"
        account.blame(place, problem, remedy)
    return not problem
