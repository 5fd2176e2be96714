"""The environment is strict and closed."""

from __future__ import annotations

import json

import pytest
from jinja2.exceptions import SecurityError, TemplateNotFound, UndefinedError
from markupsafe import Markup

from hosr.language import ENGLISH, LANGUAGES
from hosr.narrative import SECTIONS
from hosr.narrative.content import describe
from hosr.templating.environment import (
    OutputTooLarge,
    Task,
    Unprintable,
    environment_of,
    make_environment,
    print_task,
)
from hosr.templating.sources import Source, read_shipped
from tests.narrative.cases import CASES

ENVIRONMENT = environment_of()


def _print(name: str, text: str, /, **data: object) -> str:
    """What a template of this name and text prints."""
    own = {name: Source(name, text)}
    return make_environment(own, read_shipped(), ENGLISH).get_template(name).render(data)


@pytest.mark.parametrize("name", read_shipped())
def test_each_template_compiles(name: str) -> None:
    """Every shipped template compiles; no filter that hides a missing word is known to it."""
    assert ENVIRONMENT.get_template(name).name == name
    assert {"default", "d", "safe", "random"} & set(ENVIRONMENT.filters) == set()


def test_sections_are_the_blocks_in_their_order() -> None:
    """The template has exactly the sections of a report."""
    assert tuple(ENVIRONMENT.get_template("report.txt").blocks) == SECTIONS


def test_a_missing_word_is_refused() -> None:
    """A name that nothing gave does not print as nothing."""
    with pytest.raises(UndefinedError, match="'gap' is undefined"):
        ENVIRONMENT.from_string("{{ gap }}").render()


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, r"prints nothing \(none\)"),
        (True, "prints a truth value"),
        ([], "prints a whole list"),
        ({}, "prints a whole mapping"),
        (print, "prints what is no text"),
    ],
)
def test_what_has_no_words_is_refused(value: object, problem: str) -> None:
    """What is not stated never prints as None, and no list with its brackets."""
    with pytest.raises(Unprintable, match=problem):
        ENVIRONMENT.from_string("{{ gap }}").render(gap=value)


def test_templates_cannot_reach_python() -> None:
    """A template sees no attributes of the values it prints."""
    with pytest.raises(SecurityError, match="access to attribute '__class__'"):
        ENVIRONMENT.from_string("{{ ''.__class__.__mro__ }}").render()


def test_templates_cannot_read_other_files() -> None:
    """A template includes nothing from outside its folder."""
    with pytest.raises(TemplateNotFound, match=r"\.\./\.\./pyproject\.toml"):
        ENVIRONMENT.from_string("{% include '../../pyproject.toml' %}").render()


def test_free_text_is_not_a_template() -> None:
    """Braces in the words of a person are printed, not obeyed."""
    template = ENVIRONMENT.from_string("{{ comment }}")
    assert template.render(comment="{{ 7 * 7 }}") == "{{ 7 * 7 }}"


NAME = '<b>O\'Hara & "Sons"</b> #eval *x* \\'
IN_HTML = "&lt;b&gt;O&#39;Hara &amp; &#34;Sons&#34;&lt;/b&gt; #eval *x* \\"
IN_TYPST = (
    "\\u{3c}b\\u{3e}O\\u{27}Hara \\u{26} \\u{22}Sons\\u{22}\\u{3c}\\u{2f}b\\u{3e} "
    "\\u{23}eval \\u{2a}x\\u{2a} \\u{5c}"
)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("report.txt", NAME),
        ("report.html", IN_HTML),
        ("key_image.svg", IN_HTML),
        ("report.typ", IN_TYPST),
    ],
)
@pytest.mark.parametrize(
    "template",
    [
        "{{ name }}",
        "{% macro say(x) %}{{ x }}{% endmacro %}{{ say(name) }}",
        "{% set said %}{{ name }}{% endset %}{{ said }}",
        "{% block a %}{{ name }}{% endblock %}",
        "{{ [name] | join }}",
        '{{ _("{x}", x=name) }}',
        "{% macro frame() %}{{ caller() }}{% endmacro %}{% call frame() %}{{ name }}{% endcall %}",
    ],
)
def test_values_are_escaped_once(name: str, printed: str, template: str) -> None:
    """However a value comes to be printed, it is text in the language of its template."""
    assert _print(name, template, name=NAME) == printed


@pytest.mark.parametrize(
    "template",
    [
        "{% set x %}#{% endset %}{{ x ~ name }}",
        "{% set x %}{% endset %}{{ x + name }}",
        "{{ name | replace('<', '#') }}",
        "{{ name | tojson }}",
        "{{ name | e }}",
        "{{ {'a': name} | xmlattr }}",
        "{{ '%s' | format(name) }}",
        "{{ name | urlize }}",
    ],
)
def test_no_detour_leads_into_typst(template: str) -> None:
    """What Jinja takes for safe in HTML is not taken for safe in Typst."""
    printed = _print("report.typ", template, name=NAME)
    assert not set("#*<>[]\"'`$@_") & set(printed)


