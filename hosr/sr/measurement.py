"""The measurement report: TID 1500 with one TID 1410 group per finding, as a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hosr import codes
from hosr.codes import Code
from hosr.composite import Series, derive_instance, evidence_of
from hosr.composite.labels import series_label
from hosr.findings import Hip, Island, Length, Polygon
from hosr.identity import derive_uid, fingerprint
from hosr.report import GradedHip, Report
from hosr.sr.answers import hip_answers, island_sites
from hosr.sr.context import algorithm_items, context_item, observer_items, procedure_reported
from hosr.sr.document import Document
from hosr.sr.found import found_item
from hosr.sr.items import Item, Relation, code, container, num, text, uidref
from hosr.sr.labels import (
    OF_GAP,
    OF_ISLANDS,
    REGION_CODES,
    Drawn,
    RegionKind,
    can_be_edited,
    drawn_islands,
    editable_tracking,
    hip_comment,
    hip_region,
    hip_tracking,
    is_drawn,
    island_comment,
    island_region,
    island_tracking,
    line_label,
)
from hosr.sr.lengths import ISLAND_SEEN, LATERAL_SEEN, Shapes, length_item, seen_line
from hosr.sr.library import library_item
from hosr.sr.lookbacks import lookback_item, pertinent_evidence, time_point_item
from hosr.sr.observations import identify
from hosr.sr.receivers import Options
from hosr.study import Instance
from hosr.version import FIRST_FORM
from hosr.vocabulary.terms import SIDE_CODES, Presence, Side

_NO_FINDING = {
    Presence.ABSENT: codes.NOT_SEEN,
    Presence.INDETERMINATE: codes.NOT_DECIDED,
    None: codes.NOT_JUDGED,
}

_MODIFIER = Relation.HAS_CONCEPT_MOD
_CONTEXT = Relation.HAS_OBS_CONTEXT

# What tracking UIDs name beside the side.
_HIP, _ISLAND = "hip", "island {number}"
_ENGLISH = codes.Code("en-US", "RFC5646", "English (United States)")

# The gap is the least distance between the bone of the pelvis and that of the femur.
_GAP_MODIFIERS = (
    code(codes.DERIVATION, codes.MINIMUM, _MODIFIER),
    code(codes.FINDING_SITE, codes.BONY_PELVIS, _MODIFIER),
    code(codes.FINDING_SITE, codes.PROXIMAL_FEMUR, _MODIFIER),
)


def content_key(report: Report, options: Options) -> str:
    """What tells this document from every other: content, options and the form that it is written in."""
    return fingerprint((fingerprint(report), fingerprint(options), report.form))


def measurement_instance(key: str, options: Options) -> Instance:
    """The identity of the measurement report with this content key, known before it is built."""
    return derive_instance("measurement", options.receiver.sop_class_uid, key)


def can_be_redrawn(report: Report, options: Options) -> bool:
    """Whether a viewer is to make lines its own: those of a draft.

    What it saves into the series of a signed report would be listed as signed, which it is not.
    """
    return options.hydrate and report.signing is None


def measurement_document(report: Report, options: Options) -> Document:
    """The measurement report before it is encoded."""
    key = content_key(report, options)
    return Document(
        instance=measurement_instance(key, options),
        series=Series(
            modality="SR",
            number=9501,
            description=series_label(
                report, "data", is_written_into=can_be_redrawn(report, options)
            ),
        ),
        root=measurement_tree(report, options, key),
        evidence=evidence_of(report),
        pertinent=pertinent_evidence(report),
    )


def measurement_tree(report: Report, options: Options, key: str | None = None) -> Item:
    """The content tree; `key` is the content key, where it is known already."""
    key = key or content_key(report, options)
    sides = tuple(graded.hip.side for graded in report.hips)
    groups = [
        group for graded in report.hips for group in _hip_groups(graded, report, options, key)
    ]
    root = container(
        codes.IMAGING_MEASUREMENT_REPORT,
        code(codes.LANGUAGE, _ENGLISH, _MODIFIER),
        *observer_items(report.observer),
        code(codes.PROCEDURE_REPORTED, procedure_reported(report.view, sides), _MODIFIER),
        library_item(report),
        container(codes.IMAGING_MEASUREMENTS, *groups),
        context_item(report),
        lookback_item(report),
        template="1500",
    )
    return root._replace(relation=None)


@dataclass(frozen=True, slots=True)
class _Writing:
    """What all groups of a document share; `key` tells its tracking UIDs from others'."""

    report: Report
    options: Options
    key: str

    @property
    def tracked_as(self) -> str:
        """What tracking UIDs follow from: a lesion keeps its own in all versions of a report."""
        return self.report.tracked_as(self.key)

    @property
    def shapes(self) -> Shapes:
        images = self.report.subject.images
        classes = {i.instance.sop_instance_uid: i.instance.sop_class_uid for i in images}
        # A viewer that makes a line its own prefers one in space, and asks nobody for its slice.
        has_space = self.options.receiver.has_space and not can_be_redrawn(
            self.report, self.options
        )
        return Shapes(classes, self.options.receiver.source_image, has_space=has_space)

    def own_uid(self, side: Side, what: str) -> str:
        """What a lesion is known by in all versions of this report."""
        return derive_uid("tracking", self.tracked_as, side, what)

    def tracking_uid(self, side: Side, what: str) -> Item:
        return uidref(codes.TRACKING_UID, self.own_uid(side, what))

    def identified(self, group: Item, side: Side, what: str) -> Item:
        """A group with Observation UIDs, which the first form did not have."""
        is_first = self.report.form == FIRST_FORM
        return group if is_first else identify(group, self.own_uid(side, what))

    def hip_tracking_uid(self, side: Side) -> Item:
        """That of the hip's own group: of a hip with an earlier report, the one that it has there."""
        prior = self.report.prior_of(side)
        if prior is None:
            return self.tracking_uid(side, _HIP)
        return uidref(codes.TRACKING_UID, prior.tracking_uid)

    def time_point(self, side: Side) -> Item | None:
        is_compared = self.report.prior_of(side) is not None
        return time_point_item(self.report.subject.study.date) if is_compared else None

    def hydrates(self, kind: RegionKind, length: Length | None) -> bool:
        """Whether a viewer is to make the line of a group its own."""
        return can_be_redrawn(self.report, self.options) and can_be_edited(kind, length)


