"""What several sources say of each hip, together: each fact from one of them, or from all alike.

Masks, and outlines of spurs beside which nobody drew the gap, are measured; figures say what they show; scores
speak for themselves. A gap that somebody drew beside outlines of the same hip is the measurement, where both
agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

from hosr.annotations.account import Account
from hosr.annotations.figures import find_hips
from hosr.annotations.pictures.shapes import fill_outlines
from hosr.annotations.roles import Meaning, Role, RoledFigure
from hosr.annotations.sources import PixelGrid, Source, fills_the_same, overlap
from hosr.findings import Hip, Length, Spurs
from hosr.vocabulary.terms import Side

if TYPE_CHECKING:
    from hosr.annotations.context import Context
    from hosr.annotations.sources import Figure, Mask
    from hosr.annotations.viewers.drawings import Drawing

# So far apart two measurements of one gap may be: two readers of one film differ by a millimetre or two.
_MOST_SHARE = 0.2

DrawnT = TypeVar("DrawnT", "Mask", "Figure")


def gather_hips(sources: Sequence[Source], drawing: Drawing, context: Context) -> tuple[Hip, ...]:
    """What all sources and the drawing say, one hip a side; faults go to the account."""
    return join_hips(_find_hips(sources, drawing, context), context.account)


def _find_hips(sources: Sequence[Source], drawing: Drawing, context: Context) -> Iterator[Hip]:
    _refuse_several(sources, context)
    masks = (mask for source in sources for mask in source.masks)
    named = [figure for source in sources for figure in _with_figures(source, context)]
    outlined, roled = fill_outlines((*named, *drawing.figures), context.images)
    found = list(_hips_of_masks([*_with_roles(masks, context), *outlined], context))
    others = {hip.side for hip in (*found, *_scored(sources))} | drawing.former_sides
    drawn = find_hips(roled, context.images, context.account, others=others)
    yield from leave_to_lines(found, drawn, context.account)
    yield from drawn
    yield from _scored(sources)


def _refuse_several(sources: Sequence[Source], context: Context) -> None:
    """A label that two sources fill, and differently: two readings, which are no structure together."""
    seen: dict[tuple[object, ...], tuple[Source, Mask]] = {}
    for source, mask in ((each, mask) for each in sources for mask in each.masks):
        if not context.labels.takes(mask.label) or not mask.occupancy.size:
            continue
        place = mask.grid.place if isinstance(mask.grid, PixelGrid) else None
        first, other = seen.setdefault(
            (mask.label.name or mask.label.number, place), (source, mask)
        )
        if first is not source and overlap(mask, other) and not fills_the_same(mask, other):
            problem = f"draws {mask.label} otherwise than {other.place}"
            context.account.blame(mask.place, problem, "import the one that is right")


def _scored(sources: Sequence[Source]) -> Iterator[Hip]:
    """What sources say of hips themselves."""
    for source in sources:
        yield from source.hips


def _hips_of_masks(masks: Sequence[tuple[Mask, Meaning]], context: Context) -> Iterator[Hip]:
    if not masks:
        return
    from hosr.annotations.film_agreement import check_films
    from hosr.annotations.masks import RoledMask, as_hip
    from hosr.annotations.masks import find_hips as find_hips_of_masks
    from hosr.annotations.masks.found import frame_of_reference_of, setting_of

    check_films(masks, context)
    sd_mm = context.labels.maker.boundary_sd_mm
    setting = setting_of([mask for mask, _ in masks], context.images, sd_mm)
    roled = [RoledMask(role=m.role, side=m.side, mask=mask) for mask, m in masks]
    uid = frame_of_reference_of(context.images)
    for found in find_hips_of_masks(roled, setting, context.account):
        yield as_hip(found, uid)


def _with_figures(source: Source, context: Context) -> Iterator[RoledFigure]:
    if source.is_in_words:  # those are the drawing
        return
    for figure, meaning in _with_roles(source.figures, context):
        yield RoledFigure(meaning=meaning, figure=figure)


def _with_roles(drawn: Iterable[DrawnT], context: Context) -> Iterator[tuple[DrawnT, Meaning]]:
    """What was drawn, with what it stands for; a label without a role is told, and left."""
    from hosr.annotations.viewers.roles import tell_other_side

    labels, account = context.labels, context.account
    for each in drawn:
        meaning = labels.meaning_of(each.label)
        if meaning is None:
            why = f" in {labels.name}" if labels.digest else ": no labels.toml is given"
            account.leave(each.place, f"{_shown(each)}has no role{why}")
        elif meaning.role is Role.IGNORE:
            account.leave(each.place, f"{_shown(each)}is left out, as {labels.name} says")
        else:
            tell_other_side(each, meaning, labels.name, account)
            yield each, meaning


def _shown(drawn: Mask | Figure) -> str:
    """The label, where the place does not name it already."""
    return "" if drawn.place.endswith(str(drawn.label)) else f"{drawn.label} "


def leave_to_lines(found: Sequence[Hip], drawn: Iterable[Hip], account: Account) -> list[Hip]:
    """The hips that were found in masks without the gaps that a line of about that length states.

    Where the two differ by more than a fifth, both stay, for a person to say which is right.
    """
    lines = {hip.side: hip.gap for hip in drawn if hip.gap is not None}
    return [_without_gap(hip, lines, account) for hip in found]


def _without_gap(hip: Hip, lines: Mapping[Side, Length], account: Account) -> Hip:
    line = lines.get(hip.side)
    if hip.gap is None or line is None or not _agree(hip.gap, line):
        return hip
    share = f"{100 * _share(hip.gap, line):.0f} %"
    words = (
        f"the gap is the line that was drawn, not that between outlines, which is {share} as long"
    )
    account.assume(f"{hip.side} hip", words)
    return replace(hip, gap=None)


def _agree(one: Length, other: Length) -> bool:
    share = _share(one, other)
    return 1 - _MOST_SHARE <= share <= 1 + _MOST_SHARE


def _share(one: Length, other: Length) -> float:
    """How long one is as a part of the other; 0 where they lie on different images or spaces."""
    if one.segment is not None and other.segment is not None and other.segment.mm:
        return one.segment.mm / other.segment.mm
    a, b = one.line, other.line
    if a is None or b is None or a.place != b.place or a.spans_images or b.spans_images:
        return 0.0
    return math.dist(a.start, a.end) / math.dist(b.start, b.end)


def join_hips(hips: Iterable[Hip], account: Account) -> tuple[Hip, ...]:
    """One hip a side, right first; a fault for each fact that two sources give differently.

    What a hip leaves at its default is not stated, and says nothing against another source.
    """
    by_side: dict[Side, list[Hip]] = {Side.RIGHT: [], Side.LEFT: []}
    for hip in hips:
        by_side[hip.side].append(hip)
    return tuple(
        reduce(lambda one, other: _joined(one, other, account), found)
        for found in by_side.values()
        if found
    )


def _joined(one: Hip, other: Hip, account: Account) -> Hip:
    blank = Hip(side=one.side)
    names = [field.name for field in fields(Hip) if field.name not in ("side", "spurs")]
    taken: dict[str, Any] = {
        name: _agreed(
            (getattr(one, name), getattr(other, name)),
            getattr(blank, name),
            name,
            one.side,
            account,
        )
        for name in names
    }
    bones: dict[str, bool | None] = {
        bone: _agreed(
            (getattr(one.spurs, bone), getattr(other.spurs, bone)),
            None,
            f"spurs.{bone}",
            one.side,
            account,
        )
        for bone in ("pelvis", "femur")
    }
    return replace(one, spurs=Spurs(**bones), **taken)


def _agreed(given: tuple[Any, Any], blank: Any, name: str, side: Side, account: Account) -> Any:
    """What is stated of two values, and a fault where both are, and differ."""
    first, second = given
    if second in (blank, first):
        return first
    if first == blank:
        return second
    problem = f"{name} of the {side} hip is given by two sources, and differently"
    account.blame("sources", problem, "import the one that is right")
    return first
