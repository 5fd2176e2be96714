"""How the findings of a hip are put into sentences: one function for each kind, "" where none is due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from hosr.findings import Basis, Plane
from hosr.language import capitalized, message
from hosr.language.numbers import millimetres, pixels, plane_words, size, uncertainty
from hosr.narrative import words
from hosr.vocabulary.terms import Bridging, GapClass, ImagingModality, Presence

if TYPE_CHECKING:
    from hosr.findings import Hip, Length, Mass
    from hosr.language import Language
    from hosr.narrative.words import Telling
    from hosr.report import GradedHip
    from hosr.vocabulary.terms import Site


# Translators: after the name of the hip and a colon
_NOT_EVALUABLE = message("not evaluable.")
# Translators: after the name of the hip and a colon
_PRESENCE = {
    Presence.PRESENT: message("heterotopic ossification is present."),
    Presence.ABSENT: message("no heterotopic ossification is seen."),
    Presence.INDETERMINATE: message(
        "whether heterotopic ossification is present cannot be decided."
    ),
    None: message("whether heterotopic ossification is present is not stated."),
}

# Spurs from (pelvis, proximal femur): seen, not seen, or not stated.
_BOTH = message("Spurs from the pelvis and the proximal femur")
_OF_PELVIS = message("Spurs from the pelvis")
_OF_FEMUR = message("Spurs from the proximal femur")
_SPURS = {
    (True, True): _BOTH,
    (True, False): _OF_PELVIS,
    (True, None): _OF_PELVIS,
    (False, True): _OF_FEMUR,
    (None, True): _OF_FEMUR,
}
_NO_SPURS = {
    (True, False): message("No spurs from the proximal femur."),
    (True, None): message("Spurs from the proximal femur are not stated."),
    (False, True): message("No spurs from the pelvis."),
    (None, True): message("Spurs from the pelvis are not stated."),
    (False, False): message("No spurs."),
    (False, None): message(
        "No spurs from the pelvis; from the proximal femur they are not stated."
    ),
    (None, False): message(
        "No spurs from the proximal femur; from the pelvis they are not stated."
    ),
}

# What is said of the space on the graded view, and on the lateral view: measured, touching, marked.
_SPACE = {
    "measured": message("The space between opposing bone surfaces is {length} ({origin})."),
    "touching": message(
        "The space between opposing bone surfaces is {length} ({origin}): they touch."
    ),
    "marked": message("The space between opposing bone surfaces was {state}."),
}
_LATERAL_SPACE = {
    "measured": message(
        "On the lateral view the space between opposing bone surfaces is {length} ({origin})."
    ),
    "touching": message(
        "On the lateral view the space between opposing bone surfaces is {length} ({origin}): "
        "they touch."
    ),
    "marked": message("On the lateral view the space between opposing bone surfaces was {state}."),
}

# A calibrated length holds in the patient by its origin; the others name their plane.
_NAMING_PLANE = {
    Basis.STATED,
    Basis.STATED_UNCALIBRATED,
    Basis.CROSS_SECTIONAL,
    Basis.DETECTOR_PLANE,
    Basis.UNKNOWN,
}


def quotation(text: str, language: Language) -> str:
    """Words of the source as a sentence ends with them: one full stop, its own or ours."""
    quoted = language.quoted(text)
    return quoted if text.endswith((".", "!", "?")) else f"{quoted}."


def describe_hip(graded: GradedHip, telling: Telling) -> list[str]:
    """The findings of one hip, sentence by sentence; the first follows the name of the hip."""
    hip, language = graded.hip, telling.language
    if not hip.evaluable:
        return [language.say(_NOT_EVALUABLE)]
    sentences = [language.say(_PRESENCE[hip.presence])]
    if hip.presence is not Presence.ABSENT:
        sentences += [describe_islands(graded, language)]
        sentences += _describe_spurs_and_gap(graded, language)
        sentences += [_describe_lateral_gap(graded, language), _describe_bridging(graded, telling)]
    sentences += [*describe_sites(hip, language), _describe_hardware(hip, language)]
    sentences += _describe_mass(hip, language)
    sentences += [_describe_stage(hip, language), _describe_features(hip, language)]
    return [text for text in sentences if text]


def describe_sites(hip: Hip, language: Language) -> Iterator[str]:
    """Where ossification lies: of the hip, then of the islands that have a site of their own."""
    say = language.say
    if hip.sites:
        yield say("Site, as given: {sites}.", sites=_sites(hip.sites, language))
    for island in hip.islands or ():
        if not island.sites:
            continue
        sites = _sites(island.sites, language)
        if hip.islands and len(hip.islands) == 1:
            yield say("Site of the island, as given: {sites}.", sites=sites)
        elif island.length is None or island.length.mm is None:
            yield say("Site of one of the islands, as given: {sites}.", sites=sites)
        else:
            length = millimetres(island.length.mm, language)
            yield say(
                "Site of the island of {length}, as given: {sites}.", length=length, sites=sites
            )


def _sites(sites: Iterable[Site], language: Language) -> str:
    return language.listed(language.say(words.SITES[site]) for site in sites)


def _describe_mass(hip: Hip, language: Language) -> Iterator[str]:
    if hip.mass is None:
        return
    if hip.mass.sizes_mm:
        sizes = tell_sizes(hip.mass, language)
        yield language.say("Soft-tissue mass, as given: {sizes}.", sizes=sizes)
    else:
        yield language.say("Soft-tissue mass; its size was not given.")
    if hip.mass.contrast is not None:
        yield language.say(words.CONTRASTS[hip.mass.contrast])


def tell_sizes(mass: Mass, language: Language) -> str:
    """The diameters of a mass with a cross between them."""
    return "\u00a0\u00d7 ".join(size(mm, language) for mm in mass.sizes_mm)


def _describe_hardware(hip: Hip, language: Language) -> str:
    if hip.hardware_nearby is None:
        return ""
    if hip.hardware_nearby:
        return language.say("Orthopaedic hardware lies nearby.")
    return language.say("No orthopaedic hardware nearby.")


def _measured(length: Length, graded: GradedHip, language: Language) -> dict[str, str]:
    """A length and its origin, for the places of a message that tells both."""
    return {
        "length": _amount(length, language),
        "origin": ", ".join(_origin(length, graded, language)),
    }


def _amount(length: Length, language: Language) -> str:
    if length.mm is not None:
        return millimetres(length.mm, language)
    below = length.gap_class is GapClass.BELOW_10_MM
    return language.say("less than 1 cm") if below else language.say("at least 1 cm")


def _origin(length: Length, graded: GradedHip, language: Language) -> list[str]:
    """Where a length comes from, in parts: the manner, the plane, the uncertainty."""
    calibration = graded.hip.calibration
    if length.mm is None:
        return [language.say("given as a class, not measured")]
    object_mm = None if calibration is None else calibration.true_mm
    told = tell_manner(length, object_mm, graded.setting.modality, language)
    if length.uncertainty_mm is not None:
        width = uncertainty(length.uncertainty_mm, language)
        told.append(language.say("uncertainty {width}", width=width))
    return told


def tell_manner(
    length: Length, object_mm: float | None, modality: ImagingModality, language: Language
) -> list[str]:
    """How a length came about, and its plane; `object_mm` is the size of what it was calibrated to."""
    if length.basis is Basis.KNOWN_OBJECT and object_mm is not None:
        known = size(object_mm, language)
        told = [language.say("calibrated to an object of {size}", size=known)]
    elif length.is_across_slices:
        told = [language.say(words.SHORT_ACROSS_SLICES)]
    else:
        told = [language.say(words.SHORT_ORIGINS[length.basis])]
    return [*told, plane_words(length, language)] if _names_plane(length, modality) else told


def _names_plane(length: Length, modality: ImagingModality) -> bool:
    """Whether the plane is no matter of course: on CT and MR a ruler measures true size."""
    if length.plane is Plane.UNSTATED:
        return modality is ImagingModality.RADIOGRAPH
    is_named = length.basis is Basis.FILM_PLANE
    return not is_named and (length.basis in _NAMING_PLANE or length.plane is not Plane.PATIENT)


def describe_islands(graded: GradedHip, language: Language) -> str:
    """The islands with the longest of them, "" where nothing was said of any."""
    hip, lengths = graded.hip, graded.facts.islands
    if not hip.islands:
        return "" if hip.islands is None else language.say("No islands.")
    number = len(hip.islands)
    known = [each for each in lengths if each.length.mm is not None]
    if not known:
        told = language.count(
            "One island of bone in the soft tissue, {state}.",
            "{n} islands of bone in the soft tissue, {state}.",
            number,
            state=_unmeasured([each.length for each in lengths], language),
        )
        return capitalized(told)
    longest = max(known, key=lambda each: each.least_mm)
    measured = _measured(longest.length, graded, language)
    if len(known) < number:
        return _describe_partly_measured(number, len(known), measured, language)
    told = language.count(
        "One island of bone in the soft tissue, {length} long ({origin}).",
        "{n} islands of bone in the soft tissue, the longest {length} ({origin}).",
        number,
        **measured,
    )
    return capitalized(told)


def _describe_partly_measured(
    number: int, known: int, measured: Mapping[str, str], language: Language
) -> str:
    rest = language.count(
        "one island without a length", "{n} islands without a length", number - known
    )
    told = language.say(
        "{n} islands of bone in the soft tissue; the longest measured is {length} ({origin}); {rest}.",
        n=language.number(number),
        rest=rest,
        **measured,
    )
    return capitalized(told)


def _unmeasured(lengths: list[Length], language: Language) -> str:
    """What is known of the lengths of islands, none of which has millimetres."""
    if not lengths:
        return language.say("length not given")
    if len(lengths) > 1:
        return language.say(
            "{n} lengths marked, but the image gives no millimetres",
            n=language.number(len(lengths)),
        )
    line = lengths[0].line
    if line is None:
        return language.say("length not measured")
    if line.spans_images:
        return language.say("length marked across images, but the image gives no millimetres")
    return language.say(
        "length marked ({pixels}), but the image gives no millimetres",
        pixels=pixels(line, language),
    )


def _describe_spurs_and_gap(graded: GradedHip, language: Language) -> list[str]:
    """Spurs with the space that they leave, where they are said to leave one."""
    hip = graded.hip
    seen = (hip.spurs.pelvis, hip.spurs.femur)
    spurs = language.say(_SPURS[seen]) if seen in _SPURS else ""
    others = language.say(_NO_SPURS[seen]) if seen in _NO_SPURS else ""
    if spurs and hip.gap is not None and not graded.facts.is_bridged:
        return [_left(spurs, hip.gap, graded, language), others]
    told = "" if hip.gap is None else _tell_space(_SPACE, hip.gap, graded, language)
    return [f"{spurs}." if spurs else "", others, told]


def _left(spurs: str, gap: Length, graded: GradedHip, language: Language) -> str:
    if gap.mm is None and gap.gap_class is None:
        # Translators: {spurs} is one of the "Spurs from ..." messages, {state} as "not measured"
        text = message("{spurs} leave a space between opposing bone surfaces, {state}.")
        return language.say(text, spurs=spurs, state=_state(gap, language))
    measured = _measured(gap, graded, language)
    if gap.mm == 0:
        text = message("{spurs} touch the opposing bone: the space is {length} ({origin}).")
    else:
        text = message("{spurs} leave {length} between opposing bone surfaces ({origin}).")
    return language.say(text, spurs=spurs, **measured)


def _describe_lateral_gap(graded: GradedHip, language: Language) -> str:
    gap = graded.hip.gap_lateral
    return "" if gap is None else _tell_space(_LATERAL_SPACE, gap, graded, language)


def _tell_space(
    texts: Mapping[str, str], gap: Length, graded: GradedHip, language: Language
) -> str:
    if gap.mm is None and gap.gap_class is None:
        return language.say(texts["marked"], state=_state(gap, language))
    text = texts["touching" if gap.mm == 0 else "measured"]
    return language.say(text, **_measured(gap, graded, language))


def _state(gap: Length, language: Language) -> str:
    """What was done about a space that has no millimetres; it agrees with "space"."""
    if gap.line is None:
        # Translators: what was done about the space, the {state} of "The space ... was {state}."
        return language.say("not measured")
    if gap.line.spans_images:
        return language.say("marked across images, but the image gives no millimetres")
    return language.say(
        "marked ({pixels}), but the image gives no millimetres", pixels=pixels(gap.line, language)
    )


def _describe_bridging(graded: GradedHip, telling: Telling) -> str:
    hip, say = graded.hip, telling.language.say
    if hip.bridging is None:
        asked = hip.spurs.any or graded.facts.in_contact
        return say("Bridging is not stated.") if asked else ""
    if hip.bridging is Bridging.NONE:
        return say("No bridging.")
    if hip.bridging is Bridging.CONFIRMED:
        return say(words.BRIDGING_CONFIRMED[hip.bridging_basis])
    text = message("Bone appears to bridge the joint {on_view} (apparent bridging).")
    return say(text, on_view=telling.on_view)


def _describe_stage(hip: Hip, language: Language) -> str:
    if hip.stage is None:
        return ""
    return language.say("Stage: {stage}.", stage=language.say(words.STAGES[hip.stage]))


def _describe_features(hip: Hip, language: Language) -> str:
    seen = [words.FEATURES[key] for key in hip.features if key in words.FEATURES]
    if not seen:
        return ""
    # Some of them hold an "and" of their own.
    told = language.joined(map(language.say, seen))
    return language.say("Features: {features}.", features=told)
