"""C-GET from archives that send something else, or not all of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import evt
from pynetdicom.dsutils import encode

from hosr.archive.dimse.query import FIND
from hosr.archive.dimse.retrieval import fetch_instance, fetch_series
from hosr.archive.values import Locator
from hosr.errors import ArchiveError, Reason
from tests.archive.dimse.objects import data_set_bytes
from tests.archive.dimse.providers import (
    NOTED,
    Noted,
    archive,
    cut_off,
    make_instance,
    make_instance_data_set,
    make_locator,
)

pytestmark = pytest.mark.slow

Give = Callable[[Any], Iterator[Any]]
WANTED = make_locator(1)
SERIES = [make_locator(1, 1, number) for number in (1, 2, 3, 4)]


def _giving(*data_sets: Dataset) -> Give:
    """An archive that sends these whatever it is asked for."""

    def give(_: Any) -> Iterator[Any]:
        yield len(data_sets)
        for data_set in data_sets:
            yield 0xFF00, data_set

    return give


def _fetch(
    give: Give, wanted: list[Locator], noted: Noted | None = None
) -> tuple[dict[Locator, bytes], ArchiveError | None]:
    """What was taken of these, and why not all of it."""
    taken: dict[Locator, bytes] = {}
    with archive((evt.EVT_C_GET, give), (NOTED, noted or Noted())) as where:
        try:
            fetch_series(where, wanted, lambda one, file: taken.update({one: file}))
        except ArchiveError as error:
            return taken, error
    return taken, None


def test_what_was_asked_for_is_taken_once() -> None:
    """An object that is sent twice is given on once, byte for byte."""
    data_set, given = make_instance_data_set(WANTED), []
    with archive((evt.EVT_C_GET, _giving(data_set, data_set))) as where:
        fetch_series(where, [WANTED], lambda one, file: given.append((one, file)))
    [(locator, file)] = given
    assert locator == WANTED
    assert data_set_bytes(file) == data_set_bytes(make_instance(WANTED))


OTHERS = {
    "another instance": make_instance_data_set(make_locator(1, 1, 2)),
    "of another study": make_instance_data_set(replace(WANTED, study_instance_uid="2.25.2")),
    "of another series": make_instance_data_set(replace(WANTED, series_instance_uid="2.25.2")),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_another_object_than_asked_for_is_not_taken(other: Dataset) -> None:
    """It is answered with 0124 (not authorised), and the one that was asked for is still taken."""
    noted = Noted()
    taken, error = _fetch(_giving(other), [WANTED], noted)
    assert taken == {}
    assert error is not None
    assert error.reason is Reason.ABSENT
    assert noted.statuses("C_STORE_RSP") == [0x0124]
    noted = Noted()
    taken, error = _fetch(_giving(other, make_instance_data_set(WANTED)), [WANTED], noted)
    assert (list(taken), error) == ([WANTED], None)
    assert noted.statuses("C_STORE_RSP") == [0x0124, 0x0000]


def test_success_without_an_object_is_absence() -> None:
    """An archive that says success and sends nothing does not have it."""

    def give(_: Any) -> Iterator[Any]:
        yield 0

    taken, error = _fetch(give, [WANTED])
    assert taken == {}
    assert error is not None
    assert error.reason is Reason.ABSENT


@pytest.mark.parametrize(
    "end", [lambda event: event.assoc.abort(), cut_off], ids=["abort", "closed"]
)
def test_half_of_a_series_is_not_the_whole(end: Callable[[Any], None]) -> None:
    """What came before the end is taken, and the rest is taken neither for absent nor for refused."""

    def give(event: Any) -> Iterator[Any]:
        yield len(SERIES)
        for locator in SERIES[:2]:
            yield 0xFF00, make_instance_data_set(locator)
        end(event)
        yield 0xFF00, make_instance_data_set(SERIES[2])

    taken, error = _fetch(give, SERIES)
    assert sorted(taken) == SERIES[:2]
    assert error is not None
    assert error.reason is Reason.LOST


def test_an_abort_before_anything_is_a_no() -> None:
    """Archives abort where they give this AE title nothing."""

    def give(event: Any) -> Iterator[Any]:
        yield 1
        event.assoc.abort()
        yield 0xFF00, make_instance_data_set(WANTED)

    taken, error = _fetch(give, [WANTED])
    assert taken == {}
    assert error is not None
    assert error.reason is Reason.UNSUPPORTED


def _sent_as(content: bytes) -> Callable[[Any], None]:
    """Replaces the data set of each object that is sent."""

    def change(event: Any) -> None:
        message = event.message
        if type(message).__name__ == "C_STORE_RQ":
            message.data_set = io.BytesIO(content)

    return change


DAMAGED = {
    "garbage": bytes(range(200)),
    "cut off": encode(make_instance_data_set(WANTED), False, True)[:-7],  # type: ignore[index]
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_object_is_a_failure_of_the_archive(content: bytes) -> None:
    """It is not taken, its sender is told C000 (cannot understand), and the error is an archive's."""
    noted = Noted()
    with (
        archive(
            (evt.EVT_C_GET, _giving(make_instance_data_set(WANTED))),
            (evt.EVT_DIMSE_SENT, _sent_as(content)),
            (NOTED, noted),
        ) as where,
        pytest.raises(ArchiveError, match="gave an object that is damaged") as caught,
    ):
        fetch_series(where, [WANTED], lambda *_: None)
    assert caught.value.reason is Reason.PROCESSING
    assert noted.statuses("C_STORE_RSP") == [0xC000]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (0xA701, Reason.CAPACITY),
        (0xA702, Reason.CAPACITY),
        (0xA900, Reason.PROCESSING),
        (0xC001, Reason.PROCESSING),
        (0xFE00, Reason.BUSY),
        (0x0124, Reason.UNSUPPORTED),
    ],
)
def test_a_failure_is_told_with_its_status(status: int, reason: Reason) -> None:
    """A failed request is not an absent object."""

    def give(_: Any) -> Iterator[Any]:
        yield 1
        yield status, Dataset()

    taken, error = _fetch(give, SERIES)
    assert taken == {}
    assert error is not None
    assert (error.reason, error.status) == (reason, f"{status:04X}")


