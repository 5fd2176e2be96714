"""The grade on the screen is that of `hosr grade`, for any line that is drawn."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hosr
from hosr.errors import Fault
from tests.command import hosr as run_hosr
from tests.command import write_record
from tests.desk.desks import Json, Page
from tests.drawn import drawn
from tests.images import COLUMNS, ROWS

_UNCHECKED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
_COORDINATES = st.tuples(
    st.floats(0, COLUMNS, width=32, allow_nan=False), st.floats(0, ROWS, width=32, allow_nan=False)
)
_LINES = st.tuples(_COORDINATES, _COORDINATES)
_STATEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "spurs": st.sampled_from(
            [{"pelvis": True, "femur": True}, {"pelvis": False, "femur": False}, {"femur": True}]
        ),
        "bridging": st.sampled_from(["none", "apparent"]),
        "islands": st.sampled_from([[], [{}], [{"length": {"mm": 12.0, "plane": "patient"}}]]),
    },
)


def with_line(record: Json, line: tuple[tuple[float, float], ...], told: Json) -> Json:
    """A record with a gap drawn, and other statements."""
    changed = copy.deepcopy(record)
    hip = changed["hips"][0]
    for key in ("spurs", "bridging", "islands", "grades", "comment"):
        hip.pop(key, None)
    hip["gap"] = {"points": [list(point) for point in line]}
    hip.update(copy.deepcopy(told))
    return changed


def graded(report: Json) -> Json:
    """What a report says of its hip, as `hosr grade --json` has it."""
    (hip,) = report["hips"] or [{"scales": [], "flags": []}]
    return {
        "grades": {
            scale["key"]: {
                key: scale[key] for key in ("grade", "derived", "possible", "source_grade")
            }
            for scale in hip["scales"]
        },
        "flags": [flag["key"] for flag in hip["flags"]],
        "faults": sorted(fault["path"] for fault in report["faults"]),
    }


def _contradictions(record: Json) -> tuple[Fault, ...]:
    try:
        hosr.grade_record(record)
    except hosr.HosrError as refused:
        return refused.faults
    return ()


def expected(record: Json, images: Path) -> Json:
    """The same by the library that the command line calls.

    What contradicts itself is told at the desk whatever the images say.
    """
    record = {**record, "observer": {"type": "person", "name": "Rossi^Maria"}}
    try:
        (hip,) = hosr.grade_record(record, images)
    except hosr.HosrError as refused:
        faults = {*refused.faults, *_contradictions(record)}
        return {"refused": sorted(fault.path for fault in faults)}
    from hosr.report import grading_json

    told = grading_json((hip,))["hips"][0]
    return {
        "grades": {
            key: {name: value[name] for name in ("grade", "derived", "possible", "source_grade")}
            for key, value in told.items()
            if isinstance(value, dict)
        },
        "flags": told["flags"],
        "faults": [],
    }


@pytest.fixture(scope="module")
def film(standing_folder: Path) -> Path:
    """The film that lines are drawn on."""
    return standing_folder / "films" / "film.dcm"


def check(standing: Page, shown: str, film: Path, line: object, told: Json) -> None:
    """That a drawn line is graded alike."""
    view = standing.open(shown)
    record = with_line(view["record"], line, told)  # type: ignore[arg-type]
    live, wanted = graded(standing.grade(view, record)), expected(record, film)
    if "refused" in wanted:
        assert live["faults"] == wanted["refused"]
    else:
        assert live == wanted


@given(line=_LINES, told=_STATEMENTS)
@drawn(40, unchecked=_UNCHECKED)
def test_a_drawn_line_is_graded_as_by_the_command(
    standing: Page, shown: str, film: Path, line: object, told: Json
) -> None:
    """Grades, what is possible, flags and faults are equal."""
    check(standing, shown, film, line, told)


@pytest.mark.slow
@given(line=_LINES, told=_STATEMENTS)
@settings(max_examples=500, suppress_health_check=_UNCHECKED, deadline=None)
def test_five_hundred_drawn_lines_are_graded_as_by_the_command(
    standing: Page, shown: str, film: Path, line: object, told: Json
) -> None:
    """The same of as many lines as a department draws in a month."""
    check(standing, shown, film, line, told)


def test_the_command_itself_says_the_same(
    standing: Page, shown: str, film: Path, tmp_path: Path
) -> None:
    """`hosr grade` on the record that is on the screen."""
    view = standing.open(shown)
    ran = run_hosr(
        "grade", write_record(tmp_path / "r.json", view["record"]), "--images", film, "--json"
    )
    (told,) = json.loads(ran.out)["hips"]
    live = graded(standing.grade(view, view["record"]))
    assert {key: value["grade"] for key, value in live["grades"].items()} == {
        key: value["grade"] for key, value in told.items() if isinstance(value, dict)
    }
    assert live["flags"] == told["flags"]
