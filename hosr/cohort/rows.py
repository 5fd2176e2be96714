"""The readings of a cohort as its rows: what only shows when all of them are there.

Who is one subject (the patient ID with its issuer tells, and nothing else does), where each study
stands in the course of a hip, and what was said twice.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from hosr.cohort.columns import DEFAULT_WINDOWS, Row, Window, time_point
from hosr.cohort.readings import HipReading, name_readers
from hosr.errors import Fault
from hosr.findings import Algorithm, IndexEvent, Observer
from hosr.persons import find_strangers, is_renamed
from hosr.phrases import several
from hosr.study import is_no_id
from hosr.vocabulary.terms import Event

# How long after the index event a grade is that of the baseline: hosr's own convention.
BASELINE_DAYS = 30


UNDATED = "undated"

# How it is told that another person appears.
_OTHERS = {
    "birth_date": "another date of birth",
    "sex": "another sex",
    "name": "another name",
}

_INJURIES = frozenset(
    {Event.TRAUMA, Event.SPINAL_CORD_INJURY, Event.TRAUMATIC_BRAIN_INJURY, Event.BURN}
)


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
    doubtful = _find_mix_ups(given)
    sound = [reading for reading in given if subject_of(reading) not in doubtful]
    kept, conflicts = _merge_repetitions(sound, names)
    rows: list[Row] = []
    for own in _grouped(kept, subject_of).values():
        days = _study_days(own)
        for hip in _grouped(own, lambda reading: reading.side).values():
            courses = _course_cells(hip, days, windows)
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


def _merge_repetitions(
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
    without = {
        r.study_id: r.patient.patient_id.strip() for r in readings if is_no_id(r.patient.patient_id)
    }
    words = sorted({word for word in without.values() if word})
    unnamed = set(without)
    if words:
        yield f"{several(words, ',')}: not taken for patient IDs"
    if unnamed:
        yield f"{_studies(unnamed)} without a patient ID: each is taken as a subject of its own"
    yield from _derived_notes(readings)
    undated = {r.study_id for r in readings if r.study_date is None}
    if undated:
        yield f"{_studies(undated)} without a date: not placed in time"
    issuers = _grouped(readings, lambda reading: reading.patient.patient_id.strip())
    both = sum(
        {bool(r.patient.issuer.strip()) for r in own} == {True, False}
        for patient_id, own in issuers.items()
        if not is_no_id(patient_id)
    )
    subjects = _grouped(readings, subject_of).values()
    renamed = sum(is_renamed([reading.patient for reading in own]) for own in subjects)
    if renamed:
        has = "ID has" if renamed == 1 else "IDs have"
        yield f"{renamed} patient {has} more than one name, but one date of birth: taken as one person"
    if both:
        are = "ID is" if both == 1 else "IDs are"
        yield f"{both} patient {are} there with and without an issuer: taken as different subjects"
    alike = sum(map(_may_be_one, _grouped(readings, _bare_id).values()))
    if alike:
        is_there = "ID is" if alike == 1 else "IDs are"
        yield (
            f"{alike} patient {is_there} there in several spellings (leading zeros, capitals, spaces): "
            "taken as different subjects; spell each in one way if they are one person"
        )


def _bare_id(reading: HipReading) -> tuple[str, str]:
    """A patient ID without what spreadsheets and people change in it; its study where it is none."""
    patient = reading.patient
    if is_no_id(patient.patient_id):
        return "", reading.study_id
    return "".join(patient.patient_id.casefold().split()).lstrip("0"), patient.issuer.strip()


def _may_be_one(readings: Sequence[HipReading]) -> bool:
    """Whether several subjects are one person, as far as what is known of them says."""
    subjects = {subject_of(reading) for reading in readings}
    patients = [reading.patient for reading in readings]
    return len(subjects) > 1 and not any(find_strangers(patients))


def _derived_notes(readings: Iterable[HipReading]) -> Iterator[str]:
    """How many readings have a Della Valle grade by Brooker alone, and how many are left open."""
    ungraded = [reading.cells for reading in readings if not reading.cells["della_valle_possible"]]
    left = Counter(
        str(c["della_valle_by_brooker"]) for c in ungraded if c["della_valle_by_brooker"]
    )
    if left:
        open_ = ", ".join(
            f"{count} open ({what.replace('|', ' or ')})"
            for what, count in sorted(left.items())
            if "|" in what
        )
        decided = sum(count for what, count in left.items() if "|" not in what)
        number = f"{left.total()} readings" if left.total() > 1 else "1 reading"
        yield (
            f"Della Valle was not graded in {number}; Brooker alone gives it in {decided}"
            f"{f' and leaves {open_}' if open_ else ''}: column della_valle_by_brooker"
        )


def _studies(ids: set[str]) -> str:
    return "1 study" if len(ids) == 1 else f"{len(ids)} studies"


def subject_of(reading: HipReading) -> str:
    """The patient ID, with its issuer where there is one (HL7 form); without an ID the study."""
    patient_id = reading.patient.patient_id.strip()
    issuer = reading.patient.issuer.strip()
    if is_no_id(patient_id):
        return f"study {reading.study_id}"
    return f"{patient_id}^^^{issuer}" if issuer else patient_id


def _find_mix_ups(readings: Sequence[HipReading]) -> dict[str, Fault]:
    """The subjects that are not one person for sure, each with what is wrong, told without names.

    Two patients under one ID differ by the rules of `hosr.persons`; one study of two patients puts
    both in doubt.
    """
    by_subject: dict[str, list[HipReading]] = defaultdict(list)
    by_study: dict[str, dict[str, HipReading]] = defaultdict(dict)
    for reading in sorted(readings, key=lambda reading: reading.place):
        subject = subject_of(reading)
        by_subject[subject].append(reading)
        by_study[reading.study_id].setdefault(subject, reading)
    doubtful: dict[str, Fault] = {}
    for subject, own in by_subject.items():
        strangers = next(find_strangers([reading.patient for reading in own]), None)
        if strangers is not None:
            problem = f"has the patient ID of {own[0].place}, but {_OTHERS[strangers.trait]}"
            remedy = "give each patient an ID of their own; no report of this ID was used"
            doubtful[subject] = Fault(own[strangers.others[0]].place, problem, remedy)
    for holders in by_study.values():
        if len(holders) > 1:
            first, second, *_ = holders.values()
            problem = f"is of the same study as {first.place}, but of another patient ID"
            remedy = "correct the study or the patient; no report of either patient was used"
            for subject in holders:
                doubtful.setdefault(subject, Fault(second.place, problem, remedy))
    return doubtful


def _study_days(readings: Iterable[HipReading]) -> dict[dt.date, int]:
    """Each date on which a subject was imaged, in order, with the days since the first."""
    dates = sorted({r.study_date for r in readings if r.study_date is not None})
    return {date: (date - dates[0]).days for date in dates}


def _course_cells(
    readings: Sequence[HipReading], days: dict[dt.date, int], windows: Sequence[Window]
) -> list[Row]:
    """For each reading of one hip where it stands in time; `days` are those of the subject.

    A reading whose source names no index event has the last one before its study that another
    reading of the same hip names, or else the first one after it; one that names an operation
    without its date has the date of the last such operation.
    """
    known = {r.index_event for r in readings if r.index_event is not None}
    return [_time_cells(reading, _event(reading, known), days, windows) for reading in readings]


def _event(reading: HipReading, known: Iterable[IndexEvent]) -> IndexEvent | None:
    own, study_date = reading.index_event, reading.study_date
    if study_date is None or (own is not None and own.date is not None):
        return own
    dated = sorted(
        ((e.date, e.procedure, e) for e in known if e.date is not None), key=lambda each: each[:2]
    )
    if own is not None:
        dated = [each for each in dated if each[1] is own.procedure and each[0] <= study_date]
    before = [event for date, _, event in dated if date <= study_date]
    after = [event for date, _, event in dated if date > study_date]
    return next(iter([*before[-1:], *after]), own)


def _time_cells(
    reading: HipReading,
    event: IndexEvent | None,
    days: dict[dt.date, int],
    windows: Sequence[Window],
) -> Row:
    date = reading.study_date
    index_date = None if event is None else event.date
    since = None if date is None or index_date is None else (date - index_date).days
    label = reading.cells["follow_up_label"]
    if label is None and since is None:
        label = UNDATED if date is None else f"visit {[*days].index(date) + 1}"
    operation = None if event is None or event.procedure in _INJURIES else event.procedure.value
    return {
        "study_date": None if date is None else date.isoformat(),
        "study_day": None if date is None else days[date],
        "time_point": time_point(since, windows) if label is None and since is not None else label,
        "index_event": None if event is None else event.procedure.value,
        "index_date": None if index_date is None else index_date.isoformat(),
        "days_since_index": since,
        "procedure": reading.cells["procedure"] or operation,
    }
