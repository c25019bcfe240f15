"""Whether the label that came with a variant is what the variant does.

Both are kept; where they differ, one sentence says what the change really does, with the
codons before and after. Not for choosing between them: the computed one always stands.
"""

from __future__ import annotations

from collections.abc import Callable

from epitope.errors import TargetError, VariantError, shown
from epitope.target.model import Target
from epitope.target.residues import THREE, three_letters
from epitope.target.translation import STOP
from epitope.variant.hgvs.grammar import DnaText, ProteinText, parse
from epitope.variant.hgvs.protein import from_text
from epitope.variant.hgvs.splice_sites import splice_site_of_residue
from epitope.variant.hgvs.transcript_map import TranscriptMap
from epitope.variant.model import ChangeKind, Consequence, OutcomeKind, ProteinChange

AGREES = "agrees"
_SHOWN_CODONS = 6
_SPLICE_TERMS = ("splice_donor_variant", "splice_acceptor_variant")

CodingEdit = tuple[int, int, str]


def same_protein_label(parsed: ProteinText, consequence: Consequence, reference: TranscriptMap) -> bool:
    """Say whether a protein label means the computed change.

    A label may say less than the result (``Y259fs`` for ``p.Tyr259CysfsTer9``), not other.
    """
    change = consequence.change
    if parsed.kind is None:
        border = splice_site_of_residue(parsed.start, reference)
        skipped = (item.outcome for item in consequence.alternatives if item.outcome is not None)
        return border is not None and any(
            rna.kind is OutcomeKind.EXON_SKIPPED and rna.number == border.exon for rna in skipped
        )
    described = from_text("", parsed, reference)
    if parsed.kind is not ChangeKind.FRAMESHIFT or change.kind is not ChangeKind.FRAMESHIFT:
        return described.hgvs == consequence.hgvs_p
    if parsed.start != change.start or (parsed.alternate and parsed.alternate != change.alternate):
        return False
    if parsed.stop_distance is None or change.novel_tail is None:
        return True
    return parsed.stop_distance == len(change.novel_tail) + 1


def check_label(
    label: str,
    consequence: Consequence,
    target: Target,
    reference: TranscriptMap,
    coding: CodingEdit | None,
    read: Callable[[str], Consequence],
) -> str:
    """Hold a label against the computed consequence; ``read`` gives the consequence of another name.

    Returns
    -------
    str
        ``agrees``, or a sentence that explains the difference.
    """
    label = label.strip()
    text = shown(consequence.variant.text)
    reason = ""
    try:
        parsed = parse(label, target)
        if isinstance(parsed, ProteinText):
            if same_protein_label(parsed, consequence, reference):
                return AGREES
        elif isinstance(parsed, DnaText) and parsed.system != "r":
            return _check_dna(label, parsed, consequence, read(label))
        elif _same_product(read(label), consequence):
            return AGREES
    except (VariantError, TargetError) as error:
        reason = str(error).partition(": ")[2] or str(error)
    sentence = f"published as {shown(label)}; {text} {_does(consequence, reference)}"
    if coding is not None and consequence.change.kind is not ChangeKind.UNKNOWN:
        sentence += f": {codons_text(reference, *coding)}"
    return f"{sentence} ({reason})" if reason else sentence


def _same_product(other: Consequence, consequence: Consequence) -> bool:
    """Say whether the product of an RNA label is the computed one, or one that could follow."""
    return other.hgvs_p in {consequence.hgvs_p, *(possible.hgvs_p for possible in consequence.alternatives)}


def _check_dna(label: str, parsed: DnaText, consequence: Consequence, other: Consequence) -> str:
    """Hold a DNA label against the computed one, both in their normal form."""
    computed = consequence.hgvs_c or consequence.hgvs_g
    if parsed.system in "cn" and not consequence.hgvs_c and not consequence.hgvs_g:
        if other.hgvs_p == consequence.hgvs_p:
            return AGREES
        given = f"{shown(label)}, which is {other.hgvs_p}"
        return f"published as {given}; {shown(consequence.variant.text)} is {consequence.hgvs_p}"
    if computed in (other.hgvs_c, other.hgvs_g) and computed:
        return AGREES
    return f"published as {shown(label)}; {shown(consequence.variant.text)} is {computed or consequence.hgvs_p}"


def _name(reference: TranscriptMap, change: ProteinChange) -> str:
    """Write the residues that a change touches."""
    start, end = change.start or 0, change.end or 0

    def one(position: int) -> str:
        protein = reference.protein
        return f"{THREE[protein[position - 1]] if position <= len(protein) else 'Ter'}{position}"

    return one(start) if start == end else f"{one(start)}-{one(end)}"


def _does(consequence: Consequence, reference: TranscriptMap) -> str:
    """Say in a few words what the change does."""
    change = consequence.change
    if change.kind is ChangeKind.NONE:
        return "leaves the protein unchanged"
    if change.kind is ChangeKind.UNKNOWN or change.start is None:
        splice = [term for term in _SPLICE_TERMS if term in consequence.terms]
        return "hits a splice site; its product is not known" if splice else "has a product that is not known"
    where = _name(reference, change)
    new = three_letters(change.alternate)
    if change.kind is ChangeKind.FRAMESHIFT:
        return f"shifts the frame from {where} on ({consequence.hgvs_p})"
    if change.kind is ChangeKind.NONSENSE:
        return f"puts a stop at {where}" if change.alternate == STOP else f"brings in a stop ({consequence.hgvs_p})"
    return {
        ChangeKind.SUBSTITUTION: f"replaces {where} by {new}",
        ChangeKind.DELETION: f"removes {where}",
        ChangeKind.INSERTION: f"puts {new} between {where.replace('-', ' and ')}",
        ChangeKind.DUPLICATION: f"duplicates {where}",
        ChangeKind.DELINS: f"replaces {where} by {new}",
        ChangeKind.START_LOSS: "removes the start codon",
        ChangeKind.STOP_LOSS: "removes the stop codon",
    }[change.kind]


def codons_text(reference: TranscriptMap, start: int, end: int, alternate: str) -> str:
    """Write the codons around a change before and after it.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> from epitope.variant.hgvs.transcript_map import transcript_map_of
    >>> codons_text(transcript_map_of(load_target()), 180, 182, "")
    'CCC TTC TTA → CCC TTA'
    """
    cds = reference.cds
    # From the codon of the base in front of the change, to the codon behind it.
    low = max(0, (start - 2) // 3 * 3)
    high = min(len(cds), (max(end, start - 1) + 2) // 3 * 3 + 3)
    before = cds[low:high]
    after = cds[low : start - 1] + alternate + cds[end:high]
    return f"{_spaced(before)} → {_spaced(after)}"


def _spaced(bases: str) -> str:
    """Write bases in codons, a long stretch shortened in its middle."""
    codons = [bases[i : i + 3] for i in range(0, len(bases), 3)]
    if len(codons) > 2 * _SHOWN_CODONS:
        codons = [*codons[:_SHOWN_CODONS], "...", *codons[-_SHOWN_CODONS:]]
    return " ".join(codons)
