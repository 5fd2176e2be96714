"""FHIR bundles before a validator of another maker and language."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from hosr.status import Step
from tests.comparison.cases import COMPARED
from tests.messages.fhir.bundles import Json, bundle_of, resources, signed
from tests.messages.versions import withdrawn
from tests.narrative.cases import CASES
from tests.peers.processes import PEERS, installed, program, run

pytestmark = pytest.mark.peer

NARROW = CASES["row_10_narrow_gap"]
SIGNED = signed(NARROW, Step.SIGN)
REPORTS = {
    "a draft": NARROW,
    "of a model": CASES["model_with_findings_and_scores"],
    "with islands": CASES["islands_with_sites"],
    "without millimetres": CASES["marked_without_millimetres"],
    "bridged": CASES["ct_with_confirmed_bridging"],
    "on MR": CASES["mr_early"],
    "not complete": CASES["not_complete"],
    "in several scripts": CASES["names_in_several_scripts"],
    "signed": SIGNED,
    "amended": signed(NARROW, Step.SIGN, Step.AMEND),
    "added to": signed(NARROW, Step.SIGN, Step.ADDEND),
    "withdrawn": withdrawn(SIGNED),
    **{f"compared, {name}": report for name, report in COMPARED.items()},
}


def _change(kind: str, **changes: Any) -> Callable[[Json], None]:
    return lambda bundle: resources(bundle, kind)[0].update(changes)


BROKEN: dict[str, Callable[[Json], None]] = {
    "a status that is none": _change("DiagnosticReport", status="signed"),
    "an element that is none": _change("Observation", grade="III"),
    "a word in place of a reference": _change("DiagnosticReport", subject="Patient/1"),
    "a list in place of one": _change("DiagnosticReport", code=[{"text": "Report"}]),
}


def _judge(bundles: Sequence[Json]) -> list[list[str]]:
    """What the validator finds wrong with each."""
    modules = str(installed(PEERS / "node_modules", "npm packages")) + "/"
    command = [program("node", "Node.js"), Path(__file__).with_name("judge_bundles.mjs")]
    done = run(command, text=json.dumps({"modules": modules, "bundles": bundles}), timeout=120)
    assert done.code == 0, done.err[-2000:]
    found: list[list[str]] = json.loads(done.out)
    return found


def test_every_status_is_a_valid_bundle() -> None:
    """Codes, types, references and elements of R4, whatever was done to a report."""
    found = _judge([bundle_of(report) for report in REPORTS.values()])

    assert {name: faults for name, faults in zip(REPORTS, found, strict=True) if faults} == {}


def test_the_validator_sees_a_broken_bundle() -> None:
    """Or its silence would say nothing."""
    sound, broken = bundle_of(SIGNED), []
    for spoil in BROKEN.values():
        broken.append(copy.deepcopy(sound))
        spoil(broken[-1])

    assert [name for name, found in zip(BROKEN, _judge(broken), strict=True) if not found] == []
