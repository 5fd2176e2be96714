"""The study of a report: where directions lead in the patient."""

from __future__ import annotations

import pytest

from hosr.study import direction_letter


@pytest.mark.parametrize(
    ("cosines", "letter"),
    [
        ((1, 0, 0), "L"),
        ((-1, 0, 0), "R"),
        ((0, 0.95, -0.31), "P"),
        ((0, -0.95, 0.31), "A"),
        ((0.2, 0.1, 0.97), "H"),
        ((0.2, 0.1, -0.97), "F"),
        ((0.71, 0.70, 0), ""),
        ((-0.71, 0, 0.70), ""),
        ((), ""),
    ],
)
def test_a_direction_has_a_letter_where_it_leads_along_an_axis(
    cosines: tuple[float, ...], letter: str
) -> None:
    """To the left x rises, to the back y, to the head z; between two of them there is no letter."""
    assert direction_letter(cosines) == letter
