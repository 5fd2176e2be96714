"""The languages that a report can be told in: its words from a catalogue, its numbers by custom.

`language` says a message, a list, a quotation or a counted thing; `numbers` numbers, planes, days and names.
English is what the program itself is written in: a message is its own key. The other languages
are gettext catalogues among the templates, `templates/<tag>/messages.po`. A blank at which no
line may end is a no-break space, in messages and numbers alike; words of others never hold one.
"""

from hosr.language.language import (
    ENGLISH,
    LANGUAGES,
    Language,
    capitalized,
    language_of,
    message,
    sentence,
    turns_letters,
)

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Language",
    "capitalized",
    "language_of",
    "message",
    "sentence",
    "turns_letters",
]
