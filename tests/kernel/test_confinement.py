"""What a hostile job can do in a sandbox: no more than its kernel lets it, of which hosr tells.

Where a kernel has neither Landlock nor filters of calls, as in some containers, what is tested is that
this is told.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from hosr.cli.describe import describe
from hosr.kernel import has_filters, landlock_version
from hosr.sandbox import Limits, run_in_sandbox

if TYPE_CHECKING:
    from pathlib import Path

NOTHING_OPEN = Limits(seconds=20.0)
FILES_AND_THREADS = Limits(seconds=20.0, files=64, threads=True)

# By what refuses each: the limits and the filter of calls; Landlock and the filter; Landlock alone.
WITHOUT_FILES = {
    "read": "EMFILE",
    "read allowed": "EMFILE",
    "list": "EMFILE",
    "environment": "EMFILE",
    "remove": "EPERM",
    "rights": "EPERM",
    "folder": "EPERM",
    "internet": "EAFNOSUPPORT",
    "other socket": "EAFNOSUPPORT",
    "pair": "EAFNOSUPPORT",
    "run": "EPERM",
    "fork": "EPERM",
    "thread": "EPERM",
    "limits": "EPERM",
    "signal": "EPERM",
    "signal itself": "done",
}
WITH_FILES = {
    **WITHOUT_FILES,
    "read": "EACCES",
    "read allowed": "done",
    "write allowed": "EACCES",
    "list": "EACCES",
    "environment": "EACCES",
    "thread": "done",
}
BY_NUMBER = {"trace": "EPERM", "memory": "EPERM", "io_uring": "ENOSYS", "of 32 bits": "ENOSYS"}
WITH_LANDLOCK_ALONE = {
    "read": "EACCES",
    "read allowed": "done",
    "write allowed": "EACCES",
    "list": "EACCES",
    "environment": "EACCES",
    "remove": "EACCES",
    "folder": "EACCES",
}


def _tried(folder: Path, tries: dict[str, str], limits: Limits, *lacks: str) -> dict[str, Any]:
    secret, allowed = folder / "home" / "secret", folder / "fonts" / "font"
    for path in (secret, allowed):
        path.parent.mkdir()
        path.write_text("x")
    mode = secret.stat().st_mode & 0o777
    asked = {
        "secret": str(secret),
        "allowed": str(allowed),
        "readable": [str(allowed.parent), str(folder / "lost")],
        "lacks": lacks,
        "tries": list(tries),
    }
    told = run_in_sandbox("tests.kernel.hostile", asked, limits=limits).told
    assert (secret.read_text(), secret.stat().st_mode & 0o777) == ("x", mode)
    return dict(told)


@pytest.mark.parametrize(
    ("expected", "limits", "lacks"),
    [
        (WITHOUT_FILES, NOTHING_OPEN, ()),
        (WITH_FILES, FILES_AND_THREADS, ()),
        (WITH_LANDLOCK_ALONE, FILES_AND_THREADS, ("filter_calls",)),
    ],
    ids=["without files", "with files", "Landlock alone"],
)
def test_what_a_hostile_job_can_do(
    expected: dict[str, str], limits: Limits, lacks: tuple[str, ...], tmp_path: Path
) -> None:
    """It reads no file of the user, changes none, and reaches no network and no other process."""
    if not (landlock_version() and has_filters()):
        assert "| no " in describe("sandbox")
        return
    if not lacks and os.uname().machine == "x86_64":
        expected = {**expected, **BY_NUMBER}
    told = _tried(tmp_path, expected, limits, *lacks)
    assert told["tries"] == expected
    assert sorted(told["open"]) == ["0", "1", "2", "3"]  # its pipes, and where errors go to


def test_it_works_where_the_kernel_offers_nothing(tmp_path: Path) -> None:
    """On an older kernel the limits of `resource` stand alone, and nothing fails."""
    told = _tried(tmp_path, {"read": ""}, NOTHING_OPEN, "restrict_files", "filter_calls")
    assert told["tries"] == {"read": "EMFILE"}


def test_no_thread_is_begun_before_it_holds() -> None:
    """Landlock holds for one thread and those that it begins."""
    assert run_in_sandbox("tests.kernel.loaded", {}).told == {"threads": 1}


def test_what_this_kernel_offers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """`hosr describe sandbox` says whether each is there."""
    version = landlock_version()
    monkeypatch.setattr("hosr.kernel.has_filters", lambda: True)
    said = describe("sandbox")
    assert ("| yes, version" in said) == bool(version)
    assert said.count("| yes") == 1 + bool(version)
    monkeypatch.setattr("hosr.kernel.landlock_version", lambda: 0)
    monkeypatch.setattr("hosr.kernel.has_filters", lambda: False)
    assert describe("sandbox").count("| no ") == 2
