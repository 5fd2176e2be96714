"""What is said while a report is made is what the catalogues hold."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from hosr.language import Language
from hosr.narrative.content import describe
from tests.comparison.cases import COMPARED
from tests.language.catalogues import find_messages
from tests.narrative.cases import CASES
from tests.strategies import reports

if TYPE_CHECKING:
    from hosr.report import Report


class _Listening(Language):
    """A language that keeps what it was asked to say."""

    said: set[str | tuple[str, str]]

    def say(self, text: str, /, **values: str) -> str:
        self.said.add(text)
        return super().say(text, **values)

    def count(self, one: str, many: str, amount: int, /, **values: str) -> str:
        self.said.add((one, many))
        return super().count(one, many, amount, **values)


def _said(report: Report) -> set[str | tuple[str, str]]:
    listening = _Listening("xx", "Of nobody", "en_GB")
    object.__setattr__(listening, "said", set())
    describe(report, listening)
    return listening.said


@cache
def _messages() -> set[str | tuple[str, ...]]:
    return {
        item.id if isinstance(item.id, str) else tuple(item.id)
        for item in find_messages()
        if item.id
    }


@pytest.mark.parametrize("name", CASES | COMPARED)
def test_a_message_that_is_said_is_in_the_source(name: str) -> None:
    """No sentence is put together before it is looked up: every one is a message as it stands."""
    assert _said((CASES | COMPARED)[name]) - _messages() == set()


@given(reports())
def test_a_message_of_any_report_is_in_the_source(report: Report) -> None:
    """The same for reports that nobody thought of."""
    assert _said(report) - _messages() == set()
