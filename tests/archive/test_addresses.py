"""Addresses of archives: what is understood, and that none holds a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosr.archive.addresses import (
    Address,
    DimseAddress,
    FhirAddress,
    FolderAddress,
    MllpAddress,
    WebAddress,
)
from hosr.archive.written_addresses import (
    is_address,
    is_ae_title,
    parse_address,
    parse_host_and_port,
)
from hosr.errors import Fault, UsageError

PACS = DimseAddress(called_aet="PACS", host="pacs.example.org", port=104)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("dimse://PACS@pacs.example.org:104", PACS),
        ("DIMSE://PACS@PACS.example.org:104/", PACS),
        (
            "dimses://MY%20PACS@[::1]:2762?calling=A%40B",
            DimseAddress(
                called_aet="MY PACS", host="::1", port=2762, calling_aet="A@B", secure=True
            ),
        ),
        ("https://h/dicom-web/", WebAddress(url="https://h/dicom-web", secure=True)),
        ("http://127.0.0.1:8042/x", WebAddress(url="http://127.0.0.1:8042/x", secure=False)),
        ("https://[::1]:8443", WebAddress(url="https://[::1]:8443", secure=True)),
        ("file:///var/my%20folder", FolderAddress(path=Path("/var/my folder"))),
        ("file://localhost/var", FolderAddress(path=Path("/var"))),
        ("/var/reports", FolderAddress(path=Path("/var/reports"))),
        ("mllp://ris.example.org:2575", MllpAddress(host="ris.example.org", port=2575)),
        ("MLLPS://[::1]:2576/", MllpAddress(host="::1", port=2576, secure=True)),
        (
            "fhir+https://ehr.example.org/r4/",
            FhirAddress(web=WebAddress(url="https://ehr.example.org/r4", secure=True)),
        ),
        (
            "fhir+http://127.0.0.1:8080/fhir",
            FhirAddress(web=WebAddress(url="http://127.0.0.1:8080/fhir", secure=False)),
        ),
    ],
)
def test_an_address_is_understood(text: str, address: Address) -> None:
    """Each form gives its value, and what the value is written as gives it again."""
    assert parse_address(text) == address
    assert parse_address(str(address)) == address


def test_a_path_is_taken_from_where_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path and one of the home folder become whole ones."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/reader")
    assert parse_address("./out") == FolderAddress(path=tmp_path / "out")
    assert parse_address("file:out") == FolderAddress(path=tmp_path / "out")
    assert parse_address("~/out") == FolderAddress(path=Path("/home/reader/out"))


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["is empty, or has spaces or control characters"]),
        ("https://h\n/x", ["is empty, or has spaces or control characters"]),
        ("pacs", ["is no address of an archive"]),
        ("ftp://h/x", ["is no address of an archive"]),
        ("dimse://h", ["names no called AE title", "names no port"]),
        ("dimse://A@:104", ["names no host"]),
        ("dimse://A@h:0", ["its port is no number from 1 to 65535"]),
        ("dimse://A@h:65536", ["its port is no number from 1 to 65535"]),
        ("dimse://A@h:x", ["its port is no number from 1 to 65535"]),
        ("dimse://A@h:104/x", ["has a path, which DIMSE does not know"]),
        ("dimse://A@h:104?called=B", ["has something other than calling=AET behind ?"]),
        ("dimse://A@h:104?calling=", ["names no calling AE title"]),
        (
            "dimse://ABCDEFGHIJKLMNOPQ@h:104",
            ["its called AE title is not 1 to 16 characters of ASCII without a backslash"],
        ),
        (
            "dimse://A@h:104?calling=B%5CC",
            ["its calling AE title is not 1 to 16 characters of ASCII without a backslash"],
        ),
        ("https:///x", ["names no host"]),
        ("https://h ost/x", ["its host is no name of a machine"]),
        ("https://größe/x", ["its host is no name of a machine"]),
        ("https://[::1/x", ["has brackets that hold no IPv6 address"]),
        ("https://h/a/../b", ["is not the root of DICOMweb services"]),
        ("https://h/x#y", ["is not the root of DICOMweb services"]),
        ("mllp://h", ["names no port"]),
        ("mllp://h:2575/x", ["is more than a host and a port"]),
        ("fhir+https://h/../b", ["is not the base of a FHIR server"]),
        ("fhir+http://h/r4", ["would carry reports over the network unencrypted"]),
        ("fhir://h/r4", ["is no address of an archive"]),
        ("file://server/share", ["is a folder of another machine"]),
        ("file:///x?y", ["is no path of a folder"]),
    ],
)
def test_what_is_wrong_is_named(text: str, problems: list[str]) -> None:
    """Every fault of an address is said at once."""
    with pytest.raises(UsageError) as caught:
        parse_address(text)
    assert [fault.problem for fault in caught.value.faults] == problems


@pytest.mark.parametrize(
    "text",
    [
        "https://reader:hunter2@h/x",
        "https://hunter2@h/x",
        "https://h/x?token=hunter2",
        "dimse://PACS:hunter2@h:104",
        "fhir+https://hunter2@h/r4",
        "fhir+https://h/r4?token=hunter2",
    ],
)
def test_a_secret_in_an_address_is_refused_and_not_repeated(text: str) -> None:
    """A user, password or token in an address is refused, with the place where it belongs."""
    with pytest.raises(UsageError) as caught:
        parse_address(text)
    (fault,) = caught.value.faults
    assert fault.problem.startswith("holds a user, a password or a token")
    assert fault.remedy == "name the archive in the configuration, with token_file or password_file"
    assert "hunter2" not in repr(caught.value)


@pytest.mark.parametrize(
    ("title", "is_valid"),
    [
        ("A", True),
        ("ABCDEFGHIJKLMNOP", True),
        ("A B", True),
        ("ABCDEFGHIJKLMNOPQ", False),
        ("", False),
        ("   ", False),
        ("A\\B", False),
        ("Ä", False),
        ("A\tB", False),
    ],
)
def test_ae_titles_are_those_of_the_standard(title: str, is_valid: bool) -> None:
    """1 to 16 characters of ASCII, no control characters, no backslash, not only spaces."""
    assert is_ae_title(title) is is_valid


@pytest.mark.parametrize(
    ("text", "expected"),
    [("127.0.0.1:11113", ("127.0.0.1", 11113)), ("[::1]:104", ("::1", 104))],
)
def test_a_listener_is_a_host_and_a_port(text: str, expected: tuple[str, int]) -> None:
    """An interface and a port, and nothing beside them."""
    assert parse_host_and_port(text, "listen") == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("127.0.0.1", "names no port"),
        (":104", "names no host"),
        ("h:104/x", "is more than a host and a port"),
        ("u@h:104", "is more than a host and a port"),
    ],
)
def test_a_listener_that_is_something_else_is_refused(text: str, problem: str) -> None:
    """What is no host and port is said of the key that it stands under."""
    with pytest.raises(UsageError) as caught:
        parse_host_and_port(text, "listen")
    assert [(fault.path, fault.problem) for fault in caught.value.faults] == [("listen", problem)]


def test_a_fault_is_said_of_the_place_that_is_named() -> None:
    """The caller names what the fault is of."""
    with pytest.raises(UsageError) as caught:
        parse_address("dimse://A@h", "archives.pacs.url")
    assert caught.value.faults == (
        Fault("archives.pacs.url", "names no port", "write it behind the host: host:104"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [("dimse://x", True), ("pacs", False), ("./a", True), ("/a", True), ("file:a", True)],
)
def test_an_address_is_told_from_a_name(text: str, expected: bool) -> None:
    """What has a scheme or is a path is an address; all else is a name."""
    assert is_address(text) is expected
