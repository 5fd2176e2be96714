"""A version's folder that somebody changed: refused or told in one sentence, whatever was put there."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hosr.errors import DocumentRefused, UsageError
from hosr.lifecycle.history import read_history
from hosr.lifecycle.succession import SUCCESSOR, read_successor
from hosr.lifecycle.versions import read_version
from tests.command import hosr
from tests.lifecycle.versions import SIGNER, write_draft

STUDY = "1.2.826.0.1.55"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A draft, and the withdrawal of another one."""
    root = tmp_path_factory.mktemp("made")
    write_draft(root / "draft", STUDY, made="measurement")
    other = write_draft(root / "other", f"{STUDY}.1", made="measurement")
    ran = hosr("withdraw", other, "--reason", "wrong-study", *SIGNER, "--out", root / "gone")
    assert ran.code == 0, ran.err
    return root


@pytest.fixture
def draft(made: Path, tmp_path: Path) -> Path:
    """A draft to be changed."""
    return Path(shutil.copytree(made / "draft", tmp_path / "draft"))


SUCCEEDED = {
    "step": "sign",
    "name": "Neri^Ada",
    "organization": "Lab",
    "identifier": "",
    "signed_at": "2026-03-02T11:20:00+01:00",
    "given": "x",
    "folder": "/signed",
}


@pytest.mark.parametrize(
    "content",
    [
        "",
        json.dumps(SUCCEEDED)[:60],
        "null",
        "[]",
        "[" * 20_000,
        " " * 100_000,
        json.dumps({**SUCCEEDED, "folder": 5}),
        json.dumps({**SUCCEEDED, "step": "burn"}),
        json.dumps({**SUCCEEDED, "signed_at": "yesterday"}),
        json.dumps({**SUCCEEDED, "signed_at": "2026-03-02T11:20:00"}),
        json.dumps({**SUCCEEDED, "more": "x"}),
    ],
)
def test_what_names_no_successor_is_told(draft: Path, content: str) -> None:
    """Half a file, or anything else: nobody takes a step, and the history goes on."""
    (draft / SUCCESSOR).write_text(content)
    with pytest.raises(UsageError, match=r"successor\.json: does not name a successor; find out"):
        read_successor(draft)
    history = read_history([draft])
    assert [len(history.entries), len(history.faults)] == [1, 1]


@pytest.mark.parametrize("put", [Path.mkdir, lambda path: path.symlink_to("/dev/zero"), os.mkfifo])
@pytest.mark.skipif(sys.platform == "win32", reason="has neither links nor pipes for everybody")
def test_what_is_no_file_names_no_successor(draft: Path, put: Callable[[Path], None]) -> None:
    """A folder, a link, or a pipe that nobody writes to."""
    put(draft / SUCCESSOR)
    with pytest.raises(UsageError, match=r"successor\.json: does not name a successor"):
        read_successor(draft)


def test_a_withdrawal_of_another_report_ends_nothing(made: Path, draft: Path) -> None:
    """A file that points to one is told, and the history shows the draft alone."""
    elsewhere = {**SUCCEEDED, "step": "withdraw", "folder": str(made / "gone")}
    (draft / SUCCESSOR).write_text(json.dumps(elsewhere))
    history = read_history([draft])
    assert len(history.entries) == 1
    (fault,) = history.faults
    assert fault.problem == f"names a withdrawal of another report ({made / 'gone'})"


def test_a_withdrawal_is_shown_once(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where its folder is named by another path than the file beside the version does."""
    monkeypatch.chdir(made)
    alone, both = (read_history(map(Path, names)) for names in (["other"], ["other", "gone"]))
    assert [len(alone.entries), len(both.entries)] == [2, 2]


def _first(**words: Any) -> Callable[[dict[str, Any]], None]:
    return lambda manifest: manifest["files"][0].update(words)


def _more(**words: Any) -> Callable[[dict[str, Any]], None]:
    return lambda manifest: manifest["files"].append({"sha256": "0", "bytes": 3, **words})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_first(name="../other/measurement.dcm"), "names a file outside of its folder"),
        (_first(name="/etc/hostname"), "names a file outside of its folder"),
        (_first(name="a\0b"), "names a file outside of its folder"),
        (_first(bytes=float("inf")), "is no manifest of a report"),
        (_first(sop_instance_uid="1.2.3"), "names other UIDs than measurement.dcm has"),
        (_first(sop_class_uid="1.2.3"), "names other UIDs than measurement.dcm has"),
        (_first(sop_instance_uid=""), "names other UIDs than measurement.dcm has"),
        (_more(name="report.txt"), "report.txt: cannot be read (No such file"),
        (_more(name="manifest.json"), "manifest.json: was changed since the report was made"),
        (lambda manifest: manifest.update(language="tlh"), "names a language that hosr does not"),
        (lambda manifest: manifest.update(language=5), "names a language that hosr does not"),
        (lambda manifest: manifest["files"].clear(), "names no measurement.dcm"),
        (lambda manifest: manifest.clear(), "is no manifest of a report"),
    ],
)
def test_a_manifest_that_names_other_things_is_refused(
    draft: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    """Whoever wrote it, no person signs what it says in place of what lies there."""
    path = draft / "manifest.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(manifest))
    with pytest.raises(DocumentRefused) as refusal:
        read_version(draft)
    (fault,) = refusal.value.faults
    assert words in str(fault)
