"""Templates, of ours and of a department's own, and what becomes of them.

The rooms:

sources       in which language and whose; their texts, and what in a folder has no effect
environment   the engine: strict, sandboxed, every value escaped
rendering     data to text; what is a department's own, in a sandbox
refusals      why a template cannot be used, or what it prints
statements    what no report may leave out, and whether a text says it
web_page      the words that are seen of a page for a browser; its styles are judged by
style_sheets    which properties and values hide no word
colours         which colour can be seen on which
unclear         what of a page is told where that cannot be said
pdf_pages     the letters that are seen of the pages of a PDF, in a sandbox; which these are says
ink             by the points of the painted page
given         what a template is given, name by name
typesetting   Typst source to pages, drawings to pictures; which characters its fonts can print
spare_fonts   fonts of this machine for the others; truetype: of their outlines what can be embedded
"""
