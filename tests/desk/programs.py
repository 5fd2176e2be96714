"""`hosr desk` as a process of its own, as its user starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from urllib.parse import urlsplit

from tests.desk.desks import ROSSI, Page, Running

_LINK = re.compile(r"^.* \((\w+)\): (https?://\S+)$")


@dataclass(slots=True, kw_only=True)
class Program:
    """A desk that runs by itself."""

    process: subprocess.Popen[str]
    desk: Running = field(
        default_factory=lambda: Running(port=0, links={}, told=[], new_links=Queue())
    )

    def read_link(self) -> None:
        """The next link that is printed."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = _LINK.match(line)
        if found is None:
            self.process.kill()
            raise AssertionError((line, self.process.communicate()))
        self.desk.links[found[1]] = found[2]
        self.desk.port = urlsplit(found[2]).port or 0

    def enter(self) -> Page:
        """The page of its reader."""
        return self.desk.enter(ROSSI)

    def kill(self) -> None:
        """Kill it, at whatever it is."""
        self.process.kill()

    def end(self, signal_number: int) -> tuple[int, str, str]:
        """Send it a signal; how it ended and what else it printed."""
        self.process.send_signal(signal_number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


def desk_command(folder: Path, *arguments: str) -> list[str]:
    """The command of a desk for one reader."""
    program = "import sys\nfrom hosr.cli import run\nsys.argv[0] = 'hosr'\nrun()"
    return [
        *(sys.executable, "-c", program, "desk", str(folder)),
        *("--reader", ROSSI.name, "--organization", ROSSI.organization),
        *("--port", "0", *arguments),
    ]


@contextmanager
def desk_program(folder: Path, *arguments: str, **environment: str) -> Iterator[Program]:
    """A desk in a process of its own, once its link is printed; it is killed at the end."""
    process = subprocess.Popen(
        desk_command(folder, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
    )
    with process:
        program = Program(process=process)
        try:
            program.read_link()
            yield program
        finally:
            process.kill()
            process.communicate()
