"""What works with an archive is found by trying, and said in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pynetdicom
import pytest
from pynetdicom import evt

from hosr.archive.addresses import Destination, DimseAddress
from hosr.archive.dimse import DimseArchive
from hosr.archive.dimse.storage import SOP_CLASSES
from hosr.archive.values import Check, Outcome
from hosr.errors import ArchiveUnreachable, Reason
from tests.archive.dimse.objects import EXPLICIT, IMPLICIT, make_file
from tests.archive.dimse.peers import VERIFICATION, destination, scp, serving, storescp
from tests.peers.orthanc import Orthanc, free_port, running_orthanc

SERVICES = ["storage commitment", "C-FIND", "C-GET", "C-MOVE"]
NAMES = ["association", "encryption", "C-ECHO", *SOP_CLASSES.values(), *SERVICES]
UID = "2.25.300"


@pytest.fixture(scope="module")
def archive_of_orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Orthanc, int]]:
    """A real Orthanc that knows hosr, and its DICOM port."""
    port = free_port()
    settings = {
        "DicomServerEnabled": True,
        "DicomPort": port,
        "DicomAet": "ARCHIVE",
        "DicomCheckCalledAet": True,
        "DicomAlwaysAllowStore": False,
        "DicomAlwaysAllowEcho": True,
        "DicomModalities": {
            "hosr": {"AET": "HOSR", "Host": "127.0.0.1", "Port": free_port(), "AllowStore": True}
        },
    }
    with running_orthanc(tmp_path_factory.mktemp("orthanc"), settings) as running:
        yield running, port


def _outcomes(checks: tuple[Check, ...]) -> dict[str, Outcome]:
    return {check.name: check.outcome for check in checks}


def test_orthanc_offers_everything_but_encryption(
    archive_of_orthanc: tuple[Orthanc, int],
) -> None:
    """A real archive is examined whole: all services, all classes, no encryption."""
    with DimseArchive(destination(archive_of_orthanc[1])) as archive:
        checks = archive.examine()
    expected = dict.fromkeys(NAMES, Outcome.WORKS) | {"encryption": Outcome.ABSENT}
    assert _outcomes(checks) == expected
    assert [check.name for check in checks] == NAMES


def test_orthanc_keeps_what_it_was_sent(archive_of_orthanc: tuple[Orthanc, int]) -> None:
    """Every class that hosr writes is stored on one association, and its data set is the same."""
    running, port = archive_of_orthanc
    with DimseArchive(destination(port)) as archive:
        for number, sop_class in enumerate(SOP_CLASSES):
            uid = f"2.25.40{number}"
            assert archive.store(make_file(uid, sop_class), uid).status == "0000"
        archive.examine()
    for number, sop_class in enumerate(SOP_CLASSES):
        uid = f"2.25.40{number}"
        kept = running.download(uid)
        assert kept.endswith(make_file(uid, sop_class)[-9000:])


def test_orthanc_refuses_a_stranger(archive_of_orthanc: tuple[Orthanc, int]) -> None:
    """A calling AE title that is not registered may not store: the association is aborted."""
    port = archive_of_orthanc[1]
    address = DimseAddress(
        called_aet="ARCHIVE", host="127.0.0.1", port=port, calling_aet="STRANGER"
    )
    stranger = Destination(name="pacs", address=address)
    with DimseArchive(stranger) as archive, pytest.raises(ArchiveUnreachable) as caught:
        archive.store(make_file(UID), UID)
    assert caught.value.reason is Reason.LOST


@pytest.mark.peer
def test_dcmtk_offers_storage_only(tmp_path: Path) -> None:
    """An archive without a query service says so, and what is missing is no failure."""
    with storescp(tmp_path / "kept") as port, DimseArchive(destination(port)) as archive:
        archive.store(make_file(UID), UID)
        checks = archive.examine()
    absent = dict.fromkeys(["encryption", *SERVICES], Outcome.ABSENT)
    assert _outcomes(checks) == dict.fromkeys(NAMES, Outcome.WORKS) | absent


def test_an_archive_for_implicit_vr_says_so() -> None:
    """A class that is accepted in one transfer syntax only works, and the words say in which."""
    basic, *others = SOP_CLASSES
    with scp(lambda _: 0, sop_classes=[basic, VERIFICATION], syntaxes=[IMPLICIT]) as port:
        checks = DimseArchive(destination(port)).examine()
    found = {check.name: check for check in checks}
    assert found[SOP_CLASSES[basic]].words.endswith("in Implicit VR Little Endian only")
    assert {found[SOP_CLASSES[other]].outcome for other in others} == {Outcome.ABSENT}


def test_without_an_association_the_rest_is_not_tried() -> None:
    """A connection that fails is one failure, with its cause, not fifteen."""
    checks = DimseArchive(destination(free_port())).examine()
    assert [check.name for check in checks] == NAMES
    first, *rest = checks
    assert first.outcome is Outcome.FAILS
    assert first.words.startswith("no connection (Connection refused); check the address")
    assert {check.outcome for check in rest} == {Outcome.UNTRIED}


@pytest.mark.parametrize(
    ("status", "outcome", "words"),
    [
        (0x0000, Outcome.WORKS, "it answers"),
        (0x0122, Outcome.FAILS, "it answered 0122"),
        (None, Outcome.FAILS, "it gave no answer"),
    ],
)
def test_an_echo_is_what_the_archive_answers(
    status: int | None, outcome: Outcome, words: str
) -> None:
    """C-ECHO works when it is answered with success, and not by being accepted."""

    def echo(event: evt.Event) -> int:
        if status is None:
            event.assoc.abort()
        return status or 0

    entity = pynetdicom.AE(ae_title="ARCHIVE")
    entity.add_supported_context(VERIFICATION, [EXPLICIT, IMPLICIT])
    with serving(entity, (evt.EVT_C_ECHO, echo)) as port:
        checks = DimseArchive(destination(port)).examine()
    found = {check.name: check for check in checks}["C-ECHO"]
    assert (found.outcome, found.words) == (outcome, words)


def test_an_archive_that_does_not_verify_is_still_examined() -> None:
    """Verification that is not offered is told, and the classes are examined all the same."""
    with scp(lambda _: 0, sop_classes=list(SOP_CLASSES)) as port:
        checks = DimseArchive(destination(port)).examine()
    found = _outcomes(checks)
    assert found["C-ECHO"] is Outcome.ABSENT
    assert {found[name] for name in SOP_CLASSES.values()} == {Outcome.WORKS}
