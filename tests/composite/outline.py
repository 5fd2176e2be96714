"""Datasets as text, one element a line, for people and for comparison."""

from __future__ import annotations

import re
from io import BytesIO

import pydicom
from pydicom.dataset import Dataset

from hosr.composite import Encoded
from hosr.version import __version__

__all__ = ["as_text", "read"]

_DERIVED = re.compile(r"2\.25\.\d+")


def read(encoded: Encoded) -> Dataset:
    """The dataset of an object, as pydicom reads its file."""
    return pydicom.dcmread(BytesIO(encoded.data))


def as_text(dataset: Dataset, depth: int = 0) -> str:
    """All elements; UIDs of hosr and its version are left out, for they change with it."""
    lines = []
    for element in dataset:
        indent = "  " * depth
        if element.VR == "SQ":
            lines.append(f"{indent}{element.keyword} {len(element.value)}\n")
            lines += [as_text(item, depth + 1) for item in element.value]
        else:
            value = _DERIVED.sub("2.25.*", _shown(element.value)).replace(__version__, "*")
            lines.append(f"{indent}{element.keyword} {element.VR} {value}\n".replace(" \n", "\n"))
    return "".join(lines)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return str(value)
