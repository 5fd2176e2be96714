"""Commands of hosr that are killed (-9) at a moment of their own choice.

A program of its own, for it forks, and what hosr imports is imported once:
python -m tests.peers.dying, a line of JSON for each command; a line with how it ended for each.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn

from tests.peers.processes import CHECKOUT, leashed

# What is done when it happens: a file gets its name, a request is sent, an answer is awaited.
_MOMENTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "name": (os, ("link",)),
    "request": (socket.socket, ("send", "sendall")),
    "answer": (socket.socket, ("recv", "recv_into")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Killer:
    """A running program that forks commands and has them killed."""

    process: subprocess.Popen[str]

    def kill(self, moment: str, number: int, *arguments: object) -> None:
        """Run a command, to be killed before it does this for the nth time. It must come to that."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([moment, number, *map(str, arguments)]), file=self.process.stdin)
        self.process.stdin.flush()
        status = json.loads(self.process.stdout.readline())
        assert status == -signal.SIGKILL, f"{moment} {number} of {arguments}: ended with {status}"


@contextmanager
def killing() -> Iterator[Killer]:
    """The program, in the environment of now."""
    command = leashed([sys.executable, "-m", "tests.peers.dying"])
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=CHECKOUT, text=True, **pipes) as process:  # type: ignore[call-overload]
        yield Killer(process=process)
        process.stdin.close()


def _run(moment: str, number: int, *arguments: str) -> NoReturn:
    from hosr.cli import main

    owner, names = _MOMENTS[moment]
    left = number

    def dying(done: Callable[..., Any]) -> Callable[..., Any]:
        def die(*given: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return done(*given, **options)

        return die

    for name in names:
        setattr(owner, name, dying(getattr(owner, name)))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os._exit(main(list(arguments)))


if __name__ == "__main__":
    for module in ("cli.report", "cli.send", "cli.sign", "outputs.files", "messages.oru", "outbox"):
        import_module(f"hosr.{module}")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run(*json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
