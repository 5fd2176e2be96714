"""Running a command: its exit code, and one plain line for whatever goes wrong."""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from hosr.cli.arguments import make_parser
from hosr.cli.exit_codes import EXIT_CODES
from hosr.errors import HosrError, place_of

_FAILED = 1
_INTERRUPTED = 130


def run() -> NoReturn:
    """The entry point of the `hosr` command."""
    if not sys.warnoptions:
        # Libraries quote header values in their warnings, and a terminal is no place for them.
        warnings.simplefilter("ignore")
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif isinstance(stream, io.TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
    sys.exit(main())


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no exception passes."""
    try:
        arguments = make_parser().parse_args(argv)
        command: Callable[[argparse.Namespace], int] = arguments.command
        code = command(arguments)
        sys.stdout.flush()
    except SystemExit as leave:  # argparse has said why
        return leave.code if isinstance(leave.code, int) else 0
    except HosrError as error:
        return _refuse(error)
    except KeyboardInterrupt:
        return _tell("interrupted", _INTERRUPTED)
    except Exception as error:  # noqa: BLE001 (no traceback reaches a user)
        return _fail(error)
    return code


def _fail(error: Exception) -> int:
    """One line for what was not foreseen; a reader that has seen enough is no failure."""
    if isinstance(error, OSError) and error.filename is None:
        # Lose what is still to be written, or Python would try once more as it ends.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 0
        return _tell(f"the output cannot be written ({error.strerror})", _FAILED)
    return _tell(f"internal error, {place_of(error)}; please report it", _FAILED)


def _tell(sentence: str, code: int = 0) -> int:
    print(f"hosr: {sentence}", file=sys.stderr)
    return code


def _refuse(error: HosrError) -> int:
    from hosr.cli.terminal import printable

    code, words = EXIT_CODES[type(error)]
    _tell(words)
    for fault in error.faults:
        print(f"  {printable(str(fault))}", file=sys.stderr)
    return code
