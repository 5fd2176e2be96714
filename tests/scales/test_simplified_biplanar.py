"""The third scale: one file and one line, graded where both views were measured."""

import pytest

from hosr.findings import Hip, Length, Plane
from hosr.scales import SCALES, grade_hip
from hosr.scales.brooker import BROOKER
from hosr.scales.della_valle import DELLA_VALLE
from hosr.scales.scale import Possibility
from hosr.scales.simplified_biplanar import SIMPLIFIED_BIPLANAR
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Bridging, ImagingModality, Presence, View
from tests.scales import hips
from tests.scales.hips import NARROW, WIDE, a_hip, graded_as, mm, present, spurred, with_islands


def test_registry() -> None:
    """The scales in their order, by key; only the third waits for its input."""
    assert SCALES == {
        "brooker": BROOKER,
        "della_valle": DELLA_VALLE,
        "simplified_biplanar": SIMPLIFIED_BIPLANAR,
    }
    assert [scale.optional for scale in SCALES.values()] == [False, False, True]


@pytest.mark.parametrize(
    ("possibility", "grade"),
    [
        (Possibility(), "0"),
        (Possibility(island=True, island_long=True), "1"),
        (Possibility(spur=True), "1"),
        (Possibility(spur=True, gap_below=True), "2"),
        (Possibility(spur=True, gap_lateral_below=True), "2"),
        (Possibility(spur=True, gap_below=True, gap_lateral_below=True), "2"),
        (Possibility(bridged=True), "2"),
    ],
)
def test_first_criterion_that_applies(possibility: Possibility, grade: str) -> None:
    """Less than 1 cm on either view is grade 2; 1 cm on both is grade 1."""
    assert SIMPLIFIED_BIPLANAR.grade(possibility).grade == grade


@pytest.mark.parametrize(
    ("gap", "lateral", "possible", "flags"),
    [
        (mm(14), mm(13), ("1",), ()),
        (mm(14), mm(6), ("2",), ()),
        (mm(6), mm(14), ("2",), ()),
        (mm(14), WIDE, ("1",), ()),
        (mm(14), NARROW, ("2",), ()),
        (mm(14), mm(10.4), ("1",), (Flag.EQUIVOCAL,)),
        (mm(6), mm(10.4), ("2",), ()),
        (mm(14), mm(12, Plane.DETECTOR), ("1", "2"), (Flag.UNCALIBRATED,)),
        (mm(6), mm(12, Plane.DETECTOR), ("2",), ()),
        (mm(14), hips.drawn(), ("1", "2"), (Flag.UNCALIBRATED,)),
    ],
)
def test_two_views(
    gap: Length, lateral: Length, possible: tuple[str, ...], flags: tuple[Flag, ...]
) -> None:
    """The lateral gap has its own uncertainty and plane, which count where the AP gap is wide."""
    graded = hips.grade(spurred(gap=gap, gap_lateral=lateral))

    assert (hips.possible(graded)["simplified_biplanar"], graded.flags) == (possible, flags)


def test_lateral_view_leaves_the_others_alone() -> None:
    """Brooker and Della Valle are of the AP view, whatever the lateral one shows."""
    graded = hips.grade(spurred(gap=mm(14), gap_lateral=mm(6)))

    assert hips.possible(graded) == {
        "brooker": ("II",),
        "della_valle": ("B",),
        "simplified_biplanar": ("2",),
    }


def test_lateral_gap_alone() -> None:
    """A lateral gap without one on the AP view grades nothing and qualifies nothing."""
    graded = hips.grade(spurred(gap_lateral=mm(10.4)))

    expected = {"brooker": ("II", "III"), "della_valle": ("B", "C")}
    assert (hips.possible(graded), graded.flags) == (expected, (Flag.GAP_MISSING,))


@pytest.mark.parametrize(
    ("hip", "view"),
    [
        pytest.param(spurred(gap=mm(14)), View.AP_PELVIS, id="one view"),
        pytest.param(with_islands(4), View.AP_PELVIS, id="islands"),
        pytest.param(a_hip(presence=Presence.ABSENT), View.AP_PELVIS, id="absent"),
        pytest.param(
            with_islands(14, gap=mm(3), gap_lateral=mm(4)), View.AP_PELVIS, id="island near bone"
        ),
        pytest.param(spurred(gap=mm(14), gap_lateral=Length()), View.AP_PELVIS, id="empty"),
    ],
)
def test_not_graded_without_its_input(hip: Hip, view: View) -> None:
    """The scale is left out unless both views have a gap or the source used it."""
    assert set(hips.possible(hips.grade(hip, view))) == {"brooker", "della_valle"}


def test_source_grade_stands() -> None:
    """A source that graded on both views is kept, though the record holds neither."""
    graded = hips.grade(present(source_grades=graded_as(simplified_biplanar="2")))

    assert hips.possible(graded) == {
        "brooker": (),
        "della_valle": (),
        "simplified_biplanar": ("2",),
    }


def test_source_grade_beside_bridging() -> None:
    """A source's grade 1 beside bridging differs from the derived grade 2."""
    hip = present(bridging=Bridging.CONFIRMED, source_grades=graded_as(simplified_biplanar="1"))
    graded = hips.grade(hip)

    assert graded.flags == (Flag.GRADE_DIFFERS,)
    assert grade_hip(hip, ImagingModality.RADIOGRAPH)[2].stated == ("1",)


@pytest.mark.parametrize("view", [View.LATERAL, View.OBLIQUE, View.CT, View.MR])
def test_lateral_gap_needs_an_anteroposterior_view(view: View) -> None:
    """The two views of the scale are two radiographs, one of them anteroposterior."""
    faults = hips.faults_of(spurred(gap=mm(14), gap_lateral=mm(14)), view)
    assert [fault.path for fault in faults] == ["$.hips[0].gap_lateral"]