class _Words(NamedTuple):
    """What viewers show of a group: its tracking identifier and its comment."""

    tracking: str
    comment: str


def _editable(words: _Words, label: str, form: str) -> _Words:
    """The words of a line that a viewer makes its own; the first form left grade and length in them."""
    if form == FIRST_FORM:
        return _Words(editable_tracking(words.tracking), words.comment)
    return _Words(editable_tracking(label), label)


def _hip_groups(graded: GradedHip, report: Report, options: Options, key: str) -> tuple[Item, ...]:
    """All groups of a hip; `key` tells its tracking UIDs from those of other documents."""
    writing = _Writing(report, options, key)
    drawn = hip_region(graded.hip, report)
    first = 1 if drawn.kind in OF_GAP else 2
    islands = enumerate(drawn_islands(graded.hip), start=1)
    side = graded.hip.side
    return (
        writing.identified(_hip_group(graded, drawn, writing), side, _HIP),
        *(
            writing.identified(
                _island_group(number, island, side, writing), side, _ISLAND.format(number=number)
            )
            for number, island in islands
            if number >= first
        ),
    )


def _hip_group(graded: GradedHip, drawn: Drawn, writing: _Writing) -> Item:
    hip = graded.hip
    length = hip.gap if drawn.kind in OF_GAP else _first_drawn_length(hip)
    words = _Words(hip_tracking(graded, drawn.kind), hip_comment(graded))
    if writing.hydrates(drawn.kind, length):
        words = _editable(words, line_label(hip.side, drawn.kind), writing.report.form)
    return container(
        codes.MEASUREMENT_GROUP,
        text(codes.TRACKING_IDENTIFIER, words.tracking, _CONTEXT),
        writing.hip_tracking_uid(hip.side),
        writing.time_point(hip.side),
        *_finding(hip, writing),
        _site(hip.side),
        *algorithm_items(writing.report.observer),
        *_region_items(drawn, writing.shapes),
        *_lengths(hip, drawn, writing.shapes),
        *hip_answers(graded, drawn.kind, writing.report.form),
        text(codes.COMMENT, words.comment),
        found_item(hip, writing.shapes),
        template="1410",
    )


