"""What the tests of drafts share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hosr.drafts import Drafts
from tests.drafts.drafting import opened
from tests.images import write_film


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """The image of the drafts here."""
    return write_film(tmp_path / "films" / "film.dcm")


@pytest.fixture
def drafts(tmp_path: Path) -> Iterator[Drafts]:
    """A store that holds nothing yet."""
    with opened(tmp_path / "drafts") as store:
        yield store
