"""The words of objects that viewers show."""

from __future__ import annotations

import pytest

from hosr.composite.labels import compared_label, hip_label
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
