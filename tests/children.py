"""Forked processes: several at once, and such as are killed at a statement of a database."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable


def in_children(*work: Callable[[], object]) -> list[int]:
    """Do each in a forked process, all at once; their exit codes, negative for a signal."""
    children = []
    for do in work:
        child = os.fork()
        if not child:
            code = 1
            try:
                do()
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def in_a_child(do: Callable[[], object]) -> int:
    """The same of one."""
    (code,) = in_children(do)
    return code


def killed_at_statement(number: int, do: Callable[[], object]) -> Callable[[], object]:
    """Do it in a process that is killed (-9) before this statement of any database."""
    connect, statements = sqlite3.connect, 0

    def count(_: str) -> None:
        nonlocal statements
        statements += 1
        if statements == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(*arguments: object, **options: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)  # type: ignore[call-overload]
        connection.set_trace_callback(count)
        return connection

    def die() -> object:
        sqlite3.connect = traced  # type: ignore[assignment]
        return do()

    return die
