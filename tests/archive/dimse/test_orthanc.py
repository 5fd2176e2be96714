"""All of it with a real archive: Orthanc commits, finds, gives and moves."""

from __future__ import annotations

import io
import json
import socket
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from hosr.archive.addresses import Destination, DimseAddress
from hosr.archive.dimse import DimseArchive
from hosr.archive.dimse.listener import listen
from hosr.archive.dimse.query import find_instances, has_instance
from hosr.archive.dimse.retrieval import fetch_instance, fetch_series
from hosr.archive.values import CommitmentReport, Locator, Query, Reference
from hosr.dicom.elements import read_meta
from hosr.errors import ArchiveError, ArchiveRefused, Reason
from tests.archive.dimse.objects import COMPREHENSIVE_SR, data_set_bytes
from tests.archive.dimse.providers import (
    Reports,
    RestrictedOrthanc,
    make_instance,
    make_instance_data_set,
    make_locator,
    restricted_orthanc,
)
from tests.peers.orthanc import free_port

pytestmark = pytest.mark.peer

BASIC_TEXT_SR = "1.2.840.10008.5.1.4.1.1.88.11"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def _store(where: Destination, locators: Sequence[Locator], **attributes: str) -> list[bytes]:
    files = [make_instance(locator, **attributes) for locator in locators]
    with DimseArchive(where) as archive:
        for locator, file in zip(locators, files, strict=True):
            assert archive.store(file, locator.sop_instance_uid).status == "0000"
    return files


def _report(
    where: Destination, references: Sequence[Reference], transaction_uid: str
) -> CommitmentReport:
    """What the archive reports to the listener when it is asked to commit to these."""
    reports = Reports()
    with listen(where, reports.take), DimseArchive(where) as archive:
        archive.request_commitment(transaction_uid, references, reports.take)
        return reports.next()


def test_what_is_stored_is_committed_to(orthanc: RestrictedOrthanc) -> None:
    """The report comes on an association of its own, and names every instance."""
    stored = [make_locator(1000, instance=number) for number in (1, 2, 3)]
    where = orthanc.listening()
    _store(where, stored)
    report = _report(where, [one.reference for one in stored], "2.25.1001")
    assert (report.transaction_uid, report.peer_aet) == ("2.25.1001", "ORTHANC")
    assert sorted(report.committed) == [one.reference for one in stored]
    assert report.failed == ()


def test_what_is_not_there_is_reported_with_its_reason(orthanc: RestrictedOrthanc) -> None:
    """One good, one unknown, one of another class: each is told apart (PS3.3 table C.14-1)."""
    good, other = make_locator(1010, instance=1), make_locator(1010, instance=2)
    where = orthanc.listening()
    _store(where, [good, other])
    unknown = Reference(sop_class_uid=COMPREHENSIVE_SR, sop_instance_uid="2.25.404")
    of_another_class = replace(other.reference, sop_class_uid=BASIC_TEXT_SR)
    report = _report(where, [good.reference, unknown, of_another_class], "2.25.1011")
    assert report.committed == (good.reference,)
    assert dict(report.failed) == {unknown: 0x0112, of_another_class: 0x0119}


def test_an_archive_that_allows_no_commitment_does_not_support_it(
    unwilling: RestrictedOrthanc,
) -> None:
    """Orthanc accepts the service and then aborts; that is a no, and not a loss."""
    with (
        DimseArchive(unwilling.dimse()) as archive,
        pytest.raises(ArchiveRefused, match="ended the association when it was asked") as caught,
    ):
        archive.request_commitment("2.25.7", [make_locator(1).reference], lambda _: True)
    assert caught.value.reason is Reason.UNSUPPORTED


def test_a_listener_that_is_gone_gets_no_report_and_harms_nothing(
    orthanc: RestrictedOrthanc,
) -> None:
    """The request is heard though nobody listens; asked anew with a listener, the report comes."""
    stored = make_locator(1020)
    where = orthanc.listening()
    _store(where, [stored])
    reports = Reports()
    with DimseArchive(where) as archive:
        archive.request_commitment("2.25.1021", [stored.reference], reports.take)
    assert reports.is_empty
    report = _report(where, [stored.reference], "2.25.1022")
    assert (report.transaction_uid, report.committed) == ("2.25.1022", (stored.reference,))


