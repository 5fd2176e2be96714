"""A record brought together with the images of an earlier report, which are not at hand.

What the report holds of its images stands for them: whose they are, how large they are, and what was
measured on the marks that it has. What takes more of an image than that is refused, naming it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from hosr.errors import Fault, ImagesRefused, RecordRefused
from hosr.findings import Basis, Candidate, Hip, Island, Length, Observer, Plane
from hosr.intake.images import SourceImage, SourceImages
from hosr.intake.images.elements import family_of, kind_of
from hosr.intake.marks import Placed, with_lengths
from hosr.intake.matching import Matched, find_other_subject, match
from hosr.intake.record import Record
from hosr.intake.record.refusal import first_of
from hosr.measure.length import reading_error_mm
from hosr.measure.spacing import CROSS_SECTIONAL, ImageGeometry
from hosr.report import Report, places
from hosr.study import ImageReference
from hosr.vocabulary.terms import VIEW_MODALITIES, ImagingModality, Side

_GIVE = "give the images with --images"
_SLICES = (ImagingModality.CT, ImagingModality.MR)
_SIDES = {"R": Side.RIGHT, "L": Side.LEFT}

# What a header says of the plane for certain: that a ruler on its image shows true size, or not.
_IS_UNCALIBRATED = {
    Basis.CALIBRATED_FIDUCIAL: False,
    Basis.CALIBRATED_GEOMETRY: False,
    Basis.CALIBRATED_UNKNOWN: False,
    Basis.DETECTOR_PLANE: True,
    Basis.FILM_PLANE: True,
    Basis.UNKNOWN: True,
    Basis.UNCALIBRATED: True,
    # Of lengths that were stated without a plane the image was asked the same.
    Basis.STATED: False,
    Basis.STATED_UNCALIBRATED: True,
}
# Where the header leaves the plane open, the record may state it.
_OPEN = frozenset({Basis.UNKNOWN, Basis.UNCALIBRATED})
# Where the way to millimetres adds to the reading error, which is that of the observer.
_ADDS_UNCERTAINTY = frozenset({Basis.KNOWN_OBJECT, Basis.ESTIMATED_ERMF, Basis.ESTIMATED_DISTANCE})


def reported_images(report: Report) -> SourceImages:
    """The images of a report as far as it holds them: nothing of their pixels or their place."""
    subject = report.subject
    images = tuple(map(_image, subject.images))
    return SourceImages(patient=subject.patient, study=subject.study, images=images)


def _image(reference: ImageReference) -> SourceImage:
    kind = kind_of(reference.instance.sop_class_uid)
    return SourceImage(
        reference=reference,
        geometry=ImageGeometry(
            modality=reference.modality, rows=reference.rows, columns=reference.columns
        ),
        family=None if kind is None else family_of(kind, reference.modality),
        header_side=_SIDES.get(reference.laterality),
        is_capture=kind is not None and kind.is_capture,
    )


def match_reported(record: Record, report: Report) -> Matched:
    """The record's findings on the images of a report, as `match` has them with the images.

    A mark that the report has keeps what was measured there; a view that is not given is the report's.

    Raises
    ------
    RecordRefused
        Where the record is of another patient, study or hip, has a mark or an image that the report
        does not have, or asks of its images what the report does not hold; and as `match` does.
    """
    source = reported_images(report)
    remedy = "amend the report that the record is of, or correct the record"
    faults = [
        replace(fault, problem="is not that of the report", remedy=remedy)
        for fault in find_other_subject(record, source)
    ]
    record, unknown = _shown_as_before(record, report)
    faults += [*_find_unseen(record, report), *unknown]
    if faults:
        raise RecordRefused(first_of(faults))
    known = replace(record, view=report.view, overrides=())
    try:
        matched = match(known, source, partial(_recall, report))
    except ImagesRefused as refusal:  # there are none that could be at fault
        raise RecordRefused(refusal.faults) from refusal
    examined = {*report.subject.examined, *matched.subject.examined}
    return replace(
        matched,
        subject=replace(matched.subject, examined=tuple(sorted(examined))),
        reading=replace(matched.reading, overrides=report.overrides),
    )


def _shown_as_before(record: Record, report: Report) -> tuple[Record, list[Fault]]:
    """The record with what slices showed of its lines in space, and faults for lines that are new."""
    faults: list[Fault] = []
    olds = {graded.hip.side: graded.hip for graded in report.hips}

    def shown(side: Side, length: Length | None, path: str) -> Length | None:
        if length is None or length.segment is None:
            return length
        segment, place = replace(length.segment, place=None), length.segment.place
        known = olds[side].lengths if side in olds else ()
        old = next((each for each in known if each.segment == segment), None)
        if old is None or old.line is None or place not in (None, old.line.place):
            faults.append(Fault(path, "is not marked so in the report", _GIVE))
            return length
        return replace(length, segment=segment, line=old.line)

    hips = tuple(
        with_lengths(hip, f"$.hips[{index}]", partial(shown, hip.side))
        for index, hip in enumerate(record.hips)
    )
    return replace(record, hips=hips), faults


def _find_unseen(record: Record, report: Report) -> Iterator[Fault]:
    """What a record says of images that the report does not say."""
    if record.view not in (None, report.view):
        yield Fault("$.view", f'is "{record.view}", but that of the report is {report.view}', _GIVE)
    if record.overrides != report.overrides:
        yield Fault("$.overrides", "are not those of the report", _GIVE)
    sides = {graded.hip.side for graded in report.hips}
    known = {image.instance.sop_instance_uid for image in report.subject.images}
    for index, hip in enumerate(record.hips):
        path, marked = f"$.hips[{index}]", places(hip)
        if hip.side not in sides:
            remedy = "sign a report of its own for it, and let this one be"
            yield Fault(f"{path}.side", f"is {hip.side}, and the report is not of that hip", remedy)
        for uid in dict.fromkeys(place.sop_instance_uid for place in marked):
            if uid and uid not in known:
                remedy = f"correct the UID, or {_GIVE}"
                yield Fault(path, f"image {uid} is none of those of the report", remedy)
        if not marked and VIEW_MODALITIES[report.view] in _SLICES:
            remedy = f"name the one that was graded, or {_GIVE}"
            yield Fault(f"{path}.image", "no image is named", remedy)


def _recall(
    report: Report,
    hip: Hip,
    source: SourceImages,
    observer: Observer,
    path: str,
    placed: Placed,
) -> Hip:
    """The hip with what was measured of it before; what was not is added to `placed`."""
    before = {graded.hip.side: graded.hip for graded in report.hips}
    old = before[hip.side]
    faults = placed.record_faults
    if hip.place is not None and hip.place not in places(old):
        faults.append(Fault(f"{path}.image", "is not the one that was graded", _GIVE))
    if hip.calibration not in (None, old.calibration):
        faults.append(Fault(f"{path}.calibration", "is not that of the report", _GIVE))
    if hip.gap_lateral is not None and old.gap_lateral is None:
        problem = "is new, and the report does not tell a lateral image"
        faults.append(Fault(f"{path}.gap_lateral", problem, _GIVE))
    reads_alike = reading_error_mm(observer) == reading_error_mm(report.observer)
    memory = _Memory(old=old, hip=hip, reads_alike=reads_alike, faults=faults)
    faults += _find_new_surfaces(hip, old, path)
    is_uncalibrated = _is_uncalibrated(hip, source, tuple(before.values()))
    lateral = _is_lateral_uncalibrated(hip, old)
    islands = hip.islands
    return replace(
        hip,
        candidates=tuple(_as_found(each, old.candidates) for each in hip.candidates),
        gap=memory.length(hip.gap, (old.gap,), is_uncalibrated, f"{path}.gap"),
        gap_lateral=memory.length(
            hip.gap_lateral, (old.gap_lateral,), lateral, f"{path}.gap_lateral"
        ),
        islands=None
        if islands is None
        else tuple(
            memory.island(island, is_uncalibrated, f"{path}.islands[{number}]")
            for number, island in enumerate(islands)
        ),
    )


def _find_new_surfaces(hip: Hip, old: Hip, path: str) -> Iterator[Fault]:
    """Outlines and distances between surfaces that the report does not have."""
    for number, outline in enumerate(hip.outlines):
        if outline not in old.outlines:
            yield Fault(f"{path}.outlines[{number}]", "is not drawn so in the report", _GIVE)
    for number, candidate in enumerate(hip.candidates):
        is_marked = candidate.length.line is not None or candidate.length.segment is not None
        if is_marked and _as_found(candidate, old.candidates) not in old.candidates:
            problem = "is not found so in the report"
            yield Fault(f"{path}.candidates[{number}]", problem, _GIVE)


def _as_found(given: Candidate, olds: tuple[Candidate, ...]) -> Candidate:
    """A distance as it was measured; as it is given where the report has none like it."""
    segment = given.length.segment and replace(given.length.segment, place=None)
    marks = (given.length.line, segment)
    if marks == (None, None):
        return given
    known = (old for old in olds if (old.length.line, old.length.segment) == marks)
    return next((replace(given, length=old.length) for old in known), given)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Memory:
    """What a report holds of a hip (`old`), asked for the marks of a later record.

    `reads_alike` tells whether who reads now errs by as much as who read then.
    """

    old: Hip
    hip: Hip
    reads_alike: bool
    faults: list[Fault]

    def island(self, island: Island, is_uncalibrated: bool | None, path: str) -> Island:
        """Length and outline of an island, which may be any that the report has."""
        olds = self.old.islands or ()
        if island.region not in (None, *(each.region for each in olds)):
            self.faults.append(Fault(f"{path}.region", "is not drawn so in the report", _GIVE))
        lengths = tuple(each.length for each in olds)
        length = self.length(island.length, lengths, is_uncalibrated, f"{path}.length")
        return replace(island, length=length)

    def length(
        self,
        given: Length | None,
        olds: tuple[Length | None, ...],
        is_uncalibrated: bool | None,
        path: str,
    ) -> Length | None:
        """A length with its millimetres as they were measured, or with what its image says of it."""
        if given is None or given.line is None:
            return self._qualified(given, is_uncalibrated, path)
        found = next((old for old in olds if old is not None and _is_same(old, given)), None)
        if found is None:
            self.faults.append(Fault(path, "is not marked so in the report", _GIVE))
            return given
        fault = self._obstacle(given, found, path)
        if fault is not None:
            self.faults.append(fault)
        return _as_given(given, found)

    def _qualified(
        self, given: Length | None, is_uncalibrated: bool | None, path: str
    ) -> Length | None:
        if given is None or not given.mm or given.plane is not Plane.UNSTATED:
            return given
        if is_uncalibrated is None:
            problem = "the report does not tell whether its image shows true size"
            remedy = f'say where it holds, such as "plane": "patient", or {_GIVE}'
            self.faults.append(Fault(path, problem, remedy))
        basis = Basis.STATED_UNCALIBRATED if is_uncalibrated else Basis.STATED
        return replace(given, basis=basis)

    def _obstacle(self, given: Length, found: Length, path: str) -> Fault | None:
        """Why a mark that is the same has to be measured again."""
        if found.basis is Basis.KNOWN_OBJECT and self.hip.calibration is None:
            problem = "was measured by the calibration object, which is left out now"
            return Fault(path, problem, _GIVE)
        if found.mm is None:
            return None
        if given.plane not in (Plane.UNKNOWN, found.plane) and not _is_open(found):
            problem = f"the plane is given as {given.plane}, but the report says {found.plane}"
            return Fault(f"{path}.plane", problem, f"leave the plane out, or {_GIVE}")
        is_computed = found.basis in _ADDS_UNCERTAINTY and given.uncertainty_mm is None
        if is_computed and not self.reads_alike:
            problem = "has the uncertainty of another kind of observer"
            return Fault(path, problem, f'say its "uncertainty_mm", or {_GIVE}')
        return None


def _is_same(old: Length, given: Length) -> bool:
    return (old.line, old.segment) == (given.line, given.segment)


def _is_open(found: Length) -> bool:
    """Whether the image left open in which plane a length holds."""
    return found.plane is Plane.UNKNOWN or found.basis in _OPEN


def _as_given(given: Length, found: Length) -> Length:
    """What was measured, with what the record says of it."""
    if found.mm is None:
        return replace(found, gap_class=given.gap_class)
    computed = found.uncertainty_mm if found.basis in _ADDS_UNCERTAINTY else None
    return replace(
        found,
        plane=given.plane if _is_open(found) else found.plane,
        uncertainty_mm=computed if given.uncertainty_mm is None else given.uncertainty_mm,
        gap_class=given.gap_class,
    )


def _is_uncalibrated(hip: Hip, source: SourceImages, before: tuple[Hip, ...]) -> bool | None:
    """Whether a ruler on the graded image shows another length than true size; None: not told."""
    image = None if hip.place is None else source.find(hip.place.sop_instance_uid)
    if image is None or _is_slice(image):
        return False
    if _is_calibrated_on(hip, image):
        return False
    if image.reference.pixel_spacing_mm is None:
        return True
    told = (_tell_uncalibrated(length, old, image) for old in before for length in _on_view(old))
    return next((each for each in told if each is not None), None)


def _is_slice(image: SourceImage) -> bool:
    return image.reference.modality in CROSS_SECTIONAL and not image.is_capture


def _is_calibrated_on(hip: Hip, image: SourceImage) -> bool:
    known = hip.calibration
    return known is not None and known.line.place.sop_instance_uid == image.sop_instance_uid


def _on_view(hip: Hip) -> tuple[Length, ...]:
    return replace(hip, gap_lateral=None).lengths


def _tell_uncalibrated(length: Length, old: Hip, image: SourceImage) -> bool | None:
    """What a length of a report tells of the header of an image; None: nothing."""
    place = old.place if length.line is None else length.line.place
    if place is None or place.sop_instance_uid != image.sop_instance_uid:
        return None
    if length.line is not None:
        told = _IS_UNCALIBRATED.get(length.basis)
        # What was corrected for the table alone holds in no known plane.
        return None if told is None else told or length.plane is Plane.UNKNOWN
    asked = length.mm and length.plane is Plane.UNSTATED and not _is_calibrated_on(old, image)
    return _IS_UNCALIBRATED.get(length.basis) if asked else None


def _is_lateral_uncalibrated(hip: Hip, old: Hip) -> bool | None:
    """The same of the lateral image, which the report tells where it had a length without a plane."""
    gap = old.gap_lateral
    if gap is None:  # a new one is refused already
        return False
    asked = gap.mm and gap.plane is Plane.UNSTATED and hip.calibration == old.calibration
    return _IS_UNCALIBRATED.get(gap.basis) if asked else None
