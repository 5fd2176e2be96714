"""DICOMweb with a real Orthanc, over TLS with client certificates and a password."""

from __future__ import annotations

import io
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import dcmread, dcmwrite

from hosr.archive.addresses import Credentials
from hosr.archive.dicomweb import WebArchive
from hosr.archive.values import Locator, Outcome, Query
from hosr.errors import Reason
from hosr.intake.images import read_images
from tests.archive.dicomweb.conftest import Authority
from tests.archive.dicomweb.front import tls_front
from tests.archive.dicomweb.peers import archive_at, refused
from tests.peers.orthanc import PLUGIN, START_SECONDS, free_port, stop
from tests.peers.processes import installed, leashed, program
from tests.peers.samples import SAMPLE_DATA

pytestmark = pytest.mark.peer

USER = "reader"
SECRET = "a secret: of tests"  # noqa: S105 (made up)

IMAGES = sorted(
    path for name in ("ct", "bilateral") for path in (SAMPLE_DATA / name / "images").rglob("*.dcm")
)


@pytest.fixture(scope="module")
def url(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The DICOMweb root of an Orthanc with a password, behind TLS with client certificates.

    Orthanc's own TLS is not used: that of Debian 12 dies of the first request.
    """
    folder = tmp_path_factory.mktemp("orthanc")
    port = free_port()
    settings = {
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "index"),
        "HttpPort": port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: SECRET},
        "DicomServerEnabled": False,
        "OverwriteInstances": False,
        "Plugins": [str(installed(PLUGIN, "Debian package orthanc-dicomweb"))],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    command = leashed([program("Orthanc", "Debian package orthanc"), folder / "orthanc.json"])
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as process,
    ):
        try:
            _wait(f"http://127.0.0.1:{port}/dicom-web", process)
            with tls_front(port, authority.server_context(asks=True)) as front:
                yield f"https://127.0.0.1:{front}/dicom-web"
        finally:
            stop(process)


def _wait(root: str, process: subprocess.Popen[bytes]) -> None:
    """Return once Orthanc says that it wants a password."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with archive_at(root) as archive:
            connection, search, *_ = archive.examine()
        if connection.outcome is Outcome.WORKS:
            assert "HTTP 401" in search.words
            return
        time.sleep(0.1)
    raise RuntimeError("Orthanc did not start")


@pytest.fixture(scope="module")
def open_archive(url: str, authority: Authority) -> Callable[[], WebArchive]:
    """The archive as it is meant to be used."""
    return lambda: archive_at(
        url,
        tls=authority.presenting,
        credentials=Credentials(variable="P", user=USER),
        environ={"P": SECRET},
    )


def _locator(data: bytes) -> Locator:
    header = dcmread(io.BytesIO(data), stop_before_pixels=True)
    return Locator(
        study_instance_uid=header.StudyInstanceUID,
        series_instance_uid=header.SeriesInstanceUID,
        sop_class_uid=header.SOPClassUID,
        sop_instance_uid=header.SOPInstanceUID,
    )


@pytest.fixture(scope="module")
def sent(open_archive: Callable[[], WebArchive]) -> dict[Locator, bytes]:
    """What the archive holds: the images of two studies."""
    data = {_locator(path.read_bytes()): path.read_bytes() for path in IMAGES}
    assert len(data) > 5
    with open_archive() as archive:
        for locator, content in data.items():
            receipt = archive.store(content, locator.sop_instance_uid)
            assert (receipt.sop_instance_uid, receipt.status) == (
                locator.sop_instance_uid,
                "HTTP 200",
            )
    return data


def test_what_was_stored_is_fetched_as_it_was(
    sent: dict[Locator, bytes], open_archive: Callable[[], WebArchive]
) -> None:
    """Every object comes back byte for byte."""
    with open_archive() as archive:
        assert {locator: archive.fetch(locator) for locator in sent} == sent


def test_another_object_of_the_same_uid_does_not_replace_the_first(
    sent: dict[Locator, bytes], open_archive: Callable[[], WebArchive]
) -> None:
    """Orthanc says stored, and keeps the first: only reading back tells."""
    locator, content = next(iter(sent.items()))
    other = dcmread(io.BytesIO(content))
    other.StudyDescription = "another"
    stream = io.BytesIO()
    dcmwrite(stream, other)
    with open_archive() as archive:
        archive.store(stream.getvalue(), locator.sop_instance_uid)
        assert archive.fetch(locator) == content


def test_boundaries_in_an_object_are_stored(open_archive: Callable[[], WebArchive]) -> None:
    """Text that looks like the end of a part reaches the archive whole."""
    image = dcmread(IMAGES[0])
    image.SOPInstanceUID = f"{image.SOPInstanceUID}.7"
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.ImageComments = "\r\n--0f3cf5c0-70e0-41ef-baef-c6f9f65ec3e1\r\n--\r\n----\r\n"
    image.StudyInstanceUID = f"{image.StudyInstanceUID}.7"
    image.SeriesInstanceUID = f"{image.SeriesInstanceUID}.7"
    stream = io.BytesIO()
    dcmwrite(stream, image)
    with open_archive() as archive:
        archive.store(stream.getvalue(), image.SOPInstanceUID)
        assert archive.fetch(_locator(stream.getvalue())) == stream.getvalue()


def test_bad_objects_are_not_taken_for_stored(open_archive: Callable[[], WebArchive]) -> None:
    """No study, half a file, and no file at all: each is refused; what is no object is not sent."""
    image = dcmread(IMAGES[0])
    image.StudyInstanceUID = ""
    stream = io.BytesIO()
    dcmwrite(stream, image)
    whole = IMAGES[0].read_bytes()
    with open_archive() as archive:
        refused(Reason.UNCONFIRMED, archive.store, stream.getvalue(), image.SOPInstanceUID)
        refused(Reason.DATA, archive.store, whole[:200], image.SOPInstanceUID)
        refused(Reason.DATA, archive.store, b"\xffnothing", image.SOPInstanceUID)


def test_what_is_there_is_found(
    sent: dict[Locator, bytes], open_archive: Callable[[], WebArchive]
) -> None:
    """By study, patient or accession number, by modality, and nothing else."""
    by_study: dict[str, list[Locator]] = {}
    for locator in sent:
        by_study.setdefault(locator.study_instance_uid, []).append(locator)
    with open_archive() as archive:
        for study, locators in by_study.items():
            header = dcmread(io.BytesIO(sent[locators[0]]), stop_before_pixels=True)
            modality = str(header.Modality)
            query = Query(study_instance_uid=study)
            assert archive.find(query) == tuple(sorted(locators))
            assert archive.find(replace(query, modalities=(modality, "SR"))) == archive.find(query)
            assert archive.find(replace(query, modalities=("SR",))) == ()
            assert archive.find(replace(query, patient_id="nobody")) == ()
            patient = Query(patient_id=str(header.PatientID))
            assert set(locators) <= set(archive.find(patient))
            accession = Query(accession_number=str(header.AccessionNumber))
            assert set(locators) <= set(archive.find(accession))
        for nothing in (Query(patient_id="*"), Query(study_instance_uid="1.2.3.4")):
            assert archive.find(nothing) == ()


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("name", ["ct", "bilateral"])
def test_headers_are_enough_to_read_the_images(
    name: str,
    open_archive: Callable[[], WebArchive],
    tmp_path: Path,
) -> None:
    """The headers from metadata say of patient, study, geometry and side what the files say."""
    folder = SAMPLE_DATA / name / "images"
    files = read_images([folder])
    study = next(_locator(path.read_bytes()) for path in folder.rglob("*.dcm")).study_instance_uid
    with open_archive() as archive:
        headers = archive.fetch_metadata(study)
    for number, header in enumerate(headers):
        (tmp_path / f"{number}.dcm").write_bytes(header)
    fetched = read_images([tmp_path])
    assert fetched.patient == files.patient
    assert fetched.study == files.study
    assert [replace(image, file=None) for image in fetched.images] == [
        replace(image, file=None) for image in files.images
    ]
    assert sum(map(len, headers)) < sum(path.stat().st_size for path in folder.rglob("*.dcm"))


def test_what_is_not_there_is_absent(
    sent: dict[Locator, bytes], open_archive: Callable[[], WebArchive]
) -> None:
    """An instance and a study that nobody stored."""
    locator = replace(next(iter(sent)), sop_instance_uid="1.2.3.4")
    with open_archive() as archive:
        refused(Reason.ABSENT, archive.fetch, locator)
        refused(Reason.ABSENT, archive.fetch_metadata, "1.2.3.4")


def test_what_works_is_said(open_archive: Callable[[], WebArchive]) -> None:
    """Everything but commitment works, and trying it stored nothing."""
    with open_archive() as archive:
        before = archive.find(Query(patient_id="*"))
        checks = archive.examine()
        assert archive.find(Query(patient_id="*")) == before
    assert [(check.name, check.outcome) for check in checks] == [
        ("connection", Outcome.WORKS),
        ("search", Outcome.WORKS),
        ("retrieval", Outcome.WORKS),
        ("storage", Outcome.WORKS),
        ("commitment", Outcome.ABSENT),
    ]


def test_a_wrong_password_is_refused(url: str, authority: Authority) -> None:
    """And so is none at all."""
    whole = IMAGES[0].read_bytes()
    for credentials in (Credentials(variable="P", user=USER), None):
        with archive_at(
            url, tls=authority.presenting, credentials=credentials, environ={"P": "wrong"}
        ) as archive:
            error = refused(
                Reason.CONFIGURATION, archive.store, whole, _locator(whole).sop_instance_uid
            )
            assert error.status == "HTTP 401"
            assert [check.outcome for check in archive.examine()[1:4]] == [Outcome.FAILS] * 3


def test_a_missing_client_certificate_is_no_connection(url: str, authority: Authority) -> None:
    """The connection ends, with an alert or without, and the words say what may be missing."""
    with archive_at(url, tls=authority.trusting) as archive:
        connection = archive.examine()[0]
    assert connection.outcome is Outcome.FAILS
    assert "client certificate" in connection.words


def test_a_stranger_is_not_asked(url: str, stranger: Authority) -> None:
    """Whose certificate is not trusted gets nothing."""
    whole = IMAGES[0].read_bytes()
    with archive_at(url, tls=stranger.trusting) as archive:
        refused(Reason.INSECURE, archive.store, whole, _locator(whole).sop_instance_uid)
