"""What the configuration may hold, as it is described."""

from __future__ import annotations

import re

from hosr.archive.configuration_keys import SECTIONS, describe_configuration


def test_every_key_is_described_once() -> None:
    """Each key of the model, with its form, its default and its meaning, below its section."""
    said = describe_configuration()
    tables = dict(re.findall(r"`\[([^]]+)\]`\n\n(.*?)(?:\n\n|\Z)", said, re.DOTALL))
    assert tables.keys() == SECTIONS.keys()
    for section, table in SECTIONS.items():
        rows = [line.strip("| ").split(" | ") for line in tables[section].splitlines()[2:]]
        below = {name.removeprefix(f"{section}.") for name in SECTIONS}
        assert [row[0] for row in rows] == [
            f"`{key}`" for key in table.model_fields if key not in below
        ]
        assert {len(row) for row in rows} == {4}
        assert all(all(row) for row in rows)
    assert "| `connect_s` | seconds | `10` |" in said
    assert "| `url` | an address | must be written |" in said
