"""hosr's own report that a viewer redrew: what of it still holds, and what its lines became.

A viewer keeps the lines and drops all else: sides, calibration, findings. These come from the report
that was redrawn. What who reads now says nothing of is not carried as if they had said it:

| of the report                                | in the new record                                         |
|----------------------------------------------|-----------------------------------------------------------|
| gap, islands                                 | the new lines; one that was not moved keeps its values,   |
|                                              | and is as unsure as the model that marked it              |
| presence                                     | as it was; present where bone is drawn now                |
| spurs, stage, features, sites, hardware      | as they were; a spur that is drawn now is there           |
| lateral gap, mass, calibration object        | as they were, unless drawn anew                           |
| bridging that was seen                       | not stated, where a gap is drawn now                      |
| grades of the former reader, probabilities   | left out: the findings grade, or who reads now says it    |
| comment, conclusion                          | left out: they may name what is no longer so              |
| view, context, overrides, what is still open | as they were                                              |

A line that the viewer had and did not save was deleted. Of a gap then nothing is measured; whether an
island is none, or only not measured, is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hosr.annotations.roles import Role, RoledFigure
from hosr.annotations.viewers.predecessors import (
    Predecessor,
    find_former,
    former_lines,
    is_along,
    is_same,
)
from hosr.annotations.viewers.roles import said_of
from hosr.composite.labels import plane_label
from hosr.findings import Algorithm, Basis, Hip, Island, Length, Observer, Plane, Spurs
from hosr.measure.length import ALGORITHM_READING_ERROR_MM
from hosr.report import GradedHip, places
from hosr.scales import SCALES
from hosr.vocabulary.terms import Bridging, Presence, Side

if TYPE_CHECKING:
    from hosr.annotations.account import Account
    from hosr.report import Report

_BRIDGED = (Bridging.APPARENT, Bridging.CONFIRMED)
_AGAIN = "draw it again in the viewer, or write the record without it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redraw:
    """What was drawn over a report: the figures with their roles, and by whom.

    `name` is the file's, for the account. `is_replaced` tells whether it says itself that it replaces
    the report: then a line that is missing was deleted.
    """

    name: str
    before: Predecessor
    drawn: Sequence[RoledFigure]
    observer: Observer
    account: Account
    is_replaced: bool = True

    @property
    def report(self) -> Report:
        """The report that was redrawn."""
        return self.before.report


def redraw_hips(redraw: Redraw, hips: Sequence[Hip]) -> tuple[Hip, ...]:
    """The hips of the report with what was drawn now, right before left.

    `hips` are what the drawn figures alone say. The account tells what was carried over and what was not.
    """
    new = {hip.side: hip for hip in hips}
    old = {graded.hip.side: graded.hip for graded in redraw.report.hips}
    return tuple(
        new[side] if side not in old else _Hip(redraw, old[side], new.get(side)).carried()
        for side in Side
        if side in new or side in old
    )


def tell_changes(redraw: Redraw, hips: Sequence[GradedHip]) -> None:
    """Tell old against new: lengths and grades, as hosr has them of the report and of the redraw."""
    old = {graded.hip.side: graded for graded in redraw.report.hips}
    for graded in hips:
        before = old.get(graded.hip.side)
        place = f"{redraw.name}, {graded.hip.side} hip"
        if before is None:
            redraw.account.take(place, "is new: the report that was redrawn is not of it")
            continue
        changes = [*_changed_lengths(before.hip, graded.hip), *_changed_grades(before, graded)]
        words = "; ".join(changes) or "as in the report that was redrawn"
        redraw.account.take(place, words)


def _changed_lengths(old: Hip, new: Hip) -> Iterator[str]:
    pairs = [("gap", old.gap, new.gap), ("lateral gap", old.gap_lateral, new.gap_lateral)]
    before, after = ([island.length for island in hip.islands or ()] for hip in (old, new))
    most = max(len(before), len(after))
    blank: list[Length | None] = [None] * most
    both = zip((before + blank)[:most], (after + blank)[:most], strict=True)
    pairs += [(f"island {number}", was, now) for number, (was, now) in enumerate(both, start=1)]
    for name, was, now in pairs:
        if _shown(was) != _shown(now):
            yield f"{name}: {_shown(was)} -> {_shown(now)}"


def _shown(length: Length | None) -> str:
    return "none" if length is None else plane_label(length)


def _changed_grades(old: GradedHip, new: GradedHip) -> Iterator[str]:
    for grade in new.grades:
        before = old.grade(grade.scale)
        was = () if before is None else before.stated
        if was != grade.stated:
            title = SCALES[grade.scale].title
            yield f"{title} {_grades(was)} -> {_grades(grade.stated)}"


def _grades(stated: tuple[str, ...]) -> str:
    return " or ".join(stated) or "not graded"


class _Hip:
    """One hip of the report, and what was drawn of it now (None: nothing)."""

    def __init__(self, redraw: Redraw, old: Hip, new: Hip | None) -> None:
        self._redraw = redraw
        self._account = redraw.account
        self._old = old
        self._new = new or Hip(side=old.side)
        self._is_drawn = new is not None
        self._place = f"{redraw.name}, {old.side} hip"
        self._lines = [
            line for line in former_lines(redraw.before) if line.meaning.side is old.side
        ]
        # What who reads now measures by, and how surely they read: else values are measured anew.
        alike = isinstance(redraw.observer, Algorithm) == isinstance(
            redraw.report.observer, Algorithm
        )
        self._keeps = alike and self._new.calibration in (None, old.calibration)

    def carried(self) -> Hip:
        old, new = self._old, self._new
        if self._is_drawn and not old.evaluable:
            problem = "could not be evaluated by the report, and was drawn on now"
            self._account.blame(self._place, problem, "grade it from a record of its own")
        self._tell_left()
        hip = replace(
            old,
            presence=self._presence(),
            islands=self._islands(),
            spurs=Spurs(
                pelvis=True if new.spurs.pelvis else old.spurs.pelvis,
                femur=True if new.spurs.femur else old.spurs.femur,
            ),
            gap=self._gap(),
            gap_lateral=new.gap_lateral or self._kept(old.gap_lateral),
            calibration=new.calibration or old.calibration,
            source_grades=(),
            probabilities=(),
            comment="",
            place=None,
        )
        hip = self._without_bridge(hip)
        return hip if places(hip) else replace(hip, place=new.place or old.place)

    def _tell_left(self) -> None:
        old = self._old
        left = {
            "the grade that the former reader gave is": bool(old.source_grades),
            "the probabilities of the model are": bool(old.probabilities),
            "the former reader's comment is": bool(old.comment),
        }
        for what, is_there in left.items():
            if is_there:
                words = f"{what} not carried over: who drew now has not said it"
                self._account.leave(self._place, words)
        kept = [*self._kept_findings()]
        if kept:
            words = f"as in the report that was redrawn: {', '.join(kept)}"
            self._account.assume(self._place, words)

    def _kept_findings(self) -> Iterator[str]:
        old, new = self._old, self._new
        stated = {
            "presence": old.presence is not None and self._presence() is old.presence,
            "spurs": old.spurs != Spurs(),
            "bridging": old.bridging is not None and not self._loses_bridge(),
            "calibration": old.calibration is not None and new.calibration is None,
            "stage": old.stage is not None,
            "features": bool(old.features),
            "sites": bool(old.sites),
            "hardware": old.hardware_nearby is not None,
            "mass": old.mass is not None,
            "lateral gap": old.gap_lateral is not None and new.gap_lateral is None,
            "not evaluable": not old.evaluable,
        }
        return (name for name, is_kept in stated.items() if is_kept)

    def _presence(self) -> Presence | None:
        drawn = self._new.presence is Presence.PRESENT or self._new.gap is not None
        return Presence.PRESENT if drawn else self._old.presence

    def _gap(self) -> Length | None:
        old, new = self._old.gap, self._new.gap
        if new is not None:
            return self._or_same(new, old)
        if self._is_deleted(Role.GAP):
            self._account.leave(
                self._place, "the gap line was deleted: no gap is measured any more"
            )
            return None
        return self._kept(old)

    def _is_deleted(self, role: Role) -> bool:
        return self._redraw.is_replaced and any(
            line.was_editable and line.meaning.role is role for line in self._lines
        )

    def _loses_bridge(self) -> bool:
        return self._new.gap is not None and self._old.bridging in _BRIDGED

    def _without_bridge(self, hip: Hip) -> Hip:
        if not self._loses_bridge():
            return hip
        words = "bridging is not carried over: a gap is drawn now where bone bridged it"
        self._account.leave(self._place, words)
        return replace(hip, bridging=None, bridging_basis=None)

    def _islands(self) -> tuple[Island, ...] | None:
        """The former islands with their new lines, then those that are new."""
        old = list(self._old.islands or ())
        added: list[Island] = []
        met: set[int] = set()
        for island in self._new.islands or ():
            at = self._former_island(island)
            if at is None:
                added.append(island)
            elif at in met:
                problem = f"two lines are island {at + 1} of the report"
                self._account.blame(self._place, problem, "number each island once")
            else:
                met.add(at)
                old[at] = replace(old[at], length=self._length_of(island, old[at]))
        self._refuse_deleted(met)
        kept = [
            island if at in met else replace(island, length=self._kept(island.length))
            for at, island in enumerate(old)
        ]
        if not kept and not added:
            return self._old.islands
        return (*kept, *added)

    def _length_of(self, new: Island, old: Island) -> Length | None:
        return None if new.length is None else self._or_same(new.length, old.length)

    def _former_island(self, island: Island) -> int | None:
        """Which of the report's islands a new line is: by the number in its label, or an unmoved end."""
        figure = self._figure_along(island.length)
        if figure is None:
            return None
        number = said_of(figure).number
        lines = tuple(line for line in self._lines if line.meaning.role is Role.ISLAND)
        former = next(
            (line for line in lines if number is not None and line.number == number), None
        )
        former = former or (find_former(figure.figure, lines) if number is None else None)
        if former is None:
            return None
        islands = self._old.islands or ()
        return next(
            at
            for at, each in enumerate(islands)
            if each.length is not None and each.length.line == former.line
        )

    def _figure_along(self, length: Length | None) -> RoledFigure | None:
        """The figure that a length was drawn as."""
        if length is None:
            return None
        drawn = (each for each in self._redraw.drawn if is_along(length, each.figure))
        return next(drawn, None)

    def _refuse_deleted(self, met: set[int]) -> None:
        """Whether a deleted line was of no island, or of one that is not measured, nobody can tell."""
        islands = self._old.islands or ()
        for line in self._lines:
            if line.meaning.role is not Role.ISLAND or not line.was_editable:
                continue
            at = next(
                n for n, each in enumerate(islands) if each.length and each.length.line == line.line
            )
            if self._redraw.is_replaced and at not in met:
                problem = f"{line.label} was deleted: is it no island, or one that is not measured?"
                self._account.blame(self._place, problem, _AGAIN)

    def _or_same(self, new: Length, former: Length | None) -> Length:
        """The former length with all its values, where its line was not moved."""
        figure = self._figure_along(new)
        if figure is None or former is None or former.line is None:
            return new
        return self._kept(former) or new if is_same(former.line, figure.figure) else new

    def _kept(self, length: Length | None) -> Length | None:
        """A former length; measured anew by another object, or by who reads otherwise."""
        if length is None or length.line is None or self._keeps:
            return length
        return Length(
            gap_class=length.gap_class,
            plane=Plane.UNKNOWN,
            basis=Basis.UNCALIBRATED,
            uncertainty_mm=self._unsure_mm(length),
            line=length.line,
        )

    def _unsure_mm(self, length: Length) -> float | None:
        """How unsure a line stays that a model marked and no person moved: they did not read it anew."""
        is_taken_over = isinstance(self._redraw.report.observer, Algorithm) and not isinstance(
            self._redraw.observer, Algorithm
        )
        if not is_taken_over:
            return None
        return max(length.uncertainty_mm or 0.0, ALGORITHM_READING_ERROR_MM)
