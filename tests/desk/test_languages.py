"""What a page says of a draft is said in its language: every fault, note and obstacle, whatever a record holds."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hosr.desk.reported import Told, report_json
from hosr.desk.sentences import retell, tell_fault, tell_hold
from hosr.drafts import judge
from hosr.drafts.states import NEWER_IMAGES, REDRAWN
from hosr.errors import Fault, RecordRefused
from hosr.intake.images import read_images
from hosr.language import ENGLISH, LANGUAGES, language_of
from hosr.language.language import catalogue_of
from hosr.phrases import Figures, Phrase, Several
from hosr.templating.sources import Wording
from tests.bad_input.test_records import WRONG_RECORDS
from tests.command import marked
from tests.desk.desks import ROSSI, Answer, Json, Page, add_draft, running
from tests.images import write_film, write_slices
from tests.intake.records import WHOLE
from tests.intake.test_record import _HIP_FAULTS, _RECORD_FAULTS
from tests.intake.test_record_space import _FAULTS as _SPACE_FAULTS

if TYPE_CHECKING:
    from hosr.intake.images import SourceImages

_OTHERS = sorted(set(LANGUAGES) - {ENGLISH.tag})
_NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)

# What a form, a table or a program may have written where something else belongs.
_VALUES: tuple[Any, ...] = (
    *(None, "", "   ", "\x07", "a\nb", "x" * 1100, "none", "right", "both", "9,5", "1.2.3"),
    *(-1, 0, 0.5, 1e9, True, False, [], {}, [1], [[0, 0], [0, 0]], [["a"]], {"mm": -1}, {"odd": 1}),
    *("2099-01-01", "2099-01-01T00:00:00+00:00", "1900-01-01", "1900-01-01T00:00:00+00:00"),
)
# English words that no datum is made of: a name, a number, a UID, a key of a record.
_ENGLISH = re.compile(r"\b(is|are|was|has|the|a|an|of|and|or|not|no|but|with|than|from|more)\b")
_QUOTED = re.compile(r'"[^"]*"|`[^`]*`')


def _english_in(said: str) -> Iterator[str]:
    """What of a sentence is said in English in every language."""
    if isinstance(said, Phrase):
        if said.template not in _known():
            yield said.template
        for _, value in said.values:
            if isinstance(value, str):
                yield from _english_of_value(value)
    elif said:
        yield said


def _english_of_value(value: str) -> Iterator[str]:
    if isinstance(value, Phrase):
        yield from _english_in(value)
    elif isinstance(value, Several):
        for name in value.names:
            yield from _english_of_value(name)
    elif not isinstance(value, Figures | StrEnum) and _ENGLISH.search(_QUOTED.sub("", value)):
        yield value


@cache
def _known() -> set[str]:
    """The messages that every catalogue has words for."""
    return set.intersection(*(_messages(tag) for tag in _OTHERS))


def _messages(tag: str) -> set[str]:
    held = catalogue_of(tag)._catalog  # type: ignore[attr-defined]
    return {key for key, text in held.items() if isinstance(key, str) and text}


def _faults_of(record: Json, images: SourceImages | None) -> Iterator[Fault]:
    """All that is said of a record, valid or not."""
    try:
        judged = judge(record, images, now=_NOW)
    except RecordRefused as refusal:
        yield from refusal.faults
        return
    yield from judged.faults
    yield from (Fault(note.path, note.problem) for note in judged.notes)
    # What waits for a grade is told by a sentence of its own.
    sides = {f"{graded.hip.side.value} hip" for graded in judged.hips}
    yield from (each for each in judged.obstacles if each.path not in sides)


def _english(faults: Iterable[Fault]) -> set[str]:
    return {
        each
        for fault in faults
        for said in (fault.problem, fault.remedy)
        for each in _english_in(said)
    }


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a record, of its objects and lists too."""
    if path:
        yield path
    children: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value[:2])
    for key, child in children:
        yield from _leaves(child, (*path, key))


def _with(record: Json, path: Sequence[Any], value: Any) -> Json:
    changed = copy.deepcopy(record)
    here: Any = changed
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return changed


def _mutated(record: Json) -> Iterator[Json]:
    """The record with each of its places holding each of the values, left out, or with an unknown key."""
    for path in _leaves(record):
        for value in _VALUES:
            yield _with(record, path, value)
        changed = _with(record, path, None)
        holder: Any = changed
        for step in path[:-1]:
            holder = holder[step]
        if isinstance(holder, dict):
            del holder[path[-1]]
            yield changed
            yield _with(record, (*path[:-1], "presense"), 1)


