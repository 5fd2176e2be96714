"""Of several studies, as on a disc for a patient, the one that is meant.

Two studies are never read as one: where nobody says which is meant, they are refused by name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hosr.phrases import Phrase, phrase, several

if TYPE_CHECKING:
    from hosr.intake.images.identity import Owner
    from hosr.intake.images.values import Ledger, SourceImage

_MOST_NAMED = 5
_OTHER = phrase("is of another study than the record names; it is not used")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedStudies:
    """What those who ask for images say of the study: any one of these is enough to know it by."""

    study_instance_uids: frozenset[str] = frozenset()
    accession_numbers: frozenset[str] = frozenset()
    sop_instance_uids: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.study_instance_uids or self.accession_numbers or self.sop_instance_uids)


@dataclass(slots=True)
class _Study:
    """What is known of one study by its images, and the first file that has one."""

    path: str
    accession_numbers: set[str] = field(default_factory=set)
    sop_instance_uids: set[str] = field(default_factory=set)
    modalities: Counter[str] = field(default_factory=Counter)

    def is_named(self, uid: str, named: NamedStudies) -> bool:
        return (
            uid in named.study_instance_uids
            or not named.accession_numbers.isdisjoint(self.accession_numbers)
            or not named.sop_instance_uids.isdisjoint(self.sop_instance_uids)
        )

    def told(self, uid: str) -> Phrase:
        counts = several(f"{n} {modality}" for modality, n in sorted(self.modalities.items()))
        return phrase("{uid} ({counts}, such as {file})", uid=uid, counts=counts, file=self.path)


def choose_study(
    images: Sequence[tuple[Owner, SourceImage]], named: NamedStudies | None, ledger: Ledger
) -> str | None:
    """The Study Instance UID of the one study that is named; None where all images may stay.

    Images of another study are noted. Several studies of which not exactly one is named are a fault.
    """
    studies = _studies_of(images)
    if len(studies) < 2:
        return None
    named = named or NamedStudies()
    meant = [uid for uid, study in studies.items() if study.is_named(uid, named)]
    if len(meant) != 1:
        _refuse(studies, named, meant, ledger)
        return None
    for owner, _ in images:
        if owner.study.study_instance_uid != meant[0]:
            ledger.note(owner.path, _OTHER)
    return meant[0]


def _studies_of(images: Iterable[tuple[Owner, SourceImage]]) -> Mapping[str, _Study]:
    """The studies, in the order of their UIDs."""
    members: dict[str, list[tuple[Owner, SourceImage]]] = defaultdict(list)
    for owner, image in images:
        members[owner.study.study_instance_uid].append((owner, image))
    return {
        uid: _Study(
            path=min(owner.path for owner, _ in those),
            accession_numbers={owner.study.accession_number for owner, _ in those},
            sop_instance_uids={image.sop_instance_uid for _, image in those},
            modalities=Counter(image.reference.modality for _, image in those),
        )
        for uid, those in sorted(members.items())
    }


def _refuse(
    studies: Mapping[str, _Study], named: NamedStudies, meant: Sequence[str], ledger: Ledger
) -> None:
    told = [study.told(uid) for uid, study in studies.items()]
    listed = several(told, ";", _MOST_NAMED)
    problem = phrase("are of {number} studies: {studies}", number=len(studies), studies=listed)
    if meant:
        problem = phrase(
            "{problem}. {number} of them fit the record", problem=problem, number=len(meant)
        )
    elif named:
        problem = phrase("{problem}. None of them fits the record", problem=problem)
    remedy = phrase(
        "name one in study.study_instance_uid of the record, or give the images of one study"
    )
    ledger.refuse("images", problem, remedy)
