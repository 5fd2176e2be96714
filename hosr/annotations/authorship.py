"""Who or what drew the sources, when, and of which study: told by them, or by whoever imports them.

| What      | Taken from                                                               |
| --------- | ------------------------------------------------------------------------ |
| observer  | `--as` a person; else `[observer]` of labels.toml; else what they all say; of lines that name nobody the person of `hosr watch --as`, or whoever takes them as theirs at the desk |
| time      | `--at`; else the newest that a source says, in its own zone or `--timezone`; else that of its file, for `hosr watch --file-time` |
| study     | the images; else what the sources claim, where they agree                |

A person is never put in the place of a program or of another person that a source names, nor a program in
that of a person: who reads what they drew signs the report.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hosr.annotations.account import Account
from hosr.annotations.context import Context
from hosr.annotations.labels import Labels
from hosr.annotations.sources import Claims, Source, claims_of, first_claims
from hosr.findings import Algorithm, Observer, Person
from hosr.intake.images import SourceImages
from hosr.persons import spellings
from hosr.phrases import several
from hosr.scales.chronology import IN_FUTURE, is_past

# A name that no source can give: there it names nobody (`viewers.foreign.is_nobody`).
UNKNOWN_DRAWER = Person(name="Unknown^Unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who is said to have drawn the sources, and when, by whoever imports them.

    `drawer` is who draws in the viewer: of lines that name nobody, and of nothing else. Where nobody is
    named and they `may_be_claimed`, such lines are by `UNKNOWN_DRAWER`, for a person to say it later.
    `timezone` is that of times which the sources give without an offset from UTC. `written_at` is when
    their files were written, which counts where they say nothing themselves.
    """

    person: Person | None = None
    drawer: Person | None = None
    may_be_claimed: bool = False
    at: dt.datetime | None = None
    timezone: dt.tzinfo | None = None
    written_at: dt.datetime | None = None


def find_observer(
    sources: Sequence[Source], labels: Labels, author: Author, account: Account
) -> Observer | None:
    """Who or what drew the sources; a fault and None where that is not one."""
    found = {s.observer: s.name for s in sources if s.observer is not None}
    algorithms = [each for each in found if isinstance(each, Algorithm)]
    if author.person is not None:
        _refuse_person(author.person, found, labels, account)
        return author.person
    if labels.maker.name:
        for observer, name in found.items():
            if isinstance(observer, Person):
                problem = f"names a person who drew it, and [observer] of {labels.name} a model"
                account.blame(name, problem, "leave [observer] out, or import it by itself")
        return _told_algorithm(sources, labels, algorithms, account)
    if not found:
        return _find_drawer(sources, author, account)
    if len(found) > 1:
        problem = "are by several observers: a record is by one"
        account.blame(_names(sources), problem, "import them apart, or name one in [observer]")
        return None
    (observer,) = found
    silent = [source for source in sources if source.observer is None]
    drawn = [source for source in silent if source.is_in_words]
    if drawn:
        problem = f"does not say who drew it; the others are by {_shown(observer)}"
        remedy = f"import what a person drew by itself, with {account.options.person}"
        account.blame(_names(drawn), problem, remedy)
        return None
    if silent:
        words = f"is by {_shown(observer)} too, which it does not say"
        account.assume(_names(silent), words)
    said = [source for source in sources if source.observer is not None]
    account.assume(_names(said), f"drawn by {_shown(observer)}, as it says")
    return _with_parameters(observer, sources, labels)


def _refuse_person(
    person: Person, found: dict[Observer, str], labels: Labels, account: Account
) -> None:
    """Whether a person is named where a program, or another person, drew."""
    option = account.options.person
    if labels.maker.name:
        problem = f"names a person, and [observer] of {labels.name} a model"
        account.blame(option.place, problem, "leave one of them out")
    for observer, name in found.items():
        if isinstance(observer, Algorithm):
            problem = f"was made by a program, {_shown(observer)}, and no person drew it"
            account.blame(name, problem, f"leave {option} out; a person signs the report")
        elif spellings(observer.name).isdisjoint(spellings(person.name)):
            problem = f"names another person who drew it than {option} does"
            account.blame(name, problem, f"leave {option} out; whoever reads it signs the report")


def _find_drawer(sources: Sequence[Source], author: Author, account: Account) -> Person | None:
    """Who drew lines of a viewer that name nobody; a fault and None where nobody says it."""
    is_drawn = all(source.is_in_words and not source.is_by_program for source in sources)
    if is_drawn and author.drawer is not None:
        words = f"does not say who drew it: by the person whom {account.options.person} names"
        account.assume(_names(sources), words)
        return author.drawer
    if is_drawn and author.may_be_claimed:
        words = "does not say who drew it: whoever did takes it as theirs at the desk"
        account.assume(_names(sources), words)
        return UNKNOWN_DRAWER
    remedy = (
        f"name the model in [observer] of labels.toml, or the person with {account.options.person}"
    )
    account.blame(_names(sources), "does not say who or what drew it", remedy)
    return None


