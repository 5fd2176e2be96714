"""What a reader sees of the pages of a PDF: its letters as they are painted, in a sandbox.

The letters are those that a reader of PDF finds (PDFium, which knows of hyphens, ligatures and the
order of reading), without those that `ink` finds not to be seen.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hosr.errors import Fault, TemplateRefused
from hosr.sandbox import End, Limits, WorkRefused, run_in_sandbox
from hosr.templating.ink import Letter, Painted, find_seen
from hosr.templating.statements import (
    PRINT_GIVEN,
    Statements,
    find_misnamed,
    find_unsaid,
    read_statements,
    see,
)

LIMITS = Limits(seconds=20.0, memory_bytes=1024 * 1024 * 1024)

_MAX_PAGES = 60
_MAX_LETTERS = 500_000
# Points of an image to one of the PDF: 144 to an inch. The largest page is A1.
_SCALE = 2
_MAX_POINTS = 1700 * 2400
_LEAST_SIZE = 5.0  # in points; the smallest letters of the shipped pages have 7.5

_KEEP = "extend the shipped template and change other blocks"


def check_pages(pages: bytes, statements: Statements) -> None:
    """Refuse pages that leave out what the report must say, or name a grade that it does not have.

    Raises `TemplateRefused`.
    """
    ended = run_in_sandbox(__name__, {"statements": asdict(statements)}, pages, limits=LIMITS)
    if ended.how is End.DONE:
        faults = [(problem, _KEEP) for problem in ended.told["unsaid"]]
        faults += [(problem, PRINT_GIVEN) for problem in ended.told["misnamed"]]
    elif ended.how is End.REFUSED:
        faults = [(ended.reason, "make the pages simpler")]
    elif ended.how is End.OUT_OF_TIME:
        faults = [(f"takes longer than {LIMITS.seconds:g} s to read", "print less")]
    else:
        faults = [("ends the process that reads its pages", "make the pages simpler")]
    if faults:
        raise TemplateRefused([Fault("report.typ", *fault) for fault in faults])


def load() -> None:
    """Import the reader of PDF and what counts points, whose files cannot be opened later."""
    import numpy as np  # noqa: F401 (to have it loaded)
    import pypdfium2.raw  # noqa: F401 (to have it loaded)


def prepare(_: Mapping[str, Any]) -> None:
    """Let the reader begin."""
    import pypdfium2.raw as pdfium

    pdfium.FPDF_InitLibrary()


def work(asked: Mapping[str, Any], pages: bytes) -> tuple[dict[str, Any], bytes]:
    """What the pages leave out, in the sandbox."""
    import pypdfium2.raw as pdfium

    document = pdfium.FPDF_LoadMemDocument64(pages, len(pages), None)
    count = pdfium.FPDF_GetPageCount(document)
    if count > _MAX_PAGES:
        raise WorkRefused(f"prints more than {_MAX_PAGES} pages")
    whole: list[str] = []
    body: list[str] = []
    for number in range(count):
        seen = _read_page(pdfium, document, number)
        whole += ["\n", *(letter.character for letter in seen)]
        # A sentence goes on after the foot of its page, which is marked as an artifact.
        body += ["\n", *(letter.character for letter in seen if not letter.repeated)]
        if len(whole) > _MAX_LETTERS:
            raise WorkRefused(f"prints more than {_MAX_LETTERS} letters")
    texts = (see("".join(whole)), see("".join(body)))
    statements = read_statements(asked["statements"])
    return {
        "unsaid": find_unsaid(statements, *texts),
        "misnamed": find_misnamed(statements, *texts),
    }, b""


def _read_page(pdfium: Any, document: Any, number: int) -> list[Letter]:
    """The letters of a page that are seen, with blanks between them."""
    page = pdfium.FPDF_LoadPage(document, number)
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    if width * height > _MAX_POINTS:
        raise WorkRefused("has a page larger than A1")
    letters = _read_letters(pdfium, page, height)
    whole = _paint(pdfium, page, 0xFFFFFFFF)
    for place in reversed(range(pdfium.FPDFPage_CountObjects(page))):
        thing = pdfium.FPDFPage_GetObject(page, place)
        if pdfium.FPDFPageObj_GetType(thing) != pdfium.FPDF_PAGEOBJ_TEXT:
            pdfium.FPDFPage_RemoveObject(page, thing)
            pdfium.FPDFPageObj_Destroy(thing)
    painted = Painted(
        whole=whole,
        on_white=_paint(pdfium, page, 0xFFFFFFFF),
        on_black=_paint(pdfium, page, 0xFF000000),
    )
    pdfium.FPDF_ClosePage(page)
    return find_seen(letters, painted)


def _paint(pdfium: Any, page: Any, ground: int) -> Any:
    """The page in greys, a byte for each point."""
    import numpy as np

    width = max(1, round(pdfium.FPDF_GetPageWidthF(page) * _SCALE))
    height = max(1, round(pdfium.FPDF_GetPageHeightF(page) * _SCALE))
    greys = np.zeros((height, width), np.uint8)
    grey = pdfium.FPDFBitmap_Gray
    image = pdfium.FPDFBitmap_CreateEx(width, height, grey, greys.ctypes.data, width)
    pdfium.FPDFBitmap_FillRect(image, 0, 0, width, height, ground)
    pdfium.FPDF_RenderPageBitmap(image, page, 0, 0, width, height, 0, 0)
    pdfium.FPDFBitmap_Destroy(image)
    return greys


def _read_letters(pdfium: Any, page: Any, height: float) -> list[Letter]:
    text = pdfium.FPDFText_LoadPage(page)
    drawn = _drawn_content(pdfium, page)
    repeated: dict[int, bool] = {}
    letters = []
    for place in range(min(pdfium.FPDFText_CountChars(text), _MAX_LETTERS)):
        character = chr(pdfium.FPDFText_GetUnicode(text, place))
        if character.isspace() or pdfium.FPDFText_IsGenerated(text, place) == 1:
            letters.append(Letter(character=character))
            continue
        thing = pdfium.FPDFText_GetTextObject(text, place)
        if pdfium.FPDFPageObj_GetMarkedContentID(thing) in drawn:
            continue
        address = ctypes.cast(thing, ctypes.c_void_p).value or 0
        if address not in repeated:
            repeated[address] = _is_artifact(pdfium, thing)
        letters.append(
            Letter(
                character=character,
                box=_box(pdfium, text, place, height),
                legible=_size(pdfium, text, place) >= _LEAST_SIZE,
                run=address,
                repeated=repeated[address],
            )
        )
    pdfium.FPDFText_ClosePage(text)
    return letters


def _box(pdfium: Any, text: Any, place: int, height: float) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a letter, in points of the image."""
    sides = [ctypes.c_double() for _ in range(4)]
    pdfium.FPDFText_GetCharBox(text, place, *map(ctypes.byref, sides))
    left, right, bottom, top = (side.value * _SCALE for side in sides)
    return left, height * _SCALE - top, right, height * _SCALE - bottom


