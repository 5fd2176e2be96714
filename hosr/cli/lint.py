"""`hosr lint`: a site's own templates tried on every example in every language."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from hosr.cli.arguments import add_json
from hosr.cli.terminal import EXIT_CODES, counted, print_json, printable
from hosr.errors import TemplateRefused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr lint`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of your own templates")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every fault, then what has no effect, and how much was tried."""
    from hosr.outputs.template_trial import try_templates

    trial = try_templates(arguments.folder)
    if arguments.json:
        print_json(asdict(trial))
    else:
        for fault in trial.faults:
            print(printable(str(fault)))
        for warning in trial.warnings:
            print(f"warning: {printable(str(warning))}")
        found = counted(len(trial.faults), "fault") if trial.faults else "no faults"
        print(f"{trial.reports} reports in {trial.languages} languages: {found}")
    return EXIT_CODES[TemplateRefused][0] if trial.faults else 0
