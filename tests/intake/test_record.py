"""The door for JSON records: what it lets in, and in which words it refuses."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hosr.errors import Fault, RecordRefused
from hosr.findings import Basis, Length, Line, Place, Plane, Polygon, Probabilities
from hosr.intake.record import Record, parse_record, read_record, record_json
from hosr.vocabulary.terms import GapClass, Side
from tests.intake.records import WHOLE, minimal

if TYPE_CHECKING:
    from pathlib import Path

    from hosr.findings import Hip

_UID = "2.25.1"
_RISING_REMEDY = (
    "the probability of at least a class never rises from class to class: correct it, or have "
    "`hosr import --repair running-minimum` take the least so far"
)
_FILE = "give a grading record as JSON"
_ANY_GAP = 'write {"mm": 8.2}, {"points": [[column, row], [column, row]]} or {"category": ">=10mm"}'
_ANY_LENGTH = 'write {"mm": 8.2} or {"points": [[column, row], [column, row]]}'
_MEASURED = "write the millimetres that were measured, or leave the length out"
_BROOKER = 'write "0", "I", "II", "III" or "IV", or a range such as "II-III"'
_INSTANT = 'write date, time and offset from UTC, such as "2026-03-02T10:15:00+01:00"'


def _read(record: Any) -> Record:
    return parse_record(json.dumps(record))


def _hip(**hip: Any) -> Hip:
    return _read(minimal(**hip)).hips[0]


def _faults(record: Any) -> tuple[Fault, ...]:
    with pytest.raises(RecordRefused, match=r"^\$") as refusal:
        _read(record)
    return refusal.value.faults


def _with(**keys: Any) -> dict[str, Any]:
    return minimal() | keys


# The key of a hip, its value, and where in the hip, what, what to do, by which rule.
_HIP_FAULTS: tuple[tuple[str, Any, str, str, str, str], ...] = (
    ("gap", "9,5", "gap", "is text, not an object", 'write {"mm": 9.5}', ""),
    ("gap", 9.5, "gap", "is a number, not an object", 'write {"mm": 9.5}', ""),
    ("gap", ">= 1 cm", "gap", "is text, not an object", 'write {"category": ">=10mm"}', ""),
    ("gap", "<1cm", "gap", "is text, not an object", 'write {"category": "<10mm"}', ""),
    ("gap", "< 5 mm", "gap", "is text, not an object", 'write {"category": "<10mm"}', ""),
    ("gap", "> 8 mm", "gap", "is text, not an object", _ANY_GAP, ""),
    ("gap", "<= 1 cm", "gap", "is text, not an object", _ANY_GAP, ""),
    ("gap", "1,250", "gap", "is text, not an object", _ANY_GAP, ""),
    ("gap", "1 cm", "gap", "is text, not an object", 'write {"mm": 10}', ""),
    ("gap", "1.0 cm", "gap", "is text, not an object", 'write {"mm": 10}', ""),
    (
        "gap",
        "ca. 10 mm",
        "gap",
        "is text, not an object",
        'write {"mm": 10}, with "uncertainty_mm" where it is known',
        "",
    ),
    ("gap", True, "gap", "is true, not an object",
     'write an object with "mm", "points", "image", "frame", "points_mm", "frame_of_reference_uid", "plane", "uncertainty_mm" or "category"', ""),
    ("gap", {"mm": "9,5"}, "gap.mm", "is text, not a number", 'write {"mm": 9.5}', ""),
    ("gap", {"mm": "10"}, "gap.mm", "is text, not a number", 'write {"mm": 10}', ""),
    ("gap", {"mm": ">= 1 cm"}, "gap.mm", "is text, not a number", 'write {"category": ">=10mm"}', ""),
    ("gap", {"mm": True}, "gap.mm", "is true, not a number", "write a number", ""),
    ("gap", {"mm": -0.1}, "gap.mm", "is -0.1, less than 0", _MEASURED, "E05"),
    ("gap", {"mm": 200.5}, "gap.mm", "is 200.5, more than 200", _MEASURED, "E05"),
    ("gap", {"mm": float("nan")}, "gap.mm", "is not a finite number", "correct it, or leave it out", "E05"),
    ("gap", {"mm": float("inf")}, "gap.mm", "is not a finite number", "correct it, or leave it out", "E05"),
    ("gap", {"mm": 10**400}, "gap.mm", "is not a finite number", "correct it, or leave it out", "E05"),
    ("gap", {}, "gap", "holds no length",
     _ANY_GAP, ""),
    ("gap", {"mm": 8, "points": [[1, 2], [3, 4]]}, "gap", "is given twice, in millimetres and by points",
     'keep "mm" or "points"', ""),
    ("gap", {"mm": 8, "image": _UID}, "gap.image", "is given without points",
     'give the points, or name the image beside "side"', ""),
    ("gap", {"points": [[1, 2], [1, 2]]}, "gap.points", "marks the same point twice", "mark both ends", "E05"),
    ("gap", {"points": [[1, 2]]}, "gap.points", "has 1 of at least 2 entries", "add what is missing", ""),
    ("gap", {"points": [[1, 2], [3, 4], [5, 6]]}, "gap.points", "has more than 2 entries",
     "remove what is too much", ""),
    ("gap", {"points": [[1, 2], [3, "4,5"]]}, "gap.points[1][1]", "is text, not a number",
     "write 4.5, without quotes", ""),
    ("gap", {"points": [[1, 2], [3, 70000]]}, "gap.points[1][1]", "is 70000, more than 65535",
     "correct the number", ""),
    ("gap", {"points": [[1, 2], [3, 4]], "image": "here"}, "gap.image", "is not a DICOM UID",
     "copy it from the image header: numbers joined by dots, at most 64 characters", ""),
    ("gap", {"points": [[1, 2], [3, 4]], "image": [_UID, ""]}, "gap.image[1]", "is not a DICOM UID",
     "copy it from the image header: numbers joined by dots, at most 64 characters", ""),
    ("gap", {"points": [[1, 2], [3, 4]], "frame": 0}, "gap.frame", "is 0, less than 1", "correct the number", ""),
    ("gap", {"points": [[1, 2], [3, 4]], "frame": 1.5}, "gap.frame", "is not a whole number",
     "write a whole number", ""),
    ("gap", {"category": ">10mm"}, "gap.category", 'is ">10mm", which is no word of the record',
     'write ">=10mm" or "<10mm"', ""),
    ("islands", [{"length": "ca. 1 cm"}], "islands[0].length", "is text, not an object",
     'write {"mm": 10}, with "uncertainty_mm" where it is known', ""),
    ("islands", [{"length": ">1cm"}], "islands[0].length", "is text, not an object", _ANY_LENGTH, ""),
    ("islands", [{"length": {"mm": 0}}], "islands[0].length.mm", "is 0, not more than 0", _MEASURED, "E05"),
    ("islands", [{"length": {"mm": 8, "category": "<10mm"}}], "islands[0].length.category",
     "is an unknown key", "give millimetres or points; a category is for gaps only", ""),
    ("islands", [{"region": {"polygon": [[1, 1], [2, 2], [1, 1]]}}], "islands[0].region.polygon",
     "has fewer than three different corners", "outline the region", ""),
    ("islands", 2, "islands", "is a number, not a list", "write it in brackets", ""),
    ("spurs", {"pelvis": "yes"}, "spurs.pelvis", "is text, not true or false",
     "write true or false, without quotes", ""),
    ("spurs", True, "spurs", "is true, not an object", 'write an object with "pelvis" or "femur"', ""),
    ("side", "bilateral", "side", 'is "bilateral", but a grade is for one hip',
     'write one entry for each hip, "side": "right" and "side": "left"', "E09"),
    ("side", "B", "side", 'is "B", but a grade is for one hip',
     'write one entry for each hip, "side": "right" and "side": "left"', "E09"),
    ("side", "L", "side", 'is "L", which is no word of the record', 'write "left"', "E09"),
    ("joint", "elbow", "joint", 'is "elbow", not the hip', "record hips only; the scales are for no other joint", "E10"),
    ("evaluable", False, "not_evaluable_reason", "is missing, but the hip is not evaluable", "say why it is not", ""),
    ("not_evaluable_reason", "rotated", "not_evaluable_reason", "is given, but the hip is evaluable",
     'write "evaluable": false, or remove the reason', ""),
    ("presence", "yes", "presence", 'is "yes", which is no word of the record',
     'write "present", "absent" or "indeterminate"', ""),
    ("bridging", False, "bridging", "is false, not a word", 'write "none", "apparent" or "confirmed"', ""),
    ("stage", "Mature", "stage", 'is "Mature", which is no word of the record',
     'write "maturation", "early", "delayed" or "mineralization"', ""),
    ("features", ["xr_mat_cortex"], "features[0]", 'is "xr_mat_cortex", which is no word of the record',
     (
         'write "XR_MAT_CORTEX", "CT_MAT_PERIPHERAL_CORTEX", "MR_MAT_T2_PERSISTENT", "MR_MAT_T1_LOW_RIM", '
         '"XR_MIN_CENTRAL", "XR_MIN_DISORGANISED" or another of the 25 in the schema'
     ), ""),
    ("features", ["XR_MAT_CORTEX", "XR_MAT_CORTEX"], "features", "lists a word twice", "list each word once", ""),
    ("grades", {"brooker": 5}, "grades.brooker", "is 5, which is no Brooker grade", _BROOKER, "E13"),
    ("grades", {"brooker": "V"}, "grades.brooker", 'is "V", which is no Brooker grade', _BROOKER, "E13"),
    ("grades", {"brooker": True}, "grades.brooker", "is true, which is no Brooker grade", _BROOKER, "E13"),
    ("grades", {"brooker": "Brooker II"}, "grades.brooker", 'is "Brooker II", which is no Brooker grade', _BROOKER, "E13"),
    ("grades", {"della_valle": "D"}, "grades.della_valle", 'is "D", which is no Della Valle grade',
     'write "A", "B" or "C", or a range such as "A-B"', "E13"),
    ("grades", {"broker": 2}, "grades.broker", "is an unknown key", 'write "brooker", if that is meant, or remove it', ""),
    ("grades", {"arcq": 2}, "grades.arcq", "is an unknown key",
     'remove it; the keys here are "brooker", "simplified_biplanar" or "della_valle"', ""),
    ("grade", 2, "grade", "is an unknown key", 'name the scale: "grades": {"brooker": "II"}', "E13"),
    ("probabilities", {"brooker": {"V": 1}}, "probabilities.brooker.V", "is no Brooker class",
     'the classes are "0", "I", "II", "III" or "IV"', "E14"),
    ("probabilities", {"brooker": {"I": 0.5}}, "probabilities.brooker", "adds up to 0.5, not to 1",
     "give the probability of every class", "E14"),
    ("probabilities", {"brooker": {"I": 1.1, "II": -0.1}}, "probabilities.brooker.I", "is 1.1, more than 1",
     "correct the number", "E14"),
    ("probabilities", {"brooker": {"I": 0.5, "1": 0.5}}, "probabilities.brooker",
     'has two scores for the class "I"', "keep one of them", "E14"),
    ("cumulative", {"brooker": {"I": 0.98, "II": 0.91, "III": 0.62, "IV": 0.66}}, "cumulative.brooker",
     'falls and rises: "IV" 0.66 after "III" 0.62', _RISING_REMEDY, "E14"),
    ("cumulative", {"brooker": {"1": 0.5, "2": 0.6, "3": 0.4, "4": 0.5}}, "cumulative.brooker",
     'falls and rises: "II" 0.6 after "I" 0.5, "IV" 0.5 after "III" 0.4', _RISING_REMEDY, "E14"),
    ("cumulative", {"brooker": {"I": 0.98, "III": 0.62}}, "cumulative.brooker", 'lacks "II", "IV"',
     'give the probability of at least each of "I", "II", "III", "IV"', "E14"),
    ("cumulative", {"della_valle": {"A": 0.9, "B": 0.5, "C": 0.1}}, "cumulative.della_valle",
     'gives 0.9 to at least "A", which every hip is',
     "name a probability of more than a class by the next class", "E14"),
    ("cumulative", {"brooker": {"I": 1.2}}, "cumulative.brooker.I", "is 1.2, more than 1", "correct the number", "E14"),
    ("cumulative", {"brooker": {"V": 1}}, "cumulative.brooker.V", "is no Brooker class",
     'the classes are "0", "I", "II", "III" or "IV"', "E14"),
    ("calibration", {"points": [[1, 2], [3, 4]]}, "calibration.true_mm", "is missing", 'add "true_mm": 32', ""),
    ("comment", "x" * 1025, "comment", "is longer than 1024 characters", "shorten it", ""),
    ("comment", "a\x00b", "comment", "holds a control character or half of a surrogate pair",
     "remove it; line breaks and tabs may stay", ""),
    ("comment", "Brooker \u202eVI", "comment", "holds a control character or half of a surrogate pair",
     "remove it; line breaks and tabs may stay", ""),
    ("comment", "\ud800", "comment", "holds a control character or half of a surrogate pair",
     "remove it; line breaks and tabs may stay", ""),
    ("comments", "x", "comments", "is an unknown key", 'write "comment", if that is meant, or remove it', ""),
)  # fmt: skip


@pytest.mark.parametrize(("key", "value", "place", "problem", "remedy", "rule"), _HIP_FAULTS)
def test_a_wrong_value_of_a_hip_is_named(
    key: str, value: Any, place: str, problem: str, remedy: str, rule: str
) -> None:
    """What is wrong at a hip is refused with its path, the problem, the remedy and the rule."""
    first, *_ = _faults(minimal(**{key: value}))
    assert first == Fault(f"$.hips[0].{place}", problem, remedy, rule)


_RECORD_FAULTS: tuple[tuple[Any, str, str, str, str], ...] = (
    (_with(schema_version="2.0"), "$.schema_version", 'is "2.0", which this program cannot read',
     'write "schema_version": "1.1", in quotes', ""),
    (_with(schema_version=1.0), "$.schema_version", "is a number, which this program cannot read",
     'write "schema_version": "1.1", in quotes', ""),
    (_with(graded_at="2026-03-02T10:15:00"), "$.graded_at", "has no offset from UTC", _INSTANT, ""),
    (_with(graded_at="2.3.2026"), "$.graded_at", "is not an ISO 8601 date and time", _INSTANT, ""),
    (_with(graded_at=20260302), "$.graded_at", "is a number, not a time in quotes", _INSTANT, ""),
    (_with(graded_at="0026-03-02T10:15:00Z"), "$.graded_at", "is in the year 26", "correct the year", ""),
    (_with(graded_at="2026-03-02T10:15:00+23:00"), "$.graded_at",
     "has an offset from UTC that no place has", _INSTANT, ""),
    (_with(observer={"name": "Rossi"}), "$.observer", "has no type",
     'write "type": "person" or "type": "algorithm"', ""),
    (_with(observer={"type": "robot"}), "$.observer", 'has the type "robot"',
     'write "type": "person" or "type": "algorithm"', ""),
    (_with(observer={"type": "person"}), "$.observer.name", "is missing", 'add "name": "Rossi^Maria"', ""),
    (_with(observer={"type": "person", "name": "A" * 65}), "$.observer.name",
     "is longer than 64 characters", "shorten it", ""),
    (_with(observer={"type": "person", "name": "A^B^C^D^E^F"}), "$.observer.name",
     'has more parts than a DICOM person name: three groups ("="), five components ("^")',
     'write "Family^Given"', ""),
    (_with(observer={"type": "person", "name": "A\\B"}), "$.observer.name",
     "holds a line break, tab or backslash", "write it on one line without them", ""),
    (_with(observer={"type": "algorithm", "name": "x", "version": "1", "parameters": {"a": []}}),
     "$.observer.parameters.a", "is a list", "write text, a number, true or false", ""),
    (_with(study={"patient_name": "x"}), "$.study.patient_name", "is an unknown key",
     "remove it; identity comes from the image headers", ""),
    (_with(study={"patient_id": 17}), "$.study.patient_id", "is a number, not text", "write it in quotes", ""),
    (_with(study={"accession_number": ""}), "$.study.accession_number", "is empty",
     "fill it in, or leave the key out", ""),
    (_with(context={"index_event": {"procedure": "trauma", "date": "2025-02-30"}}),
     "$.context.index_event.date", "is a day that no calendar has",
     'write year, month and day, such as "2025-09-01"', ""),
    (_with(context={"causes": "burn"}), "$.context.causes", "is text, not a list", "write it in brackets", ""),
    (_with(view="AP"), "$.view", 'is "AP", which is no word of the record',
     'write "ap_hip", "ap_pelvis", "lateral", "oblique", "ct" or "mr"', ""),
    (_with(schema_version="1.1", incomplete=" \n "), "$.incomplete", "is empty",
     "fill it in, or leave the key out", ""),
    (_with(schema_version="1.1", overrides=[{"side": "right", "reason": "  "}]), "$.overrides[0].reason",
     "is empty", "fill it in, or leave the key out", ""),
    (_with(hips=[]), "$.hips", "has 0 of at least 1 entries", "add what is missing", ""),
    (_with(hips=[{"side": "left"}] * 2), "$.hips[1].side", 'is "left", as in hips[0]', "give each side once", "E09"),
    (_with(hips=[{}]), "$.hips[0].side", "is missing", 'add "side": "right" or "side": "left"', "E09"),
    ([], "$", "is a list, not an object",
     'write an object with "schema_version", "graded_at", "study", "observer", "context", "view", "conclusion", "incomplete", "overrides" or "hips"', ""),
    (_with(**{"a b": 1}), '$["a b"]', "is an unknown key",
     'remove it; the keys here are "graded_at", "schema_version", "observer", "study", "context", "view", "conclusion", "incomplete", "overrides" or "hips"', ""),
)  # fmt: skip


@pytest.mark.parametrize(("record", "path", "problem", "remedy", "rule"), _RECORD_FAULTS)
def test_a_wrong_value_of_the_record_is_named(
    record: Any, path: str, problem: str, remedy: str, rule: str
) -> None:
    """What is wrong outside the hips is refused with its path, the problem and the remedy."""
    first, *_ = _faults(record)
    assert first == Fault(path, problem, remedy, rule)


def test_all_faults_come_at_once() -> None:
    """A record with many faults names them all, in single keys and between keys."""
    hips = [
        {"side": "right", "gap": {"mm": -1}, "grade": 2},
        {"side": "right", "evaluable": False},
    ]
    record = {"schema_version": "1.0", "graded_at": "today", "hips": hips}
    assert [(fault.path, fault.rule) for fault in _faults(record)] == [
        ("$.graded_at", ""),
        ("$.observer", ""),
        ("$.hips[0].gap.mm", "E05"),
        ("$.hips[0].grade", "E13"),
        ("$.hips[1].side", "E09"),
        ("$.hips[1].not_evaluable_reason", ""),
    ]


def test_a_flood_of_faults_is_cut_short() -> None:
    """More than a hundred faults are counted, not listed."""
    record = minimal(islands=[{"x": index} for index in range(100)], gap=1, spurs=2)
    faults = _faults(record)
    assert len(faults) == 101
    assert faults[-1] == Fault("$", "has 2 more faults")


@pytest.mark.parametrize("hostile", ["ca." + " " * 10**6, "1/" * 10**6, "9" * 10**6])
def test_a_hostile_text_is_refused_without_delay(hostile: str) -> None:
    """No text makes a pattern search without end; a fault stays short."""
    hip = {"gap": hostile, "side": hostile, "grades": {"brooker": hostile}, hostile: 1}
    assert all(len(str(fault)) < 400 for fault in _faults(minimal(**hip)))


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("Brooker III, right hip", "is not JSON (line 1, column 1: expecting value)", _FILE),
        ('{"a": 1', "is not JSON (line 1, column 8: expecting ',' delimiter)", _FILE),
        ("", "is empty", _FILE),
        ("\ufeff \n", "is empty", _FILE),
        ("[" * 100_000, "is nested too deeply", "give a grading record as the schema has it"),
        ('{"a":' * 40 + "1" + "}" * 40, "is nested too deeply", "give a grading record as the schema has it"),
        ("9" * 5000, "holds a number of thousands of digits", "correct it"),
        (b"\xff\xfe{\x00}\x00", "is not UTF-8 text", "save it as UTF-8"),
        (b"\0" * 128 + b"DICM", "is a DICOM file, not a record", _FILE),
        (b"<html>", "is XML or HTML, not a record", _FILE),
        (b"PK\x03\x04", "is a ZIP or office file, not a record", _FILE),
        ('"a\x00b"', "is not JSON (line 1, column 3: invalid control character at)", _FILE),
        (" " * (16 * 1024 * 1024 + 1), "is larger than 16 MiB", "a record holds one study; split it"),
        (json.dumps([0] * 250_001), "holds more than 250000 values", "split it"),
    ],
    ids=lambda value: repr(value[:24]),
)  # fmt: skip
def test_what_is_no_record_at_all_is_refused_in_one_line(
    text: str | bytes, problem: str, remedy: str
) -> None:
    """A file that is no JSON, or no bearable JSON, is one fault with the name of the file."""
    with pytest.raises(RecordRefused, match=re.escape(problem)) as refusal:
        parse_record(text, "case.json")
    assert refusal.value.faults == (Fault("case.json", problem, remedy),)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"view": "ct", "view": "mr"}', "$.view"),
        ('{"hips": [{"gap": {"mm": 8, "mm": 12}}]}', "$.hips[0].gap.mm"),
    ],
)
def test_a_key_given_twice_is_refused(text: str, path: str) -> None:
    """Which of two values for one key is meant, nobody can know."""
    with pytest.raises(RecordRefused, match="is given more than once") as refusal:
        parse_record(text)
    assert refusal.value.faults[0] == Fault(path, "is given more than once", "keep one of them")


def test_a_byte_order_mark_is_no_fault() -> None:
    """Programs that write UTF-8 with a mark before it are understood."""
    text = json.dumps(minimal())
    assert parse_record(b"\xef\xbb\xbf" + text.encode()) == parse_record(text)


def test_a_refusal_repeats_no_free_text() -> None:
    """Names, identifiers and comments do not come back in a fault."""
    record = minimal(comment="Secret\x00")
    record["observer"]["name"] = "Secret\\Name" * 50
    record["study"] = {"patient_id": "Secret" * 50, "study_instance_uid": "Secret"}
    assert len(_faults(record)) == 4
    assert "Secret" not in "".join(map(str, _faults(record)))


@pytest.mark.parametrize(
    ("scale", "given", "grades"),
    [
        ("brooker", "III", ("III",)),
        ("brooker", "iii", ("III",)),
        ("brooker", "3", ("III",)),
        ("brooker", 3, ("III",)),
        ("brooker", 3.0, ("III",)),
        ("brooker", " IV ", ("IV",)),
        ("brooker", 0, ("0",)),
        ("brooker", "None", ("0",)),
        ("brooker", "absent", ("0",)),
        ("brooker", "II-III", ("II", "III")),
        ("brooker", "II \u2013 III", ("II", "III")),
        ("brooker", "3/2", ("II", "III")),
        ("brooker", "I-IV", ("I", "II", "III", "IV")),
        ("brooker", "I/IV", ("I", "IV")),
        ("brooker", "0/I/IV", ("0", "I", "IV")),
        ("della_valle", "c", ("C",)),
        ("della_valle", "A-B", ("A", "B")),
        ("simplified_biplanar", 0, ("0",)),
        ("simplified_biplanar", "2", ("2",)),
    ],
)
def test_grades_are_read_as_people_write_them(
    scale: str, given: Any, grades: tuple[str, ...]
) -> None:
    """Roman, arabic, either case, none and absent, and ranges name the same grades."""
    assert _hip(grades={scale: given}).source_grades == ((scale, grades),)


def test_scores_are_kept_under_the_names_of_the_classes() -> None:
    """A model's scores stand in the order of severity, under the usual names."""
    scores = {"4": 0.05, "iii": 0.8, "II": 0.1, "i": 0.04, "none": 0.01}
    expected = (("0", 0.01), ("I", 0.04), ("II", 0.1), ("III", 0.8), ("IV", 0.05))
    given = _hip(probabilities={"brooker": scores}).probabilities
    assert given == (Probabilities(scale="brooker", scores=expected),)


