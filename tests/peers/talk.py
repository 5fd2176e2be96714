"""A browser that starts once: its program answers each line of JSON by a line of JSON."""

import json
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.peers.processes import PEERS, installed, leashed, program

GOODBYE_S = 20.0
# What a browser does without: the list of playwright, for of two only the last counts, and the popups of the address
# bar, of which each window has a process that nobody sees.
WITHOUT = (
    "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,"
    "HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,TcpPortRandomizationWin,"
    "OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "msForceBrowserSignIn,msEdgeUpdateLaunchServicesPreferredVersion,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup"
)


@dataclass(frozen=True, slots=True)
class Talk:
    """A running program and what it writes to its standard error."""

    process: subprocess.Popen[bytes]
    complaints: IO[bytes]

    def ask(self, question: object, timeout: float) -> Any:
        """The answer to one question; an error when the program gave up or time is up."""
        try:
            return json.loads(self._answer(json.dumps(question), time.monotonic() + timeout))
        except (OSError, EOFError, ValueError) as error:
            raise self._failure(error) from error

    def _answer(self, question: str, deadline: float) -> bytes:
        """The line that comes back; what an ended program leaves is no line."""
        hear, say = self.process.stdout, self.process.stdin
        assert hear is not None
        assert say is not None
        say.write(f"{question}\n".encode())
        answer = b""
        while not answer.endswith(b"\n"):
            if not select.select([hear], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError("no answer in time")
            part = os.read(hear.fileno(), 1 << 20)
            if not part:
                raise EOFError("the program ended before it answered")
            answer += part
        return answer

    def _failure(self, error: Exception) -> RuntimeError:
        """What went wrong, with the last words of the program; one that failed talks no more."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.complaints.seek(0)
        return RuntimeError(f"{error}: {self.complaints.read().decode(errors='replace')[-2000:]}")


def start_browser(script: str) -> AbstractContextManager[Talk]:
    """A browser, and before it a script of this folder that puts questions to pages."""
    modules = f"{installed(PEERS / 'node_modules', 'npm packages')}/"
    browser = program("chromium", "Debian package chromium")
    node = program("node", "Node.js")
    return _talking([node, Path(__file__).with_name(script), modules, browser, WITHOUT])


@contextmanager
def _talking(command: Sequence[object]) -> Iterator[Talk]:
    """Start a program; it ends when its standard input does, or is killed."""
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            leashed(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
            bufsize=0,
        )
        try:
            yield Talk(process, complaints)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(GOODBYE_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            assert process.stdout is not None
            process.stdout.close()
