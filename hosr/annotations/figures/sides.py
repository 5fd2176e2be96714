"""Of which hip a figure is: its label says it, or the header of an image that shows one hip."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from hosr.annotations.roles import Role
from hosr.vocabulary.terms import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hosr.annotations.account import Account
    from hosr.annotations.roles import RoledFigure
    from hosr.intake.images import SourceImages

_ASK = 'write side = "right" or side = "left" for its label'


def by_side(
    figures: Iterable[RoledFigure],
    images: SourceImages | None,
    account: Account,
    others: Iterable[Side] = (),
) -> Mapping[Side, list[RoledFigure]]:
    """The figures of each hip; every figure of no known hip is a fault.

    `others` are the hips that other sources speak of. A calibration object of no side belongs to
    every hip of its image.
    """
    found: dict[Side, list[RoledFigure]] = defaultdict(list)
    shared = []
    for each in figures:
        side = _side_of(each, images, account)
        if side is not None:
            found[side].append(each)
        elif each.role is Role.CALIBRATION:
            shared.append(each)
        else:
            problem = f"{each.figure.label} ({each.role.value}) does not say of which hip it is"
            account.blame(each.place, problem, _ASK)
    for each in shared:
        _share(each, found, others, account)
    return {side: found[side] for side in Side if side in found}


def _side_of(each: RoledFigure, images: SourceImages | None, account: Account) -> Side | None:
    header = _side_shown(each, images)
    if each.side is None and header is not None:
        words = f"{each.figure.label} is of the {header} hip, the one that the image header names"
        account.assume(each.place, words)
        return header
    if each.side is not None and header not in (None, each.side):
        problem = (
            f"{each.figure.label} is of the {each.side} hip, but the image header says {header}"
        )
        remedy = "correct the label, or give the image of that side"
        account.blame(each.place, problem, remedy)
    return each.side


def _side_shown(each: RoledFigure, images: SourceImages | None) -> Side | None:
    """The one hip that the header of the figure's image names; in the patient, all headers together."""
    if images is None:
        return None
    shown = images.images
    if each.figure.image is not None:
        image = images.find(each.figure.image.sop_instance_uid)
        shown = () if image is None else (image,)
    sides = {image.header_side for image in shown}
    return sides.pop() if len(sides) == 1 else None


def _share(
    each: RoledFigure,
    found: dict[Side, list[RoledFigure]],
    others: Iterable[Side],
    account: Account,
) -> None:
    """A ball between the thighs serves both hips."""
    drawn = {side for side, mine in found.items() if any(_is_on_image_of(each, m) for m in mine)}
    sides = [side for side in Side if side in drawn or side in others]
    for side in sides:
        found[side].append(each)
    if sides:
        words = f"{each.figure.label} calibrates its image for the {' and the '.join(sides)} hip"
        account.assume(each.place, words)
    else:
        account.leave(each.place, f"{each.figure.label} calibrates no image that is measured on")


def _is_on_image_of(one: RoledFigure, other: RoledFigure) -> bool:
    return one.figure.image == other.figure.image
