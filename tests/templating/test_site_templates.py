"""A department's own templates: what they can do, and what stops those that are broken or hostile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hosr.errors import Fault, TemplateRefused
from hosr.language import ENGLISH, LANGUAGES
from hosr.narrative import Wording, compose_sections, render_text
from hosr.narrative.content import describe
from hosr.sandbox import LIMITS, Limits
from hosr.templating import rendering
from hosr.templating.environment import Task
from hosr.templating.rendering import is_own, render, render_all, try_all
from hosr.templating.statements import PRINT_GIVEN
from tests.narrative.cases import CASES

if TYPE_CHECKING:
    from collections.abc import Callable

REPORT = CASES["row_06_long_island"]
NAMES = "see `hosr describe templates` for the names that there are"
FILES = "put the file into the folder, or extend one of those shipped"
CORRECT = "correct the template"
VALUES = "a template prints values and calls nothing of theirs"
KEPT = "extend the shipped template and change other blocks"


@pytest.fixture(name="site")
def _site(tmp_path: Path) -> Callable[..., Wording]:
    """A folder with these templates, by their paths."""

    def make(files: dict[str, str], tag: str = "en") -> Wording:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Wording(LANGUAGES[tag], tmp_path)

    return make


def _extending(name: str, body: str) -> str:
    return f'{{% extends "default:{name}" %}}\n{body}'


OURS = _extending(
    "report.txt", "{% block status %}\nExample Hospital\n{{ super() }}{% endblock %}\n"
)


def test_one_block_is_replaced(site: Callable[..., Wording]) -> None:
    """A template that extends the shipped one changes its block, and nothing else."""
    assert render_text(REPORT, site({"report.txt": OURS})) == (
        f"Example Hospital\n{render_text(REPORT)}"
    )


def test_sections_come_from_the_same_template(site: Callable[..., Wording]) -> None:
    """The narrative report has the words of the site, in the sections of every report."""
    first, *others = compose_sections(REPORT, site({"report.txt": OURS}))
    shipped, *rest = compose_sections(REPORT)

    assert first.title == "Example Hospital"
    assert first.paragraphs == (shipped.title, *shipped.paragraphs)
    assert others == rest


def test_a_template_of_a_language_goes_before_the_general_one(
    site: Callable[..., Wording],
) -> None:
    """What lies in the folder of a language is for that language alone."""
    files = {"report.txt": OURS, "de/report.txt": OURS.replace("Example Hospital", "Klinikum")}

    assert render_text(REPORT, site(files, "de")).startswith("Klinikum\n")
    assert render_text(REPORT, site(files, "fr")).startswith("Example Hospital\n")


def test_a_part_of_one_s_own_is_included(site: Callable[..., Wording]) -> None:
    """A template may use another one of the same folder."""
    files = {"report.txt": OURS.replace("Example Hospital", '{% include "head.txt" %}')}

    assert render_text(REPORT, site({**files, "head.txt": "Our head\n"})).startswith("Our head\n")


def test_a_piece_is_replaced_in_what_uses_it(site: Callable[..., Wording]) -> None:
    """A site's drawing stands in the shipped page, and what does not use it is shipped."""
    wording = site({"gap_scale.svg": "<svg>{{ scale.text }}</svg>"})

    assert render("gap_scale.svg", {"scale": {"text": "1 < 2"}}, wording) == "<svg>1 &lt; 2</svg>"
    assert is_own("report.html", wording)
    assert not is_own("report.txt", wording)


