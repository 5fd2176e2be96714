"""The DICOM objects of reports as they lie in folders, checked before they are sent."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hosr.archive.values import Locator
from hosr.dicom.elements import peek
from hosr.dicom.structure import UnusableFile
from hosr.errors import DocumentRefused, Fault, UsageError
from hosr.identity import is_usable_uid
from hosr.manifest import MANIFEST, read_manifest, read_plain
from hosr.outbox.items import Item

MAX_OBJECT_BYTES = 256 << 20

_AGAIN = "make the report again"
# SOP class, SOP instance, study, series.
_UIDS = (0x00080016, 0x00080018, 0x0020000D, 0x0020000E)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFolder:
    """The objects of one report, which are sent together; `name` is its folder or file."""

    name: str
    files: tuple[Item, ...]

    @property
    def report(self) -> str:
        """What the outbox keeps together: the versions of a message, or the objects of a study."""
        versions = (file.version.report for file in self.files if file.version)
        studies = (file.locator.study_instance_uid for file in self.files if file.locator)
        return next(versions, next(studies, ""))


def read_report_folders(paths: Sequence[Path]) -> tuple[ReportFolder, ...]:
    """The reports in these folders and in all folders below them; a file is one by itself.

    A folder of DICOM files is one report. Where it has a manifest, the files must be those that it
    lists, byte for byte.

    Raises UsageError where there is nothing to read, and DocumentRefused with every fault of what
    there is.
    """
    faults: list[Fault] = []
    missing: list[Fault] = []
    reports: list[ReportFolder] = []
    for path in dict.fromkeys(paths):
        if not path.exists():
            missing.append(Fault(str(path), "there is no such file or folder"))
            continue
        found = [report for report in _reports(path, faults) if report.files]
        if not found and not faults:
            problem = "holds no report: there is no DICOM file (.dcm) in it"
            missing.append(Fault(str(path), problem, "name the folder that `hosr report` wrote"))
        reports.extend(found)
    if missing:
        raise UsageError(missing)
    if faults:
        raise DocumentRefused(faults)
    return tuple(reports)


def _reports(path: Path, faults: list[Fault]) -> Iterator[ReportFolder]:
    if not path.is_dir():
        yield _folder(str(path), path.parent, {path.name: ""}, faults, listed=False)
        return
    for folder, below, names in os.walk(path):
        below.sort()
        here = Path(folder)
        objects = sorted(n for n in names if n.lower().endswith(".dcm") and not n.startswith("."))
        listed = MANIFEST in names
        digests = _listed(here, objects, faults) if listed else dict.fromkeys(objects, "")
        yield _folder(folder, here, digests, faults, listed=listed)


def _folder(
    name: str, folder: Path, digests: Mapping[str, str], faults: list[Fault], *, listed: bool
) -> ReportFolder:
    """The files, each read once: what is compared with the manifest is what will be sent."""
    files = []
    for each, digest in digests.items():
        try:
            item = _file(folder / each, digest)
            # A name that a person gave may be a patient's; only hosr's own go any further.
            files.append(item if listed else replace(item, name=f"{item.key}.dcm"))
        except UnusableFile as refusal:
            faults.append(Fault(str(folder / each), refusal.problem, refusal.remedy))
    return ReportFolder(name=name, files=tuple(files))


def _listed(folder: Path, names: Sequence[str], faults: list[Fault]) -> dict[str, str]:
    """The objects that the manifest lists, and what it says of their bytes; others are faults."""
    try:
        listed = read_manifest(folder).files
    except UnusableFile as refusal:
        faults.append(Fault(str(folder / MANIFEST), refusal.problem, refusal.remedy))
        return {}
    digests = {file.name: file.sha256 for file in listed if file.sop_instance_uid}
    for name in names:
        if name not in digests:
            problem = "is not in the manifest beside it, so it belongs to another report"
            faults.append(Fault(str(folder / name), problem, "move it to a folder of its own"))
    return digests


def _file(path: Path, digest: str) -> Item:
    """An object; where a digest is given its bytes must have it."""
    data = read_plain(path, MAX_OBJECT_BYTES)
    if digest and hashlib.sha256(data).hexdigest() != digest:
        raise UnusableFile("was changed after the report was made", _AGAIN)
    return Item.instance(_locator(data), data, path.name)


def _locator(data: bytes) -> Locator:
    try:
        uids = [*map(peek(data, _UIDS).text, _UIDS)]
    except UnusableFile as refusal:
        raise UnusableFile(refusal.problem, _AGAIN) from None
    if not all(map(is_usable_uid, uids)):
        raise UnusableFile("has no valid UID of its class, instance, series and study", _AGAIN)
    return Locator(
        sop_class_uid=uids[0],
        sop_instance_uid=uids[1],
        study_instance_uid=uids[2],
        series_instance_uid=uids[3],
    )
