"""What every door is, and what several of them need."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.forked import ended, forked_command

CPU_S = 10
"""What a command may compute for."""


class Door(ABC):
    """One way into the package."""

    @abstractmethod
    def make(self, rng: random.Random) -> bytes:
        """Return a case."""

    @abstractmethod
    def open(self, case: bytes, folder: Path) -> None:
        """Take a case in, with a folder for its files; any error is the caller's to judge."""


@cache
def loaded() -> Any:
    """Return the bundled complex, measured once."""
    import epitope

    return epitope.load()


def commanded(words: Sequence[str], folder: Path, codes: Sequence[int] = (0,)) -> None:
    """Run a command as its user does; where it says in one line what is wrong, raise that.

    Raises
    ------
    EpitopeError
        With the line that the command ended with.
    AssertionError
        If it ended in any other way.
    """
    from epitope.errors import EpitopeError

    told = folder / "stderr"
    code = ended(forked_command(words, folder, told, seconds=CPU_S))
    lines = told.read_text(errors="replace").splitlines()
    if code in (1, 2) and code not in codes and len(lines) == 1:
        raise EpitopeError(lines[0])
    if code not in codes:
        raise AssertionError("\n".join([*lines[-30:], f"exit code {code}, {len(lines)} lines"]))
