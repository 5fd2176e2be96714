"""Sign a draft on a disk that is full but for some room: what is said, and what is left.

A program of its own, for it wants a disk of its own: python -m tests.drafts.filling DISK > told.json
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from hosr.drafts import Drafts
from hosr.errors import UsageError
from tests.drafts.drafting import add, opened
from tests.drafts.signatures import signed
from tests.images import write_film

STEP_BYTES = 12 << 10


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def _sign(drafts: Drafts, film: Path, filler: Path, room: int) -> dict[str, Any]:
    """Sign with so much room, and then with all of it."""
    draft = add(drafts, film)
    filler.write_bytes(bytes(max(0, shutil.disk_usage(filler.parent).free - room)))
    try:
        signed(drafts, draft)
    except UsageError as refusal:
        same = drafts.get(draft.draft_id) == draft
        told = {"said": str(refusal), "left": _files(drafts.folder / "reports"), "is_same": same}
    else:
        return {"said": ""}
    filler.unlink()
    return {**told, "then": signed(drafts, draft).status}


def run(disk: Path) -> list[dict[str, Any]]:
    """Sign with more and more room, until there is enough."""
    told: list[dict[str, Any]] = []
    film, filler, folder = disk / "film.dcm", disk / "filler", disk / "drafts"
    write_film(film)
    while not told or told[-1]["said"]:
        shutil.rmtree(folder, ignore_errors=True)
        with opened(folder) as drafts:
            told.append(_sign(drafts, film, filler, len(told) * STEP_BYTES))
    return told


if __name__ == "__main__":
    json.dump(run(Path(sys.argv[1])), sys.stdout)
