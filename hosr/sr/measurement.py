"""The measurement report: the tree of `tree` under the header of `document`."""

from __future__ import annotations

from hosr.composite import Series, derive_instance, evidence_of
from hosr.composite.labels import series_label
from hosr.report import Report
from hosr.sr.document import Document
from hosr.sr.profiles import Options
from hosr.sr.tree import content_key, measurement_tree
from hosr.study import Instance


def measurement_instance(key: str, options: Options) -> Instance:
    """The identity of the measurement report with this content key, known before it is built."""
    return derive_instance("measurement", options.receiver.sop_class_uid, key)


def measurement_document(report: Report, options: Options) -> Document:
    """The measurement report before it is encoded."""
    key = content_key(report, options)
    return Document(
        instance=measurement_instance(key, options),
        series=Series(modality="SR", number=9501, description=series_label(report.hips, "data")),
        root=measurement_tree(report, options, key),
        evidence=evidence_of(report),
    )
