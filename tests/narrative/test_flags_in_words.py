"""Every flag, stage, feature, cause, symptom, event and view is said in words."""

from __future__ import annotations

import pytest

from hosr.findings import Context, IndexEvent, Length
from hosr.narrative import render_text, words
from hosr.report import Report
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import (
    FEATURES,
    VIEW_MODALITIES,
    Cause,
    Event,
    ImagingModality,
    Presence,
    Side,
    Stage,
    Symptom,
    View,
)
from tests.comparison.cases import COMPARED
from tests.narrative.cases import CASES, a_report, after, hip, spurred

# Flag: the case that raises it, and the words that tell it.
_TOLD = {
    Flag.NOT_EVALUABLE: ("row_02_not_evaluable", 'not evaluable; reason as given: "Motion blur'),
    Flag.PRESENCE_INDETERMINATE: ("row_03_indeterminate", "serial imaging may show the pattern"),
    Flag.GRADE_DIFFERS: (
        "grade_differs",
        "Brooker II as graded by the observer; the findings give",
    ),
    Flag.GRADE_UNSUPPORTED: ("row_20_grade_without_findings", "no findings were given to derive"),
    Flag.EQUIVOCAL: (
        "row_22_equivocal_gap",
        "The space is within its uncertainty (0.6 mm) of 1 cm",
    ),
    Flag.GAP_BOUNDARY: ("row_09_gap_of_10_mm", "The space is exactly 1 cm"),
    Flag.ISLAND_BOUNDARY: ("row_05_island_of_10_mm", "An island is exactly 1 cm long"),
    Flag.ISLAND_EQUIVOCAL: ("equivocal_island", "The island is within its uncertainty"),
    Flag.UNCALIBRATED: ("row_23_detector_plane", "not corrected for magnification"),
    Flag.PLANE_UNSTATED: ("plane_not_stated", "stands for about 8.8 to 9.6 mm in the patient"),
    Flag.GAP_MISSING: ("row_14_gap_not_measured", "the space was not measured"),
    Flag.CATEGORICAL_GAP: ("row_12_wide_gap_as_class", "given as a class, not measured"),
    Flag.CONTACT: ("row_11b_contact", "touch the opposing bone"),
    Flag.SPUR_UNKNOWN: ("row_18_spurs_not_stated", "spurs are not stated"),
    Flag.BRIDGING_UNKNOWN: ("row_14b_gap_and_bridging_not_stated", "bridging is not stated"),
    Flag.ISLAND_LENGTH_MISSING: (
        "row_07_island_without_length",
        "the length of an island is not known",
    ),
    Flag.ISLAND_NEAR_BONE: ("row_21_island_near_bone", "An island lies less than 1 cm from bone"),
    Flag.APPARENT_ONLY: (
        "row_15_apparent_bridging",
        "Overlap can imitate bridging; motion was not",
    ),
    Flag.VIEW_CONFLICT: ("row_17_views_disagree", "The views disagree"),
    Flag.GAP_WITHOUT_SPURS: ("gap_without_spurs", "The space was given without a full statement"),
    Flag.GAP_WITH_BRIDGING: ("gap_beside_bridging", "A space was given beside bridging"),
    Flag.UNIT_SLIP: ("unit_slip", "it may have been meant in centimetres"),
    Flag.VIEW_NOT_AP: ("lateral_view", "this grading was made on the lateral view"),
    Flag.CROSS_SECTIONAL_BASIS: ("ct_with_confirmed_bridging", "Graded on CT, outside the"),
    Flag.EARLY_FILM: ("early_film", "Less than 12 weeks after the index event"),
    Flag.NO_ARTHROPLASTY: ("central_order", "were made for hips after arthroplasty; none is"),
    Flag.MINERALIZATION_WITH_BRIDGING: (
        "mineralization_with_bridging",
        "Bridging in the mineralization stage is unusual",
    ),
    Flag.MODEL_BORDERLINE: ("model_with_close_scores", "two highest model scores are close"),
    Flag.CENTRAL_ORDER: ("central_order", "from the centre outwards is not the usual order"),
    Flag.EARLY_MINERALIZATION: ("early_film", "Mineralization within 10 days of the index event"),
    Flag.EARLY_MATURITY: ("mature_too_early", "Mature bone within 6 weeks of the index event"),
    Flag.GRADE_FELL: ("compared_by_grades_alone", "no excision or revision is recorded between"),
    Flag.GRADE_JUMPED: ("compared_by_grades_alone", "The grades differ by two classes or more."),
    Flag.COMPARED_APART: ("compared_on_another_view", "so a difference may not be real."),
    Flag.LATE_GROWTH: ("compared_with_a_merged_id", "growth is described up to 3 years"),
    Flag.STAGE_BACKWARD: ("compared_with_a_merged_id", "The stage is an earlier one than before."),
}

_VIEWS = {modality: view for view, modality in reversed(VIEW_MODALITIES.items())}


