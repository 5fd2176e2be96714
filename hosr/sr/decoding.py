"""A measurement report back to the Report it was made from.

A reader that passes over what it does not know would make another report of a changed document:
one grade fewer, or no bridging. So what was read here is written again and compared, in `alterations`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from hosr import codes
from hosr.codes import Code
from hosr.comparison import flag_comparisons
from hosr.composite import read_referenced
from hosr.dicom.structure import UnusableFile
from hosr.findings import Calibration, Hip, Island, Length, Line, Mass, Probabilities, Spurs
from hosr.priors import Lookback
from hosr.report import GradedHip, Report, Subject, places
from hosr.scales import SCALES
from hosr.scales.scale import Grade, Scale, Setting
from hosr.sr.content import read_item
from hosr.sr.context import read_context, read_observer, read_overrides, read_view
from hosr.sr.items import Item, read_choice, read_choices, read_number, read_numbers, read_string
from hosr.sr.labels import OF_GAP, PROJECTIONS, REGION_CODES, RegionKind, is_editable
from hosr.sr.lengths import (
    ISLAND_SEEN,
    LATERAL_SEEN,
    read_length,
    read_line,
    read_place,
    read_polygon,
    read_seen_line,
)
from hosr.sr.library import read_images
from hosr.sr.lookbacks import pertinent_of, read_lookbacks, read_side
from hosr.sr.measurement import content_key, measurement_instance
from hosr.sr.receivers import PROFILES, Options
from hosr.sr.signing import read_datetime, read_signing
from hosr.study import Instance, Patient, SourceStudy, read_date
from hosr.version import FORMS
from hosr.vocabulary.flags import FLAG_CODES
from hosr.vocabulary.terms import (
    BRIDGING_BASIS_CODES,
    BRIDGING_CODES,
    CONTRAST_CODES,
    FEATURES,
    GAP_CLASS_CODES,
    PRESENCE_CODES,
    SEEN_CODES,
    SITE_CODES,
    STAGE_CODES,
    YES_NO_CODES,
    Presence,
    Side,
    Site,
)

_PRESENCES: dict[Presence | None, Code] = {
    **dict(PRESENCE_CODES.items()),
    None: codes.UNKNOWN,
}
_CONDITIONS = (codes.FINDING, codes.LOOKED_FOR)


AS_WRITTEN = "give a file as hosr wrote it"


def decode_dataset(dataset: Dataset) -> tuple[Report, Options]:
    """The report, and the options that it was written with.

    Raises `UnusableFile` where the dataset was changed in a known way, and `ValueError`, `TypeError`,
    `KeyError`, `AttributeError` or `LookupError` where it is otherwise not what hosr writes; the
    caller says so in words.
    """
    form = str(dataset.get("SoftwareVersions", ""))
    if form not in FORMS:
        problem = f"is of a form that this hosr does not know ({form[:16] or 'none'})"
        raise UnusableFile(problem, "read it with the hosr that wrote it, or a newer one")
    require_one_study(dataset)
    root = read_item(dataset)
    report = _read_report(dataset, root)
    require_sound(report)
    return report, _settle(_read_options(root, str(dataset.SOPClassUID)), report, dataset)


def _read_report(dataset: Dataset, root: Item) -> Report:
    evidence = _read_evidence(dataset)
    series_of = {each.sop_instance_uid: each.series_instance_uid for each in evidence}
    images = read_images(root, series_of)
    spoken_of = {image.instance for image in images}
    evaluations = _required(root, codes.QUALITATIVE_EVALUATIONS)
    groups = list(_required(root, codes.IMAGING_MEASUREMENTS).find(codes.MEASUREMENT_GROUP))
    study = read_study(dataset)
    setting = Setting(
        observer=read_observer(root, groups[0]),
        view=read_view(evaluations),
        context=read_context(evaluations),
        study_date=read_date(study.date),
    )
    return Report(
        subject=Subject(
            patient=read_patient(dataset),
            study=study,
            images=images,
            examined=tuple(sorted(set(evidence) - spoken_of)),
        ),
        observer=setting.observer,
        graded_at=read_datetime(str(dataset.ObservationDateTime)),
        view=setting.view,
        context=setting.context,
        form=str(dataset.SoftwareVersions),
        conclusion=read_string(evaluations, codes.CONCLUSION),
        incomplete=read_string(evaluations, codes.INCOMPLETE),
        overrides=read_overrides(evaluations),
        signing=read_signing(evaluations, dataset),
        lookbacks=_read_lookbacks(dataset, root),
        hips=tuple(
            _read_hip(list(members), setting) for _, members in groupby(groups, key=read_side)
        ),
    )


def _required(item: Item, name: Code) -> Item:
    found = item.first(name)
    if found is None:
        raise ValueError(f"{name.meaning} is missing")
    return found


def _read_evidence(dataset: Dataset) -> tuple[Instance, ...]:
    studies = dataset.CurrentRequestedProcedureEvidenceSequence
    return tuple(read_referenced(studies))


def _read_lookbacks(dataset: Dataset, root: Item) -> tuple[Lookback, ...]:
    """What is said of earlier reports; raises UnusableFile where the evidence is of others."""
    stated = {
        str(study.StudyInstanceUID): tuple(read_referenced([study]))
        for study in dataset.get("PertinentOtherEvidenceSequence") or ()
    }
    known = {each.sop_instance_uid: each for instances in stated.values() for each in instances}
    lookbacks = read_lookbacks(root, known)
    if dict(pertinent_of(lookbacks)) != stated:
        raise UnusableFile("names other evidence of earlier studies than its content", AS_WRITTEN)
    return lookbacks


def read_hip_tracking(root: Item) -> Iterator[tuple[Side, str]]:
    """The tracking UID of the group that is each hip's own."""
    for group in _required(root, codes.IMAGING_MEASUREMENTS).find(codes.MEASUREMENT_GROUP):
        if group.first(codes.EVALUABLE):
            yield read_side(group), read_string(group, codes.TRACKING_UID)


