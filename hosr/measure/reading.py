"""How surely a length is read: one convention for measuring and for grading."""

from __future__ import annotations

from hosr.findings import Algorithm, Observer

# 95 % half-widths of a gap as read: repeat films, readers and the fuzzy edge of new bone taken
# together (conventions; Auleley 2001 and reader studies of the hip). One careful reader on a
# calibrated film stays within 0.6 mm, several within 1.4 mm; an algorithm's marks are less sure.
PERSON_READING_ERROR_MM = 1.0
_ALGORITHM_READING_ERROR_MM = 1.5


def reading_error_mm(observer: Observer) -> float:
    """The 95 % half-width of a length that this observer read and nobody qualified."""
    if isinstance(observer, Algorithm):
        return _ALGORITHM_READING_ERROR_MM
    return PERSON_READING_ERROR_MM
