"""What the figures of a viewer stand for: by labels.toml, else by the words of their labels; or asked back.

Nothing is guessed. A label that names nothing hosr knows is listed. One that names a role and leaves a
doubt, and a line without a label, are faults: whichever of them is the gap, only who drew it knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.annotations.roles import Meaning, Role, RoledFigure
from hosr.annotations.sources import Figure, Form, Source
from hosr.annotations.viewers.grammar import Said, read_label, side_named
from hosr.phrases import several

if TYPE_CHECKING:
    from hosr.annotations.account import Account
    from hosr.annotations.context import Context
    from hosr.annotations.sources import Mask
    from hosr.vocabulary.terms import Side

_RELABEL = 'label it by side and what it is, such as "Right HO gap" (`hosr describe viewers`)'

Recall = Callable[[Figure], Meaning | None]
"""What a figure without a usable label is known to be, by what stood there before."""


def find_roles(
    source: Source, context: Context, recall: Recall = lambda _: None
) -> tuple[RoledFigure, ...]:
    """The figures of a source whose labels are words, with what they stand for.

    `recall` is asked for a line without a label. All that is ambiguous is kept as faults of the account.
    """
    asking = _Asking(context, recall)
    found = [asking.figure(each) for each in source.figures]
    roled = [each for each in found if each is not None]
    _refuse_same_number(roled, context.account)
    return tuple(roled)


class _Asking:
    """One source's figures, each asked what it is."""

    def __init__(self, context: Context, recall: Recall) -> None:
        self._labels = context.labels
        self._account = context.account
        self._recall = recall

    def figure(self, figure: Figure) -> RoledFigure | None:
        meaning = self._labels.meaning_of(figure.label)
        if meaning is None:
            meaning = self._by_words(figure)
        else:
            tell_other_side(figure, meaning, self._labels.name, self._account)
        if meaning is None:
            return None
        if meaning.role is Role.IGNORE:
            self._account.leave(figure.place, f"{figure.label} is left out, by its role")
            return None
        return RoledFigure(meaning=self._with_side(meaning, figure), figure=figure)

    def _by_words(self, figure: Figure) -> Meaning | None:
        if not figure.label.name:
            return self._unlabelled(figure)
        said = read_label(figure.label.name)
        if said.doubt:
            self._account.blame(figure.place, f"{figure.label} {said.doubt}", _RELABEL)
            return None
        if said.meaning is None:
            words = f"{figure.label} names nothing that a hip is graded by"
            self._account.leave(figure.place, words)
        return said.meaning

    def _unlabelled(self, figure: Figure) -> Meaning | None:
        known = self._recall(figure)
        if known is None and figure.form is Form.LINE:
            self._account.blame(figure.place, "is a line without a label", _RELABEL)
        elif known is None:
            self._account.leave(figure.place, f"is a {figure.form.value} without a label")
        return known

    def _with_side(self, meaning: Meaning, figure: Figure) -> Meaning:
        """The meaning with the side that a code beside the label says."""
        coded = figure.side
        if coded is None or meaning.side is coded:
            return meaning
        if meaning.side is not None:
            problem = f"{figure.label} is of the {meaning.side} hip, and the code beside it of the {coded}"
            self._account.blame(figure.place, problem, "have the one that is wrong corrected")
            return meaning
        return replace(meaning, side=coded)


def tell_other_side(drawn: Figure | Mask, meaning: Meaning, name: str, account: Account) -> None:
    """Tell a label that names one side where the file of labels gives it the other."""
    named = side_named(drawn.label.name)
    if None not in (named, meaning.side) and named is not meaning.side:
        words = f"{drawn.label} is of the {meaning.side} hip, as {name} says, though its name says {named}"
        account.assume(drawn.place, words)


def said_of(each: RoledFigure) -> Said:
    """What the words of its label say."""
    return read_label(each.figure.label.name)


def _refuse_same_number(roled: list[RoledFigure], account: Account) -> None:
    """Two islands that are both called the second one of a hip."""
    for same in _numbered(roled):
        if len(same) > 1:
            places = several(each.place for each in same)
            problem = f"are both labelled {same[0].figure.label}"
            account.blame(places, problem, "number the islands of a hip, each once")


def _numbered(roled: list[RoledFigure]) -> Iterator[list[RoledFigure]]:
    found: dict[tuple[Side | None, int], list[RoledFigure]] = defaultdict(list)
    for each in roled:
        number = said_of(each).number
        is_line = each.figure.form is Form.LINE  # an outline and its length are one island
        if each.role is Role.ISLAND and number is not None and is_line:
            found[each.side, number].append(each)
    yield from found.values()
