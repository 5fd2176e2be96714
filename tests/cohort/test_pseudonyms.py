"""Rows without identity."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from hosr.cohort.columns import COLUMNS, Row
from hosr.cohort.pseudonyms import make_pseudonyms, pseudonymise, read_key
from hosr.cohort.rows import make_rows
from hosr.errors import UsageError
from tests.cohort.reports import ADA, BARE, BEN, MODEL, altered, readings_of, sample

KEY = b"0123456789abcdef"
LATER = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


def rows(*patients: str) -> tuple[Row, ...]:
    """Two studies of each patient, read by two persons and a model."""
    reports = [
        altered(
            name,
            patient={"patient_id": patient},
            study={"study_instance_uid": f"1.2.{number}.{place}"},
            observer=observer,
        )
        for number, patient in enumerate(patients, start=1)
        for place, name in enumerate(("follow-up-1", "follow-up-2"), start=1)
        for observer in (ADA, BEN, MODEL)
    ]
    return make_rows(readings_of(*reports)).rows


def hidden(given: tuple[Row, ...], key: bytes | None = None) -> tuple[Row, ...]:
    """The rows without identity."""
    return pseudonymise(given, make_pseudonyms(given, key))


def test_only_what_identifies_is_changed() -> None:
    """Numbers stand for subjects, studies and persons; dates and UIDs are gone; the rest stays."""
    (identified,) = make_rows(readings_of(sample("brooker-3"))).rows
    (row,) = hidden((identified,))
    assert row == {
        **identified,
        "subject_id": "S0001",
        "study_id": "S0001-1",
        "study_date": None,
        "index_date": None,
        "reader_id": "R01",
        "graded_at": None,
        "image_sop_uids": None,
        "sr_sop_instance_uid": None,
    }


def test_every_column_that_identifies_is_empty_or_made_up() -> None:
    """What the table of columns says of identity is what is done."""
    made_up = {"subject_id", "study_id", "reader_id"}
    identifying = {column.name for column in COLUMNS if column.identifies} - made_up
    hip = {**BARE, "evaluable": False, "not_evaluable_reason": "Test said"}
    report = altered("brooker-3", hip=hip)
    (row,) = hidden(make_rows(readings_of(report)).rows)
    assert {name: row[name] for name in sorted(identifying) if row[name] is not None} == {
        "reason": "withheld"
    }


def test_names_hold_one_subject_study_and_person_together() -> None:
    """Rows of one subject, one study or one person have one name; a model keeps its own."""
    given = rows("P1", "P2", "P3")
    names = make_pseudonyms(given)
    assert sorted(names.subjects.values()) == ["S0001", "S0002", "S0003"]
    assert sorted(names.persons.values()) == ["R01", "R02"]
    assert names.studies == {
        (f"P{number}", f"1.2.{number}.{place}"): f"{names.subjects[f'P{number}']}-{place}"
        for number in (1, 2, 3)
        for place in (1, 2)
    }
    assert {row["reader_id"] for row in pseudonymise(given, names)} == {"R01", "R02", "Model 2.0"}


def test_the_order_of_numbers_tells_nothing_of_ids() -> None:
    """Another study among the rows gives the subjects another order, in some of several cases."""
    patients = [f"P{number}" for number in range(8)]
    given = rows(*patients)
    orders = {
        tuple(make_pseudonyms([*given, {**given[0], "study_id": f"1.9.{n}"}]).subjects.items())
        for n in range(8)
    }
    assert len(orders) > 1
    assert all(len(order) == 8 for order in orders)


def test_rows_stand_in_the_order_of_their_pseudonyms() -> None:
    """The order of the lines tells no more than the names do."""
    found = hidden(rows("P1", "P2", "P3", "P4"))
    subjects = [row["subject_id"] for row in found]
    assert subjects == sorted(subjects)


def test_the_same_rows_have_the_same_pseudonyms() -> None:
    """There is no chance in them, and the order of the rows is no matter."""
    given = rows("P1", "P2", "P3")
    assert hidden(given) == hidden(given[::-1])


def test_a_key_gives_a_patient_the_same_pseudonym_in_every_cohort() -> None:
    """Codes do not depend on who else is there, and another key gives other codes."""
    one = make_pseudonyms(rows("P1", "P2"), KEY)
    other = make_pseudonyms(rows("P1", "P3", "P4"), KEY)
    assert one.subjects["P1"] == other.subjects["P1"] == "S4GWD2H5JCQILKLZV"
    assert one.persons == other.persons
    assert one.studies["P1", "1.2.1.1"] == other.studies["P1", "1.2.1.1"]
    assert make_pseudonyms(rows("P1"), KEY[::-1]).subjects["P1"] != one.subjects["P1"]


def test_a_name_never_stands_in_what_is_printed() -> None:
    """The names that were replaced are not in the representation of a value."""
    assert repr(make_pseudonyms(rows("P1"))) == "Pseudonyms()"


def test_a_key_is_read_without_its_line_end(tmp_path: Path) -> None:
    """A key that was made with a shell has one."""
    path = tmp_path / "key"
    path.write_bytes(KEY + b"\r\n")
    path.chmod(0o600)
    assert read_key(path) == KEY


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        (KEY, 0o640, "may be read or changed by others (its mode is 0640); run `chmod 600"),
        (KEY[:-1], 0o600, "is shorter than 16 bytes; make one with `openssl rand -hex 32`"),
        (KEY[:-1] + b"\n", 0o600, "is shorter than 16 bytes"),
        (bytes(65537), 0o600, "is larger than 64 KiB"),
    ],
)
def test_a_weak_key_is_refused(tmp_path: Path, content: bytes, mode: int, message: str) -> None:
    """A key that others know or that can be tried out hides nothing."""
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(UsageError, match=re.escape(message)):
        read_key(path)


def test_a_key_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """No other key stands in for it; a folder is none."""
    with pytest.raises(UsageError, match=re.escape("cannot be read (No such file or directory)")):
        read_key(tmp_path / "key")
    with pytest.raises(UsageError, match=r"is not a file|Is a directory"):
        read_key(tmp_path)
