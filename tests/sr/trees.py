"""Content trees as text, one item a line, for people and for comparison."""

from __future__ import annotations

from hosr.codes import Code
from hosr.sr.items import Graphic, Item, ItemValue, Quantity, Reference, SpaceGraphic

__all__ = ["as_text"]


def as_text(item: Item, depth: int = 0) -> str:
    """The tree below an item; tracking UIDs are left out, for they derive from the rest."""
    relation = "" if item.relation is None else f"{item.relation.value.lower()} "
    name = "(unnamed)" if item.name is None else item.name.meaning
    template = f" [TID {item.template}]" if item.template else ""
    value = "" if item.value_type in ("CONTAINER", "UIDREF") else f" = {_value(item.value)}"
    line = f"{'  ' * depth}{relation}{item.value_type} {name}{template}{value}\n"
    return line + "".join(as_text(child, depth + 1) for child in item.children)


def _value(value: ItemValue) -> str:
    if isinstance(value, Code):
        return f"{value.meaning} ({value.scheme} {value.value})"
    if isinstance(value, Quantity):
        return f"{value.value:g} {value.unit.value}"
    if isinstance(value, Graphic):
        return f"{value.shape} {' '.join(f'{x:g},{y:g}' for x, y in value.points)}"
    if isinstance(value, SpaceGraphic):
        points = " ".join(",".join(f"{mm:g}" for mm in point) for point in value.points)
        return f"{value.shape} {points} in {value.frame_of_reference_uid}"
    if isinstance(value, Reference):
        frame = "" if value.frame is None else f" frame {value.frame}"
        return f"{value.sop_instance_uid}{frame}"
    return repr(value)
