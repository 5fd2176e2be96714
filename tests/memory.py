"""How much memory a process has had at most."""

from __future__ import annotations

from pathlib import Path

__all__ = ["peak_kib"]


def peak_kib() -> int:
    """The most memory of this program, in KiB.

    `ru_maxrss` would count that of the process which started it, too: it outlives exec.
    """
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1])
