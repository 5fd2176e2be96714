"""Who an object is: UIDs that follow from all that it says, and the device that made it say so."""

from __future__ import annotations

from hosr.findings import Algorithm
from hosr.identity import derive_uid
from hosr.study import Instance


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
