"""What is shipped: a wheel that holds the templates and runs without the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(name="wheel", scope="module")
def _wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True, timeout=300)
    return next(folder.glob("hosr-*.whl"))


def test_the_wheel_holds_every_module_template_and_example(wheel: Path) -> None:
    """Each module, template and example of the checkout is in the wheel, and nothing else of it."""
    modules = {str(path.relative_to(ROOT)) for path in ROOT.glob("hosr/**/*.py")}
    modules.add("hosr/py.typed")
    templates = {
        f"hosr/{path.relative_to(ROOT)}" for path in ROOT.glob("templates/**/*") if path.is_file()
    }
    examples = {f"hosr/examples/{path.name}" for path in ROOT.glob("sample_data/reports/*.dcm")}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert held == modules | templates | examples


def test_the_wheel_finds_its_files(wheel: Path, tmp_path: Path) -> None:
    """Unpacked anywhere, the package reads the templates and examples that it brought."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = (
        "from hosr._files import example_dir, template_dir; from pathlib import Path; "
        "print(template_dir() == Path('hosr/templates').resolve(), "
        "(template_dir() / 'report.txt').is_file(), "
        "example_dir() == Path('hosr/examples').resolve(), "
        "(example_dir() / 'bilateral.dcm').is_file())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "True True True True\n"
