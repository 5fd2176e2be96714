"""The languages that a report can be told in: its words from a catalogue, its numbers by custom.

English is what the program itself is written in: a message is its own key. The other languages
are gettext catalogues among the templates, `templates/<tag>/messages.po`.
"""

from hosr.language.language import ENGLISH, LANGUAGES, Language, language_of, message

__all__ = ["ENGLISH", "LANGUAGES", "Language", "language_of", "message"]
