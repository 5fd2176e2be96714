"""Archives that speak DIMSE (PS3.7): association, store, commitment, find and fetch."""

from hosr.archive.dimse.archive import DimseArchive

__all__ = ["DimseArchive"]
