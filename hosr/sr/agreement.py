"""Whether a document says what was read from it, and nothing besides.

A reader that passes over what it does not know would make another report of a changed document:
one grade fewer, or no bridging. So what was read is written again as a tree, and compared.
"""

from __future__ import annotations

from pydicom.dataset import Dataset

from hosr import codes
from hosr.codes import Code
from hosr.dicom.refusal import Refusal
from hosr.report import Report, places
from hosr.sr.items import Item, Quantity
from hosr.sr.labels import is_editable
from hosr.sr.profiles import PROFILES, Options
from hosr.sr.tree import measurement_tree
from hosr.version import __version__
from hosr.vocabulary.terms import Side

_AS_WRITTEN = "give a file as hosr wrote it"

# Archives correct a header, which these derive from, and leave the tree as it was.
_BY_HEADER = {codes.STUDY_DATE.key, codes.TEMPORAL_OFFSET.key, codes.TRACKING_UID.key}


def require_one_study(dataset: Dataset) -> None:
    """Raise Refusal where the evidence is of another study than the header."""
    studies = {str(study.StudyInstanceUID) for study in _evidence(dataset)}
    if studies != {str(dataset.StudyInstanceUID)}:
        raise Refusal("names another study than that of its images", _AS_WRITTEN)


def _evidence(dataset: Dataset) -> list[Dataset]:
    pertinent = dataset.get("PertinentOtherEvidenceSequence") or ()
    return [*dataset.CurrentRequestedProcedureEvidenceSequence, *pertinent]


def require_sound(report: Report) -> None:
    """Raise `ValueError` where a report could not have been assembled from any reading."""
    sides = [graded.hip.side for graded in report.hips]
    if sides not in ([Side.RIGHT], [Side.LEFT], [Side.RIGHT, Side.LEFT]):
        raise ValueError("each side stands once, the right one first")
    frames = {i.instance.sop_instance_uid: i.frames for i in report.subject.images}
    for place in (place for graded in report.hips for place in places(graded.hip)):
        if not 1 <= (place.frame or 1) <= frames.get(place.sop_instance_uid, 0):
            raise ValueError("a mark lies on none of the images")


def require_agreement(report: Report, root: Item, dataset: Dataset) -> None:
    """Raise Refusal where the tree is not the one that this version makes of the report.

    Other versions may say the same in another form.
    """
    if str(dataset.get("SoftwareVersions", "")) != __version__:
        return
    options = _read_options(root, str(dataset.SOPClassUID))
    if _said(root) != _said(measurement_tree(report, options)):
        raise Refusal("was changed after it was written", _AS_WRITTEN)


def _read_options(root: Item, sop_class_uid: str) -> Options:
    profiles = {profile.sop_class_uid: name for name, profile in PROFILES.items()}
    terms = {code.key: name for name, code in codes.HETEROTOPIC_OSSIFICATION.items()}
    groups = [g for m in root.find(codes.IMAGING_MEASUREMENTS) for g in m.children]
    findings = [f.value for g in groups for f in g.find(codes.FINDING)]
    tracking = [t.value for g in groups for t in g.find(codes.TRACKING_IDENTIFIER)]
    return Options(
        profile=profiles[sop_class_uid],
        hydrate=any(is_editable(str(words)) for words in tracking),
        terminology=next(terms[f.key] for f in findings if isinstance(f, Code) and f.key in terms),
    )


def _said(item: Item) -> tuple[object, ...]:
    """What an item says, without the meanings of codes, which are for people."""
    value: object = item.value
    if isinstance(value, Code):
        value = value.key
    elif isinstance(value, Quantity):
        value = (value.value, value.unit.key)
    name = None if item.name is None else item.name.key
    children = [c for c in item.children if c.name is None or c.name.key not in _BY_HEADER]
    return (item.value_type, name, value, item.relation, *map(_said, children))
