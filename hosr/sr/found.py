"""What was found beside the findings, and is not graded: surfaces, what they rest on, and distances.

All of it stands in one container of the group of a hip, where no viewer takes it for a measurement.
"""

from __future__ import annotations

from collections.abc import Iterator

from hosr import codes
from hosr.findings import Boundary, Candidate, Hip, Outline
from hosr.sr.items import (
    Item,
    Relation,
    code,
    container,
    num,
    read_choice,
    read_choices,
    read_number,
    read_numbers,
)
from hosr.sr.lengths import Shapes, length_item, read_length, read_line, read_polygon
from hosr.vocabulary.surfaces import BASIS_OF_SURFACES_CODES, SET_ASIDE_CODES, STRUCTURE_CODES

_PROPERTIES = Relation.HAS_PROPERTIES


def found_item(hip: Hip, shapes: Shapes) -> Item | None:
    """The container; None where there is nothing to hold."""
    items = [
        *([] if hip.boundary is None else [_boundary_item(hip.boundary)]),
        *(_candidate_item(each, shapes) for each in hip.candidates),
        *(_outline_item(each, shapes) for each in hip.outlines),
    ]
    return container(codes.FOUND, *items) if items else None


def _boundary_item(boundary: Boundary) -> Item:
    mm = codes.MILLIMETER
    sd = codes.SURFACE_SD if boundary.sd_is_stated else codes.SURFACE_USUAL_SD
    return code(codes.SURFACES_FROM, BASIS_OF_SURFACES_CODES[boundary.basis]).having(
        None if boundary.sd_mm is None else num(sd, boundary.sd_mm, mm, _PROPERTIES),
        *(num(codes.CELL_EDGE, edge, mm, _PROPERTIES) for edge in boundary.cell_mm),
        _level_item(boundary.level),
    )


def _level_item(level: float | None) -> Item | None:
    if level is None:
        return None
    return num(codes.SURFACE_LEVEL, level, codes.NO_UNITS, _PROPERTIES)


def _candidate_item(candidate: Candidate, shapes: Shapes) -> Item:
    length = candidate.length
    number = length_item(codes.FOUND_DISTANCE, length, shapes)
    marks = shapes.ends(length.line) if number is None and length.line is not None else ()
    return code(codes.SET_ASIDE, SET_ASIDE_CODES[candidate.why]).having(
        *(code(codes.BETWEEN, STRUCTURE_CODES[each], _PROPERTIES) for each in candidate.between),
        None if number is None else number.related(_PROPERTIES),
        *marks,
        _level_item(candidate.level),
    )


def _outline_item(outline: Outline, shapes: Shapes) -> Item:
    """The outline by the name of its structure."""
    return shapes.outline(outline.polygon)._replace(name=STRUCTURE_CODES[outline.structure])


def read_boundary(group: Item) -> Boundary | None:
    """What the surfaces of a hip rest on."""
    for item in _found(group, codes.SURFACES_FROM):
        basis = read_choice(_holding(item), codes.SURFACES_FROM, BASIS_OF_SURFACES_CODES)
        if basis is None:
            raise ValueError("surfaces rest on nothing")
        stated = read_number(item, codes.SURFACE_SD)
        usual = read_number(item, codes.SURFACE_USUAL_SD)
        return Boundary(
            basis=basis,
            sd_mm=usual if stated is None else stated,
            sd_is_stated=stated is not None,
            cell_mm=read_numbers(item, codes.CELL_EDGE),
            level=read_number(item, codes.SURFACE_LEVEL),
        )
    return None


def read_candidates(group: Item) -> tuple[Candidate, ...]:
    """The distances of a hip that are not its gap."""
    return tuple(map(_read_candidate, _found(group, codes.SET_ASIDE)))


def _read_candidate(item: Item) -> Candidate:
    first, second = read_choices(item, codes.BETWEEN, STRUCTURE_CODES)
    why = read_choice(_holding(item), codes.SET_ASIDE, SET_ASIDE_CODES)
    marks = tuple(child for child in item.children if child.value_type == "SCOORD")
    line = read_line(marks) if marks else None
    length = read_length(item.first(codes.FOUND_DISTANCE, "NUM"), line=line)
    if why is None or length is None:
        raise ValueError("a distance has no length, or no reason")
    return Candidate(
        between=(first, second),
        length=length,
        why=why,
        level=read_number(item, codes.SURFACE_LEVEL),
    )


def read_outlines(group: Item) -> tuple[Outline, ...]:
    """The surfaces of a hip that were found."""
    structures = {concept.key: structure for structure, concept in STRUCTURE_CODES.items()}
    return tuple(
        Outline(structure=structures[item.name.key], polygon=read_polygon(item))
        for held in group.find(codes.FOUND)
        for item in held.children
        if item.value_type == "SCOORD" and item.name is not None
    )


def _found(group: Item, name: codes.Code) -> Iterator[Item]:
    return (item for held in group.find(codes.FOUND) for item in held.find(name))


def _holding(item: Item) -> Item:
    """An item as the only child of another, for what reads the answers of a parent."""
    return container(codes.FOUND, item)
