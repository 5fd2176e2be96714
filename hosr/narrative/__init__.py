"""Report to words: the plain text, and the same sentences by section for a Basic Text SR.

Findings become sentences in tabled functions (`phrases`, `grading`, `remarks`, `impression`,
`circumstances`); a template, shipped or of the department's own, holds their order and headings.
Nothing is said that the record does not say or that a published rule does not give: no cause, no
diagnosis, no advice beyond serial imaging and range of motion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.narrative.layout import wrap
from hosr.templating.wording import Wording

if TYPE_CHECKING:
    from hosr.report import Report
    from hosr.templating.environment import Plain

__all__ = ["SECTIONS", "Section", "Wording", "compose_sections", "render_text"]

_TEMPLATE = "report.txt"
_SHIPPED = Wording()

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


def _describe(report: Report, wording: Wording) -> Mapping[str, Plain]:
    # Stands here because the process that prints a site's templates needs no sentences.
    from hosr.narrative.content import describe

    return describe(report, wording.language)


def _section(key: str, lines: list[str]) -> Section:
    title, *paragraphs = (line for line in lines if line)
    return Section(key, title, tuple(paragraphs))
