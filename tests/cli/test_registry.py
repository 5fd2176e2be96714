"""`hosr import`: a registry as a manifest, what it says before, and what it never does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hosr.intake.images import read_images
from hosr.intake.record import parse_record
from hosr.pipeline import make_report
from tests.command import Ran, hosr, written_at
from tests.intake.registry.registries import mapped

if TYPE_CHECKING:
    from collections.abc import Callable

_SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
_FOLDER = _SAMPLES / "registry"
_REGISTRY = (_FOLDER / "registry.csv", "--mapping", _FOLDER / "mapping.toml")

_MAPPING = mapped(columns='"gap.mm" = "Spalt"')


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder one works in, with a mapping."""
    (tmp_path / "mapping.toml").write_text(_MAPPING)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _import(*rows: str, more: tuple[str, ...] = ("--out", "records.jsonl")) -> Ran:
    Path("table.csv").write_text("\n".join(("Nr;Datum;Seite;Spalt", *rows)))
    return hosr("import", "table.csv", "--mapping", "mapping.toml", *more)


class TestSample:
    """The sample registry, which is invented."""

    def test_a_dry_run_says_what_would_be_done(
        self, compare_golden: Callable[[str, str], None]
    ) -> None:
        """Columns, words, conversions, assumptions and refusals are told, in words."""
        ran = hosr("import", *_REGISTRY, "--dry-run")
        assert (ran.code, ran.err) == (3, "")
        compare_golden("import/dry_run.txt", ran.out)

    def test_a_dry_run_is_json_too(self, compare_golden: Callable[[str, str], None]) -> None:
        """The same as data."""
        ran = hosr("import", *_REGISTRY, "--dry-run", "--json")
        assert (ran.code, ran.err) == (3, "")
        compare_golden("import/dry_run.json", ran.out)

    @pytest.mark.usefixtures("desk")
    def test_the_manifest_is_that_of_the_registry(
        self, compare_golden: Callable[[str, str], None]
    ) -> None:
        """Every record stands on its line, with its images; refused rows are left out."""
        shutil.copytree(_FOLDER, "registry")
        registry = ("registry/registry.csv", "--mapping", "registry/mapping.toml")
        ran = hosr("import", *registry, "--out", "records.jsonl", "--refused", "refused.jsonl")
        assert ran.code == 3
        compare_golden("import/records.jsonl", Path("records.jsonl").read_text(encoding="utf-8"))
        compare_golden("import/refused.jsonl", Path("refused.jsonl").read_text(encoding="utf-8"))

    def test_every_record_is_that_of_its_images(self, tmp_path: Path) -> None:
        """A report can be made of every line, on the images that it names."""
        out = tmp_path / "records.jsonl"
        hosr("import", *_REGISTRY, "--out", out)
        made = []
        for line in out.read_text(encoding="utf-8").splitlines():
            entry: dict[str, Any] = json.loads(line)
            images = read_images([tmp_path / path for path in entry["images"]])
            report = make_report(parse_record(json.dumps(entry["record"])), images).report
            made += [(entry["id"], hip.grades[0].stated) for hip in report.hips]
        assert made == [
            ("R-01", ("0",)),
            ("R-01", ("0",)),
            ("R-02", ("I",)),
            ("R-03", ("II",)),
            ("R-04", ("III",)),
            ("R-05", ("IV",)),
            ("R-06", ("III",)),
            ("R-06", ("I",)),
            ("R-07", ("I",)),
            ("R-08", ("II",)),
            ("R-09", ("III",)),
            ("R-10", ("II",)),
        ]


