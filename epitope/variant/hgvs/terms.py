"""Sequence Ontology terms of a change, chosen as Ensembl VEP (105-108) chooses them.

Works on the change as written, not 3'-shifted, because VEP does: positions, codons and
peptides are those of the bases given. The order of the tests and their exceptions follow
VEP's documented and observed behaviour, quirks included, so that calls can be compared
row by row. Not for what becomes of the protein: that is `epitope.variant.hgvs.protein`.
"""

from __future__ import annotations

from dataclasses import dataclass

from epitope.variant.hgvs.edit import Alleles
from epitope.variant.hgvs.transcript_map import TranscriptMap

# Most severe first: the ranks of VEP's table of calculated consequences.
SEVERITY = (
    "transcript_ablation",
    "splice_acceptor_variant",
    "splice_donor_variant",
    "stop_gained",
    "frameshift_variant",
    "stop_lost",
    "start_lost",
    "inframe_insertion",
    "inframe_deletion",
    "missense_variant",
    "protein_altering_variant",
    "splice_donor_5th_base_variant",
    "splice_region_variant",
    "splice_donor_region_variant",
    "splice_polypyrimidine_tract_variant",
    "start_retained_variant",
    "stop_retained_variant",
    "synonymous_variant",
    "coding_sequence_variant",
    "5_prime_UTR_variant",
    "3_prime_UTR_variant",
    "intron_variant",
    "upstream_gene_variant",
    "downstream_gene_variant",
    "intergenic_variant",
    "no_sequence_alteration",
    "sequence_variant",
)
_RANK = {term: rank for rank, term in enumerate(SEVERITY)}
# With one of these, VEP does not add that the coding sequence changes somehow.
_EXPLAINED = {
    "frameshift_variant",
    "inframe_deletion",
    "protein_altering_variant",
    "start_retained_variant",
    "start_lost",
    "stop_retained_variant",
    "stop_lost",
}
# How far from a transcript VEP still calls upstream and downstream.
FLANK = 5000
# Exon bases (from the border) and intron bases that belong to a splice region: SO:0001630.
_EXON_SIDE = 3
_INTRON_SIDE = 7
_TRACT = (16, 2)
# Further from both borders than anything that is looked for there.
_DEEP = 20


@dataclass(slots=True)
class VepView:
    """What VEP sees: terms, and position and residues as it prints them; "" for its dash."""

    terms: tuple[str, ...]
    protein_position: str = ""
    amino_acids: str = ""
    exon: str = ""
    intron: str = ""


@dataclass(slots=True)
class _Splice:
    """The borders that a change touches."""

    donor: bool = False
    acceptor: bool = False
    fifth_base: bool = False
    donor_region: bool = False
    tract: bool = False
    region: bool = False
    intronic: bool = False


@dataclass(slots=True)
class _Coding:
    """The coding side of a change: bounds, codons and peptides, ``None`` where VEP has none."""

    start: int | None = None
    end: int | None = None
    inside: bool = False
    reference_codon: str = ""
    codon: str = ""
    reference_peptide: str | None = None
    peptide: str | None = None
    first: int | None = None
    last: int | None = None
    frameshift: bool = False


def order(terms: set[str] | list[str]) -> tuple[str, ...]:
    """Sort terms by severity, most severe first."""
    return tuple(sorted(terms, key=_RANK.__getitem__))


def vep_view(alleles: Alleles, reference: TranscriptMap) -> VepView:
    """Return terms, exon, protein position and residues of a change as VEP gives them.

    Parameters
    ----------
    alleles : Alleles
        The change as written.
    reference : TranscriptMap
        The transcript.
    """
    start, end = alleles.start, alleles.end
    gene_start, gene_end = reference.exons[0][0], reference.exons[-1][1]
    if end < gene_start:
        return VepView(("upstream_gene_variant" if end >= gene_start - FLANK else "intergenic_variant",))
    if start > gene_end:
        return VepView(("downstream_gene_variant" if start <= gene_end + FLANK else "intergenic_variant",))
    if start <= gene_start and end >= gene_end and not alleles.alt:
        return VepView(("transcript_ablation",))
    segment = reference.segment(start)
    if segment.kind == "exon" and segment.start + _EXON_SIDE <= start and end <= segment.end - _EXON_SIDE:
        if reference.coding_start + 3 < start and end < reference.coding_end - 3:
            return _inner_change(alleles, reference, segment.number)
    elif segment.kind == "intron" and segment.start + _DEEP < start and end < segment.end - _DEEP:
        return VepView(("intron_variant",), intron=f"{segment.number}/{len(reference.exons) - 1}")
    terms: set[str] = set()
    splice = _splice(alleles, reference)
    coding = _coding(alleles, reference)
    _coding_terms(alleles, coding, reference, terms)
    _untranslated(alleles, reference, terms)
    _splice_terms(splice, terms)
    exon, intron = _numbers(alleles, reference)
    view = VepView(order(terms), exon=exon, intron=intron)
    _positions(coding, view)
    return view


