"""`hosr sign`, `hosr amend` and `hosr addend`: the next version of a report, by a person."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.archives import ARCHIVE_HELP, given_images
from hosr.cli.arguments import (
    add_charset,
    add_json,
    add_message,
    add_out,
    add_prior_images,
    message_form_of,
    parse_time,
)
from hosr.cli.terminal import print_json, printable, show_grades, show_notes, tell_status

if TYPE_CHECKING:
    from hosr.intake.images import SourceImages
    from hosr.lifecycle.steps import NewVersion
    from hosr.lifecycle.versions import Version
    from hosr.report import Report
    from hosr.status import Signature


def add_sign(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr sign`."""
    parser.usage = "%(prog)s DIR --as NAME --organization ORG --out DIR [options]"
    _add_version(parser, "folder of a draft, as `hosr report` made it")
    _add_grade(parser)
    _add_signature(parser)


def _add_grade(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--grade",
        action="append",
        default=[],
        metavar="SIDE:SCALE=GRADE",
        help="a grade of your own, such as right:brooker=III; for one in conflict or left open",
    )


def add_amend(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr amend`."""
    parser.usage = (
        "%(prog)s DIR --record RECORD --reason WORDS --as NAME --organization ORG --out DIR "
        "[options]"
    )
    _add_version(parser, "folder of the newest signed version")
    parser.add_argument(
        "--record", type=Path, required=True, metavar="RECORD", help="what is right instead"
    )
    parser.add_argument("--reason", required=True, metavar="WORDS", help="why it is amended")
    _add_grade(parser)
    _add_signature(parser)


def add_addend(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr addend`."""
    parser.usage = "%(prog)s DIR --text WORDS --as NAME --organization ORG --out DIR [options]"
    _add_version(parser, "folder of the newest signed version")
    parser.set_defaults(grade=[])
    parser.add_argument("--text", required=True, metavar="WORDS", help="what is added")
    _add_signature(parser)


def _add_version(parser: argparse.ArgumentParser, words: str) -> None:
    parser.add_argument("version", type=Path, metavar="DIR", help=words)
    add_document(parser)


def add_document(parser: argparse.ArgumentParser) -> None:
    """Which document was read."""
    parser.add_argument(
        "--document",
        metavar="UID",
        help="SOP Instance UID of what you have read; with anything else nothing is done",
    )


def add_person(parser: argparse.ArgumentParser, words: str) -> None:
    """Who does it (`words`), for whom, and when."""
    parser.add_argument(
        "--as", dest="name", required=True, metavar="NAME", help=f"{words}: Family^Given"
    )
    parser.add_argument("--organization", required=True, metavar="ORG", help="for whom")
    parser.add_argument("--id", default="", metavar="ID", help="identifier of the person there")
    parser.add_argument(
        "--at",
        type=parse_time,
        metavar="TIME",
        help="when, such as 2026-03-02T11:20:00+01:00 (default: now)",
    )


def _add_signature(parser: argparse.ArgumentParser) -> None:
    add_person(parser, "who signs")
    add_out(parser)
    parser.add_argument(
        "--images",
        nargs="+",
        default=[],
        metavar="PATH",
        help="the images of the report, as for `hosr report`; without them no page or picture is made",
    )
    parser.add_argument(
        "--prior",
        action="append",
        type=Path,
        default=[],
        metavar="PATH",
        help="the earlier report that it is compared with, for --prior-images; may be given again",
    )
    add_prior_images(parser)
    add_charset(parser)
    parser.add_argument(
        "--templates", type=Path, metavar="DIR", help="the templates that the draft was made with"
    )
    parser.add_argument(
        "--newest-in",
        action="append",
        default=[],
        metavar="ARCHIVE",
        help=f"refuse where this archive holds anything newer of this study and hip: {ARCHIVE_HELP}",
    )
    add_message(parser)
    add_json(parser, "print the manifest")


def sign(arguments: argparse.Namespace) -> int:
    """Make the signed version of a draft and print its paths, or its manifest."""
    from hosr import versions

    return _take(arguments, versions.sign)


def amend(arguments: argparse.Namespace) -> int:
    """Make the amended version of a signed report and print its paths, or its manifest."""
    from hosr import versions

    return _take(
        arguments, partial(versions.amend, record=arguments.record, reason=arguments.reason)
    )


def addend(arguments: argparse.Namespace) -> int:
    """Make the version with words added, and print its paths, or its manifest."""
    from hosr import versions

    return _take(arguments, partial(versions.addend, text=arguments.text))


def _take(arguments: argparse.Namespace, step: Callable[..., NewVersion]) -> int:
    """Take a step with what all of them are given, and print what came of it."""
    from hosr.lifecycle.publication import outputs_of
    from hosr.lifecycle.versions import read_version
    from hosr.versions import StepOptions

    before = read_version(arguments.version)
    form = message_form_of(arguments, outputs_of(before))
    signature = signature_of(arguments)
    with _images(arguments, before) as images:
        options = StepOptions(
            grades=arguments.grade,
            images=images,
            templates=arguments.templates,
            message_form=form,
            priors=arguments.prior,
            prior_images=arguments.prior_images,
            document=arguments.document,
            newest_in=arguments.newest_in,
            timed=arguments.at is not None,
        )
        made = step(before, arguments.out, signature, options=options)
    manifest = json.loads(made.files[-1].data)
    if arguments.json:
        print_json(manifest)
    else:
        _show(made.report, made.paths, manifest)
    return 0


def signature_of(arguments: argparse.Namespace) -> Signature:
    """Who does it and when: now, to the second as it is told, unless they say it."""
    from hosr.status import Signature

    return Signature(
        name=arguments.name,
        organization=arguments.organization,
        identifier=arguments.id,
        signed_at=arguments.at or dt.datetime.now().astimezone().replace(microsecond=0),
    )


@contextmanager
def _images(arguments: argparse.Namespace, before: Version) -> Iterator[SourceImages | None]:
    """The images of the report, from files or an archive; None where none are named."""
    if not arguments.images:
        yield None
        return
    from hosr.archive import is_archive
    from hosr.intake.images import NamedStudies, read_images

    study = before.report.subject.study.study_instance_uid
    arguments.study = study if any(map(is_archive, arguments.images)) else None
    with given_images(arguments) as given:
        yield read_images(
            given.paths,
            arguments.assume_charset,
            given.fetch,
            override_charset=arguments.override_charset,
            named=NamedStudies(study_instance_uids=frozenset({study})),
        )


def _show(report: Report, paths: Sequence[Path], manifest: dict[str, list[dict[str, str]]]) -> None:
    from hosr.intake.images import Note

    for path in paths:
        print(printable(str(path)))
    print()
    show_grades(report.hips)
    if manifest["tolerated"]:
        print()
    show_notes([Note(**note) for note in manifest["tolerated"]])
    print(f"\n{tell_status(report)}")
