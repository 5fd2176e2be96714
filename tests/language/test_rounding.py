"""A printed length never disagrees with the grade beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.language.numbers import round_mm
from hosr.scales.extent import LIMIT_MM


@pytest.mark.parametrize(
    ("mm", "rounded"),
    [
        (0.0, 0.0),
        (0.04, None),
        (0.06, 0.1),
        (6.24, 6.2),
        (9.94, 9.9),
        (9.96, 9.9),
        (9.9999, 9.9),
        (10.0, 10.0),
        (10.04, 10.0),
    ],
)
def test_a_length_is_rounded_on_its_own_side_of_1_cm(mm: float, rounded: float | None) -> None:
    """9.96 mm are printed as 9.9 mm, and a length that is not zero never as contact."""
    assert round_mm(mm) == rounded


@given(st.floats(min_value=0, max_value=200))
def test_rounding_never_crosses_1_cm(mm: float) -> None:
    """A rounded length is below 1 cm exactly where the length is, and within 0.1 mm of it."""
    rounded = round_mm(mm)
    if rounded is None:
        assert 0 < mm < 0.1
    else:
        assert (rounded < LIMIT_MM) is (mm < LIMIT_MM)
        assert abs(rounded - mm) <= 0.1 + 1e-9
