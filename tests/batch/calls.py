"""Calls of `hosr batch`, in this process and in others."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.command import Ran, hosr

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["batch", "begin", "completed"]


def batch(manifest: Path | str, *options: str, out: str = "out", jobs: int = 1) -> Ran:
    """Run a manifest in this process, with so many workers."""
    return hosr("batch", manifest, "--out", out, "--jobs", str(jobs), *options)


def begin(manifest: Path, out: Path | str, *options: str) -> subprocess.Popen[str]:
    """Begin a batch in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "hosr", "batch", str(manifest), "--out", str(out), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def completed(process: subprocess.Popen[str]) -> Ran:
    """How that batch ended."""
    out, err = process.communicate()
    return Ran(code=process.returncode, out=out, err=err)
