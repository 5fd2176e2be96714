"""The environment is strict and closed."""

from __future__ import annotations

import pytest
from jinja2.exceptions import SecurityError, TemplateNotFound, UndefinedError

from hosr._files import template_dir
from hosr.narrative import SECTIONS
from hosr.narrative.content import describe
from hosr.narrative.environment import LANGUAGE, environment_of
from tests.narrative.cases import CASES

ENVIRONMENT = environment_of()


def _templates() -> list[str]:
    return sorted(path.name for path in (template_dir() / LANGUAGE).iterdir())


@pytest.mark.parametrize("name", _templates())
def test_each_template_compiles(name: str) -> None:
    """Every shipped template compiles, and none hides a missing word with a default."""
    source = (template_dir() / LANGUAGE / name).read_text(encoding="utf-8")
    assert ENVIRONMENT.get_template(name).name == name
    assert "default" not in source


def test_sections_are_the_blocks_in_their_order() -> None:
    """The template has exactly the sections of a report."""
    assert tuple(ENVIRONMENT.get_template("report.txt").blocks) == SECTIONS


def test_a_missing_word_is_refused() -> None:
    """A name that nothing gave does not print as nothing."""
    with pytest.raises(UndefinedError, match="'gap' is undefined"):
        ENVIRONMENT.from_string("{{ gap }}").render()


def test_none_is_refused() -> None:
    """What is not stated never prints as None."""
    with pytest.raises(TypeError, match="nothing to print"):
        ENVIRONMENT.from_string("{{ gap }}").render(gap=None)


def test_templates_cannot_reach_python() -> None:
    """A template sees no attributes of the values it prints."""
    with pytest.raises(SecurityError):
        ENVIRONMENT.from_string("{{ ''.__class__.__mro__ }}").render()


def test_templates_cannot_read_other_files() -> None:
    """A template includes nothing from outside its folder."""
    with pytest.raises(TemplateNotFound):
        ENVIRONMENT.from_string("{% include '../../pyproject.toml' %}").render()


def test_free_text_is_not_a_template() -> None:
    """Braces in the words of a person are printed, not obeyed."""
    template = ENVIRONMENT.from_string("{{ comment }}")
    assert template.render(comment="{{ 7 * 7 }}") == "{{ 7 * 7 }}"


@pytest.mark.parametrize("name", CASES)
def test_only_plain_data_is_given(name: str) -> None:
    """Templates are given text, lists and mappings, never objects with methods of their own."""
    assert _kinds(describe(CASES[name])) <= {str, list, dict}


def _kinds(value: object) -> set[type]:
    if isinstance(value, dict):
        return {dict}.union(*map(_kinds, value.values()))
    if isinstance(value, list):
        return {list}.union(*map(_kinds, value))
    return {type(value)}
