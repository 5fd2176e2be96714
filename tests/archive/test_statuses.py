"""Statuses and failure reasons: a table, read back by the rules of the standard."""

from __future__ import annotations

import pytest
from pynetdicom.status import STORAGE_SERVICE_CLASS_STATUS, code_to_category

from hosr.archive.statuses import SUCCESS, cause_of_status, hexadecimal, warning_of_status
from hosr.errors import Reason

STORED = {0x0000, 0x0001, 0x0107, 0x0116, *range(0xB000, 0xC000)}


def test_only_the_statuses_of_the_storage_service_mean_stored() -> None:
    """Of all 65536 statuses, success and the warnings are a receipt (PS3.7 annex C)."""
    assert {code for code in range(1 << 16) if warning_of_status(code) is not None} == STORED
    assert warning_of_status(SUCCESS) == ""


def test_every_other_status_has_a_reason_and_words() -> None:
    """No failure is without a reason, and none has a remedy that says nothing."""
    for code in set(range(1 << 16)) - STORED:
        cause = cause_of_status(code)
        assert cause.problem
        assert cause.reason in Reason


def test_what_pynetdicom_lists_as_a_failure_is_recognised() -> None:
    """Every failure that an independent table of the standard lists has a reason of its own."""
    listed = [
        code
        for code in STORAGE_SERVICE_CLASS_STATUS
        if code_to_category(code) == "Failure"
        and code not in {0x0113, 0x0114, 0x0115, 0x0123, 0x0212}
    ]
    unrecognised = [
        hexadecimal(code) for code in listed if cause_of_status(code).reason is Reason.UNRECOGNISED
    ]
    assert len(listed) > 4000
    assert unrecognised == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (0xA771, Reason.DATA),
        (0xA777, Reason.DATA),
        (0xA779, Reason.DATA),
        (0xA776, Reason.CAPACITY),
        (0xA77A, Reason.CAPACITY),
    ],
)
def test_what_dcm4chee_says_in_the_range_of_resources(status: int, reason: Reason) -> None:
    """An object that was rejected, or is of another patient there, is no matter of disk space."""
    assert cause_of_status(status).reason is reason


@pytest.mark.parametrize(("code", "text"), [(0, "0000"), (0x110, "0110"), (0xA700, "A700")])
def test_a_status_is_written_as_the_standard_does(code: int, text: str) -> None:
    """Four digits, in capitals."""
    assert hexadecimal(code) == text
