"""The context of the whole document, to items and back: who graded, on what, and after what.

The observer by TID 1002 to 1004 and an algorithm by TID 4019; view, indication, causes, symptoms and
index event as evaluations that hold for the study.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hosr import codes
from hosr.codes import Code
from hosr.composite.instances import device_uid
from hosr.findings import Algorithm, Context, IndexEvent, Observer, Person
from hosr.report import Report
from hosr.sr.items import (
    Item,
    Relation,
    code,
    container,
    date,
    num,
    person_name,
    read_choice,
    read_choices,
    read_string,
    text,
    uidref,
)
from hosr.sr.signing import preliminaries_item, signing_item
from hosr.study import HeaderOverride, read_date
from hosr.vocabulary.terms import (
    CAUSE_CODES,
    EVENT_CODES,
    IMAGE_SIDE_CODES,
    SIDE_CODES,
    SYMPTOM_CODES,
    VIEW_CODES,
    Event,
    Side,
    View,
)

_CONTEXT = Relation.HAS_OBS_CONTEXT
_MODIFIER = Relation.HAS_CONCEPT_MOD


def observer_items(observer: Observer) -> tuple[Item, ...]:
    """The observation context of the document."""
    if isinstance(observer, Person):
        return _person_items(observer)
    items = [
        code(codes.OBSERVER_TYPE, codes.DEVICE, _CONTEXT),
        uidref(codes.DEVICE_OBSERVER_UID, device_uid(observer)),
        text(codes.DEVICE_OBSERVER_NAME, observer.name, _CONTEXT),
    ]
    if observer.manufacturer:
        items.append(text(codes.DEVICE_OBSERVER_MANUFACTURER, observer.manufacturer, _CONTEXT))
    items.append(text(codes.DEVICE_OBSERVER_MODEL, observer.name, _CONTEXT))
    return tuple(items)


def _person_items(person: Person) -> tuple[Item, ...]:
    items = [
        code(codes.OBSERVER_TYPE, codes.PERSON, _CONTEXT),
        person_name(codes.PERSON_OBSERVER_NAME, person.name),
    ]
    if person.organization:
        items.append(text(codes.PERSON_OBSERVER_ORGANIZATION, person.organization, _CONTEXT))
    return tuple(items)


def algorithm_items(observer: Observer) -> tuple[Item, ...]:
    """The algorithm of a measurement group, where one graded (TID 4019)."""
    if isinstance(observer, Person):
        return ()
    return (
        text(codes.ALGORITHM_NAME, observer.name, _MODIFIER),
        text(codes.ALGORITHM_VERSION, observer.version, _MODIFIER),
        *(
            text(codes.ALGORITHM_PARAMETERS, f"{key}={value}", _MODIFIER)
            for key, value in observer.parameters
        ),
    )


def read_observer(root: Item, group: Item) -> Observer:
    """The observer from the document's context and, for an algorithm, from one of its groups."""
    kind = root.first(codes.OBSERVER_TYPE)
    if kind is None or kind.value == codes.PERSON:
        return Person(
            name=read_string(root, codes.PERSON_OBSERVER_NAME),
            organization=read_string(root, codes.PERSON_OBSERVER_ORGANIZATION),
        )
    algorithm = Algorithm(
        name=read_string(group, codes.ALGORITHM_NAME),
        version=read_string(group, codes.ALGORITHM_VERSION),
        manufacturer=read_string(root, codes.DEVICE_OBSERVER_MANUFACTURER),
        parameters=tuple(
            _split(str(item.value)) for item in group.find(codes.ALGORITHM_PARAMETERS)
        ),
    )
    uid = read_string(root, codes.DEVICE_OBSERVER_UID)
    if uid == device_uid(algorithm):
        return algorithm
    return replace(algorithm, device_uid=uid)


def _split(parameter: str) -> tuple[str, str]:
    key, _, value = parameter.partition("=")
    return key, value


_RIGHT, _LEFT, _BOTH = (Side.RIGHT,), (Side.LEFT,), (Side.RIGHT, Side.LEFT)


def _ln(value: str, meaning: str) -> Code:
    return Code(value, "LN", meaning)


_ANY_SIDE = {
    View.AP_PELVIS: _ln("37622-8", "XR Pelvis AP"),
    View.LATERAL: _ln("24762-7", "XR Hip Views"),
    View.OBLIQUE: _ln("24762-7", "XR Hip Views"),
    View.CT: _ln("36014-9", "CT Hip"),
    View.MR: _ln("36013-1", "MR Hip"),
}

# The sides are of the hips in the report; contrast is not known, so codes that deny it stay out.
PROCEDURES: dict[tuple[View, tuple[Side, ...]], Code] = {
    **{(view, sides): c for view, c in _ANY_SIDE.items() for sides in (_RIGHT, _LEFT, _BOTH)},
    (View.AP_HIP, _RIGHT): _ln("37726-7", "XR Hip - right AP"),
    (View.AP_HIP, _LEFT): _ln("36582-5", "XR Hip - left AP"),
    (View.AP_HIP, _BOTH): _ln("36581-7", "XR Hip AP"),
    (View.CT, _BOTH): _ln("36016-4", "CT Hip - bilateral"),
    (View.MR, _BOTH): _ln("36017-2", "MR Hip - bilateral"),
}