def _contradicting() -> Iterator[Json]:
    """Hips of every combination that the choices of the form allow, and of stages and grades beside them."""
    choices: dict[str, tuple[Any, ...]] = {
        "presence": (None, "present", "absent", "indeterminate"),
        "bridging": (None, "none", "apparent", "confirmed"),
        "gap": (None, {"mm": 12, "plane": "patient"}, {"mm": 3, "category": ">=10mm"}),
        "spurs": (None, {"pelvis": True, "femur": True}, {"pelvis": False, "femur": False}),
        "more": (
            {},
            {"stage": "early", "bridging_basis": "ct"},
            {"stage": "delayed", "features": ["XR_EARLY_MASS", "MR_EARLY_EDEMA"]},
            {"stage": "maturation", "features": ["XR_EARLY_MASS", "XR_MIN_PERIPHERAL", "XR_MIN_CENTRAL"]},
            {"grades": {"brooker": "0", "simplified_biplanar": "0"}, "islands": []},
            {"grades": {"brooker": "I", "della_valle": "C"}, "site": ["anterior"]},
            {"evaluable": False, "not_evaluable_reason": "Cut off"},
            {"gap_lateral": {"mm": 9}, "mass": {"contrast": "none"}, "features": ["CT_EARLY_ENHANCEMENT"]},
        ),
    }  # fmt: skip
    for values in itertools.product(*choices.values()):
        hip = {key: value for key, value in zip(choices, values, strict=True) if value is not None}
        yield _of_hip({**hip, **hip.pop("more")})


def _of_hip(hip: Json, **record: Any) -> Json:
    told = {"side": "right", **hip}
    return {**marked(), "schema_version": "1.1", "hips": [told], **record}


def _on_images() -> Iterator[Json]:
    """What is wrong with a record only beside images: places, sides, views, sizes, times, identities."""
    own = marked()["hips"][0]
    line = {"points": [[10, 10], [18, 10]]}
    hips: tuple[Json, ...] = (
        {"gap": {"points": [[10, 10], [9000, 10]]}},
        {"gap": {"points": [[9000, 9000], [9001, 9000]]}},
        {"gap": {**line, "image": "1.2.3.4"}},
        {"gap": {**line, "frame": 7}},
        {"gap": {**line, "plane": "detector"}},
        {"gap": {**line, "uncertainty_mm": 1, "plane": "patient"}},
        {"gap_lateral": line},
        {"gap_lateral": {"mm": 4}},
        {"gap": {"points_mm": [[0, 0, 0], [900, 0, 0]], "frame_of_reference_uid": "1.2.9"}},
        {"gap": {"points_mm": [[0, 0, 0], [5, 0, 0]], "frame_of_reference_uid": "1.2.9"}},
        {"gap": {"mm": 99}},
        {"calibration": {"points": [[1, 1], [2, 1]], "true_mm": 150}},
        {"calibration": {"points": [[1, 1], [60, 1]], "true_mm": 1}},
        {"calibration": {"points": [[1, 1], [33, 1]], "true_mm": 32}},
        {"calibration": {"points": [[1, 1], [33, 1]], "true_mm": 32}, "gap": {"mm": 8}},
        {"image": "1.2.3.4"},
        {"mass": {"sizes_mm": [3]}},
        {"side": "left"},
    )
    yield from (_of_hip({**own, **hip}) for hip in hips)
    records: tuple[Json, ...] = (
        *({"view": view} for view in ("ap_hip", "lateral", "oblique", "ct", "mr", "ap_pelvis")),
        *({"graded_at": f"{year}-01-01T00:00:00+00:00"} for year in (1901, 2025, 2099)),
        *({"study": {key: "1.2.3"}} for key in ("patient_id", "accession_number", "study_instance_uid")),
        {"study": {"date": "2001-01-01"}},
        {"incomplete": "The left hip."},
        {"overrides": [{"side": "left", "reason": "Wrong"}]},
        {"overrides": [{"view": "ct", "reason": "Wrong"}, {"side": "right", "reason": "Wrong"}]},
        {"overrides": [{"orientation": ["L", "F"], "reason": "Wrong"}, {"image": "1.2.9", "side": "left", "reason": "x"}]},
        {"overrides": [{"side": "left", "reason": "One"}, {"side": "right", "reason": "Two"}]},
        {"conclusion": "Mine", "observer": {"type": "algorithm", "name": "M", "version": "1"}},
        *(
            {"context": {"index_event": {"procedure": procedure, "date": date}}}
            for procedure in ("trauma", "total_hip_arthroplasty")
            for date in ("1900-01-01", "1901-01-01", "2026-03-01", "2099-01-01")
        ),
    )  # fmt: skip
    for more in records:
        yield _of_hip(own, **more)
        calibrated = {**own, "calibration": {"points": [[1, 1], [33, 1]], "true_mm": 32}}
        yield _of_hip(calibrated, **more)


