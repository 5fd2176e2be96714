"""Who is one reader: a person by name, a model by name, version and how it was set up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from hosr.findings import Algorithm, Person

if TYPE_CHECKING:
    from hosr.findings import Observer


def name_readers(observers: Iterable[Observer]) -> dict[Observer, str]:
    """A name for each observer; those of one name are one reader.

    Persons of one name are one, unless two organizations are named; models that differ in
    anything beyond name and version are told apart by a number.
    """
    given = set(observers)
    persons = [observer for observer in given if isinstance(observer, Person)]
    models = [observer for observer in given if isinstance(observer, Algorithm)]
    return {**_name_persons(persons), **_name_models(models)}


def _name_persons(persons: Iterable[Person]) -> dict[Observer, str]:
    alike: dict[str, list[Person]] = defaultdict(list)
    for person in persons:
        alike[_plain(person.name).casefold()].append(person)
    names: dict[Observer, str] = {}
    for group in alike.values():
        name = min(_plain(person.name) for person in group)
        organizations = {_folded(p.organization): p.organization for p in group if p.organization}
        for person in group:
            organization = organizations.get(_folded(person.organization))
            is_told_apart = len(organizations) > 1 and organization is not None
            names[person] = f"{name} ({organization})" if is_told_apart else name
    return names


def _plain(name: str) -> str:
    """The name in its first form that is filled in, without empty components at its end."""
    groups = (group.rstrip("^ ") for group in name.split("="))
    return " ".join(next(filter(None, groups), "").split()) or "unnamed"


def _folded(organization: str) -> str:
    return " ".join(organization.casefold().split())


def _name_models(models: Iterable[Algorithm]) -> dict[Observer, str]:
    alike: dict[str, list[Algorithm]] = defaultdict(list)
    for model in models:
        alike[" ".join(f"{model.name} {model.version}".split())].append(model)
    names: dict[Observer, str] = {}
    for name, group in alike.items():
        in_order = sorted(group, key=repr)
        for number, model in enumerate(in_order, start=1):
            names[model] = name if len(group) == 1 else f"{name} [{number}]"
    return names
