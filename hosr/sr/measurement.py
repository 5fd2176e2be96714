"""The measurement report: TID 1500 with one TID 1410 group per finding."""

from __future__ import annotations

from pydicom.dataset import Dataset

from hosr import __version__, codes
from hosr.identity import derive_uid, fingerprint
from hosr.report import Report
from hosr.sr.context import context_item
from hosr.sr.document import Document, build_dataset, evidence_of
from hosr.sr.groups import hip_groups
from hosr.sr.items import Item, Relation, code, container
from hosr.sr.library import library_item
from hosr.sr.observer import observer_items
from hosr.sr.procedure import procedure_reported
from hosr.sr.profiles import Options
from hosr.study import Instance

__all__ = ["build_measurement", "content_key", "measurement_instance", "measurement_tree"]

_ENGLISH = codes.Code("en-US", "RFC5646", "English (United States)")


def content_key(report: Report, options: Options) -> str:
    """What tells this document from every other: content, options and the version that wrote it."""
    return fingerprint((fingerprint(report), fingerprint(options), __version__))


def measurement_instance(report: Report, options: Options) -> Instance:
    """The identity of the measurement report, known before it is built."""
    key = content_key(report, options)
    return Instance(
        series_instance_uid=derive_uid("measurement series", key),
        sop_class_uid=options.receiver.sop_class_uid,
        sop_instance_uid=derive_uid("measurement", key),
    )


def measurement_tree(report: Report, options: Options) -> Item:
    """The content tree."""
    key = content_key(report, options)
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
    return Item(root.value_type, root.name, None, None, root.children, root.template)


def build_measurement(report: Report, options: Options) -> Dataset:
    """The measurement report as a dataset."""
    instance = measurement_instance(report, options)
    document = Document(
        sop_class_uid=instance.sop_class_uid,
        sop_instance_uid=instance.sop_instance_uid,
        series_instance_uid=instance.series_instance_uid,
        series_number=9501,
        series_description="HO hip measurement report",
        root=measurement_tree(report, options),
        evidence=evidence_of(report),
    )
    return build_dataset(document, report)
