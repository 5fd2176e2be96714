"""Where the words on a picture go: beside what they name, over nothing else, and inside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hosr.findings import Point

# Widths of a bold sans serif, in font sizes: generous, so that a wider font still fits.
_LETTER_WIDTH = 0.62
_LINE_HEIGHT = 1.2
_STEPS = 12


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in picture coordinates."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom

    def meets(self, other: Box) -> bool:
        """Whether two boxes share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def inside(self, other: Box) -> Box:
        """The same box moved into another one, as far as it fits."""
        width, height = self.right - self.left, self.bottom - self.top
        left = max(other.left, min(self.left, other.right - width))
        top = max(other.top, min(self.top, other.bottom - height))
        return Box(left, top, left + width, top + height)

    def outside(self, other: Box) -> float:
        """By how much it sticks out of another one."""
        return (
            max(0.0, other.left - self.left)
            + max(0.0, other.top - self.top)
            + max(0.0, self.right - other.right)
            + max(0.0, self.bottom - other.bottom)
        )


def text_box(text: str, font_size: float) -> tuple[float, float]:
    """The width and height that a line of text takes."""
    return len(text) * _LETTER_WIDTH * font_size, _LINE_HEIGHT * font_size


def place_label(
    size: tuple[float, float],
    named: Sequence[Point],
    drawn: Iterable[Sequence[Point]],
    taken: Sequence[Box],
    picture: Box,
) -> Box:
    """The box for the label of what lies at the points `named`.

    Of the places around it, near ones first, the one that stays in the picture, meets the fewest
    boxes `taken` and covers the fewest of the shapes `drawn`. Where the picture ends beside what
    is named, a place is moved into the picture.
    """
    samples = [point for shape in drawn for point in _along(shape)]

    def cost(box: Box) -> tuple[float, int, int]:
        covered = sum(map(box.holds, samples))
        return round(box.outside(picture), 3), sum(map(box.meets, taken)), covered

    around = _candidates(size, named)
    return min((*around, *(box.inside(picture) for box in around)), key=cost)


def _candidates(size: tuple[float, float], named: Sequence[Point]) -> list[Box]:
    """Beside, then above and below, then at the corners; each once near and once farther off."""
    width, height = size
    left, right = min(x for x, _ in named), max(x for x, _ in named)
    top, bottom = min(y for _, y in named), max(y for _, y in named)
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    boxes = []
    for gap in (height * 0.5, height * 1.5, height * 3):
        after, before = right + gap, left - gap - width
        above, below = top - gap - height, bottom + gap
        corners = (
            (after, middle_y - height / 2),
            (before, middle_y - height / 2),
            (middle_x - width / 2, above),
            (middle_x - width / 2, below),
            (after, above),
            (before, above),
            (after, below),
            (before, below),
        )
        boxes += [Box(x, y, x + width, y + height) for x, y in corners]
    return boxes


def _along(shape: Sequence[Point]) -> list[Point]:
    """Points along the edges of a shape."""
    if len(shape) == 1:
        return list(shape)
    ends = list(zip(shape, (*shape[1:], shape[0]), strict=True))
    edges = ends[:1] if len(shape) == 2 else ends
    return [
        (
            start[0] + (end[0] - start[0]) * step / _STEPS,
            start[1] + (end[1] - start[1]) * step / _STEPS,
        )
        for start, end in edges
        for step in range(_STEPS + 1)
    ]
