"""A withdrawn report in words: that it must not be used, by whom and why it was withdrawn, and what it was.

Nothing of what it said is said again: who reads this alone must not be left with a grade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hosr.language import message
from hosr.language.numbers import plain
from hosr.narrative import wrap
from hosr.narrative.content import describe_patient, describe_study
from hosr.narrative.phrases import quotation
from hosr.narrative.signatures import tell_notice
from hosr.status import WithdrawalReason

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.report import Report

_REASONS = {
    WithdrawalReason.WRONG_PATIENT: message("Reason: wrong patient."),
    WithdrawalReason.WRONG_STUDY: message("Reason: wrong study."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Retracted:
    """A version that is withdrawn: its status in words, and the UIDs of its objects."""

    notice: str
    object_uids: tuple[str, ...]


def tell_withdrawal(report: Report, language: Language) -> list[str]:
    """That a report is withdrawn, by whom, why, and which status its last version had."""
    withdrawal = report.withdrawal
    if withdrawal is None:
        raise ValueError("the report was not withdrawn")
    sentences = [tell_notice(report, language)]
    if withdrawal.reason in _REASONS:
        sentences.append(language.say(_REASONS[withdrawal.reason]))
    if withdrawal.text:
        # Translators: {quotation} ends with its own full stop
        text = message("Reason as given: {quotation}")
        sentences.append(language.say(text, quotation=quotation(plain(withdrawal.text), language)))
    before = tell_notice(replace(report, withdrawal=None), language)
    # Translators: {notice} is one or two sentences, such as "Signed by Maria Rossi, ..."
    return [*sentences, language.say("Status before the withdrawal: {notice}", notice=before)]


def render_withdrawal(
    report: Report,
    versions: Sequence[Retracted],
    missing_uids: Sequence[str],
    language: Language,
) -> str:
    """The withdrawal as text, in lines of 80 columns: whose report, and which objects of it.

    `missing_uids` are earlier versions that are not withdrawn with it.
    """
    say = language.say
    patient, study = describe_patient(report, language), describe_study(report, language)
    name, number = say("Patient"), say("Patient ID")
    lines = [
        say("Heterotopic ossification of the hip").upper(),
        *tell_withdrawal(report, language),
        "",
        say("{name}: {text}", name=name, text=patient["name"]),
        say("{name}: {text}", name=number, text=patient["id"]),
        say(
            "Birth date: {date}; sex: {sex}",
            date=patient["birth_date"],
            sex=patient["sex"],
        ),
        say(
            "Study date: {date}; accession number: {number}",
            date=study["date"],
            number=study["accession"],
        ),
        "",
        say("Withdrawn documents").upper(),
    ]
    for version in versions:
        lines += [version.notice, *version.object_uids, ""]
    for uid in missing_uids:
        text = message("An archive that has the earlier version {uid} goes on to show it.")
        lines.append(say(text, uid=uid))
    lines.append(say("Prepared by hosr {version}. Not a medical device.", version=report.form))
    return wrap("\n".join(lines) + "\n")
