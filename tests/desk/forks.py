"""Commands that begin at once, one after the other, for they are killed (-9) one after the other.

A program of its own, for it forks, and what the commands import is imported once:
python -m tests.desk.forks MODULE..., a line of JSON with the arguments of each command and, where
nobody reads what it prints, the file for its errors; a line with the number of its process, what it
prints, and a line with how it ended.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from queue import Queue
from urllib.parse import urlsplit

from tests.desk.desks import ROSSI, Page, Running
from tests.peers.processes import CHECKOUT, leashed

_OF_A_DESK = ("hosr.cli.desk", "hosr.desk.server")


@dataclass(slots=True, kw_only=True)
class Forks:
    """The program; `number` is the process of the command that runs, 0 where none does."""

    process: subprocess.Popen[str]
    number: int = 0

    def begin(self, folder: Path, port: int) -> str:
        """Start a desk for one reader; their link."""
        reader = ("--reader", ROSSI.name, "--organization", ROSSI.organization)
        self.start("desk", folder, *reader, "--port", port)
        link = self._line()
        assert "http://" in link, link
        return link.rpartition(" ")[2]

    def start(self, *arguments: object, errors: Path | None = None) -> None:
        """Start a command; with a file for its errors, what it prints is read by nobody."""
        assert self.process.stdin is not None
        asked = [list(map(str, arguments)), errors and str(errors)]
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        self.number = int(self._line())

    def kill(self) -> None:
        """Kill the command, at whatever it is."""
        os.kill(self.number, signal.SIGKILL)

    def wait(self) -> None:
        """Until it is dead. It must have been killed."""
        self.number = 0
        assert int(self._line()) == -signal.SIGKILL

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@dataclass(slots=True, kw_only=True)
class Forked:
    """A desk for one reader that such a program began."""

    forks: Forks
    desk: Running

    def enter(self) -> Page:
        """The page of its reader."""
        return self.desk.enter(ROSSI)

    def kill(self) -> None:
        """Kill it, at whatever it is; it is dead then."""
        self.forks.kill()
        self.forks.wait()


@contextmanager
def forked_desk(forks: Forks, folder: Path) -> Iterator[Forked]:
    """A desk on a port of its own, once its link is printed; it is killed at the end."""
    link = forks.begin(folder, 0)
    port = urlsplit(link).port or 0
    try:
        desk = Running(port=port, links={ROSSI.key: link}, told=[], new_links=Queue())
        yield Forked(forks=forks, desk=desk)
    finally:
        if forks.number:
            forks.kill()
            forks.wait()


@contextmanager
def forks(*modules: str) -> Iterator[Forks]:
    """The program, in the environment of now; the command that runs at the end is killed with it.

    `modules` are what the commands import; those of a desk where none is named.
    """
    command = leashed([sys.executable, "-m", "tests.desk.forks", *(modules or _OF_A_DESK)])
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=CHECKOUT, text=True, **pipes) as process:  # type: ignore[call-overload]
        made = Forks(process=process)
        try:
            yield made
        finally:
            if made.number:
                made.kill()
                made.wait()
            process.stdin.close()


def _fork(arguments: list[str], errors: str | None) -> None:
    """Run a command in a process of its own, to its end."""
    child = os.fork()
    if child == 0:
        from hosr.cli import main

        if errors is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(os.open(errors, os.O_WRONLY | os.O_APPEND), 2)
        os._exit(main(arguments))
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    for module in sys.argv[1:]:
        import_module(module)
    for line in sys.stdin:
        _fork(*json.loads(line))
