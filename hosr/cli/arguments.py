"""The arguments that several commands share, and the values they stand for."""

from __future__ import annotations

import argparse
import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from hosr.messages import MessageForm
    from hosr.outputs import OutputName
    from hosr.sr.receivers import Options
    from hosr.templating.sources import Wording


# More processes than any one machine is known to need; a slip of the finger is told instead.
_MOST_JOBS = 256
_WEEK_S = 7 * 86_400
_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def add_inputs(parser: argparse.ArgumentParser, *, images_required: bool) -> None:
    """A record and its images."""
    images = (
        "--images PATH [PATH ...] --out DIR" if images_required else "[--images PATH [PATH ...]]"
    )
    parser.usage = f"%(prog)s RECORD {images} [options]"
    parser.add_argument(
        "record", type=Path, metavar="RECORD", help="JSON, JSONL, CSV, Parquet or XLSX"
    )
    parser.add_argument(
        "--images",
        nargs="+",
        required=images_required,
        default=[],
        metavar="PATH",
        help=(
            "the graded images: files, folders, DICOMDIR or ZIP; or an archive that has them: "
            "archive:NAME, dimse://CALLED@host:port or https://host/dicom-web"
        ),
    )
    parser.add_argument(
        "--study",
        metavar="UID",
        help="study to fetch from an archive (default: the record says it)",
    )
    add_charset(parser)


def add_require_identity(parser: argparse.ArgumentParser, *, default: bool) -> None:
    """Whether a record must name what it is about."""
    parser.add_argument(
        "--require-identity",
        action=argparse.BooleanOptionalAction,
        default=default,
        help=(
            "refuse a record that names neither study, patient, accession number nor image "
            f"(default: {'yes' if default else 'no, it is noted'})"
        ),
    )


def add_priors(parser: argparse.ArgumentParser) -> None:
    """Earlier reports to compare with."""
    parser.add_argument(
        "--prior",
        action="append",
        default=[],
        metavar="PATH",
        help=(
            "an earlier report of the patient to compare with: the folder of a signed one, or its "
            "measurement.dcm; or an archive to look for them in: archive:NAME, "
            "dimse://CALLED@host:port, https://host/dicom-web; may be given again"
        ),
    )
    parser.add_argument(
        "--merged-id",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="a patient ID that earlier reports are filed under, and the one that took its place",
    )


def add_prior_images(parser: argparse.ArgumentParser) -> None:
    """Images of then, to be shown."""
    parser.add_argument(
        "--prior-images",
        nargs="+",
        type=Path,
        default=[],
        metavar="PATH",
        help=(
            "files, folders or ZIP archives with the images of the earlier report: its key image stands "
            "on the page and in the PDF beside that of this one"
        ),
    )


def merged_ids_of(arguments: argparse.Namespace) -> dict[str, str]:
    """Each old patient ID with the new one, as they are written; UsageError where one is none."""
    if not arguments.merged_id:
        return {}
    from hosr.lifecycle.priors import parse_merged

    for text in arguments.merged_id:
        parse_merged(text)
    return {old: new for old, _, new in (text.partition("=") for text in arguments.merged_id)}


def add_out(parser: argparse.ArgumentParser) -> None:
    """The folder that is written."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")


def add_json(parser: argparse.ArgumentParser, words: str = "print JSON") -> None:
    """The form for programs."""
    parser.add_argument("--json", action="store_true", help=words)


def add_jobs(group: argparse._ActionsContainer, words: str) -> None:
    """How many processes work at once."""
    group.add_argument(
        "--jobs",
        type=parse_jobs,
        metavar="N",
        help=f"processes that {words} at once (default: one for each processor)",
    )


def parse_jobs(text: str) -> int:
    """A number of processes; argparse tells the sentence of what is none."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= _MOST_JOBS:
        raise argparse.ArgumentTypeError(f"is no number from 1 to {_MOST_JOBS}")
    return number


