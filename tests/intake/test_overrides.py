"""Headers that a record says are wrong, with its reason: what holds instead, and what cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hosr.errors import Fault, HosrError, ImagesRefused, RecordRefused
from hosr.intake.images import Note
from hosr.intake.record import parse_record, record_json
from hosr.vocabulary.terms import View
from tests.command import marked
from tests.images import DELETE, FILM_UID, axial, film
from tests.intake.studies import matched

if TYPE_CHECKING:
    from pathlib import Path

REASON = "The technologist chose the wrong protocol."
USED = "is taken in place of the header"
FIRST = "$.overrides[0]"


def overriding(*overrides: dict[str, Any], **record: Any) -> dict[str, Any]:
    """A record of a marked right hip that says what headers get wrong."""
    given = [{"reason": REASON, **override} for override in overrides]
    return {**marked(), "schema_version": "1.1", "overrides": given, **record}


@pytest.mark.parametrize(
    ("header", "override", "laterality"),
    [
        ({"ImageLaterality": "L"}, {"side": "right"}, "R"),
        ({"ImageLaterality": "L"}, {"side": "both"}, "B"),
        ({"ImageLaterality": "L"}, {"side": "right", "image": FILM_UID}, "R"),
        ({"ImageLaterality": DELETE, "Laterality": "L"}, {"side": "right"}, "R"),
    ],
)
def test_a_wrong_side_in_a_header_is_overridden(
    header: dict[str, Any], override: dict[str, Any], laterality: str, tmp_path: Path
) -> None:
    """A film that says the other side is refused, until the record says why that does not hold."""
    with pytest.raises(ImagesRefused, match="the image header says left"):
        matched(tmp_path, [film(**header)], overriding() | {"overrides": None})
    found = matched(tmp_path, [film(**header)], overriding(override))
    assert [image.laterality for image in found.subject.images] == [laterality]
    assert Note(path=FIRST, problem=USED) in found.notes
    assert record_json(parse_record(overriding(override)))["overrides"] == [
        {"reason": REASON, **override}
    ]


def test_a_wrong_view_in_a_header_is_overridden(tmp_path: Path) -> None:
    """A frontal film that is labelled lateral."""
    image = film(ViewPosition="LL", BodyPartExamined="PELVIS")
    record = overriding({"view": "ap_pelvis"}, view="ap_pelvis")
    with pytest.raises(ImagesRefused, match="the image headers say lateral"):
        matched(tmp_path, [image], record | {"overrides": None})
    found = matched(tmp_path, [image], record)
    assert (found.reading.view, found.subject.images[0].view_position) == (View.AP_PELVIS, "AP")


def test_a_view_that_the_record_overrides_is_its_view(tmp_path: Path) -> None:
    """Where the record gives no view, the one that holds in place of the header counts."""
    image = film(ViewPosition="LL")
    record = overriding({"view": "ap_hip"})
    record.pop("view", None)
    assert matched(tmp_path, [image], record).reading.view is View.AP_HIP


@pytest.mark.parametrize(("directions", "is_refused"), [(["R", "F"], False), (["L", "F"], True)])
def test_a_turned_film_has_the_halves_that_the_record_says(
    directions: list[str], *, is_refused: bool, tmp_path: Path
) -> None:
    """A film that was turned over keeps its header: which half is whose is said by the record."""
    image = film(ImageLaterality=DELETE, ViewPosition=DELETE, PatientOrientation=["L", "F"])
    gap = {"points": [[70, 10], [90, 10]]}
    record = overriding({"orientation": directions}, view="ap_pelvis")
    record["hips"] = marked(gap=gap)["hips"]
    if is_refused:
        with pytest.raises(ImagesRefused, match="other half of the pelvis"):
            matched(tmp_path, [image], record)
        return
    found = matched(tmp_path, [image], record)
    assert found.subject.images[0].patient_orientation == tuple(directions)


def test_an_override_does_not_hide_a_contradiction(tmp_path: Path) -> None:
    """The side of a record is held against what the record itself says of the image."""
    with pytest.raises(ImagesRefused) as refusal:
        matched(tmp_path, [film(ImageLaterality="R")], overriding({"side": "left"}))
    remedy = "correct the side or the override"
    assert refusal.value.faults == (
        Fault("$.hips[0].side", "is right, but an override says left", remedy),
    )


def test_an_override_does_not_hide_another_view(tmp_path: Path) -> None:
    """What the record itself says of the view is not put into the header's mouth."""
    record = overriding({"view": "lateral"}, view="ap_hip")
    with pytest.raises(ImagesRefused, match='"ap_hip", but the overrides say lateral') as refusal:
        matched(tmp_path, [film(ViewPosition="AP")], record)
    assert "overrides why not" not in str(refusal.value)


