"""What one entry of a source of scores holds, as it was read and before anything is made of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hosr.annotations.account import Account
from hosr.annotations.labels import Maker
from hosr.annotations.sources import Claims, claims_of
from hosr.intake.images import SourceImages
from hosr.vocabulary.terms import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """The numbers that a model, or one member of an ensemble, gave for the classes of a scale."""

    place: str
    scale: str
    side: Side | None
    values: tuple[tuple[str, float], ...]
    is_at_least: bool = False
    is_logits: bool = False
    is_percent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A grade that the model named itself; `score` is what it gave for it, where it said so."""

    place: str
    scale: str
    side: Side | None
    grades: tuple[str, ...]
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The score of one finding, by its name in labels.toml."""

    place: str
    name: str
    side: Side | None
    score: float


@dataclass(slots=True)
class Entry:
    """One row, or one object, of one study."""

    place: str
    vectors: list[Vector]
    named: list[Named]
    scored: list[Scored]
    maker: Maker = field(default_factory=Maker)
    made_at: dt.datetime | None = None
    claims: Claims = field(default_factory=Claims)
    activation: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was scored in it."""
        return not (self.vectors or self.named or self.scored)


# As studies, patients and orders are named, whatever stands between the words and however they begin.
_CLAIMED = {
    "studyinstanceuid": "study_instance_uid",
    "studyuid": "study_instance_uid",
    "patientid": "patient_id",
    "patid": "patient_id",
    "mrn": "patient_id",
    "accessionnumber": "accession_number",
    "accession": "accession_number",
}
_BETWEEN = re.compile(r"[\W_]+")


def claim_named(name: str) -> str:
    """Which claim of `Claims` a key or column holds: `PatientID`, `Study UID`; "" for none."""
    plain = _BETWEEN.sub("", name.rpartition(".")[2].casefold())
    return _CLAIMED.get(plain, "")


def read_number(value: object) -> float | None:
    """A number as JSON has it; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def read_moment(text: str) -> dt.datetime | None:
    """A time, with its offset from UTC where it has one; None where it is none."""
    try:
        return dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def side_of(each: Vector | Named | Scored, told: str) -> Side | None:
    """The hip that something is of: as the source says, or else as labels.toml does."""
    return each.side or (Side(told) if told else None)


def entries_of_study(
    entries: Iterable[Entry], images: SourceImages | None, name: str, account: Account
) -> list[Entry]:
    """The entries of one study: that of the images, or else the only one that is claimed."""
    every = list(entries)
    if images is not None:
        study = claims_of(images)
        kept = [entry for entry in every if _agrees(entry.claims, study)]
        if kept and all(entry.claims == Claims() for entry in kept):
            words = "is of the study of the images: it does not say of which it is"
            account.assume(name, words)
        if every and not kept:
            remedy = "give the images that were scored, or the scores of this study"
            account.blame(name, "holds no scores of the study of the images", remedy)
        elif len(kept) < len(every):
            account.leave(name, f"{len(every) - len(kept)} of {len(every)} are of other studies")
        return kept
    studies = {entry.claims for entry in every}
    if len(studies) > 1:
        problem = f"holds scores of {len(studies)} studies, and a record is of one"
        remedy = f"give the images of one of them with {account.options.images}"
        account.blame(name, problem, remedy)
        return []
    return every


def _agrees(claims: Claims, study: Claims) -> bool:
    """By the study, else the order, else the patient: a claim beside it is compared by the import."""
    for name in ("study_instance_uid", "accession_number", "patient_id"):
        if getattr(claims, name):
            return bool(getattr(claims, name) == getattr(study, name))
    return True
