"""The report: what makes one, what is refused, and all faults at once."""

import datetime as dt

import pytest

from hosr.errors import Fault, RecordRefused
from hosr.findings import Basis, Context, Hip, Island, Length, Line, Place, Plane, Polygon
from hosr.report import (
    GradedHip,
    Reading,
    Report,
    Subject,
    assemble,
    grade_reading,
    grading_json,
    places,
)
from hosr.scales.scale import Grade, Setting
from hosr.study import ImageReference, Instance, Patient, SourceStudy
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Event, Presence, Side, View
from tests.scales import hips
from tests.scales.hips import a_hip, graded_as, mm, present, reading, spurred

FILM, OTHER = Place(sop_instance_uid="1.2.3.4"), Place(sop_instance_uid="1.2.3.5")
UNKNOWN = Place(sop_instance_uid="1.2.3.99")


def _image(uid: str, frames: int = 1) -> ImageReference:
    instance = Instance(
        series_instance_uid="1.2.3",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1.1",
        sop_instance_uid=uid,
    )
    return ImageReference(instance=instance, modality="DX", rows=100, columns=100, frames=frames)


SUBJECT = Subject(
    patient=Patient(patient_id="P1"),
    study=SourceStudy(study_instance_uid="1.2", date="20260301"),
    images=(_image(FILM.sop_instance_uid), _image(OTHER.sop_instance_uid, frames=3)),
)
NARROW_GAP = spurred(gap=mm(6.2), place=FILM)
ABSENT = a_hip(side=Side.LEFT, presence=Presence.ABSENT, place=FILM)


def _line(place: Place, end_place: Place | None = None) -> Line:
    return Line(start=(1.0, 2.0), end=(1.0, 9.0), place=place, end_place=end_place)


def _drawn(place: Place, end_place: Place | None = None) -> Length:
    line = _line(place, end_place)
    return Length(mm=7.0, basis=Basis.CALIBRATED_FIDUCIAL, line=line)


def _outline(place: Place) -> Polygon:
    return Polygon(corners=((1.0, 1.0), (5.0, 1.0), (5.0, 5.0)), place=place)


_RULES = {
    "0": "Brooker 0: no heterotopic ossification",
    "III": "Brooker III: bone spurs from the pelvis or proximal femur, "
    "less than 1 cm between opposing bone surfaces",
    "A": "Della Valle A: no heterotopic ossification, or only islands of bone shorter than 1 cm",
    "C": "Della Valle C: bone spurs with less than 1 cm between opposing bone surfaces, "
    "or bone ankylosis",
    "2": "Simplified biplanar 2: less than 1 cm between bone surfaces on the anteroposterior "
    "or the lateral view",
}


def _graded(hip: Hip, brooker: str, della_valle: str) -> GradedHip:
    grades = {"brooker": brooker, "della_valle": della_valle}
    return GradedHip(
        hip=hip,
        grades=tuple(
            Grade(scale=scale, possible=(grade,), rule=_RULES[grade])
            for scale, grade in grades.items()
        ),
        setting=Setting(observer=hips.READER, view=View.AP_PELVIS),
    )


def _grade_json(derived: str, source: str | None = None) -> dict[str, object]:
    """A grade that the findings give, beside the range that a source gave."""
    return {
        "grade": None if source else derived,
        "derived": derived,
        "possible": [derived],
        "rule": _RULES[derived],
        "source_grade": source,
    }


def test_report_of_a_reading() -> None:
    """A report holds the subject, who graded when, and each hip with what it implies, graded and flagged."""
    given = reading(ABSENT, NARROW_GAP)

    assert assemble(SUBJECT, given) == Report(
        subject=SUBJECT,
        observer=hips.READER,
        graded_at=hips.GRADED_AT,
        view=View.AP_PELVIS,
        context=Context(),
        hips=(_graded(NARROW_GAP, "III", "C"), _graded(ABSENT, "0", "A")),
    )


def test_right_hip_comes_first() -> None:
    """Hips stand right then left, whichever the record gave first."""
    for given in (reading(ABSENT, NARROW_GAP), reading(NARROW_GAP, ABSENT)):
        assert [item.hip.side for item in assemble(SUBJECT, given).hips] == [Side.RIGHT, Side.LEFT]


