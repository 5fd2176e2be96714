"""Rows of a cohort made from tables as publications print them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hosr.cohort.statistics.estimates import Sampling
from hosr.cohort.statistics.gradings import SCALES

__all__ = ["FEW", "Row", "make_row", "pair_rows", "rating_rows"]

Row = dict[str, Any]

FEW = Sampling(seed=7, resamples=200)
BROOKER, DELLA_VALLE = (scale.grades for scale in SCALES)
_PROBABILITIES = [f"p_brooker_{grade}" for grade in BROOKER]


def make_row(**given: Any) -> Row:
    """A row with every column, as given or else of one synthetic hip."""
    row: Row = {
        "subject_id": "SYN-1",
        "hip_side": "right",
        "study_id": "SYN-1-1",
        "study_day": 0,
        "time_point": "3 months",
        "modality": "DX",
        "view": "ap_pelvis",
        "days_since_index": None,
        "evaluable": True,
        "reason": None,
        "presence": None,
        "gap_mm": None,
        "brooker": None,
        "della_valle": None,
        "brooker_source": None,
        "brooker_derived": None,
        **dict.fromkeys(_PROBABILITIES),
        "flags": "",
        "reader_id": "reader-1",
        "reader_type": "person",
        "read_no": 1,
        "approach": None,
        "procedure": None,
        "prophylaxis": None,
    }
    return {**row, **given}


def pair_rows(table: Sequence[Sequence[int]]) -> list[Row]:
    """Two readers, one hip for each count; row and column are places on the Brooker scale."""
    pairs = [
        (first, second)
        for first, counts in enumerate(table)
        for second, count in enumerate(counts)
        for _ in range(count)
    ]
    return [
        make_row(subject_id=f"SYN-{number}", reader_id=reader, brooker=BROOKER[place])
        for number, pair in enumerate(pairs)
        for reader, place in zip(("reader-1", "reader-2"), pair, strict=True)
    ]


def rating_rows(table: Sequence[Sequence[int]]) -> list[Row]:
    """Several readers, one hip a row; a column counts the readers who gave that grade."""
    rows = []
    for number, counts in enumerate(table):
        places = [place for place, count in enumerate(counts) for _ in range(count)]
        rows += [
            make_row(
                subject_id=f"SYN-{number}", reader_id=f"reader-{reader}", brooker=BROOKER[place]
            )
            for reader, place in enumerate(places)
        ]
    return rows
