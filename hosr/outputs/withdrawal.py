"""The files of a withdrawal: the note that rejects the objects, the words, and what tells other systems.

A withdrawn report is in none of them: no grade, no page and no picture.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hosr.intake.images import Note
from hosr.language import Language
from hosr.manifest import WITHDRAWAL
from hosr.messages import MessageForm, make_oru
from hosr.messages.fhir import Release, Told, find_obstacle, make_withdrawal_bundle
from hosr.narrative.signatures import tell_notice
from hosr.narrative.withdrawal import Retracted, render_withdrawal, tell_withdrawal
from hosr.outputs.files import Made, OutputName, entry_json, made_object, status_json
from hosr.report import Report
from hosr.sr import rejection_note
from hosr.sr.measurement import content_key, measurement_instance
from hosr.sr.receivers import Options
from hosr.study import Instance
from hosr.templating.sources import Wording

_RELEASES: dict[OutputName, Release] = {"fhir": Release.R4, "fhir-r5": Release.R5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A version that is withdrawn: its report, the form of its documents, and all its DICOM objects."""

    report: Report
    options: Options
    objects: tuple[Instance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A withdrawn report, the versions that are withdrawn, the newest last, and those that are not.

    `report` is the last version with its withdrawal; `missing_uids` are earlier documents that
    nobody gave.
    """

    report: Report
    versions: tuple[Stored, ...]
    missing_uids: tuple[str, ...]
    language: Language


def make_withdrawal_files(
    withdrawn: Withdrawn, outputs: Sequence[OutputName], form: MessageForm | None
) -> tuple[Made, ...]:
    """The files of a withdrawal, the manifest last.

    `outputs` are those of messages and bundles that are wanted, `form` is how they are written. Raises
    `Unencodable` where a value has no valid form, and `UsageError` where a library is missing.
    """
    objects = [each for version in withdrawn.versions for each in version.objects]
    note = rejection_note(withdrawn.report, objects)
    files = [made_object(WITHDRAWAL, note), _text(withdrawn)]
    notes = [_tell_missing(uid) for uid in withdrawn.missing_uids]
    form = form or MessageForm()
    if "hl7" in outputs:
        made, remarks = _message(withdrawn, form)
        files.append(made)
        notes += remarks
    wanted = [name for name in _RELEASES if name in outputs]
    obstacle = find_obstacle(withdrawn.report, form) if wanted else None
    for name in wanted:
        release = _RELEASES[name]
        if obstacle is None:
            files.append(_bundle(withdrawn, note.instance, release, form))
        else:
            problem = f"was not made: {obstacle.path} {obstacle.problem}"
            notes.append(Note(path=f"fhir.{release.value}.json", problem=problem))
    return (*files, _manifest(withdrawn, files, notes))


def _text(withdrawn: Withdrawn) -> Made:
    versions = [
        Retracted(
            notice=tell_notice(version.report, withdrawn.language),
            object_uids=tuple(each.sop_instance_uid for each in version.objects),
        )
        for version in withdrawn.versions
    ]
    text = render_withdrawal(withdrawn.report, versions, withdrawn.missing_uids, withdrawn.language)
    return Made(name="withdrawal.txt", data=text.encode())


def _message(withdrawn: Withdrawn, form: MessageForm) -> tuple[Made, list[Note]]:
    last = withdrawn.versions[-1]
    key = content_key(last.report, last.options)
    uid = measurement_instance(key, last.options).sop_instance_uid
    wording = Wording(withdrawn.language)
    message = make_oru(withdrawn.report, wording, form, sr_uid=uid)
    notes = [Note(path="report.hl7", problem=note) for note in message.notes]
    return Made(name="report.hl7", data=message.data), notes


def _bundle(withdrawn: Withdrawn, note: Instance, release: Release, form: MessageForm) -> Made:
    notice, *sentences = tell_withdrawal(withdrawn.report, withdrawn.language)
    told = Told(
        language=withdrawn.language.tag,
        notice=notice,
        history=(),
        impression=tuple(sentences),
        text=_text(withdrawn).data.decode(),
        page="",
    )
    versions = [(version.report, version.options) for version in withdrawn.versions]
    data = make_withdrawal_bundle(withdrawn.report, versions, note, told, release, form)
    return Made(name=f"fhir.{release.value}.json", data=data)


def _tell_missing(uid: str) -> Note:
    problem = f"{uid} was not given: an archive that has it goes on to show it"
    return Note(path="earlier version", problem=problem)


def _manifest(withdrawn: Withdrawn, files: Sequence[Made], notes: Sequence[Note]) -> Made:
    """As that of a report, without a grade; the words and the name of the person are in the note."""
    report = withdrawn.report
    if report.withdrawal is None:
        raise ValueError("the report was not withdrawn")
    content: dict[str, Any] = {
        "hosr_version": report.form,
        "study_instance_uid": report.subject.study.study_instance_uid,
        "language": withdrawn.language.tag,
        "site_templates": [],
        "status": {**status_json(report.status), "label": report.status.label},
        "withdrawal": {
            "reason": report.withdrawal.reason.value,
            "at": report.withdrawal.signature.signed_at.isoformat(),
            "objects": [
                {"sop_class_uid": each.sop_class_uid, "sop_instance_uid": each.sop_instance_uid}
                for version in withdrawn.versions
                for each in version.objects
            ],
            "not_given": list(withdrawn.missing_uids),
        },
        "files": [entry_json(made) for made in files],
        "tolerated": [{"path": note.path, "problem": note.problem} for note in notes],
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return Made(name="manifest.json", data=text.encode())
