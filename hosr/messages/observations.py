"""What a message says beside its text: sides, grades and lengths, coded, an OBX each.

Receivers that read them out of their order, or one alone, must not mistake them: each names its hip in
words, the codes of a hip or a lesion share a sub-identifier (OBX-4) with the code of the side, and what
is no plain number of millimetres is not sent as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hosr import codes
from hosr.codes import Code
from hosr.comparison import compare_hip
from hosr.grading import SCALES
from hosr.messages.comparison import WHERE, day_of, tell_facts
from hosr.narrative.comparison import compare_in_short
from hosr.narrative.grading import describe_grade
from hosr.narrative.words import HIPS, Telling
from hosr.sr.lengths import BASIS_CODES, PLANE_CODES
from hosr.vocabulary.flags import FLAG_CODES
from hosr.vocabulary.terms import (
    BRIDGING_CODES,
    GAP_CLASS_CODES,
    PRESENCE_CODES,
    SIDE_CODES,
    YES_NO_CODES,
    Bridging,
    GapClass,
    Side,
)

if TYPE_CHECKING:
    from hosr.findings import Hip, Island, Length
    from hosr.grading import Grade
    from hosr.language import Language
    from hosr.report import GradedHip, Report

_HIPS = {Side.RIGHT: "Right hip", Side.LEFT: "Left hip"}
_COMPARATORS = {GapClass.AT_LEAST_10_MM: ">=", GapClass.BELOW_10_MM: "<"}
_LIMIT_OF_CLASSES = "10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A number that is only known to be over or under another (SN)."""

    comparator: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One OBX: what was asked, `words` for it with the hip, and the answer.

    The answer is a code with its `original` words, a number of millimetres, a comparison with one, or a
    UID. `method` is how a number came about. `day_of_then` is the date of the earlier study where that is
    when it was seen; then neither who answers for this report nor its model saw it.
    """

    concept: Code
    words: str
    sub_id: str
    value: Code | Decimal | Compared | str
    original: str = ""
    method: Code | None = None
    day_of_then: str = ""


def observe(report: Report, language: Language) -> Iterator[Observation]:
    """The observations of a report, hip by hip, the right one first; words in the report's language."""
    telling = Telling(report, language)
    for number, graded in enumerate(report.hips, start=1):
        group = _Group(graded.hip.side, str(number))
        yield from _of_hip(graded, group, telling)
        yield from _of_comparison(group, telling)
        for order, island in enumerate(graded.hip.islands or (), start=1):
            group = _Group(graded.hip.side, f"{number}.{order}")
            yield from _of_island(island, order, group)


@dataclass(frozen=True, slots=True)
class _Group:
    """A hip or a lesion of it: the side and the sub-identifier that its observations share."""

    side: Side
    sub_id: str

    def coded(self, concept: Code, value: Code, original: str = "", name: str = "") -> Observation:
        hip = _HIPS[self.side]
        return Observation(
            concept=concept,
            words=f"{hip}: {name or concept.meaning}",
            sub_id=self.sub_id,
            value=value,
            original=original or f"{hip}: {value.meaning}",
        )

    def measured(self, concept: Code, length: Length, name: str) -> Iterator[Observation]:
        """A length as a number, else as its class; and the plane of a number."""
        words = f"{_HIPS[self.side]}: {name}{WHERE[length.plane]}"
        if length.mm is not None:
            yield Observation(
                concept=concept,
                words=words,
                sub_id=self.sub_id,
                value=Decimal(repr(length.mm)),
                method=BASIS_CODES[length.basis],
            )
            yield self.coded(codes.LENGTH_PLANE, PLANE_CODES[length.plane])
        elif length.gap_class is not None:
            value = Compared(comparator=_COMPARATORS[length.gap_class], number=_LIMIT_OF_CLASSES)
            yield Observation(concept=concept, words=words, sub_id=self.sub_id, value=value)


