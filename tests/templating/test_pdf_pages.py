"""What a report must say is read from the pages that a site's template makes of it."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

from hosr.errors import Fault, TemplateRefused
from hosr.resources import font_dir
from hosr.templating.pdf_pages import check_pages
from hosr.templating.statements import NamedGrades, StatedGrade, StatedHip, Statements
from hosr.templating.typesetting import set_pages

pytestmark = pytest.mark.slow

TIME = dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.UTC)
BEGINNING = (
    '#set document(title: "Report")\n'
    '#set text(lang: "en", size: 9pt, font: ("Noto Sans", "Noto Sans Hebrew", "Noto Sans Arabic"))\n'
    "= Report\n"
)
WORDS = "DRAFT - not for use.\n\nRight hip: Brooker III."
DRAFT = "leaves out the status of the report"
HIP = "leaves out hip 1"
GRADE = "leaves out the grade of hip 1 by Brooker"


@cache
def _faults(body: str, conclusion: str = "") -> tuple[str, ...]:
    """What is told of the pages of this source."""
    hip = StatedHip(name="Right hip", grades=(StatedGrade(system="Brooker", values=("III",)),))
    must = Statements(draft="DRAFT - not for use.", conclusion=conclusion, hips=(hip,))
    try:
        check_pages(set_pages(BEGINNING + body, TIME), must)
    except TemplateRefused as refused:
        return tuple(fault.problem for fault in refused.faults)
    return ()


def _drawing(words: str) -> str:
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' width='500' height='60'>{words}</svg>"
    return f'#image(bytes("{svg}"), alt: "a", width: 100%)'


@pytest.mark.parametrize(
    "body",
    [
        WORDS,
        f"#block(fill: rgb(0, 0, 85), text(fill: white)[{WORDS}])",
        f"#set text(fill: rgb(150, 150, 150), size: 6pt)\n{WORDS}",
        f"#block(width: 12mm)[{WORDS}]",
        f"#set text(hyphenate: true)\n#set par(justify: true)\n#block(width: 9mm)[{WORDS}]",
        f"#rotate(90deg, reflow: true)[{WORDS}]",
        f"#table(columns: 2, [Right hip], [Brooker *III*])\n{WORDS[:20]}",
        f"#set page(header: [{WORDS[:20]}])\n{WORDS[20:]}",
        f"#box(fill: gradient.linear(white, aqua))[#underline[{WORDS}]]",
    ],
)
def test_what_is_seen_counts(body: str) -> None:
    """In other colours, sizes and directions, over lines and in the head of the page."""
    assert _faults(body) == ()


HIDDEN = {
    "another grade": (f'#show regex("III"): "0"\n{WORDS}', (GRADE,)),
    "another word": (f'#show "DRAFT": "SIGNED"\n{WORDS}', (DRAFT,)),
    "left out": (f"#show heading: it => it.body\n#let words = [{WORDS}]", (DRAFT, HIP)),
    "a comment": (f"/* {WORDS} */", (DRAFT, HIP)),
    "a condition": (f"#if false [{WORDS}]", (DRAFT, HIP)),
    "hide": (f"#hide[{WORDS}]", (DRAFT, HIP)),
    "white": (f"#text(fill: white)[{WORDS}]", (DRAFT, HIP)),
    "hardly grey": (f"#text(fill: luma(230))[{WORDS}]", (DRAFT, HIP)),
    "transparent": (f"#text(fill: rgb(0, 0, 0, 0))[{WORDS}]", (DRAFT, HIP)),
    "black on black": (f"#block(fill: black)[{WORDS}]", (DRAFT, HIP)),
    "tiny": (f"#text(size: 0.5pt)[{WORDS}]", (DRAFT, HIP)),
    "made small": (f"#scale(3%)[{WORDS}]", (DRAFT, HIP)),
    "made narrow": (f"#scale(x: 3%)[{WORDS}]", (DRAFT, HIP)),
    "in a mirror": (f"#scale(x: -100%)[{WORDS}]", (DRAFT, HIP)),
    "off the page": (f"#place(dx: -900pt)[{WORDS}]", (DRAFT, HIP)),
    "cut off": (f"#box(width: 1pt, height: 1pt, clip: true)[{WORDS}]", (DRAFT, HIP)),
    "covered": (
        f"#block[{WORDS}#place(top, rect(width: 100%, height: 60pt, fill: white))]",
        (DRAFT, HIP),
    ),
    "covered by a picture": (
        f"#block[{WORDS}#place(top, {_drawing('<rect width=`500` height=`60` fill=`white`/>').replace('`', chr(39))[1:]})]",
        (DRAFT, HIP),
    ),
    "printed over": (f"#block[{WORDS}#place(top)[{'SIGNED ' * 9}]]", (DRAFT,)),
    "labels of a drawing": (
        _drawing("<text y='20'>DRAFT - not for use. Right hip: Brooker III.</text>"),
        (DRAFT, HIP),
    ),
    "a description": (f'#set document(description: "{WORDS[:20]}")\n{WORDS[20:]}', (DRAFT,)),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_is_not_seen_does_not_count(name: str) -> None:
    """However the source says it."""
    body, problems = HIDDEN[name]
    assert _faults(body) == problems


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("#for _ in range(70) [#pagebreak()]", "prints more than 60 pages"),
        ("#page(width: 9000pt, height: 9000pt)[a]", "has a page larger than A1"),
    ],
)
def test_pages_have_bounds(body: str, problem: str) -> None:
    """More than that is no report, and would take long to read."""
    assert _faults(WORDS + body) == (problem,)


@pytest.mark.parametrize(
    "words",
    [
        "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd, grade III (2025).",
        "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 \u0644\u0627 2025",
        "e\u0301tude \u201cCT\u201d \ufb01n, fi ffl \u2014 \u00bd \u00b2",
        "At length, without an end. " * 300,
        "L\u2019en-t\u00eate, a-t-il un c\u00f4t\u00e9? " * 40,
    ],
)
def test_the_words_of_a_reader_are_found(words: str) -> None:
    """In scripts from the right, with ligatures, and over the foot of a page."""
    foot = "#set page(footer: [Foot of a page])\n#set par(justify: false)\n"
    assert _faults(f"{foot}{WORDS}\n\n{words}", words) == ()
    assert _faults(WORDS, words) == ("leaves out the conclusion of the reader",)


def test_no_other_grade_may_be_named() -> None:
    """A literal beside what must be said is of another report."""
    named = NamedGrades(system="Brooker", grades=("0", "I", "II", "III", "IV"), named=("III",))
    must = Statements(draft="DRAFT - not for use.", conclusion="", hips=(), systems=(named,))
    check_pages(set_pages(BEGINNING + WORDS, TIME), must)
    with pytest.raises(TemplateRefused, match="names a grade by Brooker that the report does not"):
        check_pages(set_pages(f"{BEGINNING}{WORDS} Brooker 0.", TIME), must)


def test_letters_that_a_font_leaves_blank_are_not_seen(tmp_path: Path) -> None:
    """A site's font may have no ink for a letter, and say that it has it."""
    with TTFont(font_dir() / "NotoSans-Regular.ttf") as font:
        font["glyf"]["I"] = Glyph()
        font["glyf"]["I"].numberOfContours = 0
        for name in font["name"].names:
            if name.nameID in (1, 16):
                name.string = "Blank"
        font.save(tmp_path / "Blank.ttf")
    hip = StatedHip(name="Right hip", grades=(StatedGrade(system="Brooker", values=("III",)),))
    must = Statements(draft="DRAFT - not for use.", conclusion="", hips=(hip,))
    blank = f'{BEGINNING}#set text(font: "Blank")\n{WORDS}'
    with pytest.raises(TemplateRefused, match=GRADE):
        check_pages(set_pages(blank, TIME, tmp_path), must)


def test_a_refusal_says_what_to_do() -> None:
    """The file is the source of the pages."""
    must = Statements(draft="DRAFT", conclusion="", hips=())
    with pytest.raises(TemplateRefused) as refused:
        check_pages(set_pages(BEGINNING, TIME), must)
    remedy = "extend the shipped template and change other blocks"
    assert refused.value.faults == (Fault("report.typ", DRAFT, remedy),)


def test_what_is_no_pdf_ends_nothing_else() -> None:
    """Whatever a typesetter makes is refused or read."""
    must = Statements(draft="DRAFT", conclusion="", hips=())
    with pytest.raises(TemplateRefused):
        check_pages(b"%PDF-1.7\nbroken", must)
