"""Words that no sentence of hosr ever uses: what was not looked at, what nobody may conclude.

And, in every language, the ways in which Python prints what is missing.
"""

from __future__ import annotations

import re

__all__ = ["FORBIDDEN"]

_CONCLUSIONS = {
    "en": r"stable|unchanged|benign|malignan\w+|sarcoma|normal|no fracture|no loosening"
    r"|no infection|ankylosed|cm of bone|excision is|operable|prophyla\w+|prognos\w+"
    r"|recommend\w*|likely|certain\w*",
    "de": r"stabil\w*|unverändert\w*|benigne\w*|gutartig\w*|bösartig\w*|maligne\w*|sarkom\w*"
    r"|normal\w*|regelrecht\w*|keine fraktur|keine lockerung|keine infektion|ankylosiert\w*"
    r"|versteift\w*|cm knochen|inoperabel|operabel|prophyla\w+|prognos\w+|empf(?:ehl|ohl|iehl)\w*"
    r"|wahrscheinlich\w*|(?<!nicht\s)sicher\w*|gewiss",
    "fr": r"stables?|inchangée?s?|bénin|bénigne|malin|maligne|malignité|sarcome|normale?s?|normaux"
    r"|pas de fracture|pas de descellement|pas d'infection|ankylosée?|cm d'os|opérable|prophyla\w+"
    r"|pronosti\w+|recommand\w*|conseill\w*|probable\w*|certain\w*|certitude",
    "es": r"estables?|sin cambios|benign\w+|malign\w+|sarcoma|normal\w*|sin fractura"
    r"|sin aflojamiento|sin infección|anquilosad\w+|cm de hueso|operable|profila\w+|pronóstic\w+"
    r"|recom(?:end|iend)\w*|aconsej\w*|probable\w*|segur[oa]s?|certeza",
    "it": r"stabil[ei]|invariat\w+|benign\w+|malign\w+|sarcoma|normal[ei]|nessuna frattura"
    r"|nessuna mobilizzazione|nessuna infezione|anchilosat\w+|cm di osso|operabile|profila\w+"
    r"|prognos\w+|raccomand\w+|consigli\w+|probabil\w+|cert[oaei]|certezza",
}

# In English "None available:" begins a sentence.
FORBIDDEN = {
    tag: re.compile(rf"\b((?i:{words}|nan|inf|null|undefined)|None(?! available:)|True|False)\b")
    for tag, words in _CONCLUSIONS.items()
}