_NEWER = {"schema_version": "1.1"}


def test_cumulative_probabilities_give_those_of_the_classes() -> None:
    """P(k) is P(at least k) less P(at least the next class); the vector is kept as it was given."""
    given = {"iv": 0.06, "iii": 0.62, "II": 0.91, "1": 0.98, "none": 1}
    (hip,) = parse_record(minimal(cumulative={"brooker": given}) | _NEWER).hips
    assert hip.probabilities == (
        Probabilities(
            scale="brooker",
            scores=(("0", 0.02), ("I", 0.07), ("II", 0.29), ("III", 0.56), ("IV", 0.06)),
            cumulative=(("0", 1.0), ("I", 0.98), ("II", 0.91), ("III", 0.62), ("IV", 0.06)),
        ),
    )


def test_scores_of_a_scale_are_given_in_one_form() -> None:
    """Scores and cumulative probabilities of one scale are refused, those of two scales are not."""
    scores, at_least = (
        {"della_valle": {"A": 1.0}},
        {"brooker": {"I": 1, "II": 1, "III": 0, "IV": 0}},
    )
    both = {**scores, "brooker": {"II": 1.0}}
    (hip,) = parse_record(minimal(probabilities=scores, cumulative=at_least) | _NEWER).hips
    assert [given.scale for given in hip.probabilities] == ["brooker", "della_valle"]
    assert _faults(minimal(probabilities=both, cumulative=at_least) | _NEWER) == (
        Fault(
            "$.hips[0].cumulative.brooker",
            "is given beside probabilities.brooker",
            "keep one of them",
            "E14",
        ),
    )


