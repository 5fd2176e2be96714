"""What is told of a hip beside its findings: what was left out, what was taken as said, and why."""

from __future__ import annotations

from collections.abc import Iterator

from hosr.annotations.masks.evidence import Evidence
from hosr.annotations.masks.found import Distance, FoundHip
from hosr.annotations.masks.limits import SURE_CONTACT_CELLS, WIDE_VOXEL_MM
from hosr.annotations.masks.pieces import SPUR_OF, Attachment, Piece
from hosr.annotations.masks.scene import BONES
from hosr.annotations.roles import Role
from hosr.phrases import several
from hosr.vocabulary.surfaces import SET_ASIDE_CODES
from hosr.vocabulary.terms import Presence

_NAMES = {
    Role.PELVIS: "pelvis",
    Role.FEMUR: "femur",
    Role.PELVIC_SPUR: "pelvic spur",
    Role.FEMORAL_SPUR: "femoral spur",
}


def tell(evidence: Evidence, hip: FoundHip) -> None:
    """Tell the account of everything that the findings themselves do not say."""
    account, place = evidence.account, evidence.path
    for words in _taken(evidence, hip):
        account.take(place, words)
    for words in _left(evidence, hip):
        account.leave(place, words)
    for words in _assumed(evidence, hip):
        account.assume(place, words)


def _taken(evidence: Evidence, hip: FoundHip) -> Iterator[str]:
    if hip.presence is Presence.ABSENT:
        yield "its bones are labelled and no ossification is: ossification is absent"
    for distance in hip.distances:
        if distance.why is None:
            yield f"gap {_in_words(distance, evidence)}"
    if hip.islands:
        yield _islands(hip, evidence)
    if hip.bridge_mm is not None:
        mm = f"{hip.bridge_mm:.1f} mm{_plane(evidence)}"
        yield f"ossification reaches from bone to bone, {mm} across where it is narrowest"
    if hip.volume_mm3:
        yield f"ossification of {hip.volume_mm3 / 1000:.2f} ml in all, outside the joint"


def _left(evidence: Evidence, hip: FoundHip) -> Iterator[str]:
    first = evidence.first
    if first is not None and first.found.specks:
        yield f"{_count(first.found.specks, 'speck')} of ossification too small to count"
    if first is not None and first.found.in_joint and not evidence.lattice.is_film:
        ml = first.found.in_joint * evidence.lattice.cell / 1000
        yield f"{ml:.2f} ml of ossification within the joint: neither a bridge nor an end of a gap"
    for distance in hip.distances:
        if distance.why is not None:
            yield f"distance {_in_words(distance, evidence)}: {_in_sentence(SET_ASIDE_CODES[distance.why].meaning)}"
    yield from _why_open(evidence, hip)


def _why_open(evidence: Evidence, hip: FoundHip) -> Iterator[str]:
    """Why a gap, a spur, bridging or presence is not stated."""
    spurs = bool(hip.pelvic_spur or hip.femoral_spur)
    if spurs and not evidence.has_joint and hip.gap is None:
        yield f"no gap is measured, for the joint is not found: {evidence.joint}"
    if not evidence.is_measurable:
        edge = max(evidence.lattice.edges)
        yield f"no gap is measured, for the voxels are {edge:.1f} mm long: tips of spurs are lost in them"
    if hip.presence is Presence.INDETERMINATE:
        yield "what is labelled as ossification lies in the joint, or is too small or unsure to count"
    if hip.presence is None:
        yield f"that there is no ossification is not said: {_why_not_absent(evidence)}"
    for bone, spur in zip(BONES, (hip.pelvic_spur, hip.femoral_spur), strict=True):
        if spur is None and hip.presence is Presence.PRESENT:
            yield f"whether there is a spur of the {_NAMES[bone]} is left open: {_why_unsure(evidence, bone)}"
    if hip.in_contact:
        yield "opposing surfaces touch, too narrowly to tell whether they are joined: bridging is not stated"


def _why_not_absent(evidence: Evidence) -> str:
    if not evidence.has_joint:
        return str(evidence.joint)
    return "not every kind of ossification has a label"


def _why_unsure(evidence: Evidence, bone: Role) -> str:
    held = {piece.attached[bone] for piece in evidence.pieces}
    if Attachment.UNSURE not in held:
        return "no label stands for one"
    if evidence.first is not None and not evidence.first.solids.has(bone):
        return f"no {_NAMES[bone]} is labelled"
    return "what is labelled touches it too little, or differently at other levels, to tell it from an island"


def _assumed(evidence: Evidence, hip: FoundHip) -> Iterator[str]:
    if not evidence.boundary.sd_is_stated and hip.presence is Presence.PRESENT:
        sd = evidence.boundary.sd_mm
        yield f"boundaries are taken to be true to {sd:g} mm (standard deviation): nothing states boundary_sd_mm"
    if not evidence.lattice.is_film and max(evidence.lattice.edges) > WIDE_VOXEL_MM:
        yield f"voxels are up to {max(evidence.lattice.edges):.1f} mm long, which makes lengths less certain"
    for piece in evidence.pieces:
        yield from _contradictions(evidence, piece)
    if any(piece.is_cut for piece in evidence.pieces):
        border = "image" if evidence.lattice.is_film else "volume"
        yield f"ossification reaches the border of the {border}: it may be larger than what is measured"


def _contradictions(evidence: Evidence, piece: Piece) -> Iterator[str]:
    """Where what a maker sorted does not fit what it touches."""
    if evidence.lattice.is_film:
        return
    wide = [bone for bone in BONES if piece.contact[bone] >= SURE_CONTACT_CELLS]
    if piece.said == {Role.ISLAND} and wide:
        names = " and ".join(_NAMES[bone] for bone in wide)
        yield f"an island lies against the {names} over {max(piece.contact.values())} voxels; it is taken as its maker sorted it"
    for bone in BONES:
        if SPUR_OF[bone] in piece.said and not piece.contact[bone]:
            yield f"a {_NAMES[SPUR_OF[bone]]} does not touch the {_NAMES[bone]}; it is taken as its maker sorted it"


def _plane(evidence: Evidence) -> str:
    """What millimetres of a film are until it is calibrated."""
    return " (by the header of its image)" if evidence.lattice.is_film else ""


def _islands(hip: FoundHip, evidence: Evidence) -> str:
    islands = hip.islands or ()
    lengths = several((f"{each.mm:.1f} mm" for each in islands if each.mm is not None), ",")
    unsure = sum(island.may_be_spur for island in islands)
    some = "which" if len(islands) == 1 else f"of which {unsure}"
    more = f", {some} may be a spur" if unsure else ""
    told = f": {lengths}{_plane(evidence)}" if lengths else ""
    return f"{_count(len(islands), 'island')}{told}{more}"


def _in_sentence(meaning: str) -> str:
    return f"{meaning[:1].lower()}{meaning[1:]}"


def _in_words(distance: Distance, evidence: Evidence) -> str:
    names = " to ".join(_NAMES[role] for role in distance.between)
    level = "" if distance.level is None else f" at the level {distance.level:g}"
    if distance.mm is None:
        return f"from {names}{level}"
    return f"of {distance.mm:.1f} mm{_plane(evidence)} from {names}{level}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
