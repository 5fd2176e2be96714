"""`hosr withdraw`: the end of a report, told to archives, RIS and EHR."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.cli.arguments import add_json, add_message, add_out, message_form_of
from hosr.cli.sign import add_document, add_person, signature_of
from hosr.cli.terminal import print_json, printable, show_notes, tell_status

if TYPE_CHECKING:
    from hosr.report import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr withdraw`."""
    parser.usage = (
        "%(prog)s DIR [DIR ...] --reason REASON --as NAME --organization ORG --out DIR [options]"
    )
    parser.add_argument(
        "versions",
        nargs="+",
        type=Path,
        metavar="DIR",
        help="folders of the versions of one report, the newest among them",
    )
    parser.add_argument(
        "--reason",
        required=True,
        choices=["wrong-patient", "wrong-study", "other"],
        help="why it is withdrawn; `other` needs --text",
    )
    parser.add_argument("--text", default="", metavar="WORDS", help="why, in your own words")
    add_document(parser)
    add_person(parser, "who withdraws it")
    add_out(parser)
    add_message(parser)
    add_json(parser, "print the manifest")


def run(arguments: argparse.Namespace) -> int:
    """Make the files of the withdrawal and print their paths, or their manifest."""
    from hosr.lifecycle.versions import read_versions
    from hosr.lifecycle.withdrawal import link_versions
    from hosr.status import WithdrawalReason
    from hosr.versions import StepOptions, withdraw

    versions = link_versions(read_versions(arguments.versions))
    options = StepOptions(
        message_form=message_form_of(arguments, versions.outputs),
        document=arguments.document,
        timed=arguments.at is not None,
    )
    made = withdraw(
        versions,
        arguments.out,
        signature_of(arguments),
        reason=WithdrawalReason(arguments.reason),
        text=arguments.text,
        options=options,
    )
    manifest = json.loads(made.files[-1].data)
    if arguments.json:
        print_json(manifest)
    else:
        _show(made.report, made.paths, manifest)
    return 0


def _show(report: Report, paths: Sequence[Path], manifest: dict[str, Any]) -> None:
    from hosr.intake.images import Note

    for path in paths:
        print(printable(str(path)))
    if manifest["tolerated"]:
        print()
    show_notes([Note(**note) for note in manifest["tolerated"]])
    print(f"\n{tell_status(report)}")
