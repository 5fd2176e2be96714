"""`hosr example`, and the completion of the command line: what a newcomer types first."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosr.cli.example import EXAMPLES
from tests.cli.test_streams import started
from tests.command import hosr

_SOURCES = {
    "bilateral": {"labels.toml", "outlines.json"},
    "brooker-2": {"labels.toml", "outlines.json"},
    "ct": {"labels.toml", "segmentation.dcm", "mask.nii.gz"},
}

pytestmark = pytest.mark.usefixtures("desk")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_study_that_can_be_reported(name: str) -> None:
    """What is written is a record, its images and sources of it, and nothing is wrong with them."""
    ran = hosr("example", "try", name)
    paths = [Path(line) for line in ran.out.splitlines()]

    assert (ran.code, ran.err) == (0, "")
    assert paths[0] == Path("try/record.json")
    assert sorted(paths) == sorted(each for each in Path("try").rglob("*") if each.is_file())
    assert {path.name for path in paths[1:] if path.parent == Path("try")} == _SOURCES.get(
        name, set()
    )
    checked = hosr("check", "try/record.json", "--images", "try/images")
    assert (checked.code, checked.out) == (0, "no faults\n")


def test_the_example_that_is_not_named_is_the_first() -> None:
    """A name may be left out; the same example again changes nothing."""
    assert hosr("example", "a", next(iter(EXAMPLES))).code == 0
    assert hosr("example", "b") == hosr("example", "b")
    assert Path("a/record.json").read_bytes() == Path("b/record.json").read_bytes()


def test_nothing_is_written_over() -> None:
    """A folder that holds another record is refused."""
    Path("try").mkdir()
    Path("try/record.json").write_text("{}", encoding="utf-8")
    ran = hosr("example", "try")

    assert (ran.code, ran.out) == (2, "")
    assert "try: holds another report (record.json differs)" in ran.err
    assert not Path("try/images").exists()


def test_an_unknown_example_is_told_with_those_there_are() -> None:
    """A name that is none ends with 2."""
    ran = hosr("example", "try", "ankle")
    assert (ran.code, ran.out) == (2, "")
    assert all(name in ran.err for name in EXAMPLES)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("hosr re", {"report", "read"}),
        ("hosr show x --language ", {"en", "de", "fr", "es", "it"}),
        ("hosr describe sc", {"schema", "scales", "scores"}),
        ("hosr example try b", {"bilateral", "brooker-2"}),
    ],
)
def test_a_shell_completes_what_was_typed(typed: str, offered: set[str]) -> None:
    """Commands, options, topics and names are offered."""
    ran = started(
        _ARGCOMPLETE="1",
        _ARGCOMPLETE_STDOUT_FILENAME="offered",
        _ARGCOMPLETE_IFS="\n",
        COMP_LINE=typed,
        COMP_POINT=str(len(typed)),
    )
    found = Path("offered").read_text(encoding="utf-8").split("\n")

    assert (ran.returncode, ran.stdout) == (0, "")
    assert {word.strip() for word in found} == offered
