"""What earlier reports say of the hips, in the content of a measurement report, and back.

Facts of an earlier report are read back; the judgement is written for receivers and follows from them,
so that a file of which the two disagree is not what hosr writes. Heading and item are of CID 7001 and
7002, the reference to the earlier report is of CID 3407, time points are of TID 1502.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from hosr import codes
from hosr.codes import hosr_code
from hosr.comparison import Comparison, Obstacle, SpaceChange, Verdict, compare_hips
from hosr.findings import IndexEvent
from hosr.priors import Lookback, PassedOver, Passing, PriorHip, PriorReport
from hosr.report import Report
from hosr.scales import SCALES
from hosr.sr.context import (
    algorithm_items,
    event_item,
    observer_items,
    read_event,
    read_observer,
    read_view,
)
from hosr.sr.items import (
    Item,
    Reference,
    Relation,
    code,
    composite,
    container,
    date,
    image,
    num,
    read_choice,
    read_choices,
    read_number,
    read_string,
    text,
    uidref,
)
from hosr.sr.lengths import Shapes, length_item, read_length
from hosr.sr.signing import STEP_CODES, read_signature, signature_item
from hosr.study import Instance, read_date
from hosr.vocabulary.terms import (
    BRIDGING_CODES,
    EVENT_CODES,
    GAP_CLASS_CODES,
    PRESENCE_CODES,
    SIDE_CODES,
    STAGE_CODES,
    VIEW_CODES,
    YES_NO_CODES,
    Side,
)

VERDICT_CODES = {
    Verdict.BEYOND: hosr_code("HO-CV-BEYOND", "Beyond the measurement variation"),
    Verdict.WITHIN: hosr_code("HO-CV-WITHIN", "Within the measurement variation"),
    Verdict.NOT_COMPARABLE: hosr_code("HO-CV-NONE", "Not comparable"),
}
OBSTACLE_CODES = {
    Obstacle.EVENT: hosr_code("HO-CO-EVENT", "An event lies between the two studies"),
    Obstacle.UNDATED_EVENT: hosr_code("HO-CO-UNDATED", "An event without a date may lie between"),
    Obstacle.VIEW: hosr_code("HO-CO-VIEW", "Other view"),
    Obstacle.BRIDGED_THEN: hosr_code("HO-CO-BRIDGE-1", "Bone bridged the joint then"),
    Obstacle.BRIDGED_NOW: hosr_code("HO-CO-BRIDGE-2", "Bone bridges the joint now"),
    Obstacle.TOUCHING_THEN: hosr_code("HO-CO-TOUCH-1", "Bone surfaces touched then"),
    Obstacle.TOUCHING_NOW: hosr_code("HO-CO-TOUCH-2", "Bone surfaces touch now"),
    Obstacle.NOT_MEASURED_THEN: hosr_code("HO-CO-NO-MM-1", "No millimetres then"),
    Obstacle.NOT_MEASURED_NOW: hosr_code("HO-CO-NO-MM-2", "No millimetres now"),
    Obstacle.CALIBRATION: hosr_code("HO-CO-CALIB", "Other calibration"),
    Obstacle.MANNER: hosr_code("HO-CO-MANNER", "Manner of calibration not stated"),
}
PASSING_CODES = {
    Passing.DRAFT: hosr_code("HO-PA-DRAFT", "Nobody signed it"),
    Passing.FORK: hosr_code("HO-PA-FORK", "Two versions in the place of one"),
    Passing.OTHER_HIP: hosr_code("HO-PA-OTHER-HIP", "It is of the other hip alone"),
}

_CONTEXT, _MODIFIER = Relation.HAS_OBS_CONTEXT, Relation.HAS_CONCEPT_MOD
_CONTAINS, _PROPERTIES = Relation.CONTAINS, Relation.HAS_PROPERTIES
# Nothing is drawn here: the images are those of then.
_NOWHERE = Shapes({}, codes.SOURCE)


def lookback_item(report: Report) -> Item | None:
    """The comparisons of a report; None where it is compared with nothing."""
    if not report.lookbacks:
        return None
    compared = {each.side: each for each in compare_hips(report)}
    items = (_lookback_item(each, compared.get(each.side)) for each in report.lookbacks)
    return container(codes.COMPARISON_HEADING, *items)


def time_point_item(day: str) -> Item | None:
    """Which time point of the patient something is of: the day of the study, where that is known.

    A measurement group has no number of it: OHIF prints the first number of a group beside its line.
    """
    date_of = read_date(day)
    return None if date_of is None else text(codes.TIME_POINT, date_of.isoformat(), _CONTEXT)


def pertinent_evidence(report: Report) -> tuple[tuple[str, tuple[Instance, ...]], ...]:
    """The documents and images of earlier studies that a report refers to, by Study Instance UID."""
    return pertinent_of(report.lookbacks)


def pertinent_of(lookbacks: Iterable[Lookback]) -> tuple[tuple[str, tuple[Instance, ...]], ...]:
    """The same of what earlier reports say."""
    found: dict[str, set[Instance]] = {}
    for lookback in lookbacks:
        if lookback.compared is not None:
            prior = lookback.compared.report
            found.setdefault(prior.study_instance_uid, set()).update(prior.documents, prior.images)
        for passed in lookback.passed_over:
            found.setdefault(passed.study_instance_uid, set()).update(passed.documents)
    return tuple((uid, tuple(sorted(instances))) for uid, instances in sorted(found.items()))


def _lookback_item(lookback: Lookback, compared: Comparison | None) -> Item:
    return container(
        codes.PREVIOUS_FINDING,
        code(codes.FINDING_SITE, codes.HIP_JOINT, _MODIFIER).having(
            code(codes.LATERALITY, SIDE_CODES[lookback.side], _MODIFIER)
        ),
        *(() if compared is None else (*_facts(compared.prior), *_judgement(compared))),
        *map(_passed_item, lookback.passed_over),
    )


def _facts(prior: PriorHip) -> Iterator[Item | None]:
    report = prior.report
    modality = codes.MODALITIES.get(report.modality)
    yield from observer_items(report.observer)
    yield from algorithm_items(report.observer)
    yield time_point_item(report.study_date)
    yield num(codes.TIME_POINT_ORDER, report.time_point, codes.NO_UNITS, _CONTEXT)
    yield uidref(codes.TRACKING_UID, prior.tracking_uid)
    yield from map(_document, report.documents)
    yield uidref(codes.PRIOR_STUDY, report.study_instance_uid, _CONTAINS)
    yield date(codes.STUDY_DATE, report.study_date, _CONTAINS)
    yield text(codes.PRIOR_PATIENT_ID, report.formerly) if report.formerly else None
    yield None if modality is None else code(codes.MODALITY, modality)
    yield code(codes.VIEW, VIEW_CODES[report.view])
    for instance in report.images:
        reference = Reference(instance.sop_class_uid, instance.sop_instance_uid)
        yield image(codes.PRIOR_IMAGE, reference, _CONTAINS)
    yield code(codes.REPORT_STATUS, STEP_CODES[report.step])
    yield signature_item(report.signature, _CONTAINS)
    yield from _findings(prior)


def _document(instance: Instance) -> Item:
    reference = Reference(instance.sop_class_uid, instance.sop_instance_uid)
    return composite(codes.PRIOR_REPORT, reference)


def _findings(prior: PriorHip) -> Iterator[Item | None]:
    for key, grades in prior.grades:
        scale = SCALES[key]
        yield from (code(scale.concept, scale.code(grade)) for grade in grades)
    if prior.presence is not None:
        yield code(codes.PRESENCE, PRESENCE_CODES[prior.presence])
    if prior.bridging is not None:
        yield code(codes.BRIDGING, BRIDGING_CODES[prior.bridging])
    if prior.stage is not None:
        yield code(codes.STAGE, STAGE_CODES[prior.stage])
    if prior.gap is not None:
        yield length_item(codes.DISTANCE, prior.gap, _NOWHERE)
        if prior.gap.gap_class is not None:
            yield code(codes.GAP_CLASS, GAP_CLASS_CODES[prior.gap.gap_class])
    if prior.object_mm is not None:
        yield num(codes.CALIBRATION_OBJECT, prior.object_mm, codes.MILLIMETER)
    yield None if prior.event is None else event_item(prior.event, None)


def _judgement(compared: Comparison) -> Iterator[Item | None]:
    for event in (*compared.events, *compared.undated):
        yield code(codes.EVENT_BETWEEN, EVENT_CODES[event.procedure])
    if compared.space is not None:
        yield _space_item(compared.space)
    if compared.is_reading_variation:
        yield code(codes.READING_VARIATION, YES_NO_CODES[True])


def _space_item(space: SpaceChange) -> Item:
    told = (
        (codes.SPACE_CHANGE, space.change_mm),
        (codes.SPACE_VARIATION, space.variation_mm),
    )
    return code(codes.SPACE_COMPARED, VERDICT_CODES[space.verdict]).having(
        *(num(name, mm, codes.MILLIMETER, _PROPERTIES) for name, mm in told if mm is not None),
        *(code(codes.NOT_COMPARABLE_FOR, OBSTACLE_CODES[o], _PROPERTIES) for o in space.obstacles),
    )


def _passed_item(passed: PassedOver) -> Item:
    return container(
        codes.PASSED_OVER,
        code(codes.PASSED_FOR, PASSING_CODES[passed.why]),
        *map(_document, passed.documents),
        uidref(codes.PRIOR_STUDY, passed.study_instance_uid, _CONTAINS),
        date(codes.STUDY_DATE, passed.study_date, _CONTAINS),
    )


def read_lookbacks(root: Item, pertinent: Mapping[str, Instance]) -> tuple[Lookback, ...]:
    """What a document says of earlier reports; `pertinent` are what it rests on, by SOP Instance UID."""
    heading = root.first(codes.COMPARISON_HEADING)
    items = () if heading is None else heading.find(codes.PREVIOUS_FINDING)
    return tuple(_read_lookback(item, pertinent) for item in items)


def _read_lookback(item: Item, pertinent: Mapping[str, Instance]) -> Lookback:
    return Lookback(
        side=read_side(item),
        compared=_read_prior(item, pertinent) if item.first(codes.REPORT_STATUS) else None,
        passed_over=tuple(_read_passed(each, pertinent) for each in item.find(codes.PASSED_OVER)),
    )


def read_side(item: Item) -> Side:
    """The side of the finding site. Raises `ValueError` where there is none."""
    site = item.first(codes.FINDING_SITE)
    side = None if site is None else read_choice(site, codes.LATERALITY, SIDE_CODES)
    if side is None:
        raise ValueError("a group has no side")
    return side


def _read_prior(item: Item, pertinent: Mapping[str, Instance]) -> PriorHip:
    gap_class = read_choice(item, codes.GAP_CLASS, GAP_CLASS_CODES)
    return PriorHip(
        report=_read_report(item, pertinent),
        grades=tuple(_read_grades(item)),
        presence=read_choice(item, codes.PRESENCE, PRESENCE_CODES),
        bridging=read_choice(item, codes.BRIDGING, BRIDGING_CODES),
        stage=read_choice(item, codes.STAGE, STAGE_CODES),
        gap=read_length(item.first(codes.DISTANCE, "NUM"), gap_class),
        object_mm=read_number(item, codes.CALIBRATION_OBJECT),
        event=_read_index_event(item),
        tracking_uid=read_string(item, codes.TRACKING_UID),
    )


def _read_report(item: Item, pertinent: Mapping[str, Instance]) -> PriorReport:
    step = read_choice(item, codes.REPORT_STATUS, STEP_CODES)
    if step is None:
        raise ValueError("an earlier report has no status")
    return PriorReport(
        study_instance_uid=read_string(item, codes.PRIOR_STUDY),
        study_date=read_string(item, codes.STUDY_DATE),
        documents=_read_instances(item, "COMPOSITE", pertinent),
        images=_read_instances(item, "IMAGE", pertinent),
        modality=read_choice(item, codes.MODALITY, codes.MODALITIES) or "",
        view=read_view(item),
        observer=read_observer(item, item),
        step=step,
        signature=read_signature(item),
        time_point=int(read_number(item, codes.TIME_POINT_ORDER) or 0),
        formerly=read_string(item, codes.PRIOR_PATIENT_ID),
    )


def _read_instances(
    item: Item, value_type: str, pertinent: Mapping[str, Instance]
) -> tuple[Instance, ...]:
    found = (each.value for each in item.children if each.value_type == value_type)
    return tuple(pertinent[each.sop_instance_uid] for each in found if isinstance(each, Reference))


def _read_grades(item: Item) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key, scale in SCALES.items():
        known = {grade: scale.code(grade) for grade in scale.grades}
        grades = read_choices(item, scale.concept, known)
        if grades:
            yield key, grades


def _read_index_event(item: Item) -> IndexEvent | None:
    procedure = read_choice(item, codes.INDEX_EVENT, EVENT_CODES)
    found = item.first(codes.INDEX_EVENT)
    return None if procedure is None or found is None else read_event(procedure, found)


def _read_passed(item: Item, pertinent: Mapping[str, Instance]) -> PassedOver:
    why = read_choice(item, codes.PASSED_FOR, PASSING_CODES)
    if why is None:
        raise ValueError("nothing says why an earlier report was passed over")
    return PassedOver(
        why=why,
        study_instance_uid=read_string(item, codes.PRIOR_STUDY),
        study_date=read_string(item, codes.STUDY_DATE),
        documents=_read_instances(item, "COMPOSITE", pertinent),
    )
