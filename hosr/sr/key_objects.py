"""The images that show the graded hips: Key Object Selection Document by TID 2010.

Its title is "Of Interest" (CID 7010): the other titles ask a receiver to do something with the
images, which a draft must not.
"""

from __future__ import annotations

from collections.abc import Mapping

from hosr import codes
from hosr.composite import Encoded, Series, derive_instance, shown_places
from hosr.composite.labels import compared_label, series_label
from hosr.findings import Place
from hosr.identity import fingerprint
from hosr.report import Report
from hosr.sr.context import observer_items
from hosr.sr.document import Document, encode_document
from hosr.sr.items import Item, Reference, Relation, container, text
from hosr.study import Instance

SOP_CLASS_UID = "1.2.840.10008.5.1.4.1.1.88.59"


def key_objects(report: Report, states: Mapping[Place, Instance] | None = None) -> Encoded:
    """The key objects of a report; `states` gives the presentation state of each image or frame.

    Raises `Unencodable` where a value has no valid form in DICOM.
    """
    states = states or {}
    key = fingerprint((fingerprint(report), tuple(states.items()), report.form))
    instance = derive_instance("key objects", SOP_CLASS_UID, key)
    images = {report.subject.image(place).instance for place in shown_places(report)}
    document = Document(
        instance=instance,
        series=Series(modality="KO", number=9504, description=series_label(report, "images")),
        root=_tree(report, states),
        evidence=tuple(sorted(images | set(states.values()))),
    )
    return encode_document(document, report)


def _tree(report: Report, states: Mapping[Place, Instance]) -> Item:
    grades = "; ".join(map(compared_label, report.hips))
    places = shown_places(report)
    root = container(
        codes.OF_INTEREST,
        *observer_items(report.observer),
        text(codes.KEY_OBJECT_DESCRIPTION, f"{grades}. {report.status.summary}"),
        *(_image(report, place, states.get(place)) for place in places),
        template="2010",
    )
    return root._replace(relation=None)


def _image(report: Report, place: Place, state: Instance | None) -> Item:
    shown = report.subject.image(place).instance
    reference = Reference(
        shown.sop_class_uid,
        shown.sop_instance_uid,
        place.frame,
        None if state is None else Reference(state.sop_class_uid, state.sop_instance_uid),
    )
    return Item("IMAGE", None, reference, Relation.CONTAINS)  # TID 2010 names no image