def _finding(hip: Hip, writing: _Writing) -> list[Item]:
    """Ossification as the finding where it is there: receivers count findings, and ask no further."""
    ossification = codes.HETEROTOPIC_OSSIFICATION[writing.options.terminology]
    if hip.presence is not Presence.PRESENT and writing.report.form != FIRST_FORM:
        return [
            code(codes.FINDING, _NO_FINDING[hip.presence]),
            code(codes.LOOKED_FOR, ossification),
        ]
    category = code(codes.FINDING_CATEGORY, codes.MORPHOLOGICALLY_ABNORMAL)
    return [category, code(codes.FINDING, ossification)]


def _island_group(number: int, island: Island, side: Side, writing: _Writing) -> Item:
    drawn = island_region(island)
    words = _Words(island_tracking(number, side), island_comment(number, island, side))
    if writing.hydrates(drawn.kind, island.length):
        words = _editable(words, line_label(side, drawn.kind, number), writing.report.form)
    return container(
        codes.MEASUREMENT_GROUP,
        text(codes.TRACKING_IDENTIFIER, words.tracking, _CONTEXT),
        writing.tracking_uid(side, _ISLAND.format(number=number)),
        code(codes.FINDING_CATEGORY, codes.MORPHOLOGICALLY_ABNORMAL),
        code(codes.FINDING, codes.ISLAND_OF_BONE),
        _site(side),
        *algorithm_items(writing.report.observer),
        *_region_items(drawn, writing.shapes),
        *_drawn_length(island, writing.shapes),
        *island_sites(island),
        text(codes.COMMENT, words.comment),
        template="1410",
    )


def _first_drawn_length(hip: Hip) -> Length | None:
    return next((island.length for island in drawn_islands(hip)), None)


def _site(side: Side) -> Item:
    return code(codes.FINDING_SITE, codes.HIP_JOINT, _MODIFIER).having(
        code(codes.LATERALITY, SIDE_CODES[side], _MODIFIER)
    )


def _region_items(drawn: Drawn, shapes: Shapes) -> tuple[Item, ...]:
    shape = drawn.shape
    region = shapes.outline(shape) if isinstance(shape, Polygon) else shapes.line(shape)
    kind = code(codes.REGION, REGION_CODES[drawn.kind])
    purposes = {
        RegionKind.FRAME: (code(codes.GEOMETRIC_PURPOSE, codes.BOUNDED_BY),),
        RegionKind.ISLAND_OUTLINE: (code(codes.GEOMETRIC_PURPOSE, codes.OUTLINE),),
    }
    return (*purposes.get(drawn.kind, ()), region, kind)


def _lengths(hip: Hip, drawn: Drawn, shapes: Shapes) -> list[Item]:
    """The NUMs of a hip: the one that is drawn first, since viewers take the first."""
    items: list[Item | None] = []
    if drawn.kind in OF_ISLANDS:
        items += _drawn_length(drawn_islands(hip)[0], shapes)
    if hip.gap is not None:
        items.append(length_item(codes.DISTANCE, hip.gap, shapes, *_GAP_MODIFIERS))
    if hip.gap_lateral is not None:
        items.append(
            length_item(codes.GAP_LATERAL, hip.gap_lateral, shapes)
            or _bare_line(codes.GAP_LATERAL_LINE, hip.gap_lateral, shapes)
        )
        items.append(seen_line(LATERAL_SEEN, hip.gap_lateral, shapes))
    if hip.calibration is not None:
        size = num(codes.CALIBRATION_OBJECT, hip.calibration.true_mm, codes.MILLIMETER)
        items.append(size.having(*shapes.ends(hip.calibration.line)))
    items += [
        _undrawn_length(island, island.length, shapes)
        for island in hip.islands or ()
        if island.length is not None and not is_drawn(island)
    ]
    return [item for item in items if item is not None]


def _undrawn_length(island: Island, length: Length, shapes: Shapes) -> Item | None:
    item = length_item(codes.ISLAND_LENGTH, length, shapes)
    return item and item.having(*island_sites(island, Relation.HAS_PROPERTIES))


def _drawn_length(island: Island, shapes: Shapes) -> tuple[Item | None, ...]:
    if island.length is None:
        return ()
    number = length_item(codes.LONG_AXIS, island.length, shapes)
    if island.region is None:
        return (number,)
    if number is None:
        return (_bare_line(codes.ISLAND_LINE, island.length, shapes),)
    return number, seen_line(ISLAND_SEEN, island.length, shapes)


def _bare_line(name: Code, length: Length, shapes: Shapes) -> Item | None:
    """A line that gave no millimetres and is not the region of its group."""
    return None if length.line is None else shapes.line(length.line)._replace(name=name)
