"""What `hosr archive test` finds out by asking, beyond the contexts that an archive accepts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from hosr.archive.addresses import Destination, DimseAddress
from hosr.archive.dimse import DimseArchive
from hosr.archive.dimse.verification import try_services
from hosr.archive.values import Outcome
from hosr.identity import derive_uid
from tests.peers.archiving import ArchivingOrthanc, archiving_orthanc
from tests.peers.orthanc import free_port

TRIED = ("C-FIND", "C-GET", "storage commitment")


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArchivingOrthanc]:
    """An Orthanc that offers all three."""
    with archiving_orthanc(tmp_path_factory.mktemp("orthanc")) as running:
        yield running


def tried(destination: Destination, number: int) -> dict[str, tuple[Outcome, str]]:
    """What came of the three."""
    with DimseArchive(destination) as archive:
        uid = derive_uid("verification", str(number))
        checks = try_services(archive, destination, archive.examine(), uid)
    return {check.name: (check.outcome, check.words) for check in checks if check.name in TRIED}


def test_services_are_asked_and_not_only_negotiated(orthanc: ArchivingOrthanc) -> None:
    """An archive that does all of it is told so, and a report came for the commitment."""
    found = tried(orthanc.dimse(listener=orthanc.listener()), 1)
    assert {name: outcome for name, (outcome, _) in found.items()} == dict.fromkeys(
        TRIED, Outcome.WORKS
    )
    assert "reported" in found["storage commitment"][1]


def test_a_commitment_without_a_report_fails_in_words(orthanc: ArchivingOrthanc) -> None:
    """Where the archive reports to another port, the check names the one where nothing came."""
    elsewhere = replace(orthanc.listener(), port=free_port())
    found = tried(orthanc.dimse(listener=elsewhere, answer_s=2.0), 2)
    outcome, words = found["storage commitment"]
    assert outcome is Outcome.FAILS
    assert f"reported nothing to 127.0.0.1:{elsewhere.port}" in words


def test_an_archive_that_does_not_know_us_fails_what_it_negotiated(
    orthanc: ArchivingOrthanc,
) -> None:
    """Orthanc accepts the contexts of strangers and then does nothing for them."""
    known = orthanc.dimse()
    assert isinstance(known.address, DimseAddress)
    stranger = replace(known, address=replace(known.address, calling_aet="STRANGER"))
    found = tried(stranger, 3)
    assert found["C-FIND"][0] is Outcome.FAILS
    assert found["C-GET"][0] is Outcome.FAILS
