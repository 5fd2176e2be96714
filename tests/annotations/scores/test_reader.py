"""Scores of a model, in the forms in which models write them, become scores of hips or are refused."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hosr.annotations.account import Account
from hosr.annotations.authorship import Author
from hosr.annotations.context import Context
from hosr.annotations.labels import Labels, parse_labels
from hosr.annotations.records import import_sources
from hosr.annotations.scores.reader import read
from hosr.annotations.sources import Claims, Source
from hosr.errors import Fault, HosrError, RecordRefused
from hosr.findings import Algorithm, Hip, Probabilities, Spurs
from hosr.intake.images import read_images
from hosr.intake.record import record_json
from hosr.vocabulary.terms import Bridging, Presence, Side
from tests.images import dicom_bytes, film

SCORES = {"0": 0.01, "I": 0.04, "II": 0.46, "III": 0.44, "IV": 0.05}
AT_LEAST = {"I": 0.98, "II": 0.91, "III": 0.62, "IV": 0.06}
RISING = {"I": 0.98, "II": 0.91, "III": 0.62, "IV": 0.66}
_AT = dt.datetime(2026, 3, 2, 11, 20, tzinfo=dt.UTC)
_OBSERVER = 'schema_version = "1.0"\n[observer]\nname = "HipGrader"\nversion = "2.1"\n'
_LEAST = {"0": 0.0, "I": 0.2, "II": 0.5, "III": 0.2, "IV": 0.1}
_MEAN = {"0": 0.005, "I": 0.12, "II": 0.48, "III": 0.32, "IV": 0.075}


def _labels(**scores: str) -> Labels:
    lines = (f'{key} = "{value}"' for key, value in scores.items())
    return parse_labels("\n".join((_OBSERVER, "[scores]", *lines)))


def _write(folder: Path, content: Any) -> Path:
    """JSON of a value, or a CSV of a text."""
    path = folder / ("scores.csv" if isinstance(content, str) else "scores.json")
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def _read(folder: Path, content: Any, labels: Labels | None = None) -> tuple[Source, Account]:
    context = Context(labels=labels or Labels())
    source = read(_write(folder, content), context)
    return source, context.account


def _faults(folder: Path, content: Any, labels: Labels | None = None) -> list[Fault]:
    try:
        return _read(folder, content, labels)[1].faults
    except RecordRefused as refusal:
        return list(refusal.faults)


def _scored(values: dict[str, float], scale: str = "brooker", side: Side = Side.RIGHT) -> Hip:
    given = Probabilities(scale=scale, scores=tuple(values.items()))
    return Hip(side=side, probabilities=(given,))


_RIGHT = _scored(SCORES)
_CUMULATIVE = Hip(
    side=Side.RIGHT,
    probabilities=(
        Probabilities(
            scale="brooker",
            scores=(("0", 0.02), ("I", 0.07), ("II", 0.29), ("III", 0.56), ("IV", 0.06)),
            cumulative=tuple(AT_LEAST.items()),
        ),
    ),
)
_IN_ORDER = list(SCORES.values())
_HEADER = "side,brooker_0,brooker_I,brooker_II,brooker_III,brooker_IV\n"
_ROW = "0.01,0.04,0.46,0.44,0.05\n"


@pytest.mark.parametrize(
    "content",
    [
        {"right": {"brooker": SCORES}},
        {"side": "right", "brooker": SCORES},
        {"hips": [{"side": "R", "Brooker": SCORES}]},
        [{"side": "Right", "brooker": {"probabilities": SCORES}}],
        {"right": {"probabilities": {"brooker": SCORES}}},
        {"right": {"brooker": _IN_ORDER}, "classes": list(SCORES)},
        {"right": {"brooker": _IN_ORDER, "classes": {"brooker": ["0", "1", "2", "3", "4"]}}},
        {"right": {"brooker": {f"brooker_{grade}": score for grade, score in SCORES.items()}}},
        {"right": {"brooker": {g: 100 * s for g, s in SCORES.items()}}, "unit": "percent"},
        f"{_HEADER}right,{_ROW}",
        f"hip;p_brooker_0;p_brooker_1;p_brooker_2;p_brooker_3;p_brooker_4\nR;{_ROW}".replace(
            ",", ";"
        ),
        f"right_brooker_0,right_brooker_I,right_brooker_II,right_brooker_III,right_brooker_IV\n{_ROW}",
        (
            "side,probabilities.brooker.0,probabilities.brooker.I,probabilities.brooker.II,"
            f"probabilities.brooker.III,probabilities.brooker.IV\nright,{_ROW}"
        ),
        f"{_HEADER}right,1%,4%,46%,44%,5 %\n",
    ],
    ids=lambda content: str(content)[:60],
)
def test_forms_of_scores(tmp_path: Path, content: Any) -> None:
    """The same scores of one hip, however they are written, are the same hip."""
    source, account = _read(tmp_path, content)
    assert account.faults == []
    assert source.hips == (_RIGHT,)
    assert [entry.words for entry in account.read] == [
        "scores of Brooker for the right hip, the highest II 0.46"
    ]


@pytest.mark.parametrize(
    "content",
    [
        {"right": {"cumulative": {"brooker": AT_LEAST}}},
        {"right": {"brooker": {"at_least": AT_LEAST}}},
        {"right": {"brooker": {f">= {grade}": score for grade, score in AT_LEAST.items()}}},
        {"right": {"brooker": {"P(>0)": 0.98, "P(>I)": 0.91, "P(>II)": 0.62, "P(>III)": 0.06}}},
        {"right": {"cumulative": {"brooker": list(AT_LEAST.values())}, "classes": list(AT_LEAST)}},
        (
            "side,brooker_ge_I,brooker >= II,brooker_at_least_III,brooker>=IV\n"
            "right,0.98,0.91,0.62,0.06\n"
        ),
        (
            "side,cumulative.brooker.I,cumulative.brooker.II,cumulative.brooker.III,"
            "cumulative.brooker.IV\nright,0.98,0.91,0.62,0.06\n"
        ),
    ],
    ids=lambda content: str(content)[:60],
)
def test_forms_of_cumulative_probabilities(tmp_path: Path, content: Any) -> None:
    """Those of at least, or of more than, each class are kept, and give the scores."""
    source, account = _read(tmp_path, content)
    assert (account.faults, source.hips) == ([], (_CUMULATIVE,))


@pytest.mark.parametrize(
    ("content", "scores", "hips", "parameters"),
    [
        # Classes that no scale is named for, and a hip that is not named.
        ({"right": SCORES}, {"scale": "brooker"}, (_RIGHT,), {}),
        (f"side,0,I,II,III,IV\nright,{_ROW}", {"scale": "brooker"}, (_RIGHT,), {}),
        ({"brooker": SCORES}, {"side": "right"}, (_RIGHT,), {}),
        # Percentages.
        (
            {"right": {"brooker": {grade: 100 * score for grade, score in SCORES.items()}}},
            {"unit": "percent"},
            (_RIGHT,),
            {},
        ),
        # Logits: the softmax, and what was given beside it.
        (
            {"right": {"logits": {"della_valle": {"A": 0, "B": 2, "C": -1}}}},
            {"activation": "softmax"},
            (_scored({"A": 0.114195199, "B": 0.843794734, "C": 0.042010066}, "della_valle"),),
            {"activation": "softmax", "right.della_valle.logits": "A:0 B:2 C:-1"},
        ),
        (
            "side,logit_della_valle_A,logit_della_valle_B,logit_della_valle_C\nright,0,2,-1\n",
            {"activation": "softmax"},
            (_scored({"A": 0.114195199, "B": 0.843794734, "C": 0.042010066}, "della_valle"),),
            {"activation": "softmax", "right.della_valle.logits": "A:0 B:2 C:-1"},
        ),
        (
            {"right": {"logits": {"della_valle": {">=B": 2, ">=C": -1}}}},
            {"activation": "sigmoid"},
            (
                Hip(
                    side=Side.RIGHT,
                    probabilities=(
                        Probabilities(
                            scale="della_valle",
                            scores=(("A", 0.119202922), ("B", 0.611855657), ("C", 0.268941421)),
                            cumulative=(("B", 0.880797078), ("C", 0.268941421)),
                        ),
                    ),
                ),
            ),
            {"activation": "sigmoid", "right.della_valle.logits": "B:2 C:-1"},
        ),
        # An ensemble: the mean, the members, and what they disagree on.
        (
            {"right": {"brooker": [SCORES, _LEAST]}},
            {"ensemble": "mean"},
            (_scored(_MEAN),),
            {
                "ensemble": "mean of 2",
                "right.brooker.members": (
                    "0:0.01 I:0.04 II:0.46 III:0.44 IV:0.05 | 0:0 I:0.2 II:0.5 III:0.2 IV:0.1"
                ),
            },
        ),
        (
            f"{_HEADER}right,{_ROW}right,0,0,0.3,0.7,0\nright,0,0,0.3,0.7,0\n",
            {"ensemble": "mean"},
            (
                _scored(
                    {"0": 0.003333333, "I": 0.013333333, "II": 0.353333333}
                    | {"III": 0.613333333, "IV": 0.016666667}
                ),
            ),
            {
                "ensemble": "mean of 3",
                "right.brooker.highest": "III by 2, II by 1",
                "right.brooker.members": (
                    "0:0.01 I:0.04 II:0.46 III:0.44 IV:0.05 | 0:0 I:0 II:0.3 III:0.7 IV:0 | "
                    "0:0 I:0 II:0.3 III:0.7 IV:0"
                ),
            },
        ),
        # A repair, and the vector as the model gave it.
        (
            {"right": {"cumulative": {"brooker": RISING}}},
            {"repair": "running-minimum"},
            (
                Hip(
                    side=Side.RIGHT,
                    probabilities=(
                        Probabilities(
                            scale="brooker",
                            scores=(
                                *(("0", 0.02), ("I", 0.07), ("II", 0.29)),
                                *(("III", 0.0), ("IV", 0.62)),
                            ),
                            cumulative=tuple({**RISING, "IV": 0.62}.items()),
                        ),
                    ),
                ),
            ),
            {
                "repair": "running-minimum",
                "right.brooker.given": "I:0.98 II:0.91 III:0.62 IV:0.66",
            },
        ),
        # What needs no repair is repaired by nobody.
        (
            {"right": {"cumulative": {"brooker": AT_LEAST}}},
            {"repair": "running-minimum"},
            (_CUMULATIVE,),
            {},
        ),
    ],
)
def test_what_is_done_by_name(
    tmp_path: Path,
    content: Any,
    scores: dict[str, str],
    hips: tuple[Hip, ...],
    parameters: dict[str, str],
) -> None:
    """What was asked for is done, and what was given stays with the observer; else it is refused."""
    source, account = _read(tmp_path, content, _labels(**scores))
    assert (account.faults, source.hips) == ([], hips)
    assert dict(source.parameters) == parameters
    if set(scores) != {"repair"} or parameters:
        assert _faults(tmp_path, content, _labels())


def test_members_that_disagree_are_told(tmp_path: Path) -> None:
    """How many members score which grade highest stands among what was assumed."""
    content = f"{_HEADER}right,{_ROW}right,0,0,0.3,0.7,0\nright,0,0,0.3,0.7,0\n"
    _, account = _read(tmp_path, content, _labels(ensemble="mean"))
    assert [entry.words for entry in account.assumed] == [
        (
            "the mean of 3 members for the right hip, which disagree on the highest: "
            "Brooker III by 2, II by 1"
        )
    ]


_LOGITS = 'say activation = "softmax", or "sigmoid", in [scores] of labels.toml'
_AT_LEAST_REMEDY = (
    "the probability of at least a class never rises from class to class: correct it, or have "
    "`hosr import --repair running-minimum` take the least so far"
)


@pytest.mark.parametrize(
    ("content", "place", "problem", "remedy"),
    [
        (
            {"right": {"brooker": {"II": 0.5, "III": 0.4}}},
            "scores.json, $.right.brooker",
            "adds up to 0.9, not to 1",
            "give the probability of every class",
        ),
        (
            {"right": {"cumulative": {"brooker": RISING}}},
            "scores.json, $.right.cumulative.brooker",
            'falls and rises: "IV" 0.66 after "III" 0.62',
            _AT_LEAST_REMEDY,
        ),
        (
            {"right": {"brooker": {"II": 1.5, "III": -2}}},
            "scores.json, $.right.brooker",
            "are no probabilities, as logits are: from -2 to 1.5",
            _LOGITS,
        ),
        (
            {"right": {"logits": {"brooker": SCORES}}},
            "scores.json, $.right.logits.brooker",
            "are logits: from 0.01 to 0.46",
            _LOGITS,
        ),
        (
            {"right": {"brooker": {"II": 46, "III": 54}}},
            "scores.json, $.right.brooker",
            "goes up to 54, as percentages do",
            'write them from 0 to 1, or say unit = "percent" in [scores] of labels.toml',
        ),
        (
            {"right": {"brooker": _IN_ORDER}},
            "scores.json, $.right.brooker",
            "is a list of 5, and nothing says of which classes",
            'add "classes": ["0", "I", "II", "III", "IV"], in that order',
        ),
        (
            {"right": {"brooker": _IN_ORDER}, "classes": ["I", "II", "III", "IV"]},
            "scores.json, $.right.brooker",
            "is a list of 5, and 4 classes are named",
            "name as many classes as there are scores",
        ),
        (
            {"right": {"side": "left", "brooker": "III"}},
            "scores.json, $.right.side",
            "is of the left hip, inside of the right one",
            "correct the side that is wrong",
        ),
        (
            {"side": "right", "L": {"brooker": "III"}},
            "scores.json, $.L",
            "is of the left hip, inside of the right one",
            "correct the side that is wrong",
        ),
        (
            "side,left_brooker\nright,III\n",
            "scores.csv, row 2, column left_brooker",
            "is of the left hip, in a row of the right",
            "leave the side of the row out, or correct it",
        ),
        (
            "side,laterality,brooker\nright,left,III\n",
            "scores.csv, row 2",
            'says differently in the columns "side" and "laterality"',
            "keep the one that is right",
        ),
        (
            "side,brooker,Brooker\nright,III,II\n",
            "scores.csv, column Brooker",
            "stands in the header more than once",
            "keep one of them",
        ),
        (
            {"right": SCORES},
            "scores.json, $.right.0",
            "does not say of which scale it is",
            'write it inside "brooker", "della_valle" or "simplified_biplanar"',
        ),
        (
            {"brooker": SCORES},
            "scores.json, $.brooker",
            "does not say of which hip it is",
            'say "side": "right" or "left" there, or side = "right" in [scores] of labels.toml',
        ),
        (
            {"side": "both", "brooker": {"II": 1}},
            "scores.json, $.side",
            "is no side",
            'write "right" or "left"',
        ),
        (
            {"right": {"brooker": {"II": 0.5, ">=III": 0.5}}},
            "scores.json, $.right.brooker",
            "mixes classes with `at least` classes",
            "name all of them alike",
        ),
        (
            {"right": {"brooker": {"II": 0.5, "V": 0.5}}},
            "scores.json, $.right.brooker.V",
            "is no Brooker class",
            'the classes are "0", "I", "II", "III" or "IV"',
        ),
        (
            {"right": {"brooker": {"II": "0,5", "III": 0.5}}},
            "scores.json, $.right.brooker.II",
            'is "0,5", not a number',
            "write a number with a decimal point",
        ),
        (
            {"right": {"brooker": [SCORES, _LEAST]}},
            "scores.json, $.right.brooker[0]",
            "has 2 vectors of Brooker for the right hip",
            "give one; of an ensemble, `--ensemble mean` takes their mean and keeps them all",
        ),
        (
            {"right": {"brooker": "V"}},
            "scores.json, $.right.brooker",
            'is "V", which is no Brooker grade',
            'write "0", "I", "II", "III" or "IV", or the score of each class',
        ),
        (
            {"model": {"name": "A", "version": 2.1}, "right": {"brooker": SCORES}},
            "scores.json, $.version",
            "is 2.1, a number, which loses the digits of a version",
            "write it in quotes",
        ),
        (
            [
                {"model": "A", "version": "1", "right": {"brooker": SCORES}},
                {"model": "B", "version": "1", "left": {"brooker": SCORES}},
            ],
            "scores.json",
            "holds scores of several models: A 1, B 1",
            "import them apart; members of an ensemble are one model",
        ),
        (
            {"model": "A", "right": {"brooker": SCORES}},
            "scores.json",
            "names the model A without its version",
            "write it there, or as version in [observer] of labels.toml",
        ),
        ({"image": "a.dcm"}, "scores.json", "holds no scores of a hip", None),
        ([0.1, 0.9], "scores.json, $", "is a list, and nothing says of what", None),
        (
            f"side,0,I,II,III,IV\nright,{_ROW}",
            "scores.csv",
            "has no column of scores",
            'say whose classes they are: scale = "brooker" in [scores] of labels.toml',
        ),
        (
            f'{_HEADER}right,"0,01",0.04,0.46,0.44,0.05\n',
            "scores.csv, row 2, column brooker_0",
            'is "0,01", not a number',
            "write 0.01",
        ),
        (
            f"{_HEADER}bilateral,{_ROW}",
            "scores.csv, row 2, column side",
            'is "bilateral"',
            'write "right" or "left"',
        ),
        (
            f"study_instance_uid,{_HEADER}1.2.3,right,{_ROW}1.2.4,left,{_ROW}",
            "scores.csv",
            "holds scores of 2 studies, and a record is of one",
            "give the images of one of them with --images",
        ),
    ],
    ids=lambda value: str(value)[:50],
)
def test_refusals(
    tmp_path: Path, content: Any, place: str, problem: str, remedy: str | None
) -> None:
    """What is no score of a hip is refused with its place, the problem and the remedy."""
    first, *_ = _faults(tmp_path, content)
    assert (first.path, first.problem) == (place, problem)
    assert remedy in (None, first.remedy)


def test_grade_that_a_model_names(tmp_path: Path) -> None:
    """It is the source's grade; its score stays with the observer, as it is none of all classes."""
    content = {"right": {"brooker": "3", "score": 0.81}, "left": {"brooker": {"grade": "0-I"}}}
    source, account = _read(tmp_path, content)
    assert account.faults == []
    assert source.hips == (
        Hip(side=Side.RIGHT, source_grades=(("brooker", ("III",)),)),
        Hip(side=Side.LEFT, source_grades=(("brooker", ("0", "I")),)),
    )
    assert source.parameters == (("right.brooker.score", "0.81"),)


