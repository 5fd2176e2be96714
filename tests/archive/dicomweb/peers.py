"""What the tests of DICOMweb have in common: destinations, refusals and small objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from hosr.archive.addresses import Credentials, Destination, Tls, WebAddress
from hosr.archive.dicomweb import WebArchive
from hosr.archive.values import Locator
from hosr.errors import ArchiveError, ArchiveRefused, ArchiveUnreachable, Reason
from tests.images import film
from tests.intake.dicom_files import encoded

__all__ = [
    "CLASS",
    "FILE",
    "LOCATOR",
    "NOW",
    "SERIES",
    "STUDY",
    "UID",
    "archive_at",
    "destination_at",
    "refused",
    "stored",
]

NOW = 1_700_000_000.0

FILE = encoded(film())
STUDY, SERIES, UID = "1.2.826.0.1.1", "1.2.826.0.1.1.1", "1.2.826.0.1.1.1.1"
CLASS = "1.2.840.10008.5.1.4.1.1.1.1"
LOCATOR = Locator(
    study_instance_uid=STUDY, series_instance_uid=SERIES, sop_class_uid=CLASS, sop_instance_uid=UID
)

UNREACHABLE = {Reason.UNREACHABLE, Reason.INSECURE, Reason.BUSY, Reason.LOST}


def destination_at(url: str, **changes: Any) -> Destination:
    """An archive at this address, with generous waits."""
    plain = Destination(
        name="pacs", address=WebAddress(url=url, secure=url.startswith("https")), answer_s=60.0
    )
    return replace(plain, **changes)


def archive_at(
    url: str,
    *,
    environ: Mapping[str, str] | None = None,
    tls: Tls | None = None,
    credentials: Credentials | None = None,
    answer_s: float = 60.0,
) -> WebArchive:
    """An archive at this address, its clock standing still."""
    destination = destination_at(url, tls=tls or Tls(), credentials=credentials, answer_s=answer_s)
    return WebArchive(destination, environ=environ or {}, clock=lambda: NOW)


def refused(reason: Reason, call: Callable[..., object], *arguments: object) -> ArchiveError:
    """The error of this call, which must be of this reason, its class and this archive."""
    with pytest.raises(ArchiveError) as caught:
        call(*arguments)
    error = caught.value
    expected = ArchiveUnreachable if reason in UNREACHABLE else ArchiveRefused
    assert (error.reason, type(error)) == (reason, expected), str(error)
    assert error.faults[0].path == "pacs"
    assert error.faults[0].problem
    return error


def stored(uid: str = UID, attributes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What an archive answers that stored one instance, in DICOM JSON."""
    item = {"00081155": {"vr": "UI", "Value": [uid]}, **(attributes or {})}
    return {"00081199": {"vr": "SQ", "Value": [item]}}
