"""Messages as python-hl7 reads them, which is apart from what writes them."""

from __future__ import annotations

from typing import Any

import hl7

__all__ = ["Parsed"]


class Parsed:
    """A message, its values by segment and place, unescaped."""

    def __init__(self, data: bytes) -> None:
        self.text = data.decode()
        self._message: Any = hl7.parse(self.text)

    @property
    def segments(self) -> list[str]:
        """The names of all segments in order."""
        return [str(segment[0]) for segment in self._message]

    def count(self, name: str) -> int:
        """How many segments of a name there are."""
        return self.segments.count(name)

    def get(self, name: str, field: int, *below: int, number: int = 1, repeat: int = 1) -> str:
        """A value: the first of its repetition, or that of a component and sub-component below it."""
        segment = self._message.segments(name)[number - 1]
        if field >= len(segment):
            return ""
        component, part = (*below, 1, 1)[:2]
        try:
            return str(segment.extract_field(number, field, repeat, component, part) or "")
        except IndexError:  # nothing is below an empty value
            return ""

    def repetitions(self, name: str, field: int, number: int = 1) -> list[str]:
        """Every repetition of a field that has no components."""
        segment = self._message.segments(name)[number - 1]
        return [str(self._message.unescape(str(each))) for each in segment[field]]

    def raw(self, name: str, field: int, number: int = 1) -> str:
        """A whole field as it was sent."""
        segment = self._message.segments(name)[number - 1]
        return str(segment[field]) if field < len(segment) else ""

    def obx(self, kind: str, concept: str = "") -> list[int]:
        """The numbers of the OBX of a type, and of a concept by its code."""
        numbers = range(1, self.count("OBX") + 1)
        return [
            n
            for n in numbers
            if self.get("OBX", 2, number=n) == kind
            and concept in ("", self.get("OBX", 3, 1, number=n))
        ]

    def text_lines(self) -> list[str]:
        """The report as a receiver reads it of the TX alone."""
        return [line for n in self.obx("TX") for line in self.repetitions("OBX", 5, n)]
