"""The files of a report by the table of outputs: what `--make` can name, and what makes each file.

And their manifest: what was made, of what grade, in what words, and what was tolerated; for programs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from hosr.comparison import comparisons_json
from hosr.errors import Fault, UsageError
from hosr.logs import logger, timed_step
from hosr.manifest import MANIFEST
from hosr.outputs.materials import Materials
from hosr.report import grading_json
from hosr.sr.receivers import Options
from hosr.templating.sources import Wording, read_site

if TYPE_CHECKING:
    from hosr.composite import Encoded
    from hosr.intake.images import Note
    from hosr.messages import MessageForm
    from hosr.pipeline import Outcome
    from hosr.status import Status
    from hosr.study import HeaderOverride

_LOG = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One file to be written."""

    name: str
    data: bytes
    sop_class_uid: str = ""
    sop_instance_uid: str = ""


_Make: TypeAlias = Callable[[Materials], tuple[Made, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One row: the files by name, what they are, and what makes them."""

    files: str
    words: str
    make: _Make
    by_default: bool = True
    shows_images: bool = True


OutputName = Literal[
    "measurement",
    "narrative",
    "text",
    "html",
    "pdf",
    "encapsulated",
    "overlay",
    "keyobjects",
    "pictures",
    "captures",
    "hl7",
    "fhir",
    "fhir-r5",
]


def make_files(
    outcome: Outcome,
    outputs: OutputName | Iterable[OutputName] | None = None,
    options: Options | None = None,
    wording: Wording | None = None,
    message_form: MessageForm | None = None,
) -> tuple[Made, ...]:
    """The files of a report, the manifest last.

    `outputs` are names of `OUTPUTS`, None those that are made by default. `message_form` is how
    `hl7` and the bundles of FHIR are written.

    Raises `UsageError` for what cannot be made, `Unencodable` where a value has no valid form,
    `TemplateRefused` for a site's template that cannot be used, and `ImagesRefused` where an image
    is no longer what it was.
    """
    chosen = DEFAULT_OUTPUTS if outputs is None else choose_outputs(outputs)
    wording = wording or Wording()
    if wording.site is not None:  # a folder that cannot be used is refused, whatever is made
        read_site(wording.site, wording.language.tag)
    materials = Materials(outcome, options or Options(), wording, message_form)
    files: list[Made] = []
    for name, output in OUTPUTS.items():
        if name in chosen:
            with timed_step(_LOG, "%s made", name):
                files += output.make(materials)
    notes = (*outcome.notes, *materials.notes)
    return (*files, make_manifest(materials, files, notes))


def choose_outputs(names: str | Iterable[str], place: str = "outputs") -> tuple[OutputName, ...]:
    """The outputs of these names; UsageError at that place where one is none, or there is no name."""
    wanted = (names,) if isinstance(names, str) else tuple(names)
    unknown = [str(name) for name in wanted if name not in OUTPUTS]
    if unknown or not wanted:
        problem = f"{', '.join(unknown) or 'nothing'} cannot be made"
        raise UsageError(Fault(place, problem, f"name some of {', '.join(OUTPUTS)}"))
    return tuple(name for name in OUTPUTS if name in wanted)


def _overrides(overrides: Sequence[HeaderOverride]) -> dict[str, Any]:
    """What was taken in place of headers, as the record has it; nothing where nothing was."""
    if not overrides:
        return {}
    from hosr.intake.record.writer import override_json

    return {"overrides": [override_json(override) for override in overrides]}


def make_manifest(materials: Materials, files: Sequence[Made], notes: Sequence[Note]) -> Made:
    """The manifest of these files; what was tolerated is told without patient data."""
    options, report = materials.options, materials.report
    content = {
        "hosr_version": report.form,
        "study_instance_uid": report.subject.study.study_instance_uid,
        "profile": options.profile,
        "terminology": options.terminology,
        "hydrate": options.hydrate,
        "language": materials.wording.language.tag,
        "site_templates": _site_templates(materials.wording.site),
        "status": status_json(report.status),
        **_overrides(report.overrides),
        "files": [entry_json(made) for made in files],
        **grading_json(report.hips),
        **({"priors": comparisons_json(report)} if report.lookbacks else {}),
        "tolerated": [{"path": note.path, "problem": note.problem} for note in notes],
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return Made(name=MANIFEST, data=text.encode())


def status_json(status: Status) -> dict[str, str]:
    """The flags of a status as the manifest has them."""
    return {
        "completion": status.completion,
        "verification": status.verification,
        "preliminary": status.preliminary,
    }


def entry_json(made: Made) -> dict[str, Any]:
    """A file as the manifest lists it."""
    entry: dict[str, Any] = {"name": made.name}
    if made.sop_instance_uid:
        entry["sop_class_uid"] = made.sop_class_uid
        entry["sop_instance_uid"] = made.sop_instance_uid
    return {**entry, "sha256": _digest(made.data), "bytes": len(made.data)}


def _site_templates(site: Path | None) -> list[dict[str, str]]:
    """The files of a site's own folder, so that a report can be traced to them."""
    if site is None:
        return []
    files = sorted(path for path in site.rglob("*") if path.is_file())
    return [
        {"name": path.relative_to(site).as_posix(), "sha256": _digest(path.read_bytes())}
        for path in files
    ]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _file(name: str, take: Callable[[Materials], bytes]) -> _Make:
    return lambda materials: (Made(name=name, data=take(materials)),)


def _object(name: str, take: Callable[[Materials], Encoded]) -> _Make:
    return lambda materials: (made_object(name, take(materials)),)


def made_object(name: str, encoded: Encoded) -> Made:
    """A DICOM object as a file of this name."""
    return Made(
        name=name,
        data=encoded.data,
        sop_class_uid=encoded.instance.sop_class_uid,
        sop_instance_uid=encoded.instance.sop_instance_uid,
    )


def _overlay(materials: Materials) -> tuple[Made, ...]:
    return tuple(
        made_object("overlay.dcm" if number == 1 else f"overlay_{number}.dcm", overlay.encoded)
        for number, overlay in enumerate(materials.overlays, start=1)
    )


def _pictures(materials: Materials) -> tuple[Made, ...]:
    return tuple(
        Made(name=f"key_{side.value}.png", data=data) for side, data in materials.picture_files
    )


def _captures(materials: Materials) -> tuple[Made, ...]:
    return tuple(
        made_object(f"key_{side.value}.dcm", encoded) for side, encoded in materials.captures
    )


OUTPUTS: dict[OutputName, Output] = {
    "measurement": Output(
        files="`measurement.dcm`",
        words="Structured Report by TID 1500: grades, findings, the gap as drawn and measured",
        make=_object("measurement.dcm", lambda materials: materials.measurement),
        shows_images=False,
    ),
    "narrative": Output(
        files="`narrative.dcm`",
        words="Basic Text SR by TID 2000: the report in sentences, in a series of its own",
        make=_object("narrative.dcm", lambda materials: materials.narrative),
        shows_images=False,
    ),
    "text": Output(
        files="`report.txt`",
        words="the same sentences as text",
        make=_file("report.txt", lambda materials: materials.text.encode()),
        shows_images=False,
    ),
    "html": Output(
        files="`report.html`",
        words="one page for screen, phone and paper, with the key images; nothing is fetched",
        make=_file("report.html", lambda materials: materials.html.encode()),
    ),
    "pdf": Output(
        files="`report.pdf`",
        words="the pages as PDF/A-2a and PDF/UA-1, tagged",
        make=_file("report.pdf", lambda materials: materials.pdf),
    ),
    "encapsulated": Output(
        files="`report.pdf.dcm`",
        words="the same pages as Encapsulated PDF",
        make=_object("report.pdf.dcm", lambda materials: materials.encapsulated),
    ),
    "overlay": Output(
        files="`overlay.dcm`",
        words="Grayscale Softcopy Presentation State: the marks over the images themselves",
        make=_overlay,
    ),
    "keyobjects": Output(
        files="`keyobjects.dcm`",
        words="Key Object Selection: the images that the grade was read from",
        make=_object("keyobjects.dcm", lambda materials: materials.key_objects),
    ),
    "pictures": Output(
        files="`key_right.png`, `key_left.png`",
        words="the key image of each hip with what was marked on it",
        make=_pictures,
    ),
    "captures": Output(
        files="`key_right.dcm`, `key_left.dcm`",
        words="the same pictures as Secondary Capture",
        make=_captures,
        by_default=False,
    ),
    "hl7": Output(
        files="`report.hl7`",
        words="HL7 v2.5.1 message (ORU^R01): text and coded results for a RIS or an EHR",
        make=_file("report.hl7", lambda materials: materials.hl7),
        by_default=False,
        shows_images=False,
    ),
    "fhir": Output(
        files="`fhir.r4.json`",
        words="FHIR R4: one transaction with the report, its observations and what they refer to",
        make=_file("fhir.r4.json", lambda materials: materials.bundle("r4")),
        by_default=False,
        shows_images=False,
    ),
    "fhir-r5": Output(
        files="`fhir.r5.json`",
        words="the same in FHIR R5",
        make=_file("fhir.r5.json", lambda materials: materials.bundle("r5")),
        by_default=False,
        shows_images=False,
    ),
}

DEFAULT_OUTPUTS = tuple(name for name, output in OUTPUTS.items() if output.by_default)
