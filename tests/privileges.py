"""Permissions, for tests that may be run as a user whom they do not hold for."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["unprivileged"]

_NOBODY = 65534


@contextmanager
def unprivileged(owned: Path) -> Iterator[None]:
    """As the owner of one path, whom permissions hold for; root may read and write anywhere."""
    if os.geteuid():
        yield
        return
    os.chown(owned, _NOBODY, _NOBODY)
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
