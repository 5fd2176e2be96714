"""What every batch is tried on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.batch.manifests import write_films

if TYPE_CHECKING:
    from pathlib import Path

FILMS = 4


@pytest.fixture
def films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder one works in, with some films."""
    write_films(tmp_path, FILMS)
    monkeypatch.chdir(tmp_path)
    return tmp_path
