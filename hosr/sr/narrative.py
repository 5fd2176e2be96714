"""The narrative report: Basic Text SR by TID 2000, under LOINC headings, in a series of its own."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from hosr import codes
from hosr.composite import Series, derive_instance, evidence_of
from hosr.composite.labels import series_label
from hosr.identity import fingerprint
from hosr.language import Language
from hosr.report import Report
from hosr.sr.context import observer_items, procedure_reported
from hosr.sr.document import Document
from hosr.sr.items import Item, Reference, Relation, code, composite, container, text
from hosr.sr.lookbacks import pertinent_evidence
from hosr.sr.measurement import can_be_redrawn, content_key, measurement_instance
from hosr.sr.receivers import Options
from hosr.sr.signing import status_statement
from hosr.study import Instance

BASIC_TEXT_SR = "1.2.840.10008.5.1.4.1.1.88.11"

Paragraphs = tuple[str, ...]

# Section of the narrative: heading of CID 7001, concept of CID 7002 for each paragraph.
HEADINGS = {
    "status": (codes.PROCEDURE_HEADING, codes.PROCEDURE_DESCRIPTION),
    "examination": (codes.PROCEDURE_HEADING, codes.PROCEDURE_DESCRIPTION),
    "indication": (codes.INDICATION_HEADING, codes.HISTORY),
    "technique": (codes.PROCEDURE_HEADING, codes.PROCEDURE_DESCRIPTION),
    "comparison": (codes.COMPARISON_HEADING, codes.PREVIOUS_FINDING),
    "findings": (codes.FINDINGS_HEADING, codes.FINDING),
    "not_assessed": (codes.FINDINGS_HEADING, codes.FINDING),
    "impression": (codes.IMPRESSION_HEADING, codes.IMPRESSION),
    "method": (codes.PROCEDURE_HEADING, codes.PROCEDURE_DESCRIPTION),
}


def narrative_document(
    report: Report,
    sections: tuple[tuple[str, Paragraphs], ...],
    options: Options,
    language: Language,
) -> Document:
    """The narrative report before it is encoded; `sections` are pairs of a key and paragraphs.

    Its identity depends on its words and their language. It lists the measurement report among its
    evidence and points at it, so both travel together.
    """
    key = content_key(report, options)
    measurement = measurement_instance(key, options)
    worded = fingerprint((key, sections, language.tag))
    return Document(
        instance=derive_instance("narrative", BASIC_TEXT_SR, worded),
        series=Series(
            modality="SR",
            number=9502,
            description=series_label(
                report, "text", is_written_into=can_be_redrawn(report, options)
            ),
        ),
        root=_tree(report, sections, measurement, language),
        evidence=(*evidence_of(report), measurement),
        pertinent=pertinent_evidence(report),
    )


def _tree(
    report: Report,
    sections: tuple[tuple[str, Paragraphs], ...],
    measurement: Instance,
    language: Language,
) -> Item:
    """The content tree; headings and concept names are codes, whose meanings stay English."""
    sides = tuple(graded.hip.side for graded in report.hips)
    modifier = Relation.HAS_CONCEPT_MOD
    reference = Reference(measurement.sop_class_uid, measurement.sop_instance_uid)
    root = container(
        codes.DIAGNOSTIC_IMAGING_REPORT,
        code(codes.LANGUAGE, codes.Code(language.tag, "RFC5646", language.name), modifier),
        code(codes.PROCEDURE_REPORTED, procedure_reported(report.view, sides), modifier),
        *observer_items(report.observer),
        *status_statement(report),
        *_headed(sections),
        composite(codes.CURRENT_PROCEDURE_EVIDENCE, reference),
        template="2000",
    )
    return Item(root.value_type, root.name, None, None, root.children, root.template)


def _headed(sections: tuple[tuple[str, Paragraphs], ...]) -> list[Item]:
    """One container for each run of sections under the same heading."""
    items = [
        (HEADINGS[key][0], text(HEADINGS[key][1], paragraph))
        for key, paragraphs in sections
        for paragraph in paragraphs
    ]
    return [
        container(heading, *(item for _, item in run))
        for heading, run in groupby(items, key=itemgetter(0))
    ]
