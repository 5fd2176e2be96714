"""What the desk says: refusals of a request, faults, obstacles to a signature, labels of remedies."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from hosr.drafts.states import NEWER_IMAGES, REDRAWN
from hosr.findings import Plane
from hosr.language import message
from hosr.language.numbers import PLANES, moment, person_name, plain
from hosr.lifecycle.succession import SUCCESSOR
from hosr.narrative.grading import grade_name, grade_words, scale_name
from hosr.narrative.words import HIPS
from hosr.status import STATUSES, Step
from hosr.vocabulary.terms import ImageSide, ImagingModality, Side, View

if TYPE_CHECKING:
    from collections.abc import Sequence
    from enum import StrEnum

    from hosr.drafts import Draft, Listed
    from hosr.errors import Fault
    from hosr.language import Language
    from hosr.lifecycle.succession import Successor
    from hosr.report import GradedHip, Report
    from hosr.scales.scale import Grade
    from hosr.status import FormerGrade

_MOST_TOLD = 3

# By the code of a refusal: what is wrong, and what to do about it.
REFUSALS: dict[str, tuple[str, str]] = {
    "host": (
        message("The desk is not reached by this name."),
        message("Use the link that it printed."),
    ),
    "method": (message("The desk does nothing of this kind."), ""),
    "site": (
        message("The page of another site asked for this."),
        message("Use the link that the desk printed."),
    ),
    "origin": (
        message("No page of the desk asked for this."),
        message("Use the page of the desk."),
    ),
    "type": (message("The desk reads JSON alone, and nothing that is compressed."), ""),
    "length": (message("This is more than a record holds."), message("Make it shorter.")),
    "slow": (message("The request did not come to its end in time."), message("Try again.")),
    "reader": (
        message("Another reader works in this browser now."),
        message("Load the page again, and see who works here."),
    ),
    "locked": (
        message("The desk is locked."),
        message("Open the newest link that the desk printed for you."),
    ),
    "onlooker": (
        message("Whoever opened this link may look, and change nothing."),
        message("Start the desk with the name of the reader."),
    ),
    "not_found": (
        message("There is no such draft, image or page."),
        message("Load the page again."),
    ),
    "no_version": (
        message("The request does not say which version of the draft it is for."),
        message("Load the page again."),
    ),
    "stale": (
        message("The draft was changed since it was shown."),
        message("Compare both versions, and keep one of them."),
    ),
    "no_json": (
        message("The request is no JSON object of the form that is asked for."),
        message("Load the page again."),
    ),
    "another_document": (
        message("The report on the screen is not the one that would be signed."),
        message("Load the draft again, and read it."),
    ),
    "full": (
        message("Nothing was saved: the disk has no room, or cannot be written."),
        message("Make room; what is on the page is kept there, and sent again."),
    ),
    "failed": (
        message("The desk failed to do this."),
        message("Try again; what was saved before is kept."),
    ),
    "refused": (message("This cannot be done."), ""),
    "lost_images": (
        message("The images of the draft are gone or were changed."),
        message("Put them back where they were."),
    ),
    "lost_report": (
        message("What was signed is gone or was changed."),
        message("Put it back as it was signed."),
    ),
    "no_reason": (message("A reason is missing."), message("Say why, in a few words.")),
    "signing": (message("Another report is being signed."), message("Try again in a moment.")),
}

# Words of a record that stand in faults, as the form names them.
_NAMES: dict[StrEnum, str] = {
    Side.RIGHT: message("right"),
    Side.LEFT: message("left"),
    ImageSide.BOTH: message("both sides"),
    View.AP_PELVIS: message("Pelvis, AP"),
    View.AP_HIP: message("Hip, AP"),
    View.LATERAL: message("Lateral"),
    View.OBLIQUE: message("Oblique"),
    View.CT: message("CT"),
    View.MR: message("MR"),
    ImagingModality.RADIOGRAPH: message("Radiograph"),
    **{plane: PLANES[plane] for plane in Plane},
}

# Where a fault lies, by what its path begins with, as the form and the report name it.
_PLACES: dict[str, str] = {
    "hips.evaluable": message("Evaluable"),
    "hips.not_evaluable_reason": message("Why not evaluable"),
    "hips.side": message("Side"),
    "hips.presence": message("Ossification"),
    "hips.spurs": message("Spurs"),
    "hips.bridging": message("Bridging"),
    "hips.bridging_basis": message("Confirmed by"),
    "hips.gap": message("Space"),
    "hips.gap_lateral": message("Space, lateral view"),
    "hips.islands": message("Islands"),
    "hips.calibration": message("Calibration"),
    "hips.stage": message("Stage"),
    "hips.features": message("Features"),
    "hips.site": message("Site"),
    "hips.hardware_nearby": message("Hardware nearby"),
    "hips.mass": message("Soft-tissue mass"),
    "hips.grades": message("Grades"),
    "hips.probabilities": message("Model scores"),
    "hips.cumulative": message("Model scores"),
    "hips.image": message("Image"),
    "hips.frame": message("Image"),
    "hips.comment": message("Comment"),
    "hips": message("Hips"),
    "conclusion": message("Conclusion"),
    "incomplete": message("Still to be done"),
    "view": message("View"),
    "graded_at": message("Time of grading"),
    "observer": message("Observer"),
    "study": message("Examination"),
    "context.index_event": message("Operation or injury"),
    "context.index_events": message("Operation or injury"),
    "context.causes": message("Causes"),
    "context.symptoms": message("Symptoms"),
    "context": message("Indication"),
    "overrides": message("Corrections of headers"),
    "images": message("Images"),
    "--images": message("Images"),
    "--as": message("Signature"),
    "--at": message("Time of signature"),
    "--record": message("Report"),
    "--reason": message("Reason"),
    "reason": message("Reason"),
}
_DRAFT = message("The draft {id}")
_INDEX = re.compile(r"\[\d+\]")

_CONFLICT = message("{name}: {grades} is in conflict with the findings ({derived}).")
_FORMER_CONFLICT = message(
    "{name}: {grades}, as {observer} graded, is in conflict with the findings ({derived})."
)
_CHOSEN = message("{name}: {observer} chose {grades}. Choose the grade that you sign.")
_OPEN = message("{name}: {grades} is left open.")


# Translators: {notice} is a sentence on who signed the other version
_REPLACED = message(
    "This version no longer holds. Another one took its place outside of the desk, in {folder}. {notice}"
)


def tell_ending(ending: Successor, language: Language) -> str:
    """What became of a signed report outside of the desk, and by whom."""
    places = {
        "name": person_name(ending.name),
        "organization": plain(ending.organization),
        "time": moment(dt.datetime.fromisoformat(ending.signed_at), language),
    }
    notice = language.say(STATUSES[ending.step].notice, **places)
    if ending.step is Step.WITHDRAW:
        return notice
    return language.say(_REPLACED, folder=plain(ending.folder), notice=notice)


def tell_unknown_ending(language: Language) -> str:
    """That nobody can tell what became of a signed report."""
    text = message(
        "Whether this version still holds is not known: {name} beside it cannot be read."
    )
    return language.say(text, name=SUCCESSOR)


def tell_refusal(code: str, language: Language) -> tuple[str, str]:
    """What is wrong and what to do, by the code of a refusal."""
    problem, remedy = REFUSALS[code]
    return language.say(problem), language.say(remedy) if remedy else ""


def tell_fault(fault: Fault, language: Language) -> tuple[str, str]:
    """What is wrong, and what to do about it. What is no phrase of a catalogue stays English."""
    return retell(fault.problem, language), retell(fault.remedy, language)


def tell_place(fault: Fault, language: Language) -> str:
    """Where a fault lies: its field by name, with what of it by the record's own words; else its path.

    Of a whole record "".
    """
    if fault.path.startswith("draft "):
        return language.say(_DRAFT, id=fault.path.removeprefix("draft "))
    place, rest = _place_of(fault.path)
    if place:
        return f"{language.say(place)} ({rest})" if rest else language.say(place)
    return "" if fault.path == "$" else retell(fault.path, language)


def tell_field(fault: Fault, language: Language) -> str:
    """The field that a fault lies in, by name alone; its path where it has none."""
    place, _ = _place_of(fault.path)
    return language.say(place) if place else tell_place(fault, language)


def _place_of(path: str) -> tuple[str, str]:
    """The name of the field of a path, and what of it by the record's own words; "" where it has none."""
    steps = _INDEX.sub("", path.removeprefix("$").removeprefix(".")).split(".")
    for count in range(len(steps), 0, -1):
        place = _PLACES.get(".".join(steps[:count]))
        if place is not None:
            return place, ".".join(steps[count:])
    return "", ""


