"""A process that has a module imported, and forks another for each request to it.

What a sandbox needs first is Python and the libraries of its work, which takes longer than most work.
So they are loaded once, by a process that reads nothing but how often it is asked; each request has a
fork of it, which gives everything up for itself before it reads. Where a platform has no fork that
is safe behind libraries with threads of their own, each request starts a process instead.

A request travels by a socket of its own. Beside it is a pipe, on which the process that waits for
the fork tells its number and, at the end, how it ended.
"""

from __future__ import annotations

import atexit
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from typing import NamedTuple, NoReturn

CAN_FORK = sys.platform == "linux"

_NUMBER = struct.Struct("=i")  # of the fork, then its status
_LONGEST_PATH = 4096
_ENDING_S = 5.0

_Command = tuple[str, ...]
_lock = threading.Lock()
_servers: dict[_Command, _Server] = {}
_left_behind: list[_Server] = []


def ask(
    command: tuple[str, ...], request: bytes, *, folder: str, seconds: float
) -> tuple[int, bytes]:
    """How a fork of the process of this command ended, as its return code, and what it answered.

    The command calls `attend`, and sees nothing of the environment; its fork stands in `folder`.

    Raises `OSError` where there is no process to be had, and `subprocess.TimeoutExpired` where the
    fork has not ended in time; it is killed then.
    """
    deadline = time.monotonic() + seconds
    try:
        server = _server_of(command)
        fork = server.begin(folder, deadline)
        if fork is None:  # it was ended since the last request, perhaps for want of memory
            server = _server_of(command, instead_of=server)
            fork = server.begin(folder, deadline)
        if fork is None:
            return server.return_code(), b""
        with fork.connection, os.fdopen(fork.end, "rb", buffering=0):
            answer, status = _exchange(fork, request, deadline)
    except TimeoutError:
        raise subprocess.TimeoutExpired(command, seconds) from None
    return server.return_code() if status is None else os.waitstatus_to_exitcode(status), answer


class _Fork(NamedTuple):
    """A fork that was begun: its number, its socket, and the pipe that tells its end."""

    number: int
    connection: socket.socket
    end: int


class _Server:
    """The process, and the socket that it is asked over."""

    def __init__(self, command: _Command) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env={},
                )
        except OSError:
            self.control.close()
            raise

    def begin(self, folder: str, deadline: float) -> _Fork | None:
        """Have it fork, in this folder; None where there is no such process any more."""
        with suppress(BrokenPipeError, ConnectionResetError), ExitStack() as opened:
            ours, theirs = socket.socketpair()
            opened.enter_context(ours)
            with theirs:
                end, begun = os.pipe()
                opened.callback(os.close, end)
                with os.fdopen(begun, "wb", buffering=0):
                    handed = [theirs.fileno(), begun]
                    socket.send_fds(self.control, [os.fsencode(folder)], handed)
            number = _await_number(end, deadline)
            if number is not None:
                opened.pop_all()
                return _Fork(number, ours, end)
        return None

    def return_code(self) -> int:
        """How the process itself ended, which told of no fork."""
        try:
            return int(self._process.wait(_ENDING_S))
        except subprocess.TimeoutExpired:  # it lives, and what it had forked was killed
            return -signal.SIGKILL

    def close(self) -> None:
        """End it, as soon as its forks have ended."""
        self.control.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING_S)


def _server_of(command: _Command, instead_of: _Server | None = None) -> _Server:
    with _lock:
        found = _servers.get(command)
        if found is None or found is instead_of:
            if found is not None:
                found.close()
            found = _servers[command] = _Server(command)
        return found


@atexit.register
def _end_servers() -> None:
    for server in [*_servers.values()]:
        server.close()


def _leave_to_parent() -> None:
    """In a fork of who asks: its servers are not for this process, which may need its own."""
    global _lock  # noqa: PLW0603 (another thread of the parent may have held it)
    _lock = threading.Lock()
    for server in _servers.values():
        server.control.close()
    _left_behind.extend(_servers.values())
    _servers.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


def _exchange(fork: _Fork, request: bytes, deadline: float) -> tuple[bytes, int | None]:
    """What it answers, and how it ended; it is killed where it does not in time."""
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # its end tells why
            fork.connection.settimeout(_left(deadline))
            fork.connection.sendall(request)
            fork.connection.shutdown(socket.SHUT_WR)
        answer = b"".join(_received(fork.connection, deadline))
        return answer, _await_number(fork.end, deadline)
    except TimeoutError:
        os.kill(fork.number, signal.SIGKILL)
        raise


def _received(connection: socket.socket, deadline: float) -> Iterator[bytes]:
    with suppress(ConnectionResetError):
        while True:
            connection.settimeout(_left(deadline))
            part = connection.recv(1 << 16)
            if not part:
                return
            yield part


def _await_number(end: int, deadline: float) -> int | None:
    """What is told next; None where nobody is left to tell it."""
    told = b""
    while len(told) < _NUMBER.size:
        readable, _, _ = select.select([end], [], [], _left(deadline))
        if not readable:
            raise TimeoutError
        part = os.read(end, _NUMBER.size - len(told))
        if not part:
            return None
        told += part
    (number,) = _NUMBER.unpack(told)
    return int(number)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def attend(answer: Callable[[], None]) -> NoReturn:
    """Fork for each request on the socket at standard input, until it is closed; the fork answers.

    It has its request at standard input, and its answer goes to standard output.
    """
    control = socket.socket(fileno=os.dup(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: who asks decides what ends
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for who waits
    while True:
        folder, handed, _, _ = socket.recv_fds(control, _LONGEST_PATH, 2)
        if not folder:
            os._exit(0)
        if os.fork() == 0:
            control.close()
            _watch(handed[0], handed[1], partial(_work_in, folder, answer))
        for each in handed:
            os.close(each)


def _watch(connection: int, end: int, answer: Callable[[], None]) -> NoReturn:
    """Fork for one request, and tell who asked of the fork and of its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    number = os.fork()
    if number == 0:
        os.close(end)
        _answer(connection, answer)
    os.close(connection)
    with suppress(BrokenPipeError):  # nobody asks any more
        os.write(end, _NUMBER.pack(number))
    _, status = os.waitpid(number, 0)
    with suppress(BrokenPipeError):
        os.write(end, _NUMBER.pack(status))
    os._exit(0)


def _work_in(folder: bytes, answer: Callable[[], None]) -> None:
    os.chdir(folder)
    answer()


def _answer(connection: int, answer: Callable[[], None]) -> NoReturn:
    try:
        for standard in (0, 1):
            os.dup2(connection, standard)
        os.close(connection)
        answer()
    finally:
        os._exit(1)
