"""What a viewer and a label state of a line, held against what hosr measured on the image.

A viewer's number is that of its own pixel spacing: without one it writes pixels and calls them mm, on a
film it writes the length at the detector, and hosr's calibration is unknown to it. Where none of these
explains the number, one of the two is wrong, and who drew is asked. A label keeps its words while the
line moves: a length or grade in it that the line does not have is a fault, for others would read it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hosr.annotations.roles import Role
from hosr.annotations.sources import Figure, Form, Stated
from hosr.annotations.viewers.predecessors import is_along
from hosr.annotations.viewers.roles import said_of
from hosr.annotations.viewers.tools import in_mm
from hosr.composite.labels import length_label
from hosr.findings import Length
from hosr.scales import SCALES

if TYPE_CHECKING:
    from hosr.annotations.account import Account
    from hosr.annotations.roles import RoledFigure
    from hosr.intake.images import SourceImages
    from hosr.report import GradedHip

# Points are of 32 bits, and numbers are written with few digits.
_AGREES_MM, _AGREES_PART = 0.05, 0.005
# A label is typed from what a screen showed, to one place at best.
_LABEL_MM = 0.1

_MEASURED = frozenset({Role.GAP, Role.ISLAND})
_CORRECT = "have the number corrected, or draw the line again"


def compare_drawn(
    drawn: Sequence[RoledFigure],
    hips: Sequence[GradedHip],
    images: SourceImages,
    account: Account,
) -> None:
    """Tell of every line what it measures, and what its viewer and its label state otherwise.

    `hips` are graded and measured on `images`. What contradicts them is kept as a fault.
    """
    for each in drawn:
        if each.role not in _MEASURED or each.figure.form is not Form.LINE:
            continue
        found = _find(each.figure, hips)
        if found is not None:
            length, hip = found
            _Line(each, length, hip, images, account).compare()


def _find(figure: Figure, hips: Sequence[GradedHip]) -> tuple[Length, GradedHip] | None:
    """The length that was measured along a figure, and its hip."""
    for graded in hips:
        for length in graded.hip.lengths:
            if is_along(length, figure):
                return length, graded
    return None


class _Line:
    """One line, as it was measured, and what is said of it."""

    def __init__(
        self,
        drawn: RoledFigure,
        length: Length,
        graded: GradedHip,
        images: SourceImages,
        account: Account,
    ) -> None:
        self._drawn = drawn
        self._figure = drawn.figure
        self._length = length
        self._graded = graded
        self._account = account
        image = self._figure.image
        shown = None if image is None else images.find(image.sop_instance_uid)
        self._spacing_mm = None if shown is None else shown.reference.pixel_spacing_mm

    def compare(self) -> None:
        figure = self._figure
        words = f"{figure.label} is {length_label(self._length, self._graded.hip)}"
        if self._length.mm is None:
            words = f"{figure.label} is not measured: its image says nothing of its scale"
        self._account.take(figure.place, words)
        for stated in figure.stated:
            self._compare_stated(stated)
        self._compare_label()

    def _compare_stated(self, stated: Stated) -> None:
        """The viewer's number: that of hosr, or of the spacing, or pixels; or a contradiction."""
        said = f"its writer states {stated.value:.4g} {stated.unit}"
        value = in_mm(stated.value, stated.unit)
        if value is None:  # as viewers wrote the millimetres of a pair of axes up to 2024
            value, said = (
                stated.value,
                f"its writer states {stated.value:.4g} without a unit of length",
            )
        if _agree(value, self._length.mm):
            return
        if _agree(value, self._at_detector_mm()):
            words = f"{said}, by the pixel spacing alone; hosr {self._measured()}"
            self._account.take(self._figure.place, words)
        elif _agree(value, self._pixels()):
            words = f"{said}, which is its length in pixels; hosr {self._measured()}"
            self._account.take(self._figure.place, words)
        else:
            problem = f"{self._figure.label}: {said}, and between its points are {self._extent()}"
            self._account.blame(self._figure.place, problem, _CORRECT)

    def _measured(self) -> str:
        if self._length.mm is None:
            return "does not measure it"
        return f"measures {length_label(self._length, self._graded.hip)}"

    def _extent(self) -> str:
        if self._length.mm is not None:
            return length_label(self._length, self._graded.hip)
        return f"{self._pixels() or 0.0:.4g} pixels"

    def _at_detector_mm(self) -> float | None:
        if self._figure.image is None or self._spacing_mm is None:
            return None
        (x0, y0), (x1, y1) = self._figure.points
        between_rows, between_columns = self._spacing_mm
        return math.hypot((x1 - x0) * between_columns, (y1 - y0) * between_rows)

    def _pixels(self) -> float | None:
        return None if self._figure.image is None else math.dist(*self._figure.points)

    def _compare_label(self) -> None:
        said, place = said_of(self._drawn), self._figure.place
        remedy = "correct the label in the viewer: others read it"
        known = [mm for mm in (self._length.mm, self._at_detector_mm()) if mm is not None]
        for mm in said.lengths_mm:
            if known and all(abs(mm - each) > _LABEL_MM for each in known):
                problem = f"{self._figure.label} says {mm:g} mm, and the line is {self._extent()}"
                self._account.blame(place, problem, remedy)
        for scale, grades in said.grades:
            grade = self._graded.grade(scale)
            if grade is None or set(grades) & set(grade.possible):
                continue
            title = SCALES[scale].title
            problem = (
                f"{self._figure.label} says {title} {' or '.join(grades)}, and what was drawn gives "
                f"{title} {' or '.join(grade.possible) or 'no grade'}"
            )
            self._account.blame(place, problem, remedy)


def _agree(stated: float, measured: float | None) -> bool:
    if measured is None:
        return False
    return abs(stated - measured) <= max(_AGREES_MM, _AGREES_PART * measured)
