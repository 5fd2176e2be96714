"""The measurement report as a dataset: the tree of `tree` under the header of `document`."""

from __future__ import annotations

from pydicom.dataset import Dataset

from hosr.composite import Series, derive_instance, evidence_of
from hosr.composite.labels import series_label
from hosr.report import Report
from hosr.sr.document import Document, build_report
from hosr.sr.profiles import Options
from hosr.sr.tree import content_key, measurement_tree
from hosr.study import Instance

__all__ = ["build_measurement", "measurement_instance"]


def measurement_instance(report: Report, options: Options) -> Instance:
    """The identity of the measurement report, known before it is built."""
    key = content_key(report, options)
    return derive_instance("measurement", options.receiver.sop_class_uid, key)


def build_measurement(report: Report, options: Options) -> Dataset:
    """The measurement report as a dataset."""
    document = Document(
        instance=measurement_instance(report, options),
        series=Series(modality="SR", number=9501, description=series_label(report.hips, "data")),
        root=measurement_tree(report, options),
        evidence=evidence_of(report),
    )
    return build_report(document, report)