def _of_hip(graded: GradedHip, group: _Group, telling: Telling) -> Iterator[Observation]:
    hip = graded.hip
    yield group.coded(codes.LATERALITY, SIDE_CODES[hip.side])
    if not hip.evaluable:
        yield group.coded(codes.EVALUABLE, YES_NO_CODES[False])
    if hip.presence is not None:
        yield group.coded(codes.PRESENCE, PRESENCE_CODES[hip.presence])
    for grade in graded.grades:
        yield from _of_grade(grade, graded, group, telling)
    if hip.bridging is not None:
        yield group.coded(codes.BRIDGING, BRIDGING_CODES[hip.bridging])
    yield from _of_gaps(hip, group)
    for flag in graded.flags:
        yield group.coded(codes.FLAG, FLAG_CODES[flag])


def _of_grade(
    grade: Grade, graded: GradedHip, group: _Group, telling: Telling
) -> Iterator[Observation]:
    """The grade as stated, in the words of the report; then the source's and what the findings give."""
    scale, told = SCALES[grade.scale], graded.is_told(grade)
    yield group.coded(
        scale.concept,
        _stated(grade) if told else codes.NOT_GRADED,
        _say_grade(grade, graded, telling),
    )
    for given in grade.source:
        yield group.coded(scale.source_concept, scale.code(given))
    for possible in grade.possible if told else ():
        yield group.coded(scale.possible_concept, scale.code(possible))


def _stated(grade: Grade) -> Code:
    if len(grade.stated) == 1:
        return SCALES[grade.scale].code(grade.stated[0])
    return codes.UNDECIDED if grade.stated else codes.NOT_GRADED


def _say_grade(grade: Grade, graded: GradedHip, telling: Telling) -> str:
    """The grade of a hip as a headline has it: "Right hip: Brooker II or III (the space was ...)"."""
    told = describe_grade(grade, graded, telling)
    name = " ".join(str(told[key]) for key in ("system", "grade") if told[key])
    note = f" ({told['note']})" if told["note"] else ""
    return f"{telling.language.say(HIPS[graded.hip.side])}: {name}{note}"


def _of_gaps(hip: Hip, group: _Group) -> Iterator[Observation]:
    for concept, gap, name in (
        (codes.DISTANCE, hip.gap, "Gap between opposing bone surfaces"),
        (codes.GAP_LATERAL, hip.gap_lateral, codes.GAP_LATERAL.meaning),
    ):
        if gap is None or (gap.mm == 0 and hip.bridging is not Bridging.NONE):
            continue  # a gap of 0 is a measurement only where bone does not bridge it
        yield from group.measured(concept, gap, name)
        if gap.gap_class is not None:
            asked = codes.GAP_CLASS if gap is hip.gap else codes.GAP_LATERAL_CLASS
            yield group.coded(asked, GAP_CLASS_CODES[gap.gap_class])


def _of_comparison(group: _Group, telling: Telling) -> Iterator[Observation]:
    """What became of a hip since the earlier report, with the sentence of the impression; and which one."""
    compared, language = compare_hip(telling.report, group.side), telling.language
    if compared is None:
        return
    hip, prior = _HIPS[group.side], compared.prior.report
    sentences = compare_in_short(group.side, telling)[:1]
    original = language.labelled(language.say(HIPS[group.side]), *sentences) if sentences else ""
    for fact in tell_facts(compared):
        is_code = isinstance(fact.value, Code)
        yield Observation(
            concept=fact.concept,
            words=f"{hip}: {fact.words}",
            sub_id=group.sub_id,
            value=fact.value,
            original=original if is_code else "",
            method=fact.method,
            day_of_then=prior.study_date if fact.is_of_then else "",
        )
    uids = (
        (codes.PRIOR_STUDY, prior.study_instance_uid),
        (codes.PRIOR_SR_UID, prior.documents[0].sop_instance_uid),
    )
    for concept, uid in uids:
        words = f"{hip}: {concept.meaning}{day_of(compared)}"
        yield Observation(concept=concept, words=words, sub_id=group.sub_id, value=uid)


def _of_island(island: Island, number: int, group: _Group) -> Iterator[Observation]:
    yield group.coded(codes.LATERALITY, SIDE_CODES[group.side])
    yield group.coded(codes.FINDING, codes.ISLAND_OF_BONE, name=f"Finding, island {number}")
    if island.length is not None:
        yield from group.measured(codes.LONG_AXIS, island.length, f"Length of island {number}")


def number_of(value: Decimal) -> str:
    """A number as NM has it: digits and a point, without an exponent."""
    return format(value.normalize(), "f")
