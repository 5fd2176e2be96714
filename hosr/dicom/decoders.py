"""pydicom without the decoders that it imports with itself, in the processes that are hosr's own.

Pixels are decoded in a sandbox (`hosr.pixels.decoding`). A process that has the keys of archives, and
may open files and networks, has no use for that code, nor for the libraries that it brings along.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_DECODERS = frozenset({"gdcm", "_gdcm", "jpeg_ls", "pylibjpeg", "openjpeg", "libjpeg", "rle"})
# What makes pictures imports it later; none of its readers is ever given what a stranger wrote.
_PICTURES = "PIL"


class _LeftOut(MetaPathFinder):
    """Tells pydicom that these are not installed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raises ModuleNotFoundError for a decoder; leaves any other module to those who find it."""
        del path, target
        if fullname in _DECODERS or (fullname == _PICTURES and _is_importing_pydicom()):
            raise ModuleNotFoundError(f"{fullname} is left out of this process", name=fullname)
        return None


def _is_importing_pydicom() -> bool:
    """Whether pydicom is under way; the version is the last thing it takes in."""
    pydicom = sys.modules.get("pydicom")
    return pydicom is not None and not hasattr(pydicom, "__version__")


def leave_out_decoders() -> None:
    """Keep decoders out of this process from now on; pydicom must not be imported yet."""
    if not any(isinstance(finder, _LeftOut) for finder in sys.meta_path):
        sys.meta_path.insert(0, _LeftOut())
