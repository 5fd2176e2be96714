"""Sign or amend a draft on a disk that is full but for some room: what is said, and what is left.

A program of its own, for it wants a disk of its own: python -m tests.drafts.filling DISK [amend] > told.json
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hosr.drafts import Draft, Drafts
from hosr.errors import UsageError
from tests.drafts.drafting import add, opened
from tests.drafts.signatures import amended, signed
from tests.images import write_film

STEP_BYTES = 12 << 10


def _files(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _take(
    drafts: Drafts, draft: Draft, filler: Path, room: int, step: Callable[[Drafts, Draft], Draft]
) -> dict[str, Any]:
    """Take a step with so much room, and then with all of it."""
    before = _files(drafts.folder / "reports")
    filler.write_bytes(bytes(max(0, shutil.disk_usage(filler.parent).free - room)))
    try:
        step(drafts, draft)
    except UsageError as refusal:
        same = drafts.get(draft.draft_id) == draft
        left = [name for name in _files(drafts.folder / "reports") if name not in before]
        told = {"said": str(refusal), "left": left, "is_same": same}
    else:
        return {"said": ""}
    finally:
        filler.unlink()
    done = step(drafts, draft)
    return {**told, "then": done.status, "versions": len(done.versions)}


def run(disk: Path, *, amends: bool) -> list[dict[str, Any]]:
    """Sign, or amend what is signed, with more and more room, until there is enough."""
    told: list[dict[str, Any]] = []
    film, filler, folder = disk / "film.dcm", disk / "filler", disk / "drafts"
    write_film(film)
    while not told or told[-1]["said"]:
        shutil.rmtree(folder, ignore_errors=True)
        with opened(folder) as drafts:
            draft = add(drafts, film)
            draft = signed(drafts, draft) if amends else draft
            step = amended if amends else signed
            told.append(_take(drafts, draft, filler, len(told) * STEP_BYTES, step))
    return told


if __name__ == "__main__":
    json.dump(run(Path(sys.argv[1]), amends="amend" in sys.argv[2:]), sys.stdout)
