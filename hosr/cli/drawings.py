"""What a viewer drew, as `hosr import` is given it: in files, or the newest of a study in an archive."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.archives import make_queries, opened
from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from hosr.annotations.viewers.predecessors import Predecessor, SavedDrawing


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenSources:
    """The sources of a call: files, and what an archive gave; and the report that was redrawn."""

    paths: tuple[Path, ...]
    saved: SavedDrawing | None = None
    before: Predecessor | None = None


def given_sources(arguments: argparse.Namespace) -> GivenSources:
    """The sources that a call names.

    Raises `UsageError` for two archives, or one without a study, and as `find_drawing`.
    """
    from hosr.archive import is_archive

    archives = [text for text in arguments.sources if is_archive(text)]
    paths = tuple(Path(text) for text in arguments.sources if not is_archive(text))
    before = None
    if arguments.prior is not None:
        from hosr.lifecycle.drawings import read_predecessor

        before = read_predecessor(arguments.prior)
    if not archives:
        return GivenSources(paths=paths, before=before)
    if len(archives) > 1:
        raise UsageError(Fault("SOURCE", "names several archives", "name one of them"))
    if not arguments.study:
        problem = "does not say of which study the newest drawing is wanted"
        raise UsageError(Fault(archives[0], problem, "name it with --study UID"))
    saved = _find(archives[0], arguments.study)
    return GivenSources(paths=paths, saved=saved, before=before or saved.before)


def _find(named: str, study: str) -> SavedDrawing:
    from hosr.lifecycle.drawings import find_drawing

    make_queries(named, studies=(study,))  # for what it refuses
    with opened(named) as (destination, archive):
        return find_drawing(archive, destination.name, study)
