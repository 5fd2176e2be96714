"""What every command is tried on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command import write_record
from tests.images import write_film

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder one works in, with a film and its record."""
    write_film(tmp_path / "film.dcm")
    write_record(tmp_path / "record.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path
