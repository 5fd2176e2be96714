"""The receiver: which objects it takes, what it answers, and what a peer can do to it."""

from __future__ import annotations

import errno
import io
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pydicom
import pynetdicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UID, JPEG2000Lossless
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE

from hosr.archive.dimse.receiver import ReceiverAddress, parse_receiver, receiving
from hosr.archive.values import Locator
from hosr.errors import ArchiveRefused, UsageError
from tests.archive.dimse.objects import COMPREHENSIVE_SR, EXPLICIT, IMPLICIT
from tests.archive.dimse.reporting import says_goodbye
from tests.archive.dimse.test_listener import RAW
from tests.images import FILM_UID, STUDY_UID, dicom_bytes, film
from tests.peers.orthanc import free_port

DX = "1.2.840.10008.5.1.4.1.1.1.1"
CT = "1.2.840.10008.5.1.4.1.1.2"


@dataclass(slots=True)
class Kept:
    """What was given to be kept, and what goes wrong then."""

    failure: Exception | None = None
    objects: list[tuple[Locator, bytes]] = field(default_factory=list)

    def keep(self, locator: Locator, data: bytes) -> None:
        """Keep an object, or fail."""
        if self.failure is not None:
            raise self.failure
        self.objects.append((locator, data))


@contextmanager
def _receiving(kept: Kept, *callers: str, classes: Sequence[str] = (DX,)) -> Iterator[int]:
    port = free_port()
    address = ReceiverAddress(aet="HOSR", host="127.0.0.1", port=port, callers=callers)
    with receiving(address, classes, kept.keep):
        yield port


def _associate(
    port: int,
    *,
    calling: str = "MODALITY",
    called: str = "HOSR",
    contexts: Sequence[tuple[str, str]] = ((DX, EXPLICIT),),
) -> Association:
    entity = pynetdicom.AE(ae_title=calling)
    entity.acse_timeout = entity.dimse_timeout = 30
    entity.add_requested_context("1.2.840.10008.1.1")
    for sop_class, syntax in contexts:
        entity.add_requested_context(sop_class, syntax)
    return entity.associate("127.0.0.1", port, ae_title=called)


def _sent(port: int, image: Dataset, syntax: str = EXPLICIT) -> int:
    """The status that a film is answered with."""
    association = _associate(port, contexts=[(str(image.SOPClassUID), syntax)])
    assert association.is_established
    file = pydicom.dcmread(io.BytesIO(dicom_bytes(image, syntax)))
    status = int(association.send_c_store(file).Status)
    association.release()
    return status


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_an_image_is_kept_as_it_was_sent(syntax: str) -> None:
    """As a file with all of its data set, under the UIDs in it; success is said after that."""
    kept = Kept()
    with _receiving(kept) as port:
        assert _sent(port, film(), syntax) == 0x0000
    ((locator, data),) = kept.objects
    seen = pydicom.dcmread(io.BytesIO(data))
    assert seen == pydicom.dcmread(io.BytesIO(dicom_bytes(film(), syntax)))
    assert seen.file_meta.TransferSyntaxUID == syntax
    assert (locator.study_instance_uid, locator.sop_instance_uid) == (STUDY_UID, FILM_UID)
    assert locator.sop_class_uid == DX


def test_compressed_images_come_as_they_are() -> None:
    """Each transfer syntax has a context: nobody has to decompress for hosr."""
    with _receiving(Kept()) as port:
        association = _associate(port, contexts=[(DX, JPEG2000Lossless)])
        accepted = {str(c.transfer_syntax[0]) for c in association.accepted_contexts}
        association.release()
    assert str(JPEG2000Lossless) in accepted


def test_other_classes_are_not_negotiated() -> None:
    """What is neither image nor result cannot be sent; verification can be asked."""
    with _receiving(Kept()) as port:
        association = _associate(port, contexts=[(COMPREHENSIVE_SR, EXPLICIT), (CT, EXPLICIT)])
        accepted = [str(context.abstract_syntax) for context in association.accepted_contexts]
        assert accepted == ["1.2.840.10008.1.1"]
        assert association.send_c_echo().Status == 0x0000
        association.release()


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 0xA700),
        (PermissionError(errno.EACCES, "Permission denied"), 0xA700),
        (ValueError("of whatever kind"), 0xC000),
    ],
)
def test_what_cannot_be_kept_is_no_success(failure: Exception, status: int) -> None:
    """Want of room is told as that, so that the sender tries again; and the next object is taken."""
    kept = Kept(failure=failure)
    with _receiving(kept) as port:
        assert _sent(port, film()) == status
        kept.failure = None
        assert _sent(port, film()) == 0x0000


def _renamed(request: C_STORE) -> None:
    request.AffectedSOPInstanceUID = UID("1.2.3.4")


def _cut(request: C_STORE) -> None:
    assert request.DataSet is not None
    request.DataSet = io.BytesIO(request.DataSet.getvalue()[:-5000])


def _scrambled(request: C_STORE) -> None:
    request.DataSet = io.BytesIO(bytes(range(256)) * 40)


