"""References to other objects, and coded concepts, as sequence items (PS3.3 section 10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from hosr.codes import Code
from hosr.dicom.writing import Value
from hosr.findings import Place
from hosr.report import Report, places
from hosr.study import ImageReference, Instance


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


def code_values(code: Code) -> dict[str, str]:
    """The attributes of a coded concept (Basic Code Sequence Macro)."""
    return {
        "CodeValue": code.value,
        "CodingSchemeDesignator": code.scheme,
        "CodeMeaning": code.meaning,
    }
