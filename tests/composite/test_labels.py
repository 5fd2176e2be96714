"""The words of objects that viewers show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hosr.composite.labels import compared_label, hip_label, series_label
from hosr.vocabulary.terms import Side
from tests.narrative.cases import CASES


@pytest.mark.parametrize(
    ("name", "stated", "compared"),
    [
        (
            "grade_agrees",
            "Right hip: Brooker III, Della Valle C",
            "Right hip: Brooker III, Della Valle C",
        ),
        (
            "grade_differs",
            "Right hip: Brooker II, Della Valle B",
            "Right hip: Brooker II (findings III), Della Valle B (findings C)",
        ),
    ],
)
def test_a_grade_that_differs_stands_with_that_of_the_findings(
    name: str, stated: str, compared: str
) -> None:
    """Beside a marked length, a grade that the length contradicts is never shown alone."""
    (graded,) = CASES[name].hips
    assert (hip_label(graded), compared_label(graded)) == (stated, compared)


def test_a_series_is_named_with_its_conflict_within_an_attribute() -> None:
    """Whatever a source graded at both hips against denied bridging, the name fits LO and is marked."""
    assert series_label(CASES["grade_differs"], "data") == "HO data: Brooker R II! (draft)"
    assert series_label(CASES["grade_agrees"], "data") == "HO data: Brooker R III (draft)"
    excluded = CASES["grade_excluded_without_extent"]
    (graded,) = excluded.hips
    grades = ("I", "II", "III", "IV")
    wide = replace(graded.grades[0], source=grades, possible=("0",))
    hips = tuple(
        replace(graded, hip=replace(graded.hip, side=side), grades=(wide, *graded.grades[1:]))
        for side in (Side.RIGHT, Side.LEFT)
    )
    for kind in ("data", "text", "overlay", "images", "PDF", "picture"):
        label = series_label(replace(excluded, hips=hips), kind)
        assert label.count("!") == 2
        assert len(label) <= 64
