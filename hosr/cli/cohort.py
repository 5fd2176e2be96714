"""`hosr cohort`: its arguments, the call they stand for, and what it prints."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.cli.archives import make_queries, opened
from hosr.cli.arguments import add_jobs, add_json, add_out, jobs_of, now
from hosr.cli.terminal import EXIT_CODES, counted, print_json, printable, progress, tell_faults
from hosr.errors import Fault, RecordRefused, UsageError

if TYPE_CHECKING:
    from hosr.cohort.cohort import Cohort
    from hosr.cohort.columns import Window
    from hosr.cohort.sources import Document, Listener


_LEFT = "left are days since the first study and since the index event"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr cohort`."""
    parser.usage = "%(prog)s SOURCE --out DIR [options]"
    parser.description = (
        "Make one table of many reports, one row for each hip, study and reader, and its "
        "statistics: rows.csv, rows.parquet, rows.arrow, analysis.json and cohort.html. Without "
        "names, IDs, dates and UIDs, unless told to keep them. "
        "Exit: 0 all reports were used; 3 some were refused, and the rest was written."
    )
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help=(
            "folder of reports as `hosr batch` or `hosr report` writes them; archive:NAME or an "
            "address of an archive; or a table of records (CSV, Parquet, XLSX or JSONL), graded without images"
        ),
    )
    add_out(parser)
    _add_identity(parser)
    _add_circumstances(parser)
    _add_archive(parser)
    add_jobs(parser, "read files")
    add_json(parser, "print a summary as JSON")


def _add_circumstances(parser: argparse.ArgumentParser) -> None:
    """What the reports alone do not tell."""
    parser.add_argument(
        "--covariates",
        type=Path,
        metavar="FILE",
        help="CSV, Parquet or XLSX with patient_id and what a registry knows beside the images",
    )
    parser.add_argument(
        "--allow-column",
        action="append",
        default=[],
        metavar="NAME",
        help=(
            "column of the covariates that names nobody, although its words or numbers are like "
            "names or IDs; noted in the results; may be given again"
        ),
    )
    parser.add_argument(
        "--time-points",
        metavar="LIST",
        help="windows in days from the index event, such as 3mo=60-120,1y=300-420",
    )
    parser.add_argument(
        "--reference",
        metavar="NAME",
        help="reader that models are held against (default: the majority of persons)",
    )


def _add_identity(parser: argparse.ArgumentParser) -> None:
    who = parser.add_mutually_exclusive_group()
    who.add_argument(
        "--identified", action="store_true", help="keep names, IDs, dates, UIDs and reasons"
    )
    who.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="secret key, so that a patient has the same pseudonym in every cohort of this key",
    )


def _add_archive(parser: argparse.ArgumentParser) -> None:
    """What to look for in an archive, each once or more."""
    for name, metavar, words in (
        ("--study", "UID", "study to take from the archive; may be given again"),
        ("--patient", "ID", "patient to take from the archive; may be given again"),
        ("--accession", "NUMBER", "order to take from the archive; may be given again"),
    ):
        parser.add_argument(name, action="append", default=[], metavar=metavar, help=words)


def run(arguments: argparse.Namespace) -> int:
    """Write the table of a cohort and its statistics, and print what was found."""
    from hosr.folder import write_folder

    made = _make(arguments)
    files, lacking = _files(made, arguments.reference)
    paths = write_folder(files, arguments.out)
    summary = _summary(made, files)
    if arguments.json:
        print_json(summary)
    else:
        _show(summary, paths, (*made.notes, *lacking))
    if made.faults:
        tell_faults("refused, and not in the table", made.faults)
    return EXIT_CODES[RecordRefused][0] if made.faults else 0


def _make(arguments: argparse.Namespace) -> Cohort:
    from hosr.cohort.cohort import explain_nothing, make_cohort
    from hosr.cohort.covariates import read_covariates
    from hosr.cohort.pseudonyms import read_key
    from hosr.cohort.sources import gather

    windows = _windows(arguments.time_points)
    key = None if arguments.key is None else read_key(arguments.key)
    covariates = None if arguments.covariates is None else read_covariates(arguments.covariates)
    with (
        progress("files") as advance,
        _documents(arguments, lambda total: advance(1, total)) as documents,
    ):
        gathered = gather(documents)
    made = make_cohort(
        gathered,
        windows=windows,
        covariates=covariates,
        allowed=arguments.allow_column,
        identified=arguments.identified,
        key=key,
    )
    if not made.rows:
        raise explain_nothing(arguments.source, made)
    return made


def _windows(text: str | None) -> tuple[Window, ...]:
    from hosr.cohort.columns import DEFAULT_WINDOWS, parse_windows

    return DEFAULT_WINDOWS if text is None else parse_windows(text)


