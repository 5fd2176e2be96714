"""The life of a report as a library: what persons do to one that was made, and what came of it.

    signature = hosr.Signature(name="Rossi^Maria", organization="Example Hospital", signed_at=now)
    hosr.sign("draft", "signed", signature)
    hosr.history("draft", "signed").entries[-1].prevails     # True

Each step makes another version in a folder of its own, and the one before stays as it was.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from hosr.archive import is_archive
from hosr.archive.values import Query
from hosr.errors import Fault, UsageError
from hosr.identity import fingerprint, is_usable_uid
from hosr.intake.images import NamedStudies, SourceImages, read_images
from hosr.intake.record import RecordSource
from hosr.library import Images, make_report, opened_archive, remake_report
from hosr.lifecycle import amendment, signing
from hosr.lifecycle.archived_reports import read_archived_reports
from hosr.lifecycle.chain import History
from hosr.lifecycle.given_grades import GivenGrade, parse_grades
from hosr.lifecycle.history import history_of, read_history
from hosr.lifecycle.prior_files import show_earlier_of
from hosr.lifecycle.priors import carry_over
from hosr.lifecycle.rivals import find_newer
from hosr.lifecycle.steps import Asked, Means, NewVersion, take_step
from hosr.lifecycle.versions import Version, read_version, read_versions
from hosr.lifecycle.withdrawal import ReportVersions, link_versions, take_back
from hosr.messages import MessageForm
from hosr.pipeline import Outcome
from hosr.report import Report
from hosr.scales.chronology import IN_FUTURE, is_past
from hosr.status import FormerGrade, Preliminaries, Signature, Step, WithdrawalReason
from hosr.study import Instance

Folder: TypeAlias = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOptions:
    """How a step is taken.

    Attributes
    ----------
    grades
        Own grades of who signs, `right:brooker=III`, of what is in conflict or left open.
    images, templates, message_form
        What the files are made with. Without images no page or picture is made, and the manifest
        names them; an amendment then keeps what was measured on marks that stay.
    priors, prior_images
        Folders or measurement.dcm of the earlier reports that it is compared with, and the images of
        then: with images, pages show the key images of both, as for `hosr.compare_report`.
    document
        The SOP Instance UID of what was read; anything else is not signed.
    newest_in
        Archives, `archive:NAME` of the configuration or addresses, that are asked whether they hold
        anything newer of this study and hip.
    compare
        What sets the report of an amendment on its images against earlier reports anew; where it is
        None, that stays compared with what the signed one was.
    timed
        Whether the time of the signature was given by the person. Where it is just the clock's, an
        interrupted first attempt is ended with the time that it had.
    former
        What another one graded whose findings the observer of the report changed: where it contradicts
        them, who signs gives a grade, and the report tells both.
    preliminaries
        What was sent of the draft before, and is in no folder: the report takes the place of it too.
    """

    grades: Sequence[str | GivenGrade] = ()
    images: Images | None = None
    templates: Path | None = None
    message_form: MessageForm | None = None
    priors: Sequence[Folder] = ()
    prior_images: Sequence[Folder] = ()
    document: str | None = None
    newest_in: Sequence[str] = ()
    compare: Callable[[Outcome], Outcome] | None = None
    timed: bool = True
    former: tuple[FormerGrade, ...] = ()
    preliminaries: Preliminaries | None = None


_PLAIN = StepOptions()


def sign(
    folder: Folder | Version,
    out: Folder,
    signature: Signature,
    options: StepOptions = _PLAIN,
) -> NewVersion:
    """Sign the draft in a folder: the signed version, in the folder `out`.

    Raises
    ------
    DocumentRefused
        Where a file of the draft was changed, or is missing.
    UsageError
        Where it cannot be signed: by this person, at this time, since it is signed, has a successor,
        or is not the newest.
    RecordRefused
        Where a grade is in conflict or left open, and none is given.
    ArchiveError
        Where an archive cannot be asked.
    """
    before = _version(folder)
    grades = parse_grades(options.grades)
    given = "; ".join(sorted(each.place for each in grades))
    asked = _asked(Step.SIGN, signature, out, given, options)

    def decide(signature: Signature) -> Report:
        signed = signing.sign(before, signature, grades, options.former)
        return signing.replace_sent(signed, options.preliminaries)

    return take_step(before, asked, _means(before, options), decide, _confirm(before, options))


def amend(
    folder: Folder | Version,
    out: Folder,
    signature: Signature,
    *,
    record: RecordSource,
    reason: str,
    options: StepOptions = _PLAIN,
) -> NewVersion:
    """Amend a signed report: the report of another record on the same images, signed anew.

    `reason` says why, in words. Without images what the report holds of them stands for them, and a
    record with marks that it does not have is refused. Raises as `sign` and as `make_report`;
    `UsageError` too where the record is of another patient, study or hip, or says nothing else.
    """
    before, grades = _version(folder), parse_grades(options.grades)
    amendment.require_signed(before)
    means = _means(before, options)
    if means.images is None:
        content = remake_report(record, before.report)
    else:
        outcome = make_report(record, means.images)
        content = (outcome if options.compare is None else options.compare(outcome)).report
    if means.images is None or options.compare is None:
        content = carry_over(before.report, content)
    given = "\n".join((reason, *sorted(each.place for each in grades), fingerprint(content)))
    asked = _asked(Step.AMEND, signature, out, given, options)

    def decide(signature: Signature) -> Report:
        amended = amendment.amend(before, content, signature, reason, grades, options.former)
        return signing.replace_sent(amended, options.preliminaries)

    return take_step(before, asked, means, decide, _confirm(before, options))


def addend(
    folder: Folder | Version,
    out: Folder,
    signature: Signature,
    *,
    text: str,
    options: StepOptions = _PLAIN,
) -> NewVersion:
    """Add words below a signed report, which stays as it was. Raises as `sign`."""
    if options.grades:
        problem = "cannot be given with words alone"
        raise UsageError(Fault("--grade", problem, "amend the report where its grade is wrong"))
    before = _version(folder)
    asked = _asked(Step.ADDEND, signature, out, text, options)
    decide = partial(signing.addend, before, text=text)
    return take_step(before, asked, _means(before, options), decide, _confirm(before, options))


def withdraw(
    folders: Folder | Iterable[Folder] | ReportVersions,
    out: Folder,
    signature: Signature,
    *,
    reason: WithdrawalReason,
    text: str = "",
    options: StepOptions = _PLAIN,
) -> NewVersion:
    """Withdraw a report in all its versions that lie in these folders, the newest among them.

    `text` says why, in words; another reason needs them. Of the options, `document`, `message_form` and
    `timed` count, and others are refused. Raises as `sign`; `UsageError` too where the folders are of
    several reports.
    """
    kept = StepOptions(
        document=options.document, message_form=options.message_form, timed=options.timed
    )
    if options != kept:
        problem = "take more than a withdrawal does: it has no grades, no images and no templates"
        raise UsageError(Fault("options", problem, "give document, message_form and timed"))
    if not isinstance(folders, ReportVersions):
        named = [folders] if isinstance(folders, str | os.PathLike) else folders
        folders = link_versions(read_versions([Path(each) for each in named]))
    asked = _asked(Step.WITHDRAW, signature, out, "", options)
    return take_back(folders, asked, reason, text, options.message_form)


def history(*sources: Folder, study: str | None = None) -> History:
    """The versions of reports, each after the one that it took the place of, and which one prevails.

    `sources` are folders, or one archive (`archive:NAME` of the configuration, or an address) that is
    asked for this study. Faults tell what is no version, and what others say of one.

    Raises `DocumentRefused` where there is no version at all, `UsageError` where the study is no UID or
    missing, and `ArchiveError` where the archive cannot be asked.
    """
    archives = [each for each in sources if isinstance(each, str) and is_archive(each)]
    if not archives:
        if study is not None:
            raise UsageError(Fault("--study", "is for the reports of an archive", "leave it out"))
        return read_history(map(Path, sources))
    if len(sources) > 1:
        problem = "is one source too many"
        raise UsageError(Fault(str(sources[1]), problem, "name one archive, or folders alone"))
    if study is None:
        problem = "is an archive, and no study is named"
        raise UsageError(Fault(archives[0], problem, "name it with --study UID"))
    if not is_usable_uid(study):
        raise UsageError(Fault("--study", "is no UID", "write a Study Instance UID"))
    with opened_archive(archives[0]) as (destination, archive):
        query = Query(study_instance_uid=study)
        return history_of(read_archived_reports(archive, destination.name, query))


def _version(source: Folder | Version) -> Version:
    return source if isinstance(source, Version) else read_version(Path(source))


def _asked(
    step: Step, signature: Signature, out: Folder, given: str, options: StepOptions
) -> Asked:
    if not is_past(signature.signed_at, dt.datetime.now(dt.UTC)):
        remedy = "give the time when it was, or correct the clock of this machine"
        raise UsageError(Fault("--at", IN_FUTURE, remedy))
    return Asked(
        step=step,
        signature=signature,
        out=Path(out),
        given=given,
        timed=options.timed,
        document=options.document,
    )


def _means(before: Version, options: StepOptions) -> Means:
    images = options.images
    if images is not None and not isinstance(images, SourceImages):
        study = before.report.subject.study.study_instance_uid
        named = NamedStudies(study_instance_uids=frozenset({study}))
        images = read_images(images, named=named)
    means = Means(images=images, templates=options.templates, message_form=options.message_form)
    if not options.prior_images:
        return means
    if images is None:
        remedy = "name the images of the report with --images, or leave it out"
        raise UsageError(
            Fault("--prior-images", "stands beside images, and none are given", remedy)
        )
    priors, shown = (
        [Path(each) for each in given] for given in (options.priors, options.prior_images)
    )
    return replace(means, show_more=partial(show_earlier_of, priors, shown))


def _confirm(before: Version, options: StepOptions) -> Callable[[Instance], None]:
    """That no archive holds anything newer, asked when it is known what is to be made.

    The answer raises `UsageError` with all that is newer, and `ArchiveError` where there is none.
    """
    names = tuple(dict.fromkeys(options.newest_in))
    sent = options.preliminaries.documents if options.preliminaries else ()
    replaced = {each.sop_instance_uid for each in sent}

    def confirm(made: Instance) -> None:
        query = Query(study_instance_uid=before.report.subject.study.study_instance_uid)
        faults: list[Fault] = []
        for name in names:
            with opened_archive(name) as (destination, archive):
                held = read_archived_reports(archive, destination.name, query)
            faults += find_newer(before, made.sop_instance_uid, held, replaced)
        if faults:
            raise UsageError(faults)

    return confirm
