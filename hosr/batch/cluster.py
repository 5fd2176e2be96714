"""Workers on a Dask cluster: the same chunks, done wherever the scheduler sends them.

Only this process writes the ledger. A chunk whose worker ends is sent to another by the scheduler,
and finds there what the first has put in place already.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from importlib import import_module
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from hosr.batch.values import Done, refuse
from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from hosr.batch.values import Chunk, Settings


_CONNECT_S = 5.0
# How often to look whether the scheduler is still there, while nothing is heard.
_LOOK_S = 1.0
_SCHEMES = ("tcp", "tls", "ws", "wss", "ucx")
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
    """A client of the scheduler at this address."""
    scheme, *rest = address.split("://", 1)
    if rest and scheme not in _SCHEMES:
        remedy = f"write {', '.join(_SCHEMES[:-1])} or {_SCHEMES[-1]} before ://"
        raise UsageError(Fault("--dask", "is no address of a scheduler", remedy))
    try:
        distributed = import_module("distributed")
    except ImportError:
        remedy = "install hosr[dask], or use --jobs"
        raise UsageError(Fault("--dask", "needs distributed", remedy)) from None
    _quiet()
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


def _quiet() -> None:
    """Have the library say nothing itself: what goes wrong is said here, in one sentence."""
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class _Course:
    """Chunks under way: a bounded number, so that memory stays flat here and at the scheduler."""

    def __init__(self, client: Any, chunks: Iterator[Chunk], settings: Settings) -> None:
        self._client = client
        self._chunks = chunks
        self._settings = settings
        self._again: deque[_Work] = deque()
        self._under_way: dict[Any, _Work] = {}
        self._completed: SimpleQueue[Any] = SimpleQueue()

    def run(self) -> Iterator[Done]:
        """Send chunks and take in what is done, until there is nothing more."""
        self._send()
        while self._under_way:
            try:
                future = self._completed.get(timeout=_LOOK_S)
            except Empty:
                self._require_scheduler()
                continue
            done = self._take(future)
            self._send()
            if done is not None:
                yield done

    def _require_scheduler(self) -> None:
        if self._client.status != "running":
            remedy = "see whether the scheduler runs, and run the same command again"
            raise UsageError(Fault("--dask", "the cluster is gone", remedy))

    def _send(self) -> None:
        """Send as many more chunks as there is room for."""
        self._require_scheduler()
        threads = sum(self._client.nthreads().values())
        while len(self._under_way) < _AHEAD * max(1, threads):
            chunk = None if self._again else next(self._chunks, None)
            work = self._again.popleft() if self._again else _Work(chunk) if chunk else None
            if work is None:
                break
            future = self._client.submit(run_on_worker, work.chunk, self._settings, pure=False)
            self._under_way[future] = work
            future.add_done_callback(self._completed.put)

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

    from hosr.batch.rows import run_chunk

    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries quote header values in their warnings
        return run_chunk(chunk, settings)