_FINDINGS = {"ho": 0.97, "spur_pelvis": 0.8, "femoral_spur": 0.5, "bridging": 0.1, "severe": 0.6}


def test_findings_need_a_threshold(tmp_path: Path) -> None:
    """Without one a score of a finding is listed and left; it stays with the observer all the same."""
    source, account = _read(tmp_path, {"right": {"brooker": SCORES, "findings": _FINDINGS}})
    assert (account.faults, source.hips) == ([], (_RIGHT,))
    assert [entry.place.rpartition(".")[2] for entry in account.refused] == [
        "severe",
        "ho",
        "spur_pelvis",
        "femoral_spur",
        "bridging",
    ]
    assert source.parameters == (
        (
            "right.findings",
            "presence:0.97 pelvic_spur:0.8 femoral_spur:0.5 bridging:0.1",
        ),
    )


def test_findings_by_a_threshold(tmp_path: Path) -> None:
    """Seen from the threshold on; bridging is apparent, and islands that are seen are not taken."""
    named = "\n".join(
        f"{name} = 0.5"
        for name in ("presence", "pelvic_spur", "femoral_spur", "bridging", "islands")
    )
    labels = parse_labels(f"{_OBSERVER}[scores.thresholds]\n{named}\n")
    columns = "side,ho,spur_pelvis,femoral_spur,p_bridging,islands"
    rows = "right,0.97,0.8,0.5,0.9,0.7\nleft,0.1,0.1,0.1,0.1,0.1\n"
    source, account = _read(tmp_path, f"{columns}\n{rows}", labels)
    assert account.faults == []
    assert source.hips == (
        Hip(
            side=Side.RIGHT,
            presence=Presence.PRESENT,
            spurs=Spurs(pelvis=True, femur=True),
            bridging=Bridging.APPARENT,
        ),
        Hip(
            side=Side.LEFT,
            presence=Presence.ABSENT,
            spurs=Spurs(pelvis=False, femur=False),
            bridging=Bridging.NONE,
            islands=(),
        ),
    )
    assert [entry.words for entry in account.refused] == [
        "islands of the right hip are seen, but neither their number nor their length"
    ]
    assert dict(source.parameters)["threshold.bridging"] == "0.5"


