"""What makes one file unusable; the reader of the file says it with the file's name."""

from __future__ import annotations


class Refusal(Exception):
    """What makes one file unusable, in words without patient data."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(problem)
