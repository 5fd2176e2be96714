"""Who an object is, by UIDs that follow from all that it says, and the object as a DICOM file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hosr.dicom.writing import Elements, Values, encode_file
from hosr.errors import Fault, Unencodable
from hosr.findings import Algorithm
from hosr.identity import derive_uid
from hosr.study import Instance
from hosr.version import __version__

IMPLEMENTATION_CLASS_UID = derive_uid("implementation", "hosr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A DICOM object made: its identity and its file."""

    instance: Instance
    data: bytes


def derive_instance(kind: str, sop_class_uid: str, key: str, *parts: str) -> Instance:
    """The identity of an object of a kind; `key` stands for its content.

    Objects of one key and several `parts` lie in one series.
    """
    return Instance(
        series_instance_uid=derive_uid(f"{kind} series", key),
        sop_class_uid=sop_class_uid,
        sop_instance_uid=derive_uid(kind, key, *parts),
    )


def device_uid(algorithm: Algorithm) -> str:
    """The UID of the algorithm, its own or derived; it changes with the version."""
    return algorithm.device_uid or derive_uid(
        "device", algorithm.name, algorithm.version, algorithm.manufacturer
    )


_IMPLEMENTATION = {
    "ImplementationClassUID": IMPLEMENTATION_CLASS_UID,
    "ImplementationVersionName": f"HOSR_{__version__}".replace(".", "_"),
}


def encode(instance: Instance, values: Values, encoded: Elements = ()) -> Encoded:
    """An object of plain values by keyword, and of elements that are `encoded` already.

    Raises `Unencodable` for a value that its attribute cannot hold.
    """
    uids = instance.sop_class_uid, instance.sop_instance_uid
    with refusing_invalid():
        data = encode_file(*uids, _IMPLEMENTATION, values, encoded)
    return Encoded(instance=instance, data=data)


@contextmanager
def refusing_invalid() -> Iterator[None]:
    """Raise `Unencodable` for a value that no attribute can hold, without the value."""
    try:
        yield
    except (ValueError, TypeError, OverflowError, struct.error) as error:
        problem = f"a text or number has no valid DICOM form ({type(error).__name__})"
        raise Unencodable(Fault("report", problem, "shorten or correct it")) from error
