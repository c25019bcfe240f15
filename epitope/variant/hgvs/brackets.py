"""Texts that name several changes in brackets: which changes they are, and on which allele each lies.

HGVS writes changes of one allele ``c.[a;b]``, of two alleles ``c.[a];[b]``, and changes of which
the phase is not known ``c.a(;)b``. Splits such texts; what a change is, and whether changes go
together, is not looked at here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from epitope.errors import VariantError, shown

_BRACKETS = re.compile(
    r"(?P<name>(?:[^:\s\[\]]+:)?\s{0,2})(?P<letter>[cgnmpr]\.)?\s{0,2}(?P<parts>\[.*[;,\]].*|[^\[\]]*\(;\).*)",
    re.I | re.DOTALL,
)
_NAMED = re.compile(r"[^:\s]+:|[cgnmpr]\.", re.IGNORECASE)
_HEAD = re.compile(r"(?:[^:\s\[\]]+:)?(?:[cgnmpr]\.)?", re.IGNORECASE)
_BRACKET = re.compile(r"([\[(\])])")
UNKNOWN_PHASE = "(;)"


@dataclass(frozen=True, slots=True)
class Bracketed:
    """Changes by allele, each written as it would be alone; ``phase_known`` is False for ``a(;)b``.

    ``name`` is what stands in front of all of them (an accession with its colon, ``c.``).
    """

    name: str
    alleles: tuple[tuple[str, ...], ...]
    phase_known: bool = True

    @property
    def changes(self) -> tuple[str, ...]:
        """Every change once, in order."""
        return tuple(dict.fromkeys(change for allele in self.alleles for change in allele))


def bracketed(text: str) -> Bracketed | None:
    """Split a text with brackets into its alleles and their changes.

    Returns
    -------
    Bracketed or None
        ``None`` where brackets do not hold changes (a repeat, ``c.199GCA[2]``; a breakend).

    Raises
    ------
    VariantError
        If brackets are left open, or the text names two RNAs of one change (``r.[a,b]``).

    Examples
    --------
    >>> bracketed("c.[179_181del;521T>G]").alleles
    (('c.179_181del', 'c.521T>G'),)
    >>> bracketed("p.Phe61del(;)Leu174Val").alleles
    (('p.Phe61del',), ('p.Leu174Val',))
    """
    match = _BRACKETS.fullmatch(text)
    if match is None:
        return None
    prefix = match["name"] + (match["letter"] or "")
    phase_known = UNKNOWN_PHASE not in match["parts"]
    alleles: list[tuple[str, ...]] = []
    for group in _split(text, match["parts"].replace(UNKNOWN_PHASE, ";")):
        inside = group[1:-1] if group.startswith("[") and group.endswith("]") else group
        if phase_known and inside is group:
            return None
        if "," in inside and prefix.endswith(("r.", "R.")):
            raise VariantError(f"{shown(text)}: two RNAs that one change gives; give them one by one")
        names = (part if _NAMED.match(part) else prefix + part for part in _split(text, inside))
        alleles.append(tuple(dict.fromkeys(names)))
    return Bracketed(prefix, tuple(allele for allele in alleles if allele), phase_known)


def _split(text: str, parts: str) -> list[str]:
    """Split at every semicolon outside brackets."""
    found, depth = [""], 0
    for character in parts:
        depth += (character == "[") - (character == "]")
        if depth < 0:
            break
        if character == ";" and not depth:
            found.append("")
        else:
            found[-1] += character
    if depth:
        raise VariantError(f"{shown(text)}: a bracket is left open or closed twice")
    return [part.strip() for part in found if part.strip()]


def outside(separator: re.Pattern[str], text: str) -> list[str]:
    """Split a text at separators that are not inside brackets; the time it takes grows with the text alone.

    Parameters
    ----------
    separator : re.Pattern
    text : str

    Returns
    -------
    list of str
        Without blanks around them; nothing for what is empty.

    Examples
    --------
    >>> outside(re.compile(","), "R163L, c.[487C>T,488G>A]")
    ['R163L', 'c.[487C>T,488G>A]']
    """
    pieces = _BRACKET.split(text)
    found = [""]
    for i in range(0, len(pieces), 2):
        inside = i + 1 < len(pieces) and pieces[i + 1] in ")]"
        first, *others = [pieces[i]] if inside else separator.split(pieces[i])
        found[-1] += first
        found += others
        found[-1] += pieces[i + 1] if i + 1 < len(pieces) else ""
    return [part.strip() for part in found if part.strip()]


def joined(changes: list[str] | tuple[str, ...]) -> str:
    """Write changes as one allele; a prefix that all of them have stands in front.

    Examples
    --------
    >>> joined(["c.179_181del", "c.521T>G"]), joined(["p.Phe61del"])
    ('c.[179_181del;521T>G]', 'p.Phe61del')
    """
    if len(changes) == 1:
        return changes[0]
    heads = {change[: match.end()] for change in changes if (match := _HEAD.match(change)) is not None}
    head = heads.pop() if len(heads) == 1 else ""
    return f"{head}[{';'.join(change.removeprefix(head) for change in changes)}]"