def test_the_environment_of_the_process_is_not_seen(
    site: Callable[..., Wording], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable, and no module in the current folder, reaches the process that prints."""
    monkeypatch.setenv("PYTHONSTARTUP", "/nonexistent")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.setenv("PYTHONPATH", "/nonexistent")

    assert render_text(REPORT, site({"report.txt": OURS})).startswith("Example Hospital\n")


LOOP = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
BROKEN: dict[str, tuple[str, Fault]] = {
    "undefined": ("a\n\n{{ gap }}", Fault("report.txt, line 3", "'gap' is undefined", NAMES)),
    "misspelt": (
        "{{ patient.nmae }}",
        Fault("report.txt, line 1", "'dict object' has no attribute 'nmae'", NAMES),
    ),
    "undefined in a condition": (
        "{% if gap %}{% endif %}",
        Fault("report.txt, line 1", "'gap' is undefined", NAMES),
    ),
    "a name put together": (
        "{{ patient[patient.name] }}",
        Fault("report.txt, line 1", "a name that it puts together is undefined", NAMES),
    ),
    "none": ("{{ none }}", Fault("report.txt, line 1", "prints nothing (none)", CORRECT)),
    "a list": ("{{ hips }}", Fault("report.txt, line 1", "prints a whole list", CORRECT)),
    "syntax": (
        "a\n{% if %}",
        Fault(
            "report.txt, line 2", "Expected an expression, got 'end of statement block'", CORRECT
        ),
    ),
    "not closed": (
        "{{ patient.name",
        Fault(
            "report.txt, line 1",
            "unexpected end of template, expected 'end of print statement'",
            CORRECT,
        ),
    ),
    "unknown tag": (
        "{% trans %}",
        Fault("report.txt, line 1", "Encountered unknown tag 'trans'", CORRECT),
    ),
    "unknown filter": (
        "{{ version | frob }}",
        Fault("report.txt, line 1", "No filter named 'frob'", CORRECT),
    ),
    "default": (
        "{{ gap | default('') }}",
        Fault(
            "report.txt, line 1",
            "the filter 'default' is not allowed",
            "every name is always given; test an empty one with if",
        ),
    ),
    "random": (
        "{{ 'ab' | random }}",
        Fault(
            "report.txt, line 1",
            "the filter 'random' is not allowed",
            "the same report must always read the same",
        ),
    ),
    "escaping switched": (
        "{% autoescape false %}{% endautoescape %}",
        Fault("report.txt, line 1", "escaping cannot be switched", CORRECT),
    ),
    "attributes of Python": (
        "{{ ''.__class__ }}",
        Fault(
            "report.txt, line 1",
            "access to attribute '__class__' of 'str' object is unsafe",
            VALUES,
        ),
    ),
    "attributes in a format": (
        "{{ '{0.__class__}'.format(patient) }}",
        Fault(
            "report.txt, line 1", "formats a text that holds more than names in its braces", CORRECT
        ),
    ),
    "a member in a format": (
        "{{ '{a[name]}'.format_map({'a': patient}) }}",
        Fault(
            "report.txt, line 1", "formats a text that holds more than names in its braces", CORRECT
        ),
    ),
    "a value for programmers in a format": (
        "{{ '{!r}'.format(patient) }}",
        Fault(
            "report.txt, line 1", "formats a text that holds more than names in its braces", CORRECT
        ),
    ),
    "attributes in a message": (
        "{{ _('{x.__globals__}', x='') }}",
        Fault(
            "report.txt, line 1",
            "the message '{x.__globals__}' holds 'x.__globals__' in its braces, and no name",
            CORRECT,
        ),
    ),
    "a member in a counted message": (
        "\n{{ ngettext('one', '{n[0]}', 2) }}",
        Fault(
            "report.txt, line 2",
            "the message '{n[0]}' holds 'n[0]' in its braces, and no name",
            CORRECT,
        ),
    ),
    "attributes in a message put together": (
        "{{ _('{x' ~ '.__class__}', x='') }}",
        Fault(
            "report.txt, line 1", "says a message that holds more than names in its braces", CORRECT
        ),
    ),
    "a message without its value": (
        "{{ _('{x}') }}",
        Fault("report.txt, line 1", "says a message without what stands in its braces", CORRECT),
    ),
    "letters replaced": (
        "{{ 'a'.translate({97: '<'}) }}",
        Fault(
            "report.txt, line 1",
            "access to attribute 'translate' of 'str' object is unsafe",
            VALUES,
        ),
    ),
    "none in a message": (
        "{{ _('{x}', x=none) }}",
        Fault("report.txt, line 1", "prints nothing (none)", CORRECT),
    ),
    "none in a string of code": (
        "{{ none | typst_string }}",
        Fault("report.txt, line 1", "prints nothing (none)", CORRECT),
    ),
    "a call": (
        "{{ patient() }}",
        Fault("report.txt, line 1", "puts together values of different kinds", NAMES),
    ),
    "a sum": (
        "{{ patient.name + 1 }}",
        Fault("report.txt, line 1", "puts together values of different kinds", NAMES),
    ),
    "zero": (
        "{{ 1 / 0 }}",
        Fault("report.txt, line 1", "divides by zero", "templates need not calculate"),
    ),
    "another file": (
        "{% include '/etc/passwd' %}",
        Fault("report.txt, line 1", "there is no template '/etc/passwd'", FILES),
    ),
    "a file outside": (
        "{% include '../outside.txt' %}",
        Fault("report.txt, line 1", "there is no template '../outside.txt'", FILES),
    ),
    "a file of a value": (
        "{% include patient.name %}",
        Fault("report.txt, line 1", "there is no template of a name that it puts together", FILES),
    ),
    "another kind": (
        "{% include 'default:report.html' %}",
        Fault(
            "report.txt, line 1",
            "'report.txt' cannot use 'default:report.html', which prints values in another way",
            CORRECT,
        ),
    ),
    "itself": (
        "{% extends 'report.txt' %}",
        Fault("report.txt, line 1", "uses itself without end", 'extend "default:report.txt"'),
    ),
    "a macro of itself": (
        "{% macro a() %}\n{{ a() }}{% endmacro %}{{ a() }}",
        Fault("report.txt, line 2", "uses itself without end", 'extend "default:report.txt"'),
    ),
    "a long loop": (
        "{% for i in range(10000000) %}{% endfor %}",
        Fault("report.txt, line 1", "counts further than a report needs", "shorten its loops"),
    ),
    "a long text": (
        "\n{{ 'a' * 10 ** 9 }}",
        Fault("report.txt, line 2", "multiplies more than numbers of a page", CORRECT),
    ),
    "much memory": (
        "\n{{ 'a'.ljust(2000000000) }}",
        Fault("report.txt, line 2", "needs more than 512 MiB of memory", "print less"),
    ),
    "much output": (
        "\n{% for i in range(900) %}{{ 'a'.ljust(100000) }}{% endfor %}",
        Fault("report.txt, line 2", "prints more than 16 MiB", "print less"),
    ),
    "nested loops": (
        f"\n{LOOP}",
        Fault("report.txt, line 2", "took longer than 0.5 s", "end its loops"),
    ),
    "control characters": (
        "{{ '\\x1b[2J' }}",
        Fault("report.txt", "prints control characters", "remove them"),
    ),
    "half a character": (
        "{{ '\\ud800' }}",
        Fault("report.txt", "prints control characters", "remove them"),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_template_is_refused_with_its_line(
    name: str, site: Callable[..., Wording]
) -> None:
    """File, line and reason, and never a word of the report."""
    text, fault = BROKEN[name]
    task = Task(template="report.txt", data=describe(REPORT, ENGLISH))

    assert try_all([task], site({"report.txt": text}), Limits(seconds=0.5)) == [[fault]]


@pytest.mark.parametrize("name", ["report.html", "key_image.svg", "report.typ"])
@pytest.mark.parametrize(
    "text",
    [
        "{{ patient.name | safe }}",
        "{{ [patient.name] | map('safe') | join }}",
        "{% filter safe %}{{ patient.name }}{% endfilter %}",
    ],
)
def test_no_value_is_declared_safe(name: str, text: str, site: Callable[..., Wording]) -> None:
    """The filter that prints a value as markup does not exist, however it is called."""
    remedy = "values are always escaped; write the markup into the template itself"
    fault = Fault(f"{name}, line 1", "the filter 'safe' is not allowed", remedy)
    with pytest.raises(TemplateRefused, match="'safe' is not allowed") as refused:
        render(name, describe(REPORT, ENGLISH), site({name: text}))

    assert refused.value.faults == (fault,)


def test_the_line_is_that_of_the_site_s_own_file(site: Callable[..., Wording]) -> None:
    """A fault below a site's line is told of that line, and of its file in its folder."""
    files = {
        "de/report.txt": '\n{% from "parts.txt" import say %}{{ say(1) }}',
        "de/parts.txt": "{% macro say(x) %}\n\n{{ x.y }}{% endmacro %}",
    }
    with pytest.raises(TemplateRefused, match=r"de/parts\.txt, line 3: 'int object' has no") as no:
        render_text(REPORT, site(files, "de"))

    assert [fault.path for fault in no.value.faults] == ["de/parts.txt, line 3"]


DRAFT = Fault("report.txt", "leaves out the status of the report", KEPT)
TURNED = Fault("report.txt", "turns letters round by U+202D or U+202E", "remove them")
HIP = Fault("report.txt", "leaves out hip 1", KEPT)
BROOKER = Fault("report.txt", "leaves out the grade of hip 1 by Brooker", KEPT)
DELLA_VALLE = Fault("report.txt", "leaves out the grade of hip 1 by Della Valle", KEPT)
MISNAMED = Fault(
    "report.html", "names a grade by Brooker that the report does not name", PRINT_GIVEN
)
GRADES = (
    "{% for hip in hips %}{{ hip.name }}{% for grade in hip.headline.grades %} {{ grade.system }} "
    "{{ grade.grade }}{% endfor %}{% endfor %}"
)


@pytest.mark.parametrize(
    ("name", "text", "faults"),
    [
        ("report.txt", "{{ status.draft }}" + GRADES, []),
        ("report.txt", GRADES, [DRAFT]),
        ("report.txt", "{{ status.draft }}", [HIP]),
        ("report.txt", "{{ status.draft }}{{ hips[0].name }}", [BROOKER, DELLA_VALLE]),
        (
            "report.txt",
            "{{ status.draft }}" + GRADES.replace("grade.grade", "1"),
            [BROOKER, DELLA_VALLE],
        ),
        ("report.html", "<p>{{ status.draft }}</p>" + GRADES, []),
        ("report.html", "<!-- {{ status.draft }} -->" + GRADES, [DRAFT]),
        ("report.html", "<title>{{ status.draft }}</title>" + GRADES, [DRAFT]),
        ("report.html", "<p hidden>{{ status.draft }}</p>" + GRADES, [DRAFT]),
        ("report.html", "<p>{{ status.draft }}</p>" + GRADES + "<p>Brooker IV</p>", [MISNAMED]),
        ("report.txt", "\u202eIII{{ status.draft }}" + GRADES, [TURNED]),
        ("report.html", "&#x202e;III{{ status.draft }}" + GRADES, [TURNED]),
    ],
)
def test_a_report_says_what_it_must(
    name: str, text: str, faults: list[Fault], site: Callable[..., Wording]
) -> None:
    """Draft, hips and grades are seen in every report, whoever wrote its template."""
    data: Any = describe(REPORT, ENGLISH)
    expected = [Fault(name, fault.problem, fault.remedy) for fault in faults]
    (done,) = try_all([Task(template=name, data=data)], site({name: text}))

    assert (done if isinstance(done, list) else []) == expected


@pytest.mark.parametrize(
    "text",
    [
        '<p style="{{ patient.name }}">',
        "<style>p { {{ patient.name }}: none }</style>",
        "<{{ patient.name }} hidden/>",
        "<p onclick{{ patient.name }}>",
        "</{{ patient.name }}>",
    ],
)
def test_no_value_is_quoted_of_a_page(text: str, site: Callable[..., Wording]) -> None:
    """What a template puts into markup or styles is refused without a word of the report."""
    data: Any = describe(REPORT, ENGLISH)
    data["patient"]["name"] = "rossi"
    (done,) = try_all([Task(template="report.html", data=data)], site({"report.html": text}))
    assert isinstance(done, list)
    assert "..." in done[0].problem
    assert "rossi" not in str(done[0])


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_is_shipped_says_what_a_site_s_must(tag: str, name: str) -> None:
    """The shipped text passes the same rule, for every case in every language."""
    from hosr.templating.refusals import find_omissions

    task = Task(template="report.txt", data=describe(CASES[name], LANGUAGES[tag]))
    (printout,) = render_all([task], Wording(LANGUAGES[tag]))

    assert find_omissions(task, printout, "report.txt") == []


def test_a_section_that_is_missing_is_refused(site: Callable[..., Wording]) -> None:
    """The narrative report has every section, and none is empty."""
    text = (
        "{% block status %}{{ status.draft }}" + GRADES + "{% endblock %}"
        "{% block method %} {% endblock %}"
    )
    remedy = 'begin the template with {% extends "default:report.txt" %}'
    absent = ("examination", "indication", "technique", "comparison", "findings", "not_assessed")
    with pytest.raises(TemplateRefused, match="the block 'examination' is missing") as refused:
        compose_sections(REPORT, site({"report.txt": text}))

    assert refused.value.faults == (
        *(Fault("report.txt", f"the block {name!r} is missing", remedy) for name in absent),
        Fault("report.txt", "the block 'impression' is missing", remedy),
        Fault("report.txt", "the block 'method' prints nothing", remedy),
    )


def test_one_task_that_fails_leaves_the_others(site: Callable[..., Wording]) -> None:
    """Several tasks are done by one process, and each is told on its own."""
    wording = site({"gap_scale.svg": "{{ scale.text }}"})
    tasks = [
        Task(template="gap_scale.svg", data={"scale": scale})
        for scale in ({"text": "a"}, {}, {"text": "b"})
    ]
    first, second, third = try_all(tasks, wording)
    problem = "'dict object' has no attribute 'text'"

    assert second == [Fault("gap_scale.svg, line 1", problem, NAMES)]
    assert [getattr(done, "text", "") for done in (first, third)] == ["a", "b"]


def test_what_takes_too_long_is_not_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many reports by one endless template, one is waited for, and all have its fault."""
    late = {"fault": {"path": "report.txt"}, "out_of_time": True}
    tried: list[str] = []

    def done(asked: dict[str, Any], *_: object) -> dict[str, Any]:
        tried.append(asked["template"])
        return late if asked["template"] == "report.txt" else {"printout": {}}

    monkeypatch.setattr(rendering, "_done", done)
    tasks = [{"template": name} for name in ("report.txt", "report.html", "report.txt")]
    request = {"own": {}, "shipped": {}, "language": "en", "tasks": tasks}
    assert rendering._answer(request, LIMITS) == [late, {"printout": {}}, late]
    assert tried == ["report.txt", "report.html"]