def test_model_time_and_study_are_those_of_the_source(tmp_path: Path) -> None:
    """What a source says of itself is read, and compared by the import."""
    content = {
        "model": {"name": "HipGrader", "version": "2.1", "manufacturer": "Example"},
        "made_at": "2026-03-02T11:20:00+00:00",
        "study_instance_uid": "1.2.3",
        "right": {"brooker": SCORES},
    }
    source, _ = _read(tmp_path, content)
    assert source.observer == Algorithm(name="HipGrader", version="2.1", manufacturer="Example")
    assert (source.made_at, source.claims) == (_AT, Claims(study_instance_uid="1.2.3"))
    columns = f"model,version,made_at,study_instance_uid,{_HEADER}"
    row = f"HipGrader,2.1,2026-03-02T11:20:00+00:00,1.2.3,right,{_ROW}"
    of_table, _ = _read(tmp_path, columns + row)
    assert of_table.observer == Algorithm(name="HipGrader", version="2.1")
    assert (of_table.made_at, of_table.claims) == (source.made_at, source.claims)


def test_record_of_scores(tmp_path: Path) -> None:
    """The record holds the vector as it was given, and who gave it; the grade is left open."""
    path = _write(tmp_path, {"right": {"brooker": SCORES}})
    context = Context(labels=_labels())
    imported = import_sources([path], context, Author(at=_AT))
    record = record_json(imported.record)
    assert record["observer"]["name"] == "HipGrader"
    assert record["hips"] == [
        {"side": "right", "evaluable": True, "probabilities": {"brooker": SCORES}}
    ]
    (hip,) = imported.hips
    assert (hip.grades[0].grade, hip.grades[0].possible) == (None, ("II", "III"))


