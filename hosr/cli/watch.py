"""`hosr watch`: results that arrive become drafts, as a service."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.arguments import (
    Age,
    add_charset,
    add_options,
    add_timezone,
    add_tls,
    add_wording,
    message_form_of,
    options_of,
    parse_age,
    parse_seconds,
    tls_of,
    wording_of,
)
from hosr.cli.terminal import printable
from hosr.errors import Fault, HosrError, UsageError
from hosr.phrases import several

if TYPE_CHECKING:
    from hosr.archive.addresses import Tls
    from hosr.archive.configuration import Configuration
    from hosr.archive.dimse.receiver import ReceiverAddress, Taking
    from hosr.findings import Person
    from hosr.outbox import Entry
    from hosr.watch.sending import Sender
    from hosr.watch.work import Settings

_QUIET_S, _PATIENCE = 5.0, Age(text="1h", seconds=3600.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr watch`."""
    parser.usage = "%(prog)s DRAFTS --inbox DIR [options]"
    parser.add_argument(
        "drafts",
        type=Path,
        metavar="DRAFTS",
        help="folder of drafts, which is begun where it is empty",
    )
    _add_results(parser)
    parser.add_argument(
        "--images",
        nargs="+",
        default=[],
        metavar="PATH",
        help=(
            "where the images of results are: folders, or an archive that is asked for those that are "
            "not there: archive:NAME, dimse://CALLED@host:port or https://host/dicom-web"
        ),
    )
    _add_network(parser)
    _add_times(parser)
    add_charset(parser)


def _add_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--inbox",
        type=Path,
        required=True,
        metavar="DIR",
        help=(
            "folder that results are put into: records, masks, scores, drawings, each a file or a folder; "
            "they are moved to `done` or `refused` in it"
        ),
    )
    parser.add_argument(
        "--labels",
        type=Path,
        metavar="FILE",
        help="what labels stand for, for results that bring no labels.toml (`hosr describe labels`)",
    )
    parser.add_argument(
        "--as",
        dest="name",
        metavar="NAME",
        help=(
            "who draws in the viewer: Family^Given, for lines that name nobody (default: whoever takes "
            "them as theirs at the desk)"
        ),
    )
    parser.add_argument("--organization", default="", metavar="ORG", help="where that person works")


def _add_network(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--listen",
        metavar="AET@HOST:PORT",
        help="take images and results by C-STORE, such as HOSR@127.0.0.1:11112",
    )
    parser.add_argument(
        "--from",
        dest="callers",
        action="append",
        default=[],
        metavar="AET",
        help="with --listen: an AE title that may call; may be given again (default: any)",
    )
    add_tls(parser)
    parser.add_argument(
        "--tls-authorities",
        type=Path,
        metavar="FILE",
        help="with --tls-cert: who vouches for callers, PEM; others are not let in",
    )
    parser.add_argument(
        "--send", metavar="ARCHIVE", help="send each report to this archive too, as a draft"
    )
    add_options(parser)
    add_wording(parser)


def _add_times(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--quiet",
        type=parse_seconds,
        default=_QUIET_S,
        metavar="S",
        help=f"take for whole what has not changed for S seconds (default: {_QUIET_S:g})",
    )
    parser.add_argument(
        "--patience",
        type=parse_age,
        default=_PATIENCE,
        metavar="TIME",
        help=f"alert when a result has waited for so long: 90s, 15m, 2h (default: {_PATIENCE.text})",
    )
    parser.add_argument("--once", action="store_true", help="work off what is there, and end")
    parser.add_argument(
        "--file-time",
        action="store_true",
        help="where a result does not say when it was made, take the time that its file was written",
    )
    add_timezone(parser)


def run(arguments: argparse.Namespace) -> int:
    """Make drafts of results as they arrive, a line for each event, until a signal ends it."""
    from hosr.archive import opened
    from hosr.cli.deliveries import stopped_by_signals
    from hosr.drafts import Drafts, require_drafts
    from hosr.watch.inbox import Inbox, held_lock, require_apart
    from hosr.watch.memory import Memory
    from hosr.watch.watch import Watch

    settings, address = _settings(arguments), _address(arguments)
    require_drafts(arguments.drafts, or_empty=True)
    require_apart(arguments.inbox, arguments.drafts, settings.images, arguments.labels)
    stop = threading.Event()
    with ExitStack() as stack:
        # All that may be refused comes before the first draft has a folder.
        taking = None if address is None else _bind(stack, address)
        sender = stack.enter_context(_sending(arguments, stop))
        stack.enter_context(Inbox(settings.inbox).alone())
        drafts = stack.enter_context(Drafts(arguments.drafts, clock=time.time))
        stack.enter_context(held_lock(drafts.folder / "watch.lock", str(arguments.drafts)))
        memory = stack.enter_context(Memory(drafts.folder, clock=time.time))
        watch = Watch(
            settings,
            drafts,
            memory,
            tell_event,
            open_archive=lambda name: opened(
                name, environ=os.environ, home=Path.home(), clock=time.time
            ),
            sender=sender,
        )
        stack.enter_context(stopped_by_signals(stop))
        if taking is not None:
            stack.enter_context(taking(watch.take))
        watch.run(stop)
    return 0


def tell_event(event: object) -> None:
    """Print an event with its time, at once."""
    at = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    print(printable(f"{at} {event}"), flush=True)


