"""What a draft was begun with as grades, once somebody else changed its findings.

The record of a reader who moved a model's line says nothing in the model's name, so its grades leave that
record. They stay known as the model's: what contradicts the findings as they are now is a conflict that
who signs resolves, and the signed report tells both, each by whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hosr.errors import HosrError
from hosr.intake.record import parse_record
from hosr.lifecycle.amendment import name_of
from hosr.persons import spellings
from hosr.scales.implied_findings import imply_findings
from hosr.status import FormerGrade
from hosr.vocabulary.terms import VIEW_MODALITIES, ImagingModality

if TYPE_CHECKING:
    from hosr.intake.record import Record


def former_grades(
    original: Mapping[str, Any], record: Mapping[str, Any]
) -> tuple[FormerGrade, ...]:
    """The grades of the record that a draft was begun with, where `record` is by somebody else.

    None of a record that cannot be read.
    """
    if is_same_observer(original.get("observer"), record.get("observer")):
        return ()
    try:
        parsed = parse_record(original)
    except HosrError:
        return ()
    return tuple(_grades_of(parsed))


def _grades_of(record: Record) -> Iterator[FormerGrade]:
    modality = VIEW_MODALITIES[record.view] if record.view else ImagingModality.RADIOGRAPH
    by = name_of(record.observer)
    for given in record.hips:
        for scale, grades in imply_findings(given, modality).source_grades:
            yield FormerGrade(side=given.side, scale=scale, grades=grades, by=by)


def is_same_observer(one: Any, other: Any) -> bool:
    """Whether two observers of records are one, however a person's name is spelled."""
    if one == other:
        return True
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return False
    if {one.get("type"), other.get("type")} != {"person"}:
        return False
    return bool(spellings(str(one.get("name"))) & spellings(str(other.get("name"))))
