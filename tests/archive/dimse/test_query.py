"""Answers to queries: none is believed that was not asked for, and none is waited for for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import evt

from hosr.archive.dimse.query import find_instances
from hosr.archive.values import Locator, Query
from hosr.errors import ArchiveError, Reason
from tests.archive.dimse.objects import COMPREHENSIVE_SR
from tests.archive.dimse.providers import NOTED, PUSH, Noted, archive, cut_off, make_locator

pytestmark = pytest.mark.slow

Answer = tuple[int, Dataset | None]
PENDING, SUCCESS = 0xFF00, 0x0000
BY_STUDY, BY_PATIENT = Query(study_instance_uid="2.25.1"), Query(patient_id="P-1")


def _data_set(**values: str) -> Dataset:
    data_set = Dataset()
    for keyword, value in values.items():
        setattr(data_set, keyword, value)
    return data_set


STUDY = _data_set(StudyInstanceUID="2.25.1", PatientID="P-1")
SERIES = _data_set(StudyInstanceUID="2.25.1", SeriesInstanceUID="2.25.1.1", Modality="SR")
IMAGE = _data_set(
    StudyInstanceUID="2.25.1",
    SeriesInstanceUID="2.25.1.1",
    SOPInstanceUID="2.25.1.1.1",
    SOPClassUID=COMPREHENSIVE_SR,
)


def _changed(data_set: Dataset, **values: str | None) -> Dataset:
    changed = deepcopy(data_set)
    for keyword, value in values.items():
        if value is None:
            delattr(changed, keyword)
        else:
            setattr(changed, keyword, value)
    return changed


def _find(query: Query, answers: dict[str, Dataset], **changes: Any) -> tuple[Locator, ...]:
    """What is found where the archive gives one answer at each level."""

    def find(event: Any) -> Iterator[Answer]:
        yield PENDING, answers[event.identifier.QueryRetrieveLevel]

    return _ask(find, query, **changes)


def _ask(
    find: Callable[[Any], Iterator[Answer]], query: Query = BY_STUDY, **changes: Any
) -> tuple[Locator, ...]:
    with archive((evt.EVT_C_FIND, find)) as where:
        return find_instances(replace(where, **changes), query)


def _failure(find: Callable[[Any], Iterator[Answer]], **changes: Any) -> ArchiveError:
    with pytest.raises(ArchiveError) as caught:
        _ask(find, **changes)
    assert caught.value.faults[0].path == "pacs"
    return caught.value


@pytest.mark.parametrize("query", [BY_STUDY, BY_PATIENT], ids=str)
def test_answers_that_match_are_taken(query: Query) -> None:
    """One study, one series, one instance; the levels are asked one after the other."""
    found = _find(query, {"STUDY": STUDY, "SERIES": SERIES, "IMAGE": IMAGE})
    assert found == (make_locator(1),)


@pytest.mark.parametrize(
    "change",
    [
        {"STUDY": _changed(STUDY, PatientID="P-2")},
        {"STUDY": _changed(STUDY, PatientID="P-10")},
        {"STUDY": _changed(STUDY, PatientID=None)},
        {"STUDY": _changed(STUDY, StudyInstanceUID=None)},
        {"STUDY": _changed(STUDY, StudyInstanceUID="")},
        {"SERIES": _changed(SERIES, StudyInstanceUID="2.25.2")},
        {"SERIES": _changed(SERIES, SeriesInstanceUID="")},
        {"IMAGE": _changed(IMAGE, StudyInstanceUID="2.25.2")},
        {"IMAGE": _changed(IMAGE, SeriesInstanceUID="2.25.1.2")},
        {"IMAGE": _changed(IMAGE, SOPInstanceUID=None)},
        {"IMAGE": _changed(IMAGE, SOPClassUID=None)},
        {"IMAGE": _data_set(Modality="SR")},
    ],
    ids=str,
)
def test_an_answer_to_another_question_is_not_believed(change: dict[str, Dataset]) -> None:
    """Another patient, study or series than asked for, or no UID: nothing of it is taken."""
    answers = {"STUDY": STUDY, "SERIES": SERIES, "IMAGE": IMAGE} | change
    with pytest.raises(ArchiveError, match="something else than was asked for") as caught:
        _find(BY_PATIENT, answers)
    assert caught.value.reason is Reason.UNCONFIRMED
    assert "P-" not in str(caught.value)


def test_endless_answers_are_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit the archive is told to stop (C-CANCEL), and the query fails."""
    monkeypatch.setattr("hosr.archive.dimse.query.MAX_INSTANCES", 20)
    noted, over = Noted(), threading.Event()

    def find(_: Any) -> Iterator[Answer]:
        for number in range(1, 10_000):
            yield PENDING, _changed(SERIES, SeriesInstanceUID=f"2.25.1.{number}")
            # pynetdicom reads nothing as long as it has something to send.
            if number > 30 and over.wait(60):
                return

    with archive((evt.EVT_C_FIND, find), (NOTED, noted)) as where:
        try:
            with pytest.raises(ArchiveError, match="more than 20 instances") as caught:
                find_instances(where, BY_STUDY)
            assert noted.await_message("C_CANCEL_RQ")
        finally:
            over.set()
    assert caught.value.reason is Reason.CAPACITY


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (0xA700, Reason.CAPACITY),
        (0xA900, Reason.PROCESSING),
        (0xC001, Reason.PROCESSING),
        (0x0110, Reason.PROCESSING),
        (0x0122, Reason.UNSUPPORTED),
        (0x0124, Reason.UNSUPPORTED),
        (0xFE00, Reason.BUSY),
        (0x9999, Reason.UNRECOGNISED),
    ],
)
def test_a_failure_is_not_the_end_of_the_answers(status: int, reason: Reason) -> None:
    """What came before a failure is not the whole, and is not taken for it."""

    def find(_: Any) -> Iterator[Answer]:
        yield PENDING, SERIES
        yield status, None

    error = _failure(find)
    assert (error.reason, error.status) == (reason, f"{status:04X}")


