"""Observations of a measurement report have a UID each, which later versions of the report keep."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hosr import codes, sr
from hosr.report import Report
from hosr.sr.items import Item
from hosr.sr.measurement import measurement_tree
from hosr.sr.receivers import Options
from hosr.version import FIRST_FORM
from tests.narrative.cases import CASES
from tests.sr.test_signing import signed

_OPTIONS = Options()


def _groups(report: Report) -> list[Item]:
    measurements = measurement_tree(report, _OPTIONS).first(codes.IMAGING_MEASUREMENTS)
    return list(measurements.children) if measurements else []


def _identified(report: Report) -> list[tuple[str, str]]:
    """What each observation is called, with its UID."""
    items = (item for group in _groups(report) for item in group.walk())
    return [(item.name.meaning if item.name else "", item.uid) for item in items if item.uid]


@pytest.mark.parametrize("name", sorted(CASES))
def test_each_observation_has_a_uid_of_its_own(name: str) -> None:
    """The group, its lengths and its coded answers, each once; read back as they were written."""
    report = CASES[name]
    known = _identified(report)

    assert len({uid for _, uid in known}) == len(known)
    assert sr.decode(sr.encode(report)) == report


def test_these_are_observations() -> None:
    """What says where and what a group is has none, nor what belongs to a grade or a length."""
    (group,) = _groups(CASES["row_10_narrow_gap"])

    assert [child.name.meaning for child in group.children if child.uid and child.name] == [
        "Distance",
        "True size of the calibration object",
        "Hip evaluable for heterotopic ossification",
        "Presence of heterotopic ossification",
        "Islands of bone in the soft tissue",
        "Bone spur from the pelvis",
        "Bone spur from the proximal femur",
        "Bone bridging of the hip joint",
        "Brooker classification",
        "Della Valle classification",
    ]


def test_a_later_version_keeps_the_uids() -> None:
    """So a correction is one of the same observation."""
    draft = CASES["row_10_narrow_gap"]

    assert _identified(signed(draft)) == _identified(draft)


def test_another_report_has_others() -> None:
    """Of another study, the same finding of the same hip is another observation."""
    draft = CASES["row_10_narrow_gap"]
    study = replace(draft.subject.study, study_instance_uid="2.25.77")
    other = replace(draft, subject=replace(draft.subject, study=study))

    assert not set(_identified(other)) & set(_identified(draft))


def test_the_first_form_has_none() -> None:
    """Files that were written without them are read, and stay what they are."""
    assert _identified(replace(CASES["row_10_narrow_gap"], form=FIRST_FORM)) == []
