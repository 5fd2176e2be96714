"""What only shows when all readings of a cohort are there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.cohort.columns import Row, Window
from hosr.cohort.readings import HipReading
from hosr.cohort.rows import CohortRows, make_rows
from hosr.errors import Fault
from hosr.findings import Algorithm, IndexEvent, Observer, Person
from hosr.vocabulary.terms import Event, Side
from tests.cohort.reports import ADA, BEN, MODEL, altered, readings_of

THA = IndexEvent(
    procedure=Event.TOTAL_HIP_ARTHROPLASTY, side=Side.RIGHT, date=dt.date(2024, 10, 15)
)
UNDATED = replace(THA, date=None)
REVISION = IndexEvent(
    procedure=Event.REVISION_HIP_ARTHROPLASTY, side=Side.RIGHT, date=dt.date(2025, 6, 1)
)
TRAUMA = IndexEvent(procedure=Event.TRAUMA, date=dt.date(2024, 10, 15))
NOON = dt.datetime(2038, 6, 1, 12, tzinfo=dt.UTC)


def reading(
    date: str,
    observer: Observer = ADA,
    event: IndexEvent | None = THA,
    *,
    graded_at: dt.datetime = NOON,
    brooker: str = "II",
    patient: Mapping[str, str] | None = None,
) -> HipReading:
    """A right hip as it was seen on a date, as hosr encodes and decodes it."""
    report = altered(
        "follow-up-2",
        patient=patient,
        study={"date": date, "study_instance_uid": f"1.2.{date or 0}"},
        observer=observer,
        graded_at=graded_at,
        event=event,
        hip={"source_grades": (("brooker", (brooker,)),)},
    )
    (found,) = readings_of(report)
    return replace(found, place=f"{date} {brooker}.dcm")


def told(rows: Sequence[Row], *columns: str) -> list[tuple[object, ...]]:
    """These columns of each row."""
    return [tuple(row[column] for column in columns) for row in rows]


def test_a_course_is_told_in_days_and_windows() -> None:
    """Days count from the first study and from the operation; windows give the names."""
    dates = ("20241001", "20241020", "20250116", "20260120", "20380101")
    rows = make_rows([reading(d, event=THA if d > "20241015" else None) for d in dates]).rows
    assert told(rows, "study_date", "study_day", "days_since_index", "time_point") == [
        ("2024-10-01", 0, -14, "preoperative"),
        ("2024-10-20", 19, 5, "postoperative"),
        ("2025-01-16", 107, 93, "3 months"),
        ("2026-01-20", 476, 462, "1 year"),
        ("2038-01-01", 4840, 4826, "outside the windows"),
    ]


def test_windows_of_the_user_go_before() -> None:
    """A day that no window holds is outside."""
    windows = (Window("early", 80, 100), Window("late", 400, 500))
    dates = ("20250116", "20250601", "20260120")
    rows = make_rows([reading(date) for date in dates], windows).rows
    assert [row["time_point"] for row in rows] == ["early", "outside the windows", "late"]


def test_without_an_index_date_visits_are_counted() -> None:
    """All readings of one date are of one visit; what has no date is not placed in time."""
    dates = ("20250116", "20260120", "20260120", "")
    observers = (ADA, ADA, BEN, ADA)
    given = [reading(d, o, event=None) for d, o in zip(dates, observers, strict=True)]
    found = make_rows([*given, reading("20270101", event=UNDATED)])
    assert told(found.rows, "study_day", "time_point", "index_event", "reader_id") == [
        (0, "visit 1", None, "Ada^Test"),
        (369, "visit 2", None, "Ada^Test"),
        (369, "visit 2", None, "Ben^Test"),
        (715, "visit 3", "total_hip_arthroplasty", "Ada^Test"),
        (None, "undated", None, "Ada^Test"),
    ]
    assert found.notes == ("1 study without a date: not placed in time",)


@pytest.mark.parametrize(
    ("event", "cells"),
    [
        (None, (None, None, None, None, "visit 1")),
        (
            THA,
            ("total_hip_arthroplasty", "2024-10-15", 93, "total_hip_arthroplasty", "3 months"),
        ),
        (UNDATED, ("total_hip_arthroplasty", None, None, "total_hip_arthroplasty", "visit 1")),
        (TRAUMA, ("trauma", "2024-10-15", 93, None, "3 months")),
        (replace(THA, side=Side.LEFT), (None, None, None, None, "visit 1")),
    ],
)
def test_an_index_event_is_that_of_the_hip(
    event: IndexEvent | None, cells: tuple[object, ...]
) -> None:
    """An event of the other side is none; an injury is no operation."""
    rows = make_rows([reading("20250116", event=event)]).rows
    columns = ("index_event", "index_date", "days_since_index", "procedure", "time_point")
    assert told(rows, *columns) == [cells]


def test_an_index_event_that_one_reader_names_holds_for_all() -> None:
    """Whose source names none has the last of the same hip before the study, or the next after."""
    given = [
        reading("20241001", MODEL, event=None),
        reading("20250116", ADA, event=THA),
        reading("20250116", MODEL, event=None),
        reading("20260120", ADA, event=REVISION),
        reading("20260120", MODEL, event=None),
    ]
    rows = make_rows(given).rows
    assert told(rows, "study_date", "reader_type", "index_date", "time_point") == [
        ("2024-10-01", "algorithm", "2024-10-15", "preoperative"),
        ("2025-01-16", "algorithm", "2024-10-15", "3 months"),
        ("2025-01-16", "person", "2024-10-15", "3 months"),
        ("2026-01-20", "algorithm", "2025-06-01", "6 months"),
        ("2026-01-20", "person", "2025-06-01", "6 months"),
    ]


def test_a_date_that_one_reader_leaves_out_is_that_of_the_same_operation() -> None:
    """Another operation lends no date, and neither does one after the study."""
    given = [
        reading("20250116", ADA, event=UNDATED),
        reading("20250116", BEN, event=replace(REVISION, date=None)),
        reading("20260120", MODEL, event=REVISION),
        reading("20260120", BEN, event=THA),
    ]
    rows = make_rows(given).rows
    columns = ("study_date", "reader_id", "index_event", "index_date")
    assert told(rows, *columns) == [
        ("2025-01-16", "Ada^Test", "total_hip_arthroplasty", "2024-10-15"),
        ("2025-01-16", "Ben^Test", "revision_hip_arthroplasty", None),
        ("2026-01-20", "Model 2.0", "revision_hip_arthroplasty", "2025-06-01"),
        ("2026-01-20", "Ben^Test", "total_hip_arthroplasty", "2024-10-15"),
    ]


def test_a_baseline_is_of_the_same_reader_and_event() -> None:
    """It is the first grade within 30 days after the event; without one there is none."""
    given = [
        reading("20241001", event=None, brooker="IV"),
        reading("20241020", brooker="I"),
        reading("20241101", brooker="II"),
        reading("20260120", brooker="III"),
        reading("20260120", BEN, brooker="III"),
        reading("20270120", event=REVISION, brooker="III"),
    ]
    rows = make_rows(given).rows
    assert told(rows, "study_date", "reader_id", "baseline_postop_grade") == [
        ("2024-10-01", "Ada^Test", "I"),
        ("2024-10-20", "Ada^Test", "I"),
        ("2024-11-01", "Ada^Test", "I"),
        ("2026-01-20", "Ada^Test", "I"),
        ("2026-01-20", "Ben^Test", None),
        ("2027-01-20", "Ada^Test", None),
    ]


def test_readings_of_one_reader_are_numbered_by_time() -> None:
    """Each reader, and each version of a model, is numbered alone."""
    later = NOON + dt.timedelta(hours=1)
    newer = Algorithm(name="Model", version="2.1")
    given = [
        reading("20250116", ADA, graded_at=later, brooker="II"),
        reading("20250116", ADA, brooker="I"),
        reading("20250116", MODEL),
        reading("20250116", newer),
    ]
    rows = make_rows(given).rows
    assert told(rows, "reader_id", "reader_version", "read_no", "brooker") == [
        ("Model 2.0", "2.0", 1, "II"),
        ("Model 2.1", "2.1", 1, "II"),
        ("Ada^Test", None, 1, "I"),
        ("Ada^Test", None, 2, "II"),
    ]


@pytest.mark.parametrize(
    ("observers", "names"),
    [
        ((Person(name="Ada^Test^^"), Person(name="ADA^Test")), {"ADA^Test"}),
        ((Person(name="Ada^Test", organization="North"), ADA), {"Ada^Test"}),
        (
            (
                Person(name="Ada^Test", organization="North"),
                Person(name="Ada^Test", organization="South"),
                ADA,
            ),
            {"Ada^Test", "Ada^Test (North)", "Ada^Test (South)"},
        ),
        (
            (MODEL, Algorithm(name="Model", version="2.0", parameters=(("threshold", "0.3"),))),
            {"Model 2.0 [1]", "Model 2.0 [2]"},
        ),
    ],
)
def test_one_name_is_one_reader_unless_told_apart(
    observers: tuple[Observer, ...], names: set[str]
) -> None:
    """Persons are told apart by organization, models by anything in which they differ."""
    times = [NOON + dt.timedelta(hours=hour) for hour in range(len(observers))]
    given = [
        reading("20250116", each, graded_at=time)
        for each, time in zip(observers, times, strict=True)
    ]
    assert {row["reader_id"] for row in make_rows(given).rows} == names


def test_the_same_content_twice_is_one_row() -> None:
    """A report that was made again, such as under another profile, says nothing more."""
    once = reading("20250116")
    again = replace(once, cells={**once.cells, "sr_sop_instance_uid": "2.25.9"}, place="again.dcm")
    assert make_rows([again, once]) == make_rows([once])


def test_one_reader_at_one_moment_says_one_thing() -> None:
    """Two gradings of one hip at one time are both left out, with a fault."""
    given = [reading("20250116", brooker="I"), reading("20250116", brooker="II")]
    other = reading("20250116", BEN, brooker="II")
    found = make_rows([*given, other])
    assert told(found.rows, "reader_id", "brooker") == [("Ben^Test", "II")]
    assert found.faults == (
        Fault(
            "20250116 II.dcm",
            "says otherwise than 20250116 I.dcm, for the same hip, reader and moment",
            "keep the one that holds, or give each its own time; neither was used",
        ),
    )


@pytest.mark.parametrize(
    ("one", "other", "shows"),
    [
        ({"name": "A^B", "birth_date": ""}, {"name": "C^D"}, "another name"),
        ({"name": "A^B"}, {"name": "C^D", "birth_date": ""}, "another name"),
        (
            {"name": "A^B", "birth_date": "19000101"},
            {"name": "C^D", "birth_date": "19000101"},
            "another name",
        ),
        ({"name": "A^B", "sex": "F"}, {"name": "A^B", "sex": "M"}, "another sex"),
        ({"birth_date": "19500101"}, {"birth_date": "19500102"}, "another date of birth"),
    ],
)
def test_two_patients_under_one_id_are_both_left_out(
    one: dict[str, str], other: dict[str, str], shows: str
) -> None:
    """Another name or date of birth shows it; nothing of either is told."""
    given = [reading("20250116", patient=one), reading("20260120", patient=other)]
    found = make_rows([*given, reading("20250117", patient={"patient_id": "P2"})])
    assert told(found.rows, "subject_id") == [("P2",)]
    assert found.faults == (
        Fault(
            "20260120 II.dcm",
            f"has the patient ID of 20250116 II.dcm, but {shows}",
            "give each patient an ID of their own; no report of this ID was used",
        ),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "A^B"}, {"name": "a^b^^"}),
        ({"name": "A^B"}, {"name": ""}),
        ({"birth_date": ""}, {"birth_date": "19500102"}),
        ({"name": "A^B=甲^乙"}, {"name": "A^B"}),
    ],
)
def test_what_is_left_out_or_written_otherwise_is_no_other_person(
    one: dict[str, str], other: dict[str, str]
) -> None:
    """Case, empty components and missing values tell nothing apart."""
    found = make_rows([reading("20250116", patient=one), reading("20260120", patient=other)])
    assert (len(found.rows), found.faults) == (2, ())


def test_a_new_name_with_the_same_date_of_birth_is_one_person() -> None:
    """People marry, and names are written otherwise; it is told how many such there are."""
    names = ("Rossi^Maria", "Bianchi^Maria^^Dr.", "Bianchi Rossi^Maria")
    dates = ("20250116", "20260120", "20260121")
    given = [reading(date, patient={"name": name}) for date, name in zip(dates, names, strict=True)]
    found = make_rows(given)
    assert (len(found.rows), found.faults) == (3, ())
    assert (
        "1 patient ID has more than one name, but one date of birth: taken as one person"
        in found.notes
    )


@pytest.mark.parametrize(
    "word", ["ANONYMOUS", "NA", "#N/A", "null", "0", "0000", "XXX", "Unbekannt", " "]
)
def test_a_word_for_nobody_is_no_patient(word: str) -> None:
    """What programs write for a patient whom they do not name makes no two studies one person's."""
    given = [reading(date, patient={"patient_id": word}) for date in ("20250116", "20260120")]
    found = make_rows(given)
    assert told(found.rows, "subject_id") == [("study 1.2.20250116",), ("study 1.2.20260120",)]
    assert found.faults == ()
    assert f"{word.strip()}: not taken for patient IDs" in found.notes or not word.strip()
    assert "2 studies without a patient ID: each is taken as a subject of its own" in found.notes


