"""Ways to damage a file: by bytes, by lines and fields, and by the nodes of a tree."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

VALUES = (
    *("", "0", "-1", "1", "1.5", "-0.0", "nan", "inf", "1e30", "1e300", "9999.999", "-999.999", "2147483648"),
    *("-2147483649", "99999999999999999999", "*****", ".", "?", "x1", "A", "ZZ", "é", "\x00", "\x1b[31m", "'", '"'),
    *("A0000", "1e", "--1", "+5", " ", "\t", ";", "#", "_", "true", "[]", "{}", "\ufeff", "٣", "x" * 300),
)
"""What goes wrong with numbers and names in files of this field."""
RECORDS = (
    *("ENDMDL", "END", "TER", "MODEL        1", "MODEL        2", "data_other", "loop_", "#", ";", "", "stop_"),
    *("HETATM 9999  O   HOH A 999      10.000  10.000  10.000  1.00 20.00           O  ", "save_x", "_x.y", "global_"),
)


def damaged_bytes(rng: random.Random, data: bytes) -> bytes:
    """Change, cut, repeat or insert some bytes."""
    at = rng.randrange(len(data) + 1)
    size = min(rng.choice((1, 1, 2, 8, 64, 512)), max(len(data) - at, 1))
    noise = rng.choice((b"\x00" * size, b"\xff" * size, rng.randbytes(size), data[at : at + size] * 2))
    how = rng.randrange(4)
    if how == 0:
        return data[:at]
    if how == 1:
        return data[:at] + data[at + size :]
    return data[:at] + noise + data[at + (size if how == 2 else 0) :]


def damaged_lines(rng: random.Random, text: str, split: Callable[[str], list[str]], join: str) -> str:
    """Damage some lines of a text: whole ones, their order, or fields of them.

    Parameters
    ----------
    rng : random.Random
    text : str
    split : callable
        Takes a line apart.
    join : str
        What puts the fields of a line together again.
    """
    lines = text.split("\n")
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(max(len(lines), 1))
        size = rng.choice((1, 1, 3, 12, 80))
        block = lines[at : at + size]
        how = rng.randrange(9)
        if how == 0:
            del lines[at : at + size]
        elif how == 1:
            lines[at:at] = block
        elif how == 2:
            rng.shuffle(block)
            lines[at : at + size] = block
        elif how == 3:
            lines.insert(at, rng.choice(RECORDS))
        elif how == 4:
            lines = lines[:at]
        elif how == 5:
            other = rng.randrange(max(len(lines), 1))
            lines[at : at + size], lines[other : other + size] = lines[other : other + size], block
        else:
            column, value = rng.randrange(1000), rng.choice(VALUES)
            for i, line in enumerate(block, at):
                fields = split(line)
                if fields:
                    fields[column % len(fields)] = value
                    lines[i] = join.join(fields)
        if not lines:
            break
    return "\n".join(lines)


def damaged_columns(rng: random.Random, text: str, bounds: tuple[tuple[int, int], ...]) -> str:
    """Damage lines of fixed columns: as `damaged_lines`, and within the bounds of a column."""
    if rng.random() < 0.4:
        return damaged_lines(rng, text, lambda line: [line[a:b] for a, b in bounds], "")
    lines = text.split("\n")
    at, size = rng.randrange(len(lines)), rng.choice((1, 1, 3, 12, 80))
    (first, last), value = rng.choice(bounds), rng.choice(VALUES)
    for i, line in enumerate(lines[at : at + size], at):
        width = last - first
        lines[i] = f"{line[:first]}{value[:width]:>{width}}{line[last:]}"
    return "\n".join(lines)


def damaged_tree(rng: random.Random, tree: Any) -> Any:
    """Replace, drop or swap some nodes of nested lists and mappings, in place."""
    nodes: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in items:
            nodes.append((node, key))
            walk(value)

    walk(tree)
    for _ in range(rng.choice((1, 1, 2, 4))):
        if not nodes:
            break
        parent, key = rng.choice(nodes)
        if (isinstance(parent, dict) and key not in parent) or (isinstance(parent, list) and key >= len(parent)):
            continue
        value = parent[key]
        if isinstance(value, bytes) and rng.random() < 0.8:
            parent[key] = damaged_bytes(rng, value)
        elif isinstance(value, int) and rng.random() < 0.7:
            parent[key] = rng.choice((0, -1, 1, value + 1, value * 1000, 10**8, 2**31, 2**62))
        elif rng.random() < 0.5:
            parent[key] = rng.choice((None, "", "x", 0, -1, 10**9, 1.5, b"", b"\xff" * 9, [], {}, True))
        elif isinstance(parent, dict):
            del parent[key]
        else:
            parent.append(value)
    return tree
