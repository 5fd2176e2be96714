"""Strategies of Hypothesis: any report that can be assembled, made so that few are refused."""

from tests.strategies.reports import reports
from tests.strategies.texts import lines_of_text, person_names, words

__all__ = ["lines_of_text", "person_names", "reports", "words"]
