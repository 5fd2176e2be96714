"""What a second reading of all texts found wrong in them: what is said instead, and what no longer."""

from __future__ import annotations

from typing import Any, NamedTuple

from hosr.findings import Basis, Island, Length, Plane, Probabilities, Spurs
from hosr.language import LANGUAGES
from hosr.narrative import Wording, compose_sections
from hosr.narrative.impression import describe_headline
from hosr.narrative.words import Telling
from hosr.report import Report
from hosr.vocabulary.terms import (
    Bridging,
    Event,
    GapClass,
    Presence,
    Side,
    Site,
    Stage,
    View,
)
from tests.narrative.cases import (
    DETECTOR,
    LINE,
    MODEL,
    a_report,
    after,
    hip,
    spurred,
    with_islands,
)


class _Row(NamedTuple):
    """A section of a report in one language, with what it holds and what it does not."""

    report: Report
    section: str
    has: str
    lacks: str = "\0"
    tag: str = "en"


_FILM: dict[str, Any] = {"plane": Plane.DETECTOR, "basis": Basis.FILM_PLANE, "line": LINE}
_AT_DETECTOR = spurred(Length(mm=11.5, **DETECTOR))
_LATERALLY = hip(
    presence=Presence.INDETERMINATE, stage=Stage.EARLY, sites=(Site.MEDIAL, Site.LATERAL)
)
_ON_MR: dict[str, Any] = {"view": View.MR}
_TOLD_BY_MODEL = spurred(Length(mm=6.2), source_grades=(("brooker", ("II",)),))

