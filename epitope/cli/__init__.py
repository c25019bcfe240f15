"""The command line: parse arguments, call the API, print.

No science here and no formatting beyond choosing between table, CSV and JSON. Errors of
the user are printed as one line, with exit code 2, or 1 where a part of a batch failed.
A module of this package holds the commands of one kind; importing it adds them to the program.
"""

from epitope.cli import assessing, frames, measuring, serving, showing, survey, targets, verifying
from epitope.cli.app import app, main

__all__ = ["app", "assessing", "frames", "main", "measuring", "serving", "showing", "survey", "targets", "verifying"]
