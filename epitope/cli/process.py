"""The process that a command runs in, and how it ends where a library written in C crashes.

A damaged trajectory can make its reader write where it must not. Python cannot catch that, so the command goes on in
a child, and its parent says in one line what happened.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from epitope.cli.common import ALL_FAILED, complain

_CRASHES = ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL")


@dataclass
class Process:
    """The process of a program; ``child`` says that another one waits for it."""

    child: bool = False

    def expect_crashes(self, files: Sequence[Path]) -> None:
        """Go on in a child process; a crash there is told as damage of the files. On Linux alone, else nothing."""
        if not sys.platform.startswith("linux"):
            return
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            self.child = True
            _keep_standard_error()
            return
        signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the child has it too, and ends
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code < 0 and signal.Signals(-code).name in _CRASHES:
            named = ", ".join(file.name for file in files)
            complain(
                f"{named}: the reader of MDAnalysis crashed ({signal.Signals(-code).name}), so a frame is damaged; "
                "copy the file again, and trust nothing that this run wrote"
            )
            code = ALL_FAILED
        os._exit(code if code >= 0 else 128 - code)

    def fail(self, code: int) -> NoReturn:
        """End after an error; a child frees no memory, which may be what the error is about."""
        if self.child:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        sys.exit(code)


def _keep_standard_error() -> None:
    """Leave standard error to Python; what a library written in C says there before it crashes goes nowhere."""
    if sys.stderr is not None:
        sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, encoding=sys.stderr.encoding, errors=sys.stderr.errors)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
