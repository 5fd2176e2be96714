"""An archive that is reached over DICOMweb (PS3.18): STOW-RS, QIDO-RS and WADO-RS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING

from hosr.archive.destinations import WebAddress
from hosr.archive.dicomweb import examining, fetching, finding, storing
from hosr.archive.dicomweb.service import Service

if TYPE_CHECKING:
    from typing import Self

    from hosr.archive.destinations import Destination
    from hosr.archive.values import Check, Locator, Query, Receipt


class WebArchive:
    """An archive at a `WebAddress`; one connection, which is kept while it is entered.

    `environ` is where a secret may be kept. `clock` gives the time in seconds since 1970.
    """

    def __init__(
        self,
        destination: Destination,
        *,
        environ: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        if not isinstance(destination.address, WebAddress):
            raise TypeError("the destination is no DICOMweb archive")
        self._service = Service(destination, destination.address, environ=environ, clock=clock)

    def __enter__(self) -> Self:
        """Nothing is opened yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the connection, and forget the secret."""
        self._service.close()

    def store(self, data: bytes, sop_instance_uid: str) -> Receipt:
        """Store one DICOM file; a receipt only where the archive said that it has this instance."""
        return storing.store(self._service, data, sop_instance_uid)

    def fetch(self, locator: Locator) -> bytes:
        """The file of one instance as the archive gives it; ABSENT where it has none."""
        return fetching.fetch(self._service, locator)

    def fetch_metadata(self, study_instance_uid: str) -> tuple[bytes, ...]:
        """The headers of all instances of a study, as files without pixels; ABSENT where it has none."""
        return fetching.fetch_metadata(self._service, study_instance_uid)

    def find(self, query: Query) -> tuple[Locator, ...]:
        """The instances that match, in the order of their UIDs; none is no error."""
        return finding.find(self._service, query)

    def examine(self) -> tuple[Check, ...]:
        """What works with this archive, by trying it; nothing is stored."""
        return examining.examine(self._service)