def _failed_reports(url: str, wait_s: float = 60.0) -> list[str]:
    """Where the jobs of reports stand that could not be delivered, once there is one."""
    end_s = time.monotonic() + wait_s
    while time.monotonic() < end_s:
        with urllib.request.urlopen(f"{url}/jobs?expand", timeout=60) as answer:
            jobs = json.load(answer)
        failed = [job["ID"] for job in jobs if job["State"] == "Failure"]
        if failed:
            return [f"{url}/jobs/{job}/resubmit" for job in failed]
        time.sleep(0.1)
    return []


def test_a_late_report_is_taken(tmp_path: Path) -> None:
    """A report that found nobody is taken once the archive sends it again, transaction and all."""
    stored = make_locator(1030)
    reports = Reports()
    with restricted_orthanc(tmp_path) as orthanc:
        where = orthanc.listening()
        _store(where, [stored])
        with DimseArchive(where) as archive:
            archive.request_commitment("2.25.1031", [stored.reference], reports.take)
        [again] = _failed_reports(orthanc.running.url)
        assert reports.is_empty
        with listen(where, reports.take):
            urllib.request.urlopen(again, data=b"", timeout=60).close()
            report = reports.next()
    assert (report.transaction_uid, report.committed) == ("2.25.1031", (stored.reference,))


def test_a_port_that_is_taken_is_a_fault_of_configuration(orthanc: RestrictedOrthanc) -> None:
    """Two programs cannot listen on one port, and the second says so; once it is free it works."""
    where = orthanc.listening()
    with (
        socket.create_server(("127.0.0.1", orthanc.listen_port)),
        pytest.raises(
            ArchiveRefused, match=f"cannot listen on 127.0.0.1:{orthanc.listen_port}"
        ) as caught,
        listen(where, lambda _: True),
    ):
        pass
    assert caught.value.reason is Reason.CONFIGURATION
    with listen(where, lambda _: True):
        socket.create_connection(("127.0.0.1", orthanc.listen_port), timeout=30).close()


def test_two_archives_cannot_report_to_one_port(orthanc: RestrictedOrthanc) -> None:
    """Who may report is bound to the port: another archive needs another one."""
    where = orthanc.listening()
    with (
        listen(where, lambda _: True),
        pytest.raises(ArchiveRefused, match="on the port of the archive pacs") as caught,
        listen(replace(where, name="other"), lambda _: True),
    ):
        pass
    assert caught.value.reason is Reason.CONFIGURATION


def _query(**fields: object) -> Query:
    return Query(**fields)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shelf(orthanc: RestrictedOrthanc) -> dict[str, tuple[Locator, ...]]:
    """Two studies of one patient and one of another, with series of two modalities."""
    reports = tuple(make_locator(1100, 1, number) for number in (1, 2))
    images = (make_locator(1100, 2),)
    later, other = (make_locator(1101),), (make_locator(1102),)
    where = orthanc.dimse()
    first = {"PatientID": "P-1100", "AccessionNumber": "A-1100"}
    _store(where, reports, **first)
    _store(where, images, **first, Modality="OT")
    _store(where, later, PatientID="P-1100", AccessionNumber="A-1101")
    _store(where, other, PatientID="P-1102", AccessionNumber="Ä-1102")
    return {"reports": reports, "images": images, "later": later, "other": other}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (_query(study_instance_uid="2.25.1100"), ["reports", "images"]),
        (_query(study_instance_uid="2.25.1100", modalities=("SR",)), ["reports"]),
        (_query(study_instance_uid="2.25.1100", modalities=("OT", "KO")), ["images"]),
        (_query(accession_number="A-1101"), ["later"]),
        (_query(accession_number="Ä-1102"), ["other"]),
        (_query(patient_id="P-1100"), ["reports", "images", "later"]),
        (_query(patient_id="P-1100", modalities=("SR",)), ["reports", "later"]),
        (_query(patient_id="P-1100", accession_number="A-1101"), ["later"]),
        (_query(patient_id="P-1100", study_instance_uid="2.25.1102"), []),
        (_query(patient_id="P-110"), []),
        (_query(study_instance_uid="2.25.404"), []),
        (_query(study_instance_uid="2.25.1100", modalities=("CT",)), []),
    ],
    ids=str,
)
def test_a_query_finds_what_matches_and_nothing_else(
    query: Query,
    names: list[str],
    orthanc: RestrictedOrthanc,
    shelf: dict[str, tuple[Locator, ...]],
) -> None:
    """By study, accession number, patient and modality, in the order of the UIDs."""
    wanted = sorted(locator for name in names for locator in shelf[name])
    assert find_instances(orthanc.dimse(), query) == tuple(wanted)


