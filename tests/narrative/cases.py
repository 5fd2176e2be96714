"""One report for each thing that a text must be able to say; the names are those of the goldens."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from hosr.findings import (
    Algorithm,
    Basis,
    Boundary,
    Calibration,
    Candidate,
    Context,
    Hip,
    IndexEvent,
    Island,
    Length,
    Line,
    Mass,
    Outline,
    Person,
    Place,
    Plane,
    Polygon,
    Probabilities,
    Segment,
    Spurs,
    to_graphic_precision,
)
from hosr.report import Reading, Report, Subject, assemble
from hosr.study import HeaderOverride, ImageReference, Instance, Patient, SourceStudy
from hosr.vocabulary.surfaces import SetAside, Structure, SurfaceBasis
from hosr.vocabulary.terms import (
    Bridging,
    BridgingBasis,
    Cause,
    Contrast,
    Event,
    GapClass,
    ImageSide,
    Presence,
    Side,
    Site,
    Stage,
    Symptom,
    View,
)

__all__ = ["CASES", "a_report", "after", "hip", "spurred", "with_islands"]

PLACE = Place(sop_instance_uid="1.2.3.4.1")
LINE = Line(start=(100.0, 200.0), end=(100.0, 285.0), place=PLACE)
PATIENT = Patient(name="Rossi^Maria", patient_id="HO-0042", birth_date="19560504", sex="F")
STUDY = SourceStudy(
    study_instance_uid="1.2.3",
    date="20260302",
    accession_number="A2603021",
    description="XR PELVIS AP",
)
READER = Person(name="Bianchi^Anna^^Dr.", organization="Example Hospital")
MODEL = Algorithm(name="hip-grader", version="2.1.0", manufacturer="Example Imaging")
AFTER_ARTHROPLASTY = Context(
    indication="Control after hip arthroplasty",
    causes=(Cause.JOINT_REPLACEMENT,),
    index_event=IndexEvent(
        procedure=Event.TOTAL_HIP_ARTHROPLASTY, side=Side.RIGHT, date=dt.date(2025, 9, 1)
    ),
)

BOTH = Spurs(pelvis=True, femur=True)
DENIED = Spurs(pelvis=False, femur=False)
CALIBRATION = Calibration(
    line=Line(start=(400.0, 400.0), end=(620.0, 400.0), place=PLACE), true_mm=32.0
)
CALIBRATED: dict[str, Any] = {
    "plane": Plane.PATIENT,
    "basis": Basis.KNOWN_OBJECT,
    "line": LINE,
}
SLICED: dict[str, Any] = {
    "plane": Plane.PATIENT,
    "basis": Basis.CROSS_SECTIONAL,
    "line": LINE,
}
DETECTOR: dict[str, Any] = {"plane": Plane.DETECTOR, "basis": Basis.DETECTOR_PLANE, "line": LINE}


def _segment(x: float, y: float, z: float) -> Segment:
    """From a point at the right hip by so many mm to the left, to the back and to the head."""
    start = (-92.5, 14.25, -31.0)
    left, back, head = map(to_graphic_precision, (start[0] + x, start[1] + y, start[2] + z))
    return Segment(start_mm=start, end_mm=(left, back, head), frame_of_reference_uid="1.2.3.9")


# Lines in space: across slices, as one of them shows it; straight through them; and on one of them.
_ACROSS, _SEEN = _segment(4.0, 9.0, 7.5), replace(LINE, is_projected=True)
_THROUGH, _POINT = _segment(0.0, 0.0, 14.0), replace(_SEEN, end=LINE.start)
_IN_PLANE = _segment(0.0, 8.2, 0.0)

_OUTLINES = tuple(
    Outline(
        structure=structure,
        polygon=Polygon(corners=((x, 200.0), (x + 40.5, 190.0), (x + 20.0, 260.0)), place=PLACE),
    )
    for x, structure in zip(
        (0.0, 1.0, 2.0), (Structure.PELVIC_SPUR, Structure.FEMUR, Structure.IMPLANT), strict=True
    )
)
_CANDIDATES = (
    Candidate(
        between=(Structure.PELVIC_SPUR, Structure.FEMUR),
        length=Length(segment=_THROUGH, uncertainty_mm=1.3),
        why=SetAside.LONGER,
    ),
    Candidate(
        between=(Structure.PELVIC_SPUR, Structure.FEMORAL_SPUR),
        length=Length(mm=11.6, plane=Plane.PATIENT),
        why=SetAside.OTHER_LEVEL,
        level=0.3,
    ),
)

_MODALITIES = {View.CT: ("CT", 120), View.MR: ("MR", 40)}


def hip(side: Side = Side.RIGHT, **given: Any) -> Hip:
    """A hip with its key image."""
    return Hip(side=side, place=PLACE, **given)


def spurred(gap: Length | None, side: Side = Side.RIGHT, **given: Any) -> Hip:
    """A hip with spurs of both bones, without bridging."""
    return hip(side, **{"spurs": BOTH, "bridging": Bridging.NONE, "gap": gap, **given})


def with_islands(*lengths: float | None, side: Side = Side.RIGHT, **given: Any) -> Hip:
    """A hip with islands of these lengths in mm, without spurs."""
    islands = tuple(Island(length=None if mm is None else Length(mm=mm)) for mm in lengths)
    return hip(side, **{"islands": islands, "spurs": DENIED, "bridging": Bridging.NONE, **given})


def a_report(*hips: Hip, view: View = View.AP_PELVIS, **given: Any) -> Report:
    """A report of these hips, after a right total hip arthroplasty where nothing else is said."""
    modality, number = _MODALITIES.get(view, ("DX", 1))
    instances = [
        Instance(
            series_instance_uid="1.2.3.4",
            sop_class_uid="1.2.840.10008.5.1.4.1.1.7",
            sop_instance_uid=f"1.2.3.4.{index}",
        )
        for index in range(1, number + 1)
    ]
    image = ImageReference(instance=instances[0], modality=modality, rows=2000, columns=2500)
    subject = Subject(
        patient=given.pop("patient", PATIENT),
        study=given.pop("study", STUDY),
        images=(image,),
        examined=tuple(instances[1:]),
    )
    reading = Reading(
        observer=given.pop("observer", READER),
        graded_at=dt.datetime.fromisoformat("2026-03-02T10:15:00+01:00"),
        view=view,
        context=given.pop("context", AFTER_ARTHROPLASTY),
        hips=hips,
        conclusion=given.pop("conclusion", ""),
        incomplete=given.pop("incomplete", ""),
        overrides=given.pop("overrides", ()),
    )
    assert not given, given
    return assemble(subject, reading)


def after(event: Event, days: int | None, **given: Any) -> Context:
    """A context with an event so many days before the study."""
    date = None if days is None else dt.date(2026, 3, 2) - dt.timedelta(days=days)
    return Context(index_event=IndexEvent(procedure=event, date=date), **given)


ABSENT: dict[str, Any] = {
    "presence": Presence.ABSENT,
    "islands": (),
    "spurs": DENIED,
    "bridging": Bridging.NONE,
}
CT_STUDY = replace(STUDY, description="CT PELVIS")
MR_STUDY = replace(STUDY, description="MR HIP RIGHT")
LEFT = Side.LEFT

# The rows of the decision table, in its order.
_TABLE = {
    "row_01_absent_at_both_hips": a_report(hip(**ABSENT), hip(LEFT, **ABSENT)),
    "row_02_not_evaluable": a_report(
        hip(evaluable=False, not_evaluable_reason="Motion blur over the joint"),
        hip(LEFT, **ABSENT),
    ),
    "row_03_indeterminate": a_report(hip(presence=Presence.INDETERMINATE)),
    "row_04_short_islands": a_report(with_islands(8.0, 4.5)),
    "row_05_island_of_10_mm": a_report(with_islands(10.0)),
    "row_06_long_island": a_report(with_islands(14.0, 6.0, 5.0)),
    "row_07_island_without_length": a_report(with_islands(None, 6.0)),
    "row_08_wide_gap": a_report(spurred(Length(mm=14.2))),
    "row_09_gap_of_10_mm": a_report(spurred(Length(mm=10.0))),
    "row_10_narrow_gap": a_report(
        spurred(Length(mm=6.2, **CALIBRATED), islands=(), calibration=CALIBRATION)
    ),
    "row_11a_contact_without_bridging": a_report(spurred(Length(mm=0.0))),
    "row_11b_contact": a_report(spurred(Length(mm=0.0), bridging=None)),
    "row_12_wide_gap_as_class": a_report(spurred(Length(gap_class=GapClass.AT_LEAST_10_MM))),
    "row_13_narrow_gap_as_class": a_report(spurred(Length(gap_class=GapClass.BELOW_10_MM))),
    "row_14_gap_not_measured": a_report(
        spurred(None, spurs=Spurs(pelvis=False, femur=True)),
    ),
    "row_14b_gap_and_bridging_not_stated": a_report(spurred(None, bridging=None)),
    "row_15_apparent_bridging": a_report(hip(bridging=Bridging.APPARENT)),
    "row_16_confirmed_bridging": a_report(hip(bridging=Bridging.CONFIRMED, stage=Stage.MATURATION)),
    "row_17_views_disagree": a_report(
        hip(spurs=BOTH, bridging=Bridging.APPARENT, gap_lateral=Length(mm=12.0))
    ),
    "row_18_spurs_not_stated": a_report(
        hip(islands=(Island(length=Length(mm=8.0)),), bridging=Bridging.NONE)
    ),
    "row_18b_spurs_and_bridging_not_stated": a_report(
        hip(islands=(Island(length=Length(mm=8.0)),))
    ),
    "row_20_grade_without_findings": a_report(hip(source_grades=(("brooker", ("III",)),))),
    "row_21_island_near_bone": a_report(with_islands(12.0, gap=Length(mm=6.0))),
    "row_22_equivocal_gap": a_report(spurred(Length(mm=10.4, uncertainty_mm=0.57))),
    "row_23_detector_plane": a_report(
        spurred(Length(mm=12.0, **DETECTOR)), spurred(Length(mm=8.0, **DETECTOR), LEFT)
    ),
}

_GRADES = {
    "grade_differs": a_report(
        spurred(Length(mm=6.2), source_grades=(("brooker", ("II",)), ("della_valle", ("B",))))
    ),
    "bridging_seen_on_ct": a_report(
        hip(bridging=Bridging.CONFIRMED, bridging_basis=BridgingBasis.CT, stage=Stage.MATURATION)
    ),
    "with_a_conclusion": a_report(
        spurred(Length(mm=8.2), comment="Also at the stem."),
        conclusion="Ankylosing ossification.\nResection would need a CT first.",
    ),
    "not_complete": a_report(
        spurred(Length(mm=8.2)), incomplete="The left hip is still to be graded."
    ),
    "site_and_hardware": a_report(
        spurred(
            Length(mm=8.2),
            sites=(Site.ANTERIOR, Site.MEDIAL, Site.ABOVE_TROCHANTER),
            hardware_nearby=True,
        ),
        spurred(Length(mm=12.0), Side.LEFT, sites=(Site.CIRCUMFERENTIAL,), hardware_nearby=False),
    ),
    "islands_with_sites": a_report(
        hip(
            islands=(
                Island(length=Length(mm=14.0), sites=(Site.LATERAL, Site.ABOVE_TROCHANTER)),
                Island(sites=(Site.MEDIAL,)),
            ),
            spurs=DENIED,
            bridging=Bridging.NONE,
        ),
        hip(
            Side.LEFT,
            islands=(Island(length=Length(mm=6.0), sites=(Site.POSTERIOR,)),),
            spurs=DENIED,
            bridging=Bridging.NONE,
        ),
    ),
    "replacement_on_both_sides": a_report(
        spurred(Length(mm=8.2)),
        spurred(Length(mm=12.0), Side.LEFT),
        context=Context(
            causes=(Cause.JOINT_REPLACEMENT,),
            index_event=IndexEvent(
                procedure=Event.TOTAL_HIP_ARTHROPLASTY, side=Side.RIGHT, date=dt.date(2025, 3, 2)
            ),
            other_event=IndexEvent(
                procedure=Event.TOTAL_HIP_ARTHROPLASTY, side=Side.LEFT, date=dt.date(2026, 2, 2)
            ),
        ),
    ),
    "mass_of_known_size": a_report(
        hip(
            presence=Presence.INDETERMINATE,
            stage=Stage.EARLY,
            features=("CT_EARLY_LOW_ATTENUATION",),
            mass=Mass(sizes_mm=(42.0, 31.5, 28.0), contrast=Contrast.NO_ENHANCEMENT),
        ),
        spurred(Length(mm=8.2), Side.LEFT, mass=Mass(contrast=Contrast.ENHANCES)),
        view=View.CT,
        context=after(Event.TRAUMA, 20),
    ),
    "headers_overridden": a_report(
        spurred(Length(mm=8.2)),
        overrides=(
            HeaderOverride(
                reason="Film of both hips, ordered and marked for one.",
                side=ImageSide.BOTH,
                view=View.AP_PELVIS,
            ),
            HeaderOverride(
                reason="Turned after acquisition",
                sop_instance_uid="1.2.3.4.1",
                orientation=("L", "F"),
            ),
        ),
    ),
    "grade_agrees": a_report(
        spurred(Length(mm=6.2), source_grades=(("brooker", ("III",)), ("della_valle", ("C",))))
    ),
    "grade_alone": a_report(hip(source_grades=(("brooker", ("IV",)),))),
    "absent_by_its_grade": a_report(hip(source_grades=(("brooker", ("0",)),))),
    "grade_as_range": a_report(
        spurred(Length(mm=9.96, uncertainty_mm=1.5), source_grades=(("brooker", ("II", "III")),))
    ),
    "grade_excluded_without_extent": a_report(
        hip(bridging=Bridging.NONE, source_grades=(("brooker", ("IV",)),))
    ),
    "grade_within_open_findings": a_report(spurred(None, source_grades=(("brooker", ("II",)),))),
    "biplanar": a_report(spurred(Length(mm=14.0), gap_lateral=Length(mm=8.5))),
    "lateral_space_alone": a_report(spurred(None, gap_lateral=Length(mm=6.0))),
    "lateral_space_beside_apparent_bridging": a_report(
        hip(bridging=Bridging.APPARENT, gap_lateral=Length(mm=15.0))
    ),
    "equivocal_lateral_space": a_report(spurred(Length(mm=13.0), gap_lateral=Length(mm=10.4))),
    "equivocal_at_the_detector": a_report(spurred(Length(mm=11.4, **DETECTOR))),
    "islands_in_two_planes": a_report(
        with_islands(
            side=LEFT,
            islands=(
                Island(length=Length(mm=11.4, **DETECTOR)),
                Island(length=Length(mm=11.2)),
            ),
        )
    ),
    "short_island_at_the_detector": a_report(
        with_islands(islands=(Island(length=Length(mm=8.0, **DETECTOR)),))
    ),
    "equivocal_island": a_report(with_islands(9.6)),
    "island_marked_without_millimetres": a_report(
        with_islands(
            islands=(
                Island(
                    length=Length(plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED, line=LINE),
                ),
            )
        )
    ),
    "lengths_of_several_origins": a_report(
        spurred(Length(mm=14.0, **CALIBRATED), gap_lateral=Length(mm=8.5)),
        with_islands(18.0, 4.0, None, side=Side.LEFT),
        context=after(Event.BURN, 0),
    ),
    "plane_not_stated": a_report(spurred(Length(mm=11.0, basis=Basis.STATED_UNCALIBRATED))),
    "plane_not_stated_of_an_island_beside_unstated_spurs": a_report(
        with_islands(
            islands=(Island(length=Length(mm=11.0, basis=Basis.STATED_UNCALIBRATED)),),
            spurs=Spurs(),
        )
    ),
    "plane_not_stated_where_the_nearer_gap_settles_it": a_report(
        spurred(
            Length(mm=6.0, basis=Basis.STATED_UNCALIBRATED),
            gap_lateral=Length(mm=11.0, basis=Basis.STATED_UNCALIBRATED),
        )
    ),
    "plane_not_stated_far_from_1_cm": a_report(
        spurred(Length(mm=6.0, basis=Basis.STATED_UNCALIBRATED))
    ),
    "undecided_mass": a_report(
        hip(
            presence=Presence.INDETERMINATE,
            stage=Stage.EARLY,
            features=("XR_EARLY_MASS", "XR_EARLY_MISSABLE"),
        )
    ),
    "unit_slip": a_report(spurred(Length(mm=1.2))),
    "spurs_of_one_bone_with_a_gap": a_report(
        hip(spurs=Spurs(pelvis=True), gap=Length(mm=22.0), comment="Small spur at the rim")
    ),
    "gap_without_spurs": a_report(hip(gap=Length(mm=15.0))),
    "gap_beside_bridging": a_report(
        hip(spurs=BOTH, bridging=Bridging.CONFIRMED, gap=Length(mm=3.0))
    ),
    "marked_without_millimetres": a_report(
        spurred(Length(plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED, line=LINE))
    ),
    "plane_not_known": a_report(
        spurred(Length(mm=11.0, plane=Plane.UNKNOWN, basis=Basis.UNKNOWN, line=LINE))
    ),
}

_MODELS = {
    "model_with_findings_and_scores": a_report(
        spurred(
            Length(mm=6.2),
            probabilities=(
                Probabilities(
                    scale="brooker",
                    scores=(("0", 0.01), ("I", 0.04), ("II", 0.1), ("III", 0.8), ("IV", 0.05)),
                ),
            ),
        ),
        observer=MODEL,
    ),
    "model_grade_below_its_highest_score": a_report(
        hip(
            source_grades=(("brooker", ("II",)),),
            probabilities=(Probabilities(scale="brooker", scores=(("II", 0.2), ("III", 0.8))),),
        ),
        observer=MODEL,
    ),
    "model_with_close_scores": a_report(
        hip(
            probabilities=(
                Probabilities(
                    scale="brooker", scores=(("II", 0.45), ("III", 0.549), ("IV", 0.001))
                ),
            )
        ),
        observer=Algorithm(name="hip-grader", version="2.1.0"),
    ),
    "model_with_cumulative_probabilities": a_report(
        hip(
            probabilities=(
                Probabilities(
                    scale="brooker",
                    scores=(("0", 0.0), ("I", 0.02), ("II", 0.07), ("III", 0.85), ("IV", 0.06)),
                    cumulative=(("I", 1.0), ("II", 0.98), ("III", 0.91), ("IV", 0.06)),
                ),
            ),
        ),
        observer=MODEL,
    ),
    "model_between_bone_and_none": a_report(
        hip(probabilities=(Probabilities(scale="brooker", scores=(("0", 0.55), ("I", 0.45))),)),
        observer=MODEL,
    ),
    "model_with_close_scores_that_findings_decide": a_report(
        spurred(
            Length(mm=6.2),
            probabilities=(
                Probabilities(scale="brooker", scores=(("II", 0.46), ("III", 0.44), ("IV", 0.1))),
            ),
        ),
        observer=MODEL,
    ),
}

_MODALITY_CASES = {
    "mr_early": a_report(
        hip(
            presence=Presence.INDETERMINATE,
            stage=Stage.EARLY,
            features=("MR_EARLY_T2_HETEROGENEOUS_HIGH", "MR_EARLY_EDEMA"),
        ),
        view=View.MR,
        study=MR_STUDY,
        context=after(
            Event.SPINAL_CORD_INJURY,
            24,
            causes=(Cause.SPINAL_CORD_INJURY,),
            symptoms=(Symptom.SWELLING, Symptom.FEVER, Symptom.REDUCED_MOTION),
        ),
    ),
    "mr_early_with_a_grade": a_report(
        hip(stage=Stage.EARLY, source_grades=(("brooker", ("I",)),)), view=View.MR, study=MR_STUDY
    ),
    "mr_delayed_with_gap": a_report(
        spurred(
            Length(mm=6.0, **SLICED),
            stage=Stage.DELAYED,
            features=("MR_DEL_STIR_LOW", "MR_DEL_LITTLE_EDEMA"),
        ),
        view=View.MR,
        study=MR_STUDY,
    ),
    "ct_with_confirmed_bridging": a_report(
        hip(
            bridging=Bridging.CONFIRMED,
            spurs=BOTH,
            stage=Stage.MATURATION,
            features=("CT_MAT_PERIPHERAL_CORTEX",),
        ),
        spurred(Length(mm=11.5, **SLICED), LEFT),
        view=View.CT,
        study=CT_STUDY,
    ),
    "measured_in_space": a_report(
        spurred(
            Length(segment=_ACROSS, line=_SEEN, uncertainty_mm=1.3),
            islands=(
                Island(length=Length(segment=_THROUGH, line=_POINT)),
                Island(length=Length(segment=_IN_PLANE, line=LINE)),
            ),
        ),
        view=View.CT,
        study=CT_STUDY,
    ),
    "found_by_a_model": a_report(
        spurred(
            Length(segment=_ACROSS, line=_SEEN, uncertainty_mm=1.3),
            boundary=Boundary(
                basis=SurfaceBasis.MASK, sd_mm=0.5, cell_mm=(1.0, 0.7, 0.7), level=0.5
            ),
            candidates=_CANDIDATES,
            outlines=_OUTLINES,
        ),
        spurred(
            Length(mm=12.1, plane=Plane.PATIENT),
            LEFT,
            boundary=Boundary(
                basis=SurfaceBasis.PROBABILITIES,
                sd_mm=0.26,
                sd_is_stated=True,
                cell_mm=(0.8, 0.8, 1.5),
                level=0.5,
            ),
        ),
        view=View.CT,
        study=CT_STUDY,
        observer=MODEL,
    ),
    "found_on_film": a_report(
        with_islands(5.0, boundary=Boundary(basis=SurfaceBasis.OCCUPANCY, cell_mm=(0.3, 0.3))),
        observer=MODEL,
    ),
    "lateral_view": a_report(spurred(Length(mm=12.4)), view=View.LATERAL),
    "early_mass_on_film": a_report(
        hip(presence=Presence.PRESENT, stage=Stage.EARLY, features=("XR_EARLY_MASS",)),
        context=after(Event.TRAUMA, 12, symptoms=(Symptom.PAIN,)),
    ),
}

_CONTEXTS = {
    "early_film": a_report(
        with_islands(5.0, stage=Stage.MINERALIZATION, features=("XR_MIN_PERIPHERAL",)),
        context=after(Event.TOTAL_HIP_ARTHROPLASTY, 8),
    ),
    "mature_too_early": a_report(
        spurred(Length(mm=12.4), stage=Stage.MATURATION, features=("XR_MAT_CORTEX",)),
        context=after(Event.REVISION_HIP_ARTHROPLASTY, 35),
    ),
    "central_order": a_report(
        with_islands(18.0, stage=Stage.MINERALIZATION, features=("XR_MIN_CENTRAL",)),
        context=after(Event.ACETABULAR_FRACTURE_FIXATION, 400),
    ),
    "mineralization_with_bridging": a_report(
        hip(bridging=Bridging.APPARENT, stage=Stage.MINERALIZATION),
        context=after(Event.HIP_RESURFACING, 1200),
    ),
    "headers_say_little": a_report(
        spurred(Length(mm=6.2)),
        patient=Patient(),
        study=SourceStudy(study_instance_uid="1.2.3"),
        context=Context(),
        observer=Person(name="Bianchi"),
    ),
    "names_in_several_scripts": a_report(
        spurred(Length(mm=6.2), comment="Größere Spange lateral\nСм. снимок от 2025 г."),  # noqa: RUF001
        patient=replace(PATIENT, name="Yamada^Tarou=山田^太郎=やまだ^たろう", sex="M"),
        observer=Person(name="Παπαδόπουλος^Νίκος"),
        study=replace(STUDY, description="Рентгенография таза"),
    ),
    "long_free_text": a_report(
        spurred(Length(mm=6.2), comment="Lateral spur.\n" * 12 + "x" * 100),
        context=Context(indication=" ".join(['Asked: "any new bone?"'] * 5)),
    ),
}

CASES: dict[str, Report] = {**_TABLE, **_GRADES, **_MODELS, **_MODALITY_CASES, **_CONTEXTS}
