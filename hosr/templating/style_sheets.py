"""Which styles a page may have: such as can move and dress its words, and hide none.

There are more ways to hide a word in CSS than anyone lists. So what is allowed is listed instead,
property by property; a colour of text is held against what is behind it by the same rule, else by
that of the whole page. What two rules do together to one element is not judged, nor are fonts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hosr.templating.colours import UnclearColour, contrast, read_colour
from hosr.templating.unclear import Unclear


def names(text: str) -> frozenset[str]:
    """The names in a text."""
    return frozenset(text.split())


_FREE = names(
    "align-content align-items align-self border border-block border-block-end border-block-start border-bottom"
    " border-bottom-color border-bottom-style border-bottom-width border-collapse border-color border-inline"
    " border-inline-end border-inline-start border-left border-left-color border-left-style border-left-width"
    " border-radius border-right border-right-color border-right-style border-right-width border-spacing"
    " border-style border-top border-top-color border-top-style border-top-width border-width box-sizing"
    " break-after break-before break-inside caption-side clear column-gap column-rule column-span cursor flex-wrap"
    " float font-family font-kerning font-stretch font-style font-variant font-variant-caps font-variant-numeric"
    " font-weight gap grid-gap grid-row-gap grid-column-gap hyphens"
    " justify-content justify-items justify-self letter-spacing list-style list-style-position list-style-type"
    " margin margin-block margin-block-end margin-block-start margin-bottom margin-inline margin-inline-end"
    " margin-inline-start margin-left margin-right margin-top min-height orphans overflow-wrap padding"
    " padding-block padding-block-end padding-block-start padding-bottom padding-inline padding-inline-end"
    " padding-inline-start padding-left padding-right padding-top page page-break-after page-break-before"
    " page-break-inside place-content place-items place-self print-color-adjust row-gap tab-size table-layout"
    " text-align text-align-last text-indent text-transform text-underline-offset text-wrap vertical-align"
    " white-space widows word-break word-spacing word-wrap -webkit-print-color-adjust -webkit-text-size-adjust"
    " text-size-adjust"
)
_WIDTHS = names(
    "width max-width min-width inline-size max-inline-size column-width columns flex flex-basis grid-auto-columns"
    " grid-template-columns"
)
_PAINT = names(
    "fill fill-opacity fill-rule stroke stroke-dasharray stroke-linecap stroke-linejoin stroke-opacity stroke-width"
    " text-anchor dominant-baseline"
)
_CHOICES: Mapping[str, re.Pattern[str]] = {
    "display": re.compile(
        r"inline|block|flow-root|list-item|(?:inline-)?(?:block|grid|flex|table)"
        r"|table-(?:row|cell|row-group|header-group|footer-group|column|column-group|caption)"
    ),
    "height": re.compile("auto"),
    "max-height": re.compile("none"),
    "grid-row": re.compile(r"auto|span \d"),
    "grid-column": re.compile(r"auto|span \d|1 ?/ ?-1"),
    "flex-direction": re.compile("row|column"),
    "flex-flow": re.compile("(?:row|column)(?: wrap| nowrap)?"),
    "flex-grow": re.compile(r"\d"),
    "flex-shrink": re.compile(r"\d"),
    "column-count": re.compile("[1-4]|auto"),
    "grid-auto-rows": re.compile("auto|min-content|max-content|1fr"),
    "grid-template-rows": re.compile("(?:(?:subgrid|auto|min-content|max-content|1fr) ?)+"),
    "size": re.compile(r"(?:a[345]|letter|legal|auto|\d{3}mm \d{3}mm)(?: portrait| landscape)?"),
    "text-decoration": re.compile(r"none|underline(?: (?:dotted|dashed|solid))?"),
    "text-decoration-line": re.compile("none|underline"),
}
_COLOURS = ("color", "background", "background-color")
_TEXTS = ("font-family", "font")

_FUNCTIONS = frozenset(("var", "rgb", "minmax", "repeat", "min", "max", "clamp", "fit-content"))
_NUMBER = re.compile(r"(?<![\w.#-])([-+]?(?:\d+\.?\d*|\.\d+))(?:(%|[a-z]+)|(?![\w.%]))")
# The most of each unit, beside and for widths, and the least of a width.
_MOST = {
    "": 1000,
    "rem": 20,
    "em": 20,
    "ch": 40,
    "px": 320,
    "pt": 240,
    "mm": 100,
    "cm": 10,
    "in": 4,
    "%": 100,
    "vw": 100,
    "fr": 20,
}
_MOST_WIDE = {
    **_MOST,
    "": 12,
    "rem": 100,
    "em": 100,
    "ch": 120,
    "px": 1600,
    "pt": 1200,
    "mm": 420,
    "cm": 42,
    "in": 17,
}
_LEAST_WIDE = {
    "": 1,
    "rem": 2,
    "em": 2,
    "ch": 4,
    "px": 20,
    "pt": 15,
    "mm": 5,
    "cm": 0.5,
    "in": 0.2,
    "%": 5,
    "vw": 5,
    "fr": 0.1,
}
_LEAST_SIZE = {"rem": 0.7, "em": 0.75, "px": 9, "pt": 6.5, "mm": 2.3, "%": 75}
_LEAST_LINE = {"": 1, "rem": 0.8, "em": 1, "px": 9, "pt": 6.5, "mm": 2.3, "%": 100}
_SIZES = re.compile("xx-small|x-small|small|medium|large|x-large|xx-large|larger|inherit")
_FONT = re.compile(
    r"(?:(?:normal|italic|oblique|small-caps|bold|bolder|lighter|[1-9]00) )*"
    r"([\d.]+(?:%|[a-z]+)|[a-z-]+)(?: ?/ ?([\w.%]+))? .+"
)

_STRING = re.compile(r'"[^"\n]*+"|\'[^\'\n]*+\'')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_AT_RULE = re.compile(r"@(media)\s([\w\s():,.-]+)$|@(page)$")
_HEAD = re.compile(r"""(?:[^{}<>'";\\@]|"")+(?:>(?:[^{}<>'";\\@]|"")+)*|@page""")
# A selector whose subject is a drawing, or within one.
_DRAWN = re.compile(r"(?:^|[\s>+~])svg(?![\w-])[^~+]*$")
_AT_WORD = re.compile(r"\s*@([\w-]*)")
_PAGE = re.compile(r"(?:html|body|:root)")
_PAGES = {"light": "a light screen", "dark": "a dark screen", "print": "paper"}
_SCHEMES = tuple(_PAGES)
_CONTRAST = 1.8  # of 1 to 21, as of #bfbfbf on white


class UnclearStyle(Unclear):
    """A style that hides words, or of which nobody can say that it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Declarations for what a selector means, on these kinds of pages."""

    selector: str
    declared: Mapping[str, str]
    schemes: tuple[str, ...] = _SCHEMES
    drawn: bool = False


def read_sheet(text: str) -> Iterator[Rule]:
    """The rules of a sheet. Raises `UnclearStyle` for what is not allowed."""
    text = _COMMENT.sub(" ", text)
    for mark, words in (("\\", "escapes"), ("&", "&"), ("<", "<"), ("/*", "an open comment")):
        if mark in text:
            raise UnclearStyle(f"holds {words} in a style sheet")
    yield from _read_rules(_STRING.sub('""', text), _SCHEMES)


def _read_rules(text: str, schemes: tuple[str, ...]) -> Iterator[Rule]:
    place = 0
    while text[place:].strip():
        named = _AT_WORD.match(text, place)
        if named is not None and named[1] not in ("media", "page"):
            raise UnclearStyle("holds @{} in a style sheet", named[1])
        begin = text.find("{", place)
        head = " ".join(text[place:begin].split())
        end = _end_of_block(text, begin)
        body = text[begin + 1 : end]
        place = end + 1
        at_rule = _AT_RULE.fullmatch(head)
        if at_rule is None and _HEAD.fullmatch(head) is None:
            raise UnclearStyle("holds a selector that cannot be read in a style sheet")
        if at_rule is not None and at_rule[1]:
            yield from _read_rules(body, _schemes_of(at_rule[2], schemes))
        else:
            drawn = all(_DRAWN.search(part) for part in head.split(","))
            declared = read_declarations(body, drawn=drawn)
            if _has_variable(declared) and head not in (":root", "html"):
                raise UnclearStyle("defines a variable for {} and not for :root", head)
            yield Rule(selector=head, declared=declared, schemes=schemes, drawn=drawn)


def _end_of_block(text: str, begin: int) -> int:
    """Where the block ends that begins here."""
    depth = 0
    for found in re.compile("[{}]").finditer(text, max(begin, 0)):
        depth += 1 if found[0] == "{" else -1
        if depth == 0 and begin >= 0:
            return found.start()
    raise UnclearStyle("holds a style sheet whose braces are not closed")


def _schemes_of(query: str, around: tuple[str, ...]) -> tuple[str, ...]:
    """On which kinds of pages a media query may hold."""
    if {"not", "or"} & set(query.split()) or "," in query:
        return around
    kinds = around
    for words, meant in (
        ("prefers-color-scheme:dark", ("dark",)),
        ("prefers-color-scheme:light", ("light",)),
        ("print", ("print",)),
        ("screen", ("light", "dark")),
    ):
        if words in query.replace(" ", ""):
            kinds = tuple(kind for kind in kinds if kind in meant)
    return kinds


def read_declarations(text: str, *, drawn: bool = False) -> dict[str, str]:
    """The declarations of a rule or of a `style`. Raises `UnclearStyle` for one that is not allowed."""
    text = _STRING.sub('""', text)
    if (
        any(mark in text for mark in "\\{}<&@")
        or "/*" in text
        or text.count('"') % 2
        or "'" in text
    ):
        raise UnclearStyle("holds more than plain declarations in a style")
    declared: dict[str, str] = {}
    for part in filter(str.strip, text.split(";")):
        name, colon, value = part.partition(":")
        name = name.strip().lower() if not name.strip().startswith("--") else name.strip()
        value = " ".join(value.lower().split()).removesuffix("!important").strip()
        if not colon or not _is_allowed(name, value, drawn=drawn):
            raise UnclearStyle("may hide words by the style {}: {}", name, value[:40])
        declared[name] = value
    return declared


def _is_allowed(name: str, value: str, *, drawn: bool) -> bool:
    if name in _CHOICES:
        return _CHOICES[name].fullmatch(value) is not None
    if name in ("font-size", "line-height"):
        return _is_legible(name, value)
    if '"' in value and name not in _TEXTS:
        return False
    if name == "font":
        return value == "inherit" or _is_legible_font(value)
    if name.startswith("--"):
        return name == name.lower() and _is_measured(name, value)
    known = name in _COLOURS or name in _FREE or name in _WIDTHS or (drawn and name in _PAINT)
    return known and _is_measured(name, value)


def _is_legible_font(value: str) -> bool:
    found = _FONT.fullmatch(value)
    return (
        found is not None
        and _is_legible("font-size", found[1])
        and _is_legible("line-height", found[2] or "normal")
    )


def _is_legible(name: str, value: str) -> bool:
    """Whether letters of this size, or lines of this height, can be read."""
    if name == "font-size" and _SIZES.fullmatch(value):
        return True
    if name == "line-height" and value in ("normal", "inherit"):
        return True
    least = _LEAST_SIZE if name == "font-size" else _LEAST_LINE
    found = _NUMBER.fullmatch(value)
    unit = (found[2] or "") if found is not None else ""
    return found is not None and unit in least and least[unit] <= float(found[1]) <= 200


def _is_measured(name: str, value: str) -> bool:
    """Whether a value calls no unknown function, and moves nothing far away or into nothing."""
    calls = re.findall(r"([\w-]*)\(", value)
    wide = name in _WIDTHS
    if not _FUNCTIONS.issuperset(calls) or (wide and "var" in calls):
        return False
    if "rgb" in calls or value.startswith("#"):
        return True
    for figures, unit in _NUMBER.findall(
        value.replace("minmax(0,", "minmax(1fr,") if wide else value
    ):
        number = float(figures)
        most = (_MOST_WIDE if wide else _MOST).get(unit, 0)
        least = _LEAST_WIDE.get(unit, 0) if wide and (unit or name != "flex") else 0.0
        if name == "margin-inline" and unit in ("rem", "em"):
            least = -2.0
        if not least <= number <= most:
            return False
    return True


def _has_variable(declared: Mapping[str, str]) -> bool:
    return any(name.startswith("--") for name in declared)


def check_rules(rules: Sequence[Rule]) -> None:
    """Hold each colour of text against what is behind it.

    Raises `UnclearStyle` where the two are too near to one another.
    """
    for scheme in _SCHEMES:
        here = [rule for rule in rules if scheme in rule.schemes]
        variables = {
            name: value
            for rule in here
            for name, value in rule.declared.items()
            if name.startswith("--")
        }
        ink, paper = "#000000", "#ffffff"
        for rule in here:
            if any(_PAGE.fullmatch(part.strip()) for part in rule.selector.split(",")):
                ink = rule.declared.get("color", ink)
                paper = _background(rule.declared) or paper
        for rule in here:
            if not rule.drawn and rule.declared.keys() & set(_COLOURS):
                try:
                    _check_colours(rule, variables, ink, paper)
                except UnclearStyle as unclear:
                    problem = f"{unclear.problem} on {_PAGES[scheme]}"
                    raise UnclearStyle(problem, *unclear.quoted) from None


def _background(declared: Mapping[str, str]) -> str:
    value = declared.get("background-color") or declared.get("background") or ""
    return "" if value in ("none", "transparent", "inherit") else value


def _check_colours(rule: Rule, variables: Mapping[str, str], ink: str, paper: str) -> None:
    front = rule.declared.get("color", ink)
    front = ink if front in ("inherit", "currentcolor") else front
    behind = _background(rule.declared) or paper
    try:
        near = contrast(read_colour(front, variables), read_colour(behind, variables))
    except UnclearColour as unclear:
        raise UnclearStyle(
            f"colours {{}} by {unclear.problem}", rule.selector, *unclear.quoted
        ) from None
    if near < _CONTRAST:
        raise UnclearStyle("colours {} {} on {}, hardly to be seen", rule.selector, front, behind)
