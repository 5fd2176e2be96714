"""Della Valle as Brooker leaves it: counted by hand, and in no statistic of what was graded."""

from __future__ import annotations

import re

import pytest

from hosr.cohort.analysis import analyse
from hosr.cohort.page import render_page
from hosr.cohort.statistics.crosswalk import DellaValleByBrooker, GradeBounds
from hosr.cohort.statistics.estimates import exact_interval
from hosr.errors import RecordRefused
from tests.cohort.statistics.tables import Row, make_row


def hips(grades: str, **given: object) -> list[Row]:
    """A right hip of one subject each."""
    return [
        make_row(subject_id=f"SYN-{number}", study_id=f"SYN-{number}", brooker=grade, **given)
        for number, grade in enumerate(grades.split())
    ]


def bounds(one: GradeBounds) -> tuple[int, int]:
    """How many surely have a grade, and how many may have it."""
    assert one.at_least.total == one.at_most.total
    return one.at_least.count, one.at_most.count


def counted(one: DellaValleByBrooker) -> tuple[object, ...]:
    """The unit, how many, what is open, A, B, C and severe."""
    grades = [bounds(each) for each in (*one.grades, one.severe)]
    return one.unit, one.derived, one.open, *grades


RANGE = {"brooker_source": "III|IV", "brooker_possible": "III|IV"}


def test_what_brooker_decides_is_counted_and_what_it_leaves_open_is_told() -> None:
    """II gives B, III and IV give C and a range of both, 0 gives A, I stays open."""
    rows = hips("0 0 I I I II III IV")
    rows.append(make_row(subject_id="SYN-9", study_id="SYN-9", **RANGE))
    rows.append(make_row(subject_id="SYN-10", study_id="SYN-10", evaluable=False))
    rows.append(make_row(subject_id="SYN-0", hip_side="left", study_id="SYN-0", brooker="I"))
    rows.append(make_row(subject_id="SYN-1", hip_side="left", study_id="SYN-1", brooker="II"))
    analysis = analyse(rows, resamples=50)
    assert [*map(counted, analysis.della_valle_by_brooker)] == [
        ("hip", 11, {"A|B": 4}, (2, 6), (2, 6), (3, 3), (3, 3)),
        # The worse hip: 0 and I may be A or B, 0 and II is B.
        ("patient", 9, {"A|B": 4}, (0, 4), (2, 6), (3, 3), (3, 3)),
    ]
    per_hip = analysis.della_valle_by_brooker[0]
    assert per_hip.severe.at_least.interval == exact_interval(3, 11)
    assert (per_hip.decided, per_hip.graded_too) == (7, 0)


def test_what_was_graded_stays_apart() -> None:
    """No other part of the analysis knows of it, and where all was graded there is none of it."""
    rows = hips("II III IV I")
    again = [{**row, "reader_id": "reader-2"} for row in rows]
    analysis = analyse([*rows, *again], resamples=50)
    assert {one.hips for one in analysis.agreement if one.scale == "della_valle"} == {0}
    assert {one.graded for one in analysis.incidence if one.scale == "della_valle"} == {0}
    # Of two readers with one grade each, the majority has it, and so what it leaves.
    majority, *_ = analysis.della_valle_by_brooker
    assert (majority.kind, majority.derived) == ("majority of persons", 4)
    graded = [{**row, "della_valle": "C"} for row in rows]
    assert analyse(graded, resamples=50).della_valle_by_brooker == ()
    mixed = analyse([*graded[:2], *rows[2:]], resamples=50)
    assert [one.graded_too for one in mixed.della_valle_by_brooker] == [2, 2]


def test_the_page_says_that_it_is_derived() -> None:
    """Under a heading of its own, with both bounds, after what was graded."""
    page = render_page(analyse(hips("0 I II III"), resamples=50))
    told = re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ")
    assert told.index("Nobody graded.") < told.index("Derived from the Brooker grades, not graded")
    assert "Della Valle by Brooker, reader-1 (person): derived, not graded" in told
    assert "at least 1 (25.0 %)" in told
    assert "at most 2 (50.0 %)" in told
    assert "1 A or B" in told
    assert "by Brooker" not in render_page(analyse(hips("II", della_valle="B"), resamples=50))


def test_a_range_of_unknown_grades_is_refused() -> None:
    """As a single one is."""
    with pytest.raises(RecordRefused, match="brooker_possible"):
        analyse([make_row(brooker_source="V|VI")], resamples=50)
