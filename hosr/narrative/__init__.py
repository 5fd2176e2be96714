"""Report to words: the plain text, and the same sentences by section for a Basic Text SR.

Findings become sentences in tabled functions; a template, shipped or of the department's own, holds
their order and headings. Nothing is said that the record does not say or that a published rule does
not give: no cause, no diagnosis, no advice beyond serial imaging and range of motion. The rooms:

    phrases         the findings of a hip
    grading         its grades, the rule that gave them, what leaves them open
    remarks         what qualifies them, a sentence for each flag
    impression      the conclusion, and the grades as a headline
    withdrawal      a report that was withdrawn
    signatures      how far it has come: signed by whom, what was changed, what was added
    comparison      what a hip was compared with, and whether it differs
    circumstances   examination, indication, technique, who graded by what
    surfaces        what the surfaces rest on that lengths were measured between
    lengths         how each length was measured, and in which plane
    gap_scale       the length that decides, drawn against 1 cm
    words           the vocabulary in running text, and what every sentence depends on
    content         all of it as the plain data that a template prints
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.templating.sources import Wording

if TYPE_CHECKING:
    from hosr.report import Report
    from hosr.templating.environment import Plain

__all__ = [
    "COLUMNS",
    "SECTIONS",
    "Section",
    "Wording",
    "columns",
    "compose_sections",
    "document_sections",
    "render_text",
    "wrap",
]

_TEMPLATE = "report.txt"
_SHIPPED = Wording()

COLUMNS = 80

# Blanks that a line never ends at, as between a number and its unit; they are printed as plain ones.
_BOUND = str.maketrans("\u00a0\u202f", "  ")

# The blocks of the template that are sections of the report, in its order.
SECTIONS = (
    "status",
    "examination",
    "indication",
    "technique",
    "comparison",
    "findings",
    "not_assessed",
    "impression",
    "method",
)


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its key, its heading as printed, and its paragraphs, unwrapped."""

    key: str
    title: str
    paragraphs: tuple[str, ...]


def render_text(report: Report, wording: Wording = _SHIPPED) -> str:
    """The whole report as text, in lines of 80 columns."""
    from hosr.templating.rendering import render  # Jinja, which structured data do without

    return wrap(render(_TEMPLATE, _describe(report, wording), wording))


def compose_sections(report: Report, wording: Wording = _SHIPPED) -> tuple[Section, ...]:
    """The sections of the same text, one string a paragraph."""
    from hosr.templating.rendering import render_blocks

    blocks = render_blocks(_TEMPLATE, SECTIONS, _describe(report, wording), wording)
    return tuple(_section(key, blocks[key].splitlines()) for key in SECTIONS)


def document_sections(
    report: Report, wording: Wording = _SHIPPED
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The sections of the narrative report: a key and paragraphs, each broken into lines.

    OHIF prints each paragraph in one line and cuts it off at the edge, unless it is broken.
    """
    return tuple(
        (section.key, tuple(wrap(text).replace("\n", "\r\n") for text in section.paragraphs))
        for section in compose_sections(report, wording)
    )


def _describe(report: Report, wording: Wording) -> Mapping[str, Plain]:
    # Stands here because the process that prints a site's templates needs no sentences.
    from hosr.narrative.content import describe

    return describe(report, wording.language)


def _section(key: str, lines: list[str]) -> Section:
    title, *paragraphs = (line for line in lines if line)
    return Section(key, title, tuple(paragraphs))


def wrap(text: str) -> str:
    """The same lines, each broken where it is wider than the page."""
    return "\n".join(broken for line in text.split("\n") for broken in _break(line))


def columns(text: str) -> int:
    """The width in a terminal: East Asian characters take two columns."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "FW" else 1 for c in text)


def _break(line: str) -> list[str]:
    lines = [""]
    for word in line.split(" "):
        for piece in _pieces(word.translate(_BOUND)):
            joined = f"{lines[-1]} {piece}" if lines[-1] else piece
            if columns(joined) <= COLUMNS:
                lines[-1] = joined
            else:
                lines.append(piece)
    return lines


def _pieces(word: str) -> list[str]:
    """A word that is wider than the page, in parts that are not."""
    if columns(word) <= COLUMNS:
        return [word]
    pieces = [""]
    for character in word:
        if columns(pieces[-1] + character) > COLUMNS:
            pieces.append("")
        pieces[-1] += character
    return pieces