def test_members_of_an_ensemble_may_have_a_file_each(tmp_path: Path) -> None:
    """Their mean is taken where it was asked for; else two files that differ are refused."""
    paths = [tmp_path / f"fold-{number}.json" for number in (0, 1)]
    for path, values in zip(paths, (SCORES, _LEAST), strict=True):
        path.write_text(json.dumps({"right": {"brooker": values}}), encoding="utf-8")
    imported = import_sources(paths, Context(labels=_labels(ensemble="mean")), Author(at=_AT))
    record = record_json(imported.record)
    assert record["hips"][0]["probabilities"] == {"brooker": _MEAN}
    assert record["observer"]["parameters"]["ensemble"] == "mean of 2"
    with pytest.raises(RecordRefused, match="given by two sources, and differently"):
        import_sources(paths, Context(labels=_labels()), Author(at=_AT))


_WHOLE = {
    "model": {"name": "HipGrader", "version": "2.1"},
    "right": {"brooker": [SCORES, _LEAST], "findings": _FINDINGS},
    "left": {"cumulative": {"brooker": RISING}, "della_valle": "B", "score": 0.7},
}
_SEEDS = (json.dumps(_WHOLE), f"{_HEADER}right,{_ROW}right,{_ROW}left,{_ROW}")
_INSTEAD = (
    *("null", "[]", "{}", '""', "-1", "1e400", "true", '"right"', '"brooker"', "[[]]", "[{}]"),
    *('{"brooker": 1}', '{"cumulative": null}', '"III"', "%", ";", ""),
)
_PART = re.compile(r'"[^"]*"|-?[0-9.]+|\{[^{}]*\}|\[[^\[\]]*\]')


