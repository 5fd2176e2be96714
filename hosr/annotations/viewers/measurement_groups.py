"""Structured reports of any maker to a `Source`: their measurement groups, as figures with their labels.

Where a number is inferred from a shape, or a group has a shape of its own (TID 1410, 1501), that shape
is the figure, and the number beside it is what its writer states. A number without a shape cannot be
measured again, and is not taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hosr import codes
from hosr.annotations.roles import Meaning, Role
from hosr.annotations.sources import Coordinates, Figure, Form, Label, Stated
from hosr.annotations.viewers.foreign import read_file, read_foreign, require_images
from hosr.annotations.viewers.grammar import understanding
from hosr.annotations.viewers.tools import (
    DRAWING_AID_SCHEMES,
    LENGTHS,
    SHORT_AXES,
    Tool,
    form_of,
    labels_of,
    sides_of,
    tool_of,
    tracking_uid_of,
)
from hosr.findings import Place, to_graphic_precision
from hosr.intake.record.refusal import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from hosr.annotations.account import Account
    from hosr.annotations.context import Context
    from hosr.annotations.sources import Source
    from hosr.annotations.viewers.tree import Node, Pointer, Shape
    from hosr.intake.images import SourceImages

_SHAPES = ("SCOORD", "SCOORD3D")
_GROUP = codes.MEASUREMENT_GROUP.key
_SEGMENT = ("DCM", "121191")
# What a group says of itself in codes that are nobody's grade.
_PLAIN_NAMES = frozenset(
    {
        codes.FINDING.key,
        codes.FINDING_SITE.key,
        codes.FINDING_CATEGORY.key,
        codes.LATERALITY.key,
        codes.GEOMETRIC_PURPOSE.key,
        codes.MEASUREMENT_METHOD.key,
        codes.DERIVATION.key,
        ("SRT", "G-C0E3"),
        ("SRT", "G-C171"),
    }
)

Understand = Callable[[Label], Meaning | None]
"""What a label stands for, by whoever knows; None where nobody does."""


def read(path: Path, context: Context) -> Source:
    """The figures of a structured report, with their labels; what cannot be used is told.

    Raises `RecordRefused` for a file that is damaged, or holds nothing that can be measured, by name.
    """
    return read_report(read_file(path), path.name, context)


def read_report(data: bytes, name: str, context: Context) -> Source:
    """The same of the bytes of a file, as an archive gives them."""
    document = read_foreign(data, name, context.account)
    require_images(name, context)
    source = document.source("a structured report", context.account)
    reader = GroupReader(
        name=name,
        account=context.account,
        understand=understanding(context.labels),
        images=context.images,
    )
    figures = () if document.root is None else reader.read(document.root)
    return replace(source, figures=figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """A shape of a group, and what its writer measured on it."""

    node: Node
    stated: tuple[Stated, ...] = ()
    is_short: bool = False

    @property
    def pointers(self) -> tuple[Pointer, ...]:
        """The images under the shape; one in the patient has none."""
        found = (image.pointer for image in self.node.of_type("IMAGE"))
        return tuple(pointer for pointer in found if pointer is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReader:
    """What the groups of one document are read with; `name` is the document's."""

    name: str
    account: Account
    understand: Understand
    images: SourceImages | None = None

    def read(self, root: Node) -> tuple[Figure, ...]:
        """The figures of all groups; what is none is told."""
        groups = [node for node in root.walk() if node.name is not None and node.name.key == _GROUP]
        return tuple(
            figure
            for number, group in enumerate(groups, start=1)
            for figure in self._group(group, f"{self.name}, group {number}")
        )

    def _group(self, group: Node, place: str) -> Iterator[Figure]:
        self._tell_claims(group, place)
        drawn = [*_drawn(group)]
        if not drawn:
            self._tell_numbers(group, place)
        seen: set[Shape | None] = set()
        for each in drawn:
            if each.is_short:
                self.account.leave(place, "its short axis is not used: a length is the longest")
            elif each.node.shape not in seen:  # a perimeter and an area have the same outline
                seen.add(each.node.shape)
                figure = self._figure(group, each, place)
                if figure is not None:
                    yield figure

    def _figure(self, group: Node, drawn: _Drawn, place: str) -> Figure | None:
        shape, tool = drawn.node.shape, tool_of(group)
        label = self._label(group)
        said = f"{label} " if label.name else ""
        if shape is None:
            self.account.leave(place, f"{said}has points that are no numbers, or too many")
            return None
        form = form_of(shape.kind, len(shape.points), is_closed=_is_closed(shape), tool=tool)
        if shape.kind == "CIRCLE" and self._is_object(label):
            form = Form.LINE
        if form is None:
            words = f"{said}is {_called(shape, tool)}, which is neither a length nor an outline"
            self.account.leave(place, words)
            return None
        sides = sides_of(group)
        if len(sides) > 1:
            remedy = "have each side written in a group of its own"
            self.account.blame(place, f"{said}names both sides in its codes", remedy)
        figure = Figure(
            label=label,
            place=place,
            form=form,
            points=_points(shape, form),
            stated=drawn.stated,
            tracking_uid=tracking_uid_of(group),
            side=next(iter(sides)) if len(sides) == 1 else None,
        )
        return self._placed(figure, drawn, shape)

    def _label(self, group: Node) -> Label:
        """The first of its texts that somebody understands, else the likeliest to be its label."""
        labels = [Label(name=text) for text in labels_of(group)]
        understood = (label for label in labels if self.understand(label) is not None)
        return next(understood, labels[0] if labels else Label(name=""))

    def _is_object(self, label: Label) -> bool:
        meaning = self.understand(label)
        return meaning is not None and meaning.role is Role.CALIBRATION

    def _placed(self, figure: Figure, drawn: _Drawn, shape: Shape) -> Figure | None:
        """The figure on its image, or in the patient."""
        if drawn.node.value_type == "SCOORD3D":
            return replace(figure, frame_of_reference_uid=shape.frame_of_reference_uid)
        if len(drawn.pointers) != 1 or drawn.pointers[0].frame == 0:
            words = f"{figure.label} does not say on which one image it was drawn"
            self.account.leave(figure.place, words)
            return None
        image = drawn.pointers[0]
        return replace(figure, image=place_of(image.sop_instance_uid, image.frame, self.images))

    def _tell_numbers(self, group: Node, place: str) -> None:
        """Numbers that no points stand behind, and the segment that they may be of."""
        for node in group.of_type("NUM"):
            if node.amount is None or node.name is None:
                continue
            value, unit = node.amount
            what = f"{quoted(node.name.meaning)}, {value:g} {unit.value} as its writer stated it"
            self.account.leave(place, f"{what}, has no points: it cannot be measured again")
        for node in group.find(_SEGMENT):
            if node.pointer is not None:
                uid, number = node.pointer.sop_instance_uid, node.pointer.segment
                words = f"is of segment {number} of the segmentation {uid}: import that file"
                self.account.leave(place, words)

    def _tell_claims(self, group: Node, place: str) -> None:
        """Answers in codes of others, such as a grade: by whose rules, nobody knows here.

        A number may have such answers too, and a code for why there is none.
        """
        numbers = tuple(group.of_type("NUM"))
        for node in numbers:
            if node.name is not None and node.qualifier is not None:
                said = f"{quoted(node.name.meaning)}: {quoted(node.qualifier.meaning)}"
                self.account.leave(place, f"{said}, as its writer says of the number")
        for node in (each for holder in (group, *numbers) for each in holder.of_type("CODE")):
            name, answer = node.name, node.answer
            if name is None or answer is None or name.key in _PLAIN_NAMES:
                continue
            said = f"{quoted(name.meaning)}, {quoted(answer.meaning)} ({answer.scheme})"
            self.account.leave(place, f"{said}, is what another system claims, and no grade here")


