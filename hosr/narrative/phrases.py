"""How the findings of a hip are put into sentences: one function for each kind, "" where none is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.findings import Algorithm, Basis, Plane
from hosr.measure.magnification import patient_interval_mm
from hosr.narrative import words
from hosr.narrative.numbers import count, millimetres, pixels, size, uncertainty
from hosr.scales.extent import in_contact, is_bridged
from hosr.vocabulary.terms import Bridging, GapClass, Presence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hosr.findings import Hip, Length
    from hosr.scales.setting import Setting

__all__ = ["CANNOT_MEASURE", "describe_hip", "listed", "measure", "quoted", "reader_of", "sentence"]

CANNOT_MEASURE = "the image gives no millimetres"

_PRESENCE = {
    Presence.PRESENT: "heterotopic ossification is present.",
    Presence.ABSENT: "no heterotopic ossification is seen.",
    Presence.INDETERMINATE: "whether heterotopic ossification is present cannot be decided.",
    None: "whether heterotopic ossification is present is not stated.",
}

# Spurs from (pelvis, proximal femur): seen, not seen, or not stated.
_SPURS = {
    (True, True): "spurs from the pelvis and the proximal femur",
    (True, False): "spurs from the pelvis",
    (True, None): "spurs from the pelvis",
    (False, True): "spurs from the proximal femur",
    (None, True): "spurs from the proximal femur",
}
_NO_SPURS = {
    (True, False): "No spurs from the proximal femur.",
    (True, None): "Spurs from the proximal femur are not stated.",
    (False, True): "No spurs from the pelvis.",
    (None, True): "Spurs from the pelvis are not stated.",
    (False, False): "No spurs.",
    (False, None): "No spurs from the pelvis; from the proximal femur they are not stated.",
    (None, False): "No spurs from the proximal femur; from the pelvis they are not stated.",
}

_PLANES = {
    Plane.PATIENT: "in the patient",
    Plane.DETECTOR: "at the detector plane",
    Plane.UNKNOWN: "plane not known",
}
# A calibrated length holds in the patient by its origin; the others name their plane.
_NAMING_PLANE = {Basis.STATED, Basis.CROSS_SECTIONAL, Basis.DETECTOR_PLANE, Basis.UNKNOWN}


def sentence(text: str) -> str:
    """The words as a sentence, with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def listed(items: Iterable[str], last: str = "and") -> str:
    """One, "a and b", or "a, b and c"."""
    *most, final = items
    return f"{', '.join(most)} {last} {final}" if most else final


def quoted(text: str) -> str:
    """Words of the source as a sentence ends with them: one full stop, its own or ours."""
    return f'"{text}"' if text.endswith((".", "!", "?")) else f'"{text}".'


def reader_of(setting: Setting) -> str:
    """Who graded, in one word."""
    return "algorithm" if isinstance(setting.observer, Algorithm) else "observer"


def describe_hip(hip: Hip, setting: Setting) -> list[str]:
    """The findings of one hip, sentence by sentence; the first follows the name of the hip."""
    if not hip.evaluable:
        return ["not evaluable."]
    sentences = [_PRESENCE[hip.presence]]
    if hip.presence is not Presence.ABSENT:
        sentences += [_describe_islands(hip), *_describe_spurs_and_gap(hip)]
        sentences += [_describe_lateral_gap(hip), _describe_bridging(hip, setting)]
    sentences += [_describe_stage(hip), _describe_features(hip)]
    return [text for text in sentences if text]


def measure(length: Length, hip: Hip, of: str = "") -> str:
    """A length, of what, and its origin: "6.2 mm between surfaces (as stated, in the patient)"."""
    amount, origin = _amount(length), _origin(length, hip)
    return f"{amount} {of} ({origin})" if of else f"{amount} ({origin})"


def _amount(length: Length) -> str:
    if length.mm is not None:
        return millimetres(length.mm)
    return "less than 1 cm" if length.gap_class is GapClass.BELOW_10_MM else "at least 1 cm"


