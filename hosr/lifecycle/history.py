"""The versions of reports in folders, in the order in which each took the place of the one before."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosr.errors import DocumentRefused, Fault, HosrError
from hosr.lifecycle.versions import Version, read_version
from hosr.manifest import MANIFEST
from hosr.report import grading_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One version in a history: whether it prevails, and how many others have the same predecessor.

    Of a study's report that version prevails that was signed last and has no successor; where several
    have none, a `fork`, none does.
    """

    version: Version
    depth: int
    prevails: bool
    is_fork: bool

    def as_json(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        version, signing = self.version, self.version.report.signing
        signer = None if signing is None else signing.signatures[-1]
        return {
            "folder": str(version.folder),
            "study_instance_uid": version.report.subject.study.study_instance_uid,
            "sop_instance_uid": version.documents[0].sop_instance_uid,
            "predecessors": []
            if signing is None
            else [each.sop_instance_uid for each in signing.predecessors],
            "status": version.report.status.label,
            "signed_by": None if signer is None else signer.name,
            "organization": None if signer is None else signer.organization,
            "signed_at": None if signer is None else signer.signed_at.isoformat(),
            "prevails": self.prevails,
            "fork": self.is_fork,
            **grading_json(version.report.hips),
        }


def read_history(folders: Iterable[Path]) -> tuple[tuple[Entry, ...], tuple[Fault, ...]]:
    """The versions below these folders, each after the one it took the place of; and what is none.

    Raises `DocumentRefused` where there is no version at all.
    """
    versions: list[Version] = []
    faults: list[Fault] = []
    for folder in dict.fromkeys(found for each in folders for found in _below(each)):
        try:
            versions.append(read_version(folder))
        except HosrError as error:
            faults += error.faults
    if not versions:
        remedy = "name folders that `hosr report`, `sign`, `amend` or `addend` made"
        raise DocumentRefused(faults or [Fault("DIR", "holds no version of a report", remedy)])
    return tuple(_ordered(versions)), tuple(faults)


def _below(folder: Path) -> Iterator[Path]:
    """Every folder with a manifest, by name."""
    for parent, below, names in os.walk(folder):
        below.sort()
        if MANIFEST in names:
            yield Path(parent)


def _ordered(versions: Sequence[Version]) -> Iterator[Entry]:
    known = {_uid(version) for version in versions}
    first = [each for each in versions if not known & set(_before(each))]
    for version in sorted(first, key=_place):
        yield from _chain(version, versions, 0, is_fork=False)


def _chain(
    version: Version, versions: Sequence[Version], depth: int, *, is_fork: bool
) -> Iterator[Entry]:
    after = sorted((each for each in versions if _uid(version) in _before(each)), key=_place)
    yield Entry(
        version=version,
        depth=depth,
        prevails=not after and not is_fork and version.report.signing is not None,
        is_fork=is_fork,
    )
    for each in after:
        yield from _chain(each, versions, depth + 1, is_fork=is_fork or len(after) > 1)


def _before(version: Version) -> tuple[str, ...]:
    signing = version.report.signing
    return () if signing is None else tuple(p.sop_instance_uid for p in signing.predecessors)


def _uid(version: Version) -> str:
    return version.documents[0].sop_instance_uid


def _place(version: Version) -> tuple[str, str]:
    signing = version.report.signing
    signed_at = "" if signing is None else signing.signatures[-1].signed_at.isoformat()
    return signed_at, str(version.folder)
