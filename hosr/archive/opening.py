"""From a destination to the archive there, whatever protocol it speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hosr.archive.addresses import Destination, DimseAddress, WebAddress
from hosr.archive.values import Archive


def open_archive(
    destination: Destination, *, environ: Mapping[str, str], clock: Callable[[], float]
) -> Archive:
    """The archive of a destination; nothing is connected before it is used.

    `environ` is where a secret may be kept, `clock` the time in seconds since 1970.
    """
    # Each protocol brings libraries of its own, which the others do not wait for.
    if isinstance(destination.address, DimseAddress):
        from hosr.archive.dimse import DimseArchive

        return DimseArchive(destination)
    if isinstance(destination.address, WebAddress):
        from hosr.archive.dicomweb import WebArchive

        return WebArchive(destination, environ=environ, clock=clock)
    from hosr.archive.folder import FolderArchive

    return FolderArchive(destination)