def _size(pdfium: Any, text: Any, place: int) -> float:
    """The size of a letter on the page, in points: the smaller of width and height; 0 in a mirror."""
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text, place, ctypes.byref(matrix))
    if matrix.a * matrix.d - matrix.b * matrix.c <= 0:
        return 0.0
    scale = min(math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d))
    return float(scale * pdfium.FPDFText_GetFontSize(text, place))


def _drawn_content(pdfium: Any, page: Any) -> frozenset[int]:
    """The marked content of drawings: the words in these are labels, and state nothing."""
    tree = pdfium.FPDF_StructTree_GetForPage(page)
    count = pdfium.FPDF_StructTree_CountChildren(tree)
    open_elements = [pdfium.FPDF_StructTree_GetChildAtIndex(tree, place) for place in range(count)]
    kind = (ctypes.c_ushort * 32)()
    drawn: set[int] = set()
    while open_elements:
        element = open_elements.pop()
        places = range(pdfium.FPDF_StructElement_CountChildren(element))
        pdfium.FPDF_StructElement_GetType(element, kind, ctypes.sizeof(kind))
        if _read_name(kind) == "Figure":
            drawn.update(
                pdfium.FPDF_StructElement_GetChildMarkedContentID(element, place)
                for place in places
            )
        children = (pdfium.FPDF_StructElement_GetChildAtIndex(element, place) for place in places)
        open_elements += filter(None, children)
    pdfium.FPDF_StructTree_Close(tree)
    return frozenset(drawn - {-1})


def _read_name(units: Any) -> str:
    """A short name as PDFium writes it; a codec for UTF-16 would be a file to open."""
    return "".join(map(chr, units)).partition("\0")[0]


def _is_artifact(pdfium: Any, thing: Any) -> bool:
    """Whether a piece of text is marked as no part of the content: head and foot of a page."""
    name = (ctypes.c_ushort * 32)()
    length = ctypes.c_ulong()
    for number in range(pdfium.FPDFPageObj_CountMarks(thing)):
        mark = pdfium.FPDFPageObj_GetMark(thing, number)
        pdfium.FPDFPageObjMark_GetName(mark, name, ctypes.sizeof(name), ctypes.byref(length))
        if _read_name(name) == "Artifact":
            return True
    return False
