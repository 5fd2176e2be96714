"""A site's templates tried: on every example report, in every language, each fault told once.

The examples are shipped, and no image with them: a hip that was marked gets a blank picture of its
marks, any other none, so that templates meet both.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.errors import Fault, TemplateRefused
from hosr.findings import Outline, Polygon
from hosr.language import LANGUAGES
from hosr.narrative import SECTIONS
from hosr.narrative.content import describe
from hosr.narrative.gap_scale import describe_gap_scale
from hosr.pixels.frames import NO_PIXEL_DATA, Crop
from hosr.resources import example_dir
from hosr.sr import decode
from hosr.templating.environment import Printout, Task
from hosr.templating.pdf_pages import check_pages
from hosr.templating.rendering import find_missing_blocks, is_own, try_all
from hosr.templating.sources import Wording, find_oddities
from hosr.templating.statements import Statements, statements_of
from hosr.templating.typesetting import font_families, fonts_of, set_site_pages, with_printable
from hosr.visuals.drawing import describe_earlier, describe_picture
from hosr.visuals.marks import KeyImage, Missing, marks_of
from hosr.vocabulary.surfaces import Structure

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.report import Report
    from hosr.visuals.marks import Mark
    from hosr.vocabulary.terms import Side


# One grey pixel.
_BLANK = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
_MARGIN = 50
_NO_DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'

# Any time will do: no page of a trial is kept.
_WRITTEN_AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How many reports were printed in how many languages, and what was found."""

    reports: int
    languages: int
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def example_reports() -> dict[str, Report]:
    """The shipped examples by name."""
    return {
        path.stem: decode(path.read_bytes(), path.name)
        for path in sorted(example_dir().glob("*.dcm"))
    }


def try_templates(folder: Path) -> Trial:
    """Every report printed by the templates of the folder in every way."""
    reports = list(example_reports().values())
    faults: dict[Fault, None] = {}
    for language in LANGUAGES.values():
        try:
            faults |= dict.fromkeys(_faults(reports, Wording(language, folder)))
        except TemplateRefused as refused:  # the folder itself
            faults |= dict.fromkeys(refused.faults)
    return Trial(
        reports=len(reports),
        languages=len(LANGUAGES),
        faults=tuple(faults),
        warnings=tuple(find_oddities(folder)),
    )


def _faults(reports: Iterable[Report], wording: Wording) -> Iterator[Fault]:
    tasks, faults = example_tasks(reports, wording)
    yield from faults
    sources: dict[str, Statements] = {}
    for task, done in zip(tasks, try_all(tasks, wording), strict=True):
        if not isinstance(done, Printout):
            yield from done
        elif task.template == "report.typ":
            sources[done.text] = statements_of(task.data)
        else:
            yield from find_missing_blocks(task, done)
    site = wording.site
    if site is not None and (fonts_of(site) or is_own("report.typ", wording)):
        yield from _refused_pages(sources, site)


def example_tasks(
    reports: Iterable[Report], wording: Wording
) -> tuple[list[Task], tuple[Fault, ...]]:
    """What is to be printed of each report, and the faults of the drawings in it."""
    pages = [_page(report, wording.language) for report in reports]
    drawings = [task for page in pages for task in _drawings(page)]
    faults: list[Fault] = []
    for task, done in zip(drawings, try_all(drawings, wording), strict=True):
        drawn: Any = next(iter(task.data.values()))
        drawn["drawing"] = done.text if isinstance(done, Printout) else _NO_DRAWING
        faults += () if isinstance(done, Printout) else done
    return [task for page in pages for task in _reports(page, wording)], tuple(faults)


def _refused_pages(sources: Mapping[str, Statements], site: Path) -> Iterator[Fault]:
    """What the typesetter refuses, or the pages leave out; after a fault no other source is tried."""
    for source, statements in sources.items():
        try:
            check_pages(set_site_pages(source, _WRITTEN_AT, fonts_of(site)), statements)
        except TemplateRefused as refused:
            yield from refused.faults
            return


def _page(report: Report, language: Language) -> dict[str, Any]:
    """What a page is given, its drawings still to be made."""
    page: dict[str, Any] = describe(report, language)
    marks = marks_of(report)
    for hip, graded in zip(page["hips"], report.hips, strict=True):
        side = graded.hip.side
        picture = _picture(side, [mark for mark in marks if mark.side is side])
        hip["picture"] = describe_picture(picture, report.status, language)
        then = describe_earlier(picture, report.status, report.subject.study.date, language)
        hip["earlier"] = {"shown": True, **then}
        hip["gap_scale"] = describe_gap_scale(report, graded, language)
    return page


def _picture(side: Side, marks: list[Mark]) -> KeyImage | Missing:
    if not marks:
        return Missing(side=side, reason=NO_PIXEL_DATA)
    place = marks[0].place
    shown = tuple(mark for mark in marks if mark.place == place)
    columns, rows = zip(*(point for mark in shown for point in mark.points), strict=True)
    # Templates meet a line that goes on in another image as well, and surfaces that a program found.
    dot = replace(shown[0], points=shown[0].points[:1])
    left, top = int(min(columns)) - _MARGIN, int(min(rows)) - _MARGIN
    width, height = int(max(columns)) + _MARGIN - left, int(max(rows)) + _MARGIN - top
    polygon = Polygon(corners=((left, top), (left + width, top), (left, top + height)), place=place)
    return KeyImage(
        side=side,
        place=place,
        crop=Crop(left=left, top=top, width=width, height=height),
        width=width,
        height=height,
        png=_BLANK,
        marks=(*shown, dot),
        toward_left="R",
        toward_right="L",
        centimetre=_MARGIN,
        surfaces=(Outline(structure=Structure.FEMUR, polygon=polygon),),
    )


def _drawings(page: dict[str, Any]) -> Iterator[Task]:
    for hip in page["hips"]:
        for picture in (hip["picture"], hip["earlier"]):
            if not picture["missing"]:
                yield Task(template="key_image.svg", data={"picture": picture})
        if hip["gap_scale"]["shown"]:
            yield Task(template="gap_scale.svg", data={"scale": hip["gap_scale"]})


def _reports(page: dict[str, Any], wording: Wording) -> Iterator[Task]:
    yield Task(template="report.txt", data=page, blocks=SECTIONS)
    yield Task(template="report.html", data=page)
    fonts = fonts_of(wording.site)
    printable, _ = with_printable(page, fonts)
    families = list(font_families(fonts)) if fonts else []
    given = {**printable, "unprintable": "", "site_fonts": families}
    yield Task(template="report.typ", data=given)
