"""Templates, of ours and of a department's own, and what becomes of them.

The rooms:

sources       in which language and whose; their texts, and what in a folder has no effect
environment   the engine: strict, sandboxed, every value escaped
rendering     data to text; what is a department's own, in a sandbox
refusals      why a template cannot be used, and what no report may leave out
given         what a template is given, name by name
typesetting   Typst source to pages, drawings to pictures; which characters its fonts can print
"""
