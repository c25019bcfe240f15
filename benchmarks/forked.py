"""Commands in a child of this process, forked from a warm one: nothing is imported again."""

from __future__ import annotations

import faulthandler
import os
import resource
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path


def forked_command(
    words: Sequence[str], folder: Path, errors: str | Path = os.devnull, *, seconds: int = resource.RLIM_INFINITY
) -> int:
    """Run a command in a child of this process; return its process id.

    Parameters
    ----------
    words : sequence of str
        Of the command line, without the program.
    folder : Path
        Where it runs.
    errors : str or Path
        File that takes standard error.
    seconds : int
        Processor time after which it is killed.
    """
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        from epitope.cli import main

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT), 2)
        sys.stdout, sys.stderr = (os.fdopen(stream, "w", buffering=1, encoding="utf-8") for stream in (1, 2))
        faulthandler.disable()
        os.chdir(folder)
        sys.argv = ["epitope", *words]
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(child: int) -> int:
    """Wait for a child and return its exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