@pytest.mark.parametrize("failure", [OSError("disk full"), ValueError("no"), RuntimeError("no")])
def test_what_the_taker_raises_is_raised(failure: Exception) -> None:
    """The archive hears that there was no room, and the caller gets its own error."""

    def take(_: Locator, __: bytes) -> None:
        raise failure

    noted = Noted()
    give = _giving(make_instance_data_set(WANTED))
    with (
        archive((evt.EVT_C_GET, give), (NOTED, noted)) as where,
        pytest.raises(type(failure)) as caught,
    ):
        fetch_series(where, [WANTED], take)
    assert caught.value is failure
    assert noted.statuses("C_STORE_RSP") == [0xA700]


@pytest.mark.parametrize(
    ("is_there", "reason"), [(True, Reason.PROCESSING), (False, Reason.ABSENT)]
)
def test_a_failure_is_absence_only_where_a_query_finds_nothing(
    is_there: bool, reason: Reason
) -> None:
    """Some archives fail where they should say that nothing matches: they are asked."""

    def give(_: Any) -> Iterator[Any]:
        yield 1
        yield 0xC001, Dataset()

    def find(event: Any) -> Iterator[Any]:
        if is_there:
            yield 0xFF00, event.identifier

    with (
        archive((evt.EVT_C_GET, give), (evt.EVT_C_FIND, find)) as where,
        pytest.raises(ArchiveError) as caught,
    ):
        fetch_instance(where, WANTED)
    assert caught.value.reason is reason


def test_an_archive_that_gives_nothing_away_does_not_support_it() -> None:
    """Where C-GET is not accepted and there is no listener, the error says what to do."""
    with (
        archive(services=(FIND,)) as where,
        pytest.raises(ArchiveError, match="does not offer to give its objects away") as caught,
    ):
        fetch_instance(where, WANTED)
    assert caught.value.reason is Reason.UNSUPPORTED
