"""The archives behind these tests, and what no test may leave behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.archive.dimse.conftest import _nothing_left, certificates
from tests.archive.dimse_retrieve.peers import RestrictedOrthanc, restricted_orthanc

__all__ = ["_nothing_left", "certificates", "orthanc", "unwilling"]


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestrictedOrthanc]:
    """An Orthanc that allows hosr everything."""
    with restricted_orthanc(tmp_path_factory.mktemp("orthanc")) as running:
        yield running


@pytest.fixture(scope="session")
def unwilling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestrictedOrthanc]:
    """An Orthanc that commits to nothing and knows no C-GET; it still moves objects."""
    rights = {"AllowStorageCommitment": False, "AllowGet": False}
    with restricted_orthanc(tmp_path_factory.mktemp("unwilling"), **rights) as running:
        yield running
