"""What the library is doing, for operators: Python's `logging`, by module under "hosr".

A line holds no patient data, at no level: no value of a record or a header, no name of a file or a row,
no words of a peer. It has UIDs of reports (which derive from content), addresses, statuses, counts and
times. Who does not listen hears nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

ROOT = "hosr"

logging.getLogger(ROOT).addHandler(logging.NullHandler())


def logger(module: str) -> logging.Logger:
    """The logger of a module, by its `__name__`."""
    return logging.getLogger(module)


@contextmanager
def timed_step(log: logging.Logger, step: str, *values: object) -> Iterator[None]:
    """Log at DEBUG how long a step took, once it has come to its end."""
    begun = time.monotonic()
    yield
    log.debug(f"{step}: %.2f s", *values, time.monotonic() - begun)
