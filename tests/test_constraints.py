"""The pins of the tests: whole, hashed, and what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKE_ANEW = "make tests/constraints.txt anew by the command in its head"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_PIN = re.compile(
    r"^(?P<pin>[a-z0-9].*?) \\\n(?P<hashes>(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)


@cache
def _pins() -> dict[NormalizedName, list[Requirement]]:
    """Each pinned package; some have a release for older Pythons and one for newer."""
    text = (ROOT / "tests" / "constraints.txt").read_text(encoding="utf-8")
    pins = defaultdict(list)
    for found in _PIN.finditer(text):
        pin = Requirement(found["pin"])
        pins[canonicalize_name(pin.name)].append(pin)
    return pins


def _asked() -> Iterator[Requirement]:
    """What the project, its extras and its build ask for, but for the project itself."""
    project = PROJECT["project"]
    texts = chain(
        PROJECT["build-system"]["requires"],
        project["dependencies"],
        *project["optional-dependencies"].values(),
    )
    return (asked for asked in map(Requirement, texts) if asked.name != project["name"])


def _holds(marker: Marker | None, python: str) -> bool:
    """Whether something is meant for this Python on Linux."""
    here = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "platform_python_implementation": "CPython",
    }
    return marker is None or marker.evaluate(here)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("asked", list(_asked()), ids=str)
def test_what_is_asked_for_is_pinned_within_its_bounds(asked: Requirement, python: str) -> None:
    """Each requirement of pyproject.toml has exactly one pin for each Python, which satisfies it."""
    if not _holds(asked.marker, python):
        return
    pins = [pin for pin in _pins()[canonicalize_name(asked.name)] if _holds(pin.marker, python)]
    assert len(pins) == 1, MAKE_ANEW
    (version,) = (each.version for each in pins[0].specifier)
    assert asked.specifier.contains(version, prereleases=True), MAKE_ANEW


def test_every_line_of_the_pins_is_understood() -> None:
    """There is nothing in the file but comments and pins by version, each with its hashes."""
    text = (ROOT / "tests" / "constraints.txt").read_text(encoding="utf-8")
    assert re.sub(r"^ *#.*\n", "", _PIN.sub("", text), flags=re.MULTILINE) == ""
    assert all(str(pin.specifier).startswith("==") for pins in _pins().values() for pin in pins)
