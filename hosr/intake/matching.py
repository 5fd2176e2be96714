"""Record and images brought together.

The same study, every place found, every line measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeAlias

from hosr.errors import Fault, HosrError, ImagesRefused, RecordRefused
from hosr.findings import Hip, Observer, Place
from hosr.intake.calibrations import compare_calibrations, note_calibration
from hosr.intake.images import Note, SourceImage, SourceImages
from hosr.intake.images.elements import STUDY
from hosr.intake.marks import Placed, measure_hip, place_hip
from hosr.intake.overrides import override_headers
from hosr.intake.record import Record
from hosr.intake.record.refusal import first_of
from hosr.intake.sides import compare_hips, compare_side, note_described_sides
from hosr.phrases import figures, phrase, several
from hosr.report import Reading, Subject, places
from hosr.scales.extent import is_given
from hosr.study import Patient, SourceStudy, is_no_id, is_no_name, read_date
from hosr.vocabulary.terms import VIEW_MODALITIES, Event, ImagingModality, Side, View

_CROSS_SECTIONAL = (ImagingModality.CT, ImagingModality.MR)
_ANTEROPOSTERIOR = {View.AP_PELVIS, View.AP_HIP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A reading of images that are known to be those it is about."""

    subject: Subject
    reading: Reading
    notes: tuple[Note, ...]


UNNAMED = phrase(
    "names neither study, patient, accession number nor image, so it may be of other images"
)


def note_identity(record: Record, path: str = "$.study") -> tuple[Note, ...]:
    """The note on a record that names nothing by which its images are known; none on another."""
    named = (
        record.study_instance_uid,
        None if is_no_id(record.patient_id or "") else record.patient_id,
        None if is_no_name(record.accession_number or "") else record.accession_number,
        *(place.sop_instance_uid for hip in record.hips for place in places(hip)),
        *(length.segment for hip in record.hips for length in hip.lengths),
    )
    return () if any(named) else (Note(path=path, problem=UNNAMED),)


def require_identity(record: Record) -> None:
    """Raise RecordRefused for a record that would take any patient's images."""
    remedy = phrase(
        "fill in study.study_instance_uid, or let it be with --no-require-identity in a batch"
    )
    for note in note_identity(record):
        raise RecordRefused(Fault(note.path, note.problem, remedy))


Measure: TypeAlias = Callable[[Hip, SourceImages, Observer, str, Placed], Hip]


def match(record: Record, source: SourceImages, measure: Measure = measure_hip) -> Matched:
    """The record's findings, placed and measured on the images, by `measure`.

    Raises
    ------
    ImagesRefused
        Where the images are of another study, patient, side or view, or lack one that is named.
    RecordRefused
        Where a mark lies outside its image, cannot be measured, or names no image.
    """
    placed = Placed(image_faults=find_other_subject(record, source))
    overridden = override_headers(record, source, placed.record_faults)
    source = overridden.source
    view = _find_view(record, source, placed)
    notes = [*note_identity(record), *overridden.notes]
    hips = []
    for index, recorded in enumerate(record.hips):
        path = f"$.hips[{index}]"
        before = placed.count
        hip = place_hip(recorded, source, path, placed)
        if placed.count == before:
            if view is not None:
                hip = _with_key_image(hip, source, view, path, placed, notes)
            hip = measure(hip, source, record.observer, path, placed)
            notes += note_calibration(hip, source, path)
        compare_side(hip, source, view, path, placed)
        _compare_lateral(hip, source, path, placed)
        hips.append(hip)
    compare_hips(tuple(hips), source, placed)
    compare_calibrations(tuple(hips), source, placed)
    if view is None or placed.count:
        raise _refusal(placed)
    reading = Reading(
        observer=record.observer,
        graded_at=record.graded_at,
        view=view,
        context=record.context,
        hips=tuple(hips),
        conclusion=record.conclusion,
        incomplete=record.incomplete,
        overrides=overridden.overrides,
    )
    notes += note_described_sides(tuple(hips), source)
    notes += [*note_missing_codes(record), *_note_late_grading(record, source)]
    notes += _note_unsided_event(record)
    notes += _note_small_masses(record)
    return Matched(subject=_subject(source, tuple(hips)), reading=reading, notes=tuple(notes))


