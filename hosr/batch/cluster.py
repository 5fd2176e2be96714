"""Workers on a Dask cluster: the same chunks, done wherever the scheduler sends them.

Only this process writes the ledger. A chunk whose worker ends is sent to another by the scheduler,
and finds there what the first has put in place already.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hosr.batch.outcomes import refuse
from hosr.batch.values import Done
from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from hosr.batch.values import Chunk, Settings

__all__ = ["run_on_cluster"]

_CONNECT_S = 30.0
# Chunks under way for each thread of a worker: one that is done, and one that waits at the worker.
_AHEAD = 2

# Threads of one worker share what libraries keep for a whole process.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Work:
    chunk: Chunk
    is_alone: bool = False


def run_on_cluster(
    chunks: Iterator[Chunk], settings: Settings, address: str
) -> Generator[Done, None, None]:
    """Do the chunks on the cluster of this scheduler; what is done comes in no certain order.

    Raises UsageError where there is no scheduler at the address, or no worker.
    """
    client = _connected(address)
    try:
        yield from _Course(client, chunks, settings).run()
    finally:
        client.close()


def _connected(address: str) -> Any:
    try:
        distributed = import_module("distributed")
    except ImportError:
        remedy = "install hosr[dask], or use --jobs"
        raise UsageError(Fault("--dask", "needs distributed", remedy)) from None
    try:
        client = distributed.Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        problem = f"cannot be reached ({type(error).__name__})"
        remedy = "start one with `dask scheduler`, and name its address"
        raise UsageError(Fault("--dask", problem, remedy)) from error
    if not client.nthreads():
        client.close()
        remedy = f"start some with `dask worker {address}`"
        raise UsageError(Fault("--dask", "has no workers", remedy))
    return client


class _Course:
    """Chunks under way: a bounded number, so that memory stays flat here and at the scheduler."""

    def __init__(self, client: Any, chunks: Iterator[Chunk], settings: Settings) -> None:
        self._client = client
        self._chunks = chunks
        self._settings = settings
        self._again: deque[_Work] = deque()
        self._under_way: dict[Any, _Work] = {}

    def run(self) -> Iterator[Done]:
        """Send chunks and take in what is done, until there is nothing more."""
        completed = import_module("distributed").as_completed(self._sent(), raise_errors=False)
        for future in completed:
            done = self._take(future)
            for sent in self._sent():
                completed.add(sent)
            if done is not None:
                yield done

    def _sent(self) -> list[Any]:
        """Send as many more chunks as there is room for."""
        room = _AHEAD * max(1, sum(self._client.nthreads().values())) - len(self._under_way)
        sent = []
        for _ in range(room):
            chunk = None if self._again else next(self._chunks, None)
            work = self._again.popleft() if self._again else _Work(chunk) if chunk else None
            if work is None:
                break
            future = self._client.submit(run_on_worker, work.chunk, self._settings, pure=False)
            self._under_way[future] = work
            sent.append(future)
        return sent

    def _take(self, future: Any) -> Done | None:
        """What was done of a chunk; one that ended its workers goes on its way again, row by row."""
        work = self._under_way.pop(future)
        error = future.exception() if future.status == "error" else None
        if error is None and future.status == "finished":
            done: Done = future.result()
            return done
        if not work.is_alone:
            self._again.extend(_Work((task,), is_alone=True) for task in work.chunk)
            return None
        problem = f"ended its workers ({type(error).__name__}; perhaps for want of memory)"
        remedy = "see how large its images are, and what the workers say; run the batch again"
        fault = Fault("row", problem, remedy)
        return Done(finished=(refuse(work.chunk[0].entry.number, [fault]),))


def run_on_worker(chunk: Chunk, settings: Settings) -> Done:
    """Do a chunk in a worker of the cluster, one at a time in each process."""
    import warnings

    from hosr.batch.making import run_chunk

    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries quote header values in their warnings
        return run_chunk(chunk, settings)