def retell(said: str, language: Language) -> str:
    """What hosr said in English of a record or its images, in the words of the page."""
    return language.retell(said, lambda word: _name(word, language))


def _name(word: StrEnum, language: Language) -> str:
    return language.say(_NAMES[word]) if word in _NAMES else str(word)


def tell_obstacle(side: Side, grade: Grade, former: FormerGrade | None, language: Language) -> str:
    """That a grade waits for a person to decide it; `former` is what another one stated of it."""
    name = language.say(HIPS[side])
    stated = grade_words(grade.scale, grade.stated, language)
    if grade.differs:
        derived = grade_words(grade.scale, grade.possible, language)
        return language.say(_CONFLICT, name=name, grades=stated, derived=derived)
    if former is None or set(former.grades) & set(grade.stated):
        return language.say(_OPEN, name=name, grades=stated)
    told = {"grades": grade_words(grade.scale, former.grades, language), "derived": stated}
    observer = person_name(former.by)
    return language.say(_FORMER_CONFLICT, name=name, observer=observer, **told)


def tell_chosen(side: Side, scale: str, chosen: tuple[str, str], language: Language) -> str:
    """That another one chose a grade, which is none of who signs until they choose it."""
    grade, by = grade_name(scale, chosen[0]), person_name(chosen[1])
    return language.say(_CHOSEN, name=language.say(HIPS[side]), grades=grade, observer=by)