def read_patient(dataset: Dataset) -> Patient:
    """Who was examined, as a header says."""
    return Patient(
        name=_header(dataset, "PatientName"),
        patient_id=_header(dataset, "PatientID"),
        issuer=_header(dataset, "IssuerOfPatientID"),
        birth_date=_header(dataset, "PatientBirthDate"),
        sex=_header(dataset, "PatientSex"),
    )


def read_study(dataset: Dataset) -> SourceStudy:
    """The study and its order, as a header says."""
    request = (dataset.get("ReferencedRequestSequence") or [Dataset()])[0]
    return SourceStudy(
        study_instance_uid=str(dataset.StudyInstanceUID),
        study_id=_header(dataset, "StudyID"),
        date=_header(dataset, "StudyDate"),
        time=_header(dataset, "StudyTime"),
        accession_number=_header(dataset, "AccessionNumber"),
        referring_physician=_header(dataset, "ReferringPhysicianName"),
        description=_header(dataset, "StudyDescription"),
        timezone_offset=_header(dataset, "TimezoneOffsetFromUTC"),
        requested_procedure_id=_header(request, "RequestedProcedureID"),
        requested_procedure_description=_header(request, "RequestedProcedureDescription"),
        placer_order_number=_header(request, "PlacerOrderNumberImagingServiceRequest"),
        filler_order_number=_header(request, "FillerOrderNumberImagingServiceRequest"),
    )


