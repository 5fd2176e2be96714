"""The withdrawal of a report for archives and viewers: a rejection note (IHE RAD-66), by TID 2010.

A key object selection of the same study names every object of the report; its title has them hidden.
Wrong patient and wrong study are 113037 (Rejected for Patient Safety Reasons): whoever shows images
suppresses what it names. Another reason is 113001 (Rejected for Quality Reasons), which viewers may go
on to show, and which has a modifier of CID 7011 (TID 2010 row 3): none of it speaks of reports, so that is
"Other failure", and the reason stands in words. The template takes no private code, so what cannot be
coded stands in the description, by fixed sentences that are read back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydicom.dataset import Dataset

from hosr import codes
from hosr.codes import Code
from hosr.composite import Encoded, Series, derive_instance, read_referenced
from hosr.dicom.structure import UnusableFile
from hosr.findings import Person
from hosr.identity import fingerprint
from hosr.report import Report
from hosr.sr.content import read_item
from hosr.sr.context import observer_items
from hosr.sr.document import Document, encode_document
from hosr.sr.items import Item, Reference, Relation, code, container, read_string, text
from hosr.sr.signing import read_datetime
from hosr.status import Signature, Withdrawal, WithdrawalReason
from hosr.study import Instance

SOP_CLASS_UID = "1.2.840.10008.5.1.4.1.1.88.59"
SERIES_NUMBER = 9507
TITLES: dict[WithdrawalReason, Code] = {
    WithdrawalReason.WRONG_PATIENT: codes.REJECTED_FOR_SAFETY,
    WithdrawalReason.WRONG_STUDY: codes.REJECTED_FOR_SAFETY,
    WithdrawalReason.OTHER: codes.REJECTED_FOR_QUALITY,
}
_MODIFIERS = {codes.REJECTED_FOR_QUALITY.key: codes.OTHER_FAILURE}
_SENTENCES = {
    WithdrawalReason.WRONG_PATIENT: "Report withdrawn, not to be used: wrong patient.",
    WithdrawalReason.WRONG_STUDY: "Report withdrawn, not to be used: wrong study.",
    WithdrawalReason.OTHER: "Report withdrawn, not to be used.",
}
_GIVEN = "As given: "
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionNote:
    """A withdrawal as its note says it, of which study, and the objects that it takes back.

    The identifier of the person is not in it. `is_altered` is whether its UIDs follow from something
    else than what it says.
    """

    withdrawal: Withdrawal
    instance: Instance
    study_instance_uid: str
    rejected: tuple[Instance, ...]
    is_altered: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """Why, in words; those of the person after it."""
        return tuple(_describe(self.withdrawal).splitlines())


def rejection_note(report: Report, rejected: Sequence[Instance]) -> Encoded:
    """The note of a withdrawn report, whose objects are `rejected`.

    Raises `ValueError` where it was not withdrawn, or nothing of it was stored, and `Unencodable`
    where a value has no valid form in DICOM.
    """
    withdrawal = report.withdrawal
    if withdrawal is None or not rejected:
        raise ValueError("a rejection note names objects of a withdrawn report")
    signature = withdrawal.signature
    observer = Person(name=signature.name, organization=signature.organization)
    objects = tuple(sorted(set(rejected)))
    study_uid = report.subject.study.study_instance_uid
    document = Document(
        instance=_instance(withdrawal, study_uid, objects, report.form),
        series=Series(modality="KO", number=SERIES_NUMBER, description="HO report: withdrawn"),
        root=_tree(withdrawal, observer, objects),
        evidence=objects,
    )
    return encode_document(document, replace(report, observer=observer))


def _instance(
    withdrawal: Withdrawal, study_uid: str, objects: Sequence[Instance], form: str
) -> Instance:
    """Who it is follows from all that the note says, so that a changed one is found out."""
    signature = replace(withdrawal.signature, identifier="")
    said = (withdrawal.reason.value, withdrawal.text, signature, study_uid, tuple(objects), form)
    return derive_instance("withdrawal", SOP_CLASS_UID, fingerprint(said))


def _tree(withdrawal: Withdrawal, observer: Person, objects: Sequence[Instance]) -> Item:
    title = TITLES[withdrawal.reason]
    modifier, relation = _MODIFIERS.get(title.key), Relation.HAS_CONCEPT_MOD
    root = container(
        title,
        None if modifier is None else code(codes.DOCUMENT_TITLE_MODIFIER, modifier, relation),
        *observer_items(observer),
        text(codes.KEY_OBJECT_DESCRIPTION, _describe(withdrawal)),
        *sorted(map(_reference, objects), key=_row),
        template="2010",
    )
    return root._replace(relation=None)


def _describe(withdrawal: Withdrawal) -> str:
    said = _SENTENCES[withdrawal.reason]
    return f"{said}\r\n{_GIVEN}{withdrawal.text}" if withdrawal.text else said


def _row(item: Item) -> bool:
    """Images come before other objects, as the template has them; each in the order of UIDs."""
    return item.value_type != "IMAGE"


def _reference(instance: Instance) -> Item:
    kind = "IMAGE" if instance.sop_class_uid == _SECONDARY_CAPTURE else "COMPOSITE"
    named = Reference(instance.sop_class_uid, instance.sop_instance_uid)
    return Item(kind, None, named, Relation.CONTAINS)  # TID 2010 names no reference


def read_note(dataset: Dataset) -> RejectionNote:
    """The note in a data set.

    Raises `UnusableFile` where content and header name other objects, and `ValueError`, `TypeError`,
    `KeyError`, `AttributeError` or `LookupError` where it is otherwise not what hosr writes.
    """
    root = read_item(dataset)
    said, _, given = read_string(root, codes.KEY_OBJECT_DESCRIPTION).partition(f"\r\n{_GIVEN}")
    reasons = {sentence: reason for reason, sentence in _SENTENCES.items()}
    withdrawal = Withdrawal(
        reason=reasons[said],
        text=given,
        signature=Signature(
            name=read_string(root, codes.PERSON_OBSERVER_NAME),
            organization=read_string(root, codes.PERSON_OBSERVER_ORGANIZATION),
            signed_at=read_datetime(str(dataset.ObservationDateTime)),
        ),
    )
    rejected, study_uid = _read_rejected(dataset, root), str(dataset.StudyInstanceUID)
    if root.name is None or root.name.key != TITLES[withdrawal.reason].key:
        raise UnusableFile("has another title than its description", "give it as hosr wrote it")
    instance = Instance(
        series_instance_uid=str(dataset.SeriesInstanceUID),
        sop_class_uid=str(dataset.SOPClassUID),
        sop_instance_uid=str(dataset.SOPInstanceUID),
    )
    derived = _instance(withdrawal, study_uid, rejected, str(dataset.SoftwareVersions))
    return RejectionNote(
        withdrawal=withdrawal,
        instance=instance,
        study_instance_uid=study_uid,
        rejected=rejected,
        is_altered=derived != instance,
    )


def _read_rejected(dataset: Dataset, root: Item) -> tuple[Instance, ...]:
    """The objects by header and content, which agree."""
    found = sorted(read_referenced(dataset.CurrentRequestedProcedureEvidenceSequence))
    named = [each.value for each in root.children if isinstance(each.value, Reference)]
    stated = sorted((each.sop_class_uid, each.sop_instance_uid) for each in named)
    if stated != sorted((each.sop_class_uid, each.sop_instance_uid) for each in found):
        raise UnusableFile("names other objects in its header", "give it as hosr wrote it")
    return tuple(found)
