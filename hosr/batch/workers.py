"""Workers on this machine: processes that are given one chunk of rows after the other.

Processes are begun from one that has imported all it takes, where the system can. A worker that is
killed takes no row with it: its chunk is done again, row by row, and only a row
that ends its worker twice is refused.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import sys
import warnings
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection
from typing import TYPE_CHECKING, Any, cast

from hosr.batch.values import Done, refuse
from hosr.dicom.decoders import leave_out_decoders
from hosr.errors import Fault

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from hosr.batch.values import Chunk, Settings


_END_S = 10.0  # for a worker to come to the end of its row
# So many deaths, and no row done between them: it is not the rows.
_MOST_DEATHS = 20


def run_here(chunks: Iterator[Chunk], settings: Settings) -> Generator[Done, None, None]:
    """Do the chunks in this process."""
    from hosr.batch.rows import run_tasks

    yield from run_tasks((task for chunk in chunks for task in chunk), settings)


def run_in_workers(
    chunks: Iterator[Chunk], settings: Settings, jobs: int
) -> Generator[Done, None, None]:
    """Do the chunks in so many processes; what is done comes in no certain order."""
    pool = _Pool(chunks, settings, jobs)
    try:
        yield from pool.run()
    finally:
        pool.end()


@dataclass(frozen=True, slots=True)
class _Work:
    """A chunk, and how many workers have ended at it since it is a single row."""

    chunk: Chunk
    deaths: int = 0


@dataclass(eq=False, slots=True)
class _Worker:
    """One process, the way to it, and what it is at."""

    process: Any
    pipe: Connection
    at: _Work | None = None


class _Pool:
    """Processes with at most one chunk each, so that memory stays flat."""

    def __init__(self, chunks: Iterator[Chunk], settings: Settings, jobs: int) -> None:
        self._chunks = chunks
        self._settings = settings
        self._again: deque[_Work] = deque()
        self._deaths = 0
        self._context = processes()
        self._workers = [_Worker(*self._begin()) for _ in range(jobs)]

    def _begin(self) -> tuple[Any, Connection]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._settings), daemon=True)
        process.start()
        theirs.close()  # so that the end of the process is the end of the pipe
        return process, ours

    def run(self) -> Iterator[Done]:
        """Give out chunks and take in what is done, until there is nothing more."""
        try:
            yield from self._run()
        except KeyboardInterrupt:
            yield from self._last()
            raise

    def _run(self) -> Iterator[Done]:
        self._give()
        while busy := {worker.pipe: worker for worker in self._workers if worker.at is not None}:
            for pipe in connection.wait(list(busy)):
                yield self._take(busy[cast("Connection", pipe)])
            self._give()

    def _give(self) -> None:
        """Give something to each worker that has nothing, as long as there is something."""
        for worker in self._workers:
            while worker.at is None and (work := self._next()) is not None:
                try:
                    worker.pipe.send(work.chunk)
                    worker.at = work
                except OSError:  # it was killed while it waited, which says nothing of the row
                    self._again.append(work)
                    self._replace(worker)

    def _next(self) -> _Work | None:
        if self._again:
            return self._again.popleft()
        chunk = next(self._chunks, None)
        return None if chunk is None else _Work(chunk)

    def _take(self, worker: _Worker) -> Done:
        """What a worker has done; where it has ended instead, what can be said of that."""
        work, worker.at = worker.at, None
        try:
            done: Done = worker.pipe.recv()
        except (EOFError, OSError):
            return self._bury(worker, work)
        self._deaths = 0
        return done

    def _last(self) -> Iterator[Done]:
        """What the workers have done so far, each after the row that it is at."""
        busy = [worker.pipe for worker in self._workers if worker.at is not None]
        for pipe in busy:
            with suppress(OSError):
                pipe.send(())  # that there is something to be heard ends the chunk
        for pipe in busy:
            # The interrupt may have come while this pipe was read.
            with suppress(EOFError, OSError, pickle.UnpicklingError):
                if pipe.poll(_END_S):
                    yield pipe.recv()

    def _bury(self, worker: _Worker, work: _Work | None) -> Done:
        """Put another in the place of a worker that has ended, and see to what it was at."""
        code = self._replace(worker)
        self._deaths += 1
        if self._deaths > _MOST_DEATHS:
            remedy = "see what the system says of killed processes; try --jobs 1"
            fault = Fault("workers", "end as soon as they are given a row", remedy)
            return Done(finished=(), stopped=fault)
        if work is not None and len(work.chunk) == 1 and work.deaths:
            return Done(finished=(refuse(work.chunk[0].entry.number, [_death_fault(code)]),))
        if work is not None:
            deaths = int(len(work.chunk) == 1)
            self._again.extend(_Work((task,), deaths) for task in work.chunk)
        return Done(finished=())

    def _replace(self, worker: _Worker) -> int:
        """Begin a process in the place of one that has ended; how that one did."""
        worker.pipe.close()
        worker.process.join()
        code: int = worker.process.exitcode or 0
        worker.process.close()
        worker.process, worker.pipe = self._begin()
        return code

    def end(self) -> None:
        """End the workers, each after its row."""
        for worker in self._workers:
            worker.pipe.close()
        for worker in self._workers:
            worker.process.join(_END_S)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.process.close()


def _death_fault(code: int) -> Fault:
    how = f"by signal {-code}" if code < 0 else f"with code {code}"
    remedy = "see how large its images are; use fewer --jobs, and run the batch again"
    return Fault("row", f"ended its worker twice ({how}; perhaps for want of memory)", remedy)


def _work(pipe: Connection, settings: Settings) -> None:
    """Do chunk after chunk until the pipe ends, and with it the batch."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the batch ends its workers itself
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # libraries quote header values in their warnings
    leave_out_decoders()  # where workers are begun from nothing
    from hosr.batch.rows import run_chunk

    while True:
        try:
            chunk = pipe.recv()
            # Nothing comes before this is done, unless it is the end.
            pipe.send(run_chunk(chunk, settings, lambda: not pipe.poll()))
        except (EOFError, OSError):
            return


_PRELOADED = ["hosr.batch.server", "hosr.batch.rows", "hosr.pipeline", "hosr.sr", "hosr.narrative"]


def processes() -> Any:
    """The context that worker processes are made in; none of them shares memory by a fork of this."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


def begin_imports() -> None:
    """Begin the process that imports, so that it does so while this one reads the manifest."""
    if processes().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        forkserver.ensure_running()
