"""Styles of a site: what dresses words is allowed, what can hide them is not."""

from __future__ import annotations

import re

import pytest

from hosr.resources import template_dir
from hosr.templating.style_sheets import UnclearStyle, check_rules, read_declarations, read_sheet


def _check(sheet: str) -> None:
    check_rules(list(read_sheet(sheet)))


ALLOWED = [
    "p { color: #900; font: bold 12px/1.3 'Noto Sans', serif }",
    ".draft { color: white; background: #0b5394; padding: 1rem; border: 1px solid #d3dae0 }",
    "table { border-collapse: collapse; width: 100% } td { vertical-align: top; text-align: right }",
    "h1 { text-transform: uppercase; letter-spacing: .1em; margin: 2em 0 .5em; font-size: 120% }",
    ".hips { display: flex; flex-wrap: wrap; gap: 1em } .hip { flex: 1 1 20rem }",
    ".hips { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)) }",
    ":root { --paper: #eee; --ink: #111; --gap: 1rem } body { background: var(--paper); color: var(--ink) }",
    ":root { --accent: #900 } p { color: var(--accent) } q { color: var(--none, #333) }",
    "@media print { p { color: black } } @page { size: A4 landscape; margin: 15mm }",
    "@media screen and (max-width: 30rem) { p { font-size: .9rem !important } }",
    "/* p { display: none } */ a { text-decoration: underline }",
    ".picture svg { background: #000; border-radius: 1rem } svg text { fill: #fff }",
]


@pytest.mark.parametrize("sheet", ALLOWED)
def test_what_dresses_words_is_allowed(sheet: str) -> None:
    """What departments write for letterhead, colours and columns."""
    _check(sheet)


def test_what_is_shipped_is_allowed() -> None:
    """The style of the shipped page follows the rule that a site's must."""
    page = (template_dir() / "report.html").read_text(encoding="utf-8")
    found = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert found is not None
    _check(found[1])


HIDING = [
    "display: none",
    "DISPLAY : NONE !important",
    "display: contents",
    "display: var(--x)",
    "visibility: hidden",
    "opacity: 0",
    "opacity: .01",
    "font-size: 0",
    "font-size: 1px",
    "font-size: .01em",
    "font-size: calc(1px - 1px)",
    "font: 0/0 a",
    "line-height: 0",
    "color: transparent",
    "color: rgb(0 0 0 / 0)",
    "color: rgba(0, 0, 0, 0)",
    "color: #0000",
    "color: hsl(0 0% 100%)",
    "color: canvas",
    "color: #fff",
    "background: #000",
    "background: url(x)",
    "background: linear-gradient(#000, #000)",
    "background-clip: text",
    "-webkit-text-fill-color: #fff",
    "-webkit-text-security: disc",
    "text-indent: -9999px",
    "text-indent: 9999px",
    "margin-left: -9999px",
    "margin-top: -1rem",
    "margin: calc(0px - 9999px)",
    "padding-left: 999rem",
    "position: absolute",
    "left: -9999px",
    "transform: scale(0)",
    "scale: 0",
    "translate: -9999px",
    "zoom: .01",
    "clip: rect(0 0 0 0)",
    "clip-path: inset(100%)",
    "mask: none",
    "filter: opacity(0)",
    "height: 0",
    "max-height: 0",
    "width: 0",
    "max-width: 1px",
    "overflow: hidden",
    "content: '0'",
    "content-visibility: hidden",
    "outline: 300px solid #fff",
    "letter-spacing: -1em",
    "order: 2",
    "flex-direction: row-reverse",
    "grid-area: 1 / 1",
    "grid-row: 1",
    "grid-template-columns: 0 1fr",
    "grid-template-rows: 0",
    "unicode-bidi: bidi-override",
    "direction: rtl",
    "writing-mode: vertical-rl",
    "text-decoration: line-through",
    "animation: a 1s",
    "all: unset",
    "list-style: '0'",
    "list-style: url(x)",
    "-x-new-property: 1",
    "d\\69splay: none",
    "a",
]


@pytest.mark.parametrize("style", HIDING)
def test_what_can_hide_words_is_refused(style: str) -> None:
    """In a sheet and in an attribute alike."""
    with pytest.raises(UnclearStyle):
        _check(f"p {{ {style} }}")
    with pytest.raises(UnclearStyle):
        _check("p { padding: 0; " + style + "; margin: 0 }")


SHEETS = [
    ('@import "x.css";', "holds @import"),
    ("@font-face { font-family: a; src: url(x) }", "holds @font-face"),
    ("@layer a { p { margin: 0 } }", "holds @layer"),
    ("@media print { p { display: none } }", "display: none"),
    ("p { margin: 0", "braces are not closed"),
    ("p { margin: 0 } }", "braces are not closed"),
    ("p { a { margin: 0 } }", "more than plain declarations"),
    ("p { & { margin: 0 } }", "holds &"),
    ("p { margin: 0 } /* a", "an open comment"),
    ("p { font-family: 'a\n; display: none }", "more than plain declarations"),
    ("p' { margin: 0 }", "a selector that cannot be read"),
    (".a { --ink: #fff }", "defines a variable for .a and not for :root"),
    (":root { --ink: #fff } body { color: var(--ink) }", "colours body var(--ink) on #ffffff"),
    ("body { background: #111 }", "colours body #000000 on #111"),
    ("body { background: #111; color: #fff } p { color: #222 }", "colours p #222 on #111"),
    ("body { background: #111; color: #fff } p { background: #eee }", "colours p #fff on #eee"),
    ("@media (prefers-color-scheme: dark) { body { background: #111 } }", "on a dark screen"),
    ("@media print { p { color: #eee } }", "on paper"),
    (":root { --a: var(--b); --b: var(--a) } p { color: var(--a) }", "not written as #rrggbb"),
    ("svg ~ p { color: #fff }", "colours svg ~ p"),
]


@pytest.mark.parametrize(("sheet", "problem"), SHEETS)
def test_a_sheet_that_cannot_be_judged_is_refused(sheet: str, problem: str) -> None:
    """Why, in words."""
    with pytest.raises(UnclearStyle) as unclear:
        _check(sheet)
    assert problem in str(unclear.value)


def test_a_refusal_names_the_style() -> None:
    """Property and value, as they are written."""
    with pytest.raises(UnclearStyle, match=r"^may hide words by the style opacity: 0$"):
        read_declarations("margin: 0; opacity: 0")