@pytest.mark.parametrize("seed", range(2))
def test_damaged_files_are_records_or_refused(tmp_path: Path, seed: int) -> None:
    """Whatever stands in place of a part of a file: nothing but a refusal is raised."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    labels = _labels(ensemble="mean", repair="running-minimum", activation="softmax")
    path = tmp_path / "scores"
    for _ in range(50):
        text = chance.choice(_SEEDS)
        for _ in range(chance.randint(1, 3)):
            part = chance.choice([*_PART.finditer(text)] or [re.match("", text)])
            assert part is not None
            text = text[: part.start()] + chance.choice(_INSTEAD) + text[part.end() :]
        path.write_text(text, encoding="utf-8")
        with suppress(HosrError):
            import_sources([path], Context(labels=labels), Author(at=_AT))


_OTHERS: list[Any] = [
    {"PatientID": "OTHER", "right": {"brooker": "III"}},
    {"patient_id": 4711, "right": {"brooker": "III"}},
    {"study": {"StudyInstanceUID": "1.2.3"}, "right": {"brooker": "III"}},
    {"hips": [{"side": "right", "brooker": "III", "mrn": "OTHER"}]},
    "Patient ID,side,brooker\nOTHER,right,III\n",
    "study.accession number,side,brooker\nOTHER,right,III\n",
]


@pytest.mark.parametrize("content", _OTHERS, ids=range(len(_OTHERS)))
def test_scores_of_another_study_are_refused_however_they_name_it(
    tmp_path: Path, content: Any
) -> None:
    """As DICOM does, as a hospital does, beside the hips or in an object of its own."""
    images = read_images(dicom_bytes(film(PatientID="0815", AccessionNumber="A-1")))
    context = Context(images=images)
    assert read(_write(tmp_path, content), context).hips == ()
    (fault,) = context.account.faults
    assert fault.problem == "holds no scores of the study of the images"


def test_scores_that_name_no_study_are_told_to_be_of_the_images(tmp_path: Path) -> None:
    """Nobody can see it by their numbers."""
    context = Context(images=read_images(dicom_bytes(film())))
    read(_write(tmp_path, {"right": {"brooker": "III"}}), context)
    assert [entry.words for entry in context.account.assumed] == [
        "is of the study of the images: it does not say of which it is"
    ]


def test_scores_of_two_patients_in_one_entry_are_refused(tmp_path: Path) -> None:
    """One of them is wrong."""
    (fault,) = _faults(tmp_path, {"patient_id": "A", "right": {"mrn": "B", "brooker": "III"}})
    assert (fault.path, fault.problem) == (
        "scores.json, $.right.mrn",
        "says another study, patient or order than stands there before",
    )


@pytest.mark.parametrize(
    ("grade", "told"),
    [
        ("III", ["Brooker III of the right hip is taken as the model names it; its own scores say II 0.46"]),
        ("II", []),
        ("II-III", []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_scored", [True, False])
def test_a_named_grade_that_its_scores_do_not_give_is_told(
    tmp_path: Path, grade: Any, told: list[str], is_scored: bool
) -> None:
    """The grade is the model's, and whoever signs sees that its scores say another one."""
    scores = {"scores": {"brooker": SCORES}} if is_scored else {}
    _, account = _read(tmp_path, {"right": {"brooker": grade, **scores}})
    assert account.faults == []
    assert [entry.words for entry in account.assumed] == (told if is_scored else [])
