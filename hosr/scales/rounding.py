"""Lengths rounded for people, so that number and grade never disagree."""

from __future__ import annotations

from hosr.scales.extent import LIMIT_MM

# The least length that is printed as a number; what is shorter and not zero is "less than" it.
LEAST_MM = 0.1


def round_mm(mm: float) -> float | None:
    """The length to 0.1 mm, never lifted to 1 cm; None where it would be rounded down to contact."""
    tenths = round(mm, 1)
    if mm > 0 and tenths < LEAST_MM:
        return None
    return LIMIT_MM - LEAST_MM if mm < LIMIT_MM <= tenths else tenths