def _refusal(placed: Placed) -> HosrError:
    faults = first_of([*placed.record_faults, *placed.image_faults])
    return ImagesRefused(faults) if placed.image_faults else RecordRefused(faults)


def find_other_subject(record: Record, source: SourceImages) -> list[Fault]:
    """What the record asserts of patient and study, against the headers; values are not told."""
    assertions = (
        ("study_instance_uid", record.study_instance_uid, source.study.study_instance_uid),
        ("patient_id", record.patient_id, source.patient.patient_id),
        ("accession_number", record.accession_number, source.study.accession_number),
        # Of images without a date nothing is known that the record could contradict.
        ("date", record.study_date, read_date(source.study.date) or record.study_date),
    )
    remedy = phrase("give the images that were graded, or correct the record")
    return [
        Fault(f"$.study.{name}", phrase("is not that of the images"), remedy)
        for name, asserted, found in assertions
        if asserted is not None and asserted != found
    ]


def _find_view(record: Record, source: SourceImages, placed: Placed) -> View | None:
    """The view of the record, which the headers must not contradict, or else that of the headers."""
    uids = {place.sop_instance_uid for hip in record.hips for place in _places_on_view(hip)}
    named = [image for image in source.images if image.sop_instance_uid in uids]
    if record.view is None:
        families = {image.family for image in named or source.images}
        views = {image.header_view for image in named or source.images} - {None}
        if len(views) == 1 and len(families) == 1:
            return views.pop()
        problem = phrase("no view is given, and the headers do not tell one")
        placed.record_faults.append(
            Fault("$.view", problem, phrase("give one of {views}", views=several(View, "or")))
        )
        return None
    view = record.view
    unfit = [image for image in named if not _may_show(image, view)]
    if not named and not any(_may_show(image, view) for image in source.images):
        unfit = list(source.images)
    if not unfit:
        return view
    placed.image_faults.append(_contradicted(view, unfit))
    return None


def _contradicted(view: View, unfit: Sequence[SourceImage]) -> Fault:
    """The fault of a view that these images do not show."""
    found = several(sorted({image.header_view or image.family or "" for image in unfit}))
    remedy = phrase(
        "correct the view, give the images that were graded, or say in overrides why not"
    )
    problem = phrase('is "{view}", but the image headers say {found}', view=view, found=found)
    if all(map(_is_seen_from_side, unfit)) and view in _ANTEROPOSTERIOR:
        problem = phrase(
            'is "{view}", but by Patient Orientation the image is seen from the side', view=view
        )
    elif all("view" in image.overridden for image in unfit):
        problem = phrase('is "{view}", but the overrides say {found}', view=view, found=found)
        remedy = phrase("correct the view or the overrides")
    return Fault("$.view", problem, remedy)


def _places_on_view(hip: Hip) -> tuple[Place, ...]:
    """Where the hip is marked, the gap on the lateral view left out."""
    return places(replace(hip, gap_lateral=None))


def _may_show(image: SourceImage, view: View) -> bool:
    """Whether a header leaves open that its image shows this view.

    AP views differ only by what the film covers, which headers often misstate.
    """
    if image.family not in (VIEW_MODALITIES[view], None):
        return False
    if view in _ANTEROPOSTERIOR and _is_seen_from_side(image):
        return False
    return image.header_view in (view, None) or {image.header_view, view} == _ANTEROPOSTERIOR


def _is_seen_from_side(image: SourceImage) -> bool:
    """Whether rows or columns run from front to back, and nobody has said that the header is wrong."""
    directions = image.reference.patient_orientation or ()
    return "view" not in image.overridden and any(each[0] in "AP" for each in directions)


