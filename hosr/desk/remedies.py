"""What a button can do about a fault, a flag or an open grade: another record, or a decision.

A row is what is wrong, the words on the button, and the change. A remedy only says what a person would
say with the form; it is theirs once they press it. What needs to be seen or measured has none.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hosr.desk.authorship import observer_of
from hosr.desk.sentences import tell_choice
from hosr.language import message
from hosr.scales import SCALES
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import FEATURES, VIEW_MODALITIES, View

if TYPE_CHECKING:
    from hosr.desk.readers import Reader
    from hosr.errors import Fault
    from hosr.language import Language
    from hosr.report import GradedHip
    from hosr.scales.scale import Grade

Json = dict[str, Any]
_Change = Callable[[Json, Json], bool]
"""Changes a hip of a record, the second of the two; False where that changes nothing."""

_OF_HIP = re.compile(r"\$\.hips\[(\d+)\]\.?(.*)")


@dataclass(frozen=True, slots=True)
class _Remedy:
    """The words of a button, and what it does."""

    label: str
    change: _Change


def _set(key: str, value: Any) -> _Change:
    def change(_: Json, hip: Json) -> bool:
        if hip.get(key) == value:
            return False
        hip[key] = copy.deepcopy(value)
        return True

    return change


def _drop(*keys: str) -> _Change:
    def change(_: Json, hip: Json) -> bool:
        return any([hip.pop(key, None) is not None for key in keys])  # noqa: C419 (all of them)

    return change


def _drop_within(key: str, inner: str) -> _Change:
    def change(_: Json, hip: Json) -> bool:
        held = hip.get(key)
        return isinstance(held, dict) and held.pop(inner, None) is not None

    return change


def _keep_features(record: Json, hip: Json) -> bool:
    """Only those features that belong to the modality of the view."""
    features = hip.get("features")
    try:
        modality = VIEW_MODALITIES[View(str(record.get("view")))]
    except (KeyError, ValueError):
        return False
    if not isinstance(features, list):
        return False
    kept = [key for key in features if key not in FEATURES or FEATURES[key].modality is modality]
    hip["features"] = kept
    return kept != features


_PRESENT = _Remedy(message("Ossification is present"), _set("presence", "present"))
_ABSENT = _Remedy(message("Ossification is absent"), _set("presence", "absent"))
_UNSURE = _Remedy(message("Presence is indeterminate"), _set("presence", "indeterminate"))
_NO_STAGE = _Remedy(message("Leave the stage out"), _drop("stage"))
_NO_GRADES = _Remedy(message("Leave out the grades given before"), _drop("grades"))
_NO_BRIDGING = _Remedy(message("No bridging"), _set("bridging", "none"))
_APPARENT = _Remedy(message("Bridging is apparent, not confirmed"), _set("bridging", "apparent"))
_NO_BASIS = _Remedy(message("Leave out how bridging was confirmed"), _drop("bridging_basis"))
_NO_CLASS = _Remedy(message("Keep the millimetres"), _drop_within("gap", "category"))
_NO_LATERAL_CLASS = _Remedy(
    message("Keep the millimetres"), _drop_within("gap_lateral", "category")
)
_OWN_FEATURES = _Remedy(message("Leave out features of other modalities"), _keep_features)
_EVALUABLE = _Remedy(message("The hip is evaluable"), _set("evaluable", True))
_SPURS = _Remedy(message("Spurs from both bones"), _set("spurs", {"pelvis": True, "femur": True}))
_PELVIC_SPUR = _Remedy(
    message("A spur from the pelvis alone"), _set("spurs", {"pelvis": True, "femur": False})
)
_FEMORAL_SPUR = _Remedy(
    message("A spur from the femur alone"), _set("spurs", {"pelvis": False, "femur": True})
)
_NO_SPURS = _Remedy(message("No spurs"), _set("spurs", {"pelvis": False, "femur": False}))
_NO_GAP = _Remedy(message("Leave the gap out"), _drop("gap"))
# Of lines that came from a viewer without a name (`hosr watch`).
_DREW = message("I drew these lines")

# By the rule of a contradiction and the field that it points at; "" is any rule.
_OF_FAULTS: dict[tuple[str, str], tuple[_Remedy, ...]] = {
    ("E01", "presence"): (_PRESENT, _UNSURE),
    **{
        ("E02", f"grades.{key}"): (_NO_GRADES, _ABSENT)
        for key, scale in SCALES.items()
        if scale.least_is_absence
    },
    ("E03", "presence"): (_ABSENT, _UNSURE),
    ("E04", "bridging"): (_NO_BRIDGING, _APPARENT),
    ("E04", "bridging_basis"): (_NO_BASIS,),
    ("E07", "grades"): (_NO_GRADES,),
    ("E08", "gap"): (_NO_CLASS,),
    ("E08", "gap_lateral"): (_NO_LATERAL_CLASS,),
    ("E11", "stage"): (_NO_STAGE,),
    ("E12", "stage"): (_NO_STAGE,),
    ("V2", "features"): (_NO_STAGE,),
    ("V6", "features"): (_OWN_FEATURES,),
    ("", "evaluable"): (_EVALUABLE,),
    ("", "presence"): (_PRESENT, _ABSENT, _UNSURE),
}

_OF_FLAGS: dict[Flag, tuple[_Remedy, ...]] = {
    Flag.SPUR_UNKNOWN: (_SPURS, _PELVIC_SPUR, _FEMORAL_SPUR, _NO_SPURS),
    Flag.GAP_WITHOUT_SPURS: (_SPURS, _PELVIC_SPUR, _FEMORAL_SPUR, _NO_GAP),
    Flag.BRIDGING_UNKNOWN: (_NO_BRIDGING, _APPARENT),
    Flag.CONTACT: (_NO_BRIDGING, _APPARENT),
    Flag.GAP_WITH_BRIDGING: (_NO_GAP,),
}


def fixes_for_fault(
    fault: Fault, record: Json, language: Language, reader: Reader | None = None
) -> list[Json]:
    """The buttons beside a fault, the likeliest first; `reader` is who may say that they drew it."""
    if fault.path == "$.observer" and "observer" not in record and reader and reader.may_write:
        claimed = {**copy.deepcopy(record), "observer": observer_of(reader)}
        return [{"label": language.say(_DREW), "record": claimed}]
    found = _OF_HIP.fullmatch(fault.path)
    if found is None:
        return []
    index, field = int(found[1]), found[2]
    remedies = _OF_FAULTS.get((fault.rule, field), ())
    return list(_fixes(remedies, record, index, language))


def fixes_for_flag(flag: Flag, graded: GradedHip, record: Json, language: Language) -> list[Json]:
    """The buttons beside a flag."""
    hips = record.get("hips")
    sides = [hip.get("side") if isinstance(hip, dict) else None for hip in hips or ()]
    if graded.hip.side.value not in sides:
        return []
    index = sides.index(graded.hip.side.value)
    return list(_fixes(_OF_FLAGS.get(flag, ()), record, index, language))


def _fixes(
    remedies: tuple[_Remedy, ...], record: Json, index: int, language: Language
) -> Iterator[Json]:
    """Each remedy that changes the record, with the record as it is then."""
    for remedy in remedies:
        changed = copy.deepcopy(record)
        hips = changed.get("hips")
        if not isinstance(hips, list) or not index < len(hips) or not isinstance(hips[index], dict):
            return
        if remedy.change(changed, hips[index]):
            yield {"label": language.say(remedy.label), "record": changed}


def fixes_for_grade(
    graded: GradedHip, grade: Grade, choices: Sequence[str], language: Language
) -> list[Json]:
    """The grades that a person may choose, where one is in conflict or left open."""
    place = f"{graded.hip.side.value}:{grade.scale}"
    return [
        {
            "label": tell_choice(grade, chosen, language),
            "grade": chosen,
            "decision": f"{place}={chosen}",
        }
        for chosen in choices
    ]
