"""One row from its entry to its files, and what became of it: the work of a worker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hosr import __version__
from hosr.batch.asking import read_asked
from hosr.batch.outcomes import done_text, refuse, sizes_of
from hosr.batch.places import PlaceFailed
from hosr.batch.stamps import fingerprint
from hosr.batch.stores import StoreFailed, local_images, open_place
from hosr.batch.values import Done, Finished, State
from hosr.errors import Fault, HosrError
from hosr.intake.images import read_images
from hosr.outputs import make_files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hosr.batch.asking import Asked
    from hosr.batch.places import Place
    from hosr.batch.values import Chunk, Settings, Task
    from hosr.intake.choosing import Recorded
    from hosr.intake.images import SourceImages
    from hosr.outputs import Made, Outcome

__all__ = ["run_chunk"]


def run_chunk(
    chunk: Chunk, settings: Settings, may_go_on: Callable[[], bool] = lambda: True
) -> Done:
    """Try every entry of a chunk. A fault of one is its own; one of the place ends it all."""
    finished: list[Finished] = []
    if settings.version != __version__:
        problem = f"is hosr {__version__}, and the batch was begun by hosr {settings.version}"
        return Done(finished=(), stopped=Fault("worker", problem, "install the same version"))
    try:
        place = open_place(settings.out)
        for task in chunk:
            if not may_go_on():
                break
            finished.append(_run(task, settings, place))
    except PlaceFailed as failure:
        return Done(finished=tuple(finished), stopped=failure.fault)
    except HosrError as error:  # of the place itself: those of a row do not come here
        return Done(finished=tuple(finished), stopped=error.faults[0])
    return Done(finished=tuple(finished))


def _run(task: Task, settings: Settings, place: Place) -> Finished:
    number = task.entry.number
    try:
        return _make(task, settings, place)
    except PlaceFailed:
        raise
    except HosrError as error:
        return refuse(number, error.faults)
    except StoreFailed as failure:
        return refuse(number, [failure.fault])
    except Exception as error:  # noqa: BLE001 (the other rows go on)
        problem = f"met an internal error, {_where(error)}"
        return refuse(number, [Fault("row", problem, "please report it")])


def _make(task: Task, settings: Settings, place: Place) -> Finished:
    entry, known = task.entry, task.known
    asked = read_asked(entry)
    sha256 = fingerprint(entry, asked, settings)
    if known is not None and known.sha256 == sha256 and _stands(task, place):
        return Finished(
            number=entry.number, sha256=sha256, state=known.state, text=known.text, is_new=False
        )
    try:
        outcome, files = _files(asked, settings)
        place.publish(entry.id, {made.name: made.data for made in files})
    except HosrError as error:
        return refuse(entry.number, error.faults, sha256)
    text = done_text(outcome, files)
    return Finished(number=entry.number, sha256=sha256, state=State.DONE, text=text)


def _stands(task: Task, place: Place) -> bool:
    """Whether what is known of the entry still holds: what was made is there."""
    known = task.known
    if known is None or known.state is State.REFUSED:
        return known is not None
    return place.holds(task.entry.id, sizes_of(known.text))


def _files(asked: Asked, settings: Settings) -> tuple[Outcome, tuple[Made, ...]]:
    """The report of an entry and its files. Raises HosrError with all faults of both inputs."""
    with local_images(asked.images, settings.base) as paths:
        records, images = _inputs(asked, paths, settings)
        outcome = asked.report(records, images)
        return outcome, make_files(outcome, settings.outputs, settings.options, settings.wording)


def _inputs(
    asked: Asked, paths: Sequence[Path], settings: Settings
) -> tuple[tuple[Recorded, ...], SourceImages]:
    """The record and the images; where both are refused, with the faults of both."""
    refused: list[HosrError] = []
    records: tuple[Recorded, ...] = ()
    images = None
    try:
        records = asked.read(settings.base)
    except HosrError as error:
        refused.append(error)
    try:
        images = read_images(paths, settings.assume_charset)
    except HosrError as error:
        refused.append(error)
    if refused or images is None:
        raise type(refused[0])([fault for error in refused for fault in error.faults])
    return records, images


def _where(error: Exception) -> str:
    """The kind of an error and the line it comes from: never its text, which may name a patient."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return type(error).__name__
    file = Path(last.tb_frame.f_code.co_filename).name
    return f"{type(error).__name__} in {file}, line {last.tb_lineno}"
