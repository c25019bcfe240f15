"""A variant, however it is written, to its `Consequence`: the entry point of this room.

Parses, places, translates and names; adds what is worth knowing beside it: splice
outcomes, nonsense-mediated decay, what could not be checked, and whether the label that
came with the variant holds. Reads no files; not for what a change means for antigen, fold
or epitope.
"""

from __future__ import annotations

from dataclasses import replace

from epitope.errors import VariantError
from epitope.target.model import Target
from epitope.variant.hgvs.edit import (
    Alleles,
    Edit,
    coding_hgvs,
    edit_of,
    exonic_place,
    genomic_hgvs,
    joined_exons,
    shift_right,
)
from epitope.variant.hgvs.events import EventText
from epitope.variant.hgvs.grammar import DnaText, ProteinText, is_ambiguous, parse
from epitope.variant.hgvs.labels import CodingEdit, check_label
from epitope.variant.hgvs.protein import (
    UNKNOWN,
    Described,
    from_coding,
    from_text,
    start_loss,
    unchanged,
    unknown,
)
from epitope.variant.hgvs.rna import RnaProduct, event_product, rna_product
from epitope.variant.hgvs.spelling import cleaned, shown, split_label
from epitope.variant.hgvs.splice_sites import (
    Outcome,
    disrupted_splice_sites,
    outcomes,
    splice_site_of_residue,
)
from epitope.variant.hgvs.terms import VepView, edited_start, order, vep_view
from epitope.variant.hgvs.transcript_map import TranscriptMap, transcript_map_of
from epitope.variant.model import ChangeKind, Consequence, Decay, DecayCall, ProteinChange, SpliceSite, Variant

# A stop further than this in front of the last junction is expected to trigger decay of the
# RNA: Nagy & Maquat, Trends Biochem Sci 1998, 23:198 (50-55 nt; the smaller figure is used).
NMD_DISTANCE_NT = 50


def consequence_of(variant: str | Variant, target: Target) -> Consequence:
    """Say what a variant does to transcript and protein.

    Parameters
    ----------
    variant : str or Variant
        HGVS on protein, DNA or RNA, VCF-like alleles, SPDI, or an RNA event by name or exon. A
        `Variant` may bring a label of its own, which is then checked.
    target : Target
        The antigen.

    Returns
    -------
    Consequence
        Normalised names, Sequence Ontology terms, protein change and notes.

    Raises
    ------
    VariantError
        If the text is not understood or contradicts the reference; the message is the
        whole story in one line.

    Notes
    -----
    Terms are those that Ensembl VEP gives for the change as written; the names are
    3'-shifted. A protein description has no ``hgvs_c``, because many DNA changes give it.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> cd19 = load_target()
    >>> found = consequence_of("c.179 CCTT>C", cd19)
    >>> found.hgvs_c, found.hgvs_p, found.consequence
    ('c.183_185del', 'p.Phe61del', 'inframe_deletion')
    >>> consequence_of(Variant("c.179 CCTT>C", label="p.P60del"), cd19).label_check
    'published as p.P60del; c.179 CCTT>C removes Phe61: CCC TTC TTA → CCC TTA'
    """
    given = variant if isinstance(variant, Variant) else Variant(variant)
    text, label = split_label(given.text)
    if label:
        # The DNA change counts; what is written beside it is checked like any label.
        found = consequence_of(replace(given, text=text, label=given.label or label), target)
        return replace(found, variant=given)
    reference = transcript_map_of(target)
    parsed = parse(given, target)
    coding: CodingEdit | None = None
    if isinstance(parsed, EventText):
        found = _from_rna(given, event_product(parsed, reference), reference)
    elif isinstance(parsed, ProteinText):
        found = _from_protein(given, parsed, reference)
    elif parsed.system == "r":
        found = _from_rna(given, rna_product(given.text.strip(), parsed, reference), reference)
    else:
        found, coding = _from_dna(given, parsed, reference)
    if not isinstance(parsed, EventText) and parsed.note:
        found = replace(found, notes=(parsed.note, *found.notes))
    if not given.label:
        return found
    return replace(found, label_check=check_label(given.label, found, target, reference, coding))


