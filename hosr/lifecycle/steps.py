"""A step that a person takes on a version, from what they ask for to the files of the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.errors import Fault, UsageError
from hosr.folder import write_folder
from hosr.identity import fingerprint
from hosr.lifecycle.publication import make_version
from hosr.lifecycle.succession import Successor, succeeding
from hosr.lifecycle.versions import Version
from hosr.outputs import Made
from hosr.report import Report
from hosr.sr.measurement import content_key, measurement_instance
from hosr.status import Signature, Step
from hosr.study import Instance

if TYPE_CHECKING:
    from hosr.intake.images import SourceImages
    from hosr.messages import MessageForm
    from hosr.pipeline import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asks for: a step on a version, as whom and when, into which folder.

    `given` is what they decided or wrote. Where the time is not `timed`, given by the person, that of a
    first attempt that was interrupted holds. `document` is the SOP Instance UID of what was read.
    """

    step: Step
    signature: Signature
    out: Path
    given: str
    timed: bool = True
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the files of a version are made with; without images, those that show none are made.

    `show_more` adds what pages show beside the images.
    """

    images: SourceImages | None = None
    templates: Path | None = None
    message_form: MessageForm | None = None
    show_more: Callable[[Outcome], Outcome] = lambda outcome: outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """The version that a step made: its report, its files, the manifest last, and where they lie."""

    report: Report
    files: tuple[Made, ...]
    paths: tuple[Path, ...]


def take_step(
    before: Version,
    asked: Asked,
    means: Means,
    decide: Callable[[Signature], Report],
    confirm: Callable[[Instance], None] = lambda _: None,
) -> NewVersion:
    """Make the version after this one, once: the same step again gives the same files.

    `decide` gives the report with a signature, and raises where it cannot be given. `confirm` is asked
    before anything is made whether the step may be taken, of what it makes.

    Raises `UsageError` where another document was read than lies here, or the version has another
    successor, and what `make_version` and both of them raise; then nothing was made.
    """
    require_document(asked.document, [each.sop_instance_uid for each in before.documents])
    decide(asked.signature)  # what cannot be signed is told before anything is begun
    given = fingerprint(asked.given)
    successor = Successor.of(asked.step, asked.signature, given, asked.out)
    with succeeding(before.folder, successor, timed=asked.timed) as at:
        report = decide(replace(asked.signature, signed_at=at))
        confirm(measurement_instance(content_key(report, before.options), before.options))
        files = make_version(
            report, before, means.images, means.templates, means.message_form, means.show_more
        )
        paths = write_folder({made.name: made.data for made in files}, asked.out)
    return NewVersion(report=report, files=files, paths=paths)


def require_document(uid: str | None, known: Sequence[str]) -> None:
    """Raises `UsageError` where what was read is not what lies here."""
    if uid is not None and uid not in known:
        problem = f"{uid} is none of the documents here ({', '.join(known)})"
        raise UsageError(Fault("--document", problem, "read what is there first"))
