"""What every archive keeps to, whatever it speaks: one suite over all of them."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import dcmread

from hosr.archive import open_archive
from hosr.archive.addresses import (
    Address,
    Destination,
    DimseAddress,
    FolderAddress,
    WebAddress,
)
from hosr.archive.values import Archive, Outcome, Query
from hosr.errors import ArchiveError, Reason
from hosr.identity import derive_uid
from hosr.outbox import Item
from hosr.outbox.comparison import Likeness, compare
from tests.outbox.scripted import located
from tests.peers.archiving import ArchivingOrthanc, archiving_orthanc
from tests.peers.orthanc import free_port
from tests.peers.reports import make_item, make_object

PROTOCOLS = ("folder", "dimse", "dicomweb")
Open = Callable[[str], Archive]


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArchivingOrthanc]:
    """The archive behind both protocols."""
    with archiving_orthanc(tmp_path_factory.mktemp("orthanc")) as running:
        yield running


@pytest.fixture(scope="module", params=PROTOCOLS)
def destination(
    request: pytest.FixtureRequest,
    orthanc: ArchivingOrthanc,
    tmp_path_factory: pytest.TempPathFactory,
) -> Destination:
    """One archive of each kind."""
    if request.param == "folder":
        address = FolderAddress(path=tmp_path_factory.mktemp("folder"))
        return Destination(name="folder", address=address)
    return orthanc.dimse() if request.param == "dimse" else orthanc.web()


@pytest.fixture
def archive(destination: Destination) -> Iterator[Archive]:
    """That archive, opened."""
    with open_archive(destination, environ={}, clock=time.time) as opened:
        yield opened


@pytest.fixture
def item(request: pytest.FixtureRequest) -> Item:
    """An object that no other test stores."""
    return make_item("contract", request.node.name)


def _in_other_study(item: Item, *parts: str) -> Item:
    """The object in a study of its own."""
    data = dcmread(io.BytesIO(item.data))
    data.StudyInstanceUID = derive_uid("contract study", *parts)
    stream = io.BytesIO()
    data.save_as(stream)
    locator = replace(located(item), study_instance_uid=str(data.StudyInstanceUID))
    return Item.instance(locator=locator, data=stream.getvalue(), name=item.name)


def test_a_receipt_is_for_what_is_there_afterwards(archive: Archive, item: Item) -> None:
    """What was stored is given back with the data set that was sent."""
    uid = item.key
    receipt = archive.store(item.data, uid)
    assert (receipt.sop_instance_uid, receipt.warning) == (uid, "")
    assert compare(item.data, archive.fetch(located(item))).likeness is Likeness.SAME


def test_the_same_bytes_again_are_the_same_object(archive: Archive, item: Item) -> None:
    """Storing twice leaves one object, and both times there is a receipt."""
    item = _in_other_study(item, item.name, type(archive).__name__)
    for _ in range(2):
        archive.store(item.data, item.key)
    found = archive.find(Query(study_instance_uid=located(item).study_instance_uid))
    assert found == (located(item),)


def test_other_bytes_under_a_uid_are_never_taken_for_stored(archive: Archive, item: Item) -> None:
    """Either the archive refuses, or reading back shows that it kept what it had."""
    uid = item.key
    archive.store(item.data, uid)
    other = item.data.replace(b"UNVERIFIED", b"VERIFIED  ", 1)
    assert other != item.data
    try:
        archive.store(other, uid)
    except ArchiveError as error:
        assert error.reason is Reason.DUPLICATE  # noqa: PT017 (both ways are right)
    assert compare(item.data, archive.fetch(located(item))).likeness is Likeness.SAME
    assert compare(other, archive.fetch(located(item))).likeness is Likeness.OTHER


def test_what_is_not_there_is_absent(archive: Archive, item: Item) -> None:
    """An instance that was never stored is absent, and its study has nothing."""
    with pytest.raises(ArchiveError) as raised:
        archive.fetch(located(item))
    assert raised.value.reason is Reason.ABSENT
    assert archive.find(Query(study_instance_uid="2.25.404")) == ()


def test_a_search_names_what_it_is_for(archive: Archive) -> None:
    """Nobody is given all that an archive has: a study, an order or a patient is named."""
    for query in (Query(), Query(modalities=("SR",))):
        with pytest.raises(ArchiveError) as raised:
            archive.find(query)
        assert raised.value.reason is Reason.CONFIGURATION
        assert "names no study" in raised.value.faults[0].problem


def test_a_study_is_found_with_all_its_instances_and_no_others(
    archive: Archive, item: Item
) -> None:
    """A query by study gives exactly what was stored in it, in the order of the UIDs."""
    items = [
        _in_other_study(make_item("contract find", str(number)), type(archive).__name__)
        for number in range(3)
    ]
    for one in items:
        archive.store(one.data, one.key)
    archive.store(item.data, item.key)
    found = archive.find(Query(study_instance_uid=located(items[0]).study_instance_uid))
    assert found == tuple(sorted(map(located, items)))


@pytest.mark.parametrize(
    "data",
    [b"", b"no DICOM at all" * 20, make_object("contract", "cut")[:700]],
    ids=["nothing", "another file", "cut off"],
)
def test_what_is_no_dicom_file_is_refused(archive: Archive, data: bytes) -> None:
    """Bytes that no archive can store are a fault of the data, and nothing is stored."""
    with pytest.raises(ArchiveError) as raised:
        archive.store(data, derive_uid("contract", "cut"))
    assert raised.value.reason is Reason.DATA


def test_an_object_under_a_foreign_uid_is_refused(archive: Archive, item: Item) -> None:
    """The UID that is said must be that of the object."""
    with pytest.raises(ArchiveError) as raised:
        archive.store(item.data, derive_uid("contract", "foreign"))
    assert raised.value.reason is Reason.DATA


def test_nothing_of_a_patient_is_in_an_error(archive: Archive, item: Item) -> None:
    """Whatever is refused, the patient of the object is not named."""
    patient = dcmread(io.BytesIO(item.data))
    with pytest.raises(ArchiveError) as raised:
        archive.store(item.data[:-100], item.key)
    said = f"{raised.value} {raised.value.status}"
    assert str(patient.PatientName) not in said
    assert str(patient.PatientID) not in said


ASKED: dict[str, Callable[[Archive, Item, str], object]] = {
    "store": lambda archive, item, _: archive.store(item.data, item.key),
    "fetch": lambda archive, item, _: archive.fetch(located(item)),
    "find": lambda archive, _, patient_id: archive.find(Query(patient_id=patient_id)),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_archive_that_is_gone_is_an_error_of_archives_without_a_patient(
    protocol: str, asked: str, item: Item, tmp_path: Path
) -> None:
    """Where nobody listens, or the way to the folder is a file, each call says so and no more."""
    (tmp_path / "file").write_bytes(b"")
    port = free_port()
    addresses: dict[str, Address] = {
        "folder": FolderAddress(path=tmp_path / "file" / "folder"),
        "dimse": DimseAddress(called_aet="ARCHIVE", host="127.0.0.1", port=port),
        "dicomweb": WebAddress(url=f"http://127.0.0.1:{port}/dicom-web", secure=False),
    }
    gone = Destination(name="gone", address=addresses[protocol])
    patient = dcmread(io.BytesIO(item.data))
    reason = Reason.CONFIGURATION if protocol == "folder" else Reason.UNREACHABLE
    with (
        open_archive(gone, environ={}, clock=time.time) as archive,
        pytest.raises(ArchiveError) as raised,
    ):
        ASKED[asked](archive, item, str(patient.PatientID))
    assert raised.value.reason is reason
    assert [fault.path for fault in raised.value.faults] == ["gone"]
    said = f"{raised.value} {raised.value.status}"
    assert str(patient.PatientName) not in said
    assert str(patient.PatientID) not in said


def test_examining_stores_nothing_and_finds_no_fault(archive: Archive) -> None:
    """An archive that works is told so, in words, check by check."""
    checks = archive.examine()
    assert checks
    assert [check for check in checks if check.outcome is Outcome.FAILS] == []
    assert all(check.name and check.words for check in checks)
