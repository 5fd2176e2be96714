"""Archives that are reached over DICOMweb."""

from __future__ import annotations

from hosr.archive.dicomweb.archive import WebArchive

__all__ = ["WebArchive"]
