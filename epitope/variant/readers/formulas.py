"""Cells that a spreadsheet would run as a formula: kept from running when written, put back when read.

A cell of text that begins like a formula gets an apostrophe in front, unless it is a number or
a lone sign. Reading takes such an apostrophe away, so that a table comes back as it was.
"""

from __future__ import annotations

import re

_HARMLESS = re.compile(r"[+-]|[+-]?\d{1,15}(?:\.\d{0,15})?(?:[eE][+-]?\d{1,3})?[A-Za-z]?", re.ASCII)
"""A sign, a number, or the number of a residue with its insertion code."""
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, the wide forms of these signs included."""


def without_formula(value: object) -> object:
    """Keep a spreadsheet from running text that starts like a formula.

    Examples
    --------
    >>> without_formula("=1+1"), without_formula("-19C>T")
    ("'=1+1", "'-19C>T")
    >>> without_formula("c.-19C>T"), without_formula("-1.5"), without_formula("-"), without_formula(-1)
    ('c.-19C>T', '-1.5', '-', -1)
    """
    return f"'{value}" if isinstance(value, str) and _runs(value) else value


def as_meant(cell: str) -> str:
    """Return a cell without the apostrophe that keeps it from running.

    Examples
    --------
    >>> as_meant("'=1+1"), as_meant("'quoted'")
    ('=1+1', "'quoted'")
    """
    return cell[1:] if cell.startswith("'") and _runs(cell[1:]) else cell


def _runs(text: str) -> bool:
    """Say whether a spreadsheet may take a text for a formula."""
    return text.lstrip(" ").startswith(_BEGINNINGS) and _HARMLESS.fullmatch(text) is None
