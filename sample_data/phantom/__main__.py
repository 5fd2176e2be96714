"""Make the sample studies anew: `python -m sample_data.phantom [FOLDER]`, by default beside this package."""

from __future__ import annotations

import sys
from pathlib import Path

from .cases import studies
from .studies import make


def main(arguments: list[str]) -> int:
    """Write every study, or only those named after the folder."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    wanted = set(arguments[1:])
    for study in studies():
        if not wanted or study.visit.folder in wanted:
            print(make(study, root), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
