"""How far a report has come, in words: who signed it and when, what was changed since, what was added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.language import capitalized, message
from hosr.language.numbers import millimetres, moment, person_name, plain
from hosr.narrative import words
from hosr.narrative.grading import scale_name
from hosr.narrative.phrases import quotation
from hosr.status import LengthChange, ObserverChange, OtherChange, Space

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.report import Report
    from hosr.status import Addendum, Change, Signature

# Translators: grades, such as "Brooker III"; {before} may be "Brooker II or III", or "not graded"
_BY_SIGNER = message("{name}: {after} is the grade of who signed; before: {before}.")
# Translators: the same; {observer} is a person, or a program with its version
_AGAINST = message("{name}: {after} is the grade of who signed; {observer} had graded {before}.")
_GONE = message("{name}: {after}; {observer} had graded {before}.")
# Translators: {name} is a hip, a space of one, or "Graded by"; {before} and {after} are what it has
_CHANGED = message("{name}: {after}; before: {before}.")
_SPACES = {Space.GAP: "space", Space.GAP_LATERAL: "lateral"}


def tell_notice(report: Report, language: Language) -> str:
    """The status with who signed or withdrew and when; no page may leave it out."""
    if report.withdrawal is not None:
        return language.say(report.status.notice, **signed(report.withdrawal.signature, language))
    if report.signing is None:
        return language.say(report.status.notice)
    return language.say(report.status.notice, **signed(report.signing.signature, language))


def tell_history(report: Report, language: Language) -> list[str]:
    """What was changed, why, and what was added, a sentence each; of a draft what it lacks."""
    if report.signing is None:
        return _tell_incomplete(report, language)
    signing, sentences = report.signing, []
    if signing.reason:
        given = quotation(plain(signing.reason), language)
        # Translators: {quotation} ends with its own full stop
        text = message("Reason of the amendment, as given: {quotation}")
        sentences.append(language.say(text, quotation=given))
    sentences += [_tell_change(change, language) for change in signing.changes]
    return [*sentences, *(_tell_addendum(each, language) for each in signing.addenda)]


def _tell_incomplete(report: Report, language: Language) -> list[str]:
    if not report.incomplete:
        return []
    # Translators: {quotation} ends with its own full stop
    text = message("Not complete, as given: {quotation}")
    return [language.say(text, quotation=quotation(plain(report.incomplete), language))]


def _tell_change(change: Change, language: Language) -> str:
    if isinstance(change, LengthChange):
        return _tell_length(change, language)
    if isinstance(change, ObserverChange):
        # Translators: followed by a colon and the name of a person or a program
        graded_by = message("Graded by")
        names = {"after": person_name(change.after), "before": person_name(change.before)}
        return language.say(_CHANGED, name=language.say(graded_by), **names)
    if isinstance(change, OtherChange):
        if change.side is None:
            return language.say("Other parts of the report were changed.")
        name = language.say(words.HIPS[change.side])
        return language.say("{name}: other findings were changed.", name=name)
    told = {
        "name": language.say(words.HIPS[change.side]),
        "before": _tell_grade(change.scale, change.before, language),
        "after": _tell_grade(change.scale, change.after, language),
    }
    if change.before_by:
        text = _AGAINST if change.by_signer else _GONE
        return language.say(text, observer=person_name(change.before_by), **told)
    return language.say(_BY_SIGNER if change.by_signer else _CHANGED, **told)


def _tell_length(change: LengthChange, language: Language) -> str:
    told = [
        language.say("not measured") if mm is None else millimetres(mm, language)
        for mm in (change.before_mm, change.after_mm)
    ]
    name = capitalized(language.say(words.OWNERS[_SPACES[change.space], change.side]))
    return language.say(_CHANGED, name=name, before=told[0], after=told[1])


def _tell_grade(scale: str, grades: tuple[str, ...], language: Language) -> str:
    if not grades:
        return language.say("not graded")
    return f"{scale_name(scale)} {language.listed(grades, 'or')}"


def _tell_addendum(addendum: Addendum, language: Language) -> str:
    # Translators: {quotation} ends with its own full stop
    text = message("Addendum by {name}, {organization}, {time}: {quotation}")
    given = quotation(plain(addendum.text), language)
    return language.say(text, quotation=given, **signed(addendum.signature, language))


def signed(signature: Signature, language: Language) -> dict[str, str]:
    """The places of a sentence on who signed."""
    return {
        "name": person_name(signature.name),
        "organization": plain(signature.organization),
        "time": moment(signature.signed_at, language),
    }
