"""Files of a report where something is missing, or goes wrong on the way to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom import uid

from hosr.errors import Fault, ImagesRefused, MachineFailed
from hosr.intake.images import read_images
from hosr.intake.record import parse_record
from hosr.outputs import OUTPUTS, OutputName, make_files
from hosr.pipeline import make_report
from tests.command import hosr, marked, write_record
from tests.images import COLUMNS, DELETE, ROWS, write_film
from tests.pixels.encodings import pattern, syntax_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from hosr.pipeline import Outcome
    from hosr.sandbox import Ended

pytestmark = pytest.mark.slow

# What looks at the pixels, or at how they are displayed, after the headers were read.
DRAWING = (
    *("html", "pdf", "encapsulated", "overlay", "keyobjects", "pictures", "captures"),
    *("fhir", "fhir-r5"),
)
LOST: dict[str, tuple[Callable[[Path], object], str]] = {
    "gone": (lambda film: film.unlink(), "is no longer there"),
    "written to": (
        lambda film: film.write_bytes(film.read_bytes() + b"\0\0"),
        "was changed after its header was read",
    ),
}
MISSING = {
    "no pixel data": (DELETE, "the image has no pixel data"),
    "too few": (b"\0\0", "the pixel data of the image are incomplete"),
}
# The words where the picture would be, and what stands only where one is.
THERE_IS_NONE = "There is no picture: {reason}."
A_PICTURE = 'class="picture"'


def _outcome(film: Path) -> Outcome:
    record = {**marked(), "view": "ap_pelvis"}
    return make_report(parse_record(json.dumps(record)), read_images([film]))


@pytest.mark.parametrize(("lose", "problem"), LOST.values(), ids=LOST)
@pytest.mark.parametrize("output", OUTPUTS)
def test_an_image_lost_on_the_way_is_refused(
    output: OutputName, lose: Callable[[Path], object], problem: str, tmp_path: Path
) -> None:
    """What is drawn is what was read, or there is no report; words alone need no image again."""
    film = write_film(tmp_path / "film.dcm")
    outcome = _outcome(film)
    lose(film)
    if output in DRAWING:
        with pytest.raises(ImagesRefused, match=rf"^film\.dcm: {problem}"):
            make_files(outcome, [output])
    else:
        assert len(make_files(outcome, [output])) == 2


@pytest.mark.parametrize(
    "template", ["report.txt", "report.html", "report.typ", "key_image.svg", "gap_scale.svg"]
)
def test_a_template_refused_late_leaves_nothing(
    template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are made in memory first: those made before the fault are not written either."""
    monkeypatch.chdir(tmp_path)
    write_film(Path("film.dcm"))
    write_record(Path("record.json"), marked(gap={"mm": 8}))
    Path("site").mkdir()
    Path("site", template).write_text("{{ 1 / 0 }}", encoding="utf-8")
    where = ("--images", "film.dcm", "--templates", "site", "--out", "out")
    ran = hosr("report", "record.json", *where)
    assert (ran.code, ran.out) == (2, "")
    assert f"{template}, line 1: " in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.dcm", "record.json", "site"]