# What text can do in Python, with arguments that look for trouble.
_CALLS = {
    **dict.fromkeys(("center", "ljust", "rjust"), "(99, lt)"),
    **dict.fromkeys(("split", "rsplit", "partition", "rpartition", "strip"), "('&lt;')"),
    **dict.fromkeys(("lstrip", "rstrip", "removeprefix", "removesuffix"), "('&')"),
    "replace": "('&lt;', lt)",
    "join": "([lt, name])",
    "format": "(lt, name)",
    "format_map": "({'a': lt})",
    "translate": "({38: lt, 108: none, 116: none, 59: none})",
    "maketrans": "({'a': lt})",
    "zfill": "(99)",
    "expandtabs": "(4)",
}


@pytest.mark.parametrize("name", ["report.html", "report.typ"])
@pytest.mark.parametrize("method", sorted(name for name in dir(Markup) if name[0] != "_"))
def test_no_method_makes_markup_of_what_is_escaped(name: str, method: str) -> None:
    """Of everything that text can do, on a value that was escaped and printed once before."""
    call = _CALLS.get(method, "()")
    begin = "{% set said %}{{ name }}{}{a}{% endset %}{% set lt = name[:1] %}"
    template = (
        f"{begin}{{{{ [said.{method}{call}] | join | string }}}} {{{{ said.{method}{call} }}}}"
    )
    try:
        printed = _print(name, template, name="<b> #eval")
    except (SecurityError, UndefinedError, Unprintable, TypeError, LookupError, ValueError):
        return
    assert ("<" if name == "report.html" else "#") not in printed


@pytest.mark.parametrize("method", ["translate", "maketrans", "encode", "unescape", "escape"])
def test_methods_that_no_template_needs_are_closed(method: str) -> None:
    """Also where nothing is escaped."""
    with pytest.raises(SecurityError, match=f"access to attribute '{method}' of"):
        _print("report.html", f"{{% set x %}}a{{% endset %}}{{{{ x.{method} }}}}")


def test_what_is_filled_into_typst_is_escaped() -> None:
    """The words of a template that were printed once are no format for values as they are."""
    printed = _print("report.typ", "{% set x %}{}{% endset %}{{ x.format(name) }}", name="#eval()")
    assert printed == "\\u{23}eval\\u{28}\\u{29}"


def test_plain_formats_still_work() -> None:
    """Names, places and how figures are written."""
    template = (
        "{{ '{} {0} {a:.1f}'.replace('{} ', '').format('x', a=1.25) }} {{ '{:>3}'.format('y') }}"
    )
    assert _print("report.txt", template) == "x 1.2   y"


def test_blocks_are_of_the_length_that_is_printed() -> None:
    """A block that is asked for beside the whole text is no way around its bound."""
    task = Task(template="report.txt", data={}, blocks=("a",))
    text = "{% block a %}{{ 'a'.ljust(60) if x is defined else 'a' }}{% set x = 1 %}{% endblock %}"
    environment = make_environment({"report.txt": Source("report.txt", text)}, {}, ENGLISH)
    assert print_task(environment, task, 100).blocks["a"] == "a"
    text = "{% if false %}{% block a %}{{ 'a'.ljust(300) }}{% endblock %}{% endif %}"
    environment = make_environment({"report.txt": Source("report.txt", text)}, {}, ENGLISH)
    with pytest.raises(OutputTooLarge):
        print_task(environment, task, 100)


def test_numbers_are_code_in_typst() -> None:
    """A number is printed as Typst reads numbers."""
    assert _print("report.typ", "{{ x }}pt {{ y }}", x=-1.5, y=2) == "-1.5pt 2"


def test_a_template_is_no_part_of_one_of_another_kind() -> None:
    """What is escaped for a page never gets into a source, nor the other way round."""
    with pytest.raises(Unprintable, match=r"'report\.typ' cannot use 'gap_scale\.svg'"):
        _print("report.typ", '{% include "gap_scale.svg" %}')


def test_a_site_s_template_extends_the_shipped_one() -> None:
    """The name of a template after "default:" is the one that is shipped."""
    text = '{% extends "default:report.txt" %}{% block status %}Ours\n{{ super() }}{% endblock %}'
    printed = _print("report.txt", text, **describe(CASES["row_06_long_island"], ENGLISH))
    shipped = ENVIRONMENT.get_template("report.txt").render(
        describe(CASES["row_06_long_island"], ENGLISH)
    )

    assert printed == f"Ours\n{shipped}"


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_only_plain_data_is_given(name: str, tag: str) -> None:
    """Templates are given what JSON can hold, never objects with methods of their own."""
    data = describe(CASES[name], LANGUAGES[tag])
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert _kinds(data) <= {str, int, float, bool, list, dict}


def _kinds(value: object) -> set[type]:
    if isinstance(value, dict):
        return {dict}.union(*map(_kinds, value.values()))
    if isinstance(value, list):
        return {list}.union(*map(_kinds, value))
    return {type(value)}
