"""A content item of a structured report as a frozen value, the same for writing and for reading.

And the answers that items give to the questions of their parents, which are concept names.

ItemValue types and relationships are those of PS3.3 section C.17.3; only what hosr writes is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple, TypeVar

from hosr.codes import Code

K = TypeVar("K")


class Relation(StrEnum):
    """How an item relates to its parent."""

    CONTAINS = "CONTAINS"
    HAS_CONCEPT_MOD = "HAS CONCEPT MOD"
    HAS_OBS_CONTEXT = "HAS OBS CONTEXT"
    HAS_ACQ_CONTEXT = "HAS ACQ CONTEXT"
    HAS_PROPERTIES = "HAS PROPERTIES"
    INFERRED_FROM = "INFERRED FROM"
    SELECTED_FROM = "SELECTED FROM"

    __hash__ = str.__hash__  # that of enumerations is one of Python's, and an item's is taken often


class Quantity(NamedTuple):
    """A number with its unit."""

    value: float
    unit: Code


class Graphic(NamedTuple):
    """A shape on an image: its graphic type and (column, row) points."""

    shape: str
    points: tuple[tuple[float, float], ...]


class SpaceGraphic(NamedTuple):
    """A shape in the patient: its graphic type and (x, y, z) points in mm, and their frame of reference."""

    shape: str
    points: tuple[tuple[float, float, float], ...]
    frame_of_reference_uid: str


class Reference(NamedTuple):
    """A stored object, or one frame of it; an image perhaps as a presentation state shows it."""

    sop_class_uid: str
    sop_instance_uid: str
    frame: int | None = None
    shown_by: Reference | None = None


ItemValue = str | Code | Quantity | Graphic | SpaceGraphic | Reference | None


class Item(NamedTuple):
    """One content item with everything below it; `uid` is its Observation UID, where it has one."""

    value_type: str
    name: Code | None
    value: ItemValue = None
    relation: Relation | None = None
    children: tuple[Item, ...] = ()
    template: str = ""
    uid: str = ""

    def having(self, *children: Item | None) -> Item:
        """The same item with more below it; None stands for nothing."""
        more = tuple([child for child in children if child is not None])
        return Item(
            self.value_type,
            self.name,
            self.value,
            self.relation,
            self.children + more,
            self.template,
            self.uid,
        )

    def related(self, relation: Relation) -> Item:
        """The same item in another relationship to its parent."""
        return self._replace(relation=relation)

    def find(self, name: Code, value_type: str = "") -> Iterator[Item]:
        """The children with a concept name, in order."""
        return (
            child
            for child in self.children
            if child.name is not None
            and child.name.key == name.key
            and value_type in ("", child.value_type)
        )

    def first(self, name: Code, value_type: str = "") -> Item | None:
        """The first child with a concept name."""
        return next(self.find(name, value_type), None)

    def walk(self) -> Iterator[Item]:
        """The item and everything below it, in document order."""
        waiting = [self]
        while waiting:
            item = waiting.pop()
            yield item
            if item.children:
                waiting.extend(reversed(item.children))


def container(name: Code, *children: Item | None, template: str = "") -> Item:
    """A heading with items below it."""
    held = tuple([child for child in children if child is not None])
    return Item("CONTAINER", name, None, Relation.CONTAINS, held, template)


def code(name: Code, value: Code, relation: Relation = Relation.CONTAINS) -> Item:
    """A coded answer to a coded question."""
    return Item("CODE", name, value, relation)


def text(name: Code, value: str, relation: Relation = Relation.CONTAINS) -> Item:
    """Unlimited text."""
    return Item("TEXT", name, value, relation)


def num(name: Code, value: float, unit: Code, relation: Relation = Relation.CONTAINS) -> Item:
    """A measured number."""
    return Item("NUM", name, Quantity(value, unit), relation)


def uidref(name: Code, value: str, relation: Relation = Relation.HAS_OBS_CONTEXT) -> Item:
    """A UID."""
    return Item("UIDREF", name, value, relation)


def person_name(name: Code, value: str, relation: Relation = Relation.HAS_OBS_CONTEXT) -> Item:
    """A person name."""
    return Item("PNAME", name, value, relation)


def date(name: Code, value: str, relation: Relation) -> Item:
    """A date, YYYYMMDD."""
    return Item("DATE", name, value, relation)


def image(name: Code, value: Reference, relation: Relation) -> Item:
    """A reference to an image."""
    return Item("IMAGE", name, value, relation)


def composite(name: Code, value: Reference) -> Item:
    """A reference to a stored object that is not an image."""
    return Item("COMPOSITE", name, value, Relation.CONTAINS)


def scoord(
    name: Code,
    shape: str,
    points: Iterable[tuple[float, float]],
    source: Item,
    relation: Relation = Relation.CONTAINS,
) -> Item:
    """A shape on the image that `source` refers to."""
    return Item("SCOORD", name, Graphic(shape, tuple(points)), relation, (source,))


def scoord3d(name: Code, value: SpaceGraphic, relation: Relation) -> Item:
    """A shape in the patient."""
    return Item("SCOORD3D", name, value, relation)


def read_choice(item: Item, name: Code, table: dict[K, Code]) -> K | None:
    """The one answer to a question, as the key of its table; None where it was not asked.

    Raises `ValueError` where the answer is none of the table.
    """
    return next(iter(read_choices(item, name, table)), None)


def read_choices(item: Item, name: Code, table: dict[K, Code]) -> tuple[K, ...]:
    """All answers to a question, in document order."""
    keys = {code.key: key for key, code in table.items()}
    answers = []
    for found in item.find(name, "CODE"):
        if not isinstance(found.value, Code) or found.value.key not in keys:
            raise ValueError(f"{name.meaning}: unknown answer {found.value}")
        answers.append(keys[found.value.key])
    return tuple(answers)


def read_string(item: Item, name: Code) -> str:
    """The text of the first item of a name, or ""."""
    found = item.first(name)
    return "" if found is None else str(found.value)


def read_numbers(item: Item, name: Code) -> tuple[float, ...]:
    """The numbers of all items of a name, in order."""
    found = item.find(name, "NUM")
    return tuple(each.value.value for each in found if isinstance(each.value, Quantity))


def read_number(item: Item, name: Code) -> float | None:
    """The number of the first item of a name."""
    found = item.first(name)
    return found.value.value if found and isinstance(found.value, Quantity) else None
