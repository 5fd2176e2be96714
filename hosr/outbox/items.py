"""What is put into the outbox: one message, of any kind."""

from __future__ import annotations

from dataclasses import dataclass

from hosr.archive.values import Locator
from hosr.archive.versions import Version
from hosr.outbox.states import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One message to deliver: what it is known by, its bytes, and the name of its file.

    `locator` tells where a DICOM instance stands, `version` which version of a report a message
    brings; each is None for what has none.
    """

    kind: Kind
    key: str
    locator: Locator | None = None
    version: Version | None = None
    data: bytes
    name: str

    @classmethod
    def instance(cls, locator: Locator, data: bytes, name: str) -> Item:
        """A DICOM instance: its file byte for byte."""
        return cls(
            kind=Kind.DICOM, key=locator.sop_instance_uid, locator=locator, data=data, name=name
        )
