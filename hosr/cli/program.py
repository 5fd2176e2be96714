"""Running a command: its exit code, and one plain line for whatever goes wrong."""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, NoReturn

from hosr.cli import (
    archive,
    batch,
    check,
    cohort,
    describe,
    desk,
    documents,
    example,
    grade,
    history,
    imports,
    lint,
    outbox,
    report,
    send,
    sign,
    watch,
    withdraw,
)
from hosr.cli.terminal import EXIT_CODES, tell_faults
from hosr.cli.verbosity import add_verbosity, logged
from hosr.dicom.decoders import leave_out_decoders
from hosr.errors import HosrError, place_of
from hosr.version import __version__

_DRAFT = (
    "Not a medical device: it grades by published rules what a reader or a model has recorded, "
    "and every report is a draft until a person has signed it."
)


class _Command(NamedTuple):
    """What a command is for, its arguments, and the call; None where it has commands of its own."""

    words: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int] | None = None


_COMMANDS = {
    "example": _Command("a sample study, to try things on", example.add_arguments, example.run),
    "report": _Command("make the reports of a graded study", report.add_arguments, report.run),
    "grade": _Command("derive and check the grades of a record", grade.add_arguments, grade.run),
    "check": _Command(
        "list all faults of a record and its images; write nothing",
        check.add_arguments,
        check.run,
    ),
    "show": _Command("a report of hosr in words", documents.add_show, documents.show),
    "read": _Command("a measurement report back to its record", documents.add_read, documents.read),
    "sign": _Command("the signed version of a draft", sign.add_sign, sign.sign),
    "amend": _Command("a signed report, amended and signed anew", sign.add_amend, sign.amend),
    "addend": _Command("words added to a signed report", sign.add_addend, sign.addend),
    "withdraw": _Command(
        "take a report back: archives, RIS and EHR are told", withdraw.add_arguments, withdraw.run
    ),
    "history": _Command(
        "the versions of reports, and which one prevails", history.add_arguments, history.run
    ),
    "import": _Command(
        "what models, viewers and registries wrote, as records",
        imports.add_arguments,
        imports.run,
    ),
    "batch": _Command(
        "make the reports of many studies; go on where an earlier run ended",
        batch.add_arguments,
        batch.run,
    ),
    "cohort": _Command(
        "one table of many reports, and its statistics", cohort.add_arguments, cohort.run
    ),
    "send": _Command(
        "send reports to an archive, so that none is lost", send.add_arguments, send.run
    ),
    "outbox": _Command("what is on its way to archives, and what needs you", outbox.add_arguments),
    "archive": _Command("try an archive, look into it, fetch from it", archive.add_arguments),
    "watch": _Command(
        "make drafts of results as they arrive, by an inbox or by DICOM",
        watch.add_arguments,
        watch.run,
    ),
    "desk": _Command("drafts in the browser: look, correct, sign", desk.add_arguments, desk.run),
    "lint": _Command(
        "try your own templates on every example; list their faults",
        lint.add_arguments,
        lint.run,
    ),
    "describe": _Command("what hosr reads, writes and means", describe.add_arguments, describe.run),
}

_FAILED = 1
_INTERRUPTED = 130
_COMPLETING = "_ARGCOMPLETE"
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def run() -> NoReturn:
    """The entry point of the `hosr` command."""
    leave_out_decoders()
    # Matrices of hosr have three columns: more threads only wait, and take the cores of others.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Headers are read into very many small objects, and hardly any of them is garbage: looking for it
    # at every 700 of them, as Python does, takes a quarter of the time.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    if not sys.warnoptions:
        # Libraries quote header values in their warnings, and a terminal is no place for them.
        warnings.simplefilter("ignore")
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 (open until the end)
        elif isinstance(stream, io.TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
    sys.exit(main())


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="hosr",
        description=(
            "Turn a grading of heterotopic ossification of the hip into DICOM structured reports, "
            "pages and pictures, and read them back."
        ),
        epilog=_DRAFT,
    )
    parser.add_argument("--version", action="version", version=f"hosr {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in _COMMANDS.items():
        subparser = commands.add_parser(
            name,
            help=command.words,
            description=f"{command.words[:1].upper()}{command.words[1:]}.",
            epilog=_DRAFT,
        )
        command.add_arguments(subparser)
        if command.run is not None:
            subparser.set_defaults(command=command.run)
    add_verbosity(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no exception passes."""
    try:
        parser = make_parser()
        if _COMPLETING in os.environ:  # a shell asks what may come next
            import argcomplete

            argcomplete.autocomplete(parser)
        arguments = parser.parse_args(argv)
        command: Callable[[argparse.Namespace], int] = arguments.command
        with logged(arguments):
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
    code, words = EXIT_CODES[type(error)]
    tell_faults(words, error.faults)
    return code
