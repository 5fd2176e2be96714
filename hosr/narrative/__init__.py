"""Report to words: the plain text, and the same sentences by section for a Basic Text SR.

Findings become sentences in tabled functions (`phrases`, `grading`, `remarks`, `impression`,
`circumstances`); a template holds the order, the headings and the sentences that never change.
Nothing is said that the record does not say or that a published rule does not give: no cause, no
diagnosis, no advice beyond serial imaging and range of motion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.narrative.content import describe
from hosr.narrative.environment import environment_of
from hosr.narrative.layout import wrap

if TYPE_CHECKING:
    from hosr.report import Report

__all__ = ["SECTIONS", "Section", "compose_sections", "render_text"]

_TEMPLATE = "report.txt"

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


def render_text(report: Report) -> str:
    """The whole report as text, in lines of 80 columns."""
    return wrap(environment_of().get_template(_TEMPLATE).render(describe(report)))


def compose_sections(report: Report) -> tuple[Section, ...]:
    """The sections of the same text, one string a paragraph."""
    template = environment_of().get_template(_TEMPLATE)
    context = template.new_context(describe(report))
    return tuple(
        _section(key, "".join(template.blocks[key](context)).splitlines()) for key in SECTIONS
    )


def _section(key: str, lines: list[str]) -> Section:
    title, *paragraphs = (line for line in lines if line)
    return Section(key, title, tuple(paragraphs))