def _from_dna(variant: Variant, parsed: DnaText, reference: TranscriptMap) -> tuple[Consequence, CodingEdit | None]:
    """Compute the consequence of a DNA change, and the coding edit behind it."""
    text = variant.text.strip()
    if parsed.operation in {"=", "?"} and parsed.start.number == 0:
        return _whole(variant, parsed, reference), None
    edit = edit_of(text, parsed, reference)
    if edit.chromosome:
        return _elsewhere(variant, edit, reference), None
    if parsed.operation == "?":
        return Consequence(variant, ProteinChange(ChangeKind.UNKNOWN), ("sequence_variant",), hgvs_p=UNKNOWN), None
    least = edit.least
    hgvs_c, border_note = coding_hgvs(edit, reference)
    if least.ref == least.alt:
        return _same(variant, edit, hgvs_c, reference), None
    view = vep_view(edit.written, reference)
    placed = _placed(least, reference)
    described, coding, more = _product(placed, reference)
    shown_coding = _as_written(coding, least, placed)
    if view.terms == _PLAIN:
        # A missense change well inside an exon needs none of what follows.
        return _plain(variant, edit, hgvs_c, described, view, reference), shown_coding
    notes = [*edit.notes, *described.notes, *more]
    border_note = border_note or _moved_note(least, placed, hgvs_c, reference)
    if border_note:
        notes.append(border_note)
    notes.extend(_place_notes(least, edit, reference))
    hit, touched = disrupted_splice_sites(placed, reference)
    if not hit and not touched and view.terms[0] in _CANONICAL_TERMS:
        notes.append("VEP's splice term follows from where the change is written: the site's bases stay the same")
    if (
        "start_lost" in view.terms
        and described.change.kind is not ChangeKind.START_LOSS
        and described.change.start != 1
    ):
        notes.append("VEP's start_lost follows from where the change is written: the start codon stays")
    alternatives: tuple[Consequence, ...] = ()
    if len(hit) + len(touched) == 1 and coding != _JOINED:
        border = (hit or touched)[0]
        notes.append(f"{'hits' if hit else 'touches'} the {border}: what the RNA does is not known; see alternatives")
        alternatives = _alternatives(variant, border, reference, placed, hgvs_c)
    shift = 0 if coding is None or coding == _JOINED else len(coding[2]) - (coding[1] - coding[0] + 1)
    decay = _decay(described.change, reference, shift)
    if coding is not None and coding != _JOINED:
        notes.extend(_isoform_notes(coding, reference))
    found = Consequence(
        variant=variant,
        change=described.change,
        terms=view.terms,
        hgvs_c=hgvs_c,
        hgvs_g=genomic_hgvs(edit, reference),
        hgvs_p=described.hgvs,
        exon=view.exon,
        intron=view.intron,
        notes=tuple(notes),
        alternatives=alternatives,
        vep_protein_position=view.protein_position,
        vep_amino_acids=view.amino_acids,
        decay=decay,
    )
    return found, shown_coding


def _placed(alleles: Alleles, reference: TranscriptMap) -> Alleles:
    """Move a change to its most 3' place in its exon or intron, so that every spelling gives one product."""
    if len(alleles.ref) == len(alleles.alt):
        return alleles
    moved = joined_exons(alleles, reference) or exonic_place(alleles, reference)
    return moved or shift_right(alleles, reference, reference.segment(alleles.end).end)


def _moved_note(least: Alleles, placed: Alleles, hgvs_c: str, reference: TranscriptMap) -> str:
    """Say so where the product is that of an equal change in the exon beside the intron; else ""."""
    if placed == least or "intron" not in (reference.segment(least.start).kind, reference.segment(least.end).kind):
        return ""
    inside = coding_hgvs(Edit(placed, placed), reference)[0]
    if inside == hgvs_c:
        return ""
    return f"the same bases result from {inside}, which leaves the intron whole: its product is given"


def _keeps_coding(alleles: Alleles, reference: TranscriptMap) -> bool:
    """Say whether an indel at the start codon leaves the coding sequence whole behind a longer or shorter 5' UTR.

    Its 3'-most name may touch the start codon all the same (ACC of ACCATG is lost, c.-2_1del).
    """
    if not reference.coding_start - 1 <= alleles.end or alleles.start > reference.coding_start + 2:
        return False
    if len(alleles.ref) == len(alleles.alt):
        return False
    edited = edited_start(alleles, reference)
    if edited is None or not edited.endswith(reference.cds):
        return False
    # A new start codon in the old place is read first, as VEP has it: c.1_3dup is p.Met1dup.
    return edited[reference.utr5_length : reference.utr5_length + 3] != reference.cds[:3]


def _as_written(coding: CodingEdit | None, least: Alleles, placed: Alleles) -> CodingEdit | None:
    """Return the coding edit at the place where it was written; ``None`` where none can be shown."""
    if coding is None or coding == _JOINED:
        return None
    shift = placed.start - least.start
    return (coding[0] - shift, coding[1] - shift, least.alt)


