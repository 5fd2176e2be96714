"""One version of a report in its folder: what `hosr report` or a step after it made, found unchanged.

A person signs what lies there, so every file is held against the manifest, and the measurement
report against its own content; a file that was changed, by whom or what ever, is not signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hosr.dicom.elements import peek
from hosr.dicom.structure import UnusableFile
from hosr.errors import DocumentRefused, Fault
from hosr.language import Language, language_of
from hosr.manifest import MANIFEST, WITHDRAWAL, Listed, Manifest, read_manifest
from hosr.outputs import OUTPUTS, OutputName
from hosr.phrases import phrase
from hosr.report import Report
from hosr.sr import RejectionNote, decode_whole, read_rejection
from hosr.sr.receivers import Options
from hosr.study import Instance

_MEASUREMENT = "measurement.dcm"
_NARRATIVE = "narrative.dcm"
_SERIES, _SOP_CLASS, _SOP_INSTANCE = 0x0020000E, 0x00080016, 0x00080018
LEFT_OUT = "was not made: it shows images, and none were given; name them with --images"
_GIVE = phrase("give the folder of one report, as hosr made it")
_CHANGED = phrase("make the report again, and look at what changed the file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A report with how it was said: the form of its documents, its language, and what was wanted of it.

    `documents` are its structured reports, the measurement report first. `outputs` are those that were
    made, and those that were left out for want of images.
    """

    folder: Path
    report: Report
    options: Options
    language: Language
    documents: tuple[Instance, ...]
    outputs: tuple[OutputName, ...]
    has_site_templates: bool


def read_version(folder: Path) -> Version:
    """The version of a report that lies in a folder.

    Raises `DocumentRefused` with every file that is missing, was changed, or is none of the version.
    """
    manifest = _read_manifest(folder)
    faults = [*find_changed(folder, manifest)]
    if faults:
        raise DocumentRefused(faults)
    place = folder / _MEASUREMENT
    decoded = decode_whole(place.read_bytes(), str(place))
    if decoded.alterations:
        raise DocumentRefused(
            Fault(str(place), each, phrase("sign the report as hosr made it"))
            for each in decoded.alterations
        )
    return Version(
        folder=folder,
        report=decoded.report,
        options=decoded.options,
        language=_language(folder, manifest),
        documents=tuple(_documents(folder, manifest)),
        outputs=tuple(_wanted(manifest)),
        has_site_templates=manifest.has_site_templates,
    )


def _language(folder: Path, manifest: Manifest) -> Language:
    try:
        return language_of(manifest.language)
    except KeyError:
        problem = phrase("names a language that hosr does not write")
        raise DocumentRefused(Fault(str(folder / MANIFEST), problem, _CHANGED)) from None


def read_versions(folders: Iterable[Path]) -> tuple[Version, ...]:
    """The versions that lie in these folders. Raises `DocumentRefused` with all that is wrong."""
    versions: list[Version] = []
    faults: list[Fault] = []
    for folder in dict.fromkeys(folders):
        try:
            versions.append(read_version(folder))
        except DocumentRefused as refusal:
            faults += refusal.faults
    if faults:
        raise DocumentRefused(faults)
    return tuple(versions)


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        manifest = read_manifest(folder)
    except UnusableFile as refusal:
        raise DocumentRefused(Fault(str(path), refusal.problem, _GIVE)) from refusal
    if WITHDRAWAL in {file.name for file in manifest.files}:
        raise DocumentRefused(Fault(str(path), phrase("is of a report that was withdrawn"), _GIVE))
    if _MEASUREMENT not in {file.name for file in manifest.files}:
        remedy = phrase("make the report with --make measurement and what else is wanted")
        raise DocumentRefused(
            Fault(str(path), phrase("names no {file}", file=_MEASUREMENT), remedy)
        )
    return manifest


def find_changed(folder: Path, manifest: Manifest) -> Iterator[Fault]:
    """Every file of a folder that is missing, or is not what its manifest says."""
    for listed in manifest.files:
        path = folder / listed.name
        try:
            size = path.stat().st_size
            same = size == listed.size_bytes
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if same else ""
        except OSError as error:
            problem = phrase("cannot be read ({told})", told=error.strerror or type(error).__name__)
            yield Fault(str(path), problem, _GIVE)
            continue
        if digest != listed.sha256:
            yield Fault(str(path), phrase("was changed since the report was made"), _CHANGED)


def read_note(folder: Path) -> RejectionNote:
    """The withdrawal in a folder, found unchanged. Raises `DocumentRefused` where it is not."""
    path = folder / WITHDRAWAL
    try:
        faults = [*find_changed(folder, read_manifest(folder))]
    except UnusableFile as refusal:
        raise DocumentRefused(Fault(str(folder / MANIFEST), refusal.problem, _GIVE)) from refusal
    note = None if faults else read_rejection(path.read_bytes(), str(path))
    if note is None or note.is_altered:
        was = phrase("was changed after it was written")
        raise DocumentRefused(faults or [Fault(str(path), was, phrase("give it as hosr made it"))])
    return note


def read_objects(folder: Path) -> tuple[Instance, ...]:
    """Every DICOM object of a version, of which the folder was found unchanged."""
    files = _read_manifest(folder).files
    return tuple(_instance(folder, listed) for listed in files if listed.sop_instance_uid)


def _documents(folder: Path, manifest: Manifest) -> Iterator[Instance]:
    """The structured reports of the folder."""
    by_name = {listed.name: listed for listed in manifest.files}
    for name in (_MEASUREMENT, _NARRATIVE):
        if name in by_name:
            yield _instance(folder, by_name[name])


def _instance(folder: Path, listed: Listed) -> Instance:
    """An object by what its header says, which the manifest says as well."""
    path = folder / listed.name
    try:
        header = peek(path.read_bytes(), (_SERIES, _SOP_CLASS, _SOP_INSTANCE))
        found = Instance(
            series_instance_uid=header.text(_SERIES),
            sop_class_uid=header.text(_SOP_CLASS),
            sop_instance_uid=header.text(_SOP_INSTANCE),
        )
    except (UnusableFile, ValueError) as error:
        problem = phrase("has no UIDs as hosr writes them")
        raise DocumentRefused(Fault(str(path), problem, _CHANGED)) from error
    if (found.sop_class_uid, found.sop_instance_uid) != (
        listed.sop_class_uid,
        listed.sop_instance_uid,
    ):
        problem = phrase("names other UIDs than {file} has", file=listed.name)
        raise DocumentRefused(Fault(str(folder / MANIFEST), problem, _CHANGED))
    return found


def _wanted(manifest: Manifest) -> Iterator[OutputName]:
    """The outputs of which a file was made, or is noted as left out."""
    named = {listed.name for listed in manifest.files}
    for place, problem in manifest.tolerated:
        if problem == LEFT_OUT:
            named |= files_of(place)
    for name, output in OUTPUTS.items():
        if files_of(output.files) & named:
            yield name


def files_of(names: str) -> set[str]:
    """The names of files in a row of the table of outputs: in marks, separated by commas."""
    return {name.strip("` ") for name in names.split(",")}