def test_a_stated_length_says_its_plane_or_has_none() -> None:
    """Nobody who states millimetres says by that, that they are those in the patient."""
    hip = _hip(gap={"mm": 8}, gap_lateral={"mm": 8, "plane": "detector", "uncertainty_mm": 1})
    assert hip.gap == Length(mm=8.0, plane=Plane.UNSTATED, basis=Basis.STATED)
    assert _hip(gap={"mm": 8, "plane": "unstated"}).gap == hip.gap
    in_patient = _hip(gap={"mm": 8, "plane": "patient"}).gap
    assert in_patient == Length(mm=8.0, plane=Plane.PATIENT)
    assert hip.gap_lateral == Length(mm=8.0, plane=Plane.DETECTOR, uncertainty_mm=1.0)


def test_a_marked_length_waits_to_be_measured() -> None:
    """Points have no millimetres, no basis and no plane before the image is looked at."""
    hip = _hip(gap={"points": [[1, 2], [3.5, 4]], "image": _UID, "frame": 2, "category": "<10mm"})
    line = Line(start=(1.0, 2.0), end=(3.5, 4.0), place=Place(sop_instance_uid=_UID, frame=2))
    assert hip.gap == Length(
        line=line,
        gap_class=GapClass.BELOW_10_MM,
        plane=Plane.UNKNOWN,
        basis=Basis.UNCALIBRATED,
    )


