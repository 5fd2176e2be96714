"""What is shipped: a wheel that holds the templates, runs without the checkout, and needs no compiler."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from hosr.cli.example import EXAMPLES

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
    modules |= {str(path.relative_to(ROOT)) for path in ROOT.glob("hosr/cli/pages/*.md")}
    modules |= {str(path.relative_to(ROOT)) for path in ROOT.glob("hosr/desk/static/*")}
    modules |= {"hosr/__init__.pyi", "hosr/py.typed"}
    templates = {
        f"hosr/{path.relative_to(ROOT)}" for path in ROOT.glob("templates/**/*") if path.is_file()
    }
    examples = {f"hosr/examples/{path.name}" for path in ROOT.glob("sample_data/reports/*.dcm")}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    studies = {
        f"hosr/studies/{path.relative_to(ROOT / 'sample_data')}"
        for name in EXAMPLES
        for path in ROOT.glob(f"sample_data/{name}/**/*")
        if path.is_file()
    }

    assert held == modules | templates | examples | studies


def test_the_wheel_finds_its_files(wheel: Path, tmp_path: Path) -> None:
    """Unpacked anywhere, the package reads the templates and examples that it brought."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = (
        "from hosr.resources import example_dir, study_dir, template_dir; from pathlib import Path; "
        "print(template_dir() == Path('hosr/templates').resolve(), "
        "(template_dir() / 'report.txt').is_file(), "
        "example_dir() == Path('hosr/examples').resolve(), "
        "(example_dir() / 'bilateral.dcm').is_file(), "
        "study_dir() == Path('hosr/studies').resolve(), "
        f"all((study_dir() / name / 'record.json').is_file() for name in {list(EXAMPLES)}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "True True True True True True\n"


def test_time_zones_need_nothing_of_the_machine() -> None:
    """The zone of a mapping is known where the system brings no list of zones."""
    program = "from zoneinfo import ZoneInfo, TZPATH; print(TZPATH, ZoneInfo('Europe/Berlin'))"
    environ = {**os.environ, "PYTHONTZPATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("() Europe/Berlin\n", "")


# The newest tags of each system that its users have; older ones are found as well.
PLATFORMS = {
    "Linux x86-64": [f"manylinux_2_{minor}_x86_64" for minor in (28, 27, 26, 24, 17, 12, 5)],
    "Linux arm64": [f"manylinux_2_{minor}_aarch64" for minor in (28, 27, 26, 24, 17)],
    "macOS arm64": ["macosx_14_0_arm64"],
    "Windows": ["win_amd64"],
}


@pytest.mark.slow
@pytest.mark.registry
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_every_dependency_has_a_wheel(version: str) -> None:
    """There are wheels of the default install for each Python and system; nobody needs a compiler.

    pip is asked, which asks the registry; the test fails where that is out of reach.
    """
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda tags: _what_pip_lacks(version, tags), PLATFORMS.values())
    assert dict(zip(PLATFORMS, found, strict=True)) == dict.fromkeys(PLATFORMS, "")


def _what_pip_lacks(version: str, tags: list[str]) -> str:
    """What pip says that it cannot find, of the dependencies for this Python; "" where it has all."""
    given = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [Requirement(line) for line in given["dependencies"]]
    # pip takes the markers for those of the Python that it runs in.
    lines = [
        f"{one.name}{one.specifier}"
        for one in wanted
        if one.marker is None or one.marker.evaluate({"python_version": version})
    ]
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
    options = ["--target", "nowhere", "--only-binary=:all:", "--python-version", version]
    platforms = [f"--platform={tag}" for tag in tags]
    done = subprocess.run(
        [*command, *options, *platforms, *lines],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return done.stderr if done.returncode else ""
