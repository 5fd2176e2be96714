"""What the tests of volumes share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hosr.annotations.context import Context
from hosr.annotations.labels import parse_labels
from hosr.intake.images import SourceImages, read_images
from tests.annotations.volumes.makers import CT, LABELS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def ct_images() -> SourceImages:
    """The slices of the sample CT."""
    return read_images([CT / "images"])


@pytest.fixture
def context() -> Context:
    """The meanings of the sample's labels, and no images."""
    return Context(labels=parse_labels(LABELS))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file, and give its path."""

    def written(content: bytes, name: str = "seg.dcm") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return written
