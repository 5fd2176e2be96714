"""The table of outputs: what `--make` can name, the files that each stands for, and their makers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hosr.errors import Fault, UsageError
from hosr.outputs.manifest import Made, make_manifest
from hosr.outputs.materials import Materials
from hosr.sr.receivers import Options
from hosr.templating.sources import read_site
from hosr.templating.wording import Wording

if TYPE_CHECKING:
    from hosr.composite import Encoded
    from hosr.pipeline import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One row: the files by name, what they are, and what makes them."""

    files: str
    words: str
    make: Callable[[Materials], tuple[Made, ...]]
    by_default: bool = True


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
]


def make_files(
    outcome: Outcome,
    outputs: OutputName | Iterable[OutputName] | None = None,
    options: Options | None = None,
    wording: Wording | None = None,
) -> tuple[Made, ...]:
    """The files of a report, the manifest last.

    `outputs` are names of `OUTPUTS`, None those that are made by default.

    Raises `UsageError` for what cannot be made, `Unencodable` where a value has no valid form,
    `TemplateRefused` for a site's template that cannot be used, and `ImagesRefused` where an image
    is no longer what it was.
    """
    chosen = DEFAULT_OUTPUTS if outputs is None else choose_outputs(outputs)
    wording = wording or Wording()
    if wording.site is not None:  # a folder that cannot be used is refused, whatever is made
        read_site(wording.site, wording.language.tag)
    materials = Materials(outcome, options or Options(), wording)
    files = [
        made
        for name, output in OUTPUTS.items()
        if name in chosen
        for made in output.make(materials)
    ]
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


def _dicom(name: str, encoded: Encoded) -> Made:
    return Made(
        name=name,
        data=encoded.data,
        sop_class_uid=encoded.instance.sop_class_uid,
        sop_instance_uid=encoded.instance.sop_instance_uid,
    )


def _measurement(materials: Materials) -> tuple[Made, ...]:
    return (_dicom("measurement.dcm", materials.measurement),)


def _narrative(materials: Materials) -> tuple[Made, ...]:
    return (_dicom("narrative.dcm", materials.narrative),)


def _text(materials: Materials) -> tuple[Made, ...]:
    return (Made(name="report.txt", data=materials.text.encode()),)


def _html(materials: Materials) -> tuple[Made, ...]:
    return (Made(name="report.html", data=materials.html.encode()),)


def _pdf(materials: Materials) -> tuple[Made, ...]:
    return (Made(name="report.pdf", data=materials.pdf),)


def _encapsulated(materials: Materials) -> tuple[Made, ...]:
    return (_dicom("report.pdf.dcm", materials.encapsulated),)


def _overlay(materials: Materials) -> tuple[Made, ...]:
    return tuple(
        _dicom("overlay.dcm" if number == 1 else f"overlay_{number}.dcm", overlay.encoded)
        for number, overlay in enumerate(materials.overlays, start=1)
    )


def _key_objects(materials: Materials) -> tuple[Made, ...]:
    return (_dicom("keyobjects.dcm", materials.key_objects),)


def _pictures(materials: Materials) -> tuple[Made, ...]:
    return tuple(
        Made(name=f"key_{side.value}.png", data=data) for side, data in materials.picture_files
    )


def _captures(materials: Materials) -> tuple[Made, ...]:
    return tuple(_dicom(f"key_{side.value}.dcm", encoded) for side, encoded in materials.captures)


OUTPUTS: dict[OutputName, Output] = {
    "measurement": Output(
        files="`measurement.dcm`",
        words="Structured Report by TID 1500: grades, findings, the gap as drawn and measured",
        make=_measurement,
    ),
    "narrative": Output(
        files="`narrative.dcm`",
        words="Basic Text SR by TID 2000: the report in sentences, in a series of its own",
        make=_narrative,
    ),
    "text": Output(files="`report.txt`", words="the same sentences as text", make=_text),
    "html": Output(
        files="`report.html`",
        words="one page for screen, phone and paper, with the key images; nothing is fetched",
        make=_html,
    ),
    "pdf": Output(
        files="`report.pdf`", words="the pages as PDF/A-2a and PDF/UA-1, tagged", make=_pdf
    ),
    "encapsulated": Output(
        files="`report.pdf.dcm`", words="the same pages as Encapsulated PDF", make=_encapsulated
    ),
    "overlay": Output(
        files="`overlay.dcm`",
        words="Grayscale Softcopy Presentation State: the marks over the images themselves",
        make=_overlay,
    ),
    "keyobjects": Output(
        files="`keyobjects.dcm`",
        words="Key Object Selection: the images that the grade was read from",
        make=_key_objects,
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
}

DEFAULT_OUTPUTS = tuple(name for name, output in OUTPUTS.items() if output.by_default)
