"""What was drawn on a picture, whichever program wrote it: to masks of areas and to figures.

An area whose label is a structure becomes a mask, as a model's is, so that the same rules measure both;
everything else stays the figure that it is. So do outlines of spurs in drawings of any kind, where nobody
drew the gap.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hosr.annotations.account import Unusable
from hosr.annotations.pictures.rasterization import (
    as_mask,
    crosses_itself,
    edge_of,
    fill,
    grown,
    on_image,
    runs_through_pixels,
)
from hosr.annotations.pictures.sheets import Sheet
from hosr.annotations.roles import STRUCTURES, Meaning, Role
from hosr.annotations.sources import Figure, Form, Label, Mask, PixelGrid, Source
from hosr.vocabulary.terms import ImagingModality

if TYPE_CHECKING:
    from hosr.annotations.context import Context
    from hosr.annotations.pictures.run_lengths import Bools
    from hosr.annotations.roles import RoledFigure
    from hosr.findings import Place, Point
    from hosr.intake.images import SourceImages

_SPURS = frozenset({Role.PELVIC_SPUR, Role.FEMORAL_SPUR})
_GAPS = frozenset({Role.GAP, Role.GAP_START, Role.GAP_END})
# An island that was outlined has its length from the outline itself.
_FILLED = STRUCTURES - {Role.ISLAND}

_MOST_SHAPES = 20_000
_MOST_MASKS = 500
_MOST_BLAMED = 20
_CORNERS_OF_CIRCLE = 96


@dataclass(slots=True)
class Shapes:
    """The masks and figures of one source as they are read; a fault of one does not end the reading."""

    context: Context
    name: str
    masks: list[Mask] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)
    _blamed: int = 0

    def blame(self, place: str, refusal: Unusable) -> None:
        """Keep why a shape cannot be used; of many, the first, and how many more at the end."""
        self._blamed += 1
        if self._blamed <= _MOST_BLAMED:
            self.context.account.blame(place, refusal.problem, refusal.remedy)

    def require_bearable(self, count: int) -> None:
        """Refuse more shapes than anybody draws on a picture."""
        if count > _MOST_SHAPES:
            raise Unusable(f"holds {count} shapes", f"keep what is of one film: {_MOST_SHAPES}")

    def point(self, label: Label, place: str, sheet: Sheet, at: Point) -> None:
        """A point of the picture."""
        self._figure(label, place, sheet, Form.POINT, [at])

    def line(self, label: Label, place: str, sheet: Sheet, points: Sequence[Point]) -> None:
        """A line of two points or more."""
        if len(points) < 2:
            raise Unusable("is a line of fewer than two points")
        self._figure(label, place, sheet, Form.LINE, points)

    def box(self, label: Label, place: str, sheet: Sheet, corners: Sequence[Point]) -> None:
        """A box round something, by two opposite corners."""
        (x0, y0), (x1, y1) = corners
        if x0 == x1 or y0 == y1:
            raise Unusable("is a box without width or height")
        around = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        self._figure(label, place, sheet, Form.BOX, around)

    def circle(self, label: Label, place: str, sheet: Sheet, ends: Sequence[Point]) -> None:
        """A circle by its centre and a point on it."""
        (x, y), (edge_x, edge_y) = ends
        radius = math.hypot(edge_x - x, edge_y - y)
        turns = [2 * math.pi * n / _CORNERS_OF_CIRCLE for n in range(_CORNERS_OF_CIRCLE)]
        ring = [(x + radius * math.cos(t), y + radius * math.sin(t)) for t in turns]
        self.outline(label, place, sheet, [ring])

    def outline(
        self, label: Label, place: str, sheet: Sheet, rings: Sequence[Sequence[Point]]
    ) -> None:
        """An area by its outline, or several."""
        for ring in rings:
            if len(set(ring)) < 3:
                raise Unusable("is an outline of fewer than three different corners")
            if crosses_itself(ring):
                words = "crosses itself: what it goes round twice is taken as outside"
                self.context.account.assume(place, words)
            self._tell_pixels(ring)
        shift, growth = self.context.labels.pictures.shift_and_growth
        moved = [[(x + shift, y + shift) for x, y in ring] for ring in rings]
        if not self._is_structure(label):
            for ring in moved:
                self._figure(label, place, sheet, Form.POLYGON, grown(ring, growth))
            return
        self._require_few()
        laid = [self._laid(sheet, ring) for ring in moved]
        self.masks.append(fill(laid, sheet, label, place, growth=growth * sheet.scale[0]))

    def _tell_pixels(self, ring: Sequence[Point]) -> None:
        """Tell, once, that corners look like pixels: edges would then lie half a pixel farther out."""
        if self.context.labels.pictures.corners or "corners" in self._told:
            return
        if runs_through_pixels(ring):
            self._told.add("corners")
            words = "outlines run where they say, though they look like rows of border pixels, whose edge is"
            remedy = 'corners = "pixels" under [pictures] in labels.toml says so'
            self.context.account.assume(self.name, f"{words} half a pixel farther out: {remedy}")

    def pixels(
        self, label: Label, place: str, sheet: Sheet, cells: Bools, origin: tuple[int, int] = (0, 0)
    ) -> None:
        """An area by its pixels, which begin at this row and column of the picture."""
        import numpy as np

        if not self._is_structure(label):
            if self.context.labels.role_of(label) is Role.CALIBRATION and cells.any():
                self._figure(label, place, sheet, Form.POLYGON, edge_of(cells, origin))
                return
            corners = _around(cells, origin)
            if corners:
                self._figure(label, place, sheet, Form.BOX, corners)
            return
        self._require_few()
        if sheet.is_image:
            self.masks.append(as_mask(cells, origin, sheet, label, place))
            return
        columns, rows = sheet.size or (sheet.columns, sheet.rows)
        whole = np.zeros((rows, columns), bool)
        whole[origin[0] : origin[0] + cells.shape[0], origin[1] : origin[1] + cells.shape[1]] = (
            cells
        )
        self.masks.append(as_mask(on_image(whole, sheet), (0, 0), sheet, label, place))

    def is_scored_enough(self, label: Label, place: str, score: float) -> bool:
        """Whether what a model found counts; the least score is labels.toml's to say."""
        least = self.context.labels.pictures.least_score
        if least is None:
            if self.context.labels.meaning_of(label) is None:
                return True
            remedy = "write least_score under [pictures] in labels.toml"
            if "score" not in self._told:
                self._told.add("score")
                problem = "holds scores, and nobody says from which on a finding counts"
                self.context.account.blame(self.name, problem, remedy)
            return True
        if score >= least:
            return True
        words = f"{label} is scored {score:g}, below the least score of {least:g}"
        self.context.account.leave(place, words)
        return False

    def declare(self, label: Label, place: str, sheet: Sheet) -> None:
        """Say of a structure that it was searched for, where the source knows it and has none of it.

        That says something beside outlines of others alone: those of the bones show what was seen.
        """
        if self._blamed or not self._is_structure(label):
            return  # what cannot be read may be of it
        if not any(mask.occupancy.size for mask in self.masks):
            return
        found: list[Mask | Figure] = [*self.masks, *self.figures]
        if any(each.label == label and _place_of(each) == sheet.place for each in found):
            return
        import numpy as np

        words = f"{label} has no object in this source: it was searched for and not found"
        self.context.account.assume(place, words)
        self.masks.append(as_mask(np.zeros((0, 0), bool), (0, 0), sheet, label, place))

    def source(self, kind: str) -> Source:
        """Everything that was read."""
        if self._blamed > _MOST_BLAMED:
            problem = f"has {self._blamed - _MOST_BLAMED} more shapes that cannot be used"
            self.context.account.blame(self.name, problem, "correct those, and import it again")
        least = self.context.labels.pictures.least_score
        parameters = () if least is None else (("least_score", f"{least:g}"),)
        return Source(
            name=self.name,
            kind=kind,
            masks=tuple(self.masks),
            figures=tuple(self.figures),
            parameters=parameters,
        )

    def _is_structure(self, label: Label) -> bool:
        return self.context.labels.role_of(label) in STRUCTURES

    def _require_few(self) -> None:
        if len(self.masks) >= _MOST_MASKS:
            raise Unusable(f"is one area of more than {_MOST_MASKS}", "keep what is of one film")

    def _laid(self, sheet: Sheet, points: Sequence[Point]) -> list[Point]:
        laid = [sheet.point(column, row) for column, row in points]
        for x, y in laid:
            if not (0 <= x <= sheet.columns and 0 <= y <= sheet.rows):
                problem = f"has the point [{x:g}, {y:g}] outside its image"
                raise Unusable(problem, f"points are within 0..{sheet.columns}, 0..{sheet.rows}")
        return laid

    def _figure(
        self, label: Label, place: str, sheet: Sheet, form: Form, points: Sequence[Point]
    ) -> None:
        laid = tuple(self._laid(sheet, points))
        figure = Figure(label=label, place=place, form=form, points=laid, image=sheet.place)
        self.figures.append(figure)