@pytest.mark.parametrize(
    ("place", "start", "end"),
    [
        ({}, Place(sop_instance_uid=""), None),
        ({"image": [_UID, _UID]}, Place(sop_instance_uid=_UID), None),
        ({"image": [_UID, "2.25.2"]}, Place(sop_instance_uid=_UID), Place(sop_instance_uid="2.25.2")),
        ({"image": _UID, "frame": [3, 7]}, Place(sop_instance_uid=_UID, frame=3),
         Place(sop_instance_uid=_UID, frame=7)),
    ],
)  # fmt: skip
def test_points_may_lie_on_two_slices(
    place: dict[str, Any], start: Place, end: Place | None
) -> None:
    """One image or frame serves both points; a list of two gives each its own."""
    gap = _hip(gap={"points": [[1, 2], [3, 4]], **place}).gap
    assert gap is not None
    assert gap.line == Line(start=(1.0, 2.0), end=(3.0, 4.0), place=start, end_place=end)


def test_an_outline_closes_by_itself() -> None:
    """The first corner repeated at the end is dropped, and corners have 32 bits."""
    islands = _hip(
        islands=[{"region": {"polygon": [[0.1, 0], [9, 0], [9, 9], [0.1, 0]], "image": _UID}}]
    ).islands
    assert islands is not None
    corners = ((0.10000000149011612, 0.0), (9.0, 0.0), (9.0, 9.0))
    assert islands[0].region == Polygon(corners=corners, place=Place(sop_instance_uid=_UID))


