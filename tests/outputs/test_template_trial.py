"""A site's folder tried on every example: what is told, and how `hosr lint` tells it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hosr.errors import Fault
from hosr.language import LANGUAGES
from hosr.outputs.template_trial import Trial, example_reports, example_tasks, try_templates
from hosr.resources import template_dir
from hosr.templating.environment import Printout
from hosr.templating.refusals import find_omissions
from hosr.templating.rendering import try_all
from hosr.templating.sources import Wording
from tests.command import Ran, hosr

pytestmark = pytest.mark.slow

NAMES = "see `hosr describe templates` for the names that there are"


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_what_is_shipped_passes_as_a_site_s_own(tmp_path: Path) -> None:
    """The shipped templates in a folder of one's own have no fault, in any language."""
    shipped = {
        path.name: path.read_text(encoding="utf-8")
        for path in template_dir().iterdir()
        if path.is_file()
    }
    _write(tmp_path, shipped)

    assert try_templates(tmp_path) == Trial(reports=11, languages=5, faults=(), warnings=())


@pytest.mark.parametrize("tag", LANGUAGES)
def test_shipped_reports_say_what_a_site_s_must(tag: str) -> None:
    """Text, page and source of every example name draft, hips and grades."""
    wording = Wording(LANGUAGES[tag])
    tasks, faults = example_tasks(example_reports().values(), wording)
    found = [
        fault
        for task, done in zip(tasks, try_all(tasks, wording), strict=True)
        if isinstance(done, Printout)
        for fault in find_omissions(task, done, task.template)
    ]

    assert (found, faults) == ([], ())


def test_every_fault_is_told_once(tmp_path: Path) -> None:
    """Of every template and language, with warnings apart."""
    _write(
        tmp_path,
        {
            "report.txt": '{% extends "default:report.txt" %}\n{% block status %}{{ gap }}{% endblock %}',
            "de/report.txt": "{% if %}",
            "report.html": '{% extends "default:report.html" %}\n{% block staus %}{% endblock %}',
            "report.typ": '{% extends "default:report.typ" %}\n{% block status %}#foo\n{{ super() }}{% endblock %}',
            "gap_scale.svg": "<svg>{{ scale.foo }}</svg>",
            "raport.txt": "",
        },
    )
    trial = try_templates(tmp_path)

    assert trial.faults == (
        Fault("gap_scale.svg, line 1", "'dict object' has no attribute 'foo'", NAMES),
        Fault("report.txt, line 2", "'gap' is undefined", NAMES),
        Fault("report.typ", "cannot be set (unknown variable: foo)", "correct the template"),
        Fault(
            "de/report.txt, line 1",
            "Expected an expression, got 'end of statement block'",
            "correct the template",
        ),
    )
    assert [warning.path for warning in trial.warnings] == ["raport.txt", "report.html"]


def test_lint_says_how_much_was_tried(tmp_path: Path) -> None:
    """One block of six lines, as the README shows, has no fault."""
    _write(
        tmp_path,
        {
            "report.txt": '{% extends "default:report.txt" %}\n'
            "{% block status %}\nExample Hospital\n\n{{ super() }}\n{% endblock %}\n"
        },
    )

    assert hosr("lint", str(tmp_path)) == Ran(code=0, out="11 reports in 5 languages: no faults\n")
    ran = hosr("lint", str(tmp_path), "--json")
    assert (ran.code, json.loads(ran.out), ran.err) == (
        0,
        {"reports": 11, "languages": 5, "faults": [], "warnings": []},
        "",
    )


def test_lint_lists_faults_and_warnings(tmp_path: Path) -> None:
    """A line each, and the exit code of a refusal."""
    _write(tmp_path, {"report.txt": "{{ gap }}", "raport.txt": ""})
    shipped = "gap_scale.svg, key_image.svg, report.html, report.txt, report.typ"

    assert hosr("lint", str(tmp_path)) == Ran(
        code=2,
        out=(
            f"report.txt, line 1: 'gap' is undefined; {NAMES}\n"
            f"warning: raport.txt: is used by no report; a template is one of {shipped}\n"
            "11 reports in 5 languages: 1 fault\n"
        ),
    )


def test_lint_of_no_folder_is_refused(tmp_path: Path) -> None:
    """A folder that is not there is a fault like any other."""
    assert hosr("lint", str(tmp_path / "none")) == Ran(
        code=2,
        out=(
            "none: cannot be read (No such file or directory); name a folder of templates\n"
            "11 reports in 5 languages: 1 fault\n"
        ),
    )
