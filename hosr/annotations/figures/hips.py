"""The flow: figures to hips, and every fault of theirs at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.annotations.figures.lengths import find_calibration, find_gaps, find_islands
from hosr.annotations.figures.placement import is_usable, place_figure
from hosr.annotations.figures.sides import by_side
from hosr.annotations.roles import HETEROTOPIC, SKELETON, Role
from hosr.findings import Hip, Spurs
from hosr.intake.marks import Placed
from hosr.intake.sides import compare_side
from hosr.report import places
from hosr.vocabulary.terms import Presence, Side

if TYPE_CHECKING:
    from hosr.annotations.account import Account
    from hosr.annotations.roles import RoledFigure
    from hosr.intake.images import SourceImages

_SAY_NOTHING = SKELETON | {Role.IMPLANT}
_BONE_IS_THERE = HETEROTOPIC | {Role.SPUR}


def find_hips(
    figures: Sequence[RoledFigure],
    images: SourceImages | None,
    account: Account,
    *,
    others: Iterable[Side] = (),
) -> tuple[Hip, ...]:
    """What figures say of each hip, right before left; nothing is measured yet.

    Parameters
    ----------
    figures
        With what their labels stand for. Points are on images, or in the patient (LPS mm).
    images
        Those of the study, for headers, edges and slices; None where none were given.
    account
        Is told what was taken, left out and assumed; every fault is kept in it.
    others
        The hips that other sources of the same import speak of: a calibration object that names
        no side serves these as well.
    """
    kept = [place_figure(each, images, account) for each in _distinct(figures, account)]
    usable = [each for each in kept if each is not None and is_usable(each, images, account)]
    others = frozenset(others)
    found = _without_lone_calibrations(by_side(usable, images, account, others), others, account)
    hips = tuple(_hip(side, mine, images, account) for side, mine in found.items())
    if images is not None and not account.faults:
        for hip in hips:
            _compare_halves(hip, images, account)
    return hips


def _distinct(figures: Sequence[RoledFigure], account: Account) -> Iterator[RoledFigure]:
    """Those that say something, each once."""
    seen: dict[tuple[object, ...], str] = {}
    for each in figures:
        label = each.figure.label
        key = (each.meaning, each.figure.form, each.figure.points, each.figure.image)
        if each.role is Role.IGNORE:
            account.leave(each.place, f"{label} is to be ignored, by its role")
        elif each.role in _SAY_NOTHING:
            words = f"{label} ({each.role.value}) says nothing of ossification by itself"
            account.leave(each.place, words)
        elif key in seen:
            account.leave(each.place, f"{label} is the figure of {seen[key]} once more")
        else:
            seen[key] = each.place
            yield each


def _without_lone_calibrations(
    found: Mapping[Side, list[RoledFigure]], others: frozenset[Side], account: Account
) -> dict[Side, list[RoledFigure]]:
    """The hips of which more than an object of known size was drawn.

    Such an object beside lines of the other hip, which has none, is asked back: it may be meant for these.
    """
    alone = {
        side
        for side, mine in found.items()
        if side not in others and all(each.role is Role.CALIBRATION for each in mine)
    }
    kept = {side: mine for side, mine in found.items() if side not in alone}
    drawn = {
        each.figure.image
        for mine in kept.values()
        if all(each.role is not Role.CALIBRATION for each in mine)
        for each in mine
    }
    for each in (each for side in alone for each in found[side]):
        words = (
            f"{each.figure.label} calibrates the {each.side} hip, of which nothing else is given"
        )
        if each.figure.image in drawn:
            remedy = "leave the side out where it calibrates the whole image"
            account.blame(each.place, words, remedy)
        elif not account.faults:  # else nobody knows what more would have been read of it
            account.leave(each.place, words)
    return kept


def _hip(
    side: Side, figures: Sequence[RoledFigure], images: SourceImages | None, account: Account
) -> Hip:
    roles = {each.role for each in figures}
    gap, gap_lateral = find_gaps(figures, side, images, account)
    for each in figures:
        if each.role is not Role.ISLAND:
            role = each.role.value.replace("_", " ")
            account.take(each.place, f"{each.figure.label}: {role}, {side} hip")
    hip = Hip(
        side=side,
        presence=Presence.PRESENT if roles & _BONE_IS_THERE else None,
        islands=find_islands(figures, images, account),
        spurs=Spurs(
            pelvis=True if Role.PELVIC_SPUR in roles else None,
            femur=True if Role.FEMORAL_SPUR in roles else None,
        ),
        gap=gap,
        gap_lateral=gap_lateral,
        calibration=find_calibration(figures, side, images, account),
    )
    drawn = [each.figure.image for each in figures if each.role in _BONE_IS_THERE]
    return hip if places(hip) or not drawn else replace(hip, place=drawn[0])


def _compare_halves(hip: Hip, images: SourceImages, account: Account) -> None:
    """Figures that all lie at the other hip: their label or the image is wrong."""
    views = {
        image.header_view
        for image in (images.find(place.sop_instance_uid) for place in places(hip))
        if image is not None
    }
    placed = Placed()
    view = next(iter(views)) if len(views) == 1 else None
    compare_side(hip, images, view, "labels", placed)
    for fault in placed.image_faults:
        _, _, problem = fault.problem.partition(", but ")
        account.blame(f"{hip.side} hip", problem or fault.problem, fault.remedy, fault.rule)
