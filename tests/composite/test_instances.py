"""Objects of one content are one object, those of one series stay together; and what they refer to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hosr.composite import by_series, derive_instance, shown_places, sop_values
from hosr.findings import Length, Line, Place
from hosr.identity import is_valid_uid
from hosr.study import Instance
from tests.narrative.cases import LINE, PLACE, a_report, spurred


def test_the_same_content_is_the_same_instance() -> None:
    """An identity follows from kind, class, key and parts, and from nothing else."""
    first = derive_instance("picture", "1.2.3", "key", "1")

    assert derive_instance("picture", "1.2.3", "key", "1") == first
    assert is_valid_uid(first.sop_instance_uid)
    assert is_valid_uid(first.series_instance_uid)


def test_parts_of_one_key_share_a_series() -> None:
    """Several instances of one content are one series; other content and kinds are another."""
    instances = [
        derive_instance(kind, "1.2.3", key, part)
        for kind, key, part in [
            ("picture", "key", "1"),
            ("picture", "key", "2"),
            ("picture", "other", "1"),
            ("drawing", "key", "1"),
        ]
    ]

    series = [instance.series_instance_uid for instance in instances]
    assert series[0] == series[1]
    assert len(set(series)) == 3
    assert len({instance.sop_instance_uid for instance in instances}) == 4


def _instance(series: str, uid: str) -> Instance:
    return Instance(series_instance_uid=series, sop_class_uid="1.2.3", sop_instance_uid=uid)


def test_references_are_ordered_by_series() -> None:
    """Each series stands once, its instances in order, however they come."""
    first, second, third = _instance("1.1", "1.5"), _instance("1.2", "1.3"), _instance("1.1", "1.4")

    assert list(by_series([first, second, third])) == [("1.1", [third, first]), ("1.2", [second])]


@pytest.mark.parametrize(("frames", "written"), [((), None), ((2,), (2,)), ((2, 3), (2, 3))])
def test_a_reference_names_frames_where_there_are_several(
    frames: tuple[int, ...], written: tuple[int, ...] | None
) -> None:
    """No frame number means the image."""
    item = sop_values(_instance("1.1", "1.5"), *frames)

    assert item["ReferencedSOPInstanceUID"] == "1.5"
    assert item.get("ReferencedFrameNumber") == written


def test_each_image_with_a_mark_is_shown_once() -> None:
    """Gap and key image on one image are one place; one frame of several has its number."""
    report = a_report(spurred(Length(mm=6.2, line=LINE)))
    assert shown_places(report) == (PLACE,)

    image = replace(report.subject.images[0], frames=3)
    framed = Place(sop_instance_uid=PLACE.sop_instance_uid, frame=2)
    line = Line(start=LINE.start, end=LINE.end, place=framed)
    several = replace(report, subject=replace(report.subject, images=(image,)))
    hip = replace(report.hips[0].hip, gap=Length(mm=6.2, line=line), place=framed)
    several = replace(several, hips=(replace(report.hips[0], hip=hip),))
    assert shown_places(several) == (framed,)
