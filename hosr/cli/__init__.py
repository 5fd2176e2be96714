"""The command line: arguments to calls, values to print, errors to exit codes.

    program         the commands, what a call ends with, one line for whatever goes wrong
    report, ...     one file for each command: its arguments, the call, what it prints
    arguments       arguments that several commands share, and the values they stand for
    archives        which words name an archive, opening it; the images of `--images` that lie there
    deliveries      the outbox opened and delivered, and told
    rivals          what an archive holds beside a report that was sent, and told
    drawings        what a viewer drew, in files or in an archive
    terminal        what commands print for people: tables, progress, faults; exit codes
    verbosity       -v: the log of the library on standard error
    topics          the tables that `hosr describe` puts into its pages/, from the code

No module imports a library before a command needs it: `hosr --help` takes 0.05 s.
"""

from hosr.cli.program import main, run
from hosr.cli.terminal import EXIT_CODES

__all__ = ["EXIT_CODES", "main", "run"]
