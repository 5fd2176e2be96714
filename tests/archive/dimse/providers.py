"""Archives to ask: Orthanc with fewer rights, and pynetdicom's that answer as they are told."""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pydicom
import pynetdicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID
from pynetdicom import evt

from hosr.archive.addresses import Destination, Listener
from hosr.archive.dimse.query import FIND, GET, MOVE
from hosr.archive.values import CommitmentReport, Locator
from tests.archive.dimse.objects import COMPREHENSIVE_SR, EXPLICIT, IMPLICIT, make_data_set
from tests.archive.dimse.peers import destination, serving
from tests.peers.archiving import ArchivingOrthanc
from tests.peers.orthanc import free_port

PUSH, PUSH_INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"
WAIT_S = 60.0


@dataclass(kw_only=True)
class RestrictedOrthanc(ArchivingOrthanc):
    """Orthanc that allows hosr what is said, and everything else."""

    rights: dict[str, bool] = field(default_factory=dict)

    def _settings(self) -> dict[str, object]:
        settings: dict[str, Any] = ArchivingOrthanc._settings(self)
        settings["DicomModalities"]["hosr"] |= self.rights
        return settings

    def listening(self, **changes: Any) -> Destination:
        """How hosr uses it where it listens for reports and objects."""
        return self.dimse(listener=self.listener(), **changes)


@contextmanager
def restricted_orthanc(directory: Path, **rights: bool) -> Iterator[RestrictedOrthanc]:
    """One that is empty, in an empty directory."""
    archive = RestrictedOrthanc(
        directory=directory, dicom_port=free_port(), listen_port=free_port(), rights=rights
    )
    archive.start()
    try:
        yield archive
    finally:
        archive.stop()


class Reports:
    """The reports that came, and whether each was expected."""

    def __init__(self, *, expected: bool = True) -> None:
        self._came: queue.Queue[CommitmentReport] = queue.Queue()
        self._expected = expected

    def take(self, report: CommitmentReport) -> bool:
        """Take one, from whatever thread."""
        self._came.put(report)
        return self._expected

    def next(self) -> CommitmentReport:
        """The next one, once it has come."""
        return self._came.get(timeout=WAIT_S)

    @property
    def is_empty(self) -> bool:
        """Whether nothing has come that was not asked after yet."""
        return self._came.empty()


def make_instance(locator: Locator, **attributes: str) -> bytes:
    """The file of an instance that stands there."""
    data_set = make_instance_data_set(locator, **attributes)
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, data_set, enforce_file_format=True)
    return stream.getvalue()


def make_instance_data_set(locator: Locator, **attributes: str) -> Dataset:
    """The same as a data set."""
    data_set = make_data_set(locator.sop_instance_uid, locator.sop_class_uid)
    data_set.StudyInstanceUID = locator.study_instance_uid
    data_set.SeriesInstanceUID = locator.series_instance_uid
    for keyword, value in attributes.items():
        setattr(data_set, keyword, value)
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = UID(EXPLICIT)
    return data_set


def make_locator(study: int, series: int = 1, instance: int = 1) -> Locator:
    """A place in an archive: study, series and instance by number."""
    return Locator(
        study_instance_uid=f"2.25.{study}",
        series_instance_uid=f"2.25.{study}.{series}",
        sop_class_uid=COMPREHENSIVE_SR,
        sop_instance_uid=f"2.25.{study}.{series}.{instance}",
    )


@contextmanager
def archive(
    *handlers: tuple[Any, Callable[..., Any]], services: Sequence[str] = (FIND, GET, MOVE, PUSH)
) -> Iterator[Destination]:
    """An archive of pynetdicom with these handlers, as hosr is configured to use it."""
    entity = pynetdicom.AE(ae_title="ARCHIVE")
    entity.acse_timeout = 5
    for service in services:
        entity.add_supported_context(UID(service), [EXPLICIT, IMPLICIT])
    entity.add_supported_context(UID(COMPREHENSIVE_SR), [EXPLICIT], scu_role=True, scp_role=True)
    with serving(entity, *handlers) as port:
        yield destination(port, answer_s=20.0)


def with_listener(where: Destination, **changes: Any) -> Destination:
    """The same archive, with a listener at a free port of this machine."""
    listener = Listener(host="127.0.0.1", port=free_port())
    return replace(where, listener=replace(listener, **changes))


def cut_off(event: Any) -> None:
    """Close the connection below an association as a crash does."""
    connection = event.assoc.dul.socket
    connection.close()


class Noted:
    """Which messages an archive was sent, by the name of their type."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self._came = threading.Condition()

    def __call__(self, event: Any) -> None:
        """Note one."""
        with self._came:
            self.messages.append(event.message)
            self._came.notify_all()

    def statuses(self, kind: str) -> list[int]:
        """The statuses of the answers of this kind."""
        return [m.command_set.Status for m in self.messages if type(m).__name__ == kind]

    def await_message(self, kind: str) -> bool:
        """Whether a message of this kind has come, soon."""
        with self._came:
            return self._came.wait_for(
                lambda: any(type(m).__name__ == kind for m in self.messages), timeout=WAIT_S
            )


NOTED = evt.EVT_DIMSE_RECV
