"""Work in a sandbox that tries what it should not be able to do, and tells how each try ended."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["prepare", "work"]

_SEEN: dict[str, Any] = {}


def prepare(asked: Mapping[str, Any]) -> list[Path]:
    """What is open, and what may be read later; a kernel may lack what `lacks` names."""
    import hosr.sandbox

    for name in asked["lacks"]:
        setattr(hosr.sandbox, name, lambda *_, **__: False)
    _SEEN["open"] = [file for file in os.listdir("/proc/self/fd") if _is_open(file)]  # noqa: PTH208
    return [Path(folder) for folder in asked["readable"]]


def _is_open(file: str) -> bool:
    """Whether it is still so when the list has been read, which needs a file of its own."""
    try:
        os.fstat(int(file))
    except OSError:
        return False
    return True


def work(asked: Mapping[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
    """How each try ended: the name of an error, or "done"."""
    return {"tries": {name: _try(name, asked) for name in asked["tries"]}, **_SEEN}, b""


def _try(name: str, asked: Mapping[str, Any]) -> str:
    try:
        _TRIES[name](asked)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    except (RuntimeError, ValueError):  # so Python says it of threads and of limits
        return "EPERM"
    return "done"


def _call(number: int, *arguments: Any) -> None:
    """A call of x86-64."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.syscall(number, *map(ctypes.c_long, arguments)) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def _fork() -> None:
    if not os.fork():
        os._exit(0)


def _start_thread() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def _raise_limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))


_TRIES: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "read": lambda asked: os.open(asked["secret"], os.O_RDONLY),
    "read allowed": lambda asked: os.close(os.open(asked["allowed"], os.O_RDONLY)),
    "write allowed": lambda asked: os.open(asked["allowed"], os.O_RDWR),
    "list": lambda asked: os.listdir(Path(asked["secret"]).parent),  # noqa: PTH208
    "environment": lambda _: os.open(f"/proc/{os.getppid()}/environ", os.O_RDONLY),
    "remove": lambda asked: os.unlink(asked["secret"]),  # noqa: PTH108
    "rights": lambda asked: os.chmod(asked["secret"], 0o640),  # noqa: PTH101
    "folder": lambda _: os.mkdir("made"),  # noqa: PTH102
    "internet": lambda _: socket.socket(),
    "other socket": lambda _: socket.socket(socket.AF_UNIX),
    "pair": lambda _: socket.socketpair(),
    "run": lambda _: os.execv("/bin/true", ["true"]),  # noqa: S606
    "fork": lambda _: _fork(),
    "thread": lambda _: _start_thread(),
    "limits": lambda _: _raise_limit(),
    "signal": lambda _: os.kill(os.getppid(), 0),
    "signal itself": lambda _: os.kill(os.getpid(), 0),
    "trace": lambda _: _call(101, 16, os.getppid(), 0, 0),
    "memory": lambda _: _call(310, os.getppid(), 0, 0, 0, 0, 0),
    "io_uring": lambda _: _call(425, 1, 0),
    "of 32 bits": lambda _: _call(0x40000000 | 2, 0, 0),
}
