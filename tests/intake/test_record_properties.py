"""What holds for every record: it reads or is refused, and what is written reads the same."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from hosr.errors import RecordRefused
from hosr.findings import to_graphic_precision
from hosr.intake.record import Record, parse_record, record_json, record_schema
from hosr.intake.record.writer import shortest_decimal
from tests.drawn import drawn
from tests.intake.records import json_values, records, spoilt_records

_SCHEMA = Draft202012Validator(record_schema())


def _outcome(text: str | bytes) -> Record | RecordRefused:
    try:
        return parse_record(text)
    except RecordRefused as refusal:
        return refusal


def _is_sound(outcome: Record | RecordRefused) -> bool:
    if isinstance(outcome, Record):
        return True
    lines = [str(fault) for fault in outcome.faults]
    return bool(lines) and all(line.isprintable() and len(line) < 800 for line in lines)


@given(records())
def test_what_is_written_reads_the_same(record: Record) -> None:
    """A record written and read again is the same value, and fits the schema."""
    written = record_json(record)
    assert parse_record(json.dumps(written)) == record
    assert list(_SCHEMA.iter_errors(written)) == []


@given(st.floats(-65536, 65536, width=32))
def test_a_coordinate_is_written_in_the_digits_that_tell_it(value: float) -> None:
    """The decimal that is written gives the same 32-bit number, and none with fewer digits does."""
    written = shortest_decimal(value)
    digits = len(Decimal(repr(written)).normalize().as_tuple().digits)
    assert to_graphic_precision(written) == value
    assert all(
        to_graphic_precision(float(f"{value:.{fewer}g}")) != value for fewer in range(1, digits)
    )


@drawn(400)
@given(spoilt_records())
def test_a_spoilt_record_reads_or_is_refused(spoilt: Any) -> None:
    """A mutated record gives a record or faults of one line each, and the schema is no stricter."""
    outcome = _outcome(json.dumps(spoilt))
    event(type(outcome).__name__)
    assert _is_sound(outcome)
    if isinstance(outcome, Record):
        assert list(_SCHEMA.iter_errors(spoilt)) == []
        assert parse_record(json.dumps(record_json(outcome))) == outcome


@drawn(80)
@given(json_values)
def test_any_json_reads_or_is_refused(value: Any) -> None:
    """Any JSON value gives a record or faults, never another error."""
    assert _is_sound(_outcome(json.dumps(value)))


@drawn(80)
@given(st.binary(max_size=300) | st.text(alphabet='{}[]",:019.-eE\\nutrfalsx \ud800', max_size=80))
def test_any_bytes_read_or_are_refused(text: bytes | str) -> None:
    """Bytes that are no JSON give one fault, never another error."""
    assert _is_sound(_outcome(text))
