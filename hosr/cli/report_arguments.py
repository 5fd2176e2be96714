"""The options that say what is made of a record and how it is told, and the values they stand for."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from hosr.sr.receivers import Options
    from hosr.templating.wording import Wording


def add_charset(parser: argparse.ArgumentParser) -> None:
    """How to read headers that do not say it."""
    parser.add_argument(
        "--assume-charset",
        metavar="TERM",
        help="character set of headers that use one without naming it, such as ISO_IR 100",
    )


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


def outputs_of(named: str | None) -> tuple[str, ...]:
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


def wording_of(arguments: argparse.Namespace) -> Wording:
    """The language and the folder of templates."""
    from hosr.language import language_of
    from hosr.templating.wording import Wording

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
