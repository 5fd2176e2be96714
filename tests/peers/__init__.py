"""Programs that hosr did not write, run for real: validators, an archive and a viewer."""