_ROWS = (
    # What an uncalibrated length stands for is missed where it leaves the grade open.
    _Row(a_report(_AT_DETECTOR), "impression", "stands for about 9.2 to 10.0 mm in the patient."),
    _Row(
        a_report(with_islands(islands=(Island(length=Length(mm=11.5, **DETECTOR)),))),
        "impression",
        "An island of 11.5 mm at the detector plane stands for about 9.2 to 10.0 mm",
    ),
    _Row(a_report(spurred(Length(mm=12.0, **DETECTOR))), "impression", "9.6 to 10.4 mm"),
    _Row(a_report(spurred(Length(mm=8.0, **DETECTOR))), "impression", "III", "stands for"),
    # That the source chose one of several grades is not seen.
    _Row(
        a_report(spurred(Length(mm=0.0), bridging=None, source_grades=(("brooker", ("IV",)),))),
        "impression",
        "Brooker IV; Della Valle C. Bone surfaces touch and bridging is not stated.",
        "Opposing bone surfaces touch",
    ),
    _Row(
        a_report(with_islands(None, source_grades=(("della_valle", ("B",)),))),
        "impression",
        "Della Valle B. The length of an island is not known.",
    ),
    # An island is lost where spurs are not stated.
    _Row(
        a_report(with_islands(18.0, spurs=Spurs())),
        "impression",
        "One island of bone in the soft tissue, 18.0 mm long",
        "spurs, ",
    ),
    # The highest grade cannot rise.
    _Row(
        a_report(hip(bridging=Bridging.APPARENT), context=after(Event.TOTAL_HIP_ARTHROPLASTY, 60)),
        "impression",
        "Less than 12 weeks after the index event, ossification may still be forming.",
        "may still rise",
    ),
    _Row(
        a_report(hip(bridging=Bridging.APPARENT), context=after(Event.TOTAL_HIP_ARTHROPLASTY, 60)),
        "technique",
        "ossification may still be forming.",
        "may still rise",
    ),
    _Row(
        a_report(
            hip(bridging=Bridging.APPARENT),
            spurred(Length(mm=6.0), Side.LEFT),
            context=after(Event.TOTAL_HIP_ARTHROPLASTY, 60),
        ),
        "technique",
        "and a grade may still rise.",
    ),
    # Contact on the lateral view is not a length of 0.0 mm.
    _Row(
        a_report(spurred(Length(mm=12.0), gap_lateral=Length(mm=0.0))),
        "impression",
        "On the lateral view opposing bone surfaces touch.",
        "0.0 mm",
    ),
    # A grade that no space on MR decides is not short of a measurement.
    _Row(
        a_report(spurred(None), **_ON_MR), "impression", "a space on MR decides no grade", "was not"
    ),
    # The impression lacks the place, the lesion and the doubt.
    _Row(a_report(_LATERALLY), "impression", "Site, as given: medial to the joint and lateral"),
    _Row(
        a_report(hip(presence=Presence.PRESENT, stage=Stage.EARLY, features=("XR_EARLY_MASS",))),
        "impression",
        "without bone to grade. Soft-tissue mass without calcification. Not graded.",
    ),
    _Row(
        a_report(hip(bridging=Bridging.APPARENT, stage=Stage.MINERALIZATION)),
        "impression",
        "Bridging in the mineralization stage is unusual.",
    ),
    _Row(
        a_report(
            hip(presence=Presence.INDETERMINATE, features=("MR_EARLY_MUSCLE_ENLARGED",)), **_ON_MR
        ),
        "impression",
        "enlarged muscle only; whether this is early heterotopic ossification cannot be decided.",
    ),
    # Told twice.
    _Row(
        a_report(hip(presence=Presence.ABSENT, source_grades=(("della_valle", ("A",)),))),
        "findings",
        "Della Valle A as graded by the observer: the same rule.",
    ),
    _Row(
        a_report(spurred(None, source_grades=(("brooker", ("II",)),))),
        "findings",
        "Della Valle B or C: for the same reason.",
    ),
    _Row(
        a_report(spurred(Length(mm=11.5, **DETECTOR), gap_lateral=Length(mm=8.0))),
        "impression",
        "Brooker II or III; Della Valle B or C (the length is not calibrated to the patient); ",
    ),
    _Row(
        a_report(_TOLD_BY_MODEL, observer=MODEL), "impression", "as graded by the", "Graded by an"
    ),
    _Row(
        a_report(spurred(Length(mm=6.2)), observer=MODEL), "impression", "Graded by an algorithm."
    ),
    # A plane that is not meant: of digitized film, and where a ruler measures true size.
    _Row(
        a_report(spurred(Length(mm=12.5, **_FILM))),
        "findings",
        "A space of 12.5 mm at the film plane stands for",
        "detector",
    ),
    _Row(a_report(with_islands(12.0), view=View.CT), "findings", "(as stated)", "taken as"),
    # Words that disagree, are no English, or divide a list in the wrong place.
    _Row(
        a_report(spurred(Length(gap_class=GapClass.BELOW_10_MM))),
        "impression",
        "is below 1 cm, not measured.",
        "category",
    ),
    _Row(
        a_report(
            hip(
                presence=Presence.INDETERMINATE,
                features=("MR_EARLY_ENHANCEMENT", "MR_EARLY_EDEMA"),
            ),
            **_ON_MR,
        ),
        "findings",
        "enhancing lesion and oedema; ill-defined surrounding oedema on T2.",
    ),
    _Row(a_report(spurred(Length(mm=6.0), comment="Small")), "findings", 'as given: "Small".'),
    _Row(
        a_report(spurred(Length(mm=6.0)), conclusion="Small"),
        "impression",
        'Conclusion of the observer, as given: "Small".',
    ),
    _Row(
        a_report(
            hip(
                stage=Stage.EARLY,
                source_grades=(("brooker", ("I",)), ("della_valle", ("A",))),
            ),
            **_ON_MR,
        ),
        "findings",
        "Brooker I and Della Valle A as graded by the observer; not derived",
    ),
    # French "en dedans" of a joint is within it.
    _Row(a_report(_LATERALLY), "findings", "du côté médial de", "en de", "fr"),
    _Row(
        a_report(spurred(Length(gap_class=GapClass.AT_LEAST_10_MM))),
        "impression",
        "est de 1 cm ou plus, non mesuré.",
        "de au moins",
        "fr",
    ),
    _Row(a_report(hip(presence=Presence.ABSENT)), "findings", "Hüfte: keine", "Hüfte: eine", "de"),
)


def _told(row: _Row) -> str:
    """The section on one line, with plain blanks."""
    sections = compose_sections(row.report, Wording(LANGUAGES[row.tag]))
    (paragraphs,) = (each.paragraphs for each in sections if each.key == row.section)
    return " ".join(paragraphs).replace("\u00a0", " ")


def test_what_was_wrong_is_said_otherwise() -> None:
    """Each row holds what it should, and nothing of what it once said."""
    wrong = [
        (row.has, row.lacks, told)
        for row in _ROWS
        for told in [_told(row)]
        if row.has not in told or row.lacks in told
    ]
    assert wrong == []


def test_a_headline_tells_once_that_an_algorithm_graded() -> None:
    """Beside a grade that is told to be the algorithm's, or else behind the summary."""
    scored = Probabilities(scale="brooker", scores=(("II", 0.1), ("III", 0.9)))
    told = []
    for given in (hip(probabilities=(scored,)), spurred(Length(mm=6.2))):
        report = a_report(given, observer=MODEL)
        headline = describe_headline(report.hips[0], Telling(report, LANGUAGES["en"]))
        told.append(str(headline).count("algorithm"))
    assert told == [1, 1]
