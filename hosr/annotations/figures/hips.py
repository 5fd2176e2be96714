"""The flow: figures to hips, and every fault of theirs at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.annotations.figures.islands import find_islands
from hosr.annotations.figures.lines import find_calibration, find_gaps, place_of, points_of
from hosr.annotations.figures.sides import by_side
from hosr.annotations.figures.slices import IN_PLANE_MM, nearest_slice, slices_of
from hosr.annotations.roles import Role
from hosr.annotations.sources import Figure, Form
from hosr.findings import Hip, Spurs, to_graphic_precision
from hosr.intake.marks import Placed
from hosr.intake.sides import compare_side
from hosr.report import places
from hosr.vocabulary.terms import Presence, Side

if TYPE_CHECKING:
    from hosr.annotations.account import Account
    from hosr.annotations.figures.roled import RoledFigure
    from hosr.intake.images import SourceImages

_BONES = frozenset({Role.PELVIS, Role.FEMUR, Role.IMPLANT})
_BONE_IS_THERE = frozenset(
    {Role.OSSIFICATION, Role.ISLAND, Role.PELVIC_SPUR, Role.FEMORAL_SPUR, Role.SPUR}
)

# The forms that a role can be drawn in, where not any will do, and how to draw it instead.
_FORMS = {
    Role.GAP: (frozenset({Form.LINE}), "draw the gap as a line from bone to bone"),
    Role.GAP_START: (frozenset({Form.POINT}), "mark each end of the gap by a point"),
    Role.GAP_END: (frozenset({Form.POINT}), "mark each end of the gap by a point"),
    Role.CALIBRATION: (
        frozenset({Form.LINE, Form.POLYGON}),
        "draw a line across it, of the length true_mm",
    ),
}


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
    kept = [_on_images(each, images, account) for each in _distinct(figures, account)]
    usable = [each for each in kept if each is not None and _is_usable(each, images, account)]
    found = by_side(usable, images, account, frozenset(others))
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
        elif each.role in _BONES:
            words = f"{label} ({each.role.value}) says nothing of ossification by itself"
            account.leave(each.place, words)
        elif key in seen:
            account.leave(each.place, f"{label} is the figure of {seen[key]} once more")
        else:
            seen[key] = each.place
            yield each


def _on_images(
    each: RoledFigure, images: SourceImages | None, account: Account
) -> RoledFigure | None:
    """The figure with its points on an image; one in the patient on the slice that it was drawn on."""
    figure = each.figure
    if not all(math.isfinite(value) for point in figure.points for value in point):
        account.blame(each.place, f"{figure.label} has a point that is no number", "correct it")
        return None
    if figure.image is not None:
        points = [tuple(map(to_graphic_precision, point)) for point in figure.points]
        return replace(each, figure=replace(figure, points=tuple(points)))
    slices = () if images is None else slices_of(images)
    if not slices:
        problem = f"{figure.label} lies in the patient, and no image says where that is"
        account.blame(each.place, problem, "give the CT or MR images with --images")
        return None
    nearest = nearest_slice(slices, figure.points)
    if not _is_of_frame(figure, nearest.frame_of_reference_uid, account):
        return None
    off_mm = max(map(nearest.distance_mm, figure.points))
    if off_mm > IN_PLANE_MM:
        problem = f"{figure.label} lies on no slice of the images: {off_mm:.1f} mm off the nearest"
        account.blame(each.place, problem, "draw it on a slice, in the plane of the images")
        return None
    points = [nearest.project(point) for point in figure.points]
    return replace(each, figure=replace(figure, points=tuple(points), image=nearest.place))


def _is_of_frame(figure: Figure, uid: str, account: Account) -> bool:
    """Whether points belong to the space of the images, which not every source names."""
    if not figure.frame_of_reference_uid:
        words = f"{figure.label} lies in the frame of reference of the images"
        account.assume(figure.place, words)
        return True
    if figure.frame_of_reference_uid == uid:
        return True
    problem = (
        f"{figure.label} lies in the frame of reference {figure.frame_of_reference_uid}, "
        f"and the images in {uid or 'one that they do not name'}"
    )
    account.blame(figure.place, problem, "give the images that it was drawn on")
    return False


def _is_usable(each: RoledFigure, images: SourceImages | None, account: Account) -> bool:
    """Whether a figure has the form of its role, and lies on an image that is there."""
    figure = each.figure
    forms, remedy = _FORMS.get(each.role, (frozenset(Form), ""))
    if figure.form not in forms:
        problem = f"{figure.label} ({each.role.value}) is a {figure.form.value}"
        account.blame(each.place, problem, f"{remedy}, or give the label the role ignore")
        return False
    if figure.form is Form.LINE and not _is_line(each, account):
        return False
    if figure.form in (Form.POLYGON, Form.BOX) and len(set(figure.points)) < 3:
        problem = f"{figure.label} has fewer than three different corners"
        account.blame(each.place, problem, "outline the region")
        return False
    return images is None or _is_inside(each, images, account)


def _is_line(each: RoledFigure, account: Account) -> bool:
    label, points = each.figure.label, each.figure.points
    if each.role in (Role.GAP, Role.CALIBRATION, Role.ISLAND) and len(points) != 2:
        problem = f"{label} ({each.role.value}) is a line of {len(points)} points"
        account.blame(
            each.place, problem, "a length is measured from one end straight to the other"
        )
        return False
    if points[0] == points[-1]:
        account.blame(each.place, f"{label} marks the same point twice", "mark both ends", "E05")
        return False
    return True


def _is_inside(each: RoledFigure, images: SourceImages, account: Account) -> bool:
    uid = place_of(each).sop_instance_uid
    image = images.find(uid)
    if image is None:
        problem = f"{each.figure.label} is on image {uid}, which is not among those given"
        account.blame(each.place, problem, "give that image")
        return False
    columns, rows = image.reference.columns, image.reference.rows
    outside = [p for p in points_of(each) if not (0 <= p[0] <= columns and 0 <= p[1] <= rows)]
    if outside:
        column, row = outside[0]
        problem = f"{each.figure.label} has the point [{column:g}, {row:g}] outside its image"
        account.blame(each.place, problem, f"points are within 0..{columns}, 0..{rows}")
    return not outside


def _hip(
    side: Side, figures: Sequence[RoledFigure], images: SourceImages | None, account: Account
) -> Hip:
    roles = {each.role for each in figures}
    gap, gap_lateral = find_gaps(figures, side, images, account)
    for each in figures:
        if each.role is not Role.ISLAND:
            account.take(each.place, f"{each.figure.label}: {each.role.value}, {side} hip")
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
