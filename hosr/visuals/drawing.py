"""A picture as the plain data that a template draws: the image, and over it lines and words.

Coordinates are those of the picture, (0, 0) at its top-left corner. Words are kept out of the
lines; each kind of mark has its own word and its own place in the legend, not only a colour.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hosr.findings import Outline, Plane, Point
from hosr.language import Language, message
from hosr.language.numbers import PLANES, dicom_day, millimetres, size
from hosr.status import Status
from hosr.visuals.marks import KeyImage, Mark, MarkKind, Missing
from hosr.visuals.placement import Box, place_label, text_box
from hosr.vocabulary.surfaces import Structure
from hosr.vocabulary.terms import Side

Plain: TypeAlias = "str | int | float | bool | Sequence[Plain] | Mapping[str, Plain]"

# Sizes as shares of the picture's longer side.
_FONT = 0.036
_STROKE = 0.0042
_CAP = 0.014
_EDGE = 0.02

# Between the lines of one label, in font sizes: letters with accents never meet the line above.
_LEADING = 0.18

_HIPS = {Side.RIGHT: message("Right hip"), Side.LEFT: message("Left hip")}
_ALTERNATIVES = {
    Side.RIGHT: message("Excerpt of the graded image around the right hip"),
    Side.LEFT: message("Excerpt of the graded image around the left hip"),
}
_LEGEND = {
    MarkKind.GAP: message("Yellow: space between opposing bone surfaces"),
    MarkKind.GAP_LATERAL: message("Yellow: space on the lateral view"),
    MarkKind.ISLAND: message("Blue: islands of bone"),
    MarkKind.CALIBRATION: message("White, dashed: object of known size"),
}
# Surfaces that were found, by what is drawn in one colour.
_SURFACES = {
    "bone": message("Thin, green: outlines of bone, as found"),
    "new": message("Thin, orange: outlines of heterotopic bone, as found"),
    "implant": message("Thin, violet: outlines of an implant, as found"),
}
_KINDS = {Structure.PELVIS: "bone", Structure.FEMUR: "bone", Structure.IMPLANT: "implant"}
_UNMARKED = message("Nothing is marked in this excerpt")
_ONE_END = message("A point is one end of a line that goes on in another image")
_THROUGH = message("A point is where a line runs straight through this slice")
_PROJECTED = message(
    "A dashed line runs across slices: its projection on this one is drawn, not its whole length"
)
_NO_SIDES = message("The image does not clearly say which side is which")
_CENTIMETRE = message("1 cm")
_MISSING = message("There is no picture: {reason}.")
# Translators: in a picture of an earlier study, and above it
_EARLIER = message("Earlier study")
_EARLIER_OF = message("Earlier study, {date}")
_NOT_FOR_DIAGNOSIS = message("An excerpt for orientation, not for diagnosis.")


def describe_earlier(
    picture: KeyImage | Missing, status: Status, study_date: str, language: Language
) -> dict[str, Plain]:
    """The same of the key image of an earlier report, with the day of then in it and in its words."""
    date = dicom_day(study_date, language)
    caption = language.say(_EARLIER_OF, date=date)
    told = describe_picture(picture, status, language, day=date)
    if told["missing"]:
        return {**told, "caption": caption}
    alternative = language.labelled(caption, str(told["alternative"]))
    marked = {"draft": language.say(_EARLIER), "alternative": alternative}
    return {**told, **marked, "caption": caption}


def describe_picture(
    picture: KeyImage | Missing, status: Status, language: Language, *, day: str = ""
) -> dict[str, Plain]:
    """What a template draws of one hip; `missing` is "" where there is a picture.

    `day` is that of an earlier study, to stand in its picture.
    """
    if isinstance(picture, Missing):
        reason = language.say(picture.reason)
        return {"missing": language.say(_MISSING, reason=reason)}
    return {"missing": "", **_describe(picture, status, language, day)}


def _describe(image: KeyImage, status: Status, language: Language, day: str) -> dict[str, Plain]:
    longer = max(image.width, image.height)
    shapes = [(mark, [image.project(point) for point in mark.points]) for mark in image.marks]
    legend = _legend(image, language)
    return {
        "width": image.width,
        "height": image.height,
        "font_size": _rounded(longer * _FONT),
        "stroke": _rounded(longer * _STROKE),
        "href": f"data:image/png;base64,{base64.b64encode(image.png).decode('ascii')}",
        "hip": language.say(_HIPS[image.side]),
        "draft": language.say(status.word),
        "day": day,
        "alternative": _alternative(image, legend, language),
        "lines": [
            _line(mark, points, longer * _CAP) for mark, points in shapes if len(points) == 2
        ],
        "dots": [_dot(mark, *points) for mark, points in shapes if len(points) == 1],
        "outlines": [_outline(mark, points) for mark, points in shapes if len(points) > 2],
        "surfaces": [_surface(image, each) for each in image.surfaces],
        "words": _words(image, shapes, language, day),
        "toward_left": image.toward_left,
        "toward_right": image.toward_right,
        "ruler": _scale_bar(image, language),
        "legend": [*(f"{text}." for text in legend), language.say(_NOT_FOR_DIAGNOSIS)],
    }


def _rounded(value: float) -> float:
    return round(value, 2)


def _line(mark: Mark, points: Sequence[Point], cap: float) -> dict[str, Plain]:
    """A line with a short stroke across each end."""
    (x1, y1), (x2, y2) = points
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    across_x, across_y = (y1 - y2) / length * cap, (x2 - x1) / length * cap
    caps = [
        {
            "x1": _rounded(x - across_x),
            "y1": _rounded(y - across_y),
            "x2": _rounded(x + across_x),
            "y2": _rounded(y + across_y),
        }
        for x, y in points
    ]
    ends = {"x1": _rounded(x1), "y1": _rounded(y1), "x2": _rounded(x2), "y2": _rounded(y2)}
    kind = mark.kind.name.lower()
    return {"kind": kind, **ends, "caps": caps, "dashed": mark.is_projected}


def _dot(mark: Mark, point: Point) -> dict[str, Plain]:
    """One end of a line that goes on in another image, or where one runs straight through."""
    x, y = point
    return {"kind": mark.kind.name.lower(), "x": _rounded(x), "y": _rounded(y)}


def _outline(mark: Mark, points: Sequence[Point]) -> dict[str, Plain]:
    corners = " ".join(f"{_rounded(x):g},{_rounded(y):g}" for x, y in points)
    return {"kind": mark.kind.name.lower(), "points": corners}


def _surface(image: KeyImage, surface: Outline) -> dict[str, Plain]:
    points = [image.project(corner) for corner in surface.polygon.corners]
    corners = " ".join(f"{_rounded(x):g},{_rounded(y):g}" for x, y in points)
    return {"kind": _kind(surface), "points": corners}


def _kind(surface: Outline) -> str:
    return _KINDS.get(surface.structure, "new")


def _words(
    image: KeyImage, shapes: Sequence[tuple[Mark, Sequence[Point]]], language: Language, day: str
) -> list[dict[str, Plain]]:
    """The length of each mark, beside it, in one or two lines."""
    longer = max(image.width, image.height)
    font, edge = longer * _FONT, longer * _EDGE
    picture = Box(edge, edge, image.width - edge, image.height - edge)
    taken = _reserved(image, font, edge)
    taken += [Box(0, 0, image.width / 2, edge + 2.9 * font)] if day else []
    drawn = [points for _, points in shapes]
    words: list[dict[str, Plain]] = []
    for mark, points in shapes:
        lines = _label(mark, language)
        if not lines:
            continue
        widths, heights = zip(*(text_box(text, font) for text in lines), strict=True)
        leading = _LEADING * font
        height = sum(heights) + leading * (len(lines) - 1)
        box = place_label((max(widths), height), points, drawn, taken, picture)
        taken.append(box)
        words += [
            {
                "kind": mark.kind.name.lower(),
                "x": _rounded((box.left + box.right) / 2),
                "y": _rounded(
                    box.top + sum(heights[:number]) + leading * (number - 1) - 0.32 * font
                ),
                "text": text,
            }
            for number, text in enumerate(lines, start=1)
        ]
    return words


def _reserved(image: KeyImage, font: float, edge: float) -> list[Box]:
    """Where the name of the hip, the letters of the directions and the scale bar are."""
    middle, side = image.height / 2, 2 * font
    return [
        Box(0, 0, image.width, edge + 1.5 * font),
        Box(0, middle - font, edge + side, middle + font),
        Box(image.width - edge - side, middle - font, image.width, middle + font),
        Box(0, image.height - 3 * font, (image.centimetre or 0) + 2 * font, image.height),
    ]


def _label(mark: Mark, language: Language) -> tuple[str, ...]:
    """The length of a mark, and its plane where that is not the patient.

    A magnified length never stands as if it were one in the patient.
    """
    if mark.mm is None:
        return ()
    if mark.kind is MarkKind.CALIBRATION:
        return (size(mark.mm, language),)
    length = millimetres(mark.mm, language)
    if mark.plane is Plane.PATIENT:
        return (length,)
    return length, language.say(PLANES[mark.plane])


def _scale_bar(image: KeyImage, language: Language) -> dict[str, Plain]:
    """One centimetre in the patient, at the lower left; {} where the image gives none."""
    if image.centimetre is None or image.centimetre > image.width / 2:
        return {}
    edge = max(image.width, image.height) * _EDGE
    return {
        "x1": _rounded(edge),
        "x2": _rounded(edge + image.centimetre),
        "y": _rounded(image.height - edge),
        "text": language.say(_CENTIMETRE),
    }


def _legend(image: KeyImage, language: Language) -> list[str]:
    """What each kind of mark is, once, with the lengths of its kind; then what may mislead."""
    legend = []
    for kind, text in _LEGEND.items():
        labels = [", ".join(_label(mark, language)) for mark in image.marks if mark.kind is kind]
        if labels:
            lengths = language.joined(filter(None, labels))
            said = language.say(text)
            legend.append(f"{said}, {lengths}" if lengths else said)
    cautions = (
        (_UNMARKED, not image.marks),
        (_PROJECTED, any(mark.is_projected and len(mark.points) == 2 for mark in image.marks)),
        (_THROUGH, any(mark.is_projected and len(mark.points) == 1 for mark in image.marks)),
        (_ONE_END, any(len(m.points) == 1 and not m.is_projected for m in image.marks)),
        (_NO_SIDES, not image.toward_right),
    )
    found = {_kind(surface) for surface in image.surfaces}
    legend += [language.say(text) for kind, text in _SURFACES.items() if kind in found]
    return [*legend, *(language.say(text) for text, applies in cautions if applies)]


def _alternative(image: KeyImage, legend: Sequence[str], language: Language) -> str:
    """What a person hears who does not see the picture."""
    return ". ".join((language.say(_ALTERNATIVES[image.side]), *legend)) + "."
