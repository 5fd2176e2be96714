"""The files of one report: what can be made, what several of them share, and their manifest."""

from hosr.outputs.making import DEFAULT_OUTPUTS, OUTPUTS, OutputName, choose_outputs, make_files
from hosr.outputs.values import Made

__all__ = ["DEFAULT_OUTPUTS", "OUTPUTS", "Made", "OutputName", "choose_outputs", "make_files"]
