"""RNA events and introns by number: the target's own names, ``Δex2``, ``exon 2 skipping``, ``IVS2-1G>A``.

Reads the names that the target gives to its events, exons that are left out, and the
legacy notation of introns. Knows the exon table of the target, not its sequence. Not for
what becomes of the protein: that is `epitope.variant.hgvs.rna`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from epitope.errors import VariantError, shown
from epitope.target.model import Exon, Target

_GAP = r"[\s._-]{0,3}"
_EXON_WORD = r"(?:exons?|ex|e)"
_LEFT_OUT = re.compile(
    rf"(?P<front>Δ|delta|(?:del(?:eted|etion)?|skip(?:ping|ped)?|loss)(?:[\s_-]{{1,3}}of)?)?{_GAP}"
    rf"(?P<word>{_EXON_WORD}){_GAP}(?P<first>[0-9]{{1,4}})"
    rf"(?:\s{{0,3}}(?:[-_&+/]|to|and)\s{{0,3}}{_EXON_WORD}?{_GAP}(?P<last>[0-9]{{1,4}}))?"
    rf"{_GAP}(?P<behind>skip(?:ping|ped|s)?|del(?:eted|etion)?|loss|lost)?",
    re.IGNORECASE,
)
_RETAINED = re.compile(
    rf"(?:retention[\s_-]{{1,3}}of|retained)?{_GAP}(?:introns?|int?|i|ir){_GAP}[0-9]{{1,4}}"
    rf"{_GAP}(?:ret(?:ention|ained)?|r)?",
    re.IGNORECASE,
)
_EVENT_LIKE = re.compile(r"(?:Δ|delta)?\s{0,3}(?:exon|ex)[ ._-]?[0-9].*|.*(?:skip|part)(?:ping|ial)?", re.I | re.DOTALL)
_LOST_RESIDUE = re.compile(r"(?:Δ|delta|del)\s{0,3}([A-Za-z]{3}|[A-Za-z])([0-9]{1,9})", re.IGNORECASE)
_LEGACY = re.compile(
    r"IVS\s?(?P<intron>[0-9]{1,4})\s?(?P<offset>[+-][0-9]{1,9})"
    r"(?:_(?:IVS\s?(?P<last_intron>[0-9]{1,4}))?\s?(?P<last_offset>[+-][0-9]{1,9}))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EventText:
    """An RNA event: by its name in the target, or the exons ``first`` to ``last`` left out."""

    name: str = ""
    first: int = 0
    last: int = 0


def _key(text: str) -> str:
    """Return the name of an event without what varies: case, blanks, ``Δ``, long words."""
    key = re.sub(r"[\s._-]+", "", text.casefold()).removeprefix("δ").removeprefix("delta")
    return key.replace("exon", "ex").replace("partial", "part").replace("skipping", "skip").replace("skipped", "skip")


def event_of(text: str, target: Target) -> EventText | None:
    """Read an RNA event: a name of the target, or exons that are left out; ``None`` if it is none.

    Raises
    ------
    VariantError
        If it names an exon that cannot be left out, or that the target does not have.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> event_of("exon 3 skipping", load_target())
    EventText(name='', first=3, last=3)
    """
    key = _key(text)
    for isoform in target.isoforms:
        if _key(isoform.name) == key:
            return EventText(isoform.name)
    match = _LEFT_OUT.fullmatch(text)
    if match is None:
        return None
    first, last = int(match["first"]), int(match["last"] or match["first"])
    letter_only = match["word"].casefold() == "e" and match["last"] is None
    if letter_only and match["front"] is None and (match["behind"] or "del").casefold() == "del":
        # E30del is a residue, not an exon.
        return None
    if letter_only and match["behind"] is None and match["front"].casefold() in ("δ", "delta", "del"):
        if target.known_transcript is None or first <= target.known_transcript.exon_count:
            raise VariantError(f"{shown(text)}: may be exon {first} or Glu{first}; write Δex{first} or p.Glu{first}del")
        return None
    if match["front"] is None and match["behind"] is None:
        raise VariantError(f"{shown(text)}: names an exon, not what happens to it; write ex{first}skip")
    return exons_left_out(text, first, last, target)


def exons_left_out(text: str, first: int, last: int, target: Target) -> EventText:
    """Return the event of leaving out whole exons, under the target's name where it has one.

    Raises
    ------
    VariantError
        If the target has no exons, not these, or one that no splice site can leave out.
    """
    transcript = target.known_transcript
    if transcript is None:
        raise VariantError(f"{shown(text)}: the exons of {target.name} are not known; write the residues that are lost")
    count = transcript.exon_count
    if not 1 <= first <= last <= count:
        raise VariantError(f"{shown(text)}: {transcript.accession} has exons 1 to {count}")
    if first == 1 or last == count:
        end = "first" if first == 1 else "last"
        raise VariantError(
            f"{shown(text)}: the {end} exon is not left out by splicing, it has one splice site only; "
            f"write the deletion in c. or g."
        )
    coding = coding_range(first, last, target)
    for isoform in target.isoforms:
        if coding == (isoform.cds_start, isoform.cds_end):
            return EventText(isoform.name)
    return EventText("", first, last)


def coding_range(first: int, last: int, target: Target) -> tuple[int, int] | None:
    """Return the first and last coding base of exons ``first`` to ``last``; ``None`` if they have none."""
    bounds = [
        (exon.cds_start, exon.cds_end)
        for exon in target.transcript.exons
        if first <= exon.number <= last and exon.cds_start is not None and exon.cds_end is not None
    ]
    return (bounds[0][0], bounds[-1][1]) if bounds else None


def residue_lost(text: str) -> str:
    """Return ``F61del`` for ``ΔF61`` and ``delF61``; "" if the text is no such name."""
    match = _LOST_RESIDUE.fullmatch(text)
    return f"{match[1]}{match[2]}del" if match else ""


def refuse_event(text: str, target: Target) -> None:
    """Refuse what looks like an RNA event but is none that can be read."""
    known = event_names(target)
    if _RETAINED.fullmatch(text):
        raise VariantError(
            f"{shown(text)}: a retained intron is not read as an event; write the change at its splice site in c., "
            f"the retained intron is among its outcomes"
        )
    if _EVENT_LIKE.fullmatch(text):
        raise VariantError(
            f"{shown(text)}: unknown event; {target.name} has {known}; an exon left out is written ex3skip"
        )


def event_names(target: Target) -> str:
    """List the named events of the target."""
    return ", ".join(isoform.name for isoform in target.isoforms) or "no named events"


def intron_positions(text: str, body: str, target: Target) -> tuple[str, str]:
    """Replace legacy intron positions by coding ones.

    Parameters
    ----------
    text : str
        The whole text, for messages.
    body : str
        What follows ``c.``, or the text where there is no ``c.``.
    target : Target
        The antigen, whose exon table counts.

    Returns
    -------
    tuple of str
        The description in coding positions, and a note on how it was read; two empty
        strings if ``body`` does not begin with ``IVS``.

    Raises
    ------
    VariantError
        If the target has no such intron, or none between coding exons.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> intron_positions("IVS2-1G>A", "IVS2-1G>A", load_target())[0]
    '356-1G>A'
    """
    match = _LEGACY.match(body)
    if match is None:
        return "", ""
    number = int(match["intron"])
    found = _beside_intron(text, number, match["offset"], target)
    if match["last_offset"]:
        found += "_" + _beside_intron(text, int(match["last_intron"] or number), match["last_offset"], target)
    found += body[match.end() :]
    note = f"IVS{number} is read as intron {number} of {target.transcript.accession}: c.{found}"
    return found, note


def _beside_intron(text: str, number: int, offset: str, target: Target) -> str:
    """Return the c. position of an offset into an intron, counted from the exon at its near end."""
    if target.known_transcript is None:
        raise VariantError(f"{shown(text)}: the exons of {target.name} are not known, so no intron can be found")
    exons: dict[int, Exon] = {exon.number: exon for exon in target.transcript.exons}
    count = target.transcript.exon_count
    if not 1 <= number < count:
        raise VariantError(f"{shown(text)}: {target.transcript.accession} has introns 1 to {count - 1}")
    exon = exons.get(number if offset[0] == "+" else number + 1)
    if exon is None or exon.cds_start is None or exon.cds_end is None:
        raise VariantError(f"{shown(text)}: intron {number} has no coding exon on that side; write the change in g.")
    if offset[0] == "-":
        return f"{exon.cds_start}{offset}"
    behind = exon.end - exon.start - (exon.cds_end - exon.cds_start)
    if exon.cds_end == len(target.transcript.coding_sequence) and behind:
        return f"*{behind}{offset}"
    return f"{exon.cds_end}{offset}"
