"""What the page is told of a draft and of the worklist: plain values, ready for JSON."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.desk.sentences import tell_amending, tell_ending, tell_hold, tell_unknown_ending
from hosr.drafts import Status
from hosr.drafts.signed import BY_DRAFT, UNKNOWN, find_amending, find_ending
from hosr.errors import UsageError
from hosr.language import message
from hosr.language.numbers import dicom_day, person_name, plain

if TYPE_CHECKING:
    from hosr.desk.readers import Reader
    from hosr.drafts import Draft, Drafts, Entry, Listed
    from hosr.intake.images import SourceImages
    from hosr.language import Language

Json = dict[str, Any]

# PS3.3 section C.7.1.1
_SEXES = {"M": message("male"), "F": message("female"), "O": message("other sex")}

# A worklist of thousands tells the same days and names each time it is looked at.
_day = lru_cache(maxsize=4096)(dicom_day)
_name = lru_cache(maxsize=16384)(person_name)


def draft_json(draft: Draft, language: Language, sent: str) -> Json:
    """How a draft stands."""
    return {
        "id": draft.draft_id,
        "etag": draft.etag,
        "status": draft.status.value,
        "hold_reason": tell_hold(draft.hold_reason, language),
        "made_from": list(draft.made_from),
        "account": draft.account,
        "follows": draft.follows,
        "versions": list(range(1, len(draft.versions) + 1)),
        "changed_at": draft.changed_at.isoformat(),
        "opened_by": person_name(draft.opened_by),
        "document": draft.document_uid or None,
        "sent": sent,
    }


def view_json(draft: Draft, report: Json, reader: Reader, language: Language, *, sent: str) -> Json:
    """A draft with its report, as a reader sees it."""
    return {
        "draft": draft_json(draft, language, sent),
        "record": draft.record,
        "original": draft.original,
        "decisions": list(draft.decisions_of(reader.name)),
        "report": report,
        "words": [],
        "blind": False,
        "may_edit": reader.may_write and draft.status is not Status.SIGNED and not draft.signing_by,
        "may_amend": reader.may_write and draft.status is Status.SIGNED and not draft.signing_by,
    }


def ending_json(drafts: Drafts, draft: Draft, language: Language) -> Json | None:
    """What became of what was signed, elsewhere or by another draft; None where it stands."""
    if not draft.versions:
        return None
    newest = Path(draft.versions[-1])
    try:
        ending, amending = find_ending(drafts, newest), find_amending(drafts, newest)
    except UsageError:
        return {"step": UNKNOWN, "words": tell_unknown_ending(language)}
    if ending is None:
        return None
    if amending is not None:
        return {"step": BY_DRAFT, "words": tell_amending(amending, language)}
    return {"step": ending.step.value, "words": tell_ending(ending, language)}


def ended(view: Json, ending: Json | None) -> Json:
    """The view with what became elsewhere of what was signed: it is not amended here then."""
    return {
        **view,
        "draft": {**view["draft"], "ended": ending},
        "may_amend": view["may_amend"] and ending is None,
    }


def dated(view: Json, changed_by: str, newer: str) -> Json:
    """The view with who changed it last, and the words that there is a newer draft of the study, or ""."""
    more = {"changed_by": person_name(changed_by), "newer": newer}
    return {**view, "draft": {**view["draft"], **more}}


def blinded(view: Json, record: Json, decisions: tuple[str, ...]) -> Json:
    """The view with the reader's own record, and without anything of what a model found."""
    return {
        **view,
        "draft": {**view["draft"], "account": {}, "made_from": []},
        "record": record,
        "original": None,
        "decisions": list(decisions),
        "blind": True,
    }


def listed_json(
    listed: Listed, language: Language, *, sent: str, is_blind: bool, ended: str = ""
) -> Json:
    """A row of the worklist; of one that is read blind without what a model found.

    `ended` is the step by which what was signed was withdrawn or replaced elsewhere.
    """
    return {
        "id": listed.draft_id,
        "status": listed.status.value,
        "urgency": 0 if is_blind else listed.urgency,
        "reasons": [] if is_blind else [reason.value for reason in listed.reasons],
        "patient_name": _name(listed.patient_name),
        "patient_id": listed.patient_id,
        "study_day": _day(listed.study_date, language),
        "view": listed.view,
        "hips": [
            {
                "side": hip.side.value,
                "brooker": "" if is_blind else hip.brooker,
                "della_valle": "" if is_blind else hip.della_valle,
            }
            for hip in listed.hips
        ],
        "made_by": _name(listed.made_by),
        "is_algorithm": listed.is_algorithm,
        "opened_by": _name(listed.opened_by),
        "hold_reason": tell_hold(listed.hold_reason, language),
        "follows": listed.follows,
        "sent": sent,
        "ended": ended,
        "blind": is_blind,
    }


def entry_json(entry: Entry) -> Json:
    """One revision of a draft, whole."""
    return {
        "revision": entry.revision,
        "at": entry.at.isoformat(),
        "by": person_name(entry.by),
        "event": entry.event.value,
        "status": entry.status.value,
        "record": entry.record,
        "decisions": list(entry.decisions),
    }


def reader_json(reader: Reader) -> Json:
    """Who reads."""
    return {
        "key": reader.key,
        "name": person_name(reader.name),
        "may_write": reader.may_write,
    }


def subject_json(images: SourceImages | None, draft: Draft, language: Language) -> Json:
    """The patient and the study: by the images, or, where these are not what they were, as kept of them."""
    if images is None:
        patient = {"name": person_name(draft.patient_name), "id": plain(draft.patient_id)}
        day = dicom_day(draft.study_date, language) if draft.study_date else ""
        return {
            "patient": {**patient, "birth_date": "", "sex": ""},
            "study": {"date": day, "description": "", "accession": ""},
        }
    patient_, study = images.patient, images.study
    sex = _SEXES.get(patient_.sex)
    return {
        "patient": {
            "name": person_name(patient_.name),
            "id": plain(patient_.patient_id),
            "birth_date": dicom_day(patient_.birth_date, language) if patient_.birth_date else "",
            "sex": language.say(sex) if sex else "",
        },
        "study": {
            "date": dicom_day(study.date, language) if study.date else "",
            "description": plain(study.description),
            "accession": plain(study.accession_number),
        },
    }
