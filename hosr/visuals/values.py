"""Pictures as frozen values: what is drawn, and the image that it is drawn on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hosr.findings import Plane
from hosr.pixels.frames import Crop

if TYPE_CHECKING:
    from hosr.findings import Place, Point
    from hosr.vocabulary.terms import Side


class MarkKind(StrEnum):
    """What a mark shows."""

    GAP = "gap"
    GAP_LATERAL = "gap on the lateral view"
    ISLAND = "island"
    CALIBRATION = "calibration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing drawn: two points are a line, more are the corners of a closed outline.

    Points are (column, row) as in DICOM graphic data; `mm` is the length in millimetres where it
    has one, in this `plane`, and `end_place` the image of the second point where that is another
    one. On a key image such a line shows as the one point that lies there.
    """

    kind: MarkKind
    side: Side
    place: Place
    points: tuple[Point, ...]
    mm: float | None = None
    plane: Plane = Plane.PATIENT
    number: int = 1
    end_place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyImage:
    """The picture of one hip: a PNG of the crop without any drawing, and what is drawn on it.

    `width` and `height` are the size of the PNG; the crop is scaled to it, in each direction by
    its own factor where the pixels of the image are not square. `toward_left` and `toward_right`
    are the patient's direction at the left and the right edge of the picture (R, L, A, P, H, F;
    "" where unknown). `centimetre` is the length of 1 cm in the patient at the depth of the gap,
    in pixels of the PNG along a row; None where the image or the reader gives none.
    """

    side: Side
    place: Place
    crop: Crop
    width: int
    height: int
    png: bytes
    marks: tuple[Mark, ...]
    toward_left: str = ""
    toward_right: str = ""
    centimetre: float | None = None

    def project(self, point: Point) -> Point:
        """A point of the image in picture coordinates, (0, 0) at the top-left corner."""
        column, row = point
        return (
            (column - self.crop.left) * self.width / self.crop.width,
            (row - self.crop.top) * self.height / self.crop.height,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A hip without a picture, and why: one of `hosr.pixels.frames.REASONS`."""

    side: Side
    reason: str
