"""One row from its entry to its files, and what became of it: the work of a worker."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.batch.asking import read_asked
from hosr.batch.outcomes import done_text, refuse, sizes_of
from hosr.batch.places import PlaceFailed
from hosr.batch.stamps import fingerprint
from hosr.batch.stores import StoreFailed, local_images, open_place
from hosr.batch.values import Done, Finished, State
from hosr.errors import Fault, HosrError, place_of
from hosr.intake.images import read_images
from hosr.outputs import make_files
from hosr.version import __version__

if TYPE_CHECKING:
    from hosr.batch.asking import Asked
    from hosr.batch.places import Place
    from hosr.batch.values import Chunk, Settings, Task
    from hosr.intake.images import SourceImages
    from hosr.intake.record_selection import Recorded
    from hosr.outputs import Made
    from hosr.pipeline import Outcome


# A disk takes longer to have a file for certain than it takes to make one, and takes several at once.
_PUBLISHERS = _MOST_ON_THE_WAY = 8


def run_chunk(
    chunk: Chunk, settings: Settings, may_go_on: Callable[[], bool] = lambda: True
) -> Done:
    """Try every entry of a chunk; what is done until nothing more can be."""
    finished: list[Finished] = []
    for done in run_tasks(chunk, settings, may_go_on):
        finished += done.finished
        if done.stopped is not None:
            return Done(finished=tuple(finished), stopped=done.stopped)
    return Done(finished=tuple(finished))


def run_tasks(
    tasks: Iterable[Task], settings: Settings, may_go_on: Callable[[], bool] = lambda: True
) -> Generator[Done, None, None]:
    """Try every entry. A fault of one is its own; one of the place ends it all.

    While the files of some are on their way to the disk, the next are made.
    """
    if settings.version != __version__:
        problem = f"is hosr {__version__}, and the batch was begun by hosr {settings.version}"
        yield Done(finished=(), stopped=Fault("worker", problem, "install the same version"))
        return
    try:
        place = open_place(settings.out)
    except HosrError as error:
        yield Done(finished=(), stopped=error.faults[0])
        return
    on_the_way: deque[Future[Finished]] = deque()
    with ThreadPoolExecutor(_PUBLISHERS) as publishers:
        try:
            for task in tasks:
                if not may_go_on():
                    break
                done = _guarded(task.entry.number, partial(_make, task, settings, place))
                if isinstance(done, Finished):
                    yield Done(finished=(done,))
                else:
                    on_the_way.append(publishers.submit(_guarded, task.entry.number, done))
                while on_the_way and (len(on_the_way) == _MOST_ON_THE_WAY or on_the_way[0].done()):
                    yield Done(finished=(on_the_way.popleft().result(),))
            while on_the_way:
                yield Done(finished=(on_the_way.popleft().result(),))
        except PlaceFailed as failure:
            yield Done(finished=tuple(_arrived(on_the_way)), stopped=failure.fault)


def _arrived(on_the_way: Iterable[Future[Finished]]) -> Iterator[Finished]:
    """What came to its place although something else did not."""
    for future in on_the_way:
        with suppress(PlaceFailed):
            yield future.result()


def _guarded(number: int, act: Callable[[], Finished | Callable[[], Finished]]) -> Any:
    """What an act on a row gives, or its refusal, whatever goes wrong."""
    try:
        return act()
    except PlaceFailed:
        raise
    except HosrError as error:
        return refuse(number, error.faults)
    except StoreFailed as failure:
        return refuse(number, [failure.fault])
    except Exception as error:  # noqa: BLE001 (the other rows go on)
        problem = f"met an internal error, {place_of(error)}"
        return refuse(number, [Fault("row", problem, "please report it")])


def _make(task: Task, settings: Settings, place: Place) -> Finished | Callable[[], Finished]:
    """What became of an entry, or the act of putting down the files that were made."""
    entry, known = task.entry, task.known
    asked = read_asked(entry)
    sha256 = fingerprint(entry, asked, settings)
    if known is not None and known.sha256 == sha256 and _stands(task, place):
        return Finished(
            number=entry.number, sha256=sha256, state=known.state, text=known.text, is_new=False
        )
    try:
        outcome, files = _files(asked, settings)
    except HosrError as error:
        return refuse(entry.number, error.faults, sha256)
    text = done_text(outcome, files)
    finished = Finished(number=entry.number, sha256=sha256, state=State.DONE, text=text)
    return partial(_publish, place, entry.id, files, finished)


def _publish(place: Place, name: str, files: Sequence[Made], finished: Finished) -> Finished:
    """Put the files of a row down; what became of it."""
    try:
        place.publish(name, {made.name: made.data for made in files})
    except HosrError as error:
        return refuse(finished.number, error.faults, finished.sha256)
    return finished


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
