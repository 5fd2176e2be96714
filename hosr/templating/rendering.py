"""Templates and data to text: in this process what is shipped, a site's own in a sandbox.

The sandbox is given the sources of all templates, the language and the tasks, and answers with the
printout or the faults of each task, which it has looked for there too: what a template prints may
be long. It opens no file once it has read the request.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from jinja2 import Environment, meta

from hosr.errors import Fault, TemplateRefused
from hosr.language import language_of
from hosr.language.language import catalogue_of
from hosr.sandbox import LIMITS, End, Ended, Limits, OutOfTime, run_in_sandbox, timed
from hosr.templating.environment import (
    Plain,
    Printout,
    Task,
    environment_of,
    make_environment,
    print_task,
)
from hosr.templating.refusals import explain, find_omissions
from hosr.templating.sources import Source, Wording, read_shipped, read_site


def render(template: str, data: Mapping[str, Plain], wording: Wording) -> str:
    """The text of one template.

    Raises `TemplateRefused` where a site's template cannot be used; several are printed faster
    with `render_all`.
    """
    (printout,) = render_all([Task(template=template, data=data)], wording)
    return printout.text


def render_blocks(
    template: str, blocks: tuple[str, ...], data: Mapping[str, Plain], wording: Wording
) -> Mapping[str, str]:
    """The text of each of these blocks of a template.

    Raises `TemplateRefused` as `render` does, and where a block is missing or empty.
    """
    task = Task(template=template, data=data, blocks=blocks)
    (printout,) = render_all([task], wording)
    faults = find_missing_blocks(task, printout)
    if faults:
        raise TemplateRefused(faults)
    return printout.blocks


def find_missing_blocks(task: Task, printout: Printout) -> list[Fault]:
    """A fault for each block that was asked for and is missing or empty."""
    remedy = f'begin the template with {{% extends "default:{task.template}" %}}'
    return [
        Fault(task.template, f"the block {name!r} {problem}", remedy)
        for name in task.blocks
        if (problem := _shortcoming(printout.blocks.get(name)))
    ]


def _shortcoming(block: str | None) -> str:
    if block is None:
        return "is missing"
    return "" if block.strip() else "prints nothing"


def render_all(tasks: Sequence[Task], wording: Wording) -> tuple[Printout, ...]:
    """The printouts of several tasks at once, in their order.

    Raises `TemplateRefused` as `render` does.
    """
    done = try_all(tasks, wording)
    faults = [fault for faults in done if isinstance(faults, list) for fault in faults]
    if faults:
        raise TemplateRefused(dict.fromkeys(faults))
    return tuple(printout for printout in done if isinstance(printout, Printout))


def try_all(
    tasks: Sequence[Task], wording: Wording, limits: Limits = LIMITS
) -> list[Printout | list[Fault]]:
    """The printout of each task, or why there is none.

    Raises `TemplateRefused` where the folder of the site cannot be read.
    """
    own = read_site(wording.site, wording.language.tag) if wording.site is not None else {}
    if not any(_used(task.template) & own.keys() for task in tasks):
        environment = environment_of(wording.language)
        return [print_task(environment, task) for task in tasks]
    asked = {
        "language": wording.language.tag,
        "own": {name: asdict(source) for name, source in own.items()},
        "shipped": {name: asdict(source) for name, source in read_shipped().items()},
        "limits": asdict(limits),
        "tasks": [asdict(task) for task in tasks],
    }
    ended = run_in_sandbox(__name__, asked, limits=limits, works=len(tasks))
    if ended.how is not End.DONE:
        return [[_unanswered(ended, task.template, own, limits)] for task in tasks]
    return [_read(answer) for answer in ended.told["answers"]]


def _unanswered(ended: Ended, template: str, own: Mapping[str, Source], limits: Limits) -> Fault:
    if ended.how is End.OUT_OF_TIME:
        return explain(OutOfTime(), template, own, limits)
    return Fault(_path(template, own), "ended the process that prints it", "make it simpler")


def _read(answer: Mapping[str, Any]) -> Printout | list[Fault]:
    if "faults" in answer:
        return [Fault(**fault) for fault in answer["faults"]]
    return Printout(**answer["printout"])


def is_own(template: str, wording: Wording) -> bool:
    """Whether a site has a word in what this template prints."""
    if wording.site is None:
        return False
    return bool(_used(template) & read_site(wording.site, wording.language.tag).keys())


@cache
def _used(template: str) -> frozenset[str]:
    """The name of a shipped template and of all that it uses: what a site can put its own for."""
    source = read_shipped().get(template)
    if source is None:
        return frozenset((template,))
    tree = environment_of().parse(source.text)
    names = [name for name in meta.find_referenced_templates(tree) if name is not None]
    return frozenset((template,)).union(*map(_used, names))


def _path(template: str, own: Mapping[str, Source]) -> str:
    return own[template].path if template in own else template


def load() -> None:
    """Import what Jinja imports where it needs it."""
    import textwrap  # noqa: F401 (in a filter)

    import jinja2.debug  # noqa: F401 (at the first error)

    codecs.lookup("unicode-escape")  # for string literals


def prepare(asked: Mapping[str, Any]) -> None:
    """Read the messages, which can be read no later."""
    catalogue_of(asked["language"])


def work(asked: Mapping[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
    """The answer to each task of a request of `try_all`, in the sandbox."""
    return {"answers": _answer(asked, Limits(**asked["limits"]))}, b""


def _answer(request: Mapping[str, Any], limits: Limits) -> list[dict[str, Any]]:
    own = {name: Source(**source) for name, source in request["own"].items()}
    shipped = {name: Source(**source) for name, source in request["shipped"].items()}
    environment = make_environment(own, shipped, language_of(request["language"]))
    texts = tuple(source.text for source in (*own.values(), *shipped.values()))
    endless: dict[str, dict[str, Any]] = {}
    answers = []
    for asked in request["tasks"]:
        # What took too long once is not waited for again.
        answer = endless.get(asked["template"]) or _done(asked, environment, own, texts, limits)
        if answer.get("out_of_time"):
            endless[asked["template"]] = answer
        answers.append(answer)
    return answers


def _done(
    asked: dict[str, Any],
    environment: Environment,
    own: Mapping[str, Source],
    texts: Sequence[str],
    limits: Limits,
) -> dict[str, Any]:
    task = Task(template=asked["template"], data=asked["data"], blocks=tuple(asked["blocks"]))
    try:
        with timed(limits.seconds):
            printout = print_task(environment, task, limits.output_bytes)
            faults = find_omissions(task, printout, _path(task.template, own), texts)
    except (Exception, OutOfTime) as error:  # noqa: BLE001 (whatever stops a template is told)
        fault = asdict(explain(error, task.template, own, limits))
        return {"faults": [fault], "out_of_time": isinstance(error, OutOfTime)}
    return {"faults": list(map(asdict, faults))} if faults else {"printout": asdict(printout)}
