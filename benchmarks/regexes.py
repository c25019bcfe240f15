"""How the time of each regular expression of the package grows with the length of a hostile text.

Every pattern that a module compiles, or writes out where it is used, runs over texts made to
send it back and forth: one short piece repeated, with an end that does not fit. A pattern
whose time grows with the square of the length stops being a pattern and becomes a way to keep
the program busy, so processor times at two lengths are compared, not held against a clock.
A pattern is tried the way in which the code asks it; what a module reads only to a length of
its own (``_LONGEST``) is tried to that length, and the HGVS engine has one blank for many.

Run with ``python -m benchmarks.regexes``; ends with an error where one grows too fast.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import pkgutil
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import epitope

LENGTHS = (4_000, 100_000)
"""Short texts first, so that a pattern that takes the square of the length is found in little time."""
MOST_GROWTH = 3.4
"""Of the time, where the length doubles: 2 is linear, 4 the square."""
_LEAST_S = 0.004
"""Differences of shorter times are noise."""
_TOO_QUICK_S = 0.0002
"""The square of some hundred repeats takes longer, whatever is done for each."""
_PIECES = (
    *(" ", "\t", "\n", "0", "1", "A", "a", "x", "*", "-", "+", "_", ",", ";", ":", ".", "/", "|", "&", "<", ">", "="),
    *("(", ")", "[", "]", "[(", ", ", "; ", " ;", " | ", "1,", "A1", "1-", "c.1 ", "p.", "chr1", "NC_", "exon ", "ins"),
    *(
        "del",
        "loss ",
        " and ",
        "ext",
        "skip",
        "ACGT",
        "Phe",
        "cd1",
        "one copy ",
        "both loss ",
        ";END=",
        "<ID=",
        "(;)",
        "[,",
    ),
)
_HEADS = ("", "c.1", "chr1:1", "p.", "exon 1", "GENE:")
_METHODS = ("fullmatch", "match", "search", "split", "sub", "findall", "finditer")


@dataclass(frozen=True, slots=True)
class Asked:
    """A pattern, how the code asks it, the longest text that it is given, and whether that has runs of blanks."""

    pattern: re.Pattern[str]
    methods: frozenset[str]
    longest: int = LENGTHS[-1]
    blanks: bool = True


def patterns() -> dict[str, Asked]:
    """Return the patterns that modules compile, and those written out in a call of `re`, by place."""
    found = {}
    for info in pkgutil.walk_packages(epitope.__path__, "epitope."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        more = (getattr(module, "_LONGEST", LENGTHS[-1]), not info.name.startswith("epitope.variant.hgvs."))
        for name, value in vars(module).items():
            asked = frozenset(re.findall(rf"\b{name}\.({'|'.join(_METHODS)})\(", source))
            for number, pattern in enumerate(_inside(value)):
                if isinstance(pattern.pattern, str) and re.search(rf"^{name}\b.* = ", source, re.M):
                    found[f"{info.name}.{name}[{number}]"] = Asked(pattern, asked or frozenset({"search"}), *more)
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="re"), attr=called), args=[ast.Constant(value=str(text)), *_]
                ) if called in _METHODS:
                    pattern = re.compile(text, _flags(node))
                    found[f"{info.name}:{node.lineno}"] = Asked(pattern, frozenset({called}), *more)
    return found


def _inside(value: Any) -> Iterator[re.Pattern[Any]]:
    """Yield the patterns in a value, a mapping or a nest of lists."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from _inside(list(value.values()))
    elif isinstance(value, list | tuple):
        yield from itertools.chain.from_iterable(map(_inside, value))


def _flags(call: ast.Call) -> int:
    """Return the flags that a call names, ``re.I`` or ``re.IGNORECASE | re.ASCII``."""
    names = {n.attr for n in ast.walk(call) if isinstance(n, ast.Attribute) and n.attr.isupper()}
    return sum(int(getattr(re, name)) for name in names)


def growth(
    run: Callable[[str], object], piece: str, head: str = "", end: str = "", longest: int = LENGTHS[-1]
) -> float:
    """Return by how much the time grows where the text doubles; 0 where it is too short to tell.

    Parameters
    ----------
    run : callable
        Reads a text.
    piece, head, end : str
        What is repeated, and what stands in front of it and behind.
    longest : int
        Characters of the longest text that is tried.
    """
    grown = 0.0
    for length in (n for n in LENGTHS if n <= longest):
        half, whole = (_seconds(run, head + piece * (n // len(piece)) + end) for n in (length // 2, length))
        if whole < _TOO_QUICK_S:
            break
        if whole > _LEAST_S:
            grown = whole / half
        if grown > MOST_GROWTH:
            break
    return grown


def _seconds(run: Callable[[str], object], text: str) -> float:
    """Return the processor time that a text takes, the shorter of two."""
    times = []
    for _ in range(2):
        start = time.thread_time()
        run(text)
        times.append(time.thread_time() - start)
    return min(times)


def worst(asked: Asked) -> tuple[float, str]:
    """Return the largest growth of a pattern, and the text that gives it."""
    pieces = [piece for piece in _PIECES if asked.blanks or piece.strip()]
    for piece, head, method in itertools.product(pieces, _HEADS, sorted(asked.methods)):
        run = getattr(asked.pattern, method) if method != "sub" else partial(asked.pattern.sub, "")
        if (grown := growth(run, piece, head, "!", asked.longest)) > MOST_GROWTH:
            return grown, f"{method} {head!r} + {piece!r} * n + '!'"
    return 0.0, ""


def main() -> int:
    """Print every pattern that grows too fast; return 1 if one does."""
    found = patterns()
    slow = 0
    for name, asked in found.items():
        grown, text = worst(asked)
        if grown:
            slow += 1
            print(f"{name}: × {grown:.1f} for {text}: {asked.pattern.pattern}", flush=True)
    print(f"{len(found)} patterns, {slow} of which take time that grows faster than the text")
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
