"""The measurement report as a dataset: the tree of `tree` under the header of `document`."""

from __future__ import annotations

from pydicom.dataset import Dataset

from hosr.identity import derive_uid
from hosr.report import Report
from hosr.sr.document import Document, build_dataset, evidence_of
from hosr.sr.labels import series_label
from hosr.sr.profiles import Options
from hosr.sr.tree import content_key, measurement_tree
from hosr.study import Instance

__all__ = ["build_measurement", "measurement_instance"]


def measurement_instance(report: Report, options: Options) -> Instance:
    """The identity of the measurement report, known before it is built."""
    key = content_key(report, options)
    return Instance(
        series_instance_uid=derive_uid("measurement series", key),
        sop_class_uid=options.receiver.sop_class_uid,
        sop_instance_uid=derive_uid("measurement", key),
    )


def build_measurement(report: Report, options: Options) -> Dataset:
    """The measurement report as a dataset."""
    instance = measurement_instance(report, options)
    document = Document(
        sop_class_uid=instance.sop_class_uid,
        sop_instance_uid=instance.sop_instance_uid,
        series_instance_uid=instance.series_instance_uid,
        series_number=9501,
        series_description=series_label(report.hips, "data"),
        root=measurement_tree(report, options),
        evidence=evidence_of(report),
    )
    return build_dataset(document, report)