def _settings(arguments: argparse.Namespace) -> Settings:
    from hosr.annotations.labels import Labels, read_labels
    from hosr.archive import is_archive
    from hosr.watch.drafting import Charset
    from hosr.watch.work import Settings

    labels = Labels() if arguments.labels is None else read_labels(arguments.labels)
    archives = tuple(dict.fromkeys(filter(is_archive, arguments.images)))
    if archives:
        from hosr.cli.archives import load_configuration

        configuration = load_configuration()
        for name in archives:  # a name that is none is told now, and not with the first result
            configuration.destination(name.removeprefix("archive:"))
    return Settings(
        inbox=arguments.inbox,
        labels=labels,
        drawer=_drawer(arguments),
        images=tuple(Path(text) for text in arguments.images if not is_archive(text)),
        archives=archives,
        timezone=arguments.timezone,
        has_file_times=arguments.file_time,
        charset=Charset(assumed=arguments.assume_charset, overridden=arguments.override_charset),
        patience_s=arguments.patience.seconds,
        quiet_s=arguments.quiet,
        once=arguments.once,
    )


def _drawer(arguments: argparse.Namespace) -> Person | None:
    """Who draws in the viewer. Raises `UsageError` for a name that is none."""
    from hosr.annotations.viewers.foreign import is_nobody
    from hosr.findings import Person
    from hosr.lifecycle.signing import find_unwritable_signer

    name, organization = arguments.name, arguments.organization
    if name is None:
        if organization:
            raise UsageError(Fault("--organization", "is that of a person", "name one with --as"))
        return None
    # For whom they work may be left out, as by `hosr import`.
    faults = [*find_unwritable_signer(name, organization or "-", "", "--as")]
    if is_nobody(name):
        faults = [Fault("--as", "names nobody", "name the person who draws: Family^Given")]
    if faults:
        raise UsageError(faults)
    return Person(name=name, organization=organization)


def _address(arguments: argparse.Namespace) -> ReceiverAddress | None:
    if arguments.listen is None:
        of_listening = {
            "--from": arguments.callers,
            "--tls-cert": arguments.tls_cert,
            "--tls-key": arguments.tls_key,
            "--tls-authorities": arguments.tls_authorities,
        }
        remedy = "leave it out, or say where to listen"
        faults = [
            Fault(option, "is for --listen", remedy)
            for option, value in of_listening.items()
            if value
        ]
        if faults:
            raise UsageError(faults)
        return None
    from hosr.archive.dimse.receiver import parse_receiver

    return parse_receiver(arguments.listen, arguments.callers, "--listen", _tls(arguments))


def _tls(arguments: argparse.Namespace) -> Tls | None:
    from hosr.archive.addresses import Tls

    files, authorities = tls_of(arguments), arguments.tls_authorities
    if files is None:
        if authorities is not None:
            remedy = "give a certificate with --tls-cert, and its --tls-key"
            raise UsageError(Fault("--tls-authorities", "is for connections with TLS", remedy))
        return None
    return Tls(certificate=files[0], key=files[1], authorities=authorities)


def _bind(stack: ExitStack, address: ReceiverAddress) -> Taking:
    from hosr.annotations.formats import source_classes
    from hosr.archive.dimse.receiver import bound
    from hosr.intake.images.elements import image_classes

    return stack.enter_context(bound(address, (*image_classes(), *source_classes())))


@contextmanager
def _sending(arguments: argparse.Namespace, stop: threading.Event) -> Iterator[Sender | None]:
    """What puts a report into the outbox, which is delivered meanwhile; None where nothing is sent."""
    if arguments.send is None:
        _require_unformed(arguments)
        yield None
        return
    from hosr.cli.archives import load_configuration
    from hosr.cli.deliveries import open_outbox
    from hosr.watch.sending import Sender, SentForm, outputs_for

    configuration = load_configuration()
    destination = configuration.destination(arguments.send)
    message = argparse.Namespace(hl7_lines=None)
    form = SentForm(
        options=options_of(arguments),
        wording=wording_of(arguments),
        message_form=message_form_of(message, outputs_for(destination)),
    )
    delivery = partial(_deliver, configuration, destination.name)
    thread = threading.Thread(target=delivery, args=(stop,))
    with open_outbox(configuration) as outbox:
        if not arguments.once:
            thread.start()
        try:
            yield Sender(outbox, destination, form, tell_event)
        finally:
            if not arguments.once:
                stop.set()
                thread.join()
    if arguments.once and not stop.is_set():
        delivery(None)


def _require_unformed(arguments: argparse.Namespace) -> None:
    """Refuse the form of reports where none are sent."""
    from hosr.sr.receivers import Options
    from hosr.templating.sources import Wording

    given = {
        "--profile, --hydrate, --terminology": options_of(arguments) != Options(),
        "--language, --templates": wording_of(arguments) != Wording(),
    }
    remedy = "leave it out, or say where reports are sent to"
    faults = [
        Fault(option, "is for --send", remedy) for option, is_given in given.items() if is_given
    ]
    if faults:
        raise UsageError(faults)


def _deliver(configuration: Configuration, name: str, stop: threading.Event | None) -> None:
    """Deliver what is due at an archive until `stop`, or once; tell what needs a person."""
    from hosr.cli.deliveries import deliver_entries, open_outbox
    from hosr.outbox import NEEDS_A_PERSON, Limits
    from hosr.watch.events import Event, Kind

    def tell(entry: Entry) -> None:
        if entry.state in NEEDS_A_PERSON:
            words = f"{entry.state.value}: {entry.words}; see `hosr outbox list`"
            tell_event(Event(kind=Kind.ALERT, subject=f"{entry.name} ({entry.key})", words=words))

    limits = Limits(destination_names={name})
    if stop is not None:
        limits = Limits(destination_names={name}, watch=True, stop=stop)
    try:
        with open_outbox(configuration) as outbox:
            deliver_entries(outbox, configuration, limits, tell)
    except HosrError as error:
        words = several((f"{fault.problem}; {fault.remedy}" for fault in error.faults), ";")
        tell_event(Event(kind=Kind.FAILED, subject="the outbox", words=words))
