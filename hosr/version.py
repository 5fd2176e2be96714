"""The version of hosr, and that of the form in which it writes.

A form is named by the first version that wrote it. Files and UIDs say the form and not the version: the
same content makes the same bytes until the form changes, and each older one is still read and checked.
"""

__version__ = "0.2.0"

FORMS = ("0.1.0", "0.2.0")
FIRST_FORM, FORM = FORMS[0], FORMS[-1]