@contextmanager
def _documents(arguments: argparse.Namespace, listener: Listener) -> Iterator[Iterator[Document]]:
    """What the source holds, whatever kind of source it is."""
    from hosr.cohort.cohort import read_path
    from hosr.cohort.sources import read_archive

    asked = [*arguments.study, *arguments.patient, *arguments.accession]
    from hosr.archive import is_archive

    if is_archive(arguments.source):
        queries = make_queries(
            arguments.source,
            studies=arguments.study,
            patients=arguments.patient,
            accessions=arguments.accession,
            modalities=("SR", "KO"),  # with the notes by which reports were withdrawn
        )
        with opened(arguments.source) as (_, archive):
            yield read_archive(archive, queries, listener)
        return
    if asked:
        problem = "--study, --patient and --accession are for archives"
        raise UsageError(Fault(arguments.source, problem, "leave them out"))
    source, jobs = Path(arguments.source), jobs_of(arguments)
    yield read_path(source, jobs=jobs, listener=listener, now=now())


def _files(made: Cohort, reference: str | None) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The files by name; and in words what could not be made for lack of a library."""
    from hosr.cohort.tables import arrow_bytes, csv_bytes, has_arrow, parquet_bytes

    files = {"rows.csv": csv_bytes(made.rows)}
    lacking: list[str] = []
    if has_arrow():
        files["rows.parquet"] = parquet_bytes(made.rows, made.told)
        files["rows.arrow"] = arrow_bytes(made.rows, made.told)
    else:
        needs = "needs pyarrow, which is not installed; install hosr[cohort]"
        lacking.append(f"rows.parquet and rows.arrow were not made: {needs}")
    missing = _missing_libraries()
    if missing:
        lacking.append(f"analysis.json and cohort.html were not made: {missing}")
    else:
        files |= _statistics(made, reference)
    return files, tuple(lacking)


def _missing_libraries() -> str:
    """What statistics need and is not installed, in words."""
    from hosr.cohort.analysis import name_versions

    try:
        name_versions()
    except UsageError as error:
        fault = error.faults[0]
        return f"{fault.problem}; {fault.remedy}"
    return ""


def _statistics(made: Cohort, reference: str | None) -> dict[str, bytes]:
    from hosr.cohort.analysis import analyse, analysis_json
    from hosr.cohort.page import render_page

    if reference is not None and made.names is not None:
        reference = made.names.persons.get(reference, reference)
    analysis = analyse(made.rows, reference=reference, notes=made.told)
    text = json.dumps(analysis_json(analysis), indent=2, ensure_ascii=False, allow_nan=False)
    return {
        "analysis.json": f"{text}\n".encode(),
        "cohort.html": render_page(analysis).encode(),
    }


def _summary(made: Cohort, files: dict[str, bytes]) -> dict[str, Any]:
    """What was found and written, as plain values."""
    rows = made.rows
    readers = {(row["reader_type"], row["reader_id"]) for row in rows}
    return {
        "rows": len(rows),
        "subjects": len({row["subject_id"] for row in rows}),
        "hips": len({(row["subject_id"], row["hip_side"]) for row in rows}),
        "studies": len({row["study_id"] for row in rows}),
        "readers": sorted(name for _, name in readers),
        "time_points": sorted({row["time_point"] for row in rows}),
        "pseudonymised": made.names is not None,
        "allowed_columns": list(made.allowed),
        "reports": made.gathered.reports,
        "repeated": made.gathered.repeated,
        "superseded": list(made.gathered.superseded),
        "withdrawn": list(made.gathered.withdrawn),
        "altered": list(made.gathered.altered),
        "refused": [asdict(fault) for fault in made.faults],
        "others": {kind.value: list(found) for kind, found in made.gathered.others.items()},
        "notes": list(made.notes),
        "files": list(files),
    }


def _show(summary: dict[str, Any], paths: Sequence[Path], notes: Sequence[str]) -> None:
    for path in paths:
        print(printable(str(path)))
    print()
    counts = (
        counted(summary["rows"], "row"),
        counted(summary["subjects"], "subject"),
        counted(summary["hips"], "hip"),
        counted(summary["studies"], "study", "studies"),
        counted(len(summary["readers"]), "reader"),
    )
    print(", ".join(counts))
    again = f", {summary['repeated']} more than once" if summary["repeated"] else ""
    print(f"from {counted(summary['reports'], 'report')}{again}")
    if summary["superseded"]:
        print(
            f"not used: {counted(len(summary['superseded']), 'report')}, superseded by a later version"
        )
    if summary["withdrawn"]:
        print(f"not used: {counted(len(summary['withdrawn']), 'report')}, withdrawn")
    for kind, places in summary["others"].items():
        print(f"not used: {counted(len(places), 'file')}, {kind}")
    for note in notes:
        print(f"note: {note}")
    if summary["pseudonymised"]:
        print(f"without names, IDs, dates and UIDs; {_LEFT}")
        if summary["allowed_columns"]:
            print(
                printable(f"not judged: {', '.join(summary['allowed_columns'])} (--allow-column)")
            )
    else:
        print("identified: it names patients and readers")
