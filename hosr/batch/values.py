"""What passes between the manifest, the workers and the journal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.errors import Fault
from hosr.intake.tables.reader import Row

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.sr.profiles import Options
    from hosr.templating.wording import Wording


class State(StrEnum):
    """What became of a row."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One report to be made: a line of JSONL, or the rows of one record in a table.

    `number` counts entries from 1, `rows` are lines or rows of the file. `id` is empty where
    there is none that can be used. `faults` is what was found wrong without a look at the record.
    """

    number: int
    rows: tuple[int, ...]
    id: str
    content: bytes | tuple[Row, ...] = b""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the journal says of an id: of which input, and what became of it."""

    sha256: str
    state: State
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An entry with what is known of it from an earlier run."""

    entry: Entry
    known: Known | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What all rows of a batch share: where things lie, and how reports are made.

    `base` is the folder that paths of the manifest start from, `out` a folder or URL;
    `templates_sha256` stands for the content of the site's own templates.
    """

    base: Path
    out: str
    outputs: tuple[str, ...]
    options: Options
    wording: Wording
    assume_charset: str | None
    templates_sha256: str
    version: str

    @property
    def language(self) -> Language:
        """The language of the words."""
        return self.wording.language


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """One entry that was tried: what of, what became of it, and the result as JSON text.

    `sha256` is empty for what may go otherwise the next time. `is_new` is False where all of it
    was there already.
    """

    number: int
    sha256: str
    state: State
    text: str
    is_new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a worker has done of a chunk; `stopped` is why it could not go on at all."""

    finished: tuple[Finished, ...]
    stopped: Fault | None = None


Chunk = tuple[Task, ...]
