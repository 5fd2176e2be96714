"""Why a part of a source cannot be used, in words."""

from __future__ import annotations


class Unusable(Exception):
    """Raised where a shape is read, and told with its place by whoever knows that."""

    def __init__(self, problem: str, remedy: str = "export it anew") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
