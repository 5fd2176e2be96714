"""What the desk itself says: refusals of a request, obstacles to a signature, labels of remedies."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hosr.language import message
from hosr.language.numbers import moment, person_name, plain
from hosr.lifecycle.succession import SUCCESSOR
from hosr.narrative.grading import grade_name, grade_words, scale_name
from hosr.narrative.words import HIPS
from hosr.status import STATUSES, Step

if TYPE_CHECKING:
    from hosr.errors import Fault
    from hosr.language import Language
    from hosr.lifecycle.succession import Successor
    from hosr.scales.scale import Grade
    from hosr.status import FormerGrade
    from hosr.vocabulary.terms import Side

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
    """The words of a fault. Those of records and images are written in English."""
    del language
    return fault.problem, fault.remedy


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


def tell_choice(grade: Grade, chosen: str, language: Language) -> str:
    """A grade as what a person may choose: whose it is."""
    name = f"{scale_name(grade.scale)} {chosen}"
    if chosen in grade.source or chosen not in grade.possible:
        return language.say("{grades}, as graded before", grades=name)
    return language.say("{grades}, by the findings", grades=name)
