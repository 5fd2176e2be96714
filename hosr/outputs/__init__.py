"""The files of one report.

files           the table of outputs: what can be made, the files of each, and their manifest
materials       what several of them share, made once
withdrawal      the files of a report that is withdrawn
template_trial  a site's own templates tried on every example
"""

from hosr.outputs.files import (
    DEFAULT_OUTPUTS,
    OUTPUTS,
    Made,
    OutputName,
    choose_outputs,
    make_files,
)

__all__ = ["DEFAULT_OUTPUTS", "OUTPUTS", "Made", "OutputName", "choose_outputs", "make_files"]