@pytest.mark.parametrize(("pixels", "reason"), MISSING.values(), ids=MISSING)
def test_a_missing_picture_is_told_everywhere(
    pixels: object, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page, manifest and terminal say that there is none and why; no file pretends to be one."""
    monkeypatch.chdir(tmp_path)
    write_film(Path("film.dcm"), PixelData=pixels)
    write_record(Path("record.json"))
    ran = hosr("report", "record.json", "--images", "film.dcm", "--out", "out")
    page = Path("out", "report.html").read_text(encoding="utf-8")
    tolerated = json.loads(Path("out", "manifest.json").read_bytes())["tolerated"]
    note = {"path": "key image of the right hip", "problem": f"there is none: {reason}"}
    assert (ran.code, ran.err) == (0, "")
    assert THERE_IS_NONE.format(reason=reason) in page
    assert A_PICTURE not in page
    assert note in tolerated
    assert f"\nnote: {note['path']}: {note['problem']}\n" in ran.out
    assert not list(Path("out").glob("key_*"))
    assert Path("out", "overlay.dcm").is_file()


def test_images_in_colour_have_no_overlay_and_say_so(tmp_path: Path) -> None:
    """A grayscale presentation state is not made of them, and the key objects name none."""
    colour = {
        "SamplesPerPixel": 3,
        "PhotometricInterpretation": "RGB",
        "PlanarConfiguration": 0,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelData": bytes(3 * ROWS * COLUMNS),
    }
    files = make_files(_outcome(write_film(tmp_path / "film.dcm", "OT", **colour)), OUTPUTS)
    made = {file.name: file.data for file in files}
    assert "overlay.dcm" not in made
    assert "key_right.png" in made
    assert b"1.2.840.10008.5.1.4.1.1.11.1" not in made["keyobjects.dcm"]
    assert {
        "path": "overlay.dcm",
        "problem": "was not made: no image of the report is in greys",
    } in json.loads(made["manifest.json"])["tolerated"]


def _starve(*_: object, **__: object) -> Ended:
    raise MachineFailed(Fault("this machine", "ended a process", "try again"))


def test_a_machine_that_fails_makes_no_report_without_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be another report than the one of a machine that works; so there is none, for now."""
    monkeypatch.chdir(tmp_path)
    film = syntax_file(pattern(), uid.JPEG2000Lossless, tmp_path)
    Path("film.dcm").write_bytes(film)
    record = marked(gap={"mm": 8})
    write_record(Path("record.json"), record)
    report = ("report", "record.json", "--images", "film.dcm", "--out", "out", "--make", "html")
    lines = json.dumps({"id": "one", "images": "film.dcm", "record": record})
    Path("m.jsonl").write_text(f"{lines}\n", encoding="utf-8")
    batch = ("batch", "m.jsonl", "--out", "many", "--make", "html", "--jobs", "1")
    with monkeypatch.context() as starved:
        starved.setattr("hosr.pixels.decoding.run_in_sandbox", _starve)
        ran = hosr(*report)
        assert (ran.code, Path("out").exists()) == (8, False)
        assert ran.err.startswith("hosr: this machine failed\n  this machine: ended a process")
        assert hosr(*batch).out.startswith("0 done, 1 refused\n")
    assert hosr(*report).code == 0
    assert A_PICTURE in Path("out", "report.html").read_text(encoding="utf-8")
    assert hosr(*batch).out.startswith("1 done, 0 refused\n")


@pytest.mark.parametrize("template", ["report.txt", "report.html", "report.typ"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_site_template_keeps_the_readers_conclusion(
    template: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that leaves out what the person concluded, or said of headers, is none of that report."""
    monkeypatch.chdir(tmp_path)
    write_film(Path("film.dcm"))
    words = 'See "the CT" <first> & {compare} #with\n* the film of 2025; ' + "at length, " * 20
    overrides = [{"side": "right", "reason": "The marker was put on the wrong side"}]
    given = {"schema_version": "1.1", "conclusion": words, "overrides": overrides}
    record = {**marked(gap={"mm": 8}), **given}
    write_record(Path("record.json"), record)
    Path("site").mkdir()
    begin = f'{{% extends "default:{template}" %}}\n'
    where = ("--images", "film.dcm", "--templates", "site", "--language", language)
    make = ("--make", {"typ": "pdf", "txt": "text"}.get(template[-3:], "html"))
    Path("site", template).write_text(begin, encoding="utf-8")
    ran = hosr("report", "record.json", *where, *make, "--out", "kept")
    assert (ran.code, ran.err) == (0, "")
    hips = "{% for hip in hips %}{{ hip.name }}{% for grade in hip.headline.grades %}"
    block = f"{{% block impression %}}{hips} {{{{ grade.system }}}} {{{{ grade.grade }}}}"
    ends = "{% endfor %}{% endfor %}{% endblock %}"
    Path("site", template).write_text(f"{begin}{block}{ends}", encoding="utf-8")
    ran = hosr("report", "record.json", *where, *make, "--out", "lost")
    assert (ran.code, Path("lost").exists()) == (2, False)
    assert "leaves out the conclusion of the reader" in ran.err
    assert "leaves out what was taken in place of image headers" in ran.err


DRAFT = "leaves out the status of the report; extend the shipped template"
WHAT = "see `hosr describe templates` for what a page may hold"
HIDDEN: dict[str, tuple[str, str, str]] = {
    "another grade": (
        "report.typ",
        'letterhead %}\n#show regex("I+"): "0"\n',
        "leaves out the grade of hip 1 by Brooker; extend the shipped template",
    ),
    "another word": ("report.typ", 'letterhead %}\n#show "DRAFT": "SIGNED"\n', DRAFT),
    "white words": (
        "report.typ",
        "status %}\n#text(fill: white)[{{ status.draft }}]\n= {{ status.title }}\n",
        DRAFT,
    ),
    "a hidden style": (
        "report.html",
        "style %}{{ super() }}<style>.draft { display: none }</style>",
        "may hide words by the style display: none (line ",
    ),
    "a hidden element": (
        "report.html",
        "status %}<div hidden><div></div>{{ status.draft }}</div>",
        DRAFT,
    ),
    "a marked section": (
        "report.html",
        "letterhead %}<![a",
        "holds markup that browsers take in different ways (line ",
    ),
    "a program": (
        "report.html",
        "letterhead %}<script>a()</script>",
        f" of the page); {WHAT}",
    ),
    "thousands of repeats": (
        "report.txt",
        "status %}{% for i in range(50000) %}{{ hips[0].name }} Brooker {% endfor %}",
        DRAFT,
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_is_hidden_by_a_template_is_missed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a reader sees of the document itself counts, and a refusal is the template's, in time."""
    template, block, problem = HIDDEN[name]
    monkeypatch.chdir(tmp_path)
    write_film(Path("film.dcm"))
    write_record(Path("record.json"), marked(gap={"mm": 8}))
    Path("site").mkdir()
    text = f'{{% extends "default:{template}" %}}\n{{% block {block}{{% endblock %}}\n'
    Path("site", template).write_text(text, encoding="utf-8")
    make = {"typ": "pdf", "txt": "text"}.get(template[-3:], "html")
    where = ("--images", "film.dcm", "--templates", "site", "--out", "out", "--make", make)
    ran = hosr("report", "record.json", *where)
    assert (ran.code, ran.out, Path("out").exists()) == (2, "", False)
    assert ran.err.startswith("hosr: template refused\n")
    assert problem in ran.err
