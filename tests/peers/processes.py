"""Starting the peers: where they are, and what a missing one means."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PEERS = CHECKOUT / ".peers"
SCREENSHOTS = PEERS / "screenshots"

# Whether the running test may start a peer; tests/conftest.py asks its marks.
allowed = True


class PeerMissingError(RuntimeError):
    """A program that the tests need is not installed; the tests fail, they do not skip."""

    def __init__(self, what: str, package: str) -> None:
        super().__init__(f"{what} is missing ({package}); `bash tests/run` installs it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a program that has ended left behind."""

    code: int
    out: str
    err: str


def program(name: str, package: str) -> str:
    """The path of a command, first among those that came with this Python."""
    _check_allowed(name)
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise PeerMissingError(f"the command {name}", package)
    return found


def installed(path: Path, package: str) -> Path:
    """The path itself, when something is there."""
    _check_allowed(str(path))
    if not path.exists():
        raise PeerMissingError(str(path), package)
    return path


def _check_allowed(what: str) -> None:
    if not allowed:
        raise RuntimeError(
            f"a test that starts {what} needs the mark `peer`: quick runs do without"
        )


def leashed(command: Sequence[object]) -> list[str]:
    """The command, so started that it dies when its parent does, however that comes about."""
    leash = program("setpriv", "Debian package util-linux")
    return [leash, "--pdeathsig", "KILL", *(str(part) for part in command)]


def run(command: Sequence[object], *, timeout: float, text: str = "") -> Ran:
    """Run a program to its end; when time is up, it and all that it started are killed."""
    process = subprocess.Popen(
        leashed(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    with process:
        try:
            out, err = process.communicate(text, timeout)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return Ran(code=process.returncode, out=out, err=err)
