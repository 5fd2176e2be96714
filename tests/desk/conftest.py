"""What the tests of the desk share: a folder with a draft of a model, and a desk that serves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hosr.drafts import Draft
from tests.desk.desks import (
    BIANCHI,
    ROSSI,
    Json,
    Page,
    Running,
    add_draft,
    model_record,
    running,
    write_own_film,
)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """The image of the draft."""
    return write_own_film(tmp_path)


@pytest.fixture
def record() -> Json:
    """What the model found."""
    return model_record()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the drafts."""
    return tmp_path / "drafts"


@pytest.fixture
def draft(folder: Path, record: Json, film: Path) -> Draft:
    """The draft."""
    return add_draft(folder, record, film, made_from=("result.json",))


@pytest.fixture
def desk(folder: Path, draft: Draft) -> Iterator[Running]:
    """A desk for two readers."""
    del draft
    with running(folder, ROSSI, BIANCHI) as serving:
        yield serving


@pytest.fixture
def page(desk: Running) -> Page:
    """The page of the first of them."""
    return desk.enter()


@pytest.fixture(scope="module")
def standing(standing_folder: Path) -> Iterator[Page]:
    """A page of a desk that serves a whole module: for what changes neither drafts nor sessions."""
    folder = standing_folder
    made = add_draft(folder / "drafts", model_record(), write_own_film(folder))
    with running(folder / "drafts", ROSSI) as serving:
        page = serving.enter()
        page.open(made.draft_id)
        yield page


@pytest.fixture(scope="module")
def standing_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where that desk has its drafts and films."""
    return tmp_path_factory.mktemp("standing")


@pytest.fixture
def shown(standing: Page) -> str:
    """The draft of that desk."""
    (row,) = standing.get("/drafts")["drafts"]
    draft_id: str = row["id"]
    return draft_id
