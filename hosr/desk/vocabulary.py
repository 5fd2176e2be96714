"""The words of a record that the form offers, as the report says them: stages, features, places, causes, events."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from hosr.language import message
from hosr.narrative import words
from hosr.vocabulary.terms import FEATURES, VIEW_MODALITIES

if TYPE_CHECKING:
    from hosr.language import Language

Json = dict[str, Any]

# The report tells it as a limitation, in a sentence of its own.
_TOLD_ELSEWHERE = {"XR_EARLY_MISSABLE": message("lesion may be missed on the radiograph")}

_TABLES: dict[str, Mapping[Any, str]] = {
    "stages": words.STAGES,
    "sites": words.SITES,
    "contrasts": words.CONTRASTS,
    "causes": words.CAUSES,
    "symptoms": words.SYMPTOMS,
    "events": words.EVENTS,
}


def vocabulary_of(language: Language) -> Json:
    """Each word that a record may hold as ``[key, words]``; features as `{"key", "words", "modality", "stage"}`.

    Views come with their modality, which says what features there are.
    """
    told = words.FEATURES | _TOLD_ELSEWHERE
    return {
        **{name: _pairs(table, language) for name, table in _TABLES.items()},
        "features": [
            {
                "key": key,
                "words": language.say(told[key]),
                "modality": feature.modality.value,
                "stage": feature.stage.value,
            }
            for key, feature in FEATURES.items()
        ],
        "modalities": {view.value: modality.value for view, modality in VIEW_MODALITIES.items()},
    }


def _pairs(table: Mapping[StrEnum, str], language: Language) -> list[list[str]]:
    return [[key.value, language.say(said)] for key, said in table.items()]
