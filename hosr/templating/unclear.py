"""What nobody can say of a page is told without a word of the report."""

from __future__ import annotations

from collections.abc import Iterable


class Unclear(Exception):
    """A page, style or colour of which nobody can say what is seen of it.

    `problem` has `{}` for each part that it quotes of what was printed.
    """

    def __init__(self, problem: str, *quoted: str) -> None:
        super().__init__(problem.format(*quoted))
        self.problem = problem
        self.quoted = quoted

    def tell(self, templates: Iterable[str]) -> str:
        """The problem, quoting only what stands in one of these templates and is no value of a report."""
        known = [_squeezed(text) for text in templates]
        return self.problem.format(
            *(
                part if any(_squeezed(part) in text for text in known) else "..."
                for part in self.quoted
            )
        )


def _squeezed(text: str) -> str:
    return "".join(text.lower().split())
