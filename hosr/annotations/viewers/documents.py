"""Structured reports of measurements to a `Source`, whoever wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.annotations.sources import Source
from hosr.annotations.stated_status import tell_status
from hosr.annotations.viewers.foreign import read_file, read_foreign, reading, require_images
from hosr.annotations.viewers.grammar import understanding
from hosr.annotations.viewers.groups import GroupReader

if TYPE_CHECKING:
    from pathlib import Path

    from hosr.annotations.context import Context


def read(path: Path, context: Context) -> Source:
    """The figures of a structured report, with their labels; what cannot be used is told.

    Raises `RecordRefused` for a file that is damaged, or holds nothing that can be measured, by name.
    """
    return read_report(read_file(path), path.name, context)


def read_report(data: bytes, name: str, context: Context) -> Source:
    """The same of the bytes of a file, as an archive gives them."""
    document = read_foreign(data, name)
    require_images(name, context)
    with reading(name):
        incomplete = tell_status(document.dataset, name, context.account)
    reader = GroupReader(
        name=name,
        account=context.account,
        understand=understanding(context.labels),
        images=context.images,
    )
    figures = () if document.root is None else reader.read(document.root)
    return Source(
        name=name,
        kind=f"a structured report ({document.maker or 'of an unnamed maker'})",
        figures=figures,
        observer=document.observer,
        made_at=document.made_at,
        claims=document.claims,
        predecessors=document.predecessors,
        sop_instance_uid=document.sop_instance_uid,
        supersedes=document.supersedes,
        incomplete=incomplete,
        is_in_words=True,
    )
