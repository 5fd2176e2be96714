"""What a button can do: each remedy does away with what it stands beside."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from hosr.desk import remedies
from hosr.desk.remedies import fixes_for_fault, fixes_for_flag
from hosr.drafts import judge
from hosr.language import ENGLISH
from hosr.scales.contradictions import CONTRADICTIONS
from hosr.vocabulary.flags import Flag
from tests.command import marked
from tests.desk.desks import Json

# By what is wrong: a record that has it.
_FAULTY: dict[str, dict[str, Any]] = {
    "absent, yet bone": {"presence": "absent"},
    "present, yet a grade of none": {"grades": {"brooker": "0"}},
    "bridged, yet a gap": {"bridging": "apparent", "gap": {"mm": 14.0, "plane": "patient"}},
    "a basis of no bridging": {"bridging_basis": "ct"},
    "an impossible pair": {"grades": {"brooker": "I", "della_valle": "C"}},
    "a class that contradicts": {"gap": {"mm": 14.0, "plane": "patient", "category": "<10mm"}},
    "a delayed stage": {"stage": "delayed"},
    "an early stage with bone": {"stage": "early"},
    "a feature of MR": {"features": ["MR_EARLY_EDEMA"]},
    "not evaluable, yet bone": {"evaluable": False, "not_evaluable_reason": "Cut off"},
    "no presence": {"presence": None, "gap": None, "spurs": None, "islands": None},
    "indeterminate, yet bone": {"presence": "indeterminate"},
}


def record_of(hip: dict[str, Any]) -> Json:
    """The marked record with other statements; None leaves one out."""
    record = marked(**hip)
    record |= {"schema_version": "1.1", "view": "ap_pelvis"}
    (told,) = record["hips"]
    for key in [key for key, value in told.items() if value is None]:
        del told[key]
    return record


@pytest.mark.parametrize("name", _FAULTY)
def test_a_remedy_does_away_with_its_fault(name: str) -> None:
    """Of every fault that has one, the first remedy leaves that fault behind."""
    record = record_of(_FAULTY[name])
    faults = judge(record, None).faults
    assert faults
    fixed = [(fault, fixes_for_fault(fault, record, ENGLISH)) for fault in faults]
    assert any(fixes for _, fixes in fixed)
    for fault, fixes in fixed:
        for fix in fixes[:1]:
            assert fault not in judge(fix["record"], None).faults
            assert fix["record"] != record


def test_every_row_of_the_table_is_of_a_rule_that_there_is() -> None:
    """A remedy of no contradiction would never be shown."""
    known = {(row.rule, row.field) for row in CONTRADICTIONS} | {
        ("", "evaluable"),
        ("", "presence"),
    }
    assert set(remedies._OF_FAULTS) <= known


def test_a_remedy_leaves_the_record_on_the_screen_as_it_is() -> None:
    """It is another record, to be taken or not."""
    record = record_of(_FAULTY["bridged, yet a gap"])
    before = copy.deepcopy(record)
    for fault in judge(record, None).faults:
        fixes_for_fault(fault, record, ENGLISH)
    assert record == before


def test_spurs_that_nobody_stated_can_be_set() -> None:
    """Beside the flag, each of the four answers."""
    record = record_of({"spurs": None, "gap": None, "bridging": "none"})
    (graded,) = judge(record, None).hips
    assert Flag.SPUR_UNKNOWN in graded.flags
    fixes = fixes_for_flag(Flag.SPUR_UNKNOWN, graded, record, ENGLISH)
    assert [fix["record"]["hips"][0]["spurs"] for fix in fixes] == [
        {"pelvis": True, "femur": True},
        {"pelvis": True, "femur": False},
        {"pelvis": False, "femur": True},
        {"pelvis": False, "femur": False},
    ]


@pytest.mark.parametrize("path", ["record", "$.hips[9].presence", "$.study.patient_id", "film.dcm"])
def test_what_is_of_no_hip_has_no_button(path: str) -> None:
    """Images and identities are put right elsewhere."""
    from hosr.errors import Fault

    assert fixes_for_fault(Fault(path, "x", rule=""), record_of({}), ENGLISH) == []