def tell_former(former: FormerGrade, language: Language) -> dict[str, str]:
    """What another one stated, and who."""
    return {"grade": language.listed(former.grades, "or"), "by": person_name(former.by)}


def tell_unreported(language: Language) -> str:
    """That images of an earlier study are shown without marks."""
    text = message("No valid report of this study is known here: nothing is marked on its images.")
    return language.say(text)


def tell_uncompared(language: Language) -> str:
    """That a report is shown with which no draft is compared."""
    return language.say(message("This report was received: the draft is not compared with it."))


def tell_not_shown(faults: Sequence[Fault], language: Language, *, is_reported: bool) -> str:
    """Why the images of an earlier study are not shown; without a report nobody knows whose they are."""
    if not faults:
        return language.say(message("The images of this report are not known here."))
    told = "; ".join(f"{each.path} {tell_fault(each, language)[0]}" for each in faults[:_MOST_TOLD])
    if is_reported:
        return language.say(message("The images of this report are not shown: {told}."), told=told)
    text = message("Images that are filed under this patient ID are not shown: {told}.")
    return language.say(text, told=told)


def tell_unwritten(fault: Fault, language: Language) -> str:
    """That what was done is done, but not all of it is in the audit yet."""
    text = message(
        "{name}: {problem}. What was done and signed before stands, but is not noted there yet. Make room "
        "on the disk, or let the file be written, and leave the desk running: it is noted then. Nothing "
        "can be changed or signed before."
    )
    return language.say(text, name=fault.path, problem=tell_fault(fault, language)[0])


def tell_hold(reason: str, language: Language) -> str:
    """Why a draft is held: a person's own words, or those of hosr in the language of the page."""
    for words in (NEWER_IMAGES, REDRAWN):
        before = words.removesuffix("{draft}")
        if reason.startswith(before):
            return language.say(words, draft=reason.removeprefix(before))
    return reason


def tell_newer(draft_id: str, language: Language) -> str:
    """That another draft was made of the study after this one."""
    text = message("There is a newer draft of this study ({number}): look at it before you sign.")
    return language.say(text, number=draft_id)


def tell_rival(rival: Listed, language: Language) -> str:
    """That a report of the same hip was signed already."""
    text = message(
        "A report of this hip and study was signed by {name} already (draft {number}). Amend that one, "
        "or withdraw it."
    )
    return language.say(text, name=person_name(rival.signed_by), number=rival.draft_id)


def tell_amended(draft: Draft, report: Report, language: Language) -> str:
    """That a draft is signed as the amendment of what it follows, and how that was graded."""
    text = message(
        "This draft follows the report that {name} signed (draft {number}): {grades}. Signed, it amends "
        "that report and takes its place."
    )
    hips = (
        language.labelled(language.say(HIPS[each.hip.side]), _tell_grades(each, language))
        for each in report.hips
    )
    grades = "; ".join(hips)
    return language.say(
        text, name=person_name(draft.signed_by), number=draft.draft_id, grades=grades
    )


def _tell_grades(graded: GradedHip, language: Language) -> str:
    told = [grade_words(each.scale, each.stated, language) for each in graded.grades if each.stated]
    return ", ".join(told) if told else language.say("not graded")


def tell_other_hips(language: Language) -> str:
    """Why a draft cannot amend what it was drawn over: an amendment is of the whole report."""
    text = message(
        "The signed report does not speak of the same hips: this draft cannot take its place."
    )
    return language.say(text)


def tell_repeated(draft: Draft, language: Language) -> str:
    """Why a draft cannot amend what it follows: the same is signed already."""
    text = message(
        "This draft says nothing else than the report that {name} signed (draft {number}), which stands. "
        "Put it on hold, or correct it."
    )
    return language.say(text, name=person_name(draft.signed_by), number=draft.draft_id)


def tell_amending(draft: Draft, language: Language) -> str:
    """That what was signed was amended by another draft, which holds in its place."""
    text = message(
        "This version no longer holds: {name} amended it with draft {number}, which takes its place."
    )
    return language.say(text, name=person_name(draft.signed_by), number=draft.draft_id)


def tell_choice(grade: Grade, chosen: str, language: Language) -> str:
    """A grade as what a person may choose: whose it is."""
    name = f"{scale_name(grade.scale)} {chosen}"
    if chosen in grade.source or chosen not in grade.possible:
        return language.say("{grades}, as graded before", grades=name)
    return language.say("{grades}, by the findings", grades=name)
