"""What every batch is tried on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.batch.gate import Gate
from tests.batch.manifests import write_films

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILMS = 4


@pytest.fixture
def films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder one works in, with some films."""
    write_films(tmp_path, FILMS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def gate() -> Iterator[Gate]:
    """What one row waits at, for now."""
    with Gate() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.open()
        server.shutdown()
