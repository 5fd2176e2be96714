"""What an amendment changed, from what to what, as items of a structured report and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hosr import codes
from hosr.codes import Code
from hosr.scales import SCALES
from hosr.sr.items import (
    Item,
    Relation,
    code,
    num,
    read_choice,
    read_choices,
    read_number,
    read_string,
    text,
)
from hosr.status import Change, GradeChange, LengthChange, ObserverChange, OtherChange, Space
from hosr.vocabulary.terms import SIDE_CODES, Side

_PROPERTIES = Relation.HAS_PROPERTIES
_SPACES = {Space.GAP: codes.DISTANCE, Space.GAP_LATERAL: codes.GAP_LATERAL}


def change_item(change: Change) -> Item:
    """One change: what, and how it was before and is after."""
    if isinstance(change, LengthChange):
        return _length_change_item(change)
    if isinstance(change, ObserverChange):
        after = text(codes.OBSERVER_AFTER, change.after, _PROPERTIES)
        return text(codes.CHANGED_OBSERVER, change.before, _PROPERTIES).having(after)
    if isinstance(change, OtherChange):
        what = codes.CHANGED_REPORT if change.side is None else codes.CHANGED_FINDINGS
        item = code(codes.CHANGED_OTHER, what, _PROPERTIES)
        return item if change.side is None else item.having(_side_item(change.side))
    scale = SCALES[change.scale]
    name = codes.SIGNERS_GRADE if change.by_signer else codes.CHANGED_GRADE
    return code(name, scale.concept, _PROPERTIES).having(
        _side_item(change.side),
        *(code(codes.GRADE_BEFORE, scale.code(each), _PROPERTIES) for each in change.before),
        *(code(codes.GRADE_AFTER, scale.code(each), _PROPERTIES) for each in change.after),
        text(codes.GRADED_BEFORE_BY, change.before_by, _PROPERTIES) if change.before_by else None,
    )


def _length_change_item(change: LengthChange) -> Item:
    told = ((codes.LENGTH_BEFORE, change.before_mm), (codes.LENGTH_AFTER, change.after_mm))
    return code(codes.CHANGED_LENGTH, _SPACES[change.space], _PROPERTIES).having(
        _side_item(change.side),
        *(num(name, mm, codes.MILLIMETER, _PROPERTIES) for name, mm in told if mm is not None),
    )


def _side_item(side: Side) -> Item:
    return code(codes.LATERALITY, SIDE_CODES[side], _PROPERTIES)


def read_changes(item: Item) -> Iterator[Change]:
    """What was changed, in the order of the document."""
    readers: dict[tuple[str, str], Callable[[Item], Change]] = {
        codes.CHANGED_GRADE.key: _read_grade_change,
        codes.SIGNERS_GRADE.key: _read_grade_change,
        codes.CHANGED_LENGTH.key: _read_length_change,
        codes.CHANGED_OBSERVER.key: _read_observer_change,
        codes.CHANGED_OTHER.key: _read_other_change,
    }
    for child in item.children:
        if child.name is not None and child.name.key in readers:
            yield readers[child.name.key](child)


def _read_length_change(item: Item) -> LengthChange:
    spaces = {concept.key: space for space, concept in _SPACES.items()}
    side = read_choice(item, codes.LATERALITY, SIDE_CODES)
    if side is None or not isinstance(item.value, Code):
        raise ValueError("a change has no side or no length")
    return LengthChange(
        side=side,
        space=spaces[item.value.key],
        before_mm=read_number(item, codes.LENGTH_BEFORE),
        after_mm=read_number(item, codes.LENGTH_AFTER),
    )


def _read_observer_change(item: Item) -> ObserverChange:
    after = read_string(item, codes.OBSERVER_AFTER)
    return ObserverChange(before=str(item.value), after=after)


def _read_other_change(item: Item) -> OtherChange:
    return OtherChange(side=read_choice(item, codes.LATERALITY, SIDE_CODES))


def _read_grade_change(item: Item) -> GradeChange:
    side = read_choice(item, codes.LATERALITY, SIDE_CODES)
    concepts = {scale.concept.key: scale for scale in SCALES.values()}
    if side is None or item.name is None or not isinstance(item.value, Code):
        raise ValueError("a change has no side or no grade")
    scale = concepts[item.value.key]
    grades = {grade: scale.code(grade) for grade in scale.grades}
    return GradeChange(
        side=side,
        by_signer=item.name.key == codes.SIGNERS_GRADE.key,
        scale=scale.key,
        before=read_choices(item, codes.GRADE_BEFORE, grades),
        after=read_choices(item, codes.GRADE_AFTER, grades),
        before_by=read_string(item, codes.GRADED_BEFORE_BY),
    )