def test_setting_of_a_report() -> None:
    """A report knows the circumstances it was graded in, the date of the study among them."""
    report = assemble(SUBJECT, reading(ABSENT))

    assert report.setting == Setting(
        observer=hips.READER, view=View.AP_PELVIS, study_date=dt.date(2026, 3, 1)
    )


def test_name_of_a_time_zone_is_forgotten() -> None:
    """The time of grading keeps its offset and forgets the name of its zone."""
    named = dt.timezone(dt.timedelta(hours=1), "CET")
    graded_at = dt.datetime(2026, 3, 2, 11, 15, tzinfo=named)
    report = assemble(SUBJECT, reading(ABSENT, graded_at=graded_at))

    assert report.graded_at.isoformat() == "2026-03-02T11:15:00+01:00"
    assert report.graded_at.tzinfo == dt.timezone(dt.timedelta(hours=1))


def test_all_faults_at_once() -> None:
    """One refusal lists what contradicts itself in every hip, and every image that is not there."""
    contradicting = present(place=UNKNOWN)
    nowhere = a_hip(side=Side.LEFT, source_grades=graded_as(brooker="III", della_valle="A"))
    context = hips.after(Event.TOTAL_HIP_ARTHROPLASTY, -1)

    with pytest.raises(RecordRefused, match="impossible for one hip") as refusal:
        assemble(SUBJECT, reading(contradicting, nowhere, context=context))
    assert refusal.value.faults == (
        Fault(
            "$.context.index_event.date",
            "the index event is later than the study",
            "correct the date or leave it out",
        ),
        Fault(
            "$.hips[0].presence",
            "ossification is present, but nothing describes it and no grade is given",
            "give islands, spurs, gap, bridging or the grade",
            "E03",
        ),
        Fault(
            "$.hips[1].grades",
            "this pair of Brooker and Della Valle grades is impossible for one hip",
            "possible pairs are 0/A, I/A, I/B, II/B, III/C and IV/C",
            "E07",
        ),
        Fault(
            "$.hips[0]",
            "image 1.2.3.99 is not among the images given",
            "give that image, or correct the UID",
        ),
        Fault("$.hips[1].image", "no image is named", "name the image that was graded"),
    )


@pytest.mark.parametrize(
    ("frame", "problems"),
    [
        (None, []),
        (1, []),
        (3, []),
        (4, ["the image has no frame 4"]),
        (0, ["the image has no frame 0"]),
    ],
)
def test_frames(frame: int | None, problems: list[str]) -> None:
    """A frame counts from 1 to what the image has."""
    place = Place(sop_instance_uid=OTHER.sop_instance_uid, frame=frame)
    hip = spurred(gap=mm(6.2), place=place)
    found: list[str] = []
    try:
        assemble(SUBJECT, reading(hip))
    except RecordRefused as refusal:
        found = [fault.problem for fault in refusal.faults]

    assert found == problems


@pytest.mark.parametrize(
    ("hip", "place"),
    [
        pytest.param(spurred(gap=mm(6), place=FILM), FILM, id="the image named"),
        pytest.param(spurred(gap=_drawn(OTHER), place=FILM), OTHER, id="the gap above it"),
        pytest.param(spurred(gap=_drawn(OTHER)), OTHER, id="the gap without it"),
        pytest.param(
            spurred(gap=mm(6), place=FILM, islands=(Island(), Island(length=_drawn(OTHER)))),
            OTHER,
            id="an island's length",
        ),
        pytest.param(
            spurred(gap=mm(6), islands=(Island(region=_outline(OTHER)),)),
            OTHER,
            id="an island's outline",
        ),
        pytest.param(
            spurred(gap=_drawn(FILM), islands=(Island(region=_outline(OTHER)),)),
            FILM,
            id="the gap above an island",
        ),
    ],
)
def test_key_image(hip: Hip, place: Place) -> None:
    """The key image is where the gap or an island is drawn, else the one that was named."""
    (graded,) = assemble(SUBJECT, reading(hip)).hips

    assert graded.hip.place == place


