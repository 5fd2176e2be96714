"""A few letters of a font with PostScript outlines (CFF) as a TrueType font.

The typesetter leaves the widths of such outlines out of what it embeds, so that the pages would not be
PDF/A: widths must be the same in the font and in the file (ISO 19005-2, 6.2.11.5).
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

# How far a curve may lie from its original, as a share of the em.
_MOST_OFF = 0.001
_VERSION = 5  # its name ID
_EPOCH = 2082844800  # 1970 in seconds since 1904, so that the time of making is no part of it


def as_truetype(font: Any, family: str, characters: Iterable[int]) -> bytes:
    """The file of a font of this family with these code points and no others; the same each time."""
    from fontTools.fontBuilder import FontBuilder

    known = font.getBestCmap()
    names = {code: known[code] for code in sorted(characters)}
    order = list(dict.fromkeys((".notdef", *names.values())))
    builder = FontBuilder(font["head"].unitsPerEm, isTTF=True)
    builder.font.recalcTimestamp = False
    builder.updateHead(created=_EPOCH, modified=_EPOCH)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    builder.setupGlyf({name: _outline(font, name) for name in order})
    widths = {name: font["hmtx"][name][0] for name in order}
    glyphs = builder.font["glyf"]
    builder.setupHorizontalMetrics(
        {n: (w, getattr(glyphs[n], "xMin", 0)) for n, w in widths.items()}
    )
    head, of_lines = font["hhea"], font["OS/2"]
    builder.setupHorizontalHeader(ascent=head.ascent, descent=head.descent)
    said = {"familyName": family, "styleName": "Regular", "psName": family.replace(" ", "")}
    builder.setupNameTable({**said, "version": font["name"].getDebugName(_VERSION) or ""})
    lines = ("sTypoAscender", "sTypoDescender", "sTypoLineGap", "usWinAscent", "usWinDescent")
    builder.setupOS2(fsType=of_lines.fsType, **{name: getattr(of_lines, name) for name in lines})
    builder.setupPost()
    made = BytesIO()
    builder.save(made)
    return made.getvalue()


def _outline(font: Any, name: str) -> Any:
    """One letter, its curves of the third degree as some of the second."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    most_off = _MOST_OFF * font["head"].unitsPerEm
    font.getGlyphSet()[name].draw(Cu2QuPen(pen, most_off, reverse_direction=True))
    return pen.glyph()
