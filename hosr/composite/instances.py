"""Who an object is, by UIDs that follow from all that it says; what it refers to; and its file.

References to other objects, and coded concepts, are sequence items (PS3.3 section 10).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from hosr.codes import Code
from hosr.dicom.writing import Elements, Value, Values, encode_file
from hosr.errors import Fault, Unencodable
from hosr.findings import Algorithm, Place
from hosr.identity import derive_uid
from hosr.phrases import phrase
from hosr.report import Report, places
from hosr.study import ImageReference, Instance
from hosr.version import FORM

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

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


def encode(instance: Instance, values: Values, encoded: Elements = ()) -> Encoded:
    """An object of plain values by keyword, and of elements that are `encoded` already.

    Raises `Unencodable` for a value that its attribute cannot hold.
    """
    uids = instance.sop_class_uid, instance.sop_instance_uid
    with refusing_invalid():
        data = encode_file(*uids, _implementation(values), values, encoded)
    return Encoded(instance=instance, data=data)


def _implementation(values: Values) -> Values:
    form = str(values.get("SoftwareVersions", FORM))
    return {
        "ImplementationClassUID": IMPLEMENTATION_CLASS_UID,
        "ImplementationVersionName": f"HOSR_{form}".replace(".", "_"),
    }


@contextmanager
def refusing_invalid() -> Iterator[None]:
    """Raise `Unencodable` for a value that no attribute can hold, without the value."""
    try:
        yield
    except (ValueError, TypeError, OverflowError, struct.error) as error:
        problem = phrase(
            "a text or number has no valid DICOM form ({told})", told=type(error).__name__
        )
        raise Unencodable(Fault("report", problem, phrase("shorten or correct it"))) from error


def evidence_of(report: Report) -> tuple[Instance, ...]:
    """Every instance that the report was made from."""
    spoken_of = {image.instance for image in report.subject.images}
    return tuple(sorted(spoken_of | set(report.subject.examined)))


def shown_places(report: Report) -> tuple[Place, ...]:
    """Every image or frame on which something is marked, and each hip's key image; once each."""
    image = report.subject.image
    found = (
        numbered(place, image(place)) for graded in report.hips for place in places(graded.hip)
    )
    return tuple(dict.fromkeys(found))


def numbered(place: Place, image: ImageReference) -> Place:
    """The place with a frame number where the image has several frames, and only there."""
    return replace(place, frame=place.frame if image.frames > 1 else None)


def by_series(instances: Iterable[Instance]) -> Iterator[tuple[str, list[Instance]]]:
    """Each Series Instance UID with its instances, in the order of UIDs."""
    for uid, members in groupby(sorted(instances), key=lambda each: each.series_instance_uid):
        yield uid, list(members)


def sop_values(instance: Instance, *frames: int) -> dict[str, Value]:
    """A reference to an instance, or to frames of it (Image SOP Instance Reference Macro)."""
    values: dict[str, Value] = {
        "ReferencedSOPClassUID": instance.sop_class_uid,
        "ReferencedSOPInstanceUID": instance.sop_instance_uid,
    }
    return {**values, "ReferencedFrameNumber": frames} if frames else values


def read_referenced(studies: Iterable[Dataset]) -> Iterator[Instance]:
    """What items of studies refer to (Hierarchical SOP Instance Reference Macro), in their order.

    Raises AttributeError where an item lacks what the macro asks for.
    """
    for study in studies:
        for series in study.ReferencedSeriesSequence:
            for sop in series.ReferencedSOPSequence:
                yield Instance(
                    series_instance_uid=str(series.SeriesInstanceUID),
                    sop_class_uid=str(sop.ReferencedSOPClassUID),
                    sop_instance_uid=str(sop.ReferencedSOPInstanceUID),
                )


def code_values(code: Code) -> dict[str, str]:
    """The attributes of a coded concept (Basic Code Sequence Macro)."""
    return {
        "CodeValue": code.value,
        "CodingSchemeDesignator": code.scheme,
        "CodeMeaning": code.meaning,
    }