_CANONICAL_TERMS = ("splice_donor_variant", "splice_acceptor_variant")
_PLAIN = ("missense_variant",)


def _plain(
    variant: Variant, edit: Edit, hgvs_c: str, described: Described, view: VepView, reference: TranscriptMap
) -> Consequence:
    """Put together the consequence of a change that has nothing to do with splicing or stops."""
    return Consequence(
        variant,
        described.change,
        view.terms,
        hgvs_c,
        genomic_hgvs(edit, reference),
        described.hgvs,
        view.exon,
        notes=(*edit.notes, *described.notes),
        vep_protein_position=view.protein_position,
        vep_amino_acids=view.amino_acids,
    )


# Marks a product of joined exons, for which no single coding edit can be shown.
_JOINED: CodingEdit = (0, 0, "")


def _product(alleles: Alleles, reference: TranscriptMap) -> tuple[Described, CodingEdit | None, list[str]]:
    """Find what a change does to the protein, the coding edit behind it, and notes."""
    start, end = alleles.start, alleles.end
    if _keeps_coding(alleles, reference):
        return unchanged(reference), None, ["the start codon stays whole: only the 5' UTR in front of it changes"]
    first, last = reference.cds_position(start), reference.cds_position(end)
    if alleles.is_insertion:
        return _inserted(alleles, last, first, reference)
    if first is not None and last is not None:
        coding = (first, last, alleles.alt)
        notes = []
        if reference.segment(start) is not reference.segment(end):
            notes.append("spans an intron: on the chromosome the intron goes too; the exons are taken as joined")
        return from_coding(reference, *coding), coding, notes
    inside = _coding_inside(start, end, reference)
    if inside is None:
        hit, _ = disrupted_splice_sites(alleles, reference)
        return (unknown() if hit else unchanged(reference)), None, []
    return _partly_coding(alleles, inside, reference)


def _inserted(
    alleles: Alleles, left: int | None, right: int | None, reference: TranscriptMap
) -> tuple[Described, CodingEdit | None, list[str]]:
    """Find what an insertion does; ``left`` and ``right`` are the coding bases beside it."""
    at_end = alleles.start in (reference.coding_start, reference.coding_end + 1)
    if at_end or (left is None and right is None):
        hit, _ = disrupted_splice_sites(alleles, reference)
        return (unknown() if hit else unchanged(reference)), None, []
    position = left + 1 if left is not None else right
    assert position is not None
    coding = (position, position - 1, alleles.alt)
    return from_coding(reference, *coding), coding, []


def _coding_inside(start: int, end: int, reference: TranscriptMap) -> tuple[int, int] | None:
    """Return the first and last coding base inside a range of the chromosome."""
    found: list[int] = []
    for index, exon in enumerate(reference.coding_exons):
        low = max(start, exon.start, reference.coding_start)
        high = min(end, exon.end, reference.coding_end)
        if low <= high:
            offset = reference.exon_cds(index)[0] - max(exon.start, reference.coding_start)
            found += [low + offset, high + offset]
    return (found[0], found[-1]) if found else None