def _place_of(each: Mask | Figure) -> Place | None:
    if isinstance(each, Figure):
        return each.image
    return each.grid.place if isinstance(each.grid, PixelGrid) else None


def _around(cells: Bools, origin: tuple[int, int]) -> list[Point]:
    """The corners of the box that holds all full pixels; none where none is full."""
    from hosr.annotations.volumes.boxes import filled_box

    box = filled_box(cells)
    if box is None:
        return []
    top, bottom = box[0].start + origin[0], box[0].stop + origin[0]
    left, right = box[1].start + origin[1], box[1].stop + origin[1]
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def fill_outlines(
    figures: Sequence[RoledFigure], images: SourceImages | None
) -> tuple[list[tuple[Mask, Meaning]], list[RoledFigure]]:
    """The outlines of radiographs with spurs and without a gap as masks; and the other figures.

    Most drawings hold lines, which say what they measure. Where the spurs of a hip were outlined and nobody
    drew the space between them, that follows from the outlines by the rules of masks, with those of the bones.
    """
    sheets = dict(_sheets(figures, images))
    masks, others = [], []
    for each in figures:
        figure = each.figure
        sheet = None if figure.image is None else sheets.get(figure.image)
        if sheet is None or not _is_area(each, sheet):
            others.append(each)
            continue
        ring = [(column, row) for column, row, *_ in figure.points]
        masks.append((fill([ring], sheet, figure.label, figure.place), each.meaning))
    return masks, others


def _sheets(
    figures: Sequence[RoledFigure], images: SourceImages | None
) -> Iterator[tuple[Place, Sheet]]:
    """The radiographs on which a spur was outlined and no gap was drawn."""
    measured = {each.figure.image for each in figures if each.role in _GAPS}
    for each in figures:
        place = each.figure.image
        if each.role not in _SPURS or each.figure.form is not Form.POLYGON or place in measured:
            continue
        image = None if images is None or place is None else images.find(place.sop_instance_uid)
        if place is None or image is None or image.family is not ImagingModality.RADIOGRAPH:
            continue
        columns, rows = image.reference.columns, image.reference.rows
        yield place, Sheet(place=place, columns=columns, rows=rows, size=None)


def _is_area(each: RoledFigure, sheet: Sheet) -> bool:
    """Whether it is the outline of a structure, and one that lies on the image."""
    points = each.figure.points
    return (
        each.role in _FILLED
        and each.figure.form is Form.POLYGON
        and len(set(points)) > 2
        and all(0 <= p[0] <= sheet.columns and 0 <= p[1] <= sheet.rows for p in points)
    )
