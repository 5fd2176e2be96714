"""Trying an archive: what works is told from what does not, and nothing is stored."""

from __future__ import annotations

import socket

import pytest

from hosr.archive.addresses import Credentials
from hosr.archive.values import Outcome
from tests.archive.dicomweb.peers import archive_at
from tests.archive.dicomweb.scripted import Step, answer, dicom_json, scripted_peer

WORKS, FAILS, ABSENT, UNTRIED = Outcome.WORKS, Outcome.FAILS, Outcome.ABSENT, Outcome.UNTRIED
NAMES = ["connection", "search", "retrieval", "storage", "commitment"]
EMPTY = dicom_json(200, [])


@pytest.mark.parametrize(
    ("steps", "outcomes"),
    [
        ((EMPTY, answer(404), answer(400)), (WORKS, WORKS, WORKS, WORKS)),
        ((answer(204), answer(204), answer(204)), (WORKS, WORKS, WORKS, WORKS)),
        ((EMPTY, EMPTY, dicom_json(200, {})), (WORKS, WORKS, WORKS, WORKS)),
        ((answer(501), answer(404), answer(405)), (WORKS, ABSENT, WORKS, ABSENT)),
        ((answer(401), answer(403), answer(401)), (WORKS, FAILS, FAILS, FAILS)),
        ((answer(404), answer(404), answer(404)), (WORKS, FAILS, WORKS, ABSENT)),
        ((answer(503), answer(503), answer(429)), (WORKS, FAILS, FAILS, FAILS)),
        ((EMPTY, answer(500), answer(415)), (WORKS, WORKS, FAILS, FAILS)),
        (
            (answer(200, b"<html>", "text/html"), answer(302), answer(302)),
            (WORKS, FAILS, FAILS, FAILS),
        ),
    ],
)
def test_every_service_is_tried(steps: tuple[Step, ...], outcomes: tuple[Outcome, ...]) -> None:
    """One after the other, whatever the first said; commitment is another protocol's."""
    with scripted_peer(*steps) as peer, archive_at(peer.url) as archive:
        checks = archive.examine()
    assert [check.name for check in checks] == NAMES
    assert tuple(check.outcome for check in checks) == (*outcomes, ABSENT)
    assert all(check.words for check in checks)
    assert [request.method for request in peer.received] == ["GET", "GET", "POST"]
    assert b"DICM" not in peer.received[2].body


def test_without_a_connection_nothing_else_is_tried() -> None:
    """The reason is said once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with archive_at(f"http://127.0.0.1:{probe.getsockname()[1]}/dicom-web") as archive:
            checks = archive.examine()
    assert [check.outcome for check in checks] == [FAILS, UNTRIED, UNTRIED, UNTRIED, ABSENT]
    assert checks[0].words.startswith("cannot be connected to (Connection refused); ")


def test_a_missing_secret_is_said() -> None:
    """Credentials that cannot be read fail before anything is asked."""
    with (
        scripted_peer(EMPTY) as peer,
        archive_at(peer.url, credentials=Credentials(variable="T")) as archive,
    ):
        checks = archive.examine()
    assert checks[0].outcome is FAILS
    assert "holds no secret" in checks[0].words
    assert peer.received == []