def _partly_coding(
    alleles: Alleles, inside: tuple[int, int], reference: TranscriptMap
) -> tuple[Described, CodingEdit | None, list[str]]:
    """Find what a change does that reaches from coding bases into something else."""
    start, end = alleles.start, alleles.end
    left, right = reference.segment(start), reference.segment(end)
    before, behind = start < reference.coding_start, end > reference.coding_end
    if before and behind:
        whole = start_loss(reference).change
        lost = tuple(range(1, len(reference.protein) + 1))
        change = replace(whole, end=len(lost), reference=reference.protein, positions_lost=lost, protein="")
        return Described(change, "p.0?", ("the whole coding sequence is lost",)), None, []
    if before and right.kind in ("exon", "intron"):
        return start_loss(reference, (inside[1] + 2) // 3), None, []
    if behind:
        first = (inside[0] + 2) // 3
        change = ProteinChange(ChangeKind.STOP_LOSS, first, len(reference.protein) + 1, reference.protein[first - 1 :])
        return (
            Described(change, UNKNOWN, ("the stop codon is lost; the 3' UTR sequence is not known",)),
            None,
            [],
        )
    if left.kind == right.kind == "intron" and left is not right and not alleles.alt:
        sites_kept = start > left.start + 1 and end < right.end - 1
        if sites_kept:
            note = "whole exons are lost from the DNA; the exons beside them are taken as joined"
            return from_coding(reference, *inside, ""), _JOINED, [note]
    return unknown(), None, []


def _alternatives(
    variant: Variant, border: SpliceSite, reference: TranscriptMap, alleles: Alleles | None, hgvs_c: str
) -> tuple[Consequence, ...]:
    """Return the possible outcomes at a splice site as consequences of their own."""
    return tuple(_alternative(variant, outcome, reference, hgvs_c) for outcome in outcomes(border, reference, alleles))


def _alternative(variant: Variant, outcome: Outcome, reference: TranscriptMap, hgvs_c: str) -> Consequence:
    """Turn one possible outcome into a consequence."""
    described = outcome.described
    decay = _decay(described.change, reference, outcome.rna.bases)
    return Consequence(
        variant=variant,
        change=described.change,
        terms=protein_terms(described.change),
        hgvs_c=hgvs_c,
        hgvs_p=described.hgvs,
        isoform=_published_event(described.change, reference),
        outcome=outcome.rna,
        notes=described.notes,
        decay=decay,
    )


def _published_event(change: ProteinChange, reference: TranscriptMap) -> str:
    """Name the target's RNA event that has the same product, "" without one."""
    if change.kind is not ChangeKind.DELETION or change.alternate:
        return ""
    lost = (change.start, change.end)
    return next((i.name for i in reference.target.isoforms if (i.lost_start, i.lost_end) == lost), "")


def _decay(change: ProteinChange, reference: TranscriptMap, shift: int) -> DecayCall:
    """Measure a premature stop against the last junction (50-nt rule); ``shift`` is the RNA's growth."""
    if change.kind not in (ChangeKind.NONSENSE, ChangeKind.FRAMESHIFT) or change.protein is None:
        return DecayCall()
    distance = reference.last_junction + shift - 3 * (len(change.protein) + 1)
    if distance > NMD_DISTANCE_NT:
        return DecayCall(Decay.EXPECTED, distance)
    return DecayCall(Decay.FIFTY_NT if distance >= 0 else Decay.LAST_EXON, distance)


def _isoform_notes(coding: CodingEdit, reference: TranscriptMap) -> list[str]:
    """Say when the deleted coding bases are those of a named RNA event."""
    start, end, alternate = coding
    if alternate:
        return []
    return [
        f"the same coding bases are missing from the RNA event {isoform.name}; this is a change of the DNA"
        for isoform in reference.target.isoforms
        if end - start == isoform.cds_end - isoform.cds_start
        and 0 <= start - isoform.cds_start < isoform.junction_shifts
    ]


def _place_notes(alleles: Alleles, edit: Edit, reference: TranscriptMap) -> list[str]:
    """Say what is not known about the place of a change."""
    notes = []
    partial = reference.partial
    if partial is not None and partial.start_earliest <= alleles.start < partial.start_latest:
        notes.append(
            f"exon {partial.number} starts between {partial.start_earliest} and {partial.start_latest}: "
            f"this may be its first part or the end of the intron; the protein is the same either way"
        )
    outside = alleles.end < reference.exons[0][0] or alleles.start > reference.transcript.gene_end
    if outside:
        notes.append(f"outside the transcript of {reference.target.name}: the protein is not changed")
    elif edit.written.ref and not edit.notes and "N" in edit.written.ref:
        notes.append("the sequence is not known here, so the name may not be 3'-shifted")
    return notes


def _whole(variant: Variant, parsed: DnaText, reference: TranscriptMap) -> Consequence:
    """Answer ``c.=`` and ``c.?``."""
    if parsed.operation == "?":
        return Consequence(
            variant,
            ProteinChange(ChangeKind.UNKNOWN),
            ("sequence_variant",),
            f"{parsed.system}.?",
            hgvs_p=UNKNOWN,
        )
    described = unchanged(reference)
    return Consequence(
        variant, described.change, ("no_sequence_alteration",), f"{parsed.system}.=", hgvs_p=described.hgvs
    )


def _same(variant: Variant, edit: Edit, hgvs_c: str, reference: TranscriptMap) -> Consequence:
    """Answer a change whose new bases are the old ones."""
    described = unchanged(reference)
    return Consequence(
        variant,
        described.change,
        ("no_sequence_alteration",),
        hgvs_c,
        genomic_hgvs(edit, reference),
        described.hgvs,
        notes=(*edit.notes, "the new bases are those of the reference"),
    )


def _elsewhere(variant: Variant, edit: Edit, reference: TranscriptMap) -> Consequence:
    """Answer a change on another chromosome."""
    transcript = reference.transcript
    note = (
        f"on {edit.chromosome.replace('CHR', 'chr')}, not on {transcript.chromosome}: outside {reference.target.name}, "
        f"whose protein is not changed"
    )
    described = unchanged(reference)
    return Consequence(variant, described.change, ("intergenic_variant",), hgvs_p=described.hgvs, notes=(note,))


def _from_protein(variant: Variant, parsed: ProteinText, reference: TranscriptMap) -> Consequence:
    """Compute the consequence of a protein description."""
    text = cleaned(variant.text)
    _refuse_ambiguous(text, reference)
    if parsed.kind is None:
        return _splice_label(variant, parsed, reference)
    described = from_text(text, parsed, reference)
    decay = _decay(described.change, reference, 0)
    return Consequence(
        variant=variant,
        change=described.change,
        terms=protein_terms(described.change),
        hgvs_p=described.hgvs,
        notes=described.notes,
        decay=decay,
    )


def _refuse_ambiguous(text: str, reference: TranscriptMap) -> None:
    """Refuse a bare ``A61T`` that may mean bases: residues win only where the base contradicts."""
    parts = is_ambiguous(text)
    if parts is None:
        return
    old, position, new = parts
    residue_fits = reference.protein[position - 1 : position] == old and position > 0
    base_fits = reference.cds[position - 1 : position] == old and position > 0
    if residue_fits == base_fits or base_fits:
        reading = f"p.{old}{position}{new} (residues) or c.{position}{old}>{new} (bases)"
        raise VariantError(f"{shown(text)}: ambiguous one-letter form; write {reading}")


def _splice_label(variant: Variant, parsed: ProteinText, reference: TranscriptMap) -> Consequence:
    """Answer a label such as ``p.Q186sp``, which names only the codon next to the splice site."""
    text = variant.text.strip()
    checked = replace(parsed, kind=ChangeKind.UNKNOWN)
    from_text(text, checked, reference)
    border = splice_site_of_residue(parsed.start, reference)
    if border is None:
        raise VariantError(f"{shown(text)}: no splice site lies within a codon of residue {parsed.start}")
    change = ProteinChange(
        ChangeKind.UNKNOWN, parsed.start, parsed.end, reference.protein[parsed.start - 1 : parsed.end]
    )
    note = f"a splice label: the codon lies at the {border}; the base change is not given; see alternatives"
    return Consequence(
        variant=variant,
        change=change,
        terms=(f"splice_{border.side}_variant",),
        hgvs_p=UNKNOWN,
        notes=(note,),
        alternatives=_alternatives(variant, border, reference, None, ""),
    )


def _from_rna(variant: Variant, product: RnaProduct, reference: TranscriptMap) -> Consequence:
    """Put together the consequence of a change of the RNA, named or described."""
    described = product.described
    return Consequence(
        variant=variant,
        change=described.change,
        terms=product.terms or protein_terms(described.change),
        hgvs_p=described.hgvs,
        isoform=product.isoform,
        outcome=product.outcome,
        notes=(*described.notes, product.note),
        decay=_decay(described.change, reference, product.growth),
    )


_TERM_OF_KIND = {
    ChangeKind.NONE: "synonymous_variant",
    ChangeKind.SUBSTITUTION: "missense_variant",
    ChangeKind.DELETION: "inframe_deletion",
    ChangeKind.INSERTION: "inframe_insertion",
    ChangeKind.DUPLICATION: "inframe_insertion",
    ChangeKind.FRAMESHIFT: "frameshift_variant",
    ChangeKind.NONSENSE: "stop_gained",
    ChangeKind.START_LOSS: "start_lost",
    ChangeKind.STOP_LOSS: "stop_lost",
    ChangeKind.UNKNOWN: "sequence_variant",
}


def protein_terms(change: ProteinChange) -> tuple[str, ...]:
    """Return the Sequence Ontology terms of a protein change of which the DNA is not known.

    Examples
    --------
    >>> protein_terms(ProteinChange(ChangeKind.DELETION, 61, 61, "F", positions_lost=(61,)))
    ('inframe_deletion',)
    """
    if change.kind is ChangeKind.DELINS:
        if len(change.reference) == len(change.alternate):
            return ("missense_variant",)
        if change.alternate.startswith(change.reference) or change.alternate.endswith(change.reference):
            return ("inframe_insertion",)
        return ("protein_altering_variant",)
    terms = [_TERM_OF_KIND[change.kind]]
    if change.kind is ChangeKind.DELETION and change.start == 1:
        terms.append("start_lost")
    return order(terms)