def _told_algorithm(
    sources: Sequence[Source], labels: Labels, algorithms: Sequence[Algorithm], account: Account
) -> Observer:
    maker = labels.maker
    same = next((each for each in algorithms if each.name == maker.name), None)
    if algorithms and same is None:
        names = several(sorted(_shown(each) for each in algorithms), ",")
        account.assume(
            f"{labels.name}, [observer]", f"stands for what the source says of its maker: {names}"
        )
    version = maker.version or (same.version if same else "")
    if not version:
        remedy = "write it, and what tells one training of the model from another"
        account.blame(f"{labels.name}, [observer] version", "is missing", remedy)
    observer = Algorithm(
        name=maker.name,
        version=version,
        manufacturer=maker.manufacturer or (same.manufacturer if same else ""),
        device_uid=maker.device_uid or (same.device_uid if same else ""),
        parameters=same.parameters if same else (),
    )
    return _with_parameters(observer, sources, labels)


def _with_parameters(observer: Observer, sources: Sequence[Source], labels: Labels) -> Observer:
    """A program with what its sources and the file of labels say of it; a person as named."""
    if isinstance(observer, Person):
        return observer
    said = dict(observer.parameters)
    for source in sources:
        said |= dict(source.parameters)
    said |= dict(labels.maker.parameters)
    if labels.digest:
        said["labels_sha256"] = labels.digest
    return replace(observer, parameters=tuple(sorted(said.items())))


def find_time(sources: Sequence[Source], author: Author, context: Context) -> dt.datetime | None:
    """When it was drawn; a fault and None where nobody says it with an offset from UTC.

    Nobody could sign what was drawn later than now: that is a fault too.
    """
    made = author.at or _find_made(sources, author, context.account)
    if (
        made is None or made.tzinfo is None or context.now is None
    ):  # what is no time is told as that
        return made
    if not is_past(made, context.now):
        problem = f"was made at {made.isoformat()}, which {IN_FUTURE}"
        remedy = f"say with {context.account.options.at} when it was made, or correct this clock"
        context.account.blame(_names(sources), problem, remedy)
    return made


def _find_made(sources: Sequence[Source], author: Author, account: Account) -> dt.datetime | None:
    names = _names(sources)
    said = [_aware(source.made_at, author) for source in sources if source.made_at is not None]
    known = [moment for moment in said if moment is not None]
    if len(known) < len(said):
        remedy = f"name the time zone of that clock with {account.options.timezone}, such as Europe/Berlin"
        account.blame(names, "gives its time without an offset from UTC", remedy)
    elif not known and author.written_at is not None:
        words = f"graded at {author.written_at.isoformat()}, when its file was written"
        account.assume(names, words)
        return author.written_at
    elif not known:
        remedy = f"say it with {account.options.at}, such as 2026-03-02T11:20:00+01:00"
        account.blame(names, "does not say when it was made", remedy)
    else:
        account.assume(names, f"graded at {max(known).isoformat()}, when it was made")
        return max(known)
    return None


def _aware(moment: dt.datetime, author: Author) -> dt.datetime | None:
    if moment.tzinfo is not None:
        return moment
    return None if author.timezone is None else moment.replace(tzinfo=author.timezone)


def find_study(sources: Sequence[Source], images: SourceImages | None, account: Account) -> Claims:
    """Which study the sources are of; a fault for each that is of another one or another patient."""
    study = claims_of(images) if images is not None else first_claims(s.claims for s in sources)
    against = "the images" if images is not None else "another source"
    for source in sources:
        others = [words for name, words in _CLAIMS.items() if _differ(source.claims, study, name)]
        if others:
            problem = f"is of another {' and another '.join(others)} than {against}"
            account.blame(source.name, problem, "give the images that it was drawn on")
    return study


def _differ(one: Claims, other: Claims, name: str) -> bool:
    """Whether both say it, and differently."""
    claimed, found = getattr(one, name), getattr(other, name)
    return bool(claimed and found and claimed != found)


_CLAIMS = {"study_instance_uid": "study", "patient_id": "patient", "accession_number": "order"}


def _names(sources: Sequence[Source]) -> str:
    return several(dict.fromkeys(source.name for source in sources), ",")


def _shown(observer: Observer) -> str:
    if isinstance(observer, Algorithm):
        return f"{observer.name} {observer.version}".strip()
    return "a person"
