"""The measurement report: TID 1500 with one TID 1410 group per finding, as a document."""

from __future__ import annotations

from hosr import codes
from hosr.composite import Series, derive_instance, evidence_of
from hosr.composite.labels import series_label
from hosr.identity import fingerprint
from hosr.report import Report
from hosr.sr.context import context_item, procedure_reported
from hosr.sr.document import Document
from hosr.sr.items import Item, Relation, code, container
from hosr.sr.library import library_item
from hosr.sr.measurement_groups import hip_groups
from hosr.sr.observer import observer_items
from hosr.sr.receivers import Options
from hosr.study import Instance
from hosr.version import __version__

_ENGLISH = codes.Code("en-US", "RFC5646", "English (United States)")


def content_key(report: Report, options: Options) -> str:
    """What tells this document from every other: content, options and the version that wrote it."""
    return fingerprint((fingerprint(report), fingerprint(options), __version__))


def measurement_instance(key: str, options: Options) -> Instance:
    """The identity of the measurement report with this content key, known before it is built."""
    return derive_instance("measurement", options.receiver.sop_class_uid, key)


def measurement_document(report: Report, options: Options) -> Document:
    """The measurement report before it is encoded."""
    key = content_key(report, options)
    return Document(
        instance=measurement_instance(key, options),
        series=Series(modality="SR", number=9501, description=series_label(report, "data")),
        root=measurement_tree(report, options, key),
        evidence=evidence_of(report),
    )


def measurement_tree(report: Report, options: Options, key: str | None = None) -> Item:
    """The content tree; `key` is the content key, where it is known already."""
    key = key or content_key(report, options)
    sides = tuple(graded.hip.side for graded in report.hips)
    modifier = Relation.HAS_CONCEPT_MOD
    groups = [group for graded in report.hips for group in hip_groups(graded, report, options, key)]
    root = container(
        codes.IMAGING_MEASUREMENT_REPORT,
        code(codes.LANGUAGE, _ENGLISH, modifier),
        *observer_items(report.observer),
        code(codes.PROCEDURE_REPORTED, procedure_reported(report.view, sides), modifier),
        library_item(report),
        container(codes.IMAGING_MEASUREMENTS, *groups),
        context_item(report),
        template="1500",
    )
    return root._replace(relation=None)