@pytest.mark.parametrize("word", ["100", "X1", "ANON-7", "P0"])
def test_an_id_that_looks_odd_is_one(word: str) -> None:
    """An ID is taken as it is, as long as it names somebody."""
    given = [reading(date, patient={"patient_id": word}) for date in ("20250116", "20260120")]
    assert told(make_rows(given).rows, "subject_id") == [(word,), (word,)]


def test_one_study_of_two_patients_puts_both_in_doubt() -> None:
    """A study has one patient."""
    given = [
        reading("20250116", patient={"patient_id": "P1"}),
        reading("20250116", BEN, patient={"patient_id": "P2"}),
    ]
    found = make_rows(given)
    assert found.rows == ()
    assert found.faults == (
        Fault(
            "20250116 II.dcm",
            "is of the same study as 20250116 II.dcm, but of another patient ID",
            "correct the study or the patient; no report of either patient was used",
        ),
    )


@pytest.mark.parametrize(
    ("one", "other", "is_noted"),
    [
        ({"patient_id": "0012"}, {"patient_id": "12"}, True),
        ({"patient_id": "ab 7"}, {"patient_id": "AB7"}, True),
        ({"patient_id": "0012"}, {"patient_id": "120"}, False),
        ({"patient_id": "1-12"}, {"patient_id": "11-2"}, False),
        ({"patient_id": "0012", "issuer": "North"}, {"patient_id": "12"}, False),
        (
            {"patient_id": "0012", "birth_date": "19500102"},
            {"patient_id": "12", "birth_date": "19510102"},
            False,
        ),
    ],
)
def test_ids_that_a_spreadsheet_may_have_changed_are_told(
    one: dict[str, str], other: dict[str, str], *, is_noted: bool
) -> None:
    """They stay two subjects, and whoever reads the rows is asked; not where they are two persons."""
    plain = {"issuer": "", "birth_date": "", "name": ""}
    given = [
        reading("20250116", patient=plain | one),
        reading("20260120", patient=plain | other),
    ]
    found = make_rows(given)
    assert len(set(told(found.rows, "subject_id"))) == 2
    problem = (
        "1 patient ID is there in several spellings (leading zeros, capitals, spaces): taken as "
        "different subjects; spell each in one way if they are one person"
    )
    assert found.notes == ((problem,) if is_noted else ())


