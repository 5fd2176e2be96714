"""`hosr send` as a process of its own that is killed while it sends."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

_BEGUN = "SELECT count(*) FROM transition WHERE event = 'claim'"


def send_and_kill(folder: str, to: str, outbox: Path) -> int:
    """How a process that sends a folder ended: killed (-9) as soon as a worker has begun."""
    command = (sys.executable, "-m", "hosr", "send", folder, "--to", to)
    with closing(sqlite3.connect(outbox)) as seen, subprocess.Popen(command) as process:
        before = seen.execute(_BEGUN).fetchone()
        while seen.execute(_BEGUN).fetchone() == before:
            assert process.poll() is None
            time.sleep(0.001)
        process.kill()
    return process.returncode
