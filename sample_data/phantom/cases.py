"""The table of sample studies. Every person, place and number in it is invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from . import dicom, headers
from .dicom import Patient, Visit
from .ossification import Growth, Island, axial, bridge, frontal
from .radiograph import Look
from .readings import ABSENT, MODEL, arthroplasty, facing_spurs, islands_only, scores
from .records import Reading
from .rooms import CR_HIP, CR_PLATE, DX_ROOM_2, DX_WIDE
from .scene import Hip, Scene
from .slices import Stack
from .solids import Ellipsoid
from .studies import Film, Series, Study


def studies() -> Iterator[Study]:
    """Yield every sample study."""
    yield _brooker_0()
    yield _brooker_1()
    yield _brooker_2()
    yield _brooker_3()
    yield _brooker_4()
    yield _bilateral()
    yield _mr_early()
    yield _ct()
    yield _follow_up_1()
    yield _follow_up_2()
    yield _poor_headers()


def _brooker_0() -> Study:
    alva = Patient(name="Phantom^Alva", patient_id="HOSR-0001", birth_date="19610304", sex="F")
    return Film(
        visit=_visit("brooker-0", alva, "SYN0001", "20260310", "065Y"),
        scene=Scene(right=Hip(side="right", head_mm=36.0), left=Hip(side="left"), seed=11),
        readings={"right": ABSENT, "left": ABSENT},
        graded_at="2026-03-11T09:20:00+01:00",
        view="ap_pelvis",
        context=arthroplasty("right", "2025-09-02", "Routine control after hip replacement", []),
        calibration="Pixel Spacing equals Imager Pixel Spacing: detector plane",
        beam=DX_WIDE,
        look=Look(),
        headers=headers.uncalibrated,
    )


def _brooker_1() -> Study:
    islands = (
        Island(centre=(131.0, 0.0, 27.0), length_mm=14.0, width_mm=7.0, tilt_deg=52.0),
        Island(centre=(119.0, 0.0, 33.0), length_mm=6.0, width_mm=4.2, tilt_deg=15.0),
    )
    bruno = Patient(name="Phantom^Bruno", patient_id="HOSR-0002", birth_date="19550721", sex="M")
    return Film(
        visit=_visit("brooker-1", bruno, "SYN0002", "20260217", "070Y"),
        scene=Scene(
            right=Hip(side="right"),
            left=Hip(side="left", head_mm=32.0, growth=Growth(islands=islands)),
            seed=12,
        ),
        readings={"left": islands_only("I", "B")},
        graded_at="2026-02-17T16:05:00+01:00",
        view="ap_pelvis",
        context=arthroplasty("left", "2025-02-11", "One year after hip replacement", []),
        calibration="Imager Pixel Spacing with Estimated Radiographic Magnification Factor",
        beam=DX_ROOM_2,
        look=Look(marker="left"),
        headers=headers.estimated_magnification,
    )


def _brooker_2() -> Study:
    carla = Patient(name="Phantom^Carla", patient_id="HOSR-0003", birth_date="19580115", sex="F")
    return Film(
        visit=_visit("brooker-2", carla, "SYN0003", "20260422", "068Y"),
        scene=Scene(
            right=Hip(side="right", head_mm=32.0, growth=frontal(14.0)),
            left=Hip(side="left"),
            ball=True,
            seed=13,
        ),
        readings={"right": facing_spurs("II", "B", {"grades": {"brooker": "II"}})},
        graded_at="2026-04-22T11:40:00+02:00",
        view="ap_pelvis",
        context=arthroplasty(
            "right", "2024-10-08", "Stiffness after hip replacement", ["reduced_motion"]
        ),
        calibration="Pixel Spacing calibrated by a ball of 25 mm (FIDUCIAL)",
        beam=DX_ROOM_2,
        look=Look(),
        headers=headers.fiducial,
    )


def _brooker_3() -> Study:
    dario = Patient(
        name="Phantom^Dario=幻影^太郎=げんえい^たろう",
        patient_id="HOSR-0004",
        birth_date="19490930",
        sex="M",
        character_set="ISO_IR 192",
    )
    grades = {"grades": {"brooker": "III", "della_valle": "C"}}
    reading = facing_spurs("III", "C", grades, calibrate_by_head=True)
    return Film(
        visit=_visit("brooker-3", dario, "SYN0004", "20260302", "076Y"),
        scene=Scene(
            right=Hip(side="right", head_mm=32.0, growth=frontal(6.2)),
            left=Hip(side="left"),
            seed=14,
        ),
        readings={"right": replace(reading, grid_px=0.5)},
        graded_at="2026-03-02T10:15:00+01:00",
        view="ap_pelvis",
        context=arthroplasty(
            "right", "2025-03-01", "Pain and loss of flexion", ["pain", "reduced_motion"]
        ),
        calibration="Imager Pixel Spacing alone; the record calibrates by the 32 mm head",
        beam=CR_PLATE,
        look=Look(),
        modality="CR",
        headers=headers.imager_only,
    )


def _brooker_4() -> Study:
    elena = Patient(name="Phantom^Elena", patient_id="HOSR-0005", birth_date="19670512", sex="F")
    reading = Reading(
        stated={
            "presence": "present",
            "spurs": {"pelvis": True, "femur": True},
            "bridging": "apparent",
            "stage": "maturation",
            "features": ["XR_MAT_CORTEX"],
            "grades": {"brooker": "IV"},
            "image": dicom.make_uid("brooker-4/image-1"),
            "comment": "Bridging on the frontal view only; no second view.",
        },
        brooker="IV",
        della_valle="C",
    )
    return Film(
        visit=_visit("brooker-4", elena, "SYN0005", "20251118", "058Y"),
        scene=Scene(
            right=Hip(side="right"), left=Hip(side="left", head_mm=28.0, growth=bridge()), seed=15
        ),
        readings={"left": reading},
        graded_at="2025-11-19T08:30:00+01:00",
        view="ap_hip",
        context=arthroplasty("left", "2023-05-23", "Stiff hip", ["reduced_motion"]),
        calibration="Pixel Spacing alone, of unknown meaning",
        beam=CR_HIP,
        look=Look(marker="left", border_mm=5.0),
        modality="CR",
        region=dicom.HIP,
        laterality="L",
        headers=headers.monochrome_1,
    )


def _bilateral() -> Study:
    island = Island(centre=(129.0, 0.0, 25.0), length_mm=8.4, width_mm=5.0, tilt_deg=48.0)
    fabio = Patient(name="Phantom^Fabio", patient_id="HOSR-0006", birth_date="19520209", sex="M")
    return Film(
        visit=_visit("bilateral", fabio, "SYN0006", "20260514", "074Y"),
        scene=Scene(
            right=Hip(side="right", head_mm=32.0, growth=frontal(7.5)),
            left=Hip(side="left", head_mm=32.0, growth=Growth(islands=(island,))),
            seed=16,
        ),
        readings={
            "right": facing_spurs("III", "C", scores("III", 0.01, 0.03, 0.13, 0.79, 0.04)),
            "left": islands_only("I", "A", scores("I", 0.08, 0.84, 0.06, 0.01, 0.01)),
        },
        graded_at="2026-05-14T07:02:11+02:00",
        view="ap_pelvis",
        context={"indication": "Both hips replaced", "causes": ["postoperative"], "symptoms": []},
        observer=MODEL,
        calibration="Imager Pixel Spacing with the distances source to detector and to patient",
        beam=DX_WIDE,
        look=Look(bits=12),
        headers=headers.distances,
    )


def _mr_early() -> Study:
    gita = Patient(name="Phantom^Gita", patient_id="HOSR-0007", birth_date="19930817", sex="F")
    visit = _visit("mr-early", gita, "SYN0007", "20260129", "032Y", "MR hip right")
    reading = Reading(
        stated={
            "presence": "indeterminate",
            "stage": "early",
            "features": ["MR_EARLY_T2_HETEROGENEOUS_HIGH", "MR_EARLY_EDEMA"],
            "image": visit.uid("image-4"),
            "comment": "Mass in front of the hip, bright and heterogeneous, with oedema around it.",
        }
    )
    return Series(
        visit=visit,
        scene=Scene(right=Hip(side="right"), left=Hip(side="left"), seed=17),
        readings={"right": reading},
        graded_at="2026-01-29T15:30:00+01:00",
        view="mr",
        context={
            "indication": "Swelling of the hip three weeks after spinal cord injury",
            "causes": ["spinal_cord_injury"],
            "symptoms": ["swelling", "fever"],
        },
        calibration="Pixel Spacing in the patient",
        stack=Stack(
            size=256,
            spacing_mm=0.9,
            centre_x_mm=-100.0,
            centre_y_mm=5.0,
            first_z_mm=-6.0,
            step_mm=6.0,
            count=7,
        ),
        lesion=Ellipsoid((-122.0, -24.0, 12.0), (17.0, 21.0, 19.0)),
    )


def _ct() -> Study:
    hugo = Patient(name="Phantom^Hugo", patient_id="HOSR-0008", birth_date="19840626", sex="M")
    island = Island(centre=(152.0, -6.0, 18.0), length_mm=18.0, width_mm=9.0)
    return Series(
        visit=_visit("ct", hugo, "SYN0008", "20251203", "041Y", "CT hip right"),
        scene=Scene(
            right=Hip(side="right", growth=axial(12.4, 6.0, island)), left=Hip(side="left"), seed=18
        ),
        readings={
            "right": facing_spurs(
                "II", "B", {"features": ["CT_MAT_PERIPHERAL_CORTEX"]}, measure_islands=True
            )
        },
        graded_at="2025-12-03T13:45:00+01:00",
        view="ct",
        context={
            "indication": "Planning after brain injury",
            "causes": ["traumatic_brain_injury"],
            "symptoms": ["reduced_motion"],
        },
        calibration="Pixel Spacing in the patient",
        stack=Stack(
            size=320,
            spacing_mm=0.7,
            centre_x_mm=-105.0,
            centre_y_mm=5.0,
            first_z_mm=-36.0,
            step_mm=3.0,
            count=24,
        ),
    )


IRIS = Patient(name="Phantom^Iris", patient_id="HOSR-0009", birth_date="19641101", sex="F")


def _follow_up_1() -> Study:
    island = Island(centre=(130.0, 0.0, 26.0), length_mm=12.0, width_mm=6.4, tilt_deg=50.0)
    return Film(
        visit=_visit("follow-up-1", IRIS, "SYN0009", "20250116", "060Y"),
        scene=_iris(Growth(islands=(island,))),
        readings={"right": islands_only("I", "B", calibrate_by_head=True)},
        graded_at="2025-01-16T10:00:00+01:00",
        view="ap_pelvis",
        context=arthroplasty("right", "2024-10-15", "Three months after hip replacement", []),
        calibration="Pixel Spacing equals Imager Pixel Spacing; the record calibrates by the 36 mm head",
        beam=DX_WIDE,
        look=Look(),
        headers=headers.uncalibrated,
    )


def _follow_up_2() -> Study:
    island = Island(centre=(146.0, 0.0, 29.0), length_mm=13.0, width_mm=6.8, tilt_deg=64.0)
    return Film(
        visit=_visit("follow-up-2", IRIS, "SYN0010", "20260120", "061Y"),
        scene=_iris(frontal(16.0, island)),
        readings={
            "right": facing_spurs("II", "B", {"grades": {"brooker": "II"}}, measure_islands=True)
        },
        graded_at="2026-01-20T10:30:00+01:00",
        view="ap_pelvis",
        context=arthroplasty(
            "right", "2024-10-15", "Fifteen months after hip replacement", ["pain"]
        ),
        calibration="Pixel Spacing equals Imager Pixel Spacing: detector plane, so the interval rule",
        beam=DX_WIDE,
        look=Look(),
        headers=headers.uncalibrated,
    )


def _poor_headers() -> Study:
    jonas = Patient(name="Phantom^Jonas", patient_id="HOSR-0010", birth_date="", sex="")
    stated = {
        "presence": "present",
        "spurs": {"pelvis": True, "femur": True},
        "gap": {"category": "<10mm"},
        "bridging": "none",
        "image": dicom.make_uid("poor-headers/image-1"),
        "comment": "No scale on the image; gap judged by eye against the head of the implant.",
    }
    return Film(
        visit=_visit("poor-headers", jonas, "", "20240911", ""),
        scene=Scene(
            right=Hip(side="right", head_mm=32.0, growth=frontal(4.8)),
            left=Hip(side="left"),
            seed=20,
        ),
        readings={"right": Reading(stated=stated, brooker="III", della_valle="C")},
        graded_at="2024-09-12T12:00:00+02:00",
        view="ap_pelvis",
        context={"causes": ["postoperative"]},
        calibration="None: no spacing at all",
        beam=CR_PLATE,
        look=Look(border_mm=0.0),
        modality="CR",
        headers=headers.stripped,
    )


def _visit(
    folder: str,
    patient: Patient,
    accession: str,
    date: str,
    age: str,
    description: str = "Pelvis AP",
) -> Visit:
    return Visit(
        folder=folder,
        patient=patient,
        accession=accession,
        date=date,
        time="081500",
        description=description,
        age=age,
    )


def _iris(growth: Growth) -> Scene:
    return Scene(
        right=Hip(side="right", head_mm=36.0, growth=growth), left=Hip(side="left"), seed=19
    )