def test_null_is_a_key_left_out() -> None:
    """Programs that write every key with null say no more than those that leave it out."""
    hip = dict.fromkeys(("presence", "islands", "spurs", "gap", "stage", "features", "grades"))
    assert _read(minimal(**hip) | {"study": None, "context": None, "view": None}) == _read(
        minimal()
    )


def test_no_islands_is_not_the_same_as_islands_not_stated() -> None:
    """An empty list says that there are none."""
    assert _hip(islands=[]).islands == ()
    assert _hip().islands is None


def test_windows_line_ends_are_line_ends() -> None:
    """A comment keeps its lines whichever system wrote it."""
    assert _hip(comment="a\r\nb\tc").comment == "a\nb\tc"


def test_parameters_are_kept_as_sorted_text() -> None:
    """Settings of an algorithm are text, whatever their type and order in the record."""
    observer = WHOLE[1]["observer"]
    parameters = (("flip", "false"), ("threshold", "0.5"), ("weights", "v7"))
    assert getattr(_read(_with(observer=observer)).observer, "parameters", None) == parameters


def test_a_record_hides_who_it_is_about() -> None:
    """The patient and the reader are not in the representation of a record."""
    shown = repr(_read(_with(study={"patient_id": "P1", "accession_number": "A1"})))
    assert "P1" not in shown
    assert "A1" not in shown
    assert "Rossi" not in shown


