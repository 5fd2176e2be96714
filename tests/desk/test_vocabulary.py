"""The words that the form of the desk offers."""

import pytest

from hosr.desk.vocabulary import vocabulary_of
from hosr.desk.words import words_of
from hosr.language import LANGUAGES
from hosr.vocabulary.terms import FEATURES, Cause, Contrast, Event, Site, Stage, Symptom, View
from tests.language.told import TOLD


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_word_that_a_record_may_hold_is_offered(tag: str) -> None:
    """Each once, in words of the language."""
    told = vocabulary_of(TOLD[tag])
    keys = {name: [key for key, _ in told[name]] for name in told if name not in _SHAPED}
    assert keys == {
        "stages": list(Stage),
        "sites": list(Site),
        "contrasts": list(Contrast),
        "causes": list(Cause),
        "symptoms": list(Symptom),
        "events": list(Event),
    }
    assert [each["key"] for each in told["features"]] == list(FEATURES)
    assert list(told["modalities"]) == list(View)
    words = {name: [said for _, said in told[name]] for name in keys}
    assert {name: len(set(filter(None, said))) for name, said in words.items()} == {
        name: len(listed) for name, listed in keys.items()
    }


_SHAPED = ("features", "modalities")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_side_is_no_numeral(tag: str) -> None:
    """It stands before a grade: as "I", for a left hip in Spanish, grade I would read as grade II."""
    words = words_of(TOLD[tag])
    sides = {words[key] for key in ("short_right", "short_left")}
    assert len(sides) == 2
    assert not [each for each in sides if set(each.upper()) <= set("IV")]
