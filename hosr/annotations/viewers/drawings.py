"""What was drawn in viewers, from its figures to the record, and held against the images at last.

One drawing may lie in several files; all of it was drawn over one report of hosr, or over none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hosr.annotations.roles import Role, RoledFigure
from hosr.annotations.stated_status import join_incomplete
from hosr.annotations.viewers.comparison import compare_drawn
from hosr.annotations.viewers.predecessors import (
    FormerLine,
    Predecessor,
    find_former,
    former_lines,
)
from hosr.annotations.viewers.redrawing import Redraw, redraw_hips, tell_changes
from hosr.annotations.viewers.roles import find_roles, said_of
from hosr.phrases import several

if TYPE_CHECKING:
    from hosr.annotations.account import Account
    from hosr.annotations.context import Context
    from hosr.annotations.roles import Meaning
    from hosr.annotations.sources import Figure, Source
    from hosr.intake.images import SourceImages
    from hosr.intake.record import Record
    from hosr.report import GradedHip
    from hosr.vocabulary.terms import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The figures of viewers with what they stand for, and the report that they were drawn over.

    `is_replaced` tells whether the files themselves say that they replace that report.
    """

    name: str = ""
    figures: tuple[RoledFigure, ...] = ()
    before: Predecessor | None = None
    is_replaced: bool = False

    @property
    def former_sides(self) -> frozenset[Side]:
        """The hips of the report that was redrawn."""
        hips = () if self.before is None else self.before.report.hips
        return frozenset(graded.hip.side for graded in hips)

    def carry_over(self, record: Record, account: Account) -> Record:
        """The record with all that still holds of the report that was redrawn."""
        if self.before is None:
            return record
        report = self.before.report
        if report.conclusion:
            words = (
                "the former reader's conclusion is not carried over: who drew now has not said it"
            )
            account.leave(self.name, words)
        return replace(
            record,
            hips=redraw_hips(self._redraw(self.before, record, account), record.hips),
            view=report.view,
            context=report.context,
            incomplete=join_incomplete(report.incomplete, record.incomplete),
            overrides=report.overrides,
        )

    def compare(
        self, record: Record, hips: Sequence[GradedHip], images: SourceImages, account: Account
    ) -> None:
        """Tell what the lines measure on the images, and old against new; contradictions are faults."""
        compare_drawn(self.figures, hips, images, account)
        if self.before is not None:
            tell_changes(self._redraw(self.before, record, account), hips)

    def _redraw(self, before: Predecessor, record: Record, account: Account) -> Redraw:
        return Redraw(
            name=self.name,
            before=before,
            drawn=self.figures,
            observer=record.observer,
            account=account,
            is_replaced=self.is_replaced,
        )


def find_drawing(
    sources: Sequence[Source], context: Context, before: Predecessor | None = None
) -> Drawing:
    """What of the sources was drawn in viewers. Its faults, and a report that is missing, are kept."""
    drawn = [source for source in sources if source.is_in_words]
    account = context.account
    named = {uid for source in drawn for uid in source.predecessors}
    name = several(dict.fromkeys(source.name for source in drawn), ",")
    if before is None:
        figures = [each for source in drawn for each in find_roles(source, context)]
        for uid in sorted(named):
            problem = (
                f"was drawn over report {uid}, whose calibration and findings it does not hold"
            )
            account.blame(name, problem, f"name that report with {account.options.prior}")
        return Drawing(name=name, figures=tuple(figures))
    if not drawn:
        remedy = "leave it out; an earlier report to compare with is named to `hosr report`"
        account.blame(
            account.options.prior.place, "is for a report that was redrawn in a viewer", remedy
        )
    _compare_study(before, context)
    if drawn and before.sop_instance_uid not in named:
        words = f"was drawn over report {before.sop_instance_uid}, which it does not name itself"
        account.assume(name, words)
    if drawn and before.report.signing is not None:
        words = (
            "was drawn over a report that is signed: amend that one with this record "
            "(at the desk, or by `hosr amend`)"
        )
        account.assume(name, words)
    if drawn and before.later:
        uid = before.sop_instance_uid
        words = f"was drawn over report {uid}, of which there is a later version ({before.later})"
        account.assume(name, words)
    recall = _Recall(before, account)
    figures = [each for source in drawn for each in find_roles(source, context, recall)]
    _refuse_contradictions(figures, before, account)
    is_replaced = any(before.sop_instance_uid in source.supersedes for source in drawn)
    return Drawing(name=name, figures=tuple(figures), before=before, is_replaced=is_replaced)


class _Recall:
    """What a line without a label was in the report, by an end of it that was not moved."""

    def __init__(self, before: Predecessor, account: Account) -> None:
        self._lines = former_lines(before)
        self._account = account

    def __call__(self, figure: Figure) -> Meaning | None:
        former = find_former(figure, self._lines)
        if former is None:
            return None
        words = f"is {former.label}: it has no label, and ends where that line of the report does"
        self._account.assume(figure.place, words)
        return former.meaning


def _compare_study(before: Predecessor, context: Context) -> None:
    study = before.report.subject.study.study_instance_uid
    images = context.images
    if images is not None and images.study.study_instance_uid != study:
        problem = "is of another study than the images"
        place = context.account.options.prior.place
        context.account.blame(place, problem, "name the report that was redrawn")


def _refuse_contradictions(
    figures: Sequence[RoledFigure], before: Predecessor, account: Account
) -> None:
    """A line whose unmoved end says that it is another one than its label does."""
    lines = former_lines(before)
    for each in figures:
        former = find_former(each.figure, lines)
        if former is not None and not _may_be(each, former):
            problem = f"{each.figure.label} ends where {former.label} of the report does"
            account.blame(each.place, problem, "correct the label, or draw the line elsewhere")


def _may_be(each: RoledFigure, former: FormerLine) -> bool:
    meaning = former.meaning
    if Role.CALIBRATION in (each.role, meaning.role):
        return each.role is meaning.role
    number = said_of(each).number
    same_number = None in (number, former.number) or number == former.number
    return each.role is meaning.role and each.side in (None, meaning.side) and same_number