def test_an_override_that_repeats_another_says_so(tmp_path: Path) -> None:
    """The header says something else than the first of them."""
    overrides = ({"side": "right"}, {"side": "right", "image": FILM_UID})
    found = matched(tmp_path, [film(ImageLaterality="L")], overriding(*overrides))
    told = Note(path="$.overrides[1]", problem="says what an earlier override says")
    assert told in found.notes


def test_an_override_without_effect_says_so(tmp_path: Path) -> None:
    """Nothing is wrong with a header that says the same."""
    found = matched(tmp_path, [film(ImageLaterality="R")], overriding({"side": "right"}))
    assert Note(path=FIRST, problem="says what the header says") in found.notes


def test_only_what_differs_from_the_header_is_told(tmp_path: Path) -> None:
    """A report does not say of a header that it was overridden where it says the same."""
    image = film(ImageLaterality="R", ViewPosition="LL")
    overrides = ({"side": "right"}, {"side": "right", "view": "ap_hip"})
    record = overriding(*overrides, view="ap_hip")
    (told,) = matched(tmp_path, [image], record).reading.overrides
    assert (told.side, told.view, told.reason) == (None, View.AP_HIP, REASON)


@pytest.mark.parametrize("order", [("left", "right"), ("right", "left")])
def test_overrides_that_do_not_agree_are_refused(order: tuple[str, str], tmp_path: Path) -> None:
    """The last one would win, and the report would tell both."""
    sides = ({"side": order[0]}, {"side": order[1], "image": FILM_UID})
    with pytest.raises(HosrError) as refusal:
        matched(tmp_path, [film(ImageLaterality="L")], overriding(*sides))
    assert (
        Fault(
            "$.overrides[1].side",
            "says another thing of an image than an earlier override",
            "say one thing of each image",
        )
        in refusal.value.faults
    )


@pytest.mark.parametrize(
    ("image", "override", "fault"),
    [
        (
            film(),
            {"side": "right", "image": "1.2.3.99"},
            Fault(
                f"{FIRST}.image", "is not among the images", "give that image, or correct the UID"
            ),
        ),
        (
            film(),
            {"view": "ct"},
            Fault(FIRST, 'says "ct" of an image that is none', "name the image that is meant"),
        ),
        (
            axial(1),
            {"orientation": ["L", "P"]},
            Fault(
                FIRST,
                "gives directions for a slice, whose position in the patient is measured",
                "name the image that is meant",
            ),
        ),
    ],
)
def test_what_cannot_be_overridden_is_refused(
    image: Any, override: dict[str, Any], fault: Fault, tmp_path: Path
) -> None:
    """An image that is not there, another kind of image, and what is measured."""
    record = overriding(override) | {"hips": [{"side": "right", "presence": "absent"}]}
    with pytest.raises(HosrError) as refusal:
        matched(tmp_path, [image], record)
    assert fault in refusal.value.faults


@pytest.mark.parametrize(
    ("override", "path", "problem"),
    [
        ({}, FIRST, "overrides nothing"),
        ({"side": "right", "reason": " "}, f"{FIRST}.reason", "is blank"),
        ({"side": "right", "reason": None}, f"{FIRST}.reason", "is null, not text"),
        ({"side": "R"}, f"{FIRST}.side", 'is "R", which is no word of the record'),
        ({"orientation": ["L", "R"]}, f"{FIRST}.orientation", "is not where rows and columns lead"),
        ({"orientation": ["L"]}, f"{FIRST}.orientation", "has 1 of at least 2 entries"),
        ({"laterality": "R"}, f"{FIRST}.laterality", "is an unknown key"),
    ],
)
def test_an_override_says_what_holds_and_why(
    override: dict[str, Any], path: str, problem: str
) -> None:
    """Without either it is refused, as is a word that means nothing."""
    with pytest.raises(RecordRefused) as refusal:
        parse_record(overriding(override))
    assert (path, problem) in [(fault.path, fault.problem) for fault in refusal.value.faults]
