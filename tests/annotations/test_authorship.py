"""Who drew the sources, when, and of which study: told by them or by whoever imports them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from hosr.annotations.account import Account, Entry
from hosr.annotations.authorship import Author, find_observer, find_study, find_time
from hosr.annotations.context import Context
from hosr.annotations.labels import Labels, Maker
from hosr.annotations.sources import Claims, Source
from hosr.findings import Algorithm, Observer, Person

_MODEL = Algorithm(name="HipSeg", version="2", parameters=(("threshold", "0.5"),))
_OTHER = Algorithm(name="BoneNet", version="1")
_READER = Person(name="Reader^Sample")
_NAMED = Labels(maker=Maker(name="HipSeg", version="2.1", manufacturer="Example AG"), digest="ab")
_BY_MODEL = Source(name="a.dcm", kind="", observer=_MODEL, parameters=(("level", "0.5"),))
_BY_OTHER = Source(name="b.dcm", kind="", observer=_OTHER)
_BY_READER = Source(name="c.dcm", kind="", observer=_READER)
_BY_NOBODY = Source(name="d.nii", kind="")


@pytest.mark.parametrize(
    ("sources", "labels", "author", "observer"),
    [
        (
            [_BY_MODEL, _BY_NOBODY],
            Labels(),
            Author(),
            Algorithm(
                name="HipSeg", version="2", parameters=(("level", "0.5"), ("threshold", "0.5"))
            ),
        ),
        (
            [_BY_NOBODY],
            _NAMED,
            Author(),
            Algorithm(
                name="HipSeg",
                version="2.1",
                manufacturer="Example AG",
                parameters=(("labels_sha256", "ab"),),
            ),
        ),
        ([_BY_NOBODY], Labels(), Author(person=_READER), _READER),
        (
            [_BY_READER],
            Labels(),
            Author(person=Person(name="Sample Reader", organization="X")),
            Person(name="Sample Reader", organization="X"),
        ),
        ([_BY_READER], Labels(digest="ab"), Author(), _READER),
    ],
)
def test_the_observer_is_whom_the_importer_names_else_the_source(
    sources: list[Source], labels: Labels, author: Author, observer: Observer
) -> None:
    """A program keeps what its sources say of how it ran."""
    account = Account()
    assert find_observer(sources, labels, author, account) == observer
    assert account.faults == []


@pytest.mark.parametrize(
    ("sources", "labels", "author", "fault"),
    [
        (
            [_BY_NOBODY],
            Labels(),
            Author(),
            (
                "d.nii: does not say who or what drew it; "
                "name the model in [observer] of labels.toml, or the person with --as"
            ),
        ),
        (
            [_BY_MODEL, _BY_OTHER],
            Labels(),
            Author(),
            (
                "a.dcm, b.dcm: are by several observers: a record is by one; "
                "import them apart, or name one in [observer]"
            ),
        ),
        (
            [_BY_MODEL, replace(_BY_NOBODY, is_in_words=True)],
            Labels(),
            Author(),
            (
                "d.nii: does not say who drew it; the others are by HipSeg 2; "
                "import what a person drew by itself, with --as"
            ),
        ),
        (
            [_BY_MODEL],
            Labels(),
            Author(person=_READER),
            (
                "a.dcm: was made by a program, HipSeg 2, and no person drew it; "
                "leave --as out; a person signs the report"
            ),
        ),
        (
            [_BY_READER],
            Labels(),
            Author(person=Person(name="Other^Reader")),
            (
                "c.dcm: names another person who drew it than --as does; "
                "leave --as out; whoever reads it signs the report"
            ),
        ),
        (
            [_BY_READER],
            _NAMED,
            Author(),
            (
                "c.dcm: names a person who drew it, and [observer] of labels.toml a model; "
                "leave [observer] out, or import it by itself"
            ),
        ),
        (
            [_BY_NOBODY],
            _NAMED,
            Author(person=_READER),
            "--as: names a person, and [observer] of labels.toml a model; leave one of them out",
        ),
        (
            [_BY_NOBODY],
            Labels(maker=Maker(name="HipSeg")),
            Author(),
            (
                "labels.toml, [observer] version: is missing; "
                "write it, and what tells one training of the model from another"
            ),
        ),
    ],
)
def test_what_is_not_one_observer_is_a_fault(
    sources: list[Source], labels: Labels, author: Author, fault: str
) -> None:
    """A person never stands for a program."""
    account = Account()
    find_observer(sources, labels, author, account)
    assert [str(each) for each in account.faults] == [fault]


def test_a_source_is_graded_when_it_was_made_unless_somebody_says_when() -> None:
    """The newest of several; without any there is no time that could be taken."""
    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    later = noon + dt.timedelta(hours=1)
    sources = [
        Source(name="a", kind="", made_at=noon),
        Source(name="b", kind="", made_at=later),
        _BY_NOBODY,
    ]
    local = Source(name="c", kind="", made_at=dt.datetime(2026, 3, 2, 15))
    berlin = ZoneInfo("Europe/Berlin")
    account = Account()
    context = Context(account=account)
    assert find_time(sources, Author(), context) == later
    assert find_time([local], Author(timezone=berlin), context) == noon + dt.timedelta(hours=2)
    assert find_time([*sources, local], Author(at=noon), context) == noon
    assert find_time([_BY_NOBODY], Author(), context) is None
    assert find_time([*sources, local], Author(), context) is None
    assert account.assumed == [
        Entry(place="a, b, d.nii", words="graded at 2026-03-02T13:00:00+00:00, when it was made"),
        Entry(place="c", words="graded at 2026-03-02T15:00:00+01:00, when it was made"),
    ]
    assert "\n".join(map(str, account.faults)) == (
        "d.nii: does not say when it was made; "
        "say it with --at, such as 2026-03-02T11:20:00+01:00\n"
        "a, b, d.nii, c: gives its time without an offset from UTC; "
        "name the time zone of that clock with --timezone, such as Europe/Berlin"
    )


def test_what_was_drawn_in_the_future_is_a_fault() -> None:
    """Whoever says it, the source or who imports it; where no clock is asked, it is taken."""
    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    source = Source(name="a", kind="", made_at=noon)
    tomorrow = Author(at=noon + dt.timedelta(days=1))
    context = Context(now=noon - dt.timedelta(minutes=6))
    find_time([source], Author(), context)
    find_time([source], tomorrow, context)
    assert "\n".join(map(str, context.account.faults)) == (
        "a: was made at 2026-03-02T12:00:00+00:00, which lies in the future; "
        "say with --at when it was made, or correct this clock\n"
        "a: was made at 2026-03-03T12:00:00+00:00, which lies in the future; "
        "say with --at when it was made, or correct this clock"
    )
    for now in (noon - dt.timedelta(minutes=5), noon, None):
        agreed = Context(now=now)
        assert (find_time([source], Author(), agreed), agreed.account.faults) == (noon, [])


def test_sources_of_two_studies_or_patients_are_no_record() -> None:
    """What one of them leaves open says nothing against another."""
    one = Source(name="a", kind="", claims=Claims(study_instance_uid="1.2", patient_id="P1"))
    other = Source(name="b", kind="", claims=Claims(study_instance_uid="1.3", patient_id="P2"))
    account = Account()
    assert find_study([one, _BY_NOBODY], None, account) == one.claims
    assert account.faults == []
    find_study([one, other], None, account)
    assert [str(fault) for fault in account.faults] == [
        (
            "b: is of another study and another patient than another source; "
            "give the images that it was drawn on"
        )
    ]
