"""The grading record 1.0 as forms: one class for each object of the JSON, checked field by field.

The published JSON Schema is made from these classes. Rules that join several keys stand in
`joined_faults`; a null is a key left out.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from hosr.intake.record.grades import (
    BiplanarCumulative,
    BiplanarGrades,
    BiplanarScores,
    BrookerCumulative,
    BrookerGrades,
    BrookerScores,
    DellaValleCumulative,
    DellaValleGrades,
    DellaValleScores,
)
from hosr.intake.record.leaves import (
    BridgingBasisWord,
    BridgingWord,
    CauseWord,
    ContrastWord,
    Day,
    EventWord,
    FeatureKey,
    HipWord,
    ImageSideWord,
    Instant,
    LongText,
    Orientation,
    ParameterName,
    ParameterValue,
    PersonName,
    PresenceWord,
    ShortText,
    SideWord,
    SiteWord,
    StageWord,
    SymptomWord,
    Uid,
    ValidUid,
    VersionWord,
    ViewWord,
)
from hosr.intake.record.lengths import (
    LARGEST_MASS_MM,
    MOST_CANDIDATES,
    MOST_ISLANDS,
    MOST_OUTLINES,
    Frame,
    check_no_repetition,
)
from hosr.intake.record.marked import (
    BoundaryForm,
    CalibrationForm,
    CandidateForm,
    Form,
    GapForm,
    LengthForm,
    OutlineForm,
    RegionForm,
    Schema,
    given,
)
from hosr.vocabulary.terms import FEATURES, Cause, Site, Symptom

CauseWords = Annotated[
    list[CauseWord], Field(max_length=len(Cause)), AfterValidator(check_no_repetition)
]
SymptomWords = Annotated[
    list[SymptomWord], Field(max_length=len(Symptom)), AfterValidator(check_no_repetition)
]
SiteWords = Annotated[
    list[SiteWord], Field(max_length=len(Site)), AfterValidator(check_no_repetition)
]
Diameters = Annotated[
    list[Annotated[float, Field(gt=0, le=LARGEST_MASS_MM, allow_inf_nan=False)]],
    Field(min_length=1, max_length=3),
]
FeatureKeys = Annotated[
    list[FeatureKey], Field(max_length=len(FEATURES)), AfterValidator(check_no_repetition)
]

_SAID = {"type": "string", "pattern": r"\S"}
_NOT_EVALUABLE = {"properties": {"evaluable": {"const": False}}, "required": ["evaluable"]}
_REASON = {"properties": {"not_evaluable_reason": _SAID}, "required": ["not_evaluable_reason"]}


def _once(side: str) -> Schema:
    hip = {"type": "object", "properties": {"side": {"const": side}}, "required": ["side"]}
    return {"contains": hip, "minContains": 0, "maxContains": 1}


_HIP_SCHEMA: Schema = {"if": _NOT_EVALUABLE, "then": _REASON, "else": {"not": _REASON}}
_HIPS_SCHEMA: Schema = {"allOf": [_once("right"), _once("left")]}
_MASS_SCHEMA: Schema = {"anyOf": [given("sizes_mm", "array"), given("contrast", "string")]}
_EVENT_EACH = {"items": {"required": ["side"], "properties": {"side": {"type": "string"}}}}
_EVENTS_SCHEMA: Schema = {"allOf": [_once("right"), _once("left"), _EVENT_EACH]}
_CONTEXT_SCHEMA: Schema = {
    "not": {"allOf": [given("index_event", "object"), given("index_events", "array")]}
}
_OVERRIDE_SCHEMA: Schema = {
    "anyOf": [given("side", "string"), given("view", "string"), given("orientation", "array")],
    "allOf": [{"properties": {"reason": _SAID}}],
}
MOST_OVERRIDES = 64


class StudyForm(Form):
    """What the record asserts about the study; compared with the image headers, never copied."""

    study_instance_uid: Uid | None = None
    patient_id: ShortText | None = None
    accession_number: ShortText | None = None
    date: Day | None = Field(
        default=None, description="Of the study, where no image tells it; from version 1.1 on."
    )


class PersonForm(Form):
    """A reader who graded."""

    type: Literal["person"]
    name: PersonName = Field(description="DICOM person name.", examples=["Rossi^Maria"])
    organization: ShortText | None = None


class AlgorithmForm(Form):
    """A model or program that graded."""

    type: Literal["algorithm"]
    name: ShortText = Field(examples=["hip-grader"])
    version: ShortText = Field(examples=["2.1.0"])
    manufacturer: ShortText | None = None
    device_uid: ValidUid | None = None
    parameters: dict[ParameterName, ParameterValue] | None = Field(
        default=None, description="Settings worth keeping, such as thresholds."
    )


class IndexEventForm(Form):
    """The operation or injury from which time is counted."""

    procedure: EventWord = Field(examples=["total_hip_arthroplasty"])
    side: SideWord | None = None
    date: Day | None = None


class ContextForm(Form):
    """Why the patient was imaged."""

    model_config = ConfigDict(title="Context", json_schema_extra=_CONTEXT_SCHEMA)

    indication: LongText | None = None
    causes: CauseWords | None = None
    symptoms: SymptomWords | None = None
    index_event: IndexEventForm | None = None
    index_events: Annotated[list[IndexEventForm], Field(min_length=2, max_length=2)] | None = Field(
        default=None,
        description="One of each hip, where they differ, in place of `index_event`; "
        "from version 1.1 on.",
        json_schema_extra=_EVENTS_SCHEMA,
    )


class IslandForm(Form):
    """One island of bone in the soft tissue."""

    length: LengthForm | None = None
    region: RegionForm | None = None
    site: SiteWords | None = Field(
        default=None, description="Where about the hip it lies; from version 1.1 on."
    )


class MassForm(Form):
    """A soft-tissue mass, as the reader describes it; from version 1.1 on."""

    model_config = ConfigDict(title="Mass", json_schema_extra=_MASS_SCHEMA)

    sizes_mm: Diameters | None = Field(
        default=None, description="One to three diameters, told as given.", examples=[[34, 28]]
    )
    contrast: ContrastWord | None = Field(
        default=None, description="What contrast medium showed of it."
    )


class SpursForm(Form):
    """Spurs from each bone: true, false, or not stated."""

    pelvis: bool | None = None
    femur: bool | None = None


class GradesForm(Form):
    """What the source itself graded, by the name of the scale."""

    brooker: BrookerGrades | None = None
    della_valle: DellaValleGrades | None = None
    simplified_biplanar: BiplanarGrades | None = None


class ProbabilitiesForm(Form):
    """The probability a model gave to every class, by the name of the scale; they add up to 1."""

    brooker: BrookerScores | None = None
    della_valle: DellaValleScores | None = None
    simplified_biplanar: BiplanarScores | None = None


class CumulativeForm(Form):
    """The probability an ordinal model gave to at least every class but the least severe one, by scale.

    From version 1.1 on.
    """

    model_config = ConfigDict(title="Cumulative probabilities")

    brooker: BrookerCumulative | None = None
    della_valle: DellaValleCumulative | None = None
    simplified_biplanar: BiplanarCumulative | None = None


class HipForm(Form):
    """Everything seen at one hip."""

    model_config = ConfigDict(title="Hip", json_schema_extra=_HIP_SCHEMA)

    side: SideWord = Field(examples=["right"])
    joint: HipWord | None = None
    evaluable: bool = True
    not_evaluable_reason: LongText | None = None
    presence: PresenceWord | None = None
    islands: Annotated[list[IslandForm], Field(max_length=MOST_ISLANDS)] | None = Field(
        default=None, description="An empty list says that there are none."
    )
    spurs: SpursForm | None = None
    gap: GapForm | None = Field(default=None, description="On the view that was graded.")
    gap_lateral: GapForm | None = Field(default=None, description="On the lateral view.")
    bridging: BridgingWord | None = None
    bridging_basis: BridgingBasisWord | None = Field(
        default=None, description="By what bridging was confirmed; from version 1.1 on."
    )
    site: SiteWords | None = Field(
        default=None, description="Where about the hip it lies; from version 1.1 on."
    )
    hardware_nearby: bool | None = Field(
        default=None,
        description="Whether orthopaedic hardware lies nearby; from version 1.1 on.",
    )
    mass: MassForm | None = None
    boundary: BoundaryForm | None = None
    candidates: Annotated[list[CandidateForm], Field(max_length=MOST_CANDIDATES)] | None = Field(
        default=None,
        description="Distances that were found beside the gap; nothing is graded by them.",
    )
    outlines: Annotated[list[OutlineForm], Field(max_length=MOST_OUTLINES)] | None = Field(
        default=None, description="Surfaces that were found, drawn thinly on the key image."
    )
    stage: StageWord | None = None
    features: FeatureKeys | None = None
    grades: GradesForm | None = None
    probabilities: ProbabilitiesForm | None = None
    cumulative: CumulativeForm | None = Field(
        default=None,
        description="Of at least each class, in place of `probabilities`; from version 1.1 on.",
        examples=[{"brooker": {"I": 0.98, "II": 0.91, "III": 0.62, "IV": 0.06}}],
    )
    calibration: CalibrationForm | None = None
    image: Uid | None = Field(
        default=None, description="SOP Instance UID of the key image, where no point names one."
    )
    frame: Frame | None = Field(default=None, description="Frame of the key image, from 1.")
    comment: LongText | None = None


class OverrideForm(Form):
    """What the header of an image gets wrong, and why the record says so; from version 1.1 on."""

    model_config = ConfigDict(json_schema_extra=_OVERRIDE_SCHEMA)

    image: Uid | None = Field(default=None, description="Without it, all images.")
    side: ImageSideWord | None = Field(default=None, description="What the image shows.")
    view: ViewWord | None = None
    orientation: Orientation | None = Field(
        default=None,
        description="Where rows and columns lead, as in Patient Orientation.",
        examples=[["L", "F"]],
    )
    reason: Annotated[LongText, Field(min_length=1)]


class RecordForm(Form):
    """One grading of one or both hips on one study."""

    model_config = ConfigDict(title="Grading record")

    schema_version: VersionWord = Field(examples=["1.0"])
    graded_at: Instant = Field(
        description="When the grading was made; it dates the report.",
        examples=["2026-03-02T10:15:00+01:00"],
    )
    study: StudyForm | None = None
    observer: Annotated[PersonForm | AlgorithmForm, Field(discriminator="type")] = Field(
        examples=[{"type": "person", "name": "Rossi^Maria"}]
    )
    context: ContextForm | None = None
    view: ViewWord | None = None
    conclusion: LongText | None = Field(
        default=None,
        description="A reader's own words for the impression; from version 1.1 on.",
        examples=["Ankylosing ossification; resection would need a CT first."],
    )
    incomplete: Annotated[LongText, Field(min_length=1)] | None = Field(
        default=None,
        description="What is still to be done, where this is not all; from version 1.1 on.",
        examples=["The left hip is still to be graded."],
    )
    overrides: Annotated[list[OverrideForm], Field(max_length=MOST_OVERRIDES)] | None = Field(
        default=None, description="Of headers that are known to be wrong; from version 1.1 on."
    )
    hips: Annotated[list[HipForm], Field(min_length=1, max_length=2)] = Field(
        description="One or two hips, each side once.",
        examples=[[{"side": "right"}]],
        json_schema_extra=_HIPS_SCHEMA,
    )
