"""The public names of the package: a list, sorted, and every one of them there."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hosr


def test_public_names_are_sorted() -> None:
    """The list reads as a list."""
    assert hosr.__all__ == sorted(hosr.__all__)


@pytest.mark.parametrize("name", hosr.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Each name of the list can be had from the package."""
    assert getattr(hosr, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A name that is not public is said to be missing."""
    with pytest.raises(AttributeError, match="module 'hosr' has no attribute 'nothing'"):
        hosr.nothing  # noqa: B018 (the access is the test)


def test_importing_the_package_imports_nothing_heavy() -> None:
    """`import hosr` leaves DICOM, validation and rendering libraries alone."""
    heavy = "{'pydicom', 'highdicom', 'pydantic', 'jinja2', 'numpy', 'rich'}"
    program = f"import sys, hosr; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
