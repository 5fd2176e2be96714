"""The end of a report: its versions are withdrawn by a person, and none of them has a successor after it.

A version that another one took the place of is withdrawn with it where it is given: it may lie in an
archive as well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hosr.errors import Fault, UsageError
from hosr.folder import write_folder
from hosr.identity import fingerprint
from hosr.lifecycle.chain import ReadReport, by_time, followed
from hosr.lifecycle.history import as_read
from hosr.lifecycle.publication import outputs_of
from hosr.lifecycle.signing import find_impossible_signature, find_unwritable
from hosr.lifecycle.steps import Asked, NewVersion, require_document
from hosr.lifecycle.succession import SUCCESSOR, Successor, succeeding
from hosr.lifecycle.versions import Version, read_objects
from hosr.outputs import OutputName
from hosr.outputs.withdrawal import Stored, Withdrawn, make_withdrawal_files
from hosr.sr.narrative import BASIC_TEXT_SR
from hosr.status import Signature, Step, Withdrawal, WithdrawalReason

if TYPE_CHECKING:
    from hosr.messages import MessageForm

_OF_MESSAGES: tuple[OutputName, ...] = ("hl7", "fhir", "fhir-r5")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVersions:
    """Versions of one report, the newest last.

    `ends` are those that a step could go on from, the newest first: the others are such as were copied
    without the file that names their successor. `missing_uids` are measurement reports that one of
    these took the place of.
    """

    versions: tuple[Version, ...]
    ends: tuple[Version, ...]
    missing_uids: tuple[str, ...]

    @property
    def newest(self) -> Version:
        """The last version."""
        return self.versions[-1]

    @property
    def document_uids(self) -> tuple[str, ...]:
        """The structured reports of all versions."""
        return tuple(
            each.sop_instance_uid for version in self.versions for each in version.documents
        )

    @property
    def outputs(self) -> tuple[OutputName, ...]:
        """By what other systems were told of a version, or would be told of another one."""
        wanted = {name for version in self.versions for name in outputs_of(version)}
        return tuple(name for name in _OF_MESSAGES if name in wanted)


def link_versions(versions: Sequence[Version]) -> ReportVersions:
    """The versions in their order.

    Raises `UsageError` where they are not of one report, or one is given twice.
    """
    found = sorted(((as_read(each), each) for each in versions), key=lambda pair: by_time(pair[0]))
    faults = [*_find_strangers([read for read, _ in found])]
    if faults:
        raise UsageError(faults)
    open_ends = [each for _, each in found[:-1] if not (each.folder / SUCCESSOR).exists()]
    replaced = (each for read, _ in found for each in read.report.predecessors)
    missing = (each.sop_instance_uid for each in replaced if each.sop_class_uid != BASIC_TEXT_SR)
    given = {read.uid for read, _ in found}
    return ReportVersions(
        versions=tuple(version for _, version in found),
        ends=(found[-1][1], *open_ends),
        missing_uids=tuple(uid for uid in dict.fromkeys(missing) if uid not in given),
    )


def _find_strangers(reads: Sequence[ReadReport]) -> Iterator[Fault]:
    """Versions of another report than the newest, and those that stand there twice."""
    newest, seen = reads[-1], set()
    before = followed(newest, {read.uid: read for read in reads})
    for read in reads:
        # A draft that was sent before it was changed gave the report its name.
        is_same = read.lineage == newest.lineage or read.uid in before
        if not is_same or read.study_instance_uid != newest.study_instance_uid:
            problem = f"is of another report than {newest.place}"
            yield Fault(read.place, problem, "withdraw each report by itself")
        elif read.uid in seen:
            yield Fault(read.place, "is given twice", "give each version once")
        seen.add(read.uid)


def withdraw(
    given: ReportVersions, reason: WithdrawalReason, text: str, signature: Signature
) -> Withdrawn:
    """The withdrawn report.

    Raises `UsageError` where another reason has no words, or who withdraws cannot: as `sign`.
    """
    newest, text = given.newest, text.strip()
    faults = [*find_impossible_signature(newest.report, signature)]
    if reason is WithdrawalReason.OTHER and not text:
        faults.append(Fault("--text", "has no words", "say why the report is withdrawn"))
    faults += find_unwritable("--text", text)
    if faults:
        raise UsageError(faults)
    # As a note gives them back: without blanks around a value, and without empty scripts of a name.
    name, organization = signature.name.strip().rstrip("= "), signature.organization.strip()
    signature = replace(signature, name=name, organization=organization)
    withdrawal = Withdrawal(reason=reason, text=text, signature=signature)
    return Withdrawn(
        report=replace(newest.report, withdrawal=withdrawal),
        versions=tuple(
            Stored(
                report=version.report,
                options=version.options,
                objects=read_objects(version.folder),
            )
            for version in given.versions
        ),
        missing_uids=given.missing_uids,
        language=newest.language,
    )


def take_back(
    given: ReportVersions,
    asked: Asked,
    reason: WithdrawalReason,
    text: str,
    message_form: MessageForm | None = None,
) -> NewVersion:
    """Make the withdrawal of these versions, once: the same again gives the same files.

    Raises as `withdraw`, `require_document` and `succeeding`; then nothing was made.
    """
    require_document(asked.document, given.document_uids)
    withdraw(given, reason, text, asked.signature)  # what cannot be is told before it is begun
    said = fingerprint((reason.value, text, given.document_uids))
    successor = Successor.of(Step.WITHDRAW, asked.signature, said, asked.out)
    with ending(given, successor, timed=asked.timed) as at:
        withdrawn = withdraw(given, reason, text, replace(asked.signature, signed_at=at))
        files = make_withdrawal_files(withdrawn, given.outputs, message_form)
        paths = write_folder({made.name: made.data for made in files}, asked.out)
    return NewVersion(report=withdrawn.report, files=files, paths=paths)


@contextmanager
def ending(given: ReportVersions, asked: Successor, *, timed: bool) -> Iterator[dt.datetime]:
    """The time of the withdrawal, while nobody takes another step on any of its ends.

    As `succeeding`, for every end; one that was begun before goes on at the time of its first attempt.
    """
    with ExitStack() as stack:
        at = dt.datetime.fromisoformat(asked.signed_at)
        for version in given.ends:
            asked = replace(asked, signed_at=at.isoformat())
            at = stack.enter_context(succeeding(version.folder, asked, timed=timed))
        yield at