def context_item(report: Report) -> Item:
    """The container of evaluations that hold for the study (TID 1500 rows 12 to 14)."""
    context = report.context
    return container(
        codes.QUALITATIVE_EVALUATIONS,
        code(codes.VIEW, VIEW_CODES[report.view]),
        *(code(codes.CAUSE, CAUSE_CODES[cause]) for cause in context.causes),
        *(code(codes.SYMPTOM, SYMPTOM_CODES[symptom]) for symptom in context.symptoms),
        *(event_item(event, report.setting.days_since(event)) for event in context.events),
        signing_item(report.signing),
        preliminaries_item(report.preliminaries),
        text(codes.INDICATION, context.indication) if context.indication else None,
        text(codes.CONCLUSION, report.conclusion) if report.conclusion else None,
        text(codes.INCOMPLETE, report.incomplete) if report.incomplete else None,
        *map(_override_item, report.overrides),
    )


def _override_item(override: HeaderOverride) -> Item:
    """Why a header does not hold, with what holds instead."""
    properties, image_uid = Relation.HAS_PROPERTIES, override.sop_instance_uid
    side, view, directions = override.side, override.view, override.orientation
    names = (codes.PATIENT_ORIENTATION_ROW, codes.PATIENT_ORIENTATION_COLUMN)
    oriented = () if directions is None else zip(names, directions, strict=True)
    return text(codes.HEADER_OVERRIDE, override.reason).having(
        uidref(codes.OVERRIDDEN_IMAGE, image_uid, properties) if image_uid else None,
        None if side is None else code(codes.IMAGE_LATERALITY, IMAGE_SIDE_CODES[side], properties),
        None if view is None else code(codes.OVERRIDDEN_VIEW, VIEW_CODES[view], properties),
        *(text(name, direction, properties) for name, direction in oriented),
    )


def read_overrides(evaluations: Item) -> tuple[HeaderOverride, ...]:
    """What a document says of headers that do not hold."""
    return tuple(map(_read_override, evaluations.find(codes.HEADER_OVERRIDE)))


def _read_override(item: Item) -> HeaderOverride:
    row = read_string(item, codes.PATIENT_ORIENTATION_ROW)
    column = read_string(item, codes.PATIENT_ORIENTATION_COLUMN)
    return HeaderOverride(
        reason=str(item.value),
        sop_instance_uid=read_string(item, codes.OVERRIDDEN_IMAGE),
        side=read_choice(item, codes.IMAGE_LATERALITY, IMAGE_SIDE_CODES),
        view=read_choice(item, codes.OVERRIDDEN_VIEW, VIEW_CODES),
        orientation=(row, column) if row or column else None,
    )


def event_item(event: IndexEvent, days: int | None) -> Item:
    """An index event, with the days from it to the study where they are known."""
    properties = Relation.HAS_PROPERTIES
    return code(codes.INDEX_EVENT, EVENT_CODES[event.procedure]).having(
        None if event.side is None else code(codes.LATERALITY, SIDE_CODES[event.side], properties),
        None
        if event.date is None
        else date(codes.INDEX_DATE, event.date.strftime("%Y%m%d"), properties),
        None if days is None else num(codes.TEMPORAL_OFFSET, days, codes.DAY, properties),
    )


def read_context(evaluations: Item) -> Context:
    """The context of a document."""
    first, other = _read_events(evaluations)
    return Context(
        indication=read_string(evaluations, codes.INDICATION),
        causes=read_choices(evaluations, codes.CAUSE, CAUSE_CODES),
        symptoms=read_choices(evaluations, codes.SYMPTOM, SYMPTOM_CODES),
        index_event=first,
        other_event=other,
    )


def _read_events(evaluations: Item) -> tuple[IndexEvent | None, IndexEvent | None]:
    procedures = read_choices(evaluations, codes.INDEX_EVENT, EVENT_CODES)
    items = evaluations.find(codes.INDEX_EVENT)
    events = [read_event(*each) for each in zip(procedures, items, strict=True)]
    if len(events) > 2:
        raise ValueError("there are more index events than hips")
    first, other, *_ = *events, None, None
    return first, other


def read_event(procedure: Event, item: Item) -> IndexEvent:
    """An index event by its item."""
    day: dt.date | None = read_date(read_string(item, codes.INDEX_DATE))
    side = read_choice(item, codes.LATERALITY, SIDE_CODES)
    return IndexEvent(procedure=procedure, side=side, date=day)


def read_view(evaluations: Item) -> View:
    """The view of a document."""
    view = read_choice(evaluations, codes.VIEW, VIEW_CODES)
    if view is None:
        raise ValueError("the view is missing")
    return view


def procedure_reported(view: View, sides: tuple[Side, ...]) -> Code:
    """The procedure, `sides` with the right one first."""
    return PROCEDURES[view, sides]
