"""What one level of the masks of one hip shows, and what other levels of the probabilities leave open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hosr.annotations.masks.bridges import Bridge, measure_bridge
from hosr.annotations.masks.distances import Way, find_ways
from hosr.annotations.masks.joint import Joint
from hosr.annotations.masks.limits import TOUCH_CELLS
from hosr.annotations.masks.pieces import Attachment, Piece, Pieces, find_pieces
from hosr.annotations.masks.scene import BONES, Scene, Solids
from hosr.annotations.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LevelReading:
    """The pieces at one level, how wide those are that reach both bones, and the lines between surfaces.

    `ways` are those of spurs that surely are ones, `open_ways` those that there would be if every piece
    that may be a spur were one.
    """

    level: float
    solids: Solids
    found: Pieces
    bridges: tuple[tuple[Piece, Bridge], ...]
    ways: tuple[Way, ...]
    open_ways: tuple[Way, ...]

    @property
    def is_bridged(self) -> bool:
        """Whether a piece reaches from bone to bone, wide enough to be no touch."""
        return any(bridge.is_sure for _, bridge in self.bridges)

    @property
    def touches(self) -> bool:
        """Whether opposing surfaces meet without a sure bridge."""
        if self.is_bridged:
            return False
        return bool(self.bridges) or any(map(_touches, self.found.pieces))

    @property
    def gap(self) -> Way | None:
        """The shortest free line between opposing surfaces."""
        return shortest_free(self.ways)

    def attached(self, bone: Role) -> Attachment:
        """Whether any piece is attached to a bone."""
        held = (piece.attached[bone] for piece in self.found.pieces)
        return max(held, default=Attachment.NONE)


def read_levels(
    scene: Scene, joint: Joint | None, levels: Iterable[float]
) -> Iterator[LevelReading]:
    """Everything at each level, when it is asked for."""
    zone = None if joint is None else joint.cells(scene.lattice, scene.box)
    for level in levels:
        solids = scene.solids(level)
        yield judge(level, solids, find_pieces(solids, zone), joint)


def judge(level: float, solids: Solids, found: Pieces, joint: Joint | None) -> LevelReading:
    """The bridges and lines of pieces that were found."""
    bridges = [(p, measure_bridge(solids, p)) for p in found.pieces if p.reaches_both]
    if bridges:
        ways: list[Way] = []
        open_ways: list[Way] = []
    else:
        ways = find_ways(solids, _spurs(found, Attachment.SURE), joint)
        unsure = any(piece.is_unsure for piece in found.pieces)
        open_ways = find_ways(solids, _spurs(found, Attachment.UNSURE), joint) if unsure else ways
    return LevelReading(
        level=level,
        solids=solids,
        found=found,
        bridges=tuple(bridges),
        ways=tuple(ways),
        open_ways=tuple(open_ways),
    )


def loosen(reading: LevelReading, others: list[LevelReading], joint: Joint | None) -> LevelReading:
    """The same reading, where pieces are sure only of what they are at every level."""
    unsure = {
        bone
        for bone in BONES
        if len({each.attached(bone) is Attachment.SURE for each in (reading, *others)}) > 1
    }
    if not unsure:
        return reading
    pieces = tuple(_loosened(piece, unsure) for piece in reading.found.pieces)
    found = replace(reading.found, pieces=pieces)
    return judge(reading.level, reading.solids, found, joint)


def shortest_free(ways: tuple[Way, ...]) -> Way | None:
    """The first of them that nothing stands in the way of."""
    return next((way for way in ways if way.is_free and not way.overlaps), None)


def nearly_touches(reading: LevelReading) -> bool:
    """Whether the gap is so small that it may be none."""
    gap = reading.gap
    if gap is None:
        return reading.touches
    cell = reading.solids.lattice.cell_along_mm(gap.start_mm, gap.end_mm)
    return gap.length < TOUCH_CELLS * cell


def _touches(piece: Piece) -> bool:
    held = set(piece.attached.values())
    return held == {Attachment.SURE, Attachment.UNSURE}


def _spurs(found: Pieces, least: Attachment) -> dict[Role, list[Piece]]:
    return {bone: [p for p in found.pieces if p.attached[bone] >= least] for bone in BONES}


def _loosened(piece: Piece, unsure: set[Role]) -> Piece:
    if piece.said == {Role.ISLAND}:
        return piece
    others = {bone: held for bone, held in piece.attached.items() if bone not in unsure}
    if any(others.values()):
        return piece
    attached = {**piece.attached, **dict.fromkeys(unsure, Attachment.UNSURE)}
    return replace(piece, attached=attached)