def parse_seconds(text: str) -> float:
    """A time to wait; argparse tells the sentence of what is none."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _WEEK_S:  # nor is NaN
        raise argparse.ArgumentTypeError("is no number of seconds from 0 to a week")
    return seconds


def parse_zone(name: str) -> ZoneInfo:
    """A time zone by its name; argparse tells the sentence of what is none."""
    try:
        return ZoneInfo(name)
    except Exception:  # noqa: BLE001 (ZoneInfo raises OSError, ValueError, TypeError, KeyError)
        words = "is no time zone of the IANA list: write Europe/Berlin or UTC, for example"
        raise argparse.ArgumentTypeError(words) from None


def add_timezone(parser: argparse.ArgumentParser) -> None:
    """Where sources were written whose times do not say it."""
    parser.add_argument(
        "--timezone",
        type=parse_zone,
        metavar="NAME",
        help="where times without an offset from UTC were written, such as Europe/Berlin",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """A length of time, and how it was written."""

    text: str
    seconds: float


def parse_age(text: str) -> Age:
    """A length of time: 90, 90s, 15m, 1h, 2d."""
    unit = _UNITS_S.get(text[-1:], 0.0)
    try:
        seconds = float(text[:-1]) * unit if unit else float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3650 * _UNITS_S["d"]:
        raise argparse.ArgumentTypeError("is no length of time: write 90s, 15m, 1h or 2d")
    return Age(text=text, seconds=seconds)


def jobs_of(arguments: argparse.Namespace) -> int:
    """The processes asked for, else as many as there are processors that this one may use."""
    jobs: int | None = arguments.jobs
    if jobs is not None:
        return jobs
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def add_charset(parser: argparse.ArgumentParser) -> None:
    """How to read headers that do not say it."""
    charset = parser.add_mutually_exclusive_group()
    charset.add_argument(
        "--assume-charset",
        metavar="TERM",
        help="character set of headers that use one without naming it, such as ISO_IR 100",
    )
    charset.add_argument(
        "--override-charset",
        metavar="TERM",
        help="character set of all headers, whatever they declare, such as GB18030; is noted",
    )


def add_tls(parser: argparse.ArgumentParser) -> None:
    """The files by which what listens encrypts its connections."""
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate, PEM")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM")


def tls_of(arguments: argparse.Namespace) -> tuple[Path, Path] | None:
    """The certificate and its key; None where neither is given. Raises `UsageError` for one alone."""
    files = {"--tls-cert": arguments.tls_cert, "--tls-key": arguments.tls_key}
    if not any(files.values()):
        return None
    faults = [
        Fault(option, "is missing, or no file", "give the files of the certificate and of its key")
        for option, path in files.items()
        if path is None or not path.is_file()
    ]
    if faults:
        raise UsageError(faults)
    return arguments.tls_cert, arguments.tls_key


def add_wording(parser: argparse.ArgumentParser) -> None:
    """The language and the templates of the text."""
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


def add_options(parser: argparse.ArgumentParser) -> None:
    """The form of the structured reports."""
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


def add_message(parser: argparse.ArgumentParser) -> None:
    """The form of the message to a RIS."""
    parser.add_argument(
        "--hl7-lines",
        choices=["repeat", "br", "obx-per-line"],
        help="how lines of report.hl7 end (default: as [hl7] of the configuration says, or repeat)",
    )


def outputs_of(named: str | None) -> tuple[OutputName, ...]:
    """The outputs named, separated by commas; those of the default where none is."""
    from hosr.outputs import DEFAULT_OUTPUTS, choose_outputs

    if named is None:
        return DEFAULT_OUTPUTS
    names = [name.strip() for name in named.split(",") if name.strip()]
    return choose_outputs(names, "--make")


def wording_of(arguments: argparse.Namespace) -> Wording:
    """The language and the folder of templates."""
    from hosr.language import language_of
    from hosr.templating.sources import Wording

    return Wording(language_of(arguments.language), arguments.templates)


def options_of(arguments: argparse.Namespace) -> Options:
    """The form of the structured reports."""
    from hosr.codes import Terminology
    from hosr.sr.receivers import Options, ProfileName

    return Options(
        profile=ProfileName(arguments.profile),
        hydrate=arguments.hydrate,
        terminology=Terminology(arguments.terminology),
    )


def message_form_of(
    arguments: argparse.Namespace, outputs: tuple[OutputName, ...]
) -> MessageForm | None:
    """The form of the message by the configuration, which is read only where one is made."""
    if not {"hl7", "fhir", "fhir-r5"} & set(outputs):
        return None
    from hosr.cli.archives import load_configuration
    from hosr.messages import LineEnd, MessageForm, Party, fhir, require_library

    # Before images are read, and once for all rows of a batch.
    if "hl7" in outputs:
        require_library()
    if {"fhir", "fhir-r5"} & set(outputs):
        fhir.require_library()
    table = load_configuration().hl7
    return MessageForm(
        lines=LineEnd(arguments.hl7_lines or table.lines),
        sender=Party(application=table.sending_application, facility=table.sending_facility),
        receiver=Party(application=table.receiving_application, facility=table.receiving_facility),
        issuer=table.issuer,
        oids=tuple(sorted(table.oids.items())),
        with_pdf=table.pdf,
        pdf_characters=table.pdf_characters,
    )


def now() -> dt.datetime:
    """The time by the clock of this machine."""
    return dt.datetime.now(dt.UTC)


def parse_time(text: str) -> dt.datetime:
    """A time with its offset; argparse tells the sentence of what is none."""
    from hosr.scales.chronology import IN_FUTURE, is_past

    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("is no time: write 2026-03-02T11:20:00+01:00") from None
    offset = time.utcoffset()
    if offset is None or offset % dt.timedelta(minutes=1):
        problem = "has no offset from UTC" if offset is None else "has seconds in its offset"
        raise argparse.ArgumentTypeError(f"{problem}: write 2026-03-02T11:20:00+01:00")
    if not is_past(time, now()):
        problem = f"{IN_FUTURE}: give the time when it was, or correct this clock"
        raise argparse.ArgumentTypeError(problem)
    return time
