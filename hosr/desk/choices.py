"""Whose choice a grade is, where it was in conflict or left open: a person's, and theirs alone.

Another reader sees what was chosen and by whom, and signs no grade that they did not choose themselves.
What another one chose stays with the draft until its reader, or the findings, say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hosr.desk.authorship import findings_of
from hosr.drafts.judgement import standing_decisions
from hosr.drafts.values import decided_grades

if TYPE_CHECKING:
    from hosr.desk.readers import Reader
    from hosr.drafts import Draft, Judged


def choosers_of(draft: Draft, decisions: Iterable[str], reader: Reader) -> dict[str, str]:
    """Whose each decision is once a reader made these of a draft: with those of others that stay."""
    own = tuple(decisions)
    grades = decided_grades(own)
    kept = {each: draft.choosers.get(each, reader.name) for each in own if each not in grades}
    return {**dict.fromkeys(grades, reader.name), **kept, **choices_of_others(draft, own, reader)}


def choices_of_others(draft: Draft, decisions: Iterable[str], reader: Reader) -> dict[str, str]:
    """The grades that others chose where a reader, with these decisions, has not."""
    own, decided = draft.decisions_of(reader.name), set(map(_place, decisions))
    return {
        each: chooser
        for each, chooser in draft.choosers.items()
        if each not in own and _place(each) not in decided
    }


def shown_choices(
    draft: Draft, decisions: Iterable[str], judged: Judged, reader: Reader
) -> dict[str, tuple[str, str]]:
    """By hip and scale (`right:brooker`), what another one chose that could be chosen still, and who."""
    others = choices_of_others(draft, decisions, reader)
    standing = standing_decisions(tuple(others), judged)
    return {_place(each): (each.partition("=")[2], others[each]) for each in standing}


def says(draft: Draft, record: dict[str, Any], choosers: dict[str, str]) -> bool:
    """Whether a draft says what a record and decisions say, each by whose it is."""
    if draft.choosers != choosers or draft.record.get("observer") != record.get("observer"):
        return False
    return findings_of(draft.record) == findings_of(record)


def _place(decision: str) -> str:
    return decision.partition("=")[0]
