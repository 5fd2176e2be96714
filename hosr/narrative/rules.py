"""The published rule that gave a grade, in the words of its scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.language import message
from hosr.scales import SCALES
from hosr.scales.extent import has_spur, in_contact, is_bridged
from hosr.vocabulary.terms import Bridging, Presence

if TYPE_CHECKING:
    from hosr.findings import Hip
    from hosr.narrative.telling import Telling
    from hosr.scales.scale import Grade


_SHORT_ISLANDS = message("only islands of bone shorter than 1 cm")
_LONG_ISLAND = message("an island of bone of at least 1 cm")


def tell_rule(grade: Grade, hip: Hip, telling: Telling) -> str:
    """The rule that gave the one possible grade; of alternatives, the one that the hip meets."""
    (possible,) = grade.possible
    met = _della_valle_alternative(possible, hip, telling) if grade.scale == "della_valle" else ""
    return telling.language.say(met or rule_of(grade.scale, possible))


def rule_of(scale: str, grade: str) -> str:
    """The rule of a grade with all its alternatives, as a message."""
    return SCALES[scale].sentence(grade)


def may_follow_from_a_grade(hip: Hip) -> bool:
    """Whether the absence of bone may be known from a grade of the source alone."""
    denied = hip.islands == () and hip.spurs.any is False and hip.bridging is Bridging.NONE
    return hip.presence is Presence.ABSENT and bool(hip.source_grades) and not denied


def _della_valle_alternative(grade: str, hip: Hip, telling: Telling) -> str:
    """Which of the alternatives of a Della Valle grade holds, in the words that Brooker has for it.

    "" where the findings do not tell which one it is.
    """
    spur = has_spur(hip, telling.setting.modality)
    if grade == "A":
        return rule_of("brooker", "0") if hip.presence is Presence.ABSENT else _SHORT_ISLANDS
    if grade == "B":
        return "" if spur is None else rule_of("brooker", "II") if spur else _LONG_ISLAND
    if is_bridged(hip):
        return rule_of("brooker", "IV")
    touching = hip.bridging is None and in_contact(hip)
    return "" if touching or not spur else rule_of("brooker", "III")
