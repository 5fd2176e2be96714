"""The files of one report.

making          the table of outputs: what can be made, the files of each, what makes them
materials       what several of them share, made once
manifest        what was made, of what grade, and what was tolerated
template_trial  a site's own templates tried on every example
"""

from hosr.outputs.making import DEFAULT_OUTPUTS, OUTPUTS, OutputName, choose_outputs, make_files
from hosr.outputs.manifest import Made

__all__ = ["DEFAULT_OUTPUTS", "OUTPUTS", "Made", "OutputName", "choose_outputs", "make_files"]