def test_places() -> None:
    """Each image that something is marked on comes once, what is drawn before the key image."""
    calibration = hips.calibration()
    hip = spurred(
        gap=_drawn(OTHER, FILM),
        gap_lateral=_drawn(UNKNOWN),
        islands=(Island(region=_outline(OTHER)), Island(length=mm(4))),
        calibration=calibration,
        place=Place(sop_instance_uid="1.2.3.7"),
    )
    assert places(hip) == (
        OTHER,
        FILM,
        UNKNOWN,
        Place(sop_instance_uid="1.2.3.7"),
    )
    assert places(spurred()) == ()


def test_image_of_a_place() -> None:
    """A subject finds the image that a place lies on."""
    assert SUBJECT.image(OTHER) == SUBJECT.images[1]
    with pytest.raises(KeyError, match=r"1\.2\.3\.99"):
        SUBJECT.image(UNKNOWN)


def test_grade_of_a_scale() -> None:
    """A graded hip has a grade by scale, and none on a scale it was not graded on."""
    graded = hips.grade(NARROW_GAP)

    assert graded.grade("della_valle") == graded.grades[1]
    assert graded.grade("simplified_biplanar") is None


@pytest.mark.parametrize(
    "graded_at",
    [
        dt.datetime(2026, 3, 2, 10, 15),
        dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.timezone(dt.timedelta(seconds=3))),
    ],
)
def test_time_without_a_usable_offset(graded_at: dt.datetime) -> None:
    """DICOM times have offsets in whole minutes."""
    with pytest.raises(ValueError, match="offset from UTC in whole minutes"):
        reading(ABSENT, graded_at=graded_at)


@pytest.mark.parametrize("sides", [(), (ABSENT, ABSENT)])
def test_each_side_once(sides: tuple[Hip, ...]) -> None:
    """A reading is of one or two hips, never twice the same."""
    with pytest.raises(ValueError, match="each side once"):
        Reading(observer=hips.READER, graded_at=hips.GRADED_AT, view=View.AP_PELVIS, hips=sides)


def test_grading_without_a_study() -> None:
    """A reading is graded without images too; what counts from the study's date is then left."""
    context = hips.after(Event.TOTAL_HIP_ARTHROPLASTY, 9)
    (graded,), faults = grade_reading(reading(NARROW_GAP, context=context))

    assert (faults, graded.flags) == ([], ())


def test_grading_as_json() -> None:
    """The grading as plain values: per scale what is derived and what the source said."""
    right = spurred(gap=mm(9.2), gap_lateral=mm(12), source_grades=graded_as(brooker="II III"))
    left = a_hip(side=Side.LEFT, evaluable=False, not_evaluable_reason="outside the field")
    graded, _ = grade_reading(reading(left, right))

    reason = "not gradable: the hip is not evaluable"
    ungraded: dict[str, object] = {
        "grade": None,
        "derived": None,
        "possible": [],
        "rule": reason,
        "source_grade": None,
    }
    assert grading_json(graded) == {
        "hips": [
            {
                "side": "right",
                "brooker": _grade_json("III", "II-III"),
                "della_valle": _grade_json("C"),
                "simplified_biplanar": _grade_json("2"),
                "flags": ["EQUIVOCAL"],
            },
            {
                "side": "left",
                "brooker": ungraded,
                "della_valle": ungraded,
                "flags": ["NOT_EVALUABLE"],
            },
        ]
    }


def test_undecided_grade_as_json() -> None:
    """Where several grades are possible there is no grade, and the list tells which."""
    graded, _ = grade_reading(reading(spurred(gap=mm(12, Plane.DETECTOR))))
    (hip,) = grading_json(graded)["hips"]

    assert hip["brooker"] == {
        "grade": None,
        "derived": None,
        "possible": ["II", "III"],
        "rule": "not decided by the findings: Brooker II or III",
        "source_grade": None,
    }
    assert hip["flags"] == [Flag.UNCALIBRATED.value]


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ("III", "III"),
        ("II III", "II-III"),
        ("I II III", "I-III"),
        ("I III", "I or III"),
    ],
)
def test_source_grade_as_json(stated: str, text: str) -> None:
    """Neighbouring grades are a range; grades apart are none."""
    graded, _ = grade_reading(reading(present(source_grades=graded_as(brooker=stated))))

    assert grading_json(graded)["hips"][0]["brooker"]["source_grade"] == text
