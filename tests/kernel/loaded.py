"""All that runs in a sandbox, made ready in one process, and how many threads that has then."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hosr.pixels import decoding
from hosr.templating import pdf_pages, rendering, typesetting

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["prepare", "work"]

_THREADS: list[str] = []


def prepare(_: Mapping[str, Any]) -> None:
    """Make each ready, and look."""
    for module in (decoding, pdf_pages, rendering, typesetting):
        module.load()
    decoding.prepare({"plugin": "pillow"})
    pdf_pages.prepare({})
    rendering.prepare({"language": "en"})
    typesetting.prepare({})
    _THREADS.extend(os.listdir("/proc/self/task"))  # noqa: PTH208


def work(_asked: Mapping[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
    """How many there were."""
    return {"threads": len(_THREADS)}, b""
