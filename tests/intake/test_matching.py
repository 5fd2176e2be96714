"""Record and images brought together: whose, of which side, from where, and the key image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydicom.uid import SecondaryCaptureImageStorage

from hosr.errors import Fault, ImagesRefused, RecordRefused
from hosr.findings import Place
from hosr.intake.images import Note
from hosr.vocabulary.terms import View
from tests.command import marked
from tests.images import DELETE, FILM_UID, SLICE_UID, STUDY_UID, axial, film, volume
from tests.intake.studies import matched

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset

STATED: dict[str, Any] = {"gap": {"mm": 8}}
OTHER_FILM = "2.25.2"
ANOTHER = "give the images that were graded, or correct the record"
WRONG_VIEW = "correct the view, give the images that were graded, or say in overrides why not"
NO_VIEW = "no view is given, and the headers do not tell one"
VIEWS = "give one of ap_pelvis, ap_hip, lateral, oblique, ct or mr"


def _slices(count: int = 5, **changes: Any) -> list[Dataset]:
    return [axial(number, **changes) for number in range(1, count + 1)]


def _second(**changes: Any) -> Dataset:
    return film(SOPInstanceUID=OTHER_FILM, InstanceNumber="2", **changes)


def _localizer(number: int) -> Dataset:
    return axial(number, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])


def _captures(count: int) -> list[Dataset]:
    """What a scanner puts beside its slices: the page of the dose, the screen, and the like."""
    return [
        axial(
            number,
            SOPClassUID=SecondaryCaptureImageStorage,
            SeriesInstanceUID="2.25.77",
            SOPInstanceUID=f"2.25.77.{number}",
        )
        for number in range(1, count + 1)
    ]


def _poor(**changes: Any) -> Dataset:
    """A film whose header tells neither view nor side."""
    return film(ViewPosition=DELETE, ImageLaterality=DELETE, **changes)


def test_assertions_that_hold_say_nothing(tmp_path: Path) -> None:
    """A record may assert study, patient and accession; identity comes from the headers alone."""
    study = {"study_instance_uid": STUDY_UID, "patient_id": "P-4711", "accession_number": "A-17"}
    asserted = matched(tmp_path, [film()], {**marked(), "study": study})
    assert asserted == matched(tmp_path, [film()], marked())
    assert asserted.subject.patient.patient_id == "P-4711"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("study_instance_uid", STUDY_UID + ".1"),
        ("patient_id", "p-4711"),
        ("accession_number", "A-170"),
        ("date", "2026-02-28"),
    ],
)
def test_assertions_that_do_not_hold_refuse_the_images(
    name: str, value: str, tmp_path: Path
) -> None:
    """An assertion that is not exactly that of the headers is named, without either value."""
    record = {**marked(), "schema_version": "1.1", "study": {name: value}}
    with pytest.raises(ImagesRefused, match="is not that of the images") as caught:
        matched(tmp_path, [film()], record)
    assert caught.value.faults == (Fault(f"$.study.{name}", "is not that of the images", ANOTHER),)


@pytest.mark.parametrize(
    ("hip", "name"),
    [
        ({"image": FILM_UID}, "Roe^Jane"),
        ({"image": OTHER_FILM}, "Doe^Jane"),
        ({"gap": {"points": [[10, 10], [18, 10]], "image": OTHER_FILM}}, "Doe^Jane"),
    ],
)
def test_the_patient_is_that_of_the_graded_image(
    hip: dict[str, Any], name: str, tmp_path: Path
) -> None:
    """Not that of the first image; what the graded one leaves out another may say."""
    same = {"PatientBirthDate": "19500102", "PatientSex": ""}
    images = [
        film(PatientName="Roe^Jane", **same | {"PatientSex": "F"}),
        _second(PatientName="Doe^Jane", **same),
    ]
    patient = matched(tmp_path, images, marked(**STATED | hip)).subject.patient
    assert (patient.name, patient.birth_date, patient.sex) == (name, "19500102", "F")


@pytest.mark.parametrize(
    ("text", "noted"), [("HIP LT", True), ("HIP RT", False), ("PELVIS LEFT HIP", False)]
)
def test_a_description_of_the_other_side_is_noted(text: str, noted: bool, tmp_path: Path) -> None:
    """Descriptions are copied from orders, so none refuses."""
    found = matched(tmp_path, [film(SeriesDescription=text, StudyDescription="")], marked()).notes
    note = Note(path="$.hips[0].side", problem="is right, but Series Description names the left")
    assert (note in found) is noted


@pytest.mark.parametrize(
    ("event", "sides", "is_noted"),
    [
        ({"procedure": "total_hip_arthroplasty"}, ("right", "left"), True),
        ({"procedure": "total_hip_arthroplasty"}, ("right",), False),
        ({"procedure": "total_hip_arthroplasty", "side": "right"}, ("right", "left"), False),
        ({"procedure": "spinal_cord_injury"}, ("right", "left"), False),
    ],
)
def test_an_operation_without_a_side_is_noted_where_it_counts_for_both_hips(
    event: dict[str, str], sides: tuple[str, ...], *, is_noted: bool, tmp_path: Path
) -> None:
    """An injury happens to a patient, an operation to a hip."""
    hips = [hip for side in sides for hip in marked(side=side, gap={"mm": 8})["hips"]]
    record = marked() | {"context": {"index_event": event}, "hips": hips}
    found = matched(tmp_path, [film(ImageLaterality="B")], record).notes
    problem = "is not given, so the operation is counted for both hips; compare it"
    note = Note(path="$.context.index_event.side", problem=problem)
    assert (note in found) is is_noted


@pytest.mark.parametrize("name", ["patient_id", "accession_number"])
def test_an_assertion_that_the_header_leaves_empty_does_not_hold(name: str, tmp_path: Path) -> None:
    """A header that names no patient or order cannot confirm one."""
    empty = film(PatientID="", AccessionNumber="")
    with pytest.raises(ImagesRefused, match="is not that of the images"):
        matched(tmp_path, [empty], {**marked(), "study": {name: "X"}})


def test_an_accession_number_that_no_report_can_hold_is_compared(tmp_path: Path) -> None:
    """It tells the images from others, and is left out of the report."""
    number = "2026-03-02/A-000017"
    record = {**marked(), "study": {"accession_number": number}}
    found = matched(tmp_path, [film(AccessionNumber=number)], record)
    assert found.subject.study.accession_number == ""
    with pytest.raises(ImagesRefused, match="is not that of the images"):
        matched(tmp_path, [film(AccessionNumber=f"{number}8")], record)


@pytest.mark.parametrize(
    ("images", "stated", "hip", "view"),
    [
        ([film()], None, {}, View.AP_PELVIS),
        ([film()], "ap_pelvis", {}, View.AP_PELVIS),
        ([film()], "ap_hip", {}, View.AP_HIP),
        ([_poor()], "lateral", {}, View.LATERAL),
        ([film("OT")], "ct", STATED, View.CT),
        (_slices(), None, STATED, View.CT),
        ([volume(kind="MR")], None, STATED, View.MR),
        ([film(), _second(ViewPosition="LL")], "lateral", STATED, View.LATERAL),
        ([film(), _second(ViewPosition="LL")], None, {"image": OTHER_FILM}, View.LATERAL),
        ([film(), *_slices()], "ap_pelvis", STATED, View.AP_PELVIS),
        ([film(), *_slices()], "ct", STATED, View.CT),
        ([film(), *_slices()], None, {"image": SLICE_UID + "2"}, View.CT),
        ([_poor(), *_slices()], "ap_pelvis", STATED, View.AP_PELVIS),
    ],
)
def test_the_view_is_that_of_the_record_or_else_of_the_images(
    images: list[Dataset], stated: str | None, hip: dict[str, Any], view: View, tmp_path: Path
) -> None:
    """A stated view holds unless the headers deny it; one left out is that of what was graded."""
    record = marked(**hip) if stated is None else {**marked(**hip), "view": stated}
    assert matched(tmp_path, images, record).reading.view is view


@pytest.mark.parametrize(
    ("images", "stated", "hip", "found"),
    [
        ([film()], "ct", STATED, "ap_pelvis"),
        ([film()], "lateral", {}, "ap_pelvis"),
        ([_poor()], "mr", {}, "radiograph"),
        (_slices(), "ap_pelvis", STATED, "ct"),
        (_slices(), "mr", STATED, "ct"),
        ([film(), _second(ViewPosition="LL")], "oblique", STATED, "ap_pelvis and lateral"),
        ([film(), _second(ViewPosition="LL")], "ap_pelvis", {"image": OTHER_FILM}, "lateral"),
        ([film(), *_slices()], "ap_pelvis", {"image": SLICE_UID + "2"}, "ct"),
        ([film(), *_slices()], "ct", {"image": FILM_UID}, "ap_pelvis"),
    ],
)
def test_a_view_that_the_headers_deny_refuses_the_images(
    images: list[Dataset], stated: str, hip: dict[str, Any], found: str, tmp_path: Path
) -> None:
    """A view must fit every image that is named, or where none is, one of those given."""
    with pytest.raises(ImagesRefused, match=r"^\$\.view") as caught:
        matched(tmp_path, images, {**marked(**hip), "view": stated})
    problem = f'is "{stated}", but the image headers say {found}'
    assert caught.value.faults == (Fault("$.view", problem, WRONG_VIEW),)


@pytest.mark.parametrize(
    "images",
    [
        [_poor()],
        [film("OT")],
        [film(), _second(ViewPosition="LL")],
        [film(), *_slices()],
        [_poor(), *_slices()],
    ],
)
def test_a_view_that_nobody_tells_is_asked_for(images: list[Dataset], tmp_path: Path) -> None:
    """Without a view in the record, the headers must tell exactly one."""
    with pytest.raises(RecordRefused, match="no view is given") as caught:
        matched(tmp_path, images, marked(**STATED))
    assert caught.value.faults == (Fault("$.view", NO_VIEW, VIEWS),)


@pytest.mark.parametrize(
    ("images", "place"),
    [
        ([film()], Place(sop_instance_uid=FILM_UID)),
        ([film(), _second(ImageLaterality="L")], Place(sop_instance_uid=FILM_UID)),
        ([film(ImageLaterality="R"), _second(ImageLaterality="L")], Place(sop_instance_uid=FILM_UID)),
        ([film(), _second(ViewPosition="LL")], Place(sop_instance_uid=FILM_UID)),
        ([film(), _second(ViewPosition=DELETE)], Place(sop_instance_uid=FILM_UID)),
        ([film(), *_slices()], Place(sop_instance_uid=FILM_UID)),
    ],
)  # fmt: skip
def test_the_only_film_that_may_be_meant_is_the_key_image(
    images: list[Dataset], place: Place, tmp_path: Path
) -> None:
    """Films of another view, of the other side, and slices are not what an AP grading is of."""
    found = matched(tmp_path, images, {**marked(**STATED), "view": "ap_pelvis"})
    assert (found.reading.hips[0].place, found.notes) == (place, ())


@pytest.mark.parametrize(
    ("images", "place"),
    [
        (_slices(5), Place(sop_instance_uid=SLICE_UID + "3")),
        (_slices(4), Place(sop_instance_uid=SLICE_UID + "3")),
        ([_localizer(9), axial(1)], Place(sop_instance_uid=SLICE_UID + "1")),
        ([volume(5)], Place(sop_instance_uid=SLICE_UID + "1", frame=3)),
        ([film(), *_slices(3)], Place(sop_instance_uid=SLICE_UID + "2")),
        ([volume(3), *_captures(2)], Place(sop_instance_uid=SLICE_UID + "1", frame=2)),
        ([*_slices(3), *_captures(5)], Place(sop_instance_uid=SLICE_UID + "2")),
        (
            [*_slices(3), axial(9, SeriesInstanceUID="2.25.1")],
            Place(sop_instance_uid=SLICE_UID + "2"),
        ),
    ],
)
def test_the_middle_slice_stands_for_one_that_is_not_named(
    images: list[Dataset], place: Place, tmp_path: Path
) -> None:
    """Of CT and MR the middle of the largest series is the key image, and a note says so."""
    found = matched(tmp_path, images, {**marked(**STATED), "view": "ct"})
    problem = f"not named; the middle slice {place.sop_instance_uid} stands for it"
    assert found.reading.hips[0].place == place
    assert found.notes == (Note(path="$.hips[0].image", problem=problem),)


def test_a_marked_image_is_the_key_image(tmp_path: Path) -> None:
    """Where a point names its image, no other one is guessed."""
    found = matched(
        tmp_path, _slices(), marked(gap={"points": [[1, 1], [9, 1]], "image": SLICE_UID + "5"})
    )
    assert found.reading.hips[0].place == Place(sop_instance_uid=SLICE_UID + "5")
    assert found.notes == ()


def _with_lateral_gap(image: str) -> dict[str, Any]:
    lateral = {"points": [[20, 20], [32, 20]], "image": image}
    gap = {"points": [[10, 10], [18, 10]], "image": FILM_UID}
    return {**marked(gap=gap, gap_lateral=lateral), "view": "ap_pelvis"}


def test_the_gap_on_the_lateral_view_is_marked_on_that_film(tmp_path: Path) -> None:
    """A lateral film beside the AP one holds the lateral gap; the AP film stays the key image."""
    films = [film(), _second(ViewPosition="LL", ImageLaterality=DELETE)]
    found = matched(tmp_path, films, _with_lateral_gap(OTHER_FILM))
    (hip,) = found.reading.hips
    assert found.reading.view is View.AP_PELVIS
    assert hip.place == Place(sop_instance_uid=FILM_UID)
    assert hip.gap_lateral is not None
    assert hip.gap_lateral.mm == 12
    assert hip.gap_lateral.line is not None
    assert hip.gap_lateral.line.place == Place(sop_instance_uid=OTHER_FILM)


@pytest.mark.parametrize(
    ("gap", "is_noted"),
    [
        ({"points": [[10, 10], [18, 10]], "image": FILM_UID}, False),
        ({"points": [[10, 10], [18, 10]], "image": OTHER_FILM}, True),
        ({"mm": 8}, True),
    ],
)
def test_a_calibration_that_counts_for_nothing_is_noted(
    gap: dict[str, Any], is_noted: bool, tmp_path: Path
) -> None:
    """An object on another image than the marks calibrates none of them, and the manifest says so."""
    head = {"points": [[30, 30], [60, 30]], "image": FILM_UID, "true_mm": 28}
    record = marked(gap=gap, calibration=head, image=FILM_UID)
    found = matched(tmp_path, [film(), _second()], record)
    problem = "calibrates nothing: no length is marked on the image of the object"
    note = Note(path="$.hips[0].calibration", problem=problem)
    assert (note in found.notes) is is_noted


def test_a_lateral_gap_on_an_ap_film_is_refused(tmp_path: Path) -> None:
    """A gap that is said to be on the lateral view is not taken from an anteroposterior one."""
    with pytest.raises(ImagesRefused, match="gap_lateral") as caught:
        matched(tmp_path, [film()], _with_lateral_gap(FILM_UID))
    assert caught.value.faults == (
        Fault(
            "$.hips[0].gap_lateral",
            "is marked on an anteroposterior view",
            "mark it on the lateral view, or leave it out",
        ),
    )


@pytest.mark.parametrize(
    ("images", "fault"),
    [
        (
            [film(), _second()],
            Fault(
                "$.hips[0].image",
                "no image is named, and 2 of those given may be meant",
                "name the image that was graded by its SOP Instance UID",
            ),
        ),
        (
            [film("XA", NumberOfFrames="3")],
            Fault(
                "$.hips[0].frame",
                "the image has 3 frames, and none is named",
                "name the one that was graded, from 1 to 3",
            ),
        ),
    ],
)
def test_a_film_is_never_guessed(images: list[Dataset], fault: Fault, tmp_path: Path) -> None:
    """Where several films or frames may be meant, the record must name one."""
    with pytest.raises(RecordRefused, match=r"^\$\.hips\[0\]") as caught:
        matched(tmp_path, images, {**marked(**STATED), "view": "ap_pelvis"})
    assert caught.value.faults == (fault,)


@pytest.mark.parametrize(
    "image",
    [
        film(ImageLaterality="L"),
        film(ImageLaterality=DELETE, Laterality="L"),
        film("CR", ImageLaterality=DELETE, Laterality="L"),
    ],
)
@pytest.mark.parametrize("hip", [{}, {"image": FILM_UID}, STATED])
def test_a_side_that_the_header_denies_refuses_the_images(
    image: Dataset, hip: dict[str, Any], tmp_path: Path
) -> None:
    """A right hip on an image of the left one is refused, however the image was named."""
    with pytest.raises(ImagesRefused, match=r"^\$\.hips\[0\]\.side") as caught:
        matched(tmp_path, [image], marked(**hip))
    assert caught.value.faults == (
        Fault(
            "$.hips[0].side",
            "is right, but the image header says left",
            "correct the side, name the image of that side, or say in overrides why not",
        ),
    )


@pytest.mark.parametrize("letter", ["R", "B", "U", "", DELETE])
def test_a_side_that_the_header_leaves_open_is_that_of_the_record(
    letter: object, tmp_path: Path
) -> None:
    """The same side, both, unpaired or none at all contradict nothing."""
    found = matched(tmp_path, [film(ImageLaterality=letter)], marked())
    assert found.reading.hips[0].side == "right"


def test_each_hip_has_the_film_of_its_side(tmp_path: Path) -> None:
    """Of two films of one hip each, either hip gets its own."""
    films = [film(ImageLaterality="R"), _second(ImageLaterality="L")]
    record = marked(**STATED)
    record["hips"].append({"side": "left", "presence": "absent"})
    found = matched(tmp_path, films, record)
    assert [hip.place for hip in found.reading.hips] == [
        Place(sop_instance_uid=FILM_UID),
        Place(sop_instance_uid=OTHER_FILM),
    ]


def test_every_fault_of_every_hip_is_named_at_once(tmp_path: Path) -> None:
    """Faults of one hip do not hide those of the other, nor those of the patient and the view."""
    record = {**marked(end=(121, 10)), "view": "ct", "study": {"patient_id": "other"}}
    left = {"side": "left", "presence": "present", "image": "2.25.7"}
    record["hips"].append(left)
    with pytest.raises(ImagesRefused) as caught:
        matched(tmp_path, [film()], record)
    assert [fault.path for fault in caught.value.faults] == [
        "$.hips[0].gap.points",
        "$.study.patient_id",
        "$.view",
        "$.hips[1].image",
    ]


def test_a_report_speaks_of_every_film_and_of_the_slices_that_are_marked(tmp_path: Path) -> None:
    """All films are shown in a report; of a series only what something stands on, the rest is evidence."""
    images = [film(), _second(), *_slices(3)]
    subject = matched(tmp_path, images, marked(image=SLICE_UID + "2")).subject
    spoken_of = {image.instance.sop_instance_uid for image in subject.images}
    examined = [instance.sop_instance_uid for instance in subject.examined]
    assert spoken_of == {FILM_UID, OTHER_FILM, SLICE_UID + "2"}
    assert examined == [SLICE_UID + "1", SLICE_UID + "3"]


@pytest.mark.parametrize(("year", "is_noted"), [(2099, True), (2046, False)])
def test_a_grading_long_after_the_study_is_noted(year: int, is_noted: bool, tmp_path: Path) -> None:
    """The clock of this machine is no judge, so that the same input gives the same result for ever."""
    record = {**marked(), "graded_at": f"{year}-03-02T10:15:00+01:00"}
    note = Note(path="$.graded_at", problem="is 73 years after the study; compare it")
    assert matched(tmp_path, [film()], record).notes == ((note,) if is_noted else ())


@pytest.mark.parametrize(("mm", "is_noted"), [(77, True), (88, True), (99, True), (9.9, False)])
def test_a_gap_that_may_be_a_code_is_noted(mm: float, is_noted: bool, tmp_path: Path) -> None:
    """Tables write 99 where nobody measured; no hip has such a space between spurs."""
    found = matched(tmp_path, [film()], marked(gap={"mm": mm}))
    problem = f"is {mm:g}, which tables write for a missing value; compare it"
    assert found.notes == ((Note(path="$.hips[0].gap.mm", problem=problem),) if is_noted else ())


@pytest.mark.parametrize(
    ("sizes_mm", "is_noted"), [([3.4, 2.8], True), ([9.9], True), ([34, 2.8], False), ([10], False)]
)
def test_a_mass_in_centimetres_is_noted(
    sizes_mm: list[float], is_noted: bool, tmp_path: Path
) -> None:
    """34 mm that were written as 3.4 would be told as a tenth of what was seen."""
    record = {**marked(mass={"sizes_mm": sizes_mm}), "schema_version": "1.1"}
    problem = "are all below 10: were they meant in centimetres? compare them"
    note = Note(path="$.hips[0].mass.sizes_mm", problem=problem)
    assert matched(tmp_path, [film()], record).notes == ((note,) if is_noted else ())
