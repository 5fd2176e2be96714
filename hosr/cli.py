"""The command line: arguments to calls, errors to exit codes."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hosr import __version__
from hosr.errors import (
    DocumentRefused,
    Fault,
    HosrError,
    ImagesRefused,
    RecordRefused,
    TemplateRefused,
    Unencodable,
    UsageError,
)

if TYPE_CHECKING:
    from hosr.narrative.wording import Wording
    from hosr.outputs import Outcome
    from hosr.report import GradedHip

__all__ = ["EXIT_CODES", "main", "run"]

EXIT_CODES: dict[type[HosrError], tuple[int, str]] = {
    UsageError: (2, "cannot be done as asked"),
    TemplateRefused: (2, "template refused"),
    RecordRefused: (3, "record refused"),
    DocumentRefused: (4, "document refused"),
    ImagesRefused: (4, "images refused"),
    Unencodable: (5, "cannot be encoded"),
}
_FAILED = 1
_INTERRUPTED = 130

_TOPICS = ("schema", "vocabulary", "scales", "flags", "refusals", "codes", "conformance", "templates")
_DRAFT = (
    "Not a medical device: it grades by published rules what a reader or a model has recorded, "
    "and every report is a draft until a person has signed it."
)

# More than any document of hosr holds; the rest of a larger file is not read.
_MAX_DOCUMENT_BYTES = 65 * 1024 * 1024


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
        arguments = _parser().parse_args(argv)
        command: Callable[[argparse.Namespace], int] = arguments.command
        code = command(arguments)
        sys.stdout.flush()
    except SystemExit as leave:  # argparse has said why
        return leave.code if isinstance(leave.code, int) else 0
    except HosrError as error:
        return _refuse(error)
    except KeyboardInterrupt:
        return _say("interrupted", _INTERRUPTED)
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
        return _say(f"the output cannot be written ({error.strerror})", _FAILED)
    return _say(f"internal error, {_where(error)}; please report it", _FAILED)


def _say(sentence: str, code: int = 0) -> int:
    print(f"hosr: {sentence}", file=sys.stderr)
    return code


def _refuse(error: HosrError) -> int:
    from hosr.console import printable

    code, words = EXIT_CODES[type(error)]
    _say(words)
    for fault in error.faults:
        print(f"  {printable(str(fault))}", file=sys.stderr)
    return code


def _where(error: Exception) -> str:
    """The kind of an error and the line it comes from: never its text, which may name a patient."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return type(error).__name__
    file = Path(last.tb_frame.f_code.co_filename).name
    return f"{type(error).__name__} in {file}, line {last.tb_lineno}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hosr",
        description=(
            "Turn a grading of heterotopic ossification of the hip into DICOM structured reports "
            "and text, and read them back."
        ),
        epilog=_DRAFT,
    )
    parser.add_argument("--version", action="version", version=f"hosr {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (words, add) in _COMMANDS.items():
        add(
            commands.add_parser(
                name, help=words, description=words.capitalize() + ".", epilog=_DRAFT
            )
        )
    return parser


def _add_inputs(parser: argparse.ArgumentParser, *, images_required: bool) -> None:
    images = (
        "--images PATH [PATH ...] --out DIR" if images_required else "[--images PATH [PATH ...]]"
    )
    parser.usage = f"%(prog)s RECORD {images} [options]"
    parser.add_argument("record", type=Path, metavar="RECORD", help="JSON, CSV or Parquet")
    parser.add_argument(
        "--images",
        type=Path,
        nargs="+",
        required=images_required,
        default=[],
        metavar="PATH",
        help="the graded images: files, folders, DICOMDIR or ZIP",
    )
    parser.add_argument(
        "--assume-charset",
        metavar="TERM",
        help="character set of headers that use one without naming it, such as ISO_IR 100",
    )


def _add_report(parser: argparse.ArgumentParser) -> None:
    _add_inputs(parser, images_required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    parser.add_argument(
        "--make",
        metavar="LIST",
        help=(
            "outputs, separated by commas: measurement, narrative, text, html, pdf, encapsulated, "
            "overlay, keyobjects, pictures, captures (default: all but captures)"
        ),
    )
    _add_wording(parser)
    parser.add_argument(
        "--profile",
        choices=["air", "stone"],
        default="air",
        help="air: Comprehensive 3D SR (default); stone: Comprehensive SR",
    )
    parser.add_argument(
        "--hydrate", action="store_true", help="let OHIF turn drawn lines into measurements"
    )
    parser.add_argument(
        "--terminology",
        choices=["open", "snomed"],
        default="open",
        help="open: only codes free of licence (default); snomed: SNOMED CT where it has a code",
    )
    parser.add_argument("--json", action="store_true", help="print the manifest")
    parser.set_defaults(command=_report)


def _add_wording(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--language",
        choices=["en", "de", "fr", "es", "it"],
        default="en",
        help="language of the text: en (default), de, fr, es, it",
    )
    parser.add_argument(
        "--templates",
        type=Path,
        metavar="DIR",
        help="folder of your own templates, which go before those shipped",
    )


def _add_grade(parser: argparse.ArgumentParser) -> None:
    _add_inputs(parser, images_required=False)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=_grade)


def _add_check(parser: argparse.ArgumentParser) -> None:
    _add_inputs(parser, images_required=False)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=_check)


def _add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "document", type=Path, metavar="FILE", help="measurement.dcm or narrative.dcm"
    )
    _add_wording(parser)
    parser.set_defaults(command=_show)


