"""The command line: arguments to calls, errors to exit codes."""

from hosr.cli.exit_codes import EXIT_CODES
from hosr.cli.running import main, run

__all__ = ["EXIT_CODES", "main", "run"]
