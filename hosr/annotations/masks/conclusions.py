"""What follows for a hip from what its masks show, and what they leave open.

bridge of at least 3 cells across          bridging: confirmed in a volume, apparent on a film
narrower, or touching one bone a little    contact; whether it bridges is not stated: III or IV
a piece that hardly touches a bone         an island of its length; whether there is a spur is not stated
no ossification, both bones, a joint       absent
ossification in the joint or specks alone  indeterminate, and so are islands and spurs
probabilities that decide otherwise        not stated
"""

from __future__ import annotations

from hosr.annotations.masks.evidence import Evidence
from hosr.annotations.masks.found import FoundHip
from hosr.annotations.masks.gaps import find_distances, is_in_contact
from hosr.annotations.masks.islands import find_islands
from hosr.annotations.masks.notes import tell
from hosr.annotations.masks.pieces import SPUR_OF, Attachment, Piece
from hosr.annotations.masks.readings import LevelReading
from hosr.annotations.masks.scene import BONES
from hosr.annotations.roles import Role
from hosr.annotations.sources import PixelGrid, VoxelGrid
from hosr.vocabulary.terms import Bridging, Presence


def conclude(evidence: Evidence) -> FoundHip:
    """The findings of one hip."""
    grid = evidence.lattice.grid
    presence = _presence(evidence)
    is_open = presence is Presence.INDETERMINATE
    bones = dict.fromkeys(BONES) if is_open else _spurs(evidence)
    hip = FoundHip(
        side=evidence.side,
        presence=presence,
        pelvic_spur=bones[Role.PELVIS],
        femoral_spur=bones[Role.FEMUR],
        islands=None if is_open else find_islands(evidence),
        distances=find_distances(evidence),
        in_contact=is_in_contact(evidence),
        bridging=_bridging(evidence),
        bridge_mm=_bridge_mm(evidence),
        volume_mm3=_volume_mm3(evidence),
        boundary=evidence.boundary,
        place=grid.place if isinstance(grid, PixelGrid) else None,
        is_ct=evidence.setting.is_ct,
        frame_of_reference_uid=grid.frame_of_reference_uid if isinstance(grid, VoxelGrid) else "",
    )
    tell(evidence, hip)
    return hip


def _presence(evidence: Evidence) -> Presence | None:
    """Absence needs a label that was searched for, and both bones of a joint that was found."""
    if evidence.pieces:
        return Presence.PRESENT
    if any(_has_traces(reading) for reading in evidence.readings):
        return Presence.INDETERMINATE
    searched = Role.OSSIFICATION in evidence.declared or (
        {Role.ISLAND, Role.PELVIC_SPUR, Role.FEMORAL_SPUR} <= evidence.declared
    )
    seen = {roled.role for roled in evidence.masks if roled.mask.occupancy.size}
    shown = evidence.has_joint or (
        evidence.lattice.is_film and {Role.PELVIS} < seen & {Role.PELVIS, Role.FEMUR, Role.IMPLANT}
    )
    return Presence.ABSENT if searched and shown else None


def _has_traces(reading: LevelReading) -> bool:
    found = reading.found
    return bool(found.pieces or found.specks or found.in_joint)


def _spurs(evidence: Evidence) -> dict[Role, bool | None]:
    """Whether there is a spur of each bone; None where nobody can tell, or nobody searched."""
    found: dict[Role, bool | None] = {}
    for bone in BONES:
        held = max((piece.attached[bone] for piece in evidence.pieces), default=Attachment.NONE)
        searched = bool(evidence.declared & {Role.OSSIFICATION, Role.SPUR, SPUR_OF[bone]})
        denied = False if searched else None
        found[bone] = {
            Attachment.SURE: True,
            Attachment.UNSURE: None,
            Attachment.NONE: denied,
        }[held]
    return found


def _bridging(evidence: Evidence) -> Bridging | None:
    if not evidence.pieces:
        return None
    joined = [reading.is_bridged for reading in evidence.readings]
    if all(joined):
        if evidence.lattice.is_film:
            return Bridging.APPARENT
        return Bridging.CONFIRMED if evidence.has_joint else None
    if any(joined) or any(reading.touches for reading in evidence.readings):
        return None
    open_pieces = any(_may_bridge(evidence, piece) for piece in evidence.pieces)
    return None if open_pieces or not _searched_for_spurs(evidence) else Bridging.NONE


def _may_bridge(evidence: Evidence, piece: Piece) -> bool:
    """Whether a piece may be attached to both bones; where it touches both, only the joint tells it from that."""
    touches = not evidence.has_joint and min(piece.contact.values()) > 0
    return touches or bool(min(piece.attached.values()))


def _searched_for_spurs(evidence: Evidence) -> bool:
    """Whether bone between the bones would have a label."""
    spurs = {SPUR_OF[bone] for bone in BONES}
    return bool(evidence.declared & {Role.OSSIFICATION, Role.SPUR}) or spurs <= evidence.declared


def _bridge_mm(evidence: Evidence) -> float | None:
    if evidence.first is None or not evidence.first.bridges or not evidence.lattice.is_mm:
        return None
    return max(bridge.mm for _, bridge in evidence.first.bridges)


def _volume_mm3(evidence: Evidence) -> float | None:
    if evidence.first is None or evidence.lattice.is_film:
        return None
    return evidence.first.found.cells * evidence.lattice.cell
