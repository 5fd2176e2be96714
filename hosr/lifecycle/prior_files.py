"""Earlier reports out of folders and files, found unchanged: what a report is to be compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from hosr.errors import DocumentRefused, Fault, HosrError
from hosr.intake.images import Note
from hosr.lifecycle.prior_images import show_earlier
from hosr.lifecycle.priors import EarlierReport, MergedID, look_back
from hosr.lifecycle.succession import SUCCESSOR, Successor, read_successor
from hosr.lifecycle.versions import read_version
from hosr.phrases import phrase
from hosr.pipeline import Outcome
from hosr.report import Report
from hosr.sr import decode_whole, read_tracking
from hosr.sr.alterations import UNEXPLAINED
from hosr.status import Step

_MEASUREMENT = "measurement.dcm"
# More than any report of hosr holds; the rest of a larger file is not read.
_MOST_BYTES = 65 << 20
_GIVE = phrase("give the folder of a signed report, or its measurement.dcm")
_CHANGED = phrase("compare it with the archive that it came from")


_NONE_FITS = Note(
    path="--prior",
    problem=phrase("no report that was found is surely of this patient and of an earlier study"),
)

# Earlier reports that are looked up for a report, and what is noted of those that are not taken.
LookUp: TypeAlias = Callable[[Report], tuple[Sequence[EarlierReport], Sequence[Note]]]


def look_nowhere(_: Report) -> tuple[Sequence[EarlierReport], Sequence[Note]]:
    """No look-up: those that are named are all."""
    return (), ()


def compare_outcome(
    outcome: Outcome,
    paths: Sequence[Path],
    merged: Sequence[MergedID] = (),
    look_up: LookUp = look_nowhere,
    images: Sequence[Path] = (),
) -> Outcome:
    """The outcome with its report compared with those in folders and files, and those looked up.

    `images` are those of then, to be shown. Raises `DocumentRefused` with all that is wrong with any of
    them, `ImagesRefused` for images that are not theirs, and what `look_up` raises.
    """
    earlier, faults, notes = read_earlier(paths)
    try:
        compared = compare_with(outcome, earlier, merged, look_up, images)
    except DocumentRefused as refusal:
        faults += refusal.faults
    if faults:
        raise DocumentRefused(dict.fromkeys(faults))
    return replace(compared, notes=(*compared.notes, *notes))


def compare_with(
    outcome: Outcome,
    earlier: Sequence[EarlierReport],
    merged: Sequence[MergedID] = (),
    look_up: LookUp = look_nowhere,
    images: Sequence[Path] = (),
) -> Outcome:
    """The outcome with its report compared with those that were read, and those that `look_up` finds.

    Raises as both of them.
    """
    found, looked = look_up(outcome.report)
    report, notes = look_back(outcome.report, (*earlier, *found), merged)
    if found and not report.lookbacks:
        looked = (*looked, _NONE_FITS)
    compared = replace(outcome, report=report, notes=(*outcome.notes, *looked, *notes))
    return show_earlier(compared, (*earlier, *found), images)


def show_earlier_of(paths: Sequence[Path], images: Sequence[Path], outcome: Outcome) -> Outcome:
    """The outcome of a report that is compared already, with the key images of then, as `show_earlier`.

    `paths` are where the reports lie that it is compared with. Raises `DocumentRefused` too.
    """
    earlier, faults, _ = read_earlier(paths)
    if faults:
        raise DocumentRefused(faults)
    return show_earlier(outcome, earlier, images)


def read_earlier(
    paths: Sequence[Path],
) -> tuple[tuple[EarlierReport, ...], tuple[Fault, ...], tuple[Note, ...]]:
    """The reports at these places, what is wrong with the others, and what is to be noted.

    A version is left out where one that took its place later is among them.
    """
    found: list[EarlierReport] = []
    faults: list[Fault] = []
    notes: list[Note] = []
    folders = {path: folder.resolve() for path in paths if (folder := _folder_of(path))}
    for path in dict.fromkeys(paths):
        try:
            if path in folders and not set(folders.values()).isdisjoint(_later(folders[path])):
                continue
            found.append(_read_folder(path) if path.is_dir() else _read_file(path, notes))
        except HosrError as error:
            faults += error.faults
    return tuple(found), tuple(faults), tuple(notes)


def _folder_of(path: Path) -> Path | None:
    """The folder of a version, where one is named or the report in it."""
    if path.is_dir():
        return path
    return path.parent if path.name == _MEASUREMENT else None


def _later(folder: Path) -> Iterator[Path]:
    """The folders of the versions that took the place of the one in a folder, one after the other."""
    passed = {folder}
    while (successor := read_successor(folder)) is not None and successor.is_finished:
        folder = Path(successor.folder).resolve()
        if folder in passed:
            return
        passed.add(folder)
        yield folder


def _read_folder(folder: Path) -> EarlierReport:
    version = read_version(folder)
    _, uids = read_tracking((folder / _MEASUREMENT).read_bytes(), str(folder))
    return EarlierReport(
        place=str(folder),
        report=version.report,
        documents=version.documents,
        tracking_uids=uids,
        replaced=_find_successor(folder),
    )


def _read_file(path: Path, notes: list[Note]) -> EarlierReport:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is no name of a file"
        raise DocumentRefused(
            Fault(str(path), phrase("cannot be read ({told})", told=reason), _GIVE)
        ) from error
    decoded = decode_whole(data, str(path))
    if UNEXPLAINED in decoded.alterations:
        raise DocumentRefused(Fault(str(path), UNEXPLAINED.partition(";")[0], _CHANGED))
    notes += [Note(path=f"--prior {path.name}", problem=each) for each in decoded.alterations]
    instance, uids = read_tracking(data, str(path))
    return EarlierReport(
        place=str(path),
        report=decoded.report,
        documents=(instance,),
        tracking_uids=uids,
        replaced=_find_successor(path.parent) if path.name == _MEASUREMENT else None,
    )


def _find_successor(folder: Path) -> Fault | None:
    """What took the place of the version in a folder, by the file beside it."""
    successor = read_successor(folder)
    if successor is None:  # it counts where its folder was moved, too
        return None
    return Fault(str(folder), _tell(successor), _remedy(successor))


def _tell(successor: Successor) -> str:
    told = phrase("{time} into {folder}", time=successor.signed_at, folder=successor.folder)
    if successor.step is Step.WITHDRAW:
        return phrase("was withdrawn ({told})", told=told)
    return phrase(
        "has a successor ({step}, {told}), as {file} says",
        step=successor.step,
        told=told,
        file=SUCCESSOR,
    )


def _remedy(successor: Successor) -> str:
    if successor.step is Step.WITHDRAW:
        return phrase("leave it out: a report that was withdrawn is not compared with")
    return phrase("give the newest version")
