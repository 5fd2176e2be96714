"""One port for two purposes: reports of commitment, and the objects that C-MOVE asks for."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from hosr.archive import open_archive
from hosr.archive.addresses import Proof
from hosr.archive.dimse.listener import listen
from hosr.errors import ArchiveRefused
from hosr.outbox import Outbox, State, deliver
from tests.peers.archiving import ArchivingOrthanc, archiving_orthanc
from tests.peers.reports import make_report


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArchivingOrthanc]:
    """An Orthanc that gives nothing away by C-GET."""
    with archiving_orthanc(tmp_path_factory.mktemp("orthanc"), allow_get=False) as running:
        yield running


def test_what_is_committed_to_is_also_read_back_by_c_move(
    orthanc: ArchivingOrthanc, tmp_path: Path
) -> None:
    """While a delivery listens for reports, the objects that it reads back come to the same port."""
    destination = orthanc.dimse(
        listener=orthanc.listener(), proofs=(Proof.READ_BACK, Proof.COMMITMENT)
    )
    draw = random.Random(1)  # noqa: S311 (names of workers)
    with Outbox(tmp_path / "outbox.sqlite", clock=time.time, random=draw) as outbox:
        for number in range(3):
            outbox.enqueue(
                make_report("shared", str(number)),
                destination.name,
                str(number),
                address=str(destination.address),
            )
        deliver(
            outbox,
            lambda _: destination,
            partial(open_archive, environ={}, clock=time.time),
            listen=listen,
        )
        found = [(entry.state, entry.proofs) for entry in outbox.entries()]
    assert found == [(State.COMMITTED, frozenset(Proof))] * 6


def test_a_port_belongs_to_one_archive(orthanc: ArchivingOrthanc) -> None:
    """Another archive of the same process is told whose port it is."""
    ours = orthanc.dimse(listener=orthanc.listener())
    other = replace(ours, name="other")
    with (
        listen(ours, lambda _: True),
        pytest.raises(ArchiveRefused, match="listens on the port of the archive pacs"),
        listen(other, lambda _: True),
    ):
        pass
