"""Observations: a group for each hip and each further island, and what was seen and measured in it.

They follow the items of the measurement report one by one, as the guide "DICOM SR to FHIR Resource
Mapping" 1.0.0 has it: a group is of DCM 125007, a coded answer is a qualitative evaluation, a number a
quantity of UCUM. What belongs to a grade - what the source gave, what the findings leave, the rule -
stands in the observation of the grade. No profile of the guide is claimed, since none can be checked
here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from hosr import codes
from hosr.codes import Code
from hosr.composite.labels import grade_label
from hosr.messages.fhir.comparison import compare_group
from hosr.messages.fhir.elements import (
    IMAGING,
    Json,
    Release,
    concept,
    given,
    line,
    lines,
    listed,
    quantity,
)
from hosr.messages.fhir.entries import Entry, by_identifier
from hosr.messages.fhir.groups import Group, document_entry, shape_entries, site_of
from hosr.scales import SCALES
from hosr.sr.items import Item, Quantity
from hosr.sr.observations import find_observations
from hosr.vocabulary.terms import Bridging

_ABSENT_REASONS = "http://terminology.hl7.org/CodeSystem/data-absent-reason"

_SCALE_OF = {scale.concept.key: scale for scale in SCALES.values()}
# Free words of a group: those with a heading of their own in front, where they are not plain.
_NOTES = {
    codes.COMMENT.key: "",
    codes.REMARK.key: f"{codes.REMARK.meaning}: ",
    codes.NOT_EVALUABLE_REASON.key: f"{codes.NOT_EVALUABLE_REASON.meaning}: ",
}
# What is left of an observation that was withdrawn.
_KEPT = ("category", "code", "hasMember")
_NOT_IN_MM = "Marked on an image that gives no way to millimetres."
# A space of nothing, by whether bone bridges the joint: only where that is denied was it measured.
_NO_SPACE = {
    True: (
        "Bone bridges the joint: there is no space, and nothing was measured.",
        "not-applicable",
    ),
    False: ("In contact, and whether bone bridges the joint is not stated.", "unknown"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """One observation of a group: its item, the question, and all that is said to it."""

    item: Item
    name: Code
    said: Json
    is_drawn: bool = False


def observation_entries(group: Group, structure: Entry) -> tuple[Entry, ...]:
    """The observations of a group, and before them what they refer to; the group itself comes last.

    Those of a withdrawn report are known again, and say nothing any more: who passes over their status
    is not left with a value.
    """
    is_withdrawn = group.shared.report.withdrawal is not None
    is_r5 = group.shared.release is Release.R5 and not is_withdrawn
    entries: list[Entry] = []
    members: list[Entry] = []
    seen: Counter[Code] = Counter()
    for answer in _answers(group):
        shapes = [*shape_entries(answer.item, group)] if is_r5 and answer.is_drawn else []
        seen[answer.name] += 1
        said = {**answer.said, **given(derivedFrom=[shape.reference() for shape in shapes])}
        identifier = group.identifier(answer.item, answer.name, seen[answer.name])
        members.append(_observation(group, structure, identifier, said))
        entries += shapes
    places = [*shape_entries(group.item, group), document_entry(group.shared)] if is_r5 else []
    if (compared := compare_group(group)) is not None:
        members.append(_observation(group, structure, compared.identifier, compared.said))
    said = {
        **_whole(group),
        "hasMember": [member.reference() for member in members],
        **given(derivedFrom=[place.reference() for place in places]),
    }
    identifier = group.identifier(group.item, codes.MEASUREMENT_GROUP)
    return (*entries, *places, *members, _observation(group, structure, identifier, said))


def _observation(group: Group, structure: Entry, identifier: Json, said: Json) -> Entry:
    shared = group.shared
    if shared.report.withdrawal is not None:
        said = {key: said[key] for key in _KEPT if key in said}
    resource = {
        "resourceType": "Observation",
        "identifier": [identifier],
        "partOf": [shared.study.reference()],
        "status": shared.report.status.observation,
        "category": said["category"],
        "code": said["code"],
        **shared.circumstances,
        **site_of(group, structure),
        "device": shared.actors.device.reference(),
        **said,
    }
    return Entry(
        resource=resource, criteria=by_identifier(identifier), is_updated=shared.is_updated
    )


def _whole(group: Group) -> Json:
    """The group itself; its value is the finding, or that there is none."""
    finding = group.item.first(codes.FINDING)
    if finding is None or not isinstance(finding.value, Code):
        raise ValueError("a measurement group has a finding")
    texts = [
        f"{_NOTES[item.name.key]}{item.value}"
        for item in group.item.children
        if item.name is not None and item.name.key in _NOTES
    ]
    return given(
        category=[concept(codes.MEASUREMENT_GROUP), IMAGING],
        code=concept(codes.FINDING_CATEGORY, f"{codes.FINDING.meaning}: {group.words}"),
        valueCodeableConcept=concept(finding.value),
        note=[{"text": told} for text in texts if (told := lines([text]))],
    )


def _answers(group: Group) -> Iterator[_Answer]:
    for item, name in find_observations(group.item):
        if name is None:
            continue
        if item.value_type == "NUM":
            yield _measurement(item, name, group)
        elif item.value_type != "CODE":
            yield _Answer(item=item, name=name, said=_not_measured(name, _NOT_IN_MM, "unknown"))
        elif name.key in _SCALE_OF:
            yield _Answer(item=item, name=name, said=_grade(item, name, group))
        else:
            yield _Answer(item=item, name=name, said=_evaluation(item, name))


def _not_measured(name: Code, why: str, reason: str) -> Json:
    display = reason.replace("-", " ").capitalize()
    return {
        "category": [IMAGING],
        "code": concept(name),
        "dataAbsentReason": {**listed(_ABSENT_REASONS, reason, display), "text": why},
    }


def _measurement(item: Item, name: Code, group: Group) -> _Answer:
    """A number; none where the space is given as nothing, and bone bridges the joint or may do so."""
    if not isinstance(item.value, Quantity):
        raise TypeError("a measurement has a number")
    spaces = (codes.DISTANCE.key, codes.GAP_LATERAL.key)
    may_bridge = group.graded.hip.bridging is not Bridging.NONE
    if name.key in spaces and not item.value.value and may_bridge:
        said = _not_measured(name, *_NO_SPACE[group.graded.facts.is_bridged])
        return _Answer(item=item, name=name, said=said)
    method, plane = item.first(codes.MEASUREMENT_METHOD), item.first(codes.LENGTH_PLANE)
    qualifies = [child for child in (plane, method) if child is not None]
    told = [child.value.meaning for child in qualifies if isinstance(child.value, Code)]
    said = given(
        category=[IMAGING],
        code=concept(name),
        valueQuantity=quantity(item.value),
        note=[{"text": f"{'. '.join(told)}."}] if told else [],
        method=concept(method.value) if method and isinstance(method.value, Code) else {},
        component=[part for child in item.children if child is not method for part in _part(child)],
    )
    return _Answer(item=item, name=name, said=said, is_drawn=True)


def _evaluation(item: Item, name: Code) -> Json:
    if not isinstance(item.value, Code):
        raise TypeError("an evaluation has a coded answer")
    return given(
        category=[concept(codes.QUALITATIVE_EVALUATIONS), IMAGING],
        code=concept(name),
        valueCodeableConcept=concept(item.value),
        component=[part for child in item.children for part in _part(child)],
    )


def _grade(item: Item, name: Code, group: Group) -> Json:
    """A grade on one scale, stated or left open, with what it rests on."""
    scale = _SCALE_OF[name.key]
    grade, said = group.graded.grade(scale.key), _evaluation(item, name)
    if grade is not None:
        said["valueCodeableConcept"]["text"] = grade_label(grade)
    parts = [
        part
        for asked in (scale.source_concept, scale.possible_concept)
        for found in group.item.find(asked)
        for part in _part(found)
    ]
    rules = [line(str(found.value)) for found in group.item.find(scale.rule_concept)]
    notes = [{"text": rule} for rule in rules]
    return {**said, **given(note=notes, component=parts)}


def _part(item: Item) -> Iterator[Json]:
    """What qualifies an answer, as a component of it; shapes and references are none."""
    if item.name is None:
        return
    if isinstance(item.value, Code):
        yield {"code": concept(item.name), "valueCodeableConcept": concept(item.value)}
    elif isinstance(item.value, Quantity):
        yield {"code": concept(item.name), "valueQuantity": quantity(item.value)}