def _origin(length: Length, hip: Hip) -> str:
    if length.mm is None:
        return "given as a class, not measured"
    origin = words.SHORT_ORIGINS[length.basis]
    if length.basis is Basis.KNOWN_OBJECT and hip.calibration is not None:
        origin = f"calibrated to an object of {size(hip.calibration.true_mm)}"
    if length.basis in _NAMING_PLANE or length.plane is not Plane.PATIENT:
        origin = f"{origin}, {_PLANES[length.plane]}"
    if length.uncertainty_mm is not None:
        origin = f"{origin}, uncertainty {uncertainty(length.uncertainty_mm)}"
    return origin


def _describe_islands(hip: Hip) -> str:
    if not hip.islands:
        return "" if hip.islands is None else "No islands."
    islands = f"{count(len(hip.islands), 'island')} of bone in the soft tissue"
    lengths = [island.length for island in hip.islands if island.length is not None]
    known = [length for length in lengths if length.mm is not None]
    if not known:
        return sentence(f"{islands}, {_unmeasured(lengths)}")
    longest = max(known, key=_least_in_patient)
    if len(hip.islands) == 1:
        return sentence(f"{islands}, {measure(longest, hip, 'long')}")
    if len(known) < len(hip.islands):
        rest = count(len(hip.islands) - len(known), "island")
        return sentence(
            f"{islands}; the longest measured is {measure(longest, hip)}; {rest} without a length"
        )
    return sentence(f"{islands}, the longest {measure(longest, hip)}")


def _least_in_patient(length: Length) -> float:
    """What a length surely is in the patient; those of different planes compare by nothing else."""
    return (patient_interval_mm(length) or (0.0,))[0]


def _unmeasured(lengths: list[Length]) -> str:
    if not lengths:
        return "length not given"
    if len(lengths) == 1:
        return _marked(lengths[0])
    return f"{count(len(lengths), 'length')} marked, but {CANNOT_MEASURE}"


def _describe_spurs_and_gap(hip: Hip) -> list[str]:
    """Spurs with the space that they leave, where they are said to leave one."""
    spurs = _SPURS.get((hip.spurs.pelvis, hip.spurs.femur), "")
    others = _NO_SPURS.get((hip.spurs.pelvis, hip.spurs.femur), "")
    if hip.gap is None:
        return [sentence(spurs), others] if spurs else [others]
    if spurs and not is_bridged(hip):
        return [sentence(f"{spurs} {_left(hip.gap, hip)}"), others]
    told = _space("the space between opposing bone surfaces", hip.gap, hip)
    return [sentence(spurs), others, told] if spurs else [others, told]


def _left(gap: Length, hip: Hip) -> str:
    if gap.mm == 0:
        return f"touch the opposing bone: the space is {measure(gap, hip)}"
    if gap.mm is None and gap.gap_class is None:
        return f"leave a space between opposing bone surfaces, {_marked(gap)}"
    return f"leave {measure(gap, hip, 'between opposing bone surfaces')}"


def _describe_lateral_gap(hip: Hip) -> str:
    start = "on the lateral view the space between opposing bone surfaces"
    return "" if hip.gap_lateral is None else _space(start, hip.gap_lateral, hip)


def _space(start: str, gap: Length, hip: Hip) -> str:
    if gap.mm is None and gap.gap_class is None:
        return sentence(f"{start} was {_marked(gap)}")
    contact = ": they touch" if gap.mm == 0 else ""
    return sentence(f"{start} is {measure(gap, hip)}{contact}")


def _marked(length: Length) -> str:
    if length.line is None:
        return "not measured"
    if length.line.spans_images:
        return f"marked across images, but {CANNOT_MEASURE}"
    return f"marked ({pixels(length.line)}), but {CANNOT_MEASURE}"


def _describe_bridging(hip: Hip, setting: Setting) -> str:
    if hip.bridging is None:
        return "Bridging is not stated." if hip.spurs.any or in_contact(hip) else ""
    view = words.VIEWS[setting.view]
    return {
        Bridging.NONE: "No bridging.",
        Bridging.APPARENT: f"Bone bridges the joint on {view} (apparent bridging).",
        Bridging.CONFIRMED: (
            "Bone bridges the joint (recorded as confirmed; how it was confirmed is not stated)."
        ),
    }[hip.bridging]


def _describe_stage(hip: Hip) -> str:
    return "" if hip.stage is None else f"Stage: {words.STAGES[hip.stage]}."


def _describe_features(hip: Hip) -> str:
    if not hip.features:
        return ""
    return f"Features: {listed(words.FEATURES[key] for key in hip.features)}."
