"""`hosr grade`: what stands for the findings beside the grade of a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.command import hosr, marked, write_record

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("hip", "told"),
    [
        ({}, "right: Brooker IV (findings: -; source: IV; remarks: GRADE_UNSUPPORTED)"),
        (
            {"bridging": "none"},
            (
                "right: Brooker IV (findings: I or II or III; source: IV; remarks: GRADE_DIFFERS, "
                "GRADE_UNSUPPORTED)"
            ),
        ),
    ],
)
def test_a_grade_alone_has_no_findings_but_one_that_they_exclude_has(
    tmp_path: Path, hip: dict[str, Any], told: str
) -> None:
    """What nobody said is no finding; what was denied is, and it is shown what it leaves."""
    graded = {"side": "right", "grades": {"brooker": "IV"}, "presence": "present", **hip}
    record = {**marked(), "view": "ap_pelvis", "hips": [graded]}
    path = write_record(tmp_path / "record.json", record)
    ran = hosr("grade", str(path))
    assert ran.code == 0
    assert ran.out.splitlines()[0] == told


def test_a_gap_that_may_be_a_code_is_noted(tmp_path: Path) -> None:
    """Where no image is given too, by `grade` and by `check`; 88 is what many tables write for none."""
    record = {**marked(gap={"mm": 88}), "view": "ap_pelvis"}
    path = write_record(tmp_path / "record.json", record)
    problem = "is 88, which tables write for a missing value; compare it"
    for command in ("grade", "check"):
        ran = hosr(command, str(path))
        assert (ran.code, ran.out.splitlines()[-1]) == (0, f"note: $.hips[0].gap.mm: {problem}")
