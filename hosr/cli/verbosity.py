"""`-v` and `-vv` of every command: the log of the library on standard error, a line at once, with its time."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from hosr.cli.terminal import printable

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from logging import LogRecord

_WORDS = "log on standard error what is being done; -vv in detail; never patient data"


def add_verbosity(parser: argparse.ArgumentParser) -> None:
    """The option for a parser and all those below it, so that it may stand before or after a command."""
    parser.add_argument("-v", "--verbose", action="count", default=argparse.SUPPRESS, help=_WORDS)
    for action in parser._actions:  # noqa: SLF001 (argparse has no other way to them)
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 (it has no public name)
            for below in action.choices.values():
                add_verbosity(below)


def logged(arguments: argparse.Namespace) -> AbstractContextManager[None]:
    """The log as this call wants it, as long as the context lasts; nothing where it wants none."""
    count: int = getattr(arguments, "verbose", 0)
    return _logged(count) if count else nullcontext()


@contextmanager
def _logged(count: int) -> Iterator[None]:
    # Only here, for it takes as long to import as all other commands take to start.
    import datetime as dt
    import logging
    import sys

    from hosr.logs import ROOT

    class Lines(logging.Formatter):
        """A line: the time by ISO 8601, the level, the module, the words."""

        def format(self, record: LogRecord) -> str:
            at = dt.datetime.fromtimestamp(record.created).astimezone()
            words = printable(record.getMessage())
            return (
                f"{at.isoformat(timespec='milliseconds')} {record.levelname} {record.name}: {words}"
            )

    # Only our own: what libraries log may hold values of headers.
    log, handler = logging.getLogger(ROOT), logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    level = log.level
    log.setLevel(logging.INFO if count == 1 else logging.DEBUG)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
