"""The files of a version: all that the version before it had, as far as there are images to show.

A picture or page of the version before never stands beside the new one, for it says another status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from hosr.errors import Fault, ImagesRefused, UsageError
from hosr.intake.images import Note, SourceImages
from hosr.intake.own_words import note_words
from hosr.lifecycle.versions import LEFT_OUT, Version
from hosr.outputs import OUTPUTS, Made, OutputName, make_files
from hosr.phrases import phrase
from hosr.pipeline import Outcome
from hosr.report import Report
from hosr.templating.sources import Wording

if TYPE_CHECKING:
    from hosr.messages import MessageForm


_NO_PAGES = Note(path="report.hl7", problem="the PDF is left out: it shows images")

# What RIS and EHR are told by, of every version that a person made; each with the library of its extra.
_FOR_OTHERS: dict[OutputName, str] = {"hl7": "hl7types", "fhir": "fhir"}


def make_version(
    report: Report,
    before: Version,
    images: SourceImages | None,
    templates: Path | None = None,
    message_form: MessageForm | None = None,
    show_more: Callable[[Outcome], Outcome] = lambda outcome: outcome,
) -> tuple[Made, ...]:
    """The files of a report that takes the place of the version before, the manifest last.

    Without images, those that show none are made, and the manifest names the others. `message_form`
    is that of the message, where one is made; `show_more` adds what pages show beside the images.

    Raises `UsageError` where the version before was made with templates of a site and none are given,
    `ImagesRefused` where an image of the report is not among those given, and what `make_files` raises.
    """
    if before.has_site_templates and templates is None:
        remedy = phrase("name them with --templates")
        problem = phrase("was made with templates of a site")
        raise UsageError(Fault(str(before.folder), problem, remedy))
    wanted, unsendable = _without_unsendable(report, before, message_form)
    outputs = tuple(name for name in wanted if images is not None or not OUTPUTS[name].shows_images)
    notes = (*note_words(report), *unsendable, *_tell_left_out(wanted, outputs))
    if images is None and message_form is not None and message_form.with_pdf:
        message_form, notes = replace(message_form, with_pdf=False), (*notes, _NO_PAGES)
    if images is not None:
        _require_all(report, images)
        notes = (*images.notes, *notes)
    bare = Outcome(
        report=report,
        read_image=_read_none if images is None else images.read_file,
        open_image=_open_none if images is None else images.open_file,
        notes=notes,
        has_images=images is not None,
    )
    outcome = bare if images is None else show_more(bare)
    wording = Wording(before.language, templates)
    return make_files(outcome, outputs, before.options, wording, message_form)


def outputs_of(before: Version) -> tuple[OutputName, ...]:
    """What is wanted of the version after this one: all that it had, and what tells other systems."""
    return tuple(name for name in OUTPUTS if name in before.outputs or _is_for_others(name))


def outputs_for_others() -> tuple[OutputName, ...]:
    """What tells other systems of a version that a person made, as far as it can be made here."""
    return tuple(name for name in OUTPUTS if _is_for_others(name))


def _without_unsendable(
    report: Report, before: Version, message_form: MessageForm | None
) -> tuple[tuple[OutputName, ...], tuple[Note, ...]]:
    """What is wanted, and what is noted of a bundle that nobody asked for and no server could file."""
    from hosr.messages import MessageForm
    from hosr.messages.fhir import find_obstacle

    wanted = outputs_of(before)
    if "fhir" in before.outputs or "fhir" not in wanted:
        return wanted, ()
    obstacle = find_obstacle(report, message_form or MessageForm())
    if obstacle is None:
        return wanted, ()
    note = Note(path="fhir.r4.json", problem=f"was not made: {obstacle.path} {obstacle.problem}")
    return tuple(name for name in wanted if name != "fhir"), (note,)


def _is_for_others(name: OutputName) -> bool:
    """Whether it tells other systems of a version, and can be made here."""
    library = _FOR_OTHERS.get(name)
    return library is not None and find_spec(library) is not None


def _tell_left_out(wanted: tuple[OutputName, ...], made: tuple[OutputName, ...]) -> Iterator[Note]:
    for name in wanted:
        if name not in made:
            yield Note(path=OUTPUTS[name].files.replace("`", ""), problem=LEFT_OUT)


def _require_all(report: Report, images: SourceImages) -> None:
    missing = [
        Fault(
            "--images",
            phrase("image {uid} of the report is not among them", uid=uid),
            phrase("give all its images"),
        )
        for image in report.subject.images
        if images.find(uid := image.instance.sop_instance_uid) is None
    ]
    if missing:
        raise ImagesRefused(missing)


def _read_none(sop_instance_uid: str) -> bytes:
    raise ImagesRefused(
        Fault(
            "--images",
            f"image {sop_instance_uid} was not given",
        )
    )


def _open_none(sop_instance_uid: str) -> BinaryIO:
    raise ImagesRefused(
        Fault(
            "--images",
            f"image {sop_instance_uid} was not given",
        )
    )
