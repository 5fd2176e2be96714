"""`hosr desk`: drafts in the browser, looked at, corrected and signed."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.archives import ARCHIVE_HELP, load_configuration
from hosr.cli.arguments import add_tls, message_form_of, tls_of
from hosr.cli.terminal import counted, printable
from hosr.errors import Fault, UsageError
from hosr.language import LANGUAGES

if TYPE_CHECKING:
    from hosr.desk.delivery import Delivery
    from hosr.desk.readers import Reader
    from hosr.desk.server import Options, Secured

_NEEDED = ("starlette", "uvicorn")
_LEAST_LOCK_MINUTES, _MOST_LOCK_MINUTES = 1 / 60, 24 * 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr desk`."""
    parser.usage = "%(prog)s DRAFTS [--reader NAME ... --organization ORG] [options]"
    parser.set_defaults(hl7_lines=None)
    parser.add_argument("drafts", type=Path, metavar="DRAFTS", help="the folder of the drafts")
    parser.add_argument(
        "--reader",
        action="append",
        default=[],
        metavar="NAME",
        help="who reads and signs: Family^Given; given again, a link for each (default: look only)",
    )
    parser.add_argument("--organization", default="", metavar="ORG", help="for whom they sign")
    parser.add_argument("--id", default="", metavar="ID", help="identifier of the one reader there")
    _add_place(parser)
    parser.add_argument("--send", metavar="NAME", help=f"send what is signed: {ARCHIVE_HELP}")
    parser.add_argument(
        "--language", choices=LANGUAGES, default="en", metavar="TAG", help=", ".join(LANGUAGES)
    )
    parser.add_argument("--templates", type=Path, metavar="DIR", help="templates of your own")
    _add_blinding(parser)


def _add_place(parser: argparse.ArgumentParser) -> None:
    """Where it listens, and for how long a page stays open."""
    parser.add_argument(
        "--port", type=_port, default=8471, metavar="N", help="where it listens (default: 8471)"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="H",
        help="another address than this machine's own; only with the files for TLS",
    )
    add_tls(parser)
    parser.add_argument(
        "--lock-after",
        type=_minutes,
        default=10.0,
        metavar="MINUTES",
        help="lock a page that nobody uses for so long (default: 10)",
    )


def _add_blinding(parser: argparse.ArgumentParser) -> None:
    """Reading without what a model found, and what comes of it."""
    parser.add_argument(
        "--blind",
        action="store_true",
        help="hide what a model found until the reader's own reading is there",
    )
    parser.add_argument(
        "--readings",
        type=Path,
        metavar="FILE",
        help="write what was read blind, and what the model found, for `hosr cohort`; then end",
    )


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 1 << 16:
        raise argparse.ArgumentTypeError("is no port")
    return port


def _minutes(text: str) -> float:
    minutes = float(text)
    if not _LEAST_LOCK_MINUTES <= minutes <= _MOST_LOCK_MINUTES:
        raise argparse.ArgumentTypeError("is no time between a second and a day")
    return minutes


def run(arguments: argparse.Namespace) -> int:
    """Serve the desk until it is interrupted."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        problem = f"needs {' and '.join(missing)}, which are not installed"
        raise UsageError(Fault("hosr desk", problem, "pip install 'hosr[desk]'"))
    if arguments.readings is not None:
        return _write_readings(arguments)
    from hosr.desk.server import Callbacks, serve

    options = _options(arguments)
    delivery = _delivery(arguments.send) if arguments.send else None
    serve(options, Callbacks(link=_tell_link, told=_tell_fault), delivery)
    print("hosr: the desk is closed", file=sys.stderr)
    return 0


def _write_readings(arguments: argparse.Namespace) -> int:
    """Write the readings that were made blind to a new file, and say how many."""
    from hosr.desk.audit import AUDIT
    from hosr.desk.blinding import read_blind_readings
    from hosr.drafts import Drafts
    from hosr.folder import append_flushed
    from hosr.intake.tables.lines import is_lines

    path: Path = arguments.readings
    if path.exists():
        raise UsageError(Fault(str(path), "is there already", "name a new file"))
    if not is_lines(path):
        raise UsageError(Fault(str(path), "is no JSON Lines", "name a file that ends in .jsonl"))
    with Drafts(_existing(arguments.drafts), clock=time.time) as drafts:
        lines = [json.dumps(each) for each in read_blind_readings(drafts, drafts.folder / AUDIT)]
    try:
        append_flushed(path, "".join(f"{line}\n" for line in lines).encode())
    except OSError as error:
        problem = f"cannot be written ({error.strerror or type(error).__name__})"
        raise UsageError(Fault(str(path), problem, "name another file")) from error
    print(
        f"{counted(len(lines) // 2, 'draft')} read blind; `hosr cohort {printable(str(path))}` compares"
    )
    return 0


def _options(arguments: argparse.Namespace) -> Options:
    from hosr.desk.server import Options
    from hosr.language import language_of
    from hosr.lifecycle.publication import outputs_for_others
    from hosr.templating.sources import Wording, read_site

    wording = Wording(language_of(arguments.language), arguments.templates)
    if wording.site is not None:
        read_site(wording.site, wording.language.tag)
    return Options(
        folder=_existing(arguments.drafts),
        readers=_readers(arguments),
        wording=wording,
        port=arguments.port,
        host=arguments.host,
        tls=_secured(arguments),
        is_blind=arguments.blind,
        lock_s=60 * arguments.lock_after,
        message_form=message_form_of(arguments, outputs_for_others()),
    )


def _existing(folder: Path) -> Path:
    from hosr.drafts import require_drafts

    require_drafts(folder)
    return folder


def _readers(arguments: argparse.Namespace) -> tuple[Reader, ...]:
    """Everybody who may sign, as their signature will have them. Raises `UsageError` with all faults."""
    from hosr.desk.readers import Reader
    from hosr.lifecycle.signing import find_unwritable_signer

    readers = tuple(
        Reader(name=name, organization=arguments.organization, identifier=arguments.id)
        for name in arguments.reader
    )
    faults = [
        fault
        for reader in readers
        for fault in find_unwritable_signer(
            reader.name, reader.organization, reader.identifier, "--reader"
        )
    ]
    if arguments.id and len(readers) != 1:
        faults.append(Fault("--id", "is of one reader", "name one with --reader"))
    if len({reader.key for reader in readers}) < len(readers):
        faults.append(Fault("--reader", "names somebody twice", "name each reader once"))
    if faults:
        raise UsageError(faults)
    return readers


def _secured(arguments: argparse.Namespace) -> Secured | None:
    from hosr.desk.server import Secured

    files = tls_of(arguments)
    return None if files is None else Secured(certificate=files[0], key=files[1])


def _delivery(name: str) -> Delivery:
    from hosr.archive import open_archive
    from hosr.cli.deliveries import listen_for_reports, open_outbox
    from hosr.desk.delivery import Delivery

    configuration = load_configuration()
    return Delivery(
        destination=configuration.destination(name),
        open_outbox=partial(open_outbox, configuration),
        open_archive=partial(open_archive, environ=os.environ, clock=time.time),
        listen=listen_for_reports,
    )


def _tell_link(reader: Reader, address: str) -> None:
    """A link, at once and on a line of its own: programs read it as well."""
    who = reader.name or "look only"
    print(printable(f"{who} ({reader.key}): {address}"), flush=True)


def _tell_fault(fault: Fault) -> None:
    print(printable(f"hosr: {fault}"), file=sys.stderr)