def place_of(sop_instance_uid: str, frame: int | None, images: SourceImages | None) -> Place:
    """Where something was drawn; the frame of an image that has one is not named."""
    image = None if images is None else images.find(sop_instance_uid)
    is_only = frame == 1 and image is not None and image.reference.frames == 1
    return Place(sop_instance_uid=sop_instance_uid, frame=None if is_only else frame)


def _drawn(group: Node) -> Iterator[_Drawn]:
    """The shapes of a group: those of its numbers, then its own."""
    loose: list[Stated] = []
    for number in group.of_type("NUM"):
        stated = _stated(number)
        shapes = [each for each in number.of_type(*_SHAPES) if not _is_aid(each)]
        if not shapes:
            loose += stated
        is_short = number.name is not None and number.name.key in SHORT_AXES
        for shape in shapes:
            yield _Drawn(node=shape, stated=stated, is_short=is_short)
    own = [each for each in group.of_type(*_SHAPES) if not _is_aid(each)]
    for shape in own:
        yield _Drawn(node=shape, stated=tuple(loose) if len(own) == 1 else ())


def _stated(node: Node) -> tuple[Stated, ...]:
    if node.amount is None or node.name is None or node.name.key not in LENGTHS:
        return ()
    value, unit = node.amount
    return (Stated(concept=node.name.meaning, value=value, unit=unit.value),)


def _is_aid(shape: Node) -> bool:
    return shape.name is not None and shape.name.scheme in DRAWING_AID_SCHEMES


def _is_closed(shape: Shape) -> bool:
    return len(shape.points) > 3 and shape.points[0] == shape.points[-1]


def _called(shape: Shape, tool: Tool | None) -> str:
    if tool is Tool.ANGLE:
        return "an angle"
    return f"a {shape.kind.lower() or 'shape'} of {len(shape.points)} points"


def _points(shape: Shape, form: Form) -> tuple[Coordinates, ...]:
    """The points of a figure: the tip of an arrow, the corners of an outline or of the box around one."""
    points = shape.points
    is_flat = len(points[0]) == 2
    if form is Form.POINT:
        points = points[:1]
    elif shape.kind == "CIRCLE" and is_flat and len(points) == 2:
        (column, row), radius = points[0], math.dist(*points)
        ends = ((column - radius, row), (column + radius, row))
        box = _box(column, row, radius, radius)
        points = ends if form is Form.LINE else box
    elif shape.kind == "ELLIPSE" and is_flat and len(points) == 4:
        points = _around_ellipse(points)
    elif form is Form.BOX and is_flat:
        points = _around(points)
    elif _is_closed(shape):
        points = points[:-1]
    return tuple(tuple(map(to_graphic_precision, point)) for point in points)


def _around(points: tuple[Coordinates, ...]) -> tuple[Coordinates, ...]:
    columns, rows = zip(*points, strict=True)
    (left, right), (top, bottom) = ((min(axis), max(axis)) for axis in (columns, rows))
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _around_ellipse(points: tuple[Coordinates, ...]) -> tuple[Coordinates, ...]:
    """By the ends of its long axis, then of its short one (PS3.3 section C.18.6.1.2)."""
    (a, b), (c, d) = points[:2], points[2:]
    middle = [(a[axis] + b[axis]) / 2 for axis in (0, 1)]
    reach = [math.hypot((b[axis] - a[axis]) / 2, (d[axis] - c[axis]) / 2) for axis in (0, 1)]
    return _box(*middle, *reach)


def _box(column: float, row: float, width: float, height: float) -> tuple[Coordinates, ...]:
    corner = (column - width, row - height)
    return _around((corner, (column + width, row + height)))