def _header(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    if isinstance(value, MultiValue):
        raise TypeError(f"{keyword} has several values")
    return "" if value is None else str(value)


def _read_hip(groups: list[Item], setting: Setting) -> GradedHip:
    own, *others = groups
    _require_one_own(own, others)
    kind = _read_kind(own)
    region = _required(own, codes.IMAGE_REGION)
    hip = Hip(
        side=read_side(own),
        evaluable=read_choice(own, codes.EVALUABLE, YES_NO_CODES) is not False,
        not_evaluable_reason=read_string(own, codes.NOT_EVALUABLE_REASON),
        presence=read_choice(own, codes.PRESENCE, _PRESENCES),
        islands=_read_islands(own, kind, others),
        spurs=Spurs(
            pelvis=read_choice(own, codes.SPUR_PELVIS, SEEN_CODES),
            femur=read_choice(own, codes.SPUR_FEMUR, SEEN_CODES),
        ),
        gap=_read_gap(own, _read_region_line(region, kind) if kind in OF_GAP else None),
        gap_lateral=_read_gap_lateral(own),
        bridging=read_choice(own, codes.BRIDGING, BRIDGING_CODES),
        bridging_basis=read_choice(own, codes.BRIDGING_BASIS, BRIDGING_BASIS_CODES),
        sites=read_choices(own, codes.SITE, SITE_CODES),
        hardware_nearby=read_choice(own, codes.HARDWARE_NEARBY, SEEN_CODES),
        mass=_read_mass(own),
        stage=read_choice(own, codes.STAGE, STAGE_CODES),
        features=read_choices(own, codes.FEATURE, {key: f.code for key, f in FEATURES.items()}),
        source_grades=_read_source_grades(own),
        probabilities=_read_probabilities(own),
        calibration=_read_calibration(own),
        place=read_place(region),
        comment=read_string(own, codes.REMARK),
    )
    return GradedHip(
        hip=hip,
        grades=tuple(
            _read_grade(scale, own) for scale in SCALES.values() if own.first(scale.rule_concept)
        ),
        flags=read_choices(own, codes.FLAG, FLAG_CODES),
        setting=setting,
    )


def _require_one_own(own: Item, others: list[Item]) -> None:
    """The first group of a side is that of the hip, the others are islands."""
    if not own.first(codes.EVALUABLE) or any(g.first(codes.EVALUABLE) for g in others):
        raise ValueError("the groups of a hip are out of order")


def _read_kind(group: Item) -> RegionKind:
    kind = read_choice(group, codes.REGION, REGION_CODES)
    if kind is None:
        raise ValueError("a group does not say what its region shows")
    return kind


def _read_region_line(region: Item, kind: RegionKind) -> Line:
    return read_line((region,), is_projected=kind in PROJECTIONS)


def _read_gap(group: Item, line: Line | None) -> Length | None:
    gap_class = read_choice(group, codes.GAP_CLASS, GAP_CLASS_CODES)
    return read_length(group.first(codes.DISTANCE, "NUM"), gap_class, line)


def _read_gap_lateral(group: Item) -> Length | None:
    gap_class = read_choice(group, codes.GAP_LATERAL_CLASS, GAP_CLASS_CODES)
    bare = group.first(codes.GAP_LATERAL_LINE, "SCOORD")
    line = read_seen_line(group, LATERAL_SEEN) if bare is None else read_line((bare,))
    return read_length(group.first(codes.GAP_LATERAL, "NUM"), gap_class, line)


def _read_islands(own: Item, kind: RegionKind, others: list[Item]) -> tuple[Island, ...] | None:
    drawn = others if kind in (*OF_GAP, RegionKind.FRAME) else [own, *others]
    islands = [_read_island(group) for group in drawn]
    islands += [
        Island(length=read_length(item), sites=_read_island_sites(item))
        for item in own.find(codes.ISLAND_LENGTH, "NUM")
    ]
    seen = read_choices(own, codes.ISLANDS, SEEN_CODES)
    bare = zip(seen, own.find(codes.ISLANDS), strict=True)
    islands += [Island(sites=_read_island_sites(item)) for answer, item in bare if answer]
    return tuple(islands) if islands or seen else None


def _read_island(group: Item) -> Island:
    region = _required(group, codes.IMAGE_REGION)
    number = group.first(codes.LONG_AXIS, "NUM")
    kind = _read_kind(group)
    if kind is RegionKind.ISLAND_OUTLINE:
        bare = group.first(codes.ISLAND_LINE, "SCOORD")
        line = read_seen_line(group, ISLAND_SEEN) if bare is None else read_line((bare,))
        return Island(
            length=read_length(number, line=line),
            region=read_polygon(region),
            sites=_read_island_sites(group),
        )
    line = _read_region_line(region, kind)
    return Island(length=read_length(number, line=line), sites=_read_island_sites(group))


def _read_island_sites(item: Item) -> tuple[Site, ...]:
    return read_choices(item, codes.ISLAND_SITE, SITE_CODES)


def _read_mass(group: Item) -> Mass | None:
    item = group.first(codes.MASS)
    if item is None:
        return None
    return Mass(
        sizes_mm=read_numbers(item, codes.MASS_SIZE),
        contrast=read_choice(item, codes.MASS_CONTRAST, CONTRAST_CODES),
    )


def _read_source_grades(group: Item) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = (
        (key, _read_grades(group, scale, scale.source_concept)) for key, scale in SCALES.items()
    )
    return tuple((key, grades) for key, grades in found if grades)


def _read_grades(group: Item, scale: Scale, name: Code) -> tuple[str, ...]:
    return read_choices(group, name, {grade: scale.code(grade) for grade in scale.grades})


def _read_grade(scale: Scale, group: Item) -> Grade:
    return Grade(
        scale=scale.key,
        possible=_read_grades(group, scale, scale.possible_concept),
        rule=read_string(group, scale.rule_concept),
        source=_read_grades(group, scale, scale.source_concept),
    )


def _read_probabilities(group: Item) -> tuple[Probabilities, ...]:
    given = []
    for key, scale in SCALES.items():
        grades = _read_grades(group, scale, scale.model_concept)
        items = tuple(group.find(scale.model_concept))
        if grades:
            scores, at_least = (
                _read_scores(grades, items, name)
                for name in (codes.GRADE_PROBABILITY, codes.GRADE_AT_LEAST)
            )
            given.append(Probabilities(scale=key, scores=scores, cumulative=at_least))
    return tuple(given)


def _read_scores(
    grades: tuple[str, ...], items: Sequence[Item], name: Code
) -> tuple[tuple[str, float], ...]:
    found = zip(grades, (read_number(item, name) for item in items), strict=True)
    return tuple((grade, score) for grade, score in found if score is not None)


def _read_calibration(group: Item) -> Calibration | None:
    size = group.first(codes.CALIBRATION_OBJECT)
    true_mm = read_number(group, codes.CALIBRATION_OBJECT)
    if size is None or true_mm is None:
        return None
    return Calibration(line=read_line(size.children), true_mm=true_mm)


def require_one_study(dataset: Dataset) -> None:
    """Raise UnusableFile where the evidence of the study is that of another one than the header's."""
    evidence = dataset.CurrentRequestedProcedureEvidenceSequence
    if {str(study.StudyInstanceUID) for study in evidence} != {str(dataset.StudyInstanceUID)}:
        raise UnusableFile("names another study than that of its images", AS_WRITTEN)


def require_sound(report: Report) -> None:
    """Raise `ValueError` where a report could not have been assembled from any reading."""
    sides = [graded.hip.side for graded in report.hips]
    if sides not in ([Side.RIGHT], [Side.LEFT], [Side.RIGHT, Side.LEFT]):
        raise ValueError("each side stands once, the right one first")
    frames = {i.instance.sop_instance_uid: i.frames for i in report.subject.images}
    if flag_comparisons(report) != report:
        raise ValueError("flags do not follow from the comparison")
    for place in (place for graded in report.hips for place in places(graded.hip)):
        if not 1 <= (place.frame or 1) <= frames.get(place.sop_instance_uid, 0):
            raise ValueError("a mark lies on none of the images")


def _read_options(root: Item, sop_class_uid: str) -> Options:
    profiles = {profile.sop_class_uid: name for name, profile in PROFILES.items()}
    terms = {code.key: name for name, code in codes.HETEROTOPIC_OSSIFICATION.items()}
    groups = [g for m in root.find(codes.IMAGING_MEASUREMENTS) for g in m.children]
    findings = [f.value for g in groups for name in _CONDITIONS for f in g.find(name)]
    tracking = [t.value for g in groups for t in g.find(codes.TRACKING_IDENTIFIER)]
    return Options(
        profile=profiles[sop_class_uid],
        hydrate=any(is_editable(str(words)) for words in tracking),
        terminology=next(terms[f.key] for f in findings if isinstance(f, Code) and f.key in terms),
    )


def _settle(options: Options, report: Report, dataset: Dataset) -> Options:
    """The options with `hydrate` where the UID says so: it leaves no mark where nothing is editable."""
    other = replace(options, hydrate=True)
    instance = measurement_instance(content_key(report, other), other)
    return other if instance.sop_instance_uid == str(dataset.SOPInstanceUID) else options
