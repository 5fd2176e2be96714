"""Storing over DICOMweb: a receipt only for this instance, and a reason for everything else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hosr.archive.dicomweb.messages import first_part
from hosr.archive.values import Receipt
from hosr.errors import Reason
from tests.archive.dicomweb.peers import FILE, NOW, UID, archive_at, refused, stored
from tests.archive.dicomweb.scripted import Step, answer, dicom_json, scripted_peer

OTHER = "1.2.826.0.1.1.1.999"


def _failed(reason: object, uid: str | None = UID, sequence: str = "00081198") -> dict[str, Any]:
    item: dict[str, Any] = {"00081197": {"vr": "US", "Value": [reason]}}
    if uid is not None:
        item["00081155"] = {"vr": "UI", "Value": [uid]}
    return {sequence: {"vr": "SQ", "Value": [item]}}


def _xml(sequence: str, *attributes: str, start: str = '<?xml version="1.0"?>') -> bytes:
    return (
        f'{start}<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">'
        f'<DicomAttribute tag="{sequence}" vr="SQ"><Item number="1">{"".join(attributes)}</Item>'
        "</DicomAttribute></NativeDicomModel>"
    ).encode()


def _attribute(tag: str, value: object) -> str:
    return f'<DicomAttribute tag="{tag}"><Value number="1">{value}</Value></DicomAttribute>'


def test_one_instance_is_sent_as_it_is() -> None:
    """The request is a message of one part, the very bytes, to the studies of the archive."""
    with scripted_peer(dicom_json(200, stored())) as peer, archive_at(peer.url) as archive:
        receipt = archive.store(FILE, UID)
    assert receipt == Receipt(sop_instance_uid=UID, status="HTTP 200")
    (request,) = peer.received
    assert (request.method, request.target) == ("POST", "/dicom-web/studies")
    assert request.headers["accept"] == "application/dicom+json"
    assert request.headers["host"] == peer.url.split("/")[2]
    assert "authorization" not in request.headers
    kind = request.headers["content-type"]
    assert kind.startswith('multipart/related; type="application/dicom"; boundary=')
    assert first_part(request.body, kind) == ("application/dicom", FILE)


@pytest.mark.parametrize(
    "step",
    [
        dicom_json(200, stored()),
        dicom_json(202, stored()),
        dicom_json(200, [stored()]),
        answer(200, json.dumps(stored()).encode(), "application/dicom+json; charset=utf-8"),
        answer(200, json.dumps(stored()).encode(), "Application/JSON"),
        answer(200, _xml("00081199", _attribute("00081155", UID)), "application/dicom+xml"),
        answer(200, _xml("00081199", _attribute("00081155", UID)), "text/xml;charset=UTF-8"),
    ],
)
def test_every_form_of_yes_is_understood(step: Step) -> None:
    """JSON, XML, parameters of a media type and a list around it change nothing."""
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        assert archive.store(FILE, UID).sop_instance_uid == UID


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (0xB000, "it changed some attributes"),
        (0xB006, "it left some attributes out"),
        (0xB007, "it finds that the data set does not match its SOP class"),
        (1234, "it warns without a reason that a standard lists (04D2)"),
    ],
)
def test_a_warning_is_kept_in_our_words(reason: int, words: str) -> None:
    """An instance that was stored with a warning was stored, and the receipt says how."""
    for status in (201, 202):  # Created is what some archives answer for it
        step = dicom_json(status, stored(UID, {"00081196": {"vr": "US", "Value": [reason]}}))
        with scripted_peer(step) as peer, archive_at(peer.url) as archive:
            receipt = archive.store(FILE, UID)
        told = Receipt(sop_instance_uid=UID, status=f"HTTP {status}", warning=words)
        assert receipt == told


@pytest.mark.parametrize(
    "step",
    [
        dicom_json(200, {}),
        dicom_json(200, {"00081198": {"vr": "SQ"}, "00081199": {"vr": "SQ", "Value": []}}),
        dicom_json(200, stored(OTHER)),
        dicom_json(202, stored(UID + ".1")),
        dicom_json(200, stored(UID[:-1])),
        dicom_json(202, _failed(272, OTHER)),
        dicom_json(200, [1, stored()]),
        dicom_json(200, {"00081199": {"vr": "SQ", "Value": [UID]}}),
        dicom_json(200, {"00081199": UID}),
        dicom_json(200, UID),
        answer(200, b""),
        answer(200, f'{{"00081199": "{UID}"'.encode()),
        answer(200, f"<html>Please log in to see {UID}</html>".encode(), "text/html"),
        answer(200, json.dumps(stored()).encode(), "text/html"),
        answer(200, f"stored {UID}".encode(), "text/plain"),
        answer(200, b"[" * 100_000),
        answer(200, b"\xff\xfe"),
        answer(200, b"<NativeDicomModel>", "application/dicom+xml"),
        answer(204),
    ],
)
def test_an_answer_that_does_not_name_the_instance_is_no_receipt(step: Step) -> None:
    """A success without this UID among those stored confirms nothing."""
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        error = refused(Reason.UNCONFIRMED, archive.store, FILE, UID)
    assert error.faults[0].problem == "answered without saying that it stored the object"
    assert UID not in str(error)


def test_entities_of_xml_are_not_expanded() -> None:
    """A document type, which entities need, makes an answer unreadable."""
    start = f'<!DOCTYPE x [<!ENTITY uid "{UID}">]>'
    body = _xml("00081199", _attribute("00081155", "&uid;"), start=start)
    step = answer(200, body, "application/dicom+xml")
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        refused(Reason.UNCONFIRMED, archive.store, FILE, UID)


@pytest.mark.parametrize("status", [200, 202, 400, 409])
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (0xA700, Reason.CAPACITY),
        (0xA900, Reason.DATA),
        (0xC122, Reason.PROCESSING),
        (0x0110, Reason.PROCESSING),
        (0x0111, Reason.DUPLICATE),
        (0x0122, Reason.CONFIGURATION),
        (0x0124, Reason.CONFIGURATION),
        (43265, Reason.DATA),
        (45070, Reason.DUPLICATE),
        (45071, Reason.BUSY),
        (1, Reason.UNRECOGNISED),
        (0, Reason.UNRECOGNISED),
        ("272", Reason.PROCESSING),
        ("what", Reason.UNRECOGNISED),
    ],
)
def test_a_failure_reason_decides(status: int, code: object, reason: Reason) -> None:
    """The reason in the body is what an archive means, and it is on record beside the status."""
    step = dicom_json(status, _failed(code))
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        error = refused(reason, archive.store, FILE, UID)
    number = int(str(code)) if str(code).isdigit() else 0
    assert error.status == f"HTTP {status}, {number:04X}"


@pytest.mark.parametrize(
    "body",
    [
        _failed(0xA900, uid=None),
        _failed(0xA900, uid=None, sequence="0008119A"),
        {**stored(), **_failed(0xA900)},
    ],
)
def test_a_failure_without_a_uid_is_that_of_what_was_sent(body: object) -> None:
    """One instance was sent, so a failure that names none, or contradicts a success, is its own."""
    with scripted_peer(dicom_json(200, body)) as peer, archive_at(peer.url) as archive:
        refused(Reason.DATA, archive.store, FILE, UID)


_GOOGLE_WORDS = "the instance SECRET already exists and has a different checksum"


@pytest.mark.parametrize(
    "step",
    [
        answer(
            409,
            _xml("00081198", _attribute("00081197", 272), _attribute("00090097", _GOOGLE_WORDS)),
            "application/dicom+xml",
        ),
        dicom_json(
            409,
            {
                "00081198": {
                    "vr": "SQ",
                    "Value": [
                        {
                            "00081155": {"vr": "UI", "Value": [UID]},
                            "00081197": {"vr": "US", "Value": [272]},
                            "00090097": {"vr": "LT", "Value": [_GOOGLE_WORDS]},
                        }
                    ],
                }
            },
        ),
        dicom_json(409, _failed(45070)),
        dicom_json(409, _failed(0x0111)),
        answer(409, b"Instance already exists", "text/plain"),
    ],
)
def test_every_form_of_exists_already_is_a_duplicate(step: Step) -> None:
    """Google says it in words beside 0110, Azure in a code of its own, DIMSE as 0111."""
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        error = refused(Reason.DUPLICATE, archive.store, FILE, UID)
    assert "SECRET" not in str(error) + error.status


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (101, Reason.UNRECOGNISED),
        (201, Reason.UNCONFIRMED),
        (206, Reason.UNRECOGNISED),
        (301, Reason.CONFIGURATION),
        (302, Reason.CONFIGURATION),
        (307, Reason.CONFIGURATION),
        (400, Reason.PROCESSING),
        (401, Reason.CONFIGURATION),
        (403, Reason.CONFIGURATION),
        (404, Reason.CONFIGURATION),
        (405, Reason.UNSUPPORTED),
        (406, Reason.UNSUPPORTED),
        (407, Reason.CONFIGURATION),
        (408, Reason.LOST),
        (409, Reason.PROCESSING),
        (410, Reason.CONFIGURATION),
        (413, Reason.CONFIGURATION),
        (415, Reason.UNSUPPORTED),
        (418, Reason.UNRECOGNISED),
        (429, Reason.BUSY),
        (500, Reason.LOST),
        (501, Reason.UNSUPPORTED),
        (502, Reason.LOST),
        (503, Reason.BUSY),
        (504, Reason.LOST),
        (507, Reason.CAPACITY),
        (599, Reason.LOST),
        (999, Reason.UNRECOGNISED),
    ],
)
@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"", "text/html"), (b"<html>SECRET^NAME", "text/html"), (b"{}", "application/json")],
)
def test_a_status_alone_has_its_reason(status: int, reason: Reason, body: bytes, kind: str) -> None:
    """Without a failure reason the status decides, and nothing of the body is repeated."""
    with scripted_peer(answer(status, body, kind)) as peer, archive_at(peer.url) as archive:
        error = refused(reason, archive.store, FILE, UID)
    assert error.status == f"HTTP {status}"
    assert error.retry_after_s is None
    assert "SECRET" not in str(error)
    assert len(peer.received) == 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Tue, 14 Nov 2023 22:15:20 GMT", 120.0),
        ("Tue, 14 Nov 2023 22:13:10 GMT", 0.0),
        ("Tuesday, 14-Nov-23 22:15:20 GMT", 120.0),
        ("Tue Nov 14 22:15:20 2023", 120.0),
        ("-5", None),
        ("1e3", None),
        ("9" * 5000, None),
        ("²", None),
        ("soon", None),
        ("", None),
        ("Tue, 99 Nov 2023 22:15:20 GMT", None),
    ],
)
def test_the_wait_that_is_asked_for_is_passed_on(
    status: int, value: str, wait_s: float | None
) -> None:
    """Retry-After counts in seconds or names a date, which is held against the clock."""
    assert NOW == 1_700_000_000, "Tue, 14 Nov 2023 22:13:20 GMT"
    step = answer(status, headers={"Retry-After": value})
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        assert refused(Reason.BUSY, archive.store, FILE, UID).retry_after_s == wait_s


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1:1/login", "/dicom-web/login", "https://elsewhere.example/"]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, place: str) -> None:
    """Neither to a login page nor within the host: nothing else is asked."""
    step = answer(status, headers={"Location": place})
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        error = refused(Reason.CONFIGURATION, archive.store, FILE, UID)
    assert "does not follow" in error.faults[0].problem
    assert place not in str(error)
    assert len(peer.received) == 1


@pytest.mark.parametrize(
    "text",
    [
        b"\r\n--0f3cf5c0-70e0-41ef-baef-c6f9f65ec3e1\r\n",
        b"\r\n--boundary--\r\n",
        b"--\r\n--\r\n\r\n--\r\n",
    ],
)
def test_no_text_in_an_object_can_end_it(text: bytes) -> None:
    """Whatever looks like the end of a part is sent as it is, within the part."""
    data = FILE + text * 3
    with scripted_peer(dicom_json(200, stored())) as peer, archive_at(peer.url) as archive:
        archive.store(data, UID)
        # The boundary of the object itself, written into another object.
        boundary = peer.received[0].headers["content-type"].rpartition("=")[2].encode()
        archive.store(data + b"\r\n--" + boundary + b"--\r\n", UID)
    first, second = peer.received
    assert first_part(first.body, first.headers["content-type"])[1] == data
    assert first_part(second.body, second.headers["content-type"])[1].endswith(boundary + b"--\r\n")


def test_a_large_object_is_sent_whole() -> None:
    """Several megabytes arrive as they are, with their length said before."""
    data = FILE + bytes(range(256)) * 40_000
    with scripted_peer(dicom_json(200, stored())) as peer, archive_at(peer.url) as archive:
        archive.store(data, UID)
    (request,) = peer.received
    assert int(request.headers["content-length"]) == len(request.body)
    assert first_part(request.body, request.headers["content-type"])[1] == data
