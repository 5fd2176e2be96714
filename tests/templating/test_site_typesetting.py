"""A site's pages are those of its source, and no source holds up a report."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from hosr.errors import Fault, TemplateRefused
from hosr.templating.typesetting import draw_png, draw_site_png, set_pages, set_site_pages

pytestmark = pytest.mark.slow

TIME = dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.UTC)
BEGINNING = '#set document(title: "Report")\n#set text(lang: "en", font: "Noto Sans")\n'


def test_the_pages_are_the_same_as_in_this_process() -> None:
    """Where it is set makes no difference to a page."""
    source = f"{BEGINNING}= Heading\nText."

    assert set_site_pages(source, TIME, None) == set_pages(source, TIME)


@pytest.mark.parametrize(
    ("source", "problem", "remedy"),
    [
        ("#foo", "cannot be set (unknown variable: foo)", "correct the template"),
        (
            '#read("/etc/passwd")',
            "cannot be set (the typesetter refuses it)",
            "correct the template",
        ),
        ('#panic("Rossi")', "cannot be set (the typesetter refuses it)", "correct the template"),
        (
            '#import "@preview/cetz:0.2.0"',
            "names a package",
            "write what it does into the template",
        ),
        (
            "#let f() = f()\n#f()",
            "cannot be set (maximum function call depth exceeded)",
            "correct the template",
        ),
        (
            "#for i in range(99999) { for j in range(99999) { } }",
            "takes longer than 5 s to set",
            "end its loops",
        ),
    ],
)
def test_a_source_that_cannot_be_set_is_refused(source: str, problem: str, remedy: str) -> None:
    """Reads, packages, loops and memory: each is refused in time, and no value is quoted."""
    with pytest.raises(TemplateRefused, match=re.escape(problem)) as refused:
        set_site_pages(BEGINNING + source, TIME, None)

    assert refused.value.faults == (Fault("report.typ", problem, remedy),)


def test_a_source_that_grows_without_end_is_refused() -> None:
    """On a fast machine its memory is used up first, on a busy one its time: either refuses it."""
    source = '#{ let a = "a"\n for i in range(40) { a = a + a } }'
    with pytest.raises(TemplateRefused) as refused:
        set_site_pages(BEGINNING + source, TIME, None)

    memory, seconds = "ends the process that sets it", "takes longer than 5 s to set"
    assert refused.value.faults in [
        (Fault("report.typ", problem, "end its loops"),) for problem in (memory, seconds)
    ]


def _drawing(body: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10">{body}</svg>'


def test_a_drawing_is_the_same_as_in_this_process() -> None:
    """Where it is drawn makes no difference to a picture."""
    drawing = _drawing('<rect width="5" height="5" fill="#ff0000"/>')

    assert draw_site_png(drawing, 20, 10) == draw_png(drawing, 20, 10)


def test_a_drawing_that_grows_without_end_is_refused() -> None:
    """Uses of uses are as many as a site likes to write, and hold up nothing."""
    uses = "".join(
        f'<g id="a{number}">{f"""<use href="#a{number - 1}"/>""" * 10}</g>'
        for number in range(1, 12)
    )
    with pytest.raises(TemplateRefused, match=r"key_image\.svg: ") as refused:
        draw_site_png(_drawing(f'<rect id="a0" width="5" height="5"/>{uses}'), 20, 10)

    assert [fault.path for fault in refused.value.faults] == ["key_image.svg"]
