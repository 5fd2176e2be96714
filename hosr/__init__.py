"""Gradings of heterotopic ossification of the hip as DICOM Structured Reports and narrative text.

    record = hosr.read_record(Path("record.json"))
    outcome = hosr.make_report(record, hosr.read_images([Path("images")]))
    outcome.report.hips[0].grade("brooker").grade        # "III"
    hosr.decode(hosr.encode(outcome.report)) == outcome.report

Names are imported when they are first used, so that `import hosr` stays quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hosr.version import __version__

if TYPE_CHECKING:
    from hosr.errors import (
        ArchiveError,
        ArchiveRefused,
        ArchiveUnreachable,
        DocumentRefused,
        Fault,
        HosrError,
        ImagesRefused,
        RecordRefused,
        TemplateRefused,
        Unencodable,
        UsageError,
    )
    from hosr.intake.images import read_images
    from hosr.intake.record import parse_record, read_record
    from hosr.language import language_of
    from hosr.narrative import render_text
    from hosr.outputs import make_files
    from hosr.pipeline import make_report, report_record
    from hosr.report import Report
    from hosr.sr import Options, decode, encode, encode_narrative
    from hosr.templating.wording import Wording

__all__ = [
    "ArchiveError",
    "ArchiveRefused",
    "ArchiveUnreachable",
    "DocumentRefused",
    "Fault",
    "HosrError",
    "ImagesRefused",
    "Options",
    "RecordRefused",
    "Report",
    "TemplateRefused",
    "Unencodable",
    "UsageError",
    "Wording",
    "__version__",
    "decode",
    "encode",
    "encode_narrative",
    "language_of",
    "make_files",
    "make_report",
    "parse_record",
    "read_images",
    "read_record",
    "render_text",
    "report_record",
]

_MODULES = {
    "hosr.errors": (
        "ArchiveError",
        "ArchiveRefused",
        "ArchiveUnreachable",
        "DocumentRefused",
        "Fault",
        "HosrError",
        "ImagesRefused",
        "RecordRefused",
        "TemplateRefused",
        "Unencodable",
        "UsageError",
    ),
    "hosr.intake.images": ("read_images",),
    "hosr.intake.record": ("parse_record", "read_record"),
    "hosr.language": ("language_of",),
    "hosr.narrative": ("render_text",),
    "hosr.templating.wording": ("Wording",),
    "hosr.outputs": ("make_files",),
    "hosr.pipeline": ("make_report", "report_record"),
    "hosr.report": ("Report",),
    "hosr.sr": ("Options", "decode", "encode", "encode_narrative"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module 'hosr' has no attribute {name!r}")
