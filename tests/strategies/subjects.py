"""Who and what was imaged, and what the hips of one report share."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from hosr.findings import Place
from hosr.report import Subject
from hosr.study import ImageReference, Instance, Patient, SourceStudy
from hosr.vocabulary.terms import VIEW_MODALITIES, ImagingModality, View
from tests.strategies.texts import dicom_days, long_texts, person_names, short_texts, uids

__all__ = ["Scene", "places", "subjects"]

# Storage classes (PS3.4 Annex B.5) by modality, and whether they may hold several frames.
_CLASSES = {
    ImagingModality.RADIOGRAPH: (
        ("DX", "1.2.840.10008.5.1.4.1.1.1.1", False),
        ("CR", "1.2.840.10008.5.1.4.1.1.1", False),
    ),
    ImagingModality.CT: (
        ("CT", "1.2.840.10008.5.1.4.1.1.2", False),
        ("CT", "1.2.840.10008.5.1.4.1.1.2.1", True),
    ),
    ImagingModality.MR: (
        ("MR", "1.2.840.10008.5.1.4.1.1.4", False),
        ("MR", "1.2.840.10008.5.1.4.1.1.4.1", True),
    ),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What the hips of one report share."""

    view: View
    images: tuple[ImageReference, ...]
    may_calibrate: bool
    is_scored: bool

    @property
    def modality(self) -> ImagingModality:
        """Radiograph, CT or MR."""
        return VIEW_MODALITIES[self.view]


_patients = st.builds(
    Patient,
    name=st.just("") | person_names(),
    patient_id=long_texts,
    issuer=long_texts,
    birth_date=dicom_days,
    sex=st.sampled_from(("", "M", "F", "O")),
)
_studies = st.builds(
    SourceStudy,
    study_instance_uid=st.just("2.25.1"),  # until `subjects` gives it one of its own
    study_id=short_texts,
    date=dicom_days,
    time=st.sampled_from(("", "101500", "235959.123456")),
    accession_number=short_texts,
    referring_physician=st.just("") | person_names(),
    description=long_texts,
    timezone_offset=st.sampled_from(("", "+0100", "-0330")),
    requested_procedure_id=short_texts,
    requested_procedure_description=long_texts,
    placer_order_number=long_texts,
    filler_order_number=long_texts,
)


_different_uids = {
    number: st.lists(uids, min_size=number, max_size=number, unique=True) for number in range(3, 8)
}


@st.composite
def subjects(draw: st.DrawFn, modality: ImagingModality) -> Subject:
    """A patient and a study with images of one modality; every UID is another one."""
    number = draw(st.integers(1, 3))
    others = draw(st.integers(0, 2))
    *own, series, study_uid = draw(_different_uids[number + others + 2])
    name, sop_class, is_multi_frame = draw(st.sampled_from(_CLASSES[modality]))
    instances = [
        Instance(series_instance_uid=series, sop_class_uid=sop_class, sop_instance_uid=uid)
        for uid in own
    ]
    return Subject(
        patient=draw(_patients),
        study=replace(draw(_studies), study_instance_uid=study_uid),
        images=tuple(
            draw(_images(instance, name, is_multi_frame)) for instance in instances[:number]
        ),
        examined=tuple(sorted(instances[number:])),
    )


_spacings = st.floats(0.05, 2.0).map(lambda mm: round(mm, 4))
_pixel_spacings = st.none() | st.tuples(_spacings, _spacings)
_sizes = st.integers(8, 4096)
_lateralities = st.sampled_from(("", "R", "L", "B"))
_view_positions = st.sampled_from(("", "AP", "LL", "RL"))
_orientations = st.sampled_from((None, ("L", "F"), ("R", "F"), ("P", "FL")))


@st.composite
def _images(
    draw: st.DrawFn, instance: Instance, modality: str, is_multi_frame: bool
) -> ImageReference:
    return ImageReference(
        instance=instance,
        modality=modality,
        rows=draw(_sizes),
        columns=draw(_sizes),
        frames=draw(st.integers(2, 40)) if is_multi_frame else 1,
        laterality=draw(_lateralities),
        view_position=draw(_view_positions),
        patient_orientation=draw(_orientations),
        pixel_spacing_mm=draw(_pixel_spacings),
    )


@st.composite
def places(draw: st.DrawFn, image: ImageReference) -> Place:
    """An image, and one of its frames where it has several."""
    frame = draw(st.integers(1, image.frames)) if image.frames > 1 else None
    return Place(sop_instance_uid=image.instance.sop_instance_uid, frame=frame)
