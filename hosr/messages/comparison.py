"""What messages say, coded, of the comparison of a hip with an earlier report.

What was seen then has concepts of its own and the date of then in its name, so that it is not read as
seen today wherever it is read alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hosr import codes
from hosr.codes import Code
from hosr.comparison import Verdict
from hosr.findings import Plane
from hosr.scales import SCALES
from hosr.sr.lengths import BASIS_CODES
from hosr.sr.lookbacks import OBSTACLE_CODES, VERDICT_CODES
from hosr.study import read_date
from hosr.vocabulary.terms import GAP_CLASS_CODES, YES_NO_CODES, Bridging

if TYPE_CHECKING:
    from hosr.comparison import Comparison, SpaceChange

# A number that a receiver reads alone, without its plane: its name says where it holds.
WHERE = {
    Plane.PATIENT: "",
    Plane.UNSTATED: "",
    Plane.DETECTOR: " at the detector, magnified",
    Plane.UNKNOWN: " in an unknown plane",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is said: what was asked, its words in English, and a code or millimetres.

    `is_of_then` tells what the earlier report says from what follows from both. `method` is how a number
    came about.
    """

    concept: Code
    words: str
    value: Code | Decimal
    is_of_then: bool = False
    method: Code | None = None


def tell_facts(compared: Comparison) -> Iterator[Fact]:
    """The judgement of the space first, then the space and the grades of then."""
    if compared.space is not None:
        yield from _of_space(compared.space, compared)
    day = day_of(compared)
    for pair in compared.grades:
        for grade in pair.before:
            yield Fact(
                concept=codes.GRADE_THEN,
                words=f"{codes.GRADE_THEN.meaning}{day}",
                value=SCALES[pair.scale].code(grade),
                is_of_then=True,
            )
    if compared.is_reading_variation:
        concept = codes.READING_VARIATION
        yield Fact(concept=concept, words=concept.meaning, value=YES_NO_CODES[True])


def day_of(compared: Comparison) -> str:
    """The day of the earlier study in brackets, behind a name; "" where it is unknown."""
    day = read_date(compared.prior.report.study_date)
    return "" if day is None else f" ({day.isoformat()})"


def _of_space(space: SpaceChange, compared: Comparison) -> Iterator[Fact]:
    day, verdict = day_of(compared), VERDICT_CODES[space.verdict]
    concept = codes.SPACE_COMPARED
    yield Fact(concept=concept, words=f"{concept.meaning}{day}", value=verdict)
    yield from _space_then(space, compared)
    is_comparable = space.verdict is not Verdict.NOT_COMPARABLE
    if is_comparable and space.before is not None and space.after is not None:
        # Of decimal fractions, in which both were given.
        then, now = (Decimal(repr(each.mm)) for each in (space.before, space.after))
        words = f"{codes.SPACE_CHANGE.meaning}{day}, {verdict.meaning.lower()}"
        yield Fact(concept=codes.SPACE_CHANGE, words=words, value=now - then)
    for obstacle in space.obstacles:
        why = codes.NOT_COMPARABLE_FOR
        yield Fact(concept=why, words=why.meaning, value=OBSTACLE_CODES[obstacle])


def _space_then(space: SpaceChange, compared: Comparison) -> Iterator[Fact]:
    """As millimetres, else as its class; a space of 0 only where bone did not bridge it."""
    then = space.before
    if then is None or (then.mm == 0 and compared.prior.bridging is not Bridging.NONE):
        return
    words = f"{codes.SPACE_THEN.meaning}{day_of(compared)}"
    if then.mm is not None:
        yield Fact(
            concept=codes.SPACE_THEN,
            words=f"{words}{WHERE[then.plane]}",
            value=Decimal(repr(then.mm)),
            is_of_then=True,
            method=BASIS_CODES[then.basis],
        )
    elif then.gap_class is not None:
        value = GAP_CLASS_CODES[then.gap_class]
        yield Fact(concept=codes.SPACE_THEN, words=words, value=value, is_of_then=True)
