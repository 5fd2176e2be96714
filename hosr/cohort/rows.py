"""The readings of a cohort as its rows: what only shows when all of them are there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from hosr.cohort.course import course_cells, study_days
from hosr.cohort.readers import name_readers
from hosr.cohort.subjects import find_mix_ups, subject_of
from hosr.cohort.time_points import DEFAULT_WINDOWS
from hosr.errors import Fault
from hosr.findings import Algorithm

if TYPE_CHECKING:
    from hosr.cohort.columns import Row
    from hosr.cohort.readings import HipReading
    from hosr.cohort.time_points import Window
    from hosr.findings import Observer


# How long after the index event a grade is that of the baseline: hosr's own convention.
BASELINE_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortRows:
    """The rows in their order; what was left out and why; what a reader of them must know."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


def make_rows(
    readings: Iterable[HipReading], windows: Sequence[Window] = DEFAULT_WINDOWS
) -> CohortRows:
    """One row for each reading; the same reading twice is one row.

    Left out, with a fault: all of a subject that may be two persons, and readings of one hip by
    one reader at one moment that say different things.
    """
    given = sorted(readings, key=_document)
    names = name_readers(reading.observer for reading in given)
    doubtful = find_mix_ups(given)
    sound = [reading for reading in given if subject_of(reading) not in doubtful]
    kept, conflicts = _settle_repetitions(sound, names)
    rows: list[Row] = []
    for own in _grouped(kept, subject_of).values():
        days = study_days(own)
        for hip in _grouped(own, lambda reading: reading.side).values():
            courses = course_cells(hip, days, windows)
            rows += _hip_rows(hip, courses, names)
    faults = (*dict.fromkeys(doubtful.values()), *conflicts)
    return CohortRows(rows=in_order(rows), faults=faults, notes=tuple(_notes(kept)))


def _document(reading: HipReading) -> tuple[str, ...]:
    uid = str(reading.cells["sr_sop_instance_uid"] or "")
    return subject_of(reading), reading.study_id, reading.side, uid, reading.place


def _grouped(
    readings: Iterable[HipReading], key: Callable[[HipReading], Hashable]
) -> dict[Any, list[HipReading]]:
    groups: dict[Hashable, list[HipReading]] = defaultdict(list)
    for reading in readings:
        groups[key(reading)].append(reading)
    return groups


def _settle_repetitions(
    readings: Sequence[HipReading], names: Mapping[Observer, str]
) -> tuple[list[HipReading], list[Fault]]:
    """What was said twice, once; and nothing of what one reader said differently at one moment."""

    def moment(reading: HipReading) -> Hashable:
        who = reading.observer.__class__, names[reading.observer]
        images = reading.cells["view"], reading.cells["image_sop_uids"]
        return subject_of(reading), reading.study_id, reading.side, who, reading.graded_at, images

    kept, faults = [], []
    for same in _grouped(readings, moment).values():
        first, *others = same
        other = next((r for r in others if _content(r) != _content(first)), None)
        if other is None:
            kept.append(first)
        else:
            problem = f"says otherwise than {first.place}, for the same hip, reader and moment"
            remedy = "keep the one that holds, or give each its own time; neither was used"
            faults.append(Fault(other.place, problem, remedy))
    return kept, faults


def _content(reading: HipReading) -> Hashable:
    said = (item for item in reading.cells.items() if item[0] != "sr_sop_instance_uid")
    return (*said, reading.index_event, reading.study_date)


def _hip_rows(
    hip: Sequence[HipReading], courses: Sequence[Row], names: Mapping[Observer, str]
) -> Iterator[Row]:
    rows = [
        {**reading.cells, **course, **_identity_cells(reading, names)}
        for reading, course in zip(hip, courses, strict=True)
    ]
    times = {id(row): reading.graded_at for row, reading in zip(rows, hip, strict=True)}
    rows.sort(key=lambda row: (*_examined(row), times[id(row)], str(row["sr_sop_instance_uid"])))
    baselines = _baselines(rows)
    for _, again in groupby(rows, key=_examined):
        for number, row in enumerate(again, start=1):
            yield {
                **row,
                "read_no": number,
                "baseline_postop_grade": baselines.get(_reader_and_event(row)),
            }


def _examined(row: Row) -> tuple[str, ...]:
    return row["study_id"], row["reader_type"], row["reader_id"]


def _reader_and_event(row: Row) -> tuple[Any, ...]:
    return row["reader_type"], row["reader_id"], row["index_date"]


def _identity_cells(reading: HipReading, names: Mapping[Observer, str]) -> Row:
    observer = reading.observer
    is_model = isinstance(observer, Algorithm)
    return {
        "subject_id": subject_of(reading),
        "study_id": reading.study_id,
        "reader_id": names[observer],
        "reader_type": "algorithm" if is_model else "person",
        "reader_version": observer.version if isinstance(observer, Algorithm) else None,
        "graded_at": reading.graded_at.isoformat(),
    }


def _baselines(rows: Iterable[Row]) -> dict[tuple[Any, ...], str]:
    """The Brooker grade of each reader soon after each index event of one hip."""
    found: dict[tuple[Any, ...], str] = {}
    for row in sorted(rows, key=lambda row: row["study_day"] or 0):
        days, grade = row["days_since_index"], row["brooker"]
        if days is not None and 0 <= days <= BASELINE_DAYS and grade is not None:
            found.setdefault(_reader_and_event(row), grade)
    return found


def in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows by subject, hip, time and reader."""
    return tuple(sorted(rows, key=_place))


def _place(row: Row) -> tuple[Any, ...]:
    undated = row["study_day"] is None
    when = (undated, row["study_day"] or 0, row["study_id"])
    names = itemgetter("reader_type", "reader_id", "read_no")(row)
    return (row["subject_id"], row["hip_side"] != "right", *when, *names)


def _notes(readings: Sequence[HipReading]) -> Iterator[str]:
    """What a reader of the rows must know of how they came about."""
    unnamed = {r.study_id for r in readings if not r.patient.patient_id.strip()}
    if unnamed:
        yield f"{_studies(unnamed)} without a patient ID: each is taken as a subject of its own"
    undated = {r.study_id for r in readings if r.study_date is None}
    if undated:
        yield f"{_studies(undated)} without a date: not placed in time"
    issuers = _grouped(readings, lambda reading: reading.patient.patient_id.strip())
    both = sum(
        {bool(r.patient.issuer.strip()) for r in own} == {True, False}
        for patient_id, own in issuers.items()
        if patient_id
    )
    if both:
        are = "ID is" if both == 1 else "IDs are"
        yield f"{both} patient {are} there with and without an issuer: taken as different subjects"


def _studies(ids: set[str]) -> str:
    return "1 study" if len(ids) == 1 else f"{len(ids)} studies"
