"""What is seen of a page: markup that hides or forges words is refused, or does not count."""

from __future__ import annotations

import contextlib
import time

import pytest

from hosr.templating.web_page import UnclearPage, read_page

SEEN = {
    "words": ("<p>Brooker III</p>", "Brooker III"),
    "within a line": ("<p>I<b>I</b><wbr>I</p>", "III"),
    "lines": ("<p>I</p><p>I</p>I<br>I", "I I I I"),
    "entities": ("<p>1 &lt; 2 &amp; 3</p>", "1 < 2 & 3"),
    "left open": ("<ul><li>a<li>b</ul><p>c", "a b c"),
    "a head": ("<html><head><meta charset='utf-8'><title>a</title><body>b</body></html>", "b"),
    "a comment": ("a<!-- b - <p hidden> -->c", "ac"),
    "hidden": ("<p hidden>a</p>b", "b"),
    "hidden in capitals": ("<P HIDDEN=''>a</P>b", "b"),
    "an element in hidden ones": ("<div hidden><div></div>a</div>b", "b"),
    "a popover": ("<p popover>a</p>b", "b"),
    "a template": ("<template>a</template>b", "b"),
    "details": ("<details><summary>a</summary>b</details>c", "c"),
    "struck out": ("<s>a</s><del>b</del><strike>c</strike>d", "d"),
    "turned round": ("<bdo dir='rtl'>III</bdo>", ""),
    "a font of old": ("<font color='#fff'>a</font>b", "b"),
    "an element of one's own": ("<our-name>a</our-name>b", "b"),
    "smaller and smaller": ("<small>a<small>b<sub>c</sub></small></small>", "ab"),
    "labels of a drawing": (
        "<svg viewBox='0 0 1 1'><text x='0'>a</text><path d='M0 0'/></svg>b",
        "b",
    ),
    "a style": ("<style>p { color: #900 }</style>a", "a"),
}


@pytest.mark.parametrize("name", SEEN)
def test_what_is_seen(name: str) -> None:
    """Words count where every element around them is plain and shown."""
    page, words = SEEN[name]
    assert " ".join(read_page(page).split()) == words


DOUBT = "holds markup that browsers take in different ways"
UNCLEAR = {
    "a marked section": ("a<![a", DOUBT),
    "a processing instruction": ("<?xml a?>", DOUBT),
    "another doctype": ("<!DOCTYPE html SYSTEM 'x'>", DOUBT),
    "a comment that ends at once": ("<!--> <div hidden> -->a", DOUBT),
    "a comment that ends at once, too": ("<!---> <div hidden> -->a", DOUBT),
    "a comment that ends in another way": ("<!-- --!> <div hidden> -->a", DOUBT),
    "a comment that does not end": ("<!-- a", DOUBT),
    "an attribute that does not end": ('<p title="a>b</p>', DOUBT),
    "attributes side by side": ("<p title='a'hidden>b</p>", DOUBT),
    "a lone sign": ("1 < 2", DOUBT),
    "an attribute given twice": ("<p id='a' id='b'>", "gives the attribute id twice"),
    "a script": ("<script>a</script>", "holds <script>"),
    "a handler": ("<p onclick='a'>", "runs a program in <p onclick>"),
    "a link that runs": ("<a href='JavaScript:a'>", "runs a program in <a href>"),
    "another page": (
        "<meta http-equiv='Refresh' content='0;url=a'>",
        "goes to another page by itself",
    ),
    "a frame": ("<iframe srcdoc='a'>", "holds <iframe>"),
    "a sheet from elsewhere": ("<link rel='stylesheet' href='a'>", "holds <link>"),
    "a field of text": ("<textarea><p></textarea>", "holds <textarea>"),
    "a title with a tag": (
        "<title><x a='</title><div hidden>'></x></title>a",
        "holds markup within <title>",
    ),
    "a style with a tag": ("<style><!-- p {} --></style>", "holds markup within <style>"),
    "closed at once": ("<div hidden/>a", "closes <div/> at once"),
    "closed from within a table": ("<div hidden><table><tr><td></div>a", "closes </div> where"),
    "closed around a bold word": ("<p><b hidden></p><p>a", "closes </p> where"),
    "closed from within a drawing": ("<svg><desc></svg>a", "closes </svg> where"),
    "closed without a beginning": ("a</div>", "closes </div> where"),
    "an element in a drawing": ("<svg><div hidden/></svg>a", "holds <div> in a drawing"),
    "a page in a drawing": ("<svg><foreignObject/></svg>", "holds <foreignobject> in a drawing"),
    "a drawing over words": ("<svg overflow='visible'></svg>", "by <svg overflow>"),
    "a drawing that is moved": ("<svg transform='scale(9)'></svg>", "by <svg transform>"),
    "a colour of old": ("<body text='#fff'>", "by <body text>"),
    "a shadow": (
        "<div><template shadowrootmode='open'></template>a</div>",
        "by <template shadowrootmode>",
    ),
    "a hidden body": ("a<body hidden>", "hides <body>"),
    "a second body": ("<body>a<body class='b'>", "hides <body>, or holds it twice"),
    "very deep": ("<div>" * 300, "nests elements deeper than 200"),
    "a style that hides": (
        "<p style='display: none'>a</p>",
        "may hide words by the style display: none",
    ),
    "a style in entities": (
        "<p style='d&#105;splay: none'>a</p>",
        "may hide words by the style display",
    ),
    "white on white": (
        "<p style='color: #fff'>a</p>",
        "colours <p> #fff on #ffffff, hardly to be seen",
    ),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_a_page_that_cannot_be_judged_is_refused(name: str) -> None:
    """Why, and never an error of the reader itself."""
    page, problem = UNCLEAR[name]
    with pytest.raises(UnclearPage) as unclear:
        read_page(page)
    assert problem in str(unclear.value)


def test_the_line_is_that_of_the_page() -> None:
    """The line of what was printed, where what is wrong begins."""
    with pytest.raises(UnclearPage, match=r"\(line 3 of the page\)"):
        read_page("<p>a</p>\n\n<script>")


@pytest.mark.parametrize(
    "piece",
    ["<p>a</p>", "<p a=", "<!-- ", "<!-- - -->", "<", "&lt;", "<b>a", '<p a="b" ', "<style>a{}"],
)
def test_the_time_grows_with_the_length_only(piece: str) -> None:
    """No text of a page is gone through again and again."""

    def seconds(count: int) -> float:
        page = piece * count
        begin = time.process_time()
        with contextlib.suppress(UnclearPage):
            read_page(page)
        return time.process_time() - begin

    seconds(1000)
    assert seconds(80_000) < 0.5 + 40 * seconds(8000)
