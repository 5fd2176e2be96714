"""`-v` and `-vv`: what an operator is told of the work, and never of a patient."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command import Ran, hosr
from tests.images import SECRETS, STUDY_UID, dicom_bytes, film
from tests.peers.archiving import archiving_orthanc

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d (INFO|DEBUG) (hosr[a-z0-9_.]*): (.+)"
)
REPORT = ("report", "record.json", "--images", "film.dcm", "--make", "measurement,narrative,text")


def lines(ran: Ran) -> list[str]:
    """The words of each line of the log, all of whose lines have a time, a level and a module."""
    found = [LINE.fullmatch(line) for line in ran.err.splitlines()]
    assert None not in found, ran.err
    return [line[3] for line in found if line is not None]


@pytest.fixture
def archives(
    desk: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """An Orthanc with the film, configured as `pacs` and `web`, and a batch of one row."""
    with archiving_orthanc(tmp_path_factory.mktemp("orthanc")) as orthanc:
        monkeypatch.setenv("HOSR_CONFIG", str(orthanc.configure(desk / "config.toml")))
        orthanc.running.upload(dicom_bytes(film()))
        row = {"id": "P-4711", "images": "film.dcm", "record": "record.json"}
        (desk / "batch.jsonl").write_text(json.dumps(row), encoding="utf-8")
        yield


@pytest.mark.peer
@pytest.mark.usefixtures("archives")
def test_no_line_of_any_log_tells_of_a_patient(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG, of our own loggers and of all others, over both protocols."""
    caplog.set_level(logging.DEBUG)
    told: dict[str, list[str]] = {}
    for name, command in {
        "report": (*REPORT, "--out", "out"),
        "batch": ("batch", "batch.jsonl", "--out", "rows", "--jobs", "1"),
        "send": ("send", "out", "--to", "pacs"),
        "later": ("send", "out", "--to", "web", "--later"),
        "run": ("outbox", "run"),
        "accession": ("archive", "find", "pacs", "--accession", "A-17"),
        "patient": ("archive", "find", "web", "--patient", "P-4711"),
        "fetch": ("archive", "fetch", "pacs", "--study", STUDY_UID, "--out", "got"),
    }.items():
        ran = hosr(*command, "-vv")
        assert ran.code == 0, ran
        found = [LINE.fullmatch(line) for line in ran.err.splitlines()]
        told[name] = [line[3] for line in found if line is not None]
        assert told[name], ran
    every = [line for said in told.values() for line in said]
    every += [record.getMessage() for record in caplog.records]
    secrets = (*SECRETS, "Rossi", "P-47", "1950", "film.dcm", "record.json")
    assert [(line, secret) for line in every for secret in secrets if secret in line] == []

    def has(name: str, pattern: str) -> bool:
        return any(re.fullmatch(pattern, line) for line in told[name])

    place = r"\S+ at 127\.0\.0\.1:\d+"
    assert has("report", r"measurement made: \d+\.\d\d s")
    assert has("batch", r"row 1 of 1: done after \d+\.\d\d s")
    assert has("send", rf"{place}: association opened by \S+")
    assert has("send", rf"{place}: C-STORE-RSP 0000 after \d+\.\d\d s")
    assert has("send", rf"{place}: association released")
    assert has("send", r"pacs: 2\.25\.\d+: \S+, queued to sending")
    assert has(
        "run", r"POST /studies\S* at 127\.0\.0\.1:\d+: HTTP 200, \d+ bytes after \d+\.\d\d s"
    )
    assert has("accession", rf"{place}: C-FIND-RSP 0000 after \d+\.\d\d s")
    assert has("fetch", rf"{place}: C-GET-RSP 0000 after \d+\.\d\d s")
    assert has("patient", r"GET /studies at 127\.0\.0\.1:\d+: HTTP 200, \d+ bytes after \S+ s")


def test_the_option_stands_before_or_after_a_command(reported: Path) -> None:
    """Once is INFO, twice is DEBUG, and what is printed stays the same; a retry says until when."""
    quiet = hosr("send", "out", "--to", "nobody")
    assert (quiet.code, quiet.err) == (7, "")
    before, after = (hosr(*words) for words in (("-v", *SEND), (*SEND, "-v")))
    for ran in (before, after):
        assert (ran.code, "DEBUG" in ran.err) == (7, False)
    (reported / "outbox.sqlite").unlink()
    said = lines(hosr(*SEND, "-v"))
    refused = "NOBODY at 127.0.0.1:1: no association (unreachable)"
    assert refused in said
    again = r"nobody: 2\.25\.\d+: fail, sending to queued \(unreachable\), try 2 at \S+T\S+[+-]\d\d:\d\d"
    assert any(re.fullmatch(again, line) for line in said), said
    assert "DEBUG" in hosr(*REPORT, "--out", "again", "-vv").err
    assert hosr(*REPORT, "--out", "third").err == ""


SEND = ("send", "out", "--to", "nobody")


def test_nobody_pays_for_a_log_that_is_not_asked_for() -> None:
    """The command line starts without `logging`, and the library is silent until it is listened to."""
    program = (
        "import sys, hosr.cli; assert 'logging' not in sys.modules; "
        "import logging, hosr.logs; logging.getLogger('hosr.x').error('unheard')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
