"""What a reader sees of a page for a browser, judged by its markup and its styles.

No browser is asked, so that only such markup is taken as leaves no doubt: every browser and this
reader must see the same elements. Hence tags are closed in order, nothing runs, and styles are
those of `style_sheets`. Words count where all elements around them are plain ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape

from hosr.templating.style_sheets import (
    Rule,
    UnclearStyle,
    check_rules,
    names,
    read_declarations,
    read_sheet,
)
from hosr.templating.unclear import Unclear

# Possessive, so that what does not match is given up at once.
_ATTRIBUTE = r"""[^\s"'<>/=`]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>=`]++))?+"""
_TOKEN = re.compile(
    r"(?P<text>[^<]++)"
    r"|<!--(?!-?>)(?P<comment>(?:[^-]|-(?!-))*+)-->"
    r"|(?P<doctype><!doctype\s+html\s*+>)"
    rf"|<(?P<begin>[a-z][a-z0-9-]*+)(?P<attributes>(?:\s++{_ATTRIBUTE})*+)\s*+(?P<closed>/?)>"
    r"|</(?P<end>[a-z][a-z0-9-]*+)\s*+>",
    re.IGNORECASE,
)
_EACH_ATTRIBUTE = re.compile(
    r"""(?P<name>[^\s"'<>/=`]++)(?:\s*+=\s*+(?:"(?P<a>[^"]*+)"|'(?P<b>[^']*+)'|(?P<c>[^\s"'<>=`]++)))?+"""
)

_VOID = names("area base br col hr img input link meta source track wbr")
# What stands within a line, so that words before and after it may be one.
_IN_LINE = names(
    "a abbr b bdi big cite code dfn em i kbd mark q samp small span strong sub sup time tt u var wbr"
)
_PLAIN = _IN_LINE | names(
    "html body header main footer section article aside nav address hgroup div center p h1 h2 h3 h4 h5 h6 pre"
    " blockquote ul ol li dl dt dd figure figcaption table caption colgroup thead tbody tfoot tr td th"
    " fieldset legend"
)
# What runs, fetches, or is read by browsers as something else than tags.
_CLOSED = names(
    "script noscript iframe frame frameset noframes object embed applet base link xmp plaintext noembed listing"
    " textarea select button portal fencedframe marquee dialog"
)
# What a drawing is made of; any other tag ends it in a browser, or goes on after it.
_DRAWN = names(
    "svg g defs symbol use switch rect circle ellipse line polyline polygon path text tspan textpath image title desc"
    " metadata style lineargradient radialgradient stop clippath mask pattern marker filter"
)
_MAX_DEPTH = 200  # browsers keep some 500
_SMALLER = ("small", "sub", "sup")
_ONCE = frozenset(("html", "head", "body"))
_TEXT_ONLY = ("title", "style")
_HIDING = frozenset(("hidden", "popover"))
_COLOURING = frozenset(("bgcolor", "text", "background"))
_MOVING = frozenset(("overflow", "transform", "filter"))


class UnclearPage(Unclear):
    """A page of which nobody can say what is seen of it: why, and in which line of what is printed."""


class _Reader:
    """The elements that are open, and the words that are seen."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.rules: list[Rule] = []
        self._open: list[tuple[str, bool]] = []
        self._once: set[str] = set()

    def begin(self, name: str, attributes: str, *, closed: bool) -> None:
        """An element begins; it is seen where it is a plain one and not hidden."""
        around = [element for element, _ in self._open]
        drawn = name == "svg" or "svg" in around
        if name in _CLOSED or (drawn and name not in _DRAWN):
            raise UnclearPage("holds <{}>" + (" in a drawing" if drawn else ""), name)
        given = dict(_each_attribute(attributes))
        _check_attributes(name, given, drawn=drawn)
        if "style" in given:
            declared = read_declarations(given["style"], drawn=drawn)
            self.rules.append(Rule(selector=f"<{name}>", declared=declared, drawn=drawn))
        hidden = not _HIDING.isdisjoint(given)
        if name in _ONCE and (hidden or name in self._once):
            raise UnclearPage("hides <{}>, or holds it twice", name)
        self._once.add(name)
        if name == "body" and around[-1:] == ["head"]:
            self._open.pop()
        if name not in _IN_LINE:
            self.words.append(" ")
        if name in _VOID or (closed and drawn):
            return
        if closed:
            raise UnclearPage("closes <{}/> at once, which browsers do not", name)
        if len(around) > _MAX_DEPTH:
            raise UnclearPage(f"nests elements deeper than {_MAX_DEPTH}")
        tiny = name in _SMALLER and sum(map(around.count, _SMALLER)) > 1
        self._open.append((name, name in _PLAIN and not hidden and not tiny))

    def end(self, name: str) -> None:
        """An element ends, and with it plain ones that were left open in it."""
        if name not in _IN_LINE:
            self.words.append(" ")
        if name in _VOID:
            return
        left_open = False
        while self._open:
            element, seen = self._open.pop()
            if element == name and (seen or not left_open):
                return
            left_open = True
            if not seen or element in _IN_LINE:
                break
        raise UnclearPage("closes </{}> where that is not open, or something else is", name)

    def read(self, text: str) -> None:
        """Words: those of a style, or those that are seen."""
        if self._open and self._open[-1][0] == "style":
            self.rules += read_sheet(text)
        elif all(seen for _, seen in self._open):
            self.words.append(unescape(text))


def read_page(page: str) -> str:
    """The words of a page that a reader sees.

    Raises `UnclearPage` for markup or styles of which that cannot be said.
    """
    reader = _Reader()
    place = 0
    try:
        while place < len(page):
            place = _read_token(reader, page, place)
    except Unclear as unclear:
        line = page.count("\n", 0, place) + 1
        problem = f"{unclear.problem} (line {line} of the page)"
        raise UnclearPage(problem, *unclear.quoted) from None
    try:
        check_rules(reader.rules)
    except UnclearStyle as unclear:
        raise UnclearPage(unclear.problem, *unclear.quoted) from None
    return "".join(reader.words)


def _read_token(reader: _Reader, page: str, place: int) -> int:
    """The token at a place given to the reader; where the next one begins."""
    found = _TOKEN.match(page, place)
    if found is None:
        raise UnclearPage("holds markup that browsers take in different ways")
    if found["text"] is not None:
        reader.read(found["text"])
    elif found["begin"] is not None:
        name = found["begin"].lower()
        reader.begin(name, found["attributes"], closed=bool(found["closed"]))
        if name in _TEXT_ONLY:
            end = page.find("<", found.end())
            if not page[end : end + len(name) + 2].lower() == f"</{name}":
                raise UnclearPage("holds markup within <{}>", name)
    elif found["end"] is not None:
        reader.end(found["end"].lower())
    return found.end()


def _check_attributes(name: str, given: Mapping[str, str], *, drawn: bool) -> None:
    """Refuse what runs, and what dresses or moves words past the styles."""
    moving = _MOVING if name == "svg" else ("overflow",) if drawn else _COLOURING
    for attribute, value in given.items():
        if attribute.startswith("on") or value[:40].strip().lower().startswith("javascript:"):
            raise UnclearPage("runs a program in <{} {}>", name, attribute)
        if attribute in moving or attribute.startswith("shadowroot"):
            raise UnclearPage("may hide or cover words by <{} {}>", name, attribute)
    if name == "meta" and given.get("http-equiv", "").strip().lower() == "refresh":
        raise UnclearPage("goes to another page by itself")


def _each_attribute(attributes: str) -> Iterator[tuple[str, str]]:
    """Each attribute with its value; of one that is given twice browsers take the first."""
    names = set()
    for found in _EACH_ATTRIBUTE.finditer(attributes):
        name = found["name"].lower()
        if name in names:
            raise UnclearPage("gives the attribute {} twice", name)
        names.add(name)
        yield name, unescape(found["a"] or found["b"] or found["c"] or "")
