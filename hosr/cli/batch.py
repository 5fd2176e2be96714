"""`hosr batch`: its arguments, the call they stand for, and what it prints."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.arguments import (
    add_charset,
    add_jobs,
    add_json,
    add_message,
    add_options,
    add_require_identity,
    add_wording,
    jobs_of,
    message_form_of,
    now,
    options_of,
    outputs_of,
    wording_of,
)
from hosr.cli.terminal import EXIT_CODES, print_json, printable, progress
from hosr.errors import RecordRefused

if TYPE_CHECKING:
    from hosr.batch.batch import Runner, Summary
    from hosr.batch.values import Settings


# Rows for a worker at a time: here it is told at once, over a network it must be worth the way.
_ROWS_HERE, _ROWS_LOCAL, _ROWS_CLUSTER = 1, 32, 32


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr batch`."""
    parser.usage = "%(prog)s MANIFEST --out DIR [options]"
    parser.description = (
        "Make the reports of many studies, each in DIR/<id>/, and results.jsonl and "
        "results.parquet beside them. The same command goes on where an earlier one ended. "
        "Exit: 0 all rows are done; 3 some were refused, see the results; 2 nothing could be done."
    )
    parser.add_argument(
        "manifest",
        type=Path,
        metavar="MANIFEST",
        help=(
            'JSONL, {"id": "...", "images": "path" or ["path"], "record": {...} or "path"} a line; '
            "or CSV, Parquet or XLSX, one row for each hip; paths start from its folder"
        ),
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="DIR",
        help="folder to write, or the URL of a store (s3://bucket/folder)",
    )
    parser.add_argument(
        "--make",
        default="measurement,narrative",
        metavar="LIST",
        help="outputs as those of `hosr report` (default: measurement,narrative)",
    )
    _add_running(parser)
    add_require_identity(parser, default=True)
    add_charset(parser)
    add_wording(parser)
    add_options(parser)
    add_message(parser)
    add_json(parser, "print the counts as JSON")


def _add_running(parser: argparse.ArgumentParser) -> None:
    who = parser.add_mutually_exclusive_group()
    add_jobs(who, "work")
    who.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="scheduler of a Dask cluster that does the work, such as tcp://host:8786",
    )
    parser.add_argument(
        "--retry",
        action="store_true",
        help="try refused rows again, although their input is the same",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="make every report again and compare it with the one that is there",
    )
    parser.add_argument(
        "--ledger",
        type=Path,
        metavar="FILE",
        help="what is done is noted here (default: DIR/.batch.sqlite; needed where DIR is a URL)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Make the reports of a manifest and print how many were done."""
    from hosr.batch.workers import begin_imports

    jobs = 1 if arguments.dask else jobs_of(arguments)
    if jobs > 1:
        begin_imports()
    from hosr.batch.batch import Batch, run_batch

    settings = _settings(arguments)
    runner, chunk_rows = _runner(arguments, jobs)
    task = Batch(
        manifest=arguments.manifest,
        settings=settings,
        run=runner,
        chunk_rows=chunk_rows,
        retry=arguments.retry,
        ledger=arguments.ledger,
    )
    with progress("studies") as listener:
        summary = run_batch(task, listener)
    _show(summary, arguments)
    return EXIT_CODES[RecordRefused][0] if summary.refused else 0


def _settings(arguments: argparse.Namespace) -> Settings:
    from hosr.batch.fingerprints import folder_sha256
    from hosr.batch.places import as_local, is_url
    from hosr.batch.values import Settings
    from hosr.templating.sources import Wording
    from hosr.version import __version__

    wording = wording_of(arguments)
    site = None if wording.site is None else wording.site.absolute()
    out, outputs = arguments.out, outputs_of(arguments.make)
    return Settings(
        base=arguments.manifest.absolute().parent,
        out=out if is_url(out) else str(as_local(out).absolute()),
        outputs=outputs,
        options=options_of(arguments),
        message_form=message_form_of(arguments, outputs),
        wording=Wording(wording.language, site),
        assume_charset=arguments.assume_charset,
        override_charset=arguments.override_charset,
        verify=arguments.verify,
        templates_sha256=folder_sha256(site),
        version=__version__,
        now=now(),
        require_identity=arguments.require_identity,
    )


def _runner(arguments: argparse.Namespace, jobs: int) -> tuple[Runner, int]:
    """Who does the work, and how many rows are given out at a time."""
    from hosr.batch.workers import run_here, run_in_workers

    if arguments.dask is not None:
        from hosr.batch.cluster import run_on_cluster

        return partial(run_on_cluster, address=arguments.dask), _ROWS_CLUSTER
    if jobs == 1:
        return run_here, _ROWS_HERE
    return partial(run_in_workers, jobs=jobs), _ROWS_LOCAL


def _show(summary: Summary, arguments: argparse.Namespace) -> None:
    if arguments.json:
        counts = {
            "done": summary.done,
            "already": summary.already,
            "refused": summary.refused,
            "without_identity": summary.without_identity,
            "contradicting": summary.contradicting,
            "results": list(summary.results),
        }
        print_json(counts)
        return
    already = f" ({summary.already} of them before)" if summary.already else ""
    print(f"{summary.done} done{already}, {summary.refused} refused")
    if summary.without_identity:
        name = "1 names" if summary.without_identity == 1 else f"{summary.without_identity} name"
        print(f"{name} neither study, patient, accession number nor image")
    if summary.contradicting:
        print(
            f"{summary.contradicting} say otherwise than another one of the same hip, reader and moment: "
            "see what was tolerated"
        )
    print(printable(f"results: {arguments.out}: {', '.join(summary.results)}"))
    if len(summary.results) == 1:
        print("results.parquet was not written: it needs pyarrow; install hosr[table]")
