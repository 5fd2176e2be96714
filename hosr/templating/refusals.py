"""Why a site's template cannot be used: the file, the line and the reason, in plain words.

Nothing of the report may be quoted: what Jinja says is told only as far as each name in it stands
in a template. And whoever wrote the template, what it prints says all that a report must.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from jinja2.exceptions import (
    SecurityError,
    TemplateNotFound,
    TemplateRuntimeError,
    TemplateSyntaxError,
    UndefinedError,
)

from hosr.errors import Fault
from hosr.language import turns_letters
from hosr.sandbox import OutOfTime
from hosr.templating.environment import (
    OutputTooLarge,
    Printout,
    Task,
    Unprintable,
    kind_of,
)
from hosr.templating.statements import (
    PRINT_GIVEN,
    find_misnamed,
    find_unsaid,
    see,
    statements_of,
)
from hosr.templating.web_page import UnclearPage, read_page

if TYPE_CHECKING:
    from jinja2 import Template

    from hosr.sandbox import Limits
    from hosr.templating.sources import Source


_REPORTS = ("report.html", "report.txt", "report.typ")
_KEEP = "extend the shipped template and change other blocks"
_PLAIN = "see `hosr describe templates` for what a page may hold"
_MIB = 1024 * 1024
_LISTED = "see `hosr describe templates` for the names that there are"
_FILES = "put the file into the folder, or extend one of those shipped"
_VALUES = "a template prints values and calls nothing of theirs"
# The more special kinds first, with what is said where the words of Jinja may tell too much.
_KINDS = (
    (TemplateNotFound, "there is no template of a name that it puts together", _FILES),
    (UndefinedError, "a name that it puts together is undefined", _LISTED),
    (SecurityError, "reaches for more than it is given", _VALUES),
    (TemplateRuntimeError, "cannot be evaluated", "correct the template"),
)
_FILTERS = {
    "safe": "values are always escaped; write the markup into the template itself",
    "default": "every name is always given; test an empty one with if",
    "d": "every name is always given; test an empty one with if",
    "random": "the same report must always read the same",
}
_OBJECT = re.compile(r"(?:str|int|float|bool|list|dict|function|method|Markup|Printed)(?: object)?")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def explain(
    error: BaseException, template: str, own: Mapping[str, Source], limits: Limits
) -> Fault:
    """The fault of a template: of the site's own file where it is one, with its line."""
    path, line = _place(error, template, own)
    problem, remedy = _reason(error, template, own, limits)
    return Fault(f"{path}, line {line}" if line else path, problem, remedy)


def _place(
    error: BaseException, template: str, own: Mapping[str, Source]
) -> tuple[str, int | None]:
    if isinstance(error, TemplateSyntaxError):
        return error.filename or error.name or template, error.lineno
    frames = _frames(error)[::-1]
    ours = {source.path for source in own.values()}
    # The innermost line of the site's own: what is shipped works with what it is given.
    for path, line in [*(frame for frame in frames if frame[0] in ours), *frames]:
        return path, line
    source = own.get(template)
    return source.path if source is not None else template, None


def _frames(error: BaseException) -> list[tuple[str, int]]:
    """The lines of templates that an error has passed, outermost first."""
    found = []
    trace = error.__traceback__
    while trace is not None:
        template: Template | None = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            line = template.get_corresponding_lineno(trace.tb_lineno)
            found.append((template.filename or "", line))
        trace = trace.tb_next
    return found


def _reason(
    error: BaseException, template: str, own: Mapping[str, Source], limits: Limits
) -> tuple[str, str]:
    for kind, problem, remedy in (
        (OutOfTime, f"took longer than {limits.seconds:g} s", "end its loops"),
        (OutputTooLarge, f"prints more than {limits.output_bytes // _MIB} MiB", "print less"),
        (MemoryError, f"needs more than {limits.memory_bytes // _MIB} MiB of memory", "print less"),
        (RecursionError, "uses itself without end", f'extend "default:{template}"'),
        (OverflowError, "counts further than a report needs", "shorten its loops"),
        (ZeroDivisionError, "divides by zero", "templates need not calculate"),
        (TypeError, "puts together values of different kinds", _LISTED),
    ):
        if isinstance(error, kind):
            return problem, remedy
    return _said(error, own)


def _said(error: BaseException, own: Mapping[str, Source]) -> tuple[str, str]:
    """The reason in the words of Jinja, where these tell nothing of the report."""
    message = (getattr(error, "message", None) or "").rstrip(".")
    unknown = re.match(r"No filter named '(\w+)'", message)
    if unknown is not None and unknown[1] in _FILTERS:
        return f"the filter {unknown[1]!r} is not allowed", _FILTERS[unknown[1]]
    if isinstance(error, TemplateSyntaxError | Unprintable):
        return message, "correct the template"  # nothing of the report is known yet, or told
    names = [first or second for first, second in _QUOTED.findall(message)]
    told = all(_is_told(name, own) for name in names)
    if isinstance(error, TemplateNotFound):
        told = _is_told(str(error.name), own)
        message = f"there is no template {str(error.name)!r}"
    for kind, untold, remedy in _KINDS:
        if isinstance(error, kind):
            return message if told else untold, remedy
    return f"cannot be evaluated ({type(error).__name__})", "correct the template"


def _is_told(name: str, own: Mapping[str, Source]) -> bool:
    """Whether a name is one of Jinja's own, of a template, or stands in a template of the site."""
    return (
        _OBJECT.fullmatch(name) is not None
        or name.removeprefix("default:") in own
        or any(name in source.text or name == source.path for source in own.values())
    )


def find_omissions(
    task: Task, printout: Printout, path: str, templates: Iterable[str] = ()
) -> list[Fault]:
    """What a report leaves out that it must say, and what it holds that none may.

    A Typst source is a program: what its pages say is read from these (`pdf_pages`). Of a page only
    what stands in one of the `templates` is quoted.
    """
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t\r" for c in printout.text):
        return [Fault(path, "prints control characters", "remove them")]
    if task.template not in _REPORTS or kind_of(task.template) == "typ":
        return []
    texts = [printout.text]
    if task.blocks:
        texts.append("\n".join(printout.blocks.values()))
    try:
        if kind_of(task.template) == "html":
            texts = [read_page(text) for text in texts]
    except UnclearPage as unclear:
        return [Fault(path, unclear.tell(templates), _PLAIN)]
    if any(map(turns_letters, texts)):
        return [Fault(path, "turns letters round by U+202D or U+202E", "remove them")]
    statements = statements_of(task.data)
    seen = [see(text) for text in texts]
    unsaid = dict.fromkeys(problem for each in seen for problem in find_unsaid(statements, each))
    misnamed = find_misnamed(statements, *seen)
    return [
        *(Fault(path, problem, _KEEP) for problem in unsaid),
        *(Fault(path, problem, PRINT_GIVEN) for problem in misnamed),
    ]
