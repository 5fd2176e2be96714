"""Retrieving: the very object that was asked for, or its header alone."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from pydicom import Dataset, dcmread

from hosr.errors import Reason
from hosr.intake.images import read_images
from tests.archive.dicomweb.peers import FILE, LOCATOR, STUDY, UID, archive_at, refused
from tests.archive.dicomweb.scripted import Step, answer, dicom_json, scripted_peer
from tests.images import dicom_bytes, film
from tests.intake.dicom_files import deflated, encoded

PARTS = 'multipart/related; type="application/dicom"; boundary=b'


def _parts(*contents: bytes) -> bytes:
    head = b"\r\n--b\r\nContent-Type: application/dicom\r\n\r\n"
    return b"".join(head + content for content in contents) + b"\r\n--b--"


def test_an_object_is_asked_for_as_it_is_stored() -> None:
    """By its three UIDs, in whatever transfer syntax."""
    with scripted_peer(answer(200, _parts(FILE), PARTS)) as peer, archive_at(peer.url) as archive:
        assert archive.fetch(LOCATOR) == FILE
    (request,) = peer.received
    assert request.target == (
        f"/dicom-web/studies/{STUDY}/series/{LOCATOR.series_instance_uid}/instances/{UID}"
    )
    assert request.headers["accept"] == (
        'multipart/related; type="application/dicom"; transfer-syntax=*'
    )


def test_an_archive_that_gives_the_file_alone_is_understood() -> None:
    """Without a message around it."""
    step = answer(200, FILE, "application/dicom")
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        assert archive.fetch(LOCATOR) == FILE


def test_an_archive_that_knows_no_asterisk_is_asked_without() -> None:
    """Not acceptable with it, acceptable without."""
    step = answer(200, _parts(FILE), PARTS)
    with scripted_peer(answer(406), step) as peer, archive_at(peer.url) as archive:
        assert archive.fetch(LOCATOR) == FILE
    assert peer.received[1].headers["accept"] == 'multipart/related; type="application/dicom"'


OTHER = encoded(film(SOPInstanceUID=UID + ".1"))


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (answer(404), Reason.ABSENT),
        (answer(410), Reason.ABSENT),
        (answer(406), Reason.UNSUPPORTED),
        (answer(401), Reason.CONFIGURATION),
        (answer(302, headers={"Location": "/login"}), Reason.CONFIGURATION),
        (answer(500), Reason.LOST),
        (answer(503), Reason.BUSY),
        (answer(204), Reason.UNRECOGNISED),
        (answer(200), Reason.UNRECOGNISED),
        (answer(200, b"<html>log in</html>", "text/html"), Reason.UNRECOGNISED),
        (answer(200, _parts(), PARTS), Reason.UNRECOGNISED),
        (answer(200, _parts(OTHER), PARTS), Reason.UNRECOGNISED),
        (answer(200, _parts(OTHER, FILE), PARTS), Reason.UNRECOGNISED),
        (answer(200, _parts(FILE[:-40]), PARTS), Reason.UNRECOGNISED),
        (answer(200, _parts(FILE[:100]), PARTS), Reason.UNRECOGNISED),
        (answer(200, _parts(b""), PARTS), Reason.UNRECOGNISED),
        (answer(200, _parts(FILE)[:-20], PARTS), Reason.LOST),
        (answer(200, _parts(FILE)[:-2], PARTS.replace("=b", "=b--")), Reason.UNRECOGNISED),
    ],
)
def test_anything_else_is_no_object(step: Step, reason: Reason) -> None:
    """Not there, not permitted, cut, damaged, or another one."""
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        refused(reason, archive.fetch, LOCATOR)


def test_a_packed_object_is_not_inflated_without_measure() -> None:
    """A deflated data set beyond the cap of reading is refused, and its size is never taken."""
    bomb = deflated(film(PixelData=bytes(80 << 20)))
    assert len(bomb) < 200_000
    step = answer(200, _parts(bomb), PARTS)
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        refused(Reason.UNRECOGNISED, archive.fetch, LOCATOR)


def test_a_packed_answer_is_not_inflated_without_measure() -> None:
    """What a web server packs may be a black film, but no gigabyte out of a few kilobytes."""
    bomb = gzip.compress(_parts(dicom_bytes(film(PixelData=bytes(80 << 20)))))
    assert len(bomb) < 200_000
    step = answer(200, bomb, PARTS, headers={"Content-Encoding": "gzip"})
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        refused(Reason.UNRECOGNISED, archive.fetch, LOCATOR)


@pytest.mark.parametrize(
    "uid", ["", "..", "1.2/../3", "1.2?x", "1.2\r\nX: y", "1" * 65, "1..2", "\u0661.\u0662"]
)
def test_a_uid_is_one_segment_of_a_path(uid: str) -> None:
    """What is no UID is asked of nobody."""
    with scripted_peer(answer(404)) as peer, archive_at(peer.url) as archive:
        for name in ("study_instance_uid", "series_instance_uid", "sop_instance_uid"):
            refused(Reason.DATA, archive.fetch, replace(LOCATOR, **{name: uid}))
        refused(Reason.DATA, archive.fetch_metadata, uid)
    assert peer.received == []


def _metadata(image: Dataset) -> dict[str, Any]:
    """The header of an image as an archive gives it: pixels as a reference."""
    found: dict[str, Any] = json.loads(image.to_json(suppress_invalid_tags=True))
    found["7FE00010"] = {"vr": "OW", "BulkDataURI": "http://127.0.0.1:1/pixels"}
    return found


def test_a_header_is_a_file_of_all_but_the_pixels() -> None:
    """Its text in UTF-8, whatever the archive says the file had; no reference is followed."""
    image = film(
        ImageComments="Größe ≥ 5",
        RedPaletteColorLookupTableData=b"secret12",
        RequestAttributesSequence=[film(SpecificCharacterSet="ISO_IR 100")],
    )
    with (
        scripted_peer(dicom_json(200, [_metadata(image)])) as peer,
        archive_at(peer.url) as archive,
    ):
        (content,) = archive.fetch_metadata(STUDY)
    assert [request.target for request in peer.received] == [f"/dicom-web/studies/{STUDY}/metadata"]
    header = dcmread(io.BytesIO(content))
    assert header.SpecificCharacterSet == "ISO_IR 192"
    assert header.ImageComments == "Größe ≥ 5"
    assert header.PatientName == image.PatientName
    assert header.ImagerPixelSpacing == [1, 1]
    assert "PixelData" not in header
    assert "RedPaletteColorLookupTableData" not in header
    assert "SpecificCharacterSet" not in header.RequestAttributesSequence[0]
    assert "PixelData" not in header.RequestAttributesSequence[0]
    assert content[:132] == bytes(128) + b"DICM"


def test_values_that_are_not_valid_stay(tmp_path: Any) -> None:
    """A header is judged by who reads it, not by who brings it; what cannot be read is left out."""
    plain = _metadata(film())
    odd = {
        **plain,
        "00100020": {"vr": "LO", "Value": ["x" * 80]},
        "00281090": {"vr": "US", "Value": ["wide"]},
        "00181164": {"vr": "DS", "Value": [0.123456789012345678, 0.15]},
        "00290010": {"Value": ["no VR"]},
        "nonsense": {"vr": "LO", "Value": ["x"]},
    }
    with scripted_peer(dicom_json(200, [odd])) as peer, archive_at(peer.url) as archive:
        (content,) = archive.fetch_metadata(STUDY)
    (tmp_path / "header.dcm").write_bytes(content)
    images = read_images([tmp_path])
    assert images.patient.patient_id == "x" * 80
    spacing = images.images[0].geometry.spacing.imager_pixel_spacing_mm
    assert spacing is not None
    assert spacing == pytest.approx((0.12345678901234568, 0.15))


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (answer(404), Reason.ABSENT),
        (answer(204), Reason.ABSENT),
        (dicom_json(200, []), Reason.ABSENT),
        (answer(501), Reason.UNSUPPORTED),
        (answer(200, b"<html>", "text/html"), Reason.UNRECOGNISED),
        (dicom_json(200, [{}]), Reason.UNRECOGNISED),
        (dicom_json(200, [_metadata(film(StudyInstanceUID="1.2.3"))]), Reason.UNRECOGNISED),
        (dicom_json(200, [_metadata(film(SOPInstanceUID="../x"))]), Reason.UNRECOGNISED),
        (dicom_json(200, [_metadata(film()), {"00080018": 7}]), Reason.UNRECOGNISED),
    ],
)
def test_anything_else_is_no_metadata(step: Step, reason: Reason) -> None:
    """Another study, no UIDs, no DICOM: nothing is made of it."""
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        refused(reason, archive.fetch_metadata, STUDY)


def test_nesting_without_measure_is_refused() -> None:
    """A sequence in a sequence in a sequence."""
    nested: dict[str, Any] = {}
    for _ in range(60):
        nested = {"00400275": {"vr": "SQ", "Value": [nested]}}
    step = dicom_json(200, [{**_metadata(film()), **nested}])
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        refused(Reason.UNRECOGNISED, archive.fetch_metadata, STUDY)
