"""Who graded: TID 1002 to 1004 (observer) and TID 4019 (algorithm), to items and back."""

from __future__ import annotations

from dataclasses import replace

from hosr import codes
from hosr.composite.encoding import device_uid
from hosr.findings import Algorithm, Observer, Person
from hosr.sr.items import Item, Relation, code, person_name, text, uidref
from hosr.sr.read import read_string

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