def test_only_the_id_and_its_issuer_tell_who_a_subject_is() -> None:
    """Without an ID each study is a subject; an ID of two issuers is two."""
    given = [
        reading("20250116", patient={"patient_id": ""}),
        reading("20260120", patient={"patient_id": ""}),
        reading("20250117", patient={"patient_id": "P1", "issuer": "North"}),
        reading("20250118", patient={"patient_id": "P1", "issuer": ""}),
    ]
    found = make_rows(given)
    assert told(found.rows, "subject_id") == [
        ("P1",),
        ("P1^^^North",),
        ("study 1.2.20250116",),
        ("study 1.2.20260120",),
    ]
    assert found.notes == (
        "2 studies without a patient ID: each is taken as a subject of its own",
        "1 patient ID is there with and without an issuer: taken as different subjects",
    )


def test_it_is_told_how_many_have_della_valle_by_brooker_alone() -> None:
    """And how many Brooker leaves open; what was graded, or has no Brooker either, is not in it."""
    cells = [("B", None), ("C", None), ("A|B", None), ("A|B", None), ("B", "B|C"), (None, None)]
    given = [reading(f"2025011{number}") for number in range(len(cells))]
    given = [
        replace(one, cells={**one.cells, "della_valle_by_brooker": by, "della_valle_possible": own})
        for one, (by, own) in zip(given, cells, strict=True)
    ]
    derived = "Della Valle was not graded in {}; Brooker alone gives it in {}: column {}"
    column = "della_valle_by_brooker"
    assert make_rows(given).notes == (
        derived.format("4 readings", "2 and leaves 2 open (A or B)", column),
    )
    assert make_rows(given[:1]).notes == (derived.format("1 reading", "1", column),)
    assert make_rows(given[4:]).notes == ()


@cache
def mixed() -> tuple[HipReading, ...]:
    """Readings with everything that depends on others."""
    return (
        reading("20241020", brooker="I"),
        reading("20250116", MODEL, event=None),
        reading("20250116", brooker="I", graded_at=NOON - dt.timedelta(days=1)),
        reading("20250116"),
        reading("20260120", BEN),
        reading("20260121", patient={"patient_id": "P2"}),
        reading("20260122", patient={"patient_id": "P3", "name": "A^B"}),
        reading("20260123", patient={"patient_id": "P3", "name": "C^D"}),
        reading("20260124", brooker="I"),
        reading("20260124", brooker="II"),
    )


@cache
def in_one_order() -> CohortRows:
    """The rows of these."""
    return make_rows(mixed())


@given(order=st.permutations(range(10)))
def test_the_order_of_reports_is_no_matter(order: list[int]) -> None:
    """The same rows, faults and notes come of them in any order."""
    assert make_rows([mixed()[index] for index in order]) == in_one_order()
