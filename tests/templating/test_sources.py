"""Which files of a site's folder are templates, and which are refused unread."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from hosr.errors import Fault, TemplateRefused
from hosr.templating.sources import Source, find_oddities, read_site
from tests.privileges import unprivileged

if TYPE_CHECKING:
    from pathlib import Path


def _refused(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(TemplateRefused, match=r"\w") as refused:
        read_site(folder, "en")
    return refused.value.faults


def test_templates_are_read_by_their_names(tmp_path: Path) -> None:
    """Files of the folder and of the language, the latter first; line ends and a mark are dropped."""
    (tmp_path / "en").mkdir()
    (tmp_path / "de").mkdir()
    (tmp_path / "report.txt").write_bytes(b"general")
    (tmp_path / "report.html").write_bytes(b"\xef\xbb\xbfa\r\nb")
    (tmp_path / "en" / "report.txt").write_bytes(b"English")
    (tmp_path / "de" / "report.typ").write_bytes(b"German")
    (tmp_path / "notes.md").write_bytes(b"\xff")

    assert read_site(tmp_path, "en") == {
        "report.html": Source("report.html", "a\nb"),
        "report.txt": Source("en/report.txt", "English"),
    }


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (
            b"x" * (256 * 1024 + 1),
            Fault("report.txt", "is larger than 256 KiB", "make it smaller"),
        ),
        (
            b"a\n\xff\xfe",
            Fault("report.txt", "is no text in UTF-8, line 2", "save it as UTF-8"),
        ),
        (
            b"a\nb\x00c",
            Fault("report.txt", "holds control characters, line 2", "remove them"),
        ),
    ],
)
def test_what_is_no_template_is_refused(data: bytes, fault: Fault, tmp_path: Path) -> None:
    """Enormous files and files that are no text are named, with the line where there is one."""
    (tmp_path / "report.txt").write_bytes(data)

    assert _refused(tmp_path) == (fault,)


def test_every_file_is_told_at_once(tmp_path: Path) -> None:
    """A folder, a pipe, a link out of the folder, and a link to nothing."""
    outside = tmp_path / "outside.txt"
    outside.write_text("secret", encoding="utf-8")
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "a.txt").mkdir()
    os.mkfifo(folder / "b.txt")
    (folder / "c.txt").symlink_to(outside)
    (folder / "d.txt").symlink_to(folder / "nothing.txt")
    (folder / "report.txt").write_text("fine", encoding="utf-8")
    (folder / "e.txt").symlink_to(folder / "report.txt")

    assert _refused(folder) == (
        Fault("a.txt", "is no file", "give the folder another name"),
        Fault("b.txt", "is no file", "give the folder another name"),
        Fault("c.txt", "leads out of the folder of templates", "put the file itself there"),
        Fault("d.txt", "cannot be read (No such file or directory)", "check its rights"),
    )


def test_the_folder_of_a_language_leads_nowhere_else(tmp_path: Path) -> None:
    """A link in place of a folder is no way out either."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "report.txt").write_text("secret", encoding="utf-8")
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "en").symlink_to(outside)
    problem = "leads out of the folder of templates"

    assert _refused(folder) == (Fault("en/report.txt", problem, "put the file itself there"),)


def test_a_folder_of_very_many_files_is_refused(tmp_path: Path) -> None:
    """No more is read than a department writes."""
    for number in range(201):
        (tmp_path / f"{number}.txt").touch()
    problem = "holds more than 200 templates"

    assert _refused(tmp_path) == (
        Fault(tmp_path.name, problem, "leave only the changed ones in it"),
    )


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """What is not there and what is a file is no folder of templates."""
    file = tmp_path / "file"
    file.touch()
    remedy = "name a folder of templates"

    assert _refused(tmp_path / "none") == (
        Fault("none", "cannot be read (No such file or directory)", remedy),
    )
    assert _refused(file) == (Fault("file", "cannot be read (Not a directory)", remedy),)


def test_a_folder_without_rights_is_refused(tmp_path: Path) -> None:
    """What may not be read is named, and the reason."""
    tmp_path.chmod(0)
    with unprivileged(tmp_path):
        faults = _refused(tmp_path)
    tmp_path.chmod(0o700)

    problem = "cannot be read (Permission denied)"
    assert faults == (Fault(tmp_path.name, problem, "name a folder of templates"),)


def test_what_has_no_effect_is_told(tmp_path: Path) -> None:
    """Misspelt files, folders and blocks, and nothing that is used."""
    files = {
        "report.txt": '{% extends "default:report.txt" %}{% block staus %}{% endblock %}',
        "report.html": '{% include "head.html" %}',
        "head.html": "",
        "raport.txt": "",
        "report.htm": "",
        ".hidden": "",
        "de/report.txt": "",
        "fonts/own.ttf": "",
        "german/report.txt": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shipped = "gap_scale.svg, key_image.svg, report.html, report.txt, report.typ"

    assert set(find_oddities(tmp_path)) == {
        Fault("raport.txt", "is used by no report", f"a template is one of {shipped}"),
        Fault(
            "report.txt",
            "the block 'staus' is not in the shipped template",
            "see `hosr describe templates` for the blocks that there are",
        ),
        Fault("german", "is the folder of no language", "languages are en, de, fr, es, it"),
        Fault("report.htm", "is no template", "names end in .html, .svg, .txt, .typ"),
    }