def test_an_instance_is_found_only_where_it_stands(
    orthanc: RestrictedOrthanc, shelf: dict[str, tuple[Locator, ...]]
) -> None:
    """The same UID in another series or study is not that instance."""
    there = shelf["later"][0]
    where = orthanc.dimse()
    assert has_instance(where, there)
    assert not has_instance(where, replace(there, series_instance_uid="2.25.404"))
    assert not has_instance(where, replace(there, sop_instance_uid="2.25.404"))


def test_an_instance_comes_back_byte_for_byte(orthanc: RestrictedOrthanc) -> None:
    """By C-GET the data set is the one that was sent, to the last byte."""
    stored = make_locator(1200)
    [file] = _store(orthanc.dimse(), [stored])
    assert data_set_bytes(fetch_instance(orthanc.dimse(), stored)) == data_set_bytes(file)


def test_an_instance_that_is_not_there_is_absent(orthanc: RestrictedOrthanc) -> None:
    """Neither in a study that is there nor in one that is not."""
    stored = make_locator(1210)
    _store(orthanc.dimse(), [stored])
    for missing in (replace(stored, sop_instance_uid="2.25.404"), make_locator(1211)):
        with pytest.raises(ArchiveRefused) as caught:
            fetch_instance(orthanc.dimse(), missing)
        assert caught.value.reason is Reason.ABSENT


def _fetched(where: Destination, locators: Sequence[Locator]) -> dict[Locator, bytes]:
    taken: dict[Locator, bytes] = {}
    fetch_series(where, locators, lambda locator, file: taken.update({locator: file}))
    return {locator: data_set_bytes(file) for locator, file in taken.items()}


def test_series_come_whole_and_parts_of_series_alone(orthanc: RestrictedOrthanc) -> None:
    """Of two series exactly the instances that were asked for are taken, each as it was sent."""
    series = [make_locator(1220, 1, number) for number in range(1, 6)]
    single = make_locator(1220, 2)
    stored = [*series, single]
    files = _store(orthanc.dimse(), stored)
    sent = {one: data_set_bytes(file) for one, file in zip(stored, files, strict=True)}
    assert _fetched(orthanc.dimse(), stored) == sent
    some = [series[0], series[3], single]
    assert _fetched(orthanc.dimse(), some) == {one: sent[one] for one in some}


def test_a_series_that_is_not_complete_is_absent(orthanc: RestrictedOrthanc) -> None:
    """What is there is taken, and how much is missing is said."""
    stored = [make_locator(1230, 1, number) for number in (1, 2)]
    files = _store(orthanc.dimse(), stored)
    taken: dict[Locator, bytes] = {}
    wanted = [*stored, make_locator(1230, 1, 3)]
    with pytest.raises(ArchiveRefused, match="1 of 3 objects") as caught:
        fetch_series(orthanc.dimse(), wanted, lambda one, file: taken.update({one: file}))
    assert caught.value.reason is Reason.ABSENT
    assert [data_set_bytes(taken[one]) for one in stored] == list(map(data_set_bytes, files))