def _words(report: Report) -> str:
    return " ".join(render_text(report).split())


@pytest.mark.parametrize("flag", Flag)
def test_each_flag_is_told(flag: Flag) -> None:
    """A report that raises a flag tells it."""
    name, told = _TOLD[flag]
    report = (CASES | COMPARED)[name]
    assert flag in {raised for graded in report.hips for raised in graded.flags}
    assert told in _words(report)


@pytest.mark.parametrize("key", FEATURES)
def test_each_feature_and_its_stage_are_told(key: str) -> None:
    """A feature is told beside the stage that it belongs to."""
    feature = FEATURES[key]
    described = hip(
        presence=Presence.PRESENT,
        stage=feature.stage,
        features=(key,),
        source_grades=() if feature.stage is Stage.EARLY else (("brooker", ("I",)),),
    )
    text = _words(a_report(described, view=_VIEWS[feature.modality]))
    if key == "XR_EARLY_MISSABLE":  # says something of the film, and not of the lesion
        assert "An early lesion may be missed on a radiograph. " in text
        assert "Features:" not in text
        return
    assert f"Stage: {words.STAGES[feature.stage]}. Features: {words.FEATURES[key]}." in text


@pytest.mark.parametrize("event", Event)
def test_each_event_is_told_with_the_time_since(event: Event) -> None:
    """The index event is told with its date and how long ago it was."""
    text = _words(a_report(hip(presence=Presence.ABSENT), context=after(event, 400)))
    assert f"Index event: {words.EVENTS[event]}, side not given, 26 January 2025." in text
    assert f"This study: 13 months (400 days) after {words.EVENTS[event]}." in text


@pytest.mark.parametrize("cause", Cause)
def test_each_cause_is_told_as_given(cause: Cause) -> None:
    """A cause is told as the source's, never as a conclusion."""
    context = after(Event.TOTAL_HIP_ARTHROPLASTY, None, causes=(cause,))
    text = _words(a_report(hip(presence=Presence.ABSENT), context=context))
    assert f"Cause as given: {words.CAUSES[cause]}." in text


@pytest.mark.parametrize("symptom", Symptom)
def test_each_symptom_is_told_as_given(symptom: Symptom) -> None:
    """A symptom is told as the source's."""
    context = after(Event.TOTAL_HIP_ARTHROPLASTY, None, symptoms=(symptom,))
    text = _words(a_report(hip(presence=Presence.ABSENT), context=context))
    assert f"Symptom as given: {words.SYMPTOMS[symptom]}." in text


@pytest.mark.parametrize("view", View)
def test_each_view_is_told(view: View) -> None:
    """The examination names the view that was graded."""
    assert words.EXAMINATIONS[view] in _words(a_report(hip(presence=Presence.ABSENT), view=view))


def test_radiographs_have_a_view_of_their_own() -> None:
    """The table of views used here holds one for each modality."""
    assert set(_VIEWS) == set(ImagingModality)


def test_only_the_hip_without_arthroplasty_is_named() -> None:
    """After an arthroplasty of the left hip, it is the right one that has none recorded."""
    event = IndexEvent(procedure=Event.TOTAL_HIP_ARTHROPLASTY, side=Side.LEFT)
    context = Context(causes=(Cause.BURN,), index_event=event)
    both = (spurred(Length(mm=6.0)), spurred(Length(mm=6.0), Side.LEFT))
    assert "after arthroplasty; none is recorded for the right hip." in _words(
        a_report(*both, context=context)
    )


@pytest.mark.parametrize(
    ("reason", "told"),
    [("Motion blur", 'as given: "Motion blur".'), ("Motion blur.", 'as given: "Motion blur."')],
)
def test_given_words_end_once(reason: str, told: str) -> None:
    """Words of the source end with one full stop."""
    blurred = hip(evaluable=False, not_evaluable_reason=reason)
    assert f"reason {told} " in _words(a_report(blurred))


@pytest.mark.parametrize("name", CASES)
def test_rules_are_told_without_their_other_alternatives(name: str) -> None:
    """No hip with ossification is told a rule that begins with its absence."""
    for line in render_text(CASES[name]).split("\n\n"):
        assert "no heterotopic ossification, or" not in " ".join(line.split())


def test_agreeing_systems_are_told_together() -> None:
    """Systems that grade alike by one rule share their sentence."""
    text = _words(a_report(spurred(Length(mm=6.2))))
    assert (
        "Brooker III and Della Valle C by the findings: bone spurs from the pelvis or proximal "
        "femur, less than 1 cm between opposing bone surfaces."
    ) in text


def test_contact_without_a_word_on_bridging_keeps_both_alternatives() -> None:
    """Where it is open whether bone bridges the joint, Della Valle C names spurs and ankylosis."""
    text = _words(a_report(spurred(Length(mm=0.0), bridging=None)))
    assert "Della Valle C by the findings: bone spurs with less than 1 cm between" in text
    assert "or bone ankylosis" in text
