"""Drawings by matplotlib that stand in a page: their colours, ink and font are those of the page.

Drawn in CSS pixels from the top left. The bytes depend on nothing but what is drawn.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

# matplotlib is given a stand-in for each colour of the page, which is put in its place afterwards.
INK, FAINT, LINE, ACCENT = "#000001", "#000002", "#000003", "#000004"
_NAMES = {INK: "ink", FAINT: "faint", LINE: "line", ACCENT: "accent"}
_GRADES = 5
_NAMES |= {f"#00001{place}": f"grade-{place}" for place in range(_GRADES)}
_NAMES |= {f"#00002{place}": f"on-grade-{place}" for place in range(_GRADES)}

_SVG = "http://www.w3.org/2000/svg"
_FONT = re.compile(r"font: (bold )?([\d.]+)px [^;\"]+")
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "hosr",
    "font.family": "sans-serif",
    "path.simplify": False,
}
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def grade_colour(place: int, size: int) -> str:
    """The colour of a grade by its place on a scale of that size; the last is the darkest."""
    return f"#00001{_spread(place, size)}"


def on_grade(place: int, size: int) -> str:
    """The colour of words on that colour."""
    return f"#00002{_spread(place, size)}"


def _spread(place: int, size: int) -> int:
    return round(place * (_GRADES - 1) / max(1, size - 1))


class Canvas:
    """A drawing of a width and height in CSS pixels."""

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self._figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, width)
        self._axes.set_ylim(height, 0)
        self._axes.axis("off")
        self._figure.patch.set_visible(False)

    def box(
        self,
        corner: tuple[float, float],
        size: tuple[float, float],
        colour: str,
        *,
        opacity: float = 1,
        outline: str = "none",
    ) -> None:
        """A rectangle by its top left corner."""
        from matplotlib.patches import Rectangle

        patch = Rectangle(corner, *size, facecolor=colour, edgecolor=outline, linewidth=1.5)
        patch.set(alpha=opacity if opacity < 1 else None, clip_on=False)
        self._axes.add_patch(patch)

    def ribbon(
        self, start: tuple[float, float, float], end: tuple[float, float, float], colour: str
    ) -> None:
        """A band between two uprights, each given by its x, its top and its bottom."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        (left, top, bottom), (right, upper, lower) = start, end
        middle = (left + right) / 2
        curve, line = Path.CURVE4, Path.LINETO
        points = [
            (left, top), (middle, top), (middle, upper), (right, upper),
            (right, lower), (middle, lower), (middle, bottom), (left, bottom), (left, top),
        ]  # fmt: skip
        codes = [Path.MOVETO, curve, curve, curve, line, curve, curve, curve, Path.CLOSEPOLY]
        patch = PathPatch(Path(points, codes), facecolor=colour, edgecolor="none", alpha=0.5)
        patch.set_clip_on(False)
        self._axes.add_patch(patch)

    def line(
        self,
        points: Sequence[tuple[float, float]],
        colour: str,
        *,
        width: float = 1,
        dashed: bool = False,
    ) -> None:
        """A line through points."""
        style = (0, (4, 3)) if dashed else "solid"
        xs, ys = zip(*points, strict=True)
        self._axes.plot(xs, ys, color=colour, linewidth=width, linestyle=style, clip_on=False)

    def dot(self, place: tuple[float, float], colour: str) -> None:
        """A round mark."""
        from matplotlib.patches import Circle

        self._axes.add_patch(Circle(place, 4, facecolor=colour, edgecolor="none", clip_on=False))

    def words(
        self,
        place: tuple[float, float],
        text: str,
        *,
        colour: str = INK,
        size: float = 12,
        align: str = "center",
    ) -> None:
        """Words about a point, as high as that point."""
        font = {"color": colour, "fontsize": size}
        self._write(place, text, {**font, "ha": align, "va": "center_baseline"})

    def title(self, place: tuple[float, float], text: str, *, turned: bool = False) -> None:
        """Bold words about a point, from below to above where they are turned."""
        stands = {"va": "center", "rotation": 90} if turned else {"va": "center_baseline"}
        font = {"color": INK, "fontsize": 12, "fontweight": "bold"}
        self._write(place, text, {**font, **stands, "ha": "center"})

    def _write(self, place: tuple[float, float], text: str, style: dict[str, Any]) -> None:
        # A reader may have dollar signs in the name, which are no mathematics.
        self._axes.text(*place, text, parse_math=False, **style)

    def svg(self, alternative: str) -> str:
        """The drawing as an SVG element, with the words for those who cannot see it."""
        import matplotlib as mpl

        written = io.StringIO()
        with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
            # Readers see the fonts of their browser; those of matplotlib may lack a script.
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
            self._figure.savefig(written, format="svg", metadata=_NO_METADATA, transparent=True)
        return _adopt(written.getvalue(), alternative)


def _adopt(text: str, alternative: str) -> str:
    """The drawing without what belongs to a file of its own, in the colours of the page."""
    ET.register_namespace("", _SVG)
    root = ET.fromstring(text)  # noqa: S314 (matplotlib wrote it a moment ago)
    for tag in ("metadata", "defs"):
        for parent in [*root.iter()]:
            for part in parent.findall(f"{{{_SVG}}}{tag}"):
                if tag == "metadata" or part.find(f"{{{_SVG}}}style") is not None:
                    parent.remove(part)
    root.attrib.pop("version", None)
    for attribute in ("width", "height"):  # of points, which are as many pixels here
        root.set(attribute, root.attrib[attribute].removesuffix("pt"))
    root.set("role", "img")
    root.set("aria-label", alternative)
    for element in root.iter():
        element.attrib.pop("id", None)  # nothing is clipped or used twice, so none is referred to
        style = element.get("style")
        if style:
            element.set("style", _restyle(style))
    return ET.tostring(root, encoding="unicode")


def _restyle(style: str) -> str:
    sized = _FONT.sub(
        lambda m: f"{'font-weight: bold; ' if m[1] else ''}font-size: {m[2]}px", style
    )
    return re.sub(r"#0000[0-2]\d", lambda m: f"var(--{_NAMES[m[0]]})", sized)
