"""What every command is tried on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.expected import report
from tests.command import write_record
from tests.images import write_film
from tests.peers.archiving import ArchivingOrthanc, archiving_orthanc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder one works in, with a film and its record."""
    write_film(tmp_path / "film.dcm")
    write_record(tmp_path / "record.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def reported(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That folder with two objects of a report in `out`, and archives: a folder, and nobody."""
    config = desk / "config.toml"
    config.write_text(
        '[archives.shelf]\nurl = "file://SHELF"\n'
        '[archives.nobody]\nurl = "dimse://NOBODY@127.0.0.1:1"\n'
        '[outbox]\npath = "outbox.sqlite"\n'.replace("SHELF", str(desk / "shelf"))
    )
    monkeypatch.setenv("HOSR_CONFIG", str(config))
    assert report("--make", "measurement,narrative").code == 0
    return desk


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArchivingOrthanc]:
    """An Orthanc that lets hosr find and fetch; who uses it empties it first."""
    with archiving_orthanc(tmp_path_factory.mktemp("orthanc")) as archive:
        yield archive
