"""What a batch writes beside its reports: for nobody but its group, and never through a link."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.batch.calls import batch
from tests.batch.manifests import LEDGER, lines_of, write_lines

OWN = ("results.jsonl", "results.parquet", LEDGER)


@pytest.fixture
def manifest(films: Path) -> Path:  # noqa: ARG001 (the films are what it is of)
    """A manifest of two films."""
    return write_lines(Path("m.jsonl"), lines_of(2))


def modes() -> dict[str, int]:
    """Who may do what with each file."""
    return {name: stat.S_IMODE((Path("out") / name).stat().st_mode) for name in OWN}


def test_nobody_else_reads_them(manifest: Path) -> None:
    """From the beginning; and what an older hosr left for all is so from then on."""
    assert batch(manifest).code == 0
    assert all(not mode & 0o137 for mode in modes().values())
    for name in OWN:
        (Path("out") / name).chmod(0o644)
    assert batch(manifest).code == 0
    assert all(not mode & 0o137 for mode in modes().values())


@pytest.mark.parametrize("name", ["results.jsonl", "results.parquet"])
def test_a_planted_link_is_not_followed(name: str, manifest: Path) -> None:
    """Where the results are begun, somebody else put a link to what is another's."""
    Path("out").mkdir()
    Path("precious").write_text("mine")
    (Path("out") / f".{name}.partial").symlink_to(Path("precious").absolute())
    assert batch(manifest).code == 0
    assert Path("precious").read_text() == "mine"
    assert not (Path("out") / name).is_symlink()


def test_a_ledger_is_not_begun_through_a_link(manifest: Path) -> None:
    """A link to nothing would let it be begun wherever that leads."""
    Path("out").mkdir()
    (Path("out") / LEDGER).symlink_to(Path("elsewhere").absolute())
    ran = batch(manifest)
    assert (ran.code, Path("elsewhere").exists()) == (2, False)
    assert "is a link to nothing; remove it, or name another ledger" in ran.err
