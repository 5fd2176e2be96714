"""How worker processes are begun: from one that has imported all it takes, where the system can."""

from __future__ import annotations

import multiprocessing
from typing import Any

_PRELOADED = ["hosr.batch.rows", "hosr.pipeline", "hosr.sr", "hosr.narrative"]


def processes() -> Any:
    """The context that worker processes are made in; none of them shares memory by a fork of this."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


def begin_imports() -> None:
    """Begin the process that imports, so that it does so while this one reads the manifest."""
    if processes().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        forkserver.ensure_running()