def test_an_abort_is_a_no() -> None:
    """Archives abort where they let this AE title ask for nothing."""

    def find(event: Any) -> Iterator[Answer]:
        event.assoc.abort()
        yield PENDING, SERIES

    assert _failure(find).reason is Reason.UNSUPPORTED


def test_an_abort_among_the_answers_is_a_loss() -> None:
    """Who has begun to answer does not refuse."""

    def find(event: Any) -> Iterator[Answer]:
        yield PENDING, SERIES
        event.assoc.abort()
        yield PENDING, SERIES

    assert _failure(find).reason is Reason.LOST


def test_a_connection_that_ends_is_no_end_of_the_answers() -> None:
    """What came before is not taken for all there is."""

    def find(event: Any) -> Iterator[Answer]:
        yield PENDING, SERIES
        cut_off(event)
        yield PENDING, SERIES

    assert _failure(find).reason is Reason.LOST


def test_no_answer_in_time_is_a_loss() -> None:
    """An archive that does not answer is not waited for for ever."""
    over = threading.Event()

    def find(_: Any) -> Iterator[Answer]:
        over.wait(60)
        yield SUCCESS, None

    with archive((evt.EVT_C_FIND, find)) as where:
        with pytest.raises(ArchiveError) as caught:
            find_instances(replace(where, answer_s=1.0), BY_STUDY)
        over.set()
    assert caught.value.reason is Reason.LOST


def test_an_archive_without_queries_does_not_support_them() -> None:
    """Where the service is not accepted, the error says so."""
    with archive(services=(PUSH,)) as where, pytest.raises(ArchiveError) as caught:
        find_instances(where, BY_STUDY)
    assert caught.value.reason is Reason.UNSUPPORTED


@pytest.mark.parametrize("character", ["*", "?", "\\"])
def test_what_would_be_a_pattern_is_not_asked_for(character: str) -> None:
    """A patient ID with such a character would match other patients too."""
    with archive() as where, pytest.raises(ArchiveError, match="cannot be asked") as caught:
        find_instances(where, Query(patient_id=f"P{character}1"))
    assert caught.value.reason is Reason.UNSUPPORTED
    assert f"P{character}1" not in str(caught.value)


def test_an_answer_without_measure_ends_the_query() -> None:
    """A megabyte in one answer is none that was asked for."""

    def find(_: Any) -> Iterator[Answer]:
        yield PENDING, _changed(STUDY, TextValue="x" * (2 << 20))

    assert _failure(find).reason is Reason.LOST


def test_a_query_has_a_time_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that come one by one, each in time, come to an end."""
    monkeypatch.setattr("hosr.archive.dimse.query.MAX_S", 0.6)

    def find(event: Any) -> Iterator[Answer]:
        for number in range(100):
            if event.is_cancelled:
                return
            time.sleep(0.1)
            yield PENDING, _changed(SERIES, SeriesInstanceUID=f"2.25.1.{number}")

    error = _failure(find)
    assert (error.reason, error.faults[0].problem) == (
        Reason.LOST,
        "has not answered a query to the end within 0.01 minutes",
    )


def test_what_was_not_asked_for_is_not_kept() -> None:
    """An archive may add what it likes to an answer."""
    more = {"PatientComments": "x" * 10_000, "PatientName": "Phantom^Dario"}
    answers = {
        "STUDY": _changed(STUDY, **more),
        "SERIES": _changed(SERIES, **more),
        "IMAGE": _changed(IMAGE, **more),
    }
    assert _find(BY_PATIENT, answers) == _find(
        BY_PATIENT, {"STUDY": STUDY, "SERIES": SERIES, "IMAGE": IMAGE}
    )