def _add_read(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("document", type=Path, metavar="FILE", help="measurement.dcm")
    parser.set_defaults(command=_read)


def _add_lint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of your own templates")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=_lint)


def _add_describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topic", choices=_TOPICS, metavar="TOPIC", help=", ".join(_TOPICS))
    parser.set_defaults(command=_describe)


_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "report": ("make the reports of a graded study", _add_report),
    "grade": ("derive and check the grades of a record", _add_grade),
    "check": ("list all faults of a record and its images; write nothing", _add_check),
    "show": ("a report of hosr in words", _add_show),
    "read": ("a measurement report back to its record", _add_read),
    "lint": ("try your own templates on every example; list their faults", _add_lint),
    "describe": ("what hosr reads, writes and means", _add_describe),
}


def _report(arguments: argparse.Namespace) -> int:
    from hosr.archive.folder import write_folder
    from hosr.codes import Terminology
    from hosr.console import show_report
    from hosr.outputs import make_files
    from hosr.sr.profiles import Options, ProfileName

    outputs = _outputs(arguments.make)
    outcome = _outcome(arguments)
    options = Options(
        profile=ProfileName(arguments.profile),
        hydrate=arguments.hydrate,
        terminology=Terminology(arguments.terminology),
    )
    files = make_files(outcome, outputs, options, _wording(arguments))
    paths = write_folder({made.name: made.data for made in files}, arguments.out)
    if arguments.json:
        sys.stdout.write(files[-1].data.decode())
    else:
        show_report(outcome, paths)
    return 0


def _outputs(named: str | None) -> tuple[str, ...]:
    """The outputs named, each by its name; those of the default where none is."""
    from hosr.outputs import DEFAULT_OUTPUTS, OUTPUTS

    if named is None:
        return DEFAULT_OUTPUTS
    outputs = [name.strip() for name in named.split(",") if name.strip()]
    unknown = [name for name in outputs if name not in OUTPUTS]
    if unknown or not outputs:
        problem = f"{', '.join(unknown) or 'nothing'} cannot be made"
        raise UsageError(Fault("--make", problem, f"name some of {', '.join(OUTPUTS)}"))
    return tuple(outputs)


def _wording(arguments: argparse.Namespace) -> Wording:
    from hosr.language import language_of
    from hosr.narrative.wording import Wording

    return Wording(language_of(arguments.language), arguments.templates)


def _outcome(arguments: argparse.Namespace) -> Outcome:
    from hosr.intake.choosing import choose, read_records
    from hosr.intake.images import read_images
    from hosr.pipeline import make_report

    records = read_records(arguments.record)
    images = read_images(arguments.images, assume_charset=arguments.assume_charset)
    chosen = choose(records, images, arguments.record.name)
    with chosen.located():
        return make_report(chosen.record, images)


def _grade(arguments: argparse.Namespace) -> int:
    from hosr.console import show_grades
    from hosr.pipeline import is_unmeasured
    from hosr.report import grading_json

    graded = _graded(arguments)
    if arguments.json and len(graded) == 1:
        print(json.dumps(grading_json(graded[0][1]), indent=2))
    elif arguments.json:
        found = [{"id": name, **grading_json(hips)} for name, hips in graded]
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for name, hips in graded:
            show_grades(hips, name if len(graded) > 1 else "")
    if not arguments.images and any(is_unmeasured(i.hip) for _, hips in graded for i in hips):
        _say("lengths marked by points are not measured; name the images with --images")
    return 0


def _graded(arguments: argparse.Namespace) -> list[tuple[str, tuple[GradedHip, ...]]]:
    """The grades of every record, by its name in a table."""
    from hosr.intake.choosing import read_records
    from hosr.pipeline import grade_record

    if arguments.images:
        return [("", _outcome(arguments).report.hips)]
    graded = []
    for recorded in read_records(arguments.record):
        with recorded.located():
            graded.append((recorded.name, grade_record(recorded.record)))
    return graded


def _check(arguments: argparse.Namespace) -> int:
    from hosr.console import printable
    from hosr.pipeline import find_refusals

    errors = find_refusals(arguments.record, arguments.images, arguments.assume_charset)
    faults = list(dict.fromkeys(fault for error in errors for fault in error.faults))
    if arguments.json:
        found = [
            {"path": f.path, "problem": f.problem, "remedy": f.remedy, "rule": f.rule}
            for f in faults
        ]
        print(json.dumps({"faults": found}, indent=2, ensure_ascii=False))
    else:
        print("\n".join(printable(str(fault)) for fault in faults) or "no faults")
    return min((EXIT_CODES[type(error)][0] for error in errors), default=0)


def _lint(arguments: argparse.Namespace) -> int:
    from hosr.console import show_trial
    from hosr.template_trial import try_templates

    trial = try_templates(arguments.folder)
    show_trial(trial, as_json=arguments.json)
    return EXIT_CODES[TemplateRefused][0] if trial.faults else 0


def _show(arguments: argparse.Namespace) -> int:
    from hosr.narrative import render_text
    from hosr.sr import decode, read_narrative

    data = _read_document(arguments.document)
    sections = read_narrative(data, arguments.document.name)
    if sections is None:
        report = decode(data, arguments.document.name)
        print(render_text(report, _wording(arguments)), end="")
    else:
        for title, paragraphs in sections:
            print("\n".join((title.upper(), *paragraphs, "")))
    return 0


def _read(arguments: argparse.Namespace) -> int:
    from hosr.pipeline import report_record
    from hosr.sr import decode

    report = decode(_read_document(arguments.document), arguments.document.name)
    print(json.dumps(report_record(report), indent=2, ensure_ascii=False))
    return 0


def _read_document(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_DOCUMENT_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is no name of a file"
        fault = Fault(path.name or str(path), f"cannot be read ({reason})", "check the path")
        raise DocumentRefused(fault) from error


def _describe(arguments: argparse.Namespace) -> int:
    from hosr.description import describe

    print(describe(arguments.topic), end="")
    return 0
