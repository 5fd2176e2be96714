"""What a report says whoever wrote its template: that it is a draft, each hip and its grades."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from hosr.errors import Fault
from hosr.templating.environment import kind_of
from hosr.templating.typst_text import escape_typst

if TYPE_CHECKING:
    from hosr.templating.printing import Printout, Task


_REPORTS = ("report.html", "report.txt", "report.typ")
_REMEDY = "extend the shipped template and change other blocks"


def find_omissions(task: Task, printout: Printout, path: str) -> list[Fault]:
    """What a report leaves out that it must say, and what it holds that none may."""
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t\r" for c in printout.text):
        return [Fault(path, "prints control characters", "remove them")]
    if task.template not in _REPORTS:
        return []
    texts = [printout.text]
    if task.blocks:
        texts.append("\n".join(printout.blocks.values()))
    problems = dict.fromkeys(problem for text in texts for problem in _omitted(task, text))
    return [Fault(path, problem, _REMEDY) for problem in problems]


def _omitted(task: Task, text: str) -> Iterator[str]:
    kind = kind_of(task.template)
    visible = _blanks(_VISIBLE[kind](text) if kind in _VISIBLE else text)
    data: Any = task.data
    if not re.search(_written(data["status"]["draft"], kind), visible):
        yield "leaves out the status of the report"
    for number, hip in enumerate(data["hips"], start=1):
        name = _written(hip["name"], kind)
        if not re.search(name, visible):
            yield f"leaves out hip {number}"
            continue
        for grade in hip["headline"]["grades"]:
            # Names of grades are figures and capitals; what stands between several is not.
            stated = re.findall(r"(?<!\w)[0-9A-Z]+(?!\w)", grade["grade"])
            system = _written(grade["system"], kind)
            told = (rf"{name}.*?{system}.*?(?<!\w){value}(?!\w)" for value in stated)
            if not all(re.search(pattern, visible, re.DOTALL) for pattern in told):
                yield f"leaves out the grade of hip {number} by {grade['system']}"


def _written(text: str, kind: str) -> str:
    """A pattern for the text as a reader sees it: in Typst, outside of a string of code."""
    if kind == "typ":
        return rf'(?<!")(?:{re.escape(_blanks(escape_typst(text)))})'
    return re.escape(_blanks(text))


def _blanks(text: str) -> str:
    return re.sub(r"(?:\s|\\u\{a0\})+", " ", text)


class _Page(HTMLParser):
    """The text of a page that a reader sees."""

    _UNSEEN = ("head", "script", "style", "template", "title")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begins what is not seen."""
        if tag in self._UNSEEN or any(name == "hidden" for name, _ in attrs):
            self._unseen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Ends what is not seen."""
        if self._unseen and self._unseen[-1] == tag:
            self._unseen.pop()

    def handle_data(self, data: str) -> None:
        """Keeps what is seen."""
        if not self._unseen:
            self.texts.append(data)


def _seen_on_page(text: str) -> str:
    page = _Page()
    page.feed(text)
    page.close()
    return " ".join(page.texts)


def _seen_in_source(text: str) -> str:
    """A Typst source without its comments."""
    return re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", text, flags=re.DOTALL)


_VISIBLE = {"html": _seen_on_page, "typ": _seen_in_source}