@pytest.mark.parametrize(
    ("change", "statuses"),
    [
        (_renamed, {0xA900}),
        (_cut, {0xC000}),
        (_scrambled, {0xC000, 0xA900}),
    ],
)
def test_what_is_not_what_was_announced_is_refused(
    change: Callable[[C_STORE], None], statuses: set[int]
) -> None:
    """Another instance, half a data set, or noise: it is not kept, and the association goes on."""
    kept = Kept()
    with _receiving(kept) as port:
        association = _associate(port)
        send = association.dimse.send_msg

        def send_changed(primitive: object, context_id: int) -> None:
            if isinstance(primitive, C_STORE):
                change(primitive)
            send(primitive, context_id)  # type: ignore[arg-type]

        association.dimse.send_msg = send_changed  # type: ignore[method-assign]
        file = pydicom.dcmread(io.BytesIO(dicom_bytes(film())))
        assert int(association.send_c_store(file).Status) in statuses
        assert association.send_c_echo().Status == 0x0000
        association.release()
    assert kept.objects == []


@pytest.mark.parametrize("uid", ["", "../../etc", "1.2.826.0.1.1/..", "x" * 64])
def test_no_name_of_a_file_comes_out_of_an_object(uid: str) -> None:
    """A study that is known by no UID is refused, whatever it would be called."""
    kept = Kept()
    with _receiving(kept) as port:
        assert _sent(port, film(StudyInstanceUID=uid)) == 0xA900
    assert kept.objects == []


@pytest.mark.parametrize(
    ("titles", "is_let_in"),
    [
        ({}, True),
        ({"calling": "STRANGER"}, False),
        ({"called": "OTHER"}, False),
    ],
    ids=str,
)
def test_only_those_who_are_named_may_call(titles: dict[str, str], is_let_in: bool) -> None:
    """With a list of AE titles, and under the right one; without a list, anybody."""
    with _receiving(Kept(), "MODALITY", "PACS") as port:
        association = _associate(port, **titles)  # type: ignore[arg-type]
        assert association.is_established == is_let_in
        if is_let_in:
            association.release()
    with _receiving(Kept()) as port:
        association = _associate(port, calling="STRANGER")
        assert association.is_established
        association.release()


@pytest.mark.slow
@pytest.mark.parametrize("content", RAW.values(), ids=RAW.keys())
def test_what_is_no_dicom_ends_its_connection_and_nothing_else(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is sent, that connection is ended, and the next image is taken."""
    monkeypatch.setattr("hosr.archive.dimse.server._PDU_S", 3.0)
    kept = Kept()
    with _receiving(kept) as port:
        with socket.create_connection(("127.0.0.1", port), 30) as peer:
            peer.sendall(content)
            assert says_goodbye(peer)
        assert _sent(port, film()) == 0x0000
    assert len(kept.objects) == 1


def test_peers_that_say_nothing_hold_up_nobody() -> None:
    """While some connect and are silent, or begin and do not end, images are taken."""
    kept = Kept()
    with ExitStack() as stack, _receiving(kept) as port:
        for begun in (b"", b"\x01", b"\x01\x00\x00\x00\x10\x00half"):
            peer = stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
            peer.sendall(begun)
        assert _sent(port, film()) == 0x0000


def test_an_object_without_measure_ends_its_association(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not kept in memory until it is whole; smaller ones are taken as before."""
    monkeypatch.setattr("hosr.archive.dimse.receiver.MAX_OBJECT_BYTES", 1 << 18)
    kept = Kept()
    large = film(Rows=1000, Columns=1000, PixelData=bytes(2_000_000))
    with _receiving(kept) as port:
        association = _associate(port)
        file = pydicom.dcmread(io.BytesIO(dicom_bytes(large)))
        assert "Status" not in association.send_c_store(file)
        assert _sent(port, film()) == 0x0000
    assert len(kept.objects) == 1


def test_its_end_ends_everything() -> None:
    """Afterwards nobody listens at the port, and open associations are gone."""
    with _receiving(Kept()) as port:
        association = _associate(port)
        assert association.is_established
    association.join(60)
    assert not association.is_established
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)


@pytest.mark.parametrize(
    ("text", "callers", "problems"),
    [
        ("HOSR", (), ["does not say AE title, host and port"]),
        ("@127.0.0.1:11112", (), ["'' is no AE title"]),
        ("A TITLE OF SEVENTEEN@h:1", ("x\\y",), ["is no AE title", "is no AE title"]),
        ("HOSR@127.0.0.1", (), ["port"]),
        ("HOSR@127.0.0.1:70000", (), ["port"]),
    ],
)
def test_an_address_that_is_none_is_told(
    text: str, callers: tuple[str, ...], problems: list[str]
) -> None:
    """What is wrong with it, and how it is written."""
    with pytest.raises(UsageError) as caught:
        parse_receiver(text, callers, "--listen")
    assert [fault.path for fault in caught.value.faults] == ["--listen"] * len(problems)
    for fault, problem in zip(caught.value.faults, problems, strict=True):
        assert problem in f"{fault.problem} {fault.remedy}"


def test_a_port_that_is_taken_is_told() -> None:
    """Before anything else is done."""
    with _receiving(Kept()) as port:
        address = parse_receiver(f"HOSR@127.0.0.1:{port}", (), "--listen")
        assert str(address) == f"HOSR@127.0.0.1:{port}"
        with (
            pytest.raises(ArchiveRefused, match="cannot listen on"),
            receiving(address, (DX,), Kept().keep),
        ):
            pass
