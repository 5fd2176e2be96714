"""The process that prints the templates of a site: `run_confined` starts it with a request.

Request and answer are JSON: the sources of all templates, the language, the limits and the tasks
in; the printout or the fault of each task out. It opens no file once it has read the request.
"""

from __future__ import annotations

import codecs
import json
import sys
import textwrap  # noqa: F401 (Jinja imports it in a filter, when no file can be opened)
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import jinja2.debug  # noqa: F401 (Jinja imports it at the first error, when no file can be opened)

from hosr.language import language_of
from hosr.language.catalogue import catalogue_of
from hosr.sandbox import Limits, OutOfTime, confine, timed
from hosr.templating.environment import make_environment
from hosr.templating.printing import Task, print_task
from hosr.templating.refusals import explain
from hosr.templating.sources import Source

if TYPE_CHECKING:
    from jinja2 import Environment

    from hosr.language import Language


def write_request(
    tasks: Sequence[Task],
    language: Language,
    own: Mapping[str, Source],
    shipped: Mapping[str, Source],
    limits: Limits,
) -> bytes:
    """What `main` is asked."""
    request = {
        "language": language.tag,
        "own": {name: asdict(source) for name, source in own.items()},
        "shipped": {name: asdict(source) for name, source in shipped.items()},
        "limits": asdict(limits),
        "tasks": [asdict(task) for task in tasks],
    }
    return json.dumps(request, allow_nan=False).encode()


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin.buffer)
    # Files that can be read no later: the messages, and what Jinja reads string literals with.
    catalogue_of(request["language"])
    codecs.lookup("unicode-escape")
    limits = Limits(**request["limits"])
    confine(limits, works=len(request["tasks"]))
    json.dump(_answer(request, limits), sys.stdout)


def _answer(request: dict[str, Any], limits: Limits) -> list[dict[str, Any]]:
    own = {name: Source(**source) for name, source in request["own"].items()}
    shipped = {name: Source(**source) for name, source in request["shipped"].items()}
    environment = make_environment(own, shipped, language_of(request["language"]))
    endless: dict[str, dict[str, Any]] = {}
    answers = []
    for asked in request["tasks"]:
        # What took too long once is not waited for again.
        answer = endless.get(asked["template"]) or _done(asked, environment, own, limits)
        if answer.get("out_of_time"):
            endless[asked["template"]] = answer
        answers.append(answer)
    return answers


def _done(
    asked: dict[str, Any], environment: Environment, own: Mapping[str, Source], limits: Limits
) -> dict[str, Any]:
    task = Task(template=asked["template"], data=asked["data"], blocks=tuple(asked["blocks"]))
    try:
        with timed(limits.seconds):
            printout = print_task(environment, task, limits.output_bytes)
    except (Exception, OutOfTime) as error:  # noqa: BLE001 (whatever stops a template is told)
        fault = asdict(explain(error, task.template, own, limits))
        return {"fault": fault, "out_of_time": isinstance(error, OutOfTime)}
    return {"printout": asdict(printout)}
