"""`hosr import`: what other programs wrote, as records: a registry, masks, scores, drawings."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.annotations.account import Account, Entry
from hosr.cli import registry
from hosr.cli.archives import given_images
from hosr.cli.arguments import add_charset, add_json, add_timezone, now, parse_time
from hosr.cli.drawings import given_sources
from hosr.cli.terminal import counted, print_json, printable, show_grades
from hosr.errors import Fault, ImagesRefused, RecordRefused, UsageError

if TYPE_CHECKING:
    from hosr.annotations.authorship import Author
    from hosr.annotations.labels import Labels
    from hosr.annotations.records import Imported
    from hosr.intake.images import SourceImages
    from hosr.intake.record import Record

# Why a marked length has no millimetres, by whether images were given.
_UNMEASURED = {
    False: "Lengths marked on images are measured there: name them with --images.",
    True: (
        "The header of an image gives no millimetres: no length is measured on it. Label an object of "
        "known size as calibration (`hosr describe labels`)."
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr import`."""
    parser.usage = (
        "%(prog)s SOURCE [SOURCE ...] (--labels FILE | --mapping FILE) "
        "(--dry-run | --out FILE | --json) [options]"
    )
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help=(
            "what a model or a person made of one study: masks, outlines, scores, lines drawn in a "
            "viewer (`hosr describe import`), there or in an archive, whose newest drawing of a --study "
            "is taken; or, with --mapping, the table of a registry"
        ),
    )
    _add_keys(parser)
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="record to write; of a table, a manifest (JSONL)"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="only say what would be read, refused and assumed; write nothing",
    )
    _add_study(parser)
    _add_author(parser)
    _add_scoring(parser)
    parser.add_argument(
        "--refused",
        type=Path,
        metavar="FILE",
        help="of a table: write every refused row and its faults, JSONL",
    )
    add_json(parser, "print the record, with what was read, refused and assumed")


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--labels",
        type=Path,
        metavar="FILE",
        help="TOML that says what each label stands for (`hosr describe labels`)",
    )
    parser.add_argument(
        "--mapping",
        type=Path,
        metavar="FILE",
        help="TOML that says what each column of a table is (`hosr describe mapping`)",
    )


def _add_study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--images",
        nargs="+",
        default=[],
        metavar="PATH",
        help=(
            "the images that it was drawn on: files, folders, DICOMDIR, ZIP, or an archive; may be "
            "left out for masks in millimetres"
        ),
    )
    parser.add_argument("--study", metavar="UID", help="study to fetch from an archive")
    parser.add_argument(
        "--prior",
        type=Path,
        metavar="PATH",
        help=(
            "the report of hosr that was redrawn in a viewer: its folder, or its measurement.dcm "
            "(default: out of the archive)"
        ),
    )
    add_charset(parser)


def _add_author(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as", dest="name", metavar="NAME", help="the person who drew it: Family^Given"
    )
    parser.add_argument("--organization", default="", metavar="ORG", help="where that person works")
    parser.add_argument(
        "--at",
        type=parse_time,
        metavar="TIME",
        help="when it was drawn, such as 2026-03-02T11:20:00+01:00 (default: as the source says)",
    )
    add_timezone(parser)


def _add_scoring(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--ensemble",
        choices=("mean",),
        help="of several vectors of scores for one hip take the mean, and keep all of them",
    )
    parser.add_argument(
        "--repair",
        choices=("running-minimum",),
        help="of probabilities of at least each class that rise, take the least so far",
    )


def run(arguments: argparse.Namespace) -> int:
    """Make records of what other programs wrote, and print what was read, refused and assumed."""
    if arguments.mapping is not None:
        return registry.run(_of_table(arguments))
    if not (arguments.out or arguments.dry_run or arguments.json):
        raise UsageError(Fault("--out", "is missing", "name a file, or ask for a --dry-run"))
    if arguments.refused is not None:
        raise UsageError(Fault("--refused", "is for tables", "leave it out, or name a --mapping"))
    account = Account()
    try:
        imported = _import(arguments, account)
    except (RecordRefused, ImagesRefused):
        if account.refused:
            print("hosr: not used", file=sys.stderr)
            print("\n".join(_lines(account.refused)), file=sys.stderr)
        raise
    if arguments.out is not None and not arguments.dry_run:
        _write(imported.record, arguments.out)
    if arguments.json:
        from hosr.intake.record import record_json

        print_json({"record": record_json(imported.record), **imported.account.as_json()})
    else:
        _show(imported, arguments)
    return 0


