"""What templates are given, name by name, for those who write their own: `hosr describe templates`.

A name stands as a template writes it; `hips[]` is each member of the list `hips`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hosr.templating.sources import blocks_of, read_shipped


class Kind(StrEnum):
    """What a value is."""

    TEXT = "text"
    TEXTS = "list of texts"
    NUMBER = "number"
    CHOICE = "true or false"


@dataclass(frozen=True, slots=True)
class Given:
    """One value: what it is and means, and by which templates it is not known."""

    kind: Kind
    meaning: str
    only: tuple[str, ...] = ()


TEMPLATES = {
    "report.txt": "the report as text, and the sections of the narrative report",
    "report.html": "the page for a browser",
    "report.typ": "the pages of the PDF, as source for Typst",
    "key_image.svg": "the picture of one hip, on pages and in picture files; it is given `picture`",
    "gap_scale.svg": "the scale of one hip, on pages; it is given `scale`, the `gap_scale` of the hip",
}

_PAGES = ("report.html", "report.typ")
_PDF = ("report.typ",)

_WORDS = {
    "language.tag": Given(Kind.TEXT, "the language by RFC 5646, such as de"),
    "language.name": Given(Kind.TEXT, "its English name"),
    "status.title": Given(Kind.TEXT, "the title of the report"),
    "status.notice": Given(
        Kind.TEXT, "that it is a draft and no medical device, or who signed it; must be printed"
    ),
    "status.draft": Given(Kind.TEXT, "the same, by the name that templates of 0.1.0 have for it"),
    "status.short": Given(Kind.TEXT, "that it is a draft, or signed, in one word"),
    "status.label": Given(
        Kind.TEXT,
        "draft, signed, amended, addendum, or both (amended, added), the same in all languages",
    ),
    "status.history": Given(
        Kind.TEXTS, "what was changed, why, and what was added; must be printed"
    ),
    "patient.name": Given(Kind.TEXT, 'the name, or the words for "not given", as below'),
    "patient.id": Given(Kind.TEXT, "the identifier"),
    "patient.birth_date": Given(Kind.TEXT, "the date of birth as it is written"),
    "patient.sex": Given(Kind.TEXT, "the sex, in words"),
    "study.date": Given(Kind.TEXT, "the date of the study as it is written"),
    "study.accession": Given(Kind.TEXT, "the accession number"),
    "study.description": Given(Kind.TEXT, "what the study is called; may be empty"),
    "examination": Given(Kind.TEXTS, "view, date, images and hips"),
    "indication": Given(Kind.TEXTS, "the reason for imaging, as given"),
    "technique": Given(Kind.TEXTS, "how lengths came about, and what limits view and grading"),
    "comparison": Given(Kind.TEXTS, "what the study was compared with"),
    "not_assessed": Given(Kind.TEXTS, "what was not looked at"),
    "impression": Given(Kind.TEXTS, "the conclusion"),
    "overridden": Given(
        Kind.TEXT,
        "what was taken in place of image headers, as the impression says it; must be printed; "
        "may be empty",
    ),
    "conclusion": Given(
        Kind.TEXT,
        "the reader's own words for it, quoted, as the impression ends; must be printed; may be empty",
    ),
    "method": Given(Kind.TEXTS, "who graded, when, and by which published rules"),
    "provenance[].name": Given(Kind.TEXT, "a fact of where the report comes from"),
    "provenance[].value": Given(Kind.TEXT, "its value"),
    "prepared": Given(Kind.TEXT, "what made the report"),
    "version": Given(Kind.TEXT, "the version of hosr"),
}

_HIPS = {
    "hips[].side": Given(Kind.TEXT, "right or left: a word for programs, in every language"),
    "hips[].name": Given(Kind.TEXT, "which hip; must be printed"),
    "hips[].headline.grades[].system": Given(Kind.TEXT, "the grading system; must be printed"),
    "hips[].headline.grades[].grade": Given(
        Kind.TEXT, "the grade; must be printed; empty where none is stated"
    ),
    "hips[].headline.grades[].note": Given(
        Kind.TEXT, "who graded, or why there is no grade; may be empty"
    ),
    "hips[].headline.grades[].rule": Given(
        Kind.TEXT, "the rule of the grade; empty where it is not one grade"
    ),
    "hips[].headline.summary": Given(Kind.TEXTS, "the impression of this hip but for its grades"),
    "hips[].findings": Given(Kind.TEXTS, "what was found"),
    "hips[].grades": Given(Kind.TEXTS, "the grades in sentences"),
    "hips[].remarks": Given(Kind.TEXTS, "what qualifies them; may be empty"),
    "hips[].comment": Given(Kind.TEXT, "the reader's own words, quoted; may be empty"),
}

_PICTURE = {
    "missing": Given(Kind.TEXT, "why there is no picture; empty where there is one"),
    "hip": Given(Kind.TEXT, "which hip, in the picture"),
    "draft": Given(Kind.TEXT, "that it is a draft, or signed, in the picture"),
    "day": Given(Kind.TEXT, "the day of an earlier study, in its picture; else empty"),
    "width": Given(Kind.NUMBER, "width in pixels; this and what follows only with a picture"),
    "height": Given(Kind.NUMBER, "height in pixels"),
    "font_size": Given(Kind.NUMBER, "size of its letters"),
    "stroke": Given(Kind.NUMBER, "width of its lines"),
    "href": Given(Kind.TEXT, "the excerpt of the image, as a data URL"),
    "alternative": Given(Kind.TEXT, "the picture in words"),
    "legend": Given(Kind.TEXTS, "what the marks are"),
    "lines[].kind": Given(Kind.TEXT, "gap, gap_lateral, island or calibration"),
    "lines[].x1": Given(Kind.NUMBER, "one end of a line"),
    "lines[].y1": Given(Kind.NUMBER, "one end of a line"),
    "lines[].x2": Given(Kind.NUMBER, "its other end"),
    "lines[].y2": Given(Kind.NUMBER, "its other end"),
    "lines[].caps[].x1": Given(Kind.NUMBER, "the short stroke across an end, as a line"),
    "lines[].caps[].y1": Given(Kind.NUMBER, "the same"),
    "lines[].caps[].x2": Given(Kind.NUMBER, "the same"),
    "lines[].caps[].y2": Given(Kind.NUMBER, "the same"),
    "lines[].dashed": Given(
        Kind.CHOICE, "whether it is the projection of a line that runs across slices"
    ),
    "dots[].kind": Given(Kind.TEXT, "as of lines"),
    "dots[].x": Given(
        Kind.NUMBER, "an end of a line that goes on in another image, or where one runs through"
    ),
    "dots[].y": Given(Kind.NUMBER, "the same"),
    "outlines[].kind": Given(Kind.TEXT, "as of lines"),
    "outlines[].points": Given(Kind.TEXT, "the corners, as SVG writes them"),
    "surfaces[].kind": Given(
        Kind.TEXT, "bone, new (heterotopic bone) or implant: what a program found, drawn thinly"
    ),
    "surfaces[].points": Given(
        Kind.TEXT, "the corners, as SVG writes them; some beyond the picture"
    ),
    "words[].kind": Given(Kind.TEXT, "what a length beside a mark belongs to"),
    "words[].x": Given(Kind.NUMBER, "its middle"),
    "words[].y": Given(Kind.NUMBER, "its base line"),
    "words[].text": Given(Kind.TEXT, "the length"),
    "toward_left": Given(Kind.TEXT, "direction in the patient at the left edge; may be empty"),
    "toward_right": Given(Kind.TEXT, "direction in the patient at the right edge; may be empty"),
    "ruler.x1": Given(Kind.NUMBER, "one end of 1 cm; `ruler` is empty where that is not known"),
    "ruler.x2": Given(Kind.NUMBER, "its other end"),
    "ruler.y": Given(Kind.NUMBER, "its height"),
    "ruler.text": Given(Kind.TEXT, "what it says"),
}

_EARLIER = {
    "shown": Given(
        Kind.CHOICE,
        "whether the key image of an earlier report is to be shown; if not, nothing follows",
    ),
    "caption": Given(Kind.TEXT, "that it is of an earlier study, and of which day"),
}

_MARKS = {
    "low": Given(Kind.NUMBER, "the least that the length may be, with its uncertainty"),
    "high": Given(Kind.NUMBER, "the most that it may be, with its uncertainty"),
    "has_uncertainty": Given(Kind.CHOICE, "whether it has one; a class has none"),
    "has_value": Given(Kind.CHOICE, "whether there is one value; if not, there is a bar"),
    "value": Given(Kind.NUMBER, "that value"),
    "bar_start": Given(Kind.NUMBER, "the least in the patient that the length or class stands for"),
    "bar_end": Given(Kind.NUMBER, "the most that it stands for"),
}

_GAP_SCALE = {
    "shown": Given(Kind.CHOICE, "whether a length decides the grade; if not, nothing follows"),
    "width": Given(Kind.NUMBER, "width of the drawing"),
    "start": Given(Kind.NUMBER, "place of 0 on the axis"),
    "limit": Given(Kind.NUMBER, "place of 1 cm"),
    "end": Given(Kind.NUMBER, "place of its end"),
    **_MARKS,
    "below_grades": Given(Kind.TEXT, "the grades below 1 cm"),
    "above_grades": Given(Kind.TEXT, "the grades from 1 cm on"),
    "below_is_worse": Given(Kind.CHOICE, "whether those below are the more severe ones"),
    "title": Given(Kind.TEXT, "which length it is"),
    "text": Given(Kind.TEXT, "the length in words"),
    "limit_text": Given(Kind.TEXT, "what stands at 1 cm"),
    "end_text": Given(Kind.TEXT, "what stands at the end"),
    "alternative": Given(Kind.TEXT, "the drawing in words"),
    "day": Given(Kind.TEXT, "the day of the study, where an earlier one is drawn; else empty"),
    "then.shown": Given(
        Kind.CHOICE,
        "whether the space of an earlier report is drawn; if not, no place of it follows",
    ),
    "then.text": Given(
        Kind.TEXT, "that space in words, or why it is not drawn beside it; may be empty"
    ),
    "then.day": Given(Kind.TEXT, "the day of the earlier study; empty where it is not drawn"),
    **{f"then.{name}": value for name, value in _MARKS.items()},
}


def _of_pages(prefix: str, values: dict[str, Given]) -> dict[str, Given]:
    return {f"{prefix}.{name}": Given(v.kind, v.meaning, _PAGES) for name, v in values.items()}


DATA = {
    **_WORDS,
    **_HIPS,
    **_of_pages("hips[].picture", _PICTURE),
    "hips[].picture.drawing": Given(Kind.TEXT, "`key_image.svg`, printed", _PAGES),
    **_of_pages("hips[].earlier", {**_EARLIER, **_PICTURE}),
    "hips[].earlier.drawing": Given(Kind.TEXT, "`key_image.svg`, printed", _PAGES),
    **_of_pages("hips[].gap_scale", _GAP_SCALE),
    "hips[].gap_scale.drawing": Given(Kind.TEXT, "`gap_scale.svg`, printed", _PAGES),
    "unprintable": Given(Kind.TEXT, "that characters lack a font; mostly empty", _PDF),
    "site_fonts": Given(Kind.TEXTS, "the families of fonts in your folder `fonts`", _PDF),
}


def describe_blocks() -> dict[str, tuple[str, ...]]:
    """The blocks of each template in their order; a drawing has none."""
    return {name: blocks_of(source) for name, source in read_shipped().items()}