def _inner_change(alleles: Alleles, reference: TranscriptMap, number: int) -> VepView:
    """Judge a change well inside one exon, away from start and stop: the common case, kept short."""
    if alleles.start == alleles.end and len(alleles.alt) == 1:
        return _inner_substitution(alleles, reference, number)
    coding = _Coding(inside=True)
    coding.start = reference.cds_position(alleles.start)
    assert coding.start is not None
    coding.end = coding.start + alleles.end - alleles.start
    coding.first, coding.last = (coding.start + 2) // 3, (coding.end + 2) // 3
    _peptides(alleles, coding, coding.start, coding.end, reference)
    terms: set[str] = set()
    _peptide_terms(coding, len(alleles.alt) - (coding.end - coding.start + 1), reference, terms)
    view = VepView(order(terms), exon=f"{number}/{len(reference.exons)}")
    _positions(coding, view)
    return view


def _inner_substitution(alleles: Alleles, reference: TranscriptMap, number: int) -> VepView:
    """Look up a single base inside an exon."""
    position = reference.cds_position(alleles.start)
    assert position is not None
    codon_start = (position - 1) // 3 * 3
    codon = reference.cds[codon_start : codon_start + 3]
    index = position - 1 - codon_start
    old, new = reference.codons[codon], reference.codons[codon[:index] + alleles.alt + codon[index + 1 :]]
    exon = f"{number}/{len(reference.exons)}"
    where = str(codon_start // 3 + 1)
    if old == new:
        return VepView(("synonymous_variant",), where, old, exon)
    term = "stop_gained" if new == "*" else "missense_variant"
    return VepView((term,), where, f"{old}/{new}", exon)


def _differing(alleles: Alleles) -> list[tuple[int, int]]:
    """Return the stretches in which the alleles differ, base by base, as VEP tests them.

    The shorter allele counts as padded, so a stretch can reach beyond the reference allele.
    """
    ref, alt = alleles.ref, alleles.alt
    if len(ref) <= 1 or len(alt) <= 1:
        return [(alleles.start, alleles.end)]
    regions: list[tuple[int, int]] = []
    for index in range(max(len(ref), len(alt))):
        if ref[index : index + 1] == alt[index : index + 1]:
            continue
        position = alleles.start + index
        if regions and regions[-1][1] == position - 1:
            regions[-1] = (regions[-1][0], position)
        else:
            regions.append((position, position))
    return regions


def _splice(alleles: Alleles, reference: TranscriptMap) -> _Splice:
    """Find the splice borders that a change touches."""
    found = _Splice()
    low, high = min(alleles.start, alleles.end), max(alleles.start, alleles.end)
    near = [intron for intron in reference.introns if low <= intron[1] + _EXON_SIDE and high >= intron[0] - _EXON_SIDE]
    if not near:
        return found
    for start, end in _differing(alleles):
        insertion = start == end + 1
        for first, last in near:
            _one_border(found, start, end, first, last, insertion, (low, high))
    return found


def _one_border(
    found: _Splice, start: int, end: int, first: int, last: int, insertion: bool, span: tuple[int, int]
) -> None:
    """Add what one differing stretch touches at the two ends of one intron."""

    def overlaps(low: int, high: int) -> bool:
        return end >= low and start <= high

    if overlaps(first + 2, last - 2) or (insertion and (start == first + 2 or end == last - 2)):
        found.intronic = True
    far, near = _TRACT
    # The tract alone is tested with ordered ends, so an insertion at its edge counts.
    if max(start, end) >= last - far and min(start, end) <= last - near:
        found.tract = True
    low, high = span
    at_start = low <= first + _INTRON_SIDE and high >= first - _EXON_SIDE
    at_end = low <= last + _EXON_SIDE and high >= last - _INTRON_SIDE
    if not (at_start or at_end):
        return
    found.donor |= overlaps(first, first + 1)
    found.acceptor |= overlaps(last - 1, last)
    found.fifth_base |= overlaps(first + 4, first + 4)
    found.donor_region |= overlaps(first + 2, first + 5)
    if not found.donor and not found.acceptor:
        # Assigned, not added: in VEP the last stretch and intron decide.
        found.region = (
            overlaps(first + 2, first + _INTRON_SIDE)
            or overlaps(last - _INTRON_SIDE, last - 2)
            or overlaps(first - _EXON_SIDE, first - 1)
            or overlaps(last + 1, last + _EXON_SIDE)
            or (insertion and (start in (first, first + 2) or end in (last, last - 2)))
        )


def _splice_terms(splice: _Splice, terms: set[str]) -> None:
    """Turn touched borders into terms; a broader one gives way to a more exact one."""
    donor_region = splice.donor_region and not splice.fifth_base
    if splice.donor:
        terms.add("splice_donor_variant")
    if splice.acceptor:
        terms.add("splice_acceptor_variant")
    if splice.fifth_base:
        terms.add("splice_donor_5th_base_variant")
    if donor_region:
        terms.add("splice_donor_region_variant")
    if splice.tract:
        terms.add("splice_polypyrimidine_tract_variant")
    if splice.region and not (splice.donor or splice.acceptor or splice.fifth_base or donor_region):
        terms.add("splice_region_variant")
    if splice.intronic:
        terms.add("intron_variant")


def _coding(alleles: Alleles, reference: TranscriptMap) -> _Coding:
    """Find coding bounds, codons and peptides of a change."""
    coding = _Coding()
    start, end = alleles.start, alleles.end
    if alleles.is_insertion:
        left, right = reference.cds_position(end), reference.cds_position(start)
        if start in (reference.coding_start, reference.coding_end + 1) or (left is None and right is None):
            return coding
        coding.start = left + 1 if left is not None else right
        assert coding.start is not None
        coding.end = coding.start - 1
        coding.inside = True
    else:
        coding.start, coding.end = reference.cds_position(start), reference.cds_position(end)
        coding.inside = any(
            max(start, exon_start, reference.coding_start) <= min(end, exon_end, reference.coding_end)
            for exon_start, exon_end in reference.exons
        )
    coding.first = None if coding.start is None else (coding.start + 2) // 3
    coding.last = None if coding.end is None else (coding.end + 2) // 3
    if coding.start is not None and coding.end is not None:
        _peptides(alleles, coding, coding.start, coding.end, reference)
    return coding


def _peptides(alleles: Alleles, coding: _Coding, start: int, end: int, reference: TranscriptMap) -> None:
    """Cut the codons that a change touches and translate both versions."""
    assert coding.first is not None
    assert coding.last is not None
    codon_start = coding.first * 3 - 2
    length = coding.last * 3 - codon_start + 1
    change = len(alleles.alt) - (end - start + 1)
    coding.frameshift = change % 3 != 0
    coding.reference_codon = reference.cds[codon_start - 1 : codon_start - 1 + length]
    front = reference.cds[codon_start - 1 : start - 1]
    wanted = length + change
    coding.codon = (front + alleles.alt + reference.cds[end : end + wanted])[: max(wanted, 0)]
    coding.reference_peptide = _peptide(coding.reference_codon, reference)
    coding.peptide = _peptide(coding.codon, reference)


def _peptide(codon: str, reference: TranscriptMap) -> str:
    """Translate codons; an incomplete one behind them is ``X``, except behind a lone stop."""
    codons = reference.codons
    whole = len(codon) // 3 * 3
    peptide = "".join([codons.get(codon[i : i + 3], "X") for i in range(0, whole, 3)])
    if len(codon) > whole and peptide != "*":
        peptide += "X"
    return peptide


def _coding_terms(alleles: Alleles, coding: _Coding, reference: TranscriptMap, terms: set[str]) -> None:
    """Add every coding term whose test a change passes, start and stop codon included."""
    change = len(alleles.alt) - (alleles.end - alleles.start + 1)
    if not coding.inside and not _touches_start(alleles, reference):
        return
    known = coding.peptide is not None
    in_start = _touches_start(alleles, reference)
    altered = in_start and change != 0 and _start_altered(alleles, reference)
    if in_start:
        in_frame = known and not coding.frameshift
        kept = in_frame and ((change < 0 and _is_inframe_deletion(coding)) or (change > 0 and _extends(coding)))
        if _is_start_lost(alleles, coding, reference, altered and not kept):
            terms.add("start_lost")
        if change != 0 and not altered:
            terms.add("start_retained_variant")
    if not known and change != 0 and _touches_stop(alleles, reference):
        terms.add("stop_lost")
    _peptide_terms(coding, change, reference, terms)


def _peptide_terms(coding: _Coding, change: int, reference: TranscriptMap, terms: set[str]) -> None:
    """Add the terms that follow from the residues before and after; ``change`` in bases."""
    old, new = coding.reference_peptide, coding.peptide
    start_lost, frameshift = "start_lost" in terms, coding.frameshift and change != 0
    if frameshift:
        terms.add("frameshift_variant")
    if old is None or new is None:
        if coding.inside and not _EXPLAINED & terms:
            terms.add("coding_sequence_variant")
        return
    old_stop, new_stop = "*" in old, "*" in new
    retained = _is_stop_retained(coding, reference)
    if retained:
        terms.add("stop_retained_variant")
    elif new_stop and not old_stop:
        terms.add("stop_gained")
    if old_stop and not new_stop:
        terms.add("stop_lost")
    if not frameshift:
        _in_frame_terms(coding, change, terms)
    if len(old) == len(new):
        if old != new and change == 0 and not (start_lost or old_stop != new_stop):
            terms.add("missense_variant")
        elif old and old == new and not retained and "X" not in new:
            terms.add("synonymous_variant")
    if ("X" in new or "X" in old) and not _EXPLAINED & terms:
        terms.add("coding_sequence_variant")


def _in_frame_terms(coding: _Coding, change: int, terms: set[str]) -> None:
    """Add the terms of changes that keep the frame but not the length."""
    old, new = coding.reference_peptide or "", coding.peptide or ""
    start_lost = "start_lost" in terms
    deletion = change < 0 and _is_inframe_deletion(coding)
    if deletion:
        terms.add("inframe_deletion")
    # Residues in front of a kept start codon are no insertion into the protein.
    in_front = "start_retained_variant" in terms and new.endswith(old)
    if change > 0 and not start_lost and not in_front and _extends(coding):
        terms.add("inframe_insertion")
    kept = new.startswith(old) or new.endswith(old)
    at_stop = old[:1] == "*" or new[:1] == "*"
    if len(old) != len(new) and not (deletion or start_lost or kept or at_stop):
        terms.add("protein_altering_variant")


def _is_inframe_deletion(coding: _Coding) -> bool:
    """Say whether the new codons are the old ones with whole codons' worth of bases cut out."""
    old, new = coding.reference_codon, coding.codon
    if old.startswith(new) or old.endswith(new):
        return True
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return not new and len(old) % 3 == 0


def _extends(coding: _Coding) -> bool:
    """Say whether the old residues stand whole at either end of the new ones."""
    old, new = coding.reference_peptide or "", coding.peptide or ""
    stop = new.find("*")
    if stop >= 0:
        new = new[: stop + 1]
    return new.startswith(old) or new.endswith(old)


def _exonic(position: int, reference: TranscriptMap) -> bool:
    """Say whether a position lies in a known exon."""
    return reference.segment(position).kind == "exon"


def _touches_start(alleles: Alleles, reference: TranscriptMap) -> bool:
    """Say whether a change with both ends in exons overlaps the start codon."""
    first = reference.coding_start
    if not (alleles.end >= first and alleles.start <= first + 2):
        return False
    return _exonic(alleles.start, reference) and _exonic(alleles.end, reference)


def _touches_stop(alleles: Alleles, reference: TranscriptMap) -> bool:
    """Say whether a change with both ends in exons and its start coding overlaps the stop codon."""
    last = reference.coding_end
    if not (alleles.end >= last - 2 and alleles.start <= last):
        return False
    return _exonic(alleles.start, reference) and _exonic(alleles.end, reference)


def _start_altered(alleles: Alleles, reference: TranscriptMap) -> bool:
    """Say whether the coding sequence is no longer whole behind an indel at its start."""
    if not _touches_start(alleles, reference):
        return False
    edited = edited_start(alleles, reference)
    return edited is None or len(edited) < reference.cds_length or edited[-reference.cds_length :] != reference.cds


def edited_start(alleles: Alleles, reference: TranscriptMap) -> str | None:
    """Return 5' UTR and coding sequence with the change in them; ``None`` outside the first coding exon."""
    start, end = reference.exons[reference.leading_exons]
    if alleles.start < start or alleles.end > end:
        return None
    whole = reference.utr5 + reference.cds
    at = alleles.start - reference.coding_start + reference.utr5_length
    behind = at + alleles.end - alleles.start + 1
    return whole[:at] + alleles.alt + whole[behind:]


def _is_start_lost(alleles: Alleles, coding: _Coding, reference: TranscriptMap, altered: bool) -> bool:
    """Say whether the start codon is gone."""
    if altered:
        return True
    edited = edited_start(alleles, reference)
    if edited is not None and edited[reference.utr5_length : reference.utr5_length + 3] != reference.cds[:3]:
        return True
    old, new = coding.reference_peptide, coding.peptide
    if not old or new is None or coding.first != 1:
        return False
    return not new.endswith(old) and not new.startswith(old)


def _is_stop_retained(coding: _Coding, reference: TranscriptMap) -> bool:
    """Say whether the stop codon changed and is still one."""
    new = coding.peptide
    if not new or not new.startswith("*"):
        return False
    if coding.first is not None and coding.first > len(reference.protein):
        return True
    return bool(coding.reference_peptide) and (coding.reference_peptide or "").startswith("*")


def _untranslated(alleles: Alleles, reference: TranscriptMap, terms: set[str]) -> None:
    """Add the UTR terms; they need a base in an exon on their side of the coding sequence."""
    low, high = min(alleles.start, alleles.end), max(alleles.start, alleles.end)
    start, end = alleles.start, alleles.end
    if not any(low <= exon_end and high >= exon_start for exon_start, exon_end in reference.exons):
        return
    at_start = alleles.is_insertion and start == reference.coding_start
    if at_start or (start < reference.coding_start and end >= reference.exons[0][0]):
        terms.add("5_prime_UTR_variant")
    at_end = alleles.is_insertion and end == reference.coding_end
    if at_end or (end > reference.coding_end and start <= reference.exons[-1][1]):
        terms.add("3_prime_UTR_variant")


def _numbers(alleles: Alleles, reference: TranscriptMap) -> tuple[str, str]:
    """Return exon and intron numbers, such as ``2/15`` or ``2-3/15``; "" for none."""
    start, end = alleles.start, alleles.end
    inside = [n for n, (low, high) in enumerate(reference.exons, 1) if end >= low and start <= high]
    between = [n for n, (low, high) in enumerate(reference.introns, 1) if end >= low and start <= high]
    total = len(reference.exons)
    return _range_text(inside, total), _range_text(between, total - 1)


def _range_text(numbers: list[int], total: int) -> str:
    """Write numbers as VEP does."""
    if not numbers:
        return ""
    text = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
    return f"{text}/{total}"


def _positions(coding: _Coding, view: VepView) -> None:
    """Fill in protein position and residues the way VEP prints them."""
    first, last = coding.first, coding.last
    if first is None and last is None:
        return
    if first is None or last is None:
        view.protein_position = f"{'?' if first is None else first}-{'?' if last is None else last}"
        return
    low, high = min(first, last), max(first, last)
    view.protein_position = str(low) if low == high else f"{low}-{high}"
    if coding.peptide is not None and coding.reference_peptide is not None:
        old, new = coding.reference_peptide or "-", coding.peptide or "-"
        view.amino_acids = old if old == new else f"{old}/{new}"
