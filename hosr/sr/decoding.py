"""A measurement report back to the Report it was made from.

A reader that passes over what it does not know would make another report of a changed document:
one grade fewer, or no bridging. So what was read here is written again and compared, in `alterations`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from hosr import codes
from hosr.codes import Code
from hosr.comparison import flag_comparisons
from hosr.composite import read_referenced
from hosr.dicom.structure import UnusableFile
from hosr.priors import Lookback
from hosr.report import Report, Subject, places
from hosr.scales.scale import Setting
from hosr.sr.content import read_item
from hosr.sr.context import read_context, read_observer, read_overrides, read_view
from hosr.sr.hip_decoding import read_hip, required
from hosr.sr.items import Item, read_string
from hosr.sr.labels import is_editable
from hosr.sr.library import read_images
from hosr.sr.lookbacks import pertinent_of, read_lookbacks, read_side
from hosr.sr.measurement import content_key, measurement_instance
from hosr.sr.receivers import PROFILES, Options
from hosr.sr.signing import read_datetime, read_preliminaries, read_signing
from hosr.study import Instance, Patient, SourceStudy, read_date
from hosr.version import FORMS
from hosr.vocabulary.terms import Side

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
    evaluations = required(root, codes.QUALITATIVE_EVALUATIONS)
    groups = list(required(root, codes.IMAGING_MEASUREMENTS).find(codes.MEASUREMENT_GROUP))
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
        preliminaries=read_preliminaries(evaluations, dataset),
        hips=tuple(
            read_hip(list(members), setting) for _, members in groupby(groups, key=read_side)
        ),
    )


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
    for group in required(root, codes.IMAGING_MEASUREMENTS).find(codes.MEASUREMENT_GROUP):
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
