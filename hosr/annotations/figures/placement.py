"""Where figures lie, and whether they have the form of their role: what cannot be used is told."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.annotations.figures.lengths import points_of
from hosr.annotations.roles import Role
from hosr.annotations.slices import nearest_slice, slices_of
from hosr.annotations.sources import Figure, Form
from hosr.findings import to_graphic_precision

if TYPE_CHECKING:
    from hosr.annotations.account import Account
    from hosr.annotations.roles import RoledFigure
    from hosr.annotations.slices import Slice
    from hosr.intake.images import SourceImages

# How far points may be from the plane of a slice that they count as drawn on: what rounding leaves.
_IN_PLANE_MM = 0.1
# How far a point that only marks bone may be from its slice: half the space between thick slices.
_NEAR_MM = 3.0

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


def place_figure(
    each: RoledFigure, images: SourceImages | None, account: Account
) -> RoledFigure | None:
    """The figure on its image; one in the patient stays there to be measured, else comes on a slice."""
    figure = each.figure
    if not all(math.isfinite(value) for point in figure.points for value in point):
        account.blame(each.place, f"{figure.label} has a point that is no number", "correct it")
        return None
    points = tuple(tuple(map(to_graphic_precision, point)) for point in figure.points)
    figure = replace(figure, points=points)
    each = replace(each, figure=figure)
    return each if figure.image is not None else _in_patient(each, images, account)


def _in_patient(
    each: RoledFigure, images: SourceImages | None, account: Account
) -> RoledFigure | None:
    figure = each.figure
    if each.role is Role.CALIBRATION:
        words = f"{figure.label} lies in the patient, in millimetres that need no calibration"
        account.leave(each.place, words)
        return None
    slices = () if images is None else slices_of(images)
    if not slices:
        if _is_measured(each) and figure.frame_of_reference_uid:
            return each
        problem = f"{figure.label} lies in the patient, and no image says where that is"
        remedy = f"give the CT or MR images with {account.options.images}"
        account.blame(each.place, problem, remedy)
        return None
    nearest = nearest_slice(slices, figure.points)
    uid = nearest.frame_of_reference_uid
    if not _is_of_frame(figure, uid, account):
        return None
    if _is_measured(each):
        return replace(each, figure=replace(figure, frame_of_reference_uid=uid))
    return _on_slice(each, nearest, account)


def _is_measured(each: RoledFigure) -> bool:
    return each.figure.form is Form.LINE or each.role in (Role.GAP_START, Role.GAP_END)


def _on_slice(each: RoledFigure, nearest: Slice, account: Account) -> RoledFigure | None:
    """The figure on the slice that it was drawn on; a point that only marks bone on the nearest."""
    figure = each.figure
    off_mm = max(map(nearest.distance_mm, figure.points))
    if off_mm > (_NEAR_MM if figure.form is Form.POINT else _IN_PLANE_MM):
        problem = f"{figure.label} lies on no slice of the images: {off_mm:.1f} mm off the nearest"
        account.blame(each.place, problem, "draw it on a slice, in the plane of the images")
        return None
    points = tuple(nearest.project(point) for point in figure.points)
    return replace(each, figure=replace(figure, points=points, image=nearest.place))


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


def is_usable(each: RoledFigure, images: SourceImages | None, account: Account) -> bool:
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
    if each.figure.image is None:
        return True
    uid = each.figure.image.sop_instance_uid
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
