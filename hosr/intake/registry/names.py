"""The dotted names that a mapping may fill, and those that it must."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hosr.intake.registry.mapping import PER_HIP
from hosr.intake.tables.columns import IDENTIFIER, header_faults

if TYPE_CHECKING:
    from hosr.intake.registry.mapping import Mapping


STUDY = "study.study_instance_uid"


def name_problem(name: str) -> tuple[str, str] | None:
    """What is wrong with a name of the record, and the remedy; None where nothing is."""
    for fault in header_faults(list(dict.fromkeys([name, IDENTIFIER]))):
        remedy = fault.remedy.replace("rename it, for example to", "write, for example,")
        return "is no name of the record", remedy
    return None


def required_names(mapping: Mapping) -> Iterator[tuple[str, str]]:
    """Every name that each record needs and that nothing fills, with what to do."""
    filled = {source.name for source in mapping.sources} | {*mapping.constants, *mapping.assumed}
    if not {IDENTIFIER, STUDY} & filled:
        remedy = f"name the column that is alike in the rows of one study, here or as {STUDY}"
        yield IDENTIFIER, remedy
    if mapping.table.layout == PER_HIP and "side" not in filled:
        yield "side", "name the column that says right or left"
    if "graded_at" not in filled:
        yield "graded_at", "name the column that says when the hip was graded"
    if "observer.type" not in filled:
        yield "observer.type", 'write "observer.type" = "person" or "algorithm" in [constants]'
    if "observer.name" not in filled:
        yield "observer.name", "name the column that says who graded, or write it in [constants]"
    kinds = {mapping.constants.get("observer.type"), mapping.assumed.get("observer.type")}
    if "algorithm" in kinds and "observer.version" not in filled:
        yield "observer.version", "name its column, or write it in [constants]"
