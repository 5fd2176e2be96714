"""What is newer than a version, and what a version that is sent does not take the place of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from hosr.lifecycle.archived_reports import ArchivedReports, read_documents
from hosr.lifecycle.rivals import find_beside, find_newer
from hosr.lifecycle.versions import read_version
from tests.lifecycle.versions import (
    documents,
    redrawn,
    rejecting,
    uid_in,
    uid_of,
    write_addended,
    write_draft,
    write_signed,
)

STUDY = "1.2.826.0.7.2"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """Versions and what concerns them by name: one life, and reports beside it."""
    folder = tmp_path_factory.mktemp("life")
    drafts = {"draft": 15, "old draft": 14, "late draft": 30}
    for name, minute in drafts.items():
        write_draft(folder / name, STUDY, minute=minute)
    write_draft(folder / "left", STUDY, minute=40, side="left")
    write_draft(folder / "other study", f"{STUDY}.5", minute=40)
    write_signed(folder / "draft", folder / "signed")
    write_addended(folder / "signed", folder / "more")
    write_addended(folder / "more", folder / "most", hour=13)
    write_signed(folder / "old draft", folder / "old signed", hour=10)
    write_signed(folder / "late draft", folder / "late signed", hour=14)
    (folder / "signed" / "successor.json").unlink()  # as on another machine
    write_addended(folder / "signed", folder / "fork", hour=15)
    _FOLDERS.update({path.name: path for path in folder.iterdir() if path.is_dir()})
    found = {name: documents(path)[0] for name, path in _FOLDERS.items()}
    for name in ("draft", "signed"):
        found[f"redrawn {name}"] = redrawn(found[name])
        found[f"rejecting {name}"] = rejecting(found[name])
    for name in ("late draft", "more"):
        found[f"rejecting {name}"] = rejecting(found[name])
    found["spoilt"] = found["left"].replace(b"Brooker III", b"Brooker II ")
    return found


_FOLDERS: dict[str, Path] = {}
_NEWER = (
    (("draft",), ("signed",)),
    (("draft",), ("more",)),
    (("more",), ("fork",)),
    (("signed",), ("more",)),
)
_FORK = "took the place of this version (addendum, 2026-03-02 12:20+01:00)"
_DRAFT = "is a draft of this study and hip, not older (draft, 2026-03-02 10:30+01:00)"
_SIGNED = "is another signed report of this study and hip"


def _held(files: Mapping[str, bytes], names: tuple[str, ...]) -> ArchivedReports:
    return read_documents("pacs", [(uid_in(files[name]), files[name]) for name in names])


@pytest.mark.parametrize(
    ("ours", "there", "said"),
    [
        ("draft", (), {}),
        ("draft", ("draft", "old draft", "left", "other study"), {}),
        ("draft", ("draft", "late draft"), {"late draft": _DRAFT}),
        ("draft", ("late draft", "rejecting late draft"), {}),
        ("draft", ("signed",), {"signed": "took the place of this version (signed, 2026-03-02 11:20+01:00)"}),
        ("draft", ("more",), {"more": "is a newer version of this report (addendum, 2026-03-02 12:20+01:00)"}),
        ("draft", ("old signed",), {"old signed": f"{_SIGNED} (signed, 2026-03-02 10:20+01:00)"}),
        ("draft", ("redrawn draft", "redrawn signed"), {"redrawn draft": "names {draft} as its predecessor"}),
        ("draft", ("draft", "rejecting draft"), {"rejecting draft": "rejects {draft} of this version"}),
        ("draft", ("more", "rejecting more"), {"rejecting more": "rejects {more}, a later version of this report"}),
        ("signed", ("draft", "rejecting draft"), {}),
        ("draft", ("spoilt",), {"left": "was changed after it was written"}),
        ("signed", ("draft", "signed", "old draft", "late draft", "old signed"), {}),
        ("signed", ("late signed",), {"late signed": f"{_SIGNED} (signed, 2026-03-02 14:20+01:00)"}),
        ("signed", ("more",), {"more": _FORK}),
        ("signed", ("most",), {"most": "is a newer version of this report (addendum, 2026-03-02 13:20+01:00)"}),
        ("more", ("draft", "signed", "more"), {}),
        ("more", ("fork",), {"fork": "is a newer version of this report (addendum, 2026-03-02 15:20+01:00)"}),
    ],
)  # fmt: skip
def test_what_is_newer_is_told(
    files: Mapping[str, bytes], ours: str, there: tuple[str, ...], said: dict[str, str]
) -> None:
    """Each with its UID, why it is in the way, how far it has come and since when; nothing else."""
    uids = {name.replace(" ", "_"): uid_in(data) for name, data in files.items()}
    found = [*find_newer(read_version(_FOLDERS[ours]), "1.2.3", _held(files, there))]
    assert [fault.path for fault in found] == [f"pacs: {uid_in(files[name])}" for name in said]
    for fault, words in zip(found, said.values(), strict=True):
        assert words.format(**uids) in fault.problem
        assert fault.remedy


def test_what_the_step_itself_made_is_not_in_its_way(files: Mapping[str, bytes]) -> None:
    """The same signature again finds what it made in the archive; what follows that is newer."""
    draft, made = read_version(_FOLDERS["draft"]), uid_of(_FOLDERS["signed"])
    assert [*find_newer(draft, made, _held(files, ("draft", "signed")))] == []
    assert len([*find_newer(draft, made, _held(files, ("draft", "signed", "more")))]) == 1


@pytest.mark.parametrize(
    ("sent", "there", "beside"),
    [
        (("draft",), (), ()),
        (("draft",), ("draft", "left", "other study"), ()),
        (("draft",), ("old draft", "late draft"), ("old draft", "late draft")),
        (("draft",), ("late draft", "rejecting late draft"), ()),
        (("draft",), ("draft", "signed"), ("signed",)),
        (("draft", "signed"), ("draft", "signed"), ()),
        (("signed",), ("draft",), ()),
        (("more",), ("draft", "signed"), ()),
        (("more",), ("draft",), ()),
        (("most",), ("signed",), ()),
        (("most",), ("signed", "more"), ()),
        (("more",), ("fork", "signed"), ("fork",)),
        (("fork",), ("more", "signed", "draft"), ("more",)),
        (("draft",), ("more",), ("more",)),
        (("draft",), ("draft", "rejecting draft"), ("draft",)),
        (("draft", "rejecting draft"), ("draft", "rejecting draft"), ()),
        (("signed",), ("more", "rejecting more"), ("more",)),
        (("signed", "rejecting more"), ("more", "rejecting more"), ()),
        (("more",), ("draft", "signed", "rejecting signed"), ()),
        (("left", "signed"), ("late signed",), ("late signed",)),
    ],
)
def test_what_is_not_replaced_is_found(
    files: Mapping[str, bytes],
    sent: tuple[str, ...],
    there: tuple[str, ...],
    beside: tuple[str, ...],
) -> None:
    """A version replaces all that its chain does, also where one in between is nowhere to be seen."""
    found = [*find_beside(_held(files, sent), _held(files, there))]
    assert [each.read.uid for each in found] == [uid_in(files[name]) for name in beside]
    assert [each.is_newer for each in found] == [(sent, beside) in _NEWER for _ in found]
    assert [each.is_withdrawn for each in found] == ["rejecting" in " ".join(there) for _ in found]