def _of_table(arguments: argparse.Namespace) -> argparse.Namespace:
    """The same call as one of a table, whose options it may have alone."""
    of_sources = {
        "--labels": arguments.labels,
        "--images": arguments.images,
        "--study": arguments.study,
        "--prior": arguments.prior,
        "--as": arguments.name,
        "--at": arguments.at,
        "--timezone": arguments.timezone,
        "--ensemble": arguments.ensemble,
        "--repair": arguments.repair,
    }
    faults = [
        Fault(option, "is not for tables", "leave it out: the mapping says it")
        for option, given in of_sources.items()
        if given
    ]
    if len(arguments.sources) > 1:
        remedy = "import each by itself"
        faults.append(Fault("SOURCE", f"names {len(arguments.sources)} tables", remedy))
    if faults:
        raise UsageError(faults)
    table = copy(arguments)
    table.table = Path(arguments.sources[0])
    return table


def _import(arguments: argparse.Namespace, account: Account) -> Imported:
    from hosr.annotations.context import Context
    from hosr.annotations.records import import_sources

    labels, author = _labels(arguments), _author(arguments)
    given = given_sources(arguments)
    with _images(arguments) as images:
        context = Context(labels=labels, images=images, account=account, now=now())
        return import_sources(given.paths, context, author, given.before, given.saved)


def _labels(arguments: argparse.Namespace) -> Labels:
    from hosr.annotations.labels import Labels, read_labels

    labels = Labels() if arguments.labels is None else read_labels(arguments.labels)
    named = {key: getattr(arguments, key) for key in ("ensemble", "repair")}
    told = {key: value for key, value in named.items() if value is not None}
    return replace(labels, scoring=replace(labels.scoring, **told)) if told else labels


def _author(arguments: argparse.Namespace) -> Author:
    from hosr.annotations.authorship import Author
    from hosr.findings import Person

    if arguments.name is None:
        if arguments.organization:
            raise UsageError(Fault("--organization", "is that of a person", "name one with --as"))
        return Author(at=arguments.at, timezone=arguments.timezone)
    person = Person(name=arguments.name, organization=arguments.organization)
    return Author(person=person, at=arguments.at, timezone=arguments.timezone)


@contextmanager
def _images(arguments: argparse.Namespace) -> Iterator[SourceImages | None]:
    """The images that the sources were drawn on: those named, else those of the archive that has these."""
    from hosr.archive import is_archive

    asked = copy(arguments)
    asked.images = arguments.images or [each for each in arguments.sources if is_archive(each)]
    if not asked.images:
        yield None
        return
    from hosr.intake.images import read_images

    if not any(map(is_archive, asked.images)):
        asked.study = None
    elif not arguments.study:
        remedy = "name it with --study UID"
        raise UsageError(Fault("--images", "does not say which study to fetch", remedy))
    with given_images(asked) as given:
        yield read_images(
            given.paths,
            arguments.assume_charset,
            given.fetch,
            override_charset=arguments.override_charset,
        )


def _write(record: Record, path: Path) -> None:
    from hosr.batch.manifest import written_whole
    from hosr.intake.record import record_json

    with written_whole(path) as write:
        write(json.dumps(record_json(record), indent=2, ensure_ascii=False) + "\n")


def _show(imported: Imported, arguments: argparse.Namespace) -> None:
    """What went into the record and what did not, then the grades that follow from it."""
    from hosr.pipeline import is_unmeasured

    account = imported.account
    for title, entries in (
        ("Read:", account.read),
        ("Not used:", account.refused),
        ("Assumed:", account.assumed),
    ):
        if entries:
            print("\n".join((title, *_lines(entries), "")))
    show_grades(imported.hips)
    if any(is_unmeasured(graded.hip) for graded in imported.hips):
        print(_UNMEASURED[bool(arguments.images)])
    if arguments.dry_run:
        print("\nDry run: no record was written.")
    elif arguments.out is not None:
        hips = counted(len(imported.hips), "hip")
        print(f"\n{printable(str(arguments.out))}: a record of {hips}")


def _lines(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in dict.fromkeys(entries):  # one file that is named twice tells the same twice
        yield printable(f"  {entry.place}: {entry.words}")