@pytest.mark.parametrize("whole", WHOLE)
def test_a_whole_record_survives_writing(whole: dict[str, Any]) -> None:
    """What a record says is there again after it was written from its value."""
    record = _read(whole)
    again = record_json(record)
    assert _read(again) == record


def test_a_measured_length_is_written_as_its_points() -> None:
    """Points are the source; the millimetres that they gave are measured again."""
    place = Place(sop_instance_uid=_UID)
    line = Line(start=(1.0, 2.0), end=(3.0, 4.0), place=place)
    gap = Length(mm=7.5, basis=Basis.DETECTOR_PLANE, plane=Plane.DETECTOR, line=line)
    record = _read(minimal())
    hip = type(record.hips[0])(side=record.hips[0].side, gap=gap)
    written = record_json(
        Record(
            graded_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), observer=record.observer, hips=(hip,)
        )
    )
    assert written["hips"][0]["gap"] == {"points": [[1.0, 2.0], [3.0, 4.0]], "image": _UID}


def test_a_record_is_read_from_a_file(tmp_path: Path) -> None:
    """A file gives what its text gives."""
    path = tmp_path / "case.json"
    path.write_text(json.dumps(minimal()), encoding="utf-8")
    assert read_record(path) == _read(minimal())


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """Two gigabytes are refused by their size alone."""
    path = tmp_path / "huge.json"
    path.touch()
    os.truncate(path, 2 * 1024**3)
    with pytest.raises(RecordRefused, match=r"^huge\.json: is larger than 16 MiB; "):
        read_record(path)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("absent.json", "absent.json: does not exist; check the path"),
        ("folder", "folder: is a folder; name the file in it"),
        ("a\0b.json", "a\0b.json: cannot be read; check the path and its permissions"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str, sentence: str) -> None:
    """A path that leads to no file gives one line."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(RecordRefused, match=f"^{re.escape(sentence)}$"):
        read_record(tmp_path / name)


@pytest.mark.parametrize("across", [{"image": [_UID, "2.25.2"]}, {"image": _UID, "frame": [1, 2]}])
def test_a_line_straight_through_the_slices_is_one(across: dict[str, Any]) -> None:
    """Two ends at the same column and row are two points where they lie on two slices."""
    gap = _hip(gap={"points": [[1, 2], [1, 2]], **across}).gap
    assert gap is not None
    assert gap.line is not None
    assert gap.line.spans_images


_EVENTS: list[dict[str, Any]] = [
    {"procedure": "total_hip_arthroplasty", "side": "left", "date": "2024-05-02"},
    {"procedure": "revision_hip_arthroplasty", "side": "right", "date": "2025-09-01"},
]


def test_each_hip_may_have_its_own_index_event() -> None:
    """They stay in their order; one alone stays under the key that version 1.0 knows."""
    record = {**minimal(), "schema_version": "1.1"}
    read = _read({**record, "context": {"index_events": _EVENTS}})
    left, right = read.context.events
    assert (left.side, right.side) == (Side.LEFT, Side.RIGHT)
    assert (read.context.event_of(Side.RIGHT), read.context.event_of(Side.LEFT)) == (right, left)
    assert record_json(read)["context"] == {"index_events": _EVENTS}
    alone = _read({**record, "context": {"index_event": _EVENTS[0]}})
    assert alone.context.event_of(Side.RIGHT) is None
    assert record_json(alone)["context"] == {"index_event": _EVENTS[0]}


@pytest.mark.parametrize(
    ("context", "path", "problem"),
    [
        (
            {"index_events": [_EVENTS[0], _EVENTS[0]]},
            "$.context.index_events[1].side",
            'is "left", as in the other',
        ),
        (
            {"index_events": [_EVENTS[0], {"procedure": "trauma"}]},
            "$.context.index_events[1].side",
            "is missing",
        ),
        (
            {"index_events": _EVENTS, "index_event": _EVENTS[0]},
            "$.context.index_events",
            "is given beside index_event",
        ),
        ({"index_events": _EVENTS[:1]}, "$.context.index_events", "has 1 of at least 2 entries"),
        (
            {"index_events": [*_EVENTS, _EVENTS[0]]},
            "$.context.index_events",
            "has more than 2 entries",
        ),
    ],
)
def test_index_events_are_one_of_each_hip(context: Any, path: str, problem: str) -> None:
    """Two of one hip, or one of no side, leave open from which time is counted."""
    faults = _faults({**minimal(), "schema_version": "1.1", "context": context})
    assert [(fault.path, fault.problem) for fault in faults] == [(path, problem)]


@pytest.mark.parametrize(
    ("mass", "path", "problem"),
    [
        ({}, "$.hips[0].mass", "says nothing of it"),
        ({"sizes_mm": []}, "$.hips[0].mass.sizes_mm", "has 0 of at least 1 entries"),
        ({"sizes_mm": [1, 2, 3, 4]}, "$.hips[0].mass.sizes_mm", "has more than 3 entries"),
        ({"sizes_mm": [0]}, "$.hips[0].mass.sizes_mm[0]", "is 0, not more than 0"),
        ({"sizes_mm": [501]}, "$.hips[0].mass.sizes_mm[0]", "is 501, more than 500"),
    ],
)
def test_a_mass_says_its_size_or_what_contrast_showed(mass: Any, path: str, problem: str) -> None:
    """One to three diameters that a mass can have."""
    faults = _faults({**minimal(mass=mass), "schema_version": "1.1"})
    assert [(fault.path, fault.problem) for fault in faults] == [(path, problem)]


def test_what_version_1_0_does_not_know_asks_for_1_1() -> None:
    """A program that reads 1.0 must not meet a key that it cannot know; 1.1 may have it or not."""
    placed = {
        "site": ["anterior", "medial"],
        "hardware_nearby": False,
        "mass": {"sizes_mm": [34]},
        "islands": [{}, {"site": ["lateral"]}],
    }
    confirmed = minimal(bridging="confirmed", bridging_basis="ct", **placed)
    record = {
        **confirmed,
        "conclusion": "Ankylosis.",
        "incomplete": "The left hip.",
        "study": {"date": "2026-03-01"},
        "context": {"index_events": _EVENTS},
    }
    assert [(fault.path, fault.problem, fault.remedy) for fault in _faults(record)] == [
        (path, "is unknown to version 1.0", 'write "schema_version": "1.1"')
        for path in (
            "$.conclusion",
            "$.incomplete",
            "$.study.date",
            "$.context.index_events",
            "$.hips[0].bridging_basis",
            "$.hips[0].site",
            "$.hips[0].hardware_nearby",
            "$.hips[0].mass",
            "$.hips[0].islands[1].site",
        )
    ]
    read = _read({**record, "schema_version": "1.1"})
    assert (read.conclusion, record_json(read)["schema_version"]) == ("Ankylosis.", "1.1")
    assert record_json(replace(read, conclusion=""))["schema_version"] == "1.1"
