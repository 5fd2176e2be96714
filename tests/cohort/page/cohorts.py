"""Cohorts to make pages of: one with everything in it, and some with hardly anything."""

from __future__ import annotations

from functools import cache

from hosr.cohort.analysis import Analysis, analyse
from tests.cohort.statistics.tables import BROOKER, Row, make_row

__all__ = ["COHORTS", "analysed", "full_rows"]

_READERS = (
    ("reader-1", "person"),
    ("reader-2", "person"),
    ("model-1", "algorithm"),
)
_DELLA_VALLE = ("A", "A", "B", "C", "C")
_TIMES = (("postoperative", 3), ("3 months", 92), ("1 year", 366))


def full_rows() -> list[Row]:
    """Thirty subjects, some with both hips, at three times, by two persons and a model."""
    rows = []
    for subject in range(30):
        for side in ("right", "left") if subject % 4 == 0 else ("left",):
            for visit in range(len(_TIMES)):
                truth = min(4, visit * (subject % 3) + (subject % 5 == 4))
                for number, (reader, kind) in enumerate(_READERS):
                    grade = min(4, max(0, truth + ((subject * 7 + number * 3 + visit) % 9 == 0)))
                    rows += _readings(subject, side, visit, (reader, kind), grade)
    return rows


def _readings(
    subject: int, side: str, visit: int, reader: tuple[str, str], grade: int
) -> list[Row]:
    time_point, days = _TIMES[visit]
    evaluable = (subject + visit) % 17 != 0
    severe = (0.1 + 0.02 * subject % 0.2) if grade < 3 else 0.75 + 0.01 * subject % 0.2
    scores = {"p_brooker_III": severe / 2, "p_brooker_IV": severe / 2}
    row = make_row(
        subject_id=f"SYN-{subject}",
        hip_side=side,
        study_id=f"SYN-{subject}-{visit}",
        study_day=days,
        days_since_index=days,
        time_point=time_point,
        evaluable=evaluable,
        reason=None if evaluable else "rotated film",
        brooker=BROOKER[grade] if evaluable else None,
        della_valle=_DELLA_VALLE[grade] if evaluable else None,
        reader_id=reader[0],
        reader_type=reader[1],
        **(scores if reader[1] == "algorithm" else {}),
    )
    again = {**row, "read_no": 2, "brooker": "0" if evaluable else None}
    return [row, again] if reader[0] == "reader-1" and subject % 5 == 0 else [row]


def _odd_rows() -> list[Row]:
    """Names that mean something to HTML, to mathematics or to the direction of writing."""
    names = ("<script>alert(1)</script>", "$x^2$ & Söhne", "قارئ", "読者", "a" * 300)
    return [
        make_row(
            subject_id=f"SYN-{number}",
            reader_id=name,
            reader_type="algorithm" if name.startswith("$") else "person",
            brooker=grade,
            time_point='<b onload="x">$1$',
        )
        for name in names
        for number, grade in enumerate(("I", "III", "0"))
    ]


COHORTS = {
    "full": full_rows,
    "empty": list,
    "one row": lambda: [make_row(brooker="II")],
    "nothing graded": lambda: [make_row(evaluable=False), make_row(hip_side="left")],
    "odd names": _odd_rows,
}


@cache
def analysed(name: str) -> Analysis:
    """The analysis of a cohort, once."""
    return analyse(COHORTS[name](), resamples=50)
