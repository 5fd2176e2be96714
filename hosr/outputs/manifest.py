"""Files as they are made, and their manifest: what was made, of what grade, in what words, and what was tolerated; for programs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.report import grading_json
from hosr.version import __version__

if TYPE_CHECKING:
    from hosr.intake.images import Note
    from hosr.outputs.materials import Materials


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One file to be written."""

    name: str
    data: bytes
    sop_class_uid: str = ""
    sop_instance_uid: str = ""


def make_manifest(materials: Materials, files: Sequence[Made], notes: Sequence[Note]) -> Made:
    """The manifest of these files; what was tolerated is told without patient data."""
    options, report = materials.options, materials.report
    content = {
        "hosr_version": __version__,
        "study_instance_uid": report.subject.study.study_instance_uid,
        "profile": options.profile,
        "terminology": options.terminology,
        "hydrate": options.hydrate,
        "language": materials.wording.language.tag,
        "site_templates": _site_templates(materials.wording.site),
        "status": {
            "completion": report.status.completion,
            "verification": report.status.verification,
            "preliminary": report.status.preliminary,
        },
        "files": [_entry(made) for made in files],
        **grading_json(report.hips),
        "tolerated": [{"path": note.path, "problem": note.problem} for note in notes],
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return Made(name="manifest.json", data=text.encode())


def _entry(made: Made) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": made.name}
    if made.sop_instance_uid:
        entry["sop_class_uid"] = made.sop_class_uid
        entry["sop_instance_uid"] = made.sop_instance_uid
    return {**entry, "sha256": _digest(made.data), "bytes": len(made.data)}


def _site_templates(site: Path | None) -> list[dict[str, str]]:
    """The files of a site's own folder, so that a report can be traced to them."""
    if site is None:
        return []
    files = sorted(path for path in site.rglob("*") if path.is_file())
    return [
        {"name": path.relative_to(site).as_posix(), "sha256": _digest(path.read_bytes())}
        for path in files
    ]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
