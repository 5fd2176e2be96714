"""The public names of the package: one list, every one of them there, for people and for type checkers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import hosr
from hosr.outputs import OUTPUTS, OutputName

ROOT = Path(__file__).resolve().parents[1]


def test_the_names_are_those_that_type_checkers_see() -> None:
    """`dir(hosr)` and `from hosr import *` give every name of the stub, sorted, and no other."""
    stub = (ROOT / "hosr/__init__.pyi").read_text(encoding="utf-8")
    names = [line.rsplit(" ", 1)[1] for line in stub.splitlines()]

    assert dir(hosr) == sorted(names)
    assert vars(hosr)["__all__"] == sorted(names)
    assert all(re.match(r"from \S+ import (\w+) as \1$", line) for line in stub.splitlines())


@pytest.mark.parametrize("name", dir(hosr))
def test_every_public_name_is_there(name: str) -> None:
    """Each name of the list can be had from the package."""
    assert getattr(hosr, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A name that is not public is said to be missing."""
    name = "nothing"
    with pytest.raises(AttributeError, match="module 'hosr' has no attribute 'nothing'"):
        getattr(hosr, name)


def test_the_outputs_of_the_type_are_those_that_can_be_made() -> None:
    """The literal type names every output in the order of the table."""
    assert get_args(OutputName) == tuple(OUTPUTS)


def test_importing_the_package_imports_nothing_heavy() -> None:
    """`import hosr` leaves DICOM, validation and rendering libraries alone."""
    heavy = "{'pydicom', 'highdicom', 'pydantic', 'jinja2', 'numpy', 'rich'}"
    program = f"import sys, hosr; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