def _with_key_image(
    hip: Hip,
    source: SourceImages,
    view: View,
    path: str,
    placed: Placed,
    notes: list[Note],
) -> Hip:
    """The hip with its key image: the one named, marked, only, or in the middle of the series."""
    if hip.place is not None:
        return hip
    marked = _places_on_view(hip)
    if marked:
        return replace(hip, place=marked[0])
    candidates = _candidates(hip.side, source, view)
    if VIEW_MODALITIES[view] in _CROSS_SECTIONAL:
        place = _middle(candidates)
        notes.append(
            Note(
                path=f"{path}.image",
                problem=phrase(
                    "not named; the middle slice {uid} stands for it", uid=place.sop_instance_uid
                ),
            )
        )
        return replace(hip, place=place)
    frames = candidates[0].reference.frames
    if len(candidates) == 1 and frames == 1:
        return replace(hip, place=Place(sop_instance_uid=candidates[0].sop_instance_uid))
    key, number = "image", len(candidates)
    problem = phrase("no image is named, and {number} of those given may be meant", number=number)
    remedy = phrase("name the image that was graded by its SOP Instance UID")
    if len(candidates) == 1:
        key = "frame"
        problem = phrase("the image has {frames} frames, and none is named", frames=frames)
        remedy = phrase("name the one that was graded, from 1 to {frames}", frames=frames)
    placed.record_faults.append(Fault(f"{path}.{key}", problem, remedy))
    return hip


def _candidates(side: Side, source: SourceImages, view: View) -> list[SourceImage]:
    """The images that may have been graded: of this view, and not of the other side."""
    images = [image for image in source.images if _may_show(image, view)]
    images = [i for i in images if not i.is_localizer] or images
    if VIEW_MODALITIES[view] in _CROSS_SECTIONAL:
        images = [i for i in images if not i.is_capture] or images
    images = [i for i in images if i.header_side in (side, None)] or images
    return [i for i in images if i.header_view is view] or images


