"""Templates and data to text: in this process what is shipped, a site's own in a confined one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import meta

from hosr.errors import Fault, TemplateRefused
from hosr.sandbox import LIMITS, Ended, Limits, OutOfTime, run_confined
from hosr.templating.confined import write_request
from hosr.templating.environment import environment_of
from hosr.templating.printing import Printout, Task, print_task
from hosr.templating.refusals import explain
from hosr.templating.safeguards import find_omissions
from hosr.templating.sources import read_shipped, read_site
from hosr.templating.wording import Wording

if TYPE_CHECKING:
    from hosr.templating.environment import Plain
    from hosr.templating.sources import Source


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
    request = write_request(tasks, wording.language, own, read_shipped(), limits)
    ended = run_confined("hosr.templating.confined", request, limits, works=len(tasks))
    if not ended.succeeded:
        return [[_unanswered(ended, task.template, own, limits)] for task in tasks]
    return [
        _checked(task, answer, _path(task.template, own))
        for task, answer in zip(tasks, json.loads(ended.answer), strict=True)
    ]


def _unanswered(ended: Ended, template: str, own: Mapping[str, Source], limits: Limits) -> Fault:
    if not ended.in_time:
        return explain(OutOfTime(), template, own, limits)
    return Fault(_path(template, own), "ended the process that prints it", "make it simpler")


def _checked(task: Task, answer: Mapping[str, Any], path: str) -> Printout | list[Fault]:
    if "fault" in answer:
        return [Fault(**answer["fault"])]
    printout = Printout(**answer["printout"])
    return find_omissions(task, printout, path) or printout


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