def _tabled() -> Iterator[Json]:
    """The bad records that other tests have found words for."""
    yield from (_of_hip({key: value}) for key, value, *_ in _HIP_FAULTS)
    yield from (_of_hip({"gap": gap}) for gap, *_ in _SPACE_FAULTS)
    records = [*(row[0] for row in _RECORD_FAULTS), *(row[0] for row in WRONG_RECORDS.values())]
    yield from (record for record in records if isinstance(record, dict))


_RECORDS: dict[str, Callable[[], Iterable[Json]]] = {
    "the form": lambda: _mutated({**marked(), **_of_hip({**marked()["hips"][0], "comment": "x"})}),
    "a whole record": lambda: _mutated(WHOLE[0]),
    "another whole record": lambda: _mutated(WHOLE[1]),
    "contradictions": _contradicting,
    "on images": _on_images,
    "tables of bad records": _tabled,
}


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> tuple[SourceImages | None, ...]:
    """Nothing, films of several kinds, and slices."""
    folder = tmp_path_factory.mktemp("studies")
    film = write_film(folder / "film.dcm")
    bare = write_film(
        folder / "bare.dcm", PixelSpacing="", ImagerPixelSpacing="", ViewPosition="", Laterality="L"
    )
    slices = write_slices(folder / "slices", 3)
    return (None, *(read_images(each) for each in (film, bare, slices)))  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", _RECORDS)
def test_no_fault_of_a_record_is_told_in_english(
    name: str, studies: tuple[SourceImages | None, ...]
) -> None:
    """Whatever stands in a record, each sentence about it is one that every catalogue has words for."""
    used = studies[:2] if "whole" in name or name == "the form" else studies
    found: set[str] = set()
    for record in _RECORDS[name]():
        for images in used:
            found |= _english(_faults_of(record, images))
    assert found == set()