def test_without_c_get_objects_are_moved_to_the_listener(unwilling: RestrictedOrthanc) -> None:
    """Where C-GET is refused, C-MOVE brings the same bytes; several of a series in one request."""
    stored = [make_locator(1300, 1, number) for number in (1, 2, 3)]
    where = unwilling.listening()
    files = _store(where, stored)
    sent = {one: data_set_bytes(file) for one, file in zip(stored, files, strict=True)}
    assert data_set_bytes(fetch_instance(where, stored[0])) == sent[stored[0]]
    assert _fetched(where, stored) == sent


COMPRESSED = {  # the pixels are no pixels: archives must not look
    "JPEG baseline": "1.2.840.10008.1.2.4.50",
    "JPEG lossless": "1.2.840.10008.1.2.4.70",
    "JPEG 2000 lossless": "1.2.840.10008.1.2.4.90",
    "RLE lossless": "1.2.840.10008.1.2.5",
}


def _add_pixels(data_set: Dataset) -> None:
    data_set.Rows = data_set.Columns = 16
    data_set.BitsAllocated = data_set.BitsStored = 8
    data_set.HighBit, data_set.PixelRepresentation, data_set.SamplesPerPixel = 7, 0, 1
    data_set.PhotometricInterpretation = "MONOCHROME2"
    data_set.PixelData = encapsulate([bytes(range(256))])
    data_set["PixelData"].VR = "OB"
    data_set["PixelData"].is_undefined_length = True


@pytest.mark.parametrize("by", ["C-GET", "C-MOVE"])
@pytest.mark.parametrize(
    ("study", "syntax"),
    list(enumerate(["1.2.840.10008.1.2", "1.2.840.10008.1.2.1.99", *COMPRESSED.values()], 1400)),
)
def test_an_object_comes_back_in_the_transfer_syntax_it_is_kept_in(
    by: str, study: int, syntax: str, orthanc: RestrictedOrthanc, unwilling: RestrictedOrthanc
) -> None:
    """Nothing is transcoded on the way, compressed or not."""
    locator = replace(make_locator(study), sop_class_uid=SECONDARY_CAPTURE)
    data_set = make_instance_data_set(locator, Modality="OT")
    data_set.file_meta.TransferSyntaxUID = UID(syntax)
    if syntax in COMPRESSED.values():
        _add_pixels(data_set)
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, data_set, enforce_file_format=True)
    file = stream.getvalue()
    where = (orthanc if by == "C-GET" else unwilling).listening()
    with DimseArchive(where) as archive:
        archive.store(file, locator.sop_instance_uid)
        kept = archive.fetch(locator)
    assert read_meta(io.BytesIO(kept)) == (SECONDARY_CAPTURE, syntax)
    assert data_set_bytes(kept) == data_set_bytes(file)


def test_without_c_get_and_listener_objects_are_not_given(unwilling: RestrictedOrthanc) -> None:
    """There is no way then, and the error says what would make one."""
    stored = make_locator(1310)
    _store(unwilling.dimse(), [stored])
    with pytest.raises(ArchiveRefused) as caught:
        fetch_instance(unwilling.dimse(), stored)
    assert caught.value.reason is Reason.UNSUPPORTED


def test_a_move_to_an_unknown_destination_is_refused(unwilling: RestrictedOrthanc) -> None:
    """Orthanc does not know the listener of a stranger, nor lets it ask."""
    where = unwilling.listening()
    assert isinstance(where.address, DimseAddress)
    stored = make_locator(1320)
    _store(where, [stored])
    stranger = replace(where, address=replace(where.address, calling_aet="STRANGER"))
    with pytest.raises(ArchiveError) as caught:
        fetch_instance(stranger, stored)
    assert caught.value.reason in {Reason.UNSUPPORTED, Reason.PROCESSING}


def test_a_move_past_the_listener_brings_nothing(unwilling: RestrictedOrthanc) -> None:
    """Where the archive sends to another port than hosr listens on, nothing is taken for come."""
    where = unwilling.listening()
    stored = make_locator(1330)
    _store(where, [stored])
    elsewhere = replace(unwilling.listener(), port=free_port())
    with pytest.raises(ArchiveError) as caught:
        fetch_instance(replace(where, listener=elsewhere), stored)
    assert caught.value.reason in {Reason.PROCESSING, Reason.UNRECOGNISED, Reason.CAPACITY}