@pytest.mark.usefixtures("desk")
class TestImport:
    """A small table."""

    def test_all_rows_are_records(self) -> None:
        """A table without a fault ends with 0, and says what was made and assumed."""
        assert _import("1;02.03.2026;right;8", "1;;left;7", "2;02.03.2026;left;9,5") == Ran(
            code=0,
            out=(
                "table.csv: 3 rows read; 2 records of 3 hips; 0 rows refused\n"
                "records.jsonl: 2 records for hosr batch\n"
                "\n"
                "The same for all rows:\n"
                "  observer.type = person\n"
                "  observer.name\n"
                "\n"
                "Assumed:\n"
                "  graded_at: 12:00 as the time of day (2)\n"
                "  gap.mm is in the patient, as nothing says gap.plane\n"
                "  every hip is evaluable, as nothing says otherwise\n"
                "  the view is that of the images, as nothing says view\n"
                "\n"
                "Images:\n"
                "  2 records without images\n"
                "\n"
                "Identity:\n"
                "  2 records name neither study, patient, accession number nor image;\n"
                "    hosr batch refuses such a record, unless --no-require-identity is given\n"
            ),
        )
        assert len(Path("records.jsonl").read_text().splitlines()) == 2

    def test_the_same_import_again_changes_nothing(self) -> None:
        """It is no fault, and the manifest stays the same file."""
        assert _import("1;02.03.2026;right;8").code == 0
        before = written_at(Path("records.jsonl"))
        assert _import("1;02.03.2026;right;8").code == 0
        assert written_at(Path("records.jsonl")) == before

    def test_another_manifest_is_never_written_over(self) -> None:
        """A file with other records stays as it is."""
        _import("1;02.03.2026;right;8")
        before = Path("records.jsonl").read_text()
        assert _import("1;02.03.2026;left;8") == Ran(
            code=2,
            err=(
                "hosr: cannot be done as asked\n"
                "  records.jsonl: holds something else; choose another file; nothing was written\n"
            ),
        )
        assert Path("records.jsonl").read_text() == before

    def test_a_dry_run_writes_nothing(self) -> None:
        """Not even where a file is named."""
        ran = _import("1;02.03.2026;right;8", more=("--out", "records.jsonl", "--dry-run"))
        assert ran.code == 0
        assert ran.out.splitlines()[1] == "Dry run: no manifest was written."
        assert sorted(path.name for path in Path().iterdir()) == ["mapping.toml", "table.csv"]

    def test_no_record_makes_no_manifest(self) -> None:
        """Where all rows are refused, the faults are all there is."""
        ran = _import("1;02.03.2026;beide;8")
        assert ran.code == 3
        assert "No record is left: no manifest was written.\n" in ran.out
        assert not Path("records.jsonl").exists()

    def test_all_refused_rows_can_be_had(self) -> None:
        """Of many the first twenty are shown, and a file takes all of them."""
        rows = [f"{n};02.03.2026;right;8 cm" for n in range(30)]
        ran = _import(*rows, more=("--dry-run", "--refused", "refused.jsonl"))
        assert ran.out.endswith(
            "  row 21, column Spalt (gap.mm): is in cm, but its column is in mm; "
            "write all its cells in one unit\n"
            "  and 10 more records; all are in refused.jsonl\n"
        )
        listed = [json.loads(line) for line in Path("refused.jsonl").read_text().splitlines()]
        assert [entry["rows"] for entry in listed] == [[n] for n in range(2, 32)]
        assert listed[-1]["faults"] == [
            {
                "path": "row 31, column Spalt (gap.mm)",
                "problem": "is in cm, but its column is in mm",
                "remedy": "write all its cells in one unit",
                "rule": "",
            }
        ]

    def test_either_a_file_or_a_dry_run_is_asked_for(self) -> None:
        """An import without a place for its records is a fault of the call."""
        assert _import("1;02.03.2026;right;8", more=()) == Ran(
            code=2,
            err=(
                "hosr: cannot be done as asked\n"
                "  --out: is missing; name a file, or ask for a --dry-run\n"
            ),
        )

    def test_a_name_for_no_folder_is_refused(self) -> None:
        """An id that hosr batch could not name a folder by is refused here."""
        ran = _import("2026/1;02.03.2026;right;8", more=("--dry-run",))
        assert ran.code == 3
        assert ran.out.splitlines()[-1].startswith("  row 2, column Nr (id): holds a character")

    def test_formulas_are_text(self) -> None:
        """What a spreadsheet would run is a text, in its cell as in the header, and is not shown."""
        Path("mapping.toml").write_text(
            _MAPPING.replace("[columns]", '[columns]\ncomment = "=Notiz"')
        )
        Path("table.csv").write_text(
            'Nr;Datum;Seite;Spalt;=Notiz;+Rest\n1;02.03.2026;right;8;"=HYPERLINK(""x"")";@SUM(1)\n'
        )
        ran = hosr("import", "table.csv", "--mapping", "mapping.toml", "--out", "records.jsonl")
        assert ran.code == 0
        assert "HYPERLINK" not in ran.out
        (hip,) = json.loads(Path("records.jsonl").read_text())["record"]["hips"]
        assert hip["comment"] == '=HYPERLINK("x")'

    def test_control_characters_of_a_header_move_no_cursor(self) -> None:
        """A column is named on one line, whatever it is called."""
        Path("table.csv").write_text("Nr;Datum;Seite;Spalt;\x1b[2Jx\n1;02.03.2026;right;8;\n")
        ran = hosr("import", "table.csv", "--mapping", "mapping.toml", "--dry-run")
        assert "columns that the mapping does not name: ?[2Jx\n" in ran.out


_ROOT = Path(__file__).resolve().parents[2]
_MEASURED = """
import sys
from hosr import cli
sys.path.append(sys.argv[1])
from tests.memory import peak_kib
print(cli.main(sys.argv[2:]), peak_kib(), file=sys.stderr)
"""


def _memory_kb(folder: Path, rows: int, row: str) -> int:
    table = folder / f"{rows}.csv"
    with table.open("w") as file:
        file.write("Nr;Datum;Seite;Spalt\n")
        file.writelines(row.format(n) for n in range(rows))
    names = ("import", table, "--mapping", "mapping.toml", "--out", f"{rows}.jsonl", "--json")
    command = [sys.executable, "-c", _MEASURED, str(_ROOT), *map(str, names)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    assert json.loads(ran.stdout)["rows"] == rows
    return int(ran.stderr.split()[1])


@pytest.mark.slow
@pytest.mark.parametrize(
    "row",
    [
        pytest.param("{0};02.03.2026;right;8\n", id="valid"),
        pytest.param("{0};32.03.2026;side{0};{0} cm\n", id="faulty"),
        pytest.param("1;02.03.2026;right;8\n", id="one-id"),
    ],
)
def test_memory_does_not_grow_with_the_table(desk: Path, row: str) -> None:
    """Eight times as many rows, each of them right or wrong, take no more memory: not 0.5 kB a row."""
    small, large = (_memory_kb(desk, rows, row) for rows in (1_000, 8_000))
    assert large < small + 3_000
