"""Every value that a template is given is described, and nothing that is not given."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from hosr.language import ENGLISH
from hosr.narrative.content import describe
from hosr.outputs.template_trial import example_reports, example_tasks
from hosr.report import Report
from hosr.templating.environment import environment_of
from hosr.templating.given import DATA, TEMPLATES, Kind, describe_blocks
from hosr.templating.sources import Wording, read_shipped
from tests.comparison.cases import COMPARED
from tests.narrative.cases import CASES


def _values(value: Any, name: str = "") -> set[tuple[str, Kind | None]]:
    """Each value by its name and kind; an empty list may be of any kind."""
    if isinstance(value, dict):
        return {
            found
            for key, inner in value.items()
            for found in _values(inner, f"{name}.{key}" if name else key)
        }
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {found for inner in value for found in _values(inner, f"{name}[]")}
    if isinstance(value, list):
        return {(name, Kind.TEXTS if value else None)}
    kinds = {str: Kind.TEXT, bool: Kind.CHOICE, int: Kind.NUMBER, float: Kind.NUMBER}
    return {(name, kinds[type(value)])}


@cache
def _given() -> set[tuple[str, Kind | None]]:
    return set[tuple[str, Kind | None]]().union(
        *(_values(describe(report, ENGLISH)) for report in CASES.values()),
        *(_values(task.data) for task in example_tasks(_reports(), Wording())[0]),
    )


def _reports() -> list[Report]:
    """The examples, and one whose space is drawn beside that of an earlier report."""
    return [*example_reports().values(), COMPARED["compared_beyond_variation"]]


def test_every_value_is_described() -> None:
    """What a report gives stands in the description, as what it is."""
    described: set[tuple[str, Kind | None]] = {(name, given.kind) for name, given in DATA.items()}
    described |= {(name, None) for name in _lists()}

    assert _given() - described == set()


def _lists() -> set[str]:
    """Every list of the description by its name, whatever it is a list of."""
    parts = {name[: found.start()] for name in DATA for found in re.finditer(r"\[\]", name)}
    return parts | {name for name, given in DATA.items() if given.kind is Kind.TEXTS}


def test_every_value_described_is_given() -> None:
    """What the description names, some report gives."""
    assert set(DATA) - {name for name, _ in _given()} == set()


def test_every_template_is_described() -> None:
    """Each shipped template has its words, and its blocks in the order of its text."""
    assert set(TEMPLATES) == set(read_shipped())
    assert {name: set(blocks) for name, blocks in describe_blocks().items()} == {
        name: set(environment_of().get_template(name).blocks) for name in read_shipped()
    }