# A record, and what stands beside its fields in each language.
_TOLD: dict[str, tuple[Json, dict[str, tuple[str, str]]]] = {
    "a gap beside bridging": (
        _of_hip({"presence": "present", "bridging": "apparent", "gap": {"mm": 14, "plane": "patient"}}),
        {
            "de": (
                ("Knochen überbrückt das Gelenk, doch auf derselben Aufnahme ist ein Abstand von "
                "1\xa0cm oder mehr angegeben"),
                ("Überbrückung oder Abstand berichtigen; ein Abstand auf der seitlichen Aufnahme "
                "gehört in „Abstand, seitlich“"),
            ),
            "fr": (
                ("de l\u2019os ponte l\u2019articulation, mais un espace de 1\xa0cm ou plus est indiqué sur la "
                "même incidence"),
                "corriger le pont osseux ou l\u2019espace\xa0; un espace de profil va dans l\u2019espace de profil",
            ),
            "es": (
                ("el hueso une la articulación, pero se indica un espacio de 1\xa0cm o más en la misma "
                "proyección"),
                ("corrija el puente óseo o el espacio; un espacio en la proyección lateral va en el "
                "espacio lateral"),
            ),
            "it": (
                ("l'osso unisce l'articolazione, ma sulla stessa proiezione è indicato uno spazio di "
                "1\xa0cm o più"),
                ("correggere il ponte osseo o lo spazio; uno spazio sulla proiezione laterale va nello "
                "spazio laterale"),
            ),
        },
    ),
    "a length of nothing": (
        _of_hip({"presence": "present", "gap": {"mm": -0.5}}),
        {
            "de": (
                "ist -0,5, kleiner als 0",
                "die gemessenen Millimeter schreiben oder die Länge weglassen",
            ),
            "fr": (
                "vaut -0,5, moins que 0",
                "écrire les millimètres mesurés, ou omettre la longueur",
            ),
            "es": (
                "es -0,5, menos de 0",
                "escriba los milímetros medidos u omita la longitud",
            ),
            "it": (
                "è -0,5, meno di 0",
                "scrivere i millimetri misurati, o omettere la lunghezza",
            ),
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("tag", _OTHERS)
@pytest.mark.parametrize("name", _TOLD)
def test_a_fault_is_said_in_the_words_of_the_page(name: str, tag: str) -> None:
    """With its numbers as the language writes them; in English it is what it was."""
    record, words = _TOLD[name]
    (fault,) = judge(record, None).faults
    assert tell_fault(fault, language_of(tag)) == words[tag]
    assert tell_fault(fault, ENGLISH) == (str(fault.problem), str(fault.remedy))


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("de", "ist rechts, doch der Bild-Header sagt links"),
        ("fr", "est droite, mais l\u2019en-tête de l\u2019image dit gauche"),
        ("es", "es derecha, pero la cabecera de la imagen dice izquierda"),
        ("it", "è destra, ma l'intestazione dell'immagine dice sinistra"),
    ],
)
def test_a_word_of_the_record_is_named_as_the_form_names_it(
    tag: str, told: str, tmp_path: Path
) -> None:
    """A side is a side in the language of the reader."""
    images = read_images(write_film(tmp_path / "film.dcm", Laterality="L"))
    problems = [fault.problem for fault in judge(marked(), images).faults]
    assert told in [retell(problem, language_of(tag)) for problem in problems]


@pytest.mark.parametrize("tag", _OTHERS)
def test_what_is_in_the_way_of_a_signature_is_said_in_the_language_of_the_page(
    tag: str, tmp_path: Path
) -> None:
    """Notes, obstacles and refusals too: no sentence of the report is that of the English page."""
    film = write_film(tmp_path / "film.dcm", PatientOrientation="")
    told = {}
    for each in (tag, "en"):
        record = _of_hip(marked()["hips"][0], incomplete="12345")
        judged = judge(record, read_images(film), now=_NOW)
        wording = Wording(language_of(each))
        report = report_json(
            Told(
                record=record,
                decisions=(),
                others={},
                judged=judged,
                reader=ROSSI,
                wording=wording,
                at=_NOW,
            )
        )
        told[each] = {
            "why not": report["why_not"],
            "notes": [note["problem"] for note in report["notes"]],
        }
    assert all(told["en"].values())
    for kind, sentences in told["en"].items():
        assert len(sentences) == len(told[tag][kind])
        assert not set(sentences) & set(told[tag][kind])


_STEPS: dict[str, tuple[Callable[[Page, Json], Answer], int, tuple[str, str]]] = {
    "held without a reason": (
        lambda page, view: page.act(view, "hold", reason="  "),
        422,
        ("ist leer oder zu lang", "in höchstens 500\xa0Zeichen sagen, warum"),
    ),
    "released, though nobody holds it": (
        lambda page, view: page.act(view, "release"),
        409,
        ("ist nicht zurückgestellt", "damit weiterarbeiten"),
    ),
    "amended, though nobody signed it": (
        lambda page, view: page.act(
            view, "amend", record=view["record"], reason="x", document=view["report"]["document"]
        ),
        409,
        ("ist nicht freigegeben", "freigeben"),
    ),
}


@pytest.mark.parametrize("name", _STEPS)
def test_what_a_status_does_not_allow_is_said_in_the_language_of_the_page(
    name: str, folder: Path, film: Path, record: Json
) -> None:
    """A refused step says what is wrong and what to do."""
    step, status, told = _STEPS[name]
    made = add_draft(folder, record, film)
    with running(folder, ROSSI, language="de") as desk:
        page = desk.enter()
        answer = step(page, page.open(made.draft_id))
    assert answer.status == status
    assert (answer.json["problem"], answer.json["remedy"]) == told


def test_a_draft_whose_image_is_gone_says_so_in_the_language_of_the_page(
    folder: Path, film: Path, record: Json
) -> None:
    """Beside the form, and where it is signed all the same."""
    made = add_draft(folder, record, film)
    with running(folder, ROSSI, language="de") as desk:
        page = desk.enter()
        view = page.open(made.draft_id)
        film.unlink()
        refused = page.sign(view).json["faults"]
        beside = page.open(made.draft_id)["report"]["faults"]
    told = (
        "ist nicht mehr da",
        "die Datei wiederherstellen, wie sie war, oder den Entwurf neu anlegen lassen",
    )
    assert [(each["place"], each["problem"], each["remedy"]) for each in refused] == [
        ("film.dcm", *told)
    ]
    assert told in [(each["problem"], each["remedy"]) for each in beside]  # fmt: skip


@pytest.mark.parametrize("words", [NEWER_IMAGES, REDRAWN])
def test_why_hosr_holds_a_draft_is_told_in_the_language_of_the_page(words: str) -> None:
    """What it has put down itself, in English; a person's own words stay as they are."""
    kept = words.format(draft="25bf74d4")
    told = {tag: tell_hold(kept, language_of(tag)) for tag in LANGUAGES}

    assert told[ENGLISH.tag] == kept
    assert len(set(told.values())) == len(LANGUAGES)
    assert all(each.endswith("25bf74d4") for each in told.values())
    assert tell_hold("Befund der Klinik fehlt", language_of("de")) == "Befund der Klinik fehlt"