def _middle(images: list[SourceImage]) -> Place:
    """The middle image of the largest series, or the middle frame of its only image."""
    sizes = Counter[str]()
    for image in images:
        sizes[image.reference.instance.series_instance_uid] += image.reference.frames
    largest = max(sizes, key=lambda uid: (sizes[uid], uid))
    series = [i for i in images if i.reference.instance.series_instance_uid == largest]
    image = series[len(series) // 2]
    frames = image.reference.frames
    frame = None if frames == 1 else (frames + 1) // 2
    return Place(sop_instance_uid=image.sop_instance_uid, frame=frame)


# What tables write for a value that is not known, not asked for, or refused.
_MISSING_CODES_MM = frozenset({77.0, 88.0, 99.0})


def note_missing_codes(record: Record, path: str = "$") -> tuple[Note, ...]:
    """A note on each stated gap that is a code for a missing value as like as not; `path` is the record's."""
    return tuple(
        Note(
            path=f"{path}.hips[{index}].{name}.mm",
            problem=phrase(
                "is {number}, which tables write for a missing value; compare it",
                number=figures(f"{gap.mm:g}"),
            ),
        )
        for index, hip in enumerate(record.hips)
        for name, gap in (("gap", hip.gap), ("gap_lateral", hip.gap_lateral))
        if gap is not None and gap.line is None and gap.mm in _MISSING_CODES_MM
    )


# A mass that is described at all is larger; the sizes of one are often given in centimetres.
_LEAST_MASS_MM = 10.0


def _note_small_masses(record: Record) -> list[Note]:
    """A note on each mass whose sizes are centimetres as like as not."""
    problem = phrase(
        "are all below {length}: were they meant in centimetres? compare them",
        length=figures(f"{_LEAST_MASS_MM:g}"),
    )
    return [
        Note(path=f"$.hips[{index}].mass.sizes_mm", problem=problem)
        for index, hip in enumerate(record.hips)
        if hip.mass is not None and 0 < max(hip.mass.sizes_mm, default=0.0) < _LEAST_MASS_MM
    ]


# These happen to a patient; any other event happens to one hip.
_OF_THE_PATIENT = {Event.TRAUMA, Event.SPINAL_CORD_INJURY, Event.TRAUMATIC_BRAIN_INJURY, Event.BURN}


def _note_unsided_event(record: Record) -> list[Note]:
    """A note where an operation of one hip is counted for both, as nothing says for which."""
    event = record.context.index_event
    if len(record.hips) < 2 or event is None or event.side is not None:
        return []
    if event.procedure in _OF_THE_PATIENT:
        return []
    problem = phrase("is not given, so the operation is counted for both hips; compare it")
    return [Note(path="$.context.index_event.side", problem=problem)]


# Old films are graded anew in registries; much later than this is a slip of the year as like as not.
_LATE_YEARS = 20


def _note_late_grading(record: Record, source: SourceImages) -> tuple[Note, ...]:
    """A note on a grading that is of another generation than its images."""
    studied = read_date(source.study.date) or record.study_date
    years = 0 if studied is None else record.graded_at.year - studied.year
    if years <= _LATE_YEARS:
        return ()
    problem = phrase("is {number} years after the study; compare it", number=years)
    return (Note(path="$.graded_at", problem=problem),)


def _compare_lateral(hip: Hip, source: SourceImages, path: str, placed: Placed) -> None:
    """The gap on the lateral view is of another view than the anteroposterior one."""
    gap = hip.gap_lateral
    if gap is None or not is_given(gap):
        return
    if gap.line is None:
        asked = source.images
        problem = phrase("is given, yet there are only anteroposterior views")
        remedy = phrase("give the lateral image as well, or leave the gap out")
    else:
        marked = source.find(gap.line.place.sop_instance_uid)
        asked = () if marked is None else (marked,)
        problem = phrase("is marked on an anteroposterior view")
        remedy = phrase("mark it on the lateral view, or leave it out")
    views = {image.header_view for image in asked}
    if views and views <= _ANTEROPOSTERIOR:
        placed.image_faults.append(Fault(f"{path}.gap_lateral", problem, remedy))


def _subject(source: SourceImages, hips: tuple[Hip, ...]) -> Subject:
    """Radiographs are all spoken of; of CT and MR only the slices on which something stands."""
    named = {place.sop_instance_uid for hip in hips for place in places(hip)}
    spoken_of = [
        image
        for image in source.images
        if image.sop_instance_uid in named or image.family not in _CROSS_SECTIONAL
    ]
    others = [image.reference.instance for image in source.images if image not in spoken_of]
    return Subject(
        patient=_graded_patient(source, hips),
        study=_reportable(source.study),
        images=tuple(image.reference for image in spoken_of),
        examined=tuple(sorted(others)),
    )


def _reportable(study: SourceStudy) -> SourceStudy:
    """The study without an accession number that no report can hold; reading it has noted that."""
    number = study.accession_number
    fits = len(number) <= STUDY["accession_number"].most
    return replace(study, accession_number=number if fits else "")


def _graded_patient(source: SourceImages, hips: tuple[Hip, ...]) -> Patient:
    """Who was imaged, as the graded images say it; what they leave out another image may say."""
    in_order = sorted(hips, key=lambda hip: hip.side is not Side.RIGHT)
    keys = [hip.place for hip in in_order if hip.place is not None]
    marked = [place for hip in in_order for place in places(hip)]
    uids = dict.fromkeys(place.sop_instance_uid for place in (*keys, *marked))
    graded = [image.patient for image in map(source.find, uids) if image is not None]
    known = [*filter(None, graded), source.patient]
    return Patient(
        **{
            field.name: next(filter(None, (getattr(patient, field.name) for patient in known)), "")
            for field in fields(Patient)
        }
    )
