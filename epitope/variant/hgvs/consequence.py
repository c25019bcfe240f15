"""One change, however it is written, to its `Consequence`.

Parses, places, translates and names; adds what is worth knowing beside it: splice
outcomes, nonsense-mediated decay, what could not be checked, and whether the label that
came with the variant holds. Reads no files; not for what a change means for antigen, fold
or epitope.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from weakref import WeakKeyDictionary

from epitope.errors import VariantError, shown
from epitope.target.model import Target, Transcript
from epitope.target.translation import reverse_complement
from epitope.variant.hgvs.decay import decay_of
from epitope.variant.hgvs.edit import (
    Alleles,
    Edit,
    edit_of,
    exonic_copy,
    hgvs_names,
    name_in_place,
    placed_for_product,
)
from epitope.variant.hgvs.events import EventText
from epitope.variant.hgvs.grammar import DnaText, ProteinText, is_ambiguous, parse
from epitope.variant.hgvs.labels import CodingEdit, check_label
from epitope.variant.hgvs.outcomes import EditedGene, Outcome, outcomes_at, outcomes_of_fusion, tandem_exons, twice
from epitope.variant.hgvs.protein import (
    UNKNOWN,
    Described,
    from_coding,
    from_text,
    no_product,
    over_the_stop,
    start_loss,
    unchanged,
    unknown,
    without,
)
from epitope.variant.hgvs.rna import RnaProduct, event_product, rna_product
from epitope.variant.hgvs.spelling import cleaned, split_label
from epitope.variant.hgvs.splice_scores import SpliceScores, splice_scores
from epitope.variant.hgvs.splice_sites import (
    SplicingView,
    changes_coding_rna,
    disrupted_splice_sites,
    splice_site_of_residue,
    splicing_view,
)
from epitope.variant.hgvs.terms import VepView, edited_start, order, vep_view
from epitope.variant.hgvs.transcript_map import TranscriptMap, transcript_map_of
from epitope.variant.model import (
    ChangeKind,
    Consequence,
    ProteinChange,
    SpliceEffect,
    SpliceModelUse,
    SplicingLook,
    Variant,
)


@dataclass(frozen=True, slots=True)
class Effect:
    """A consequence with what it was computed from, ``None`` where it was not a change of the DNA.

    ``least`` is the change as written, at its smallest, ``placed`` where its product is told best,
    ``coding`` the coding bases that are replaced there, and by what.
    """

    consequence: Consequence
    least: Alleles | None = None
    placed: Alleles | None = None
    coding: CodingEdit | None = None
    splicing: SplicingView | None = None


def consequence_of_change(variant: Variant, target: Target, splice_model: SpliceModelUse) -> Consequence:
    """Say what one change does to transcript and protein; as `epitope.variant.consequence_of`, for a single change."""
    return effect_of_change(variant, target, splice_model).consequence


def effect_of_change(variant: Variant, target: Target, splice_model: SpliceModelUse) -> Effect:
    """Say what one change does to transcript and protein, with what that was computed from.

    Raises
    ------
    VariantError
        If the text is not understood, contradicts the reference or names several changes.
    """
    text, label = split_label(variant.text)
    if label:
        # The DNA change counts; what is written beside it is checked like any label.
        bare = replace(variant, text=text, label=variant.label or label)
        effect = effect_of_change(bare, target, splice_model)
        return replace(effect, consequence=replace(effect.consequence, variant=variant))
    reference = transcript_map_of(target)
    parsed = parse(variant, target)
    if isinstance(parsed, EventText):
        effect = Effect(_from_rna(variant, event_product(parsed, reference), reference))
    elif isinstance(parsed, ProteinText):
        effect = Effect(_from_protein(variant, parsed, reference))
    elif parsed.system == "r":
        effect = Effect(_from_rna(variant, rna_product(variant.text.strip(), parsed, reference), reference))
    else:
        effect = _from_dna(variant, parsed, reference, splice_model)
    found = effect.consequence
    if not isinstance(parsed, EventText) and parsed.note:
        found = replace(found, notes=(parsed.note, *found.notes))
    if variant.label:
        read = partial(_of_label, target=target)
        shown_coding = _as_written(effect.coding, effect.least, effect.placed)
        found = replace(found, label_check=check_label(variant.label, found, target, reference, shown_coding, read))
    return effect if found is effect.consequence else replace(effect, consequence=found)


def _of_label(label: str, target: Target) -> Consequence:
    """Read a label as a change of its own, without a look at splicing."""
    return consequence_of_change(Variant(label), target, SpliceModelUse.OFF)


def _require_transcript(reference: TranscriptMap) -> Transcript:
    """Return the transcript, or refuse in one line what cannot be read without it."""
    return reference.transcript


def _from_dna(variant: Variant, parsed: DnaText, reference: TranscriptMap, use: SpliceModelUse) -> Effect:
    """Compute the consequence of a DNA change, with its place and the coding edit behind it."""
    _require_transcript(reference)
    text = variant.text.strip()
    if parsed.operation in {"=", "?"} and parsed.start.number == 0:
        return Effect(_whole(variant, parsed, reference))
    edit = edit_of(text, parsed, reference)
    if edit.chromosome:
        return Effect(_elsewhere(variant, edit, reference))
    if parsed.operation == "?":
        return Effect(Consequence(variant, ProteinChange(ChangeKind.UNKNOWN), ("sequence_variant",), hgvs_p=UNKNOWN))
    least = edit.least
    names = hgvs_c, hgvs_g = hgvs_names(edit, reference)
    if least.ref == least.alt:
        return Effect(_same(variant, edit, names, reference))
    view = vep_view(edit.written, reference)
    placed = _placed(least, reference)
    described, coding, more = product_of(placed, reference)
    outside = least.end < reference.exons[0][0] or least.start > reference.exons[-1][1]
    scores = None if outside else splice_scores(least, reference, use)
    context = None if scores is None else scores.context
    if view.terms == _PLAIN and (scores is None or not scores.sites):
        # A missense change that leaves every splice site as it is needs none of what follows.
        return Effect(_plain(variant, edit, names, described, view, scores), least, placed, coding, SplicingView())
    notes = [*edit.notes, *described.notes, *more]
    notes.extend(_moved_note(placed, hgvs_c, reference))
    notes.extend(_place_notes(least, edit, reference))
    splicing = SplicingView() if outside else splicing_view(placed, reference, scores)
    if not splicing.changes and view.terms[0] in _CANONICAL_TERMS and not _holds_whole(placed, reference):
        notes.append("VEP's splice term follows from where the change is written: the site's bases stay the same")
    if (
        "start_lost" in view.terms
        and described.change.kind is not ChangeKind.START_LOSS
        and described.change.start != 1
    ):
        notes.append("VEP's start_lost follows from where the change is written: the start codon stays")
    notes.extend(_splice_notes(splicing, scores))
    possible = possible_outcomes(placed, splicing, reference, described.change.kind is ChangeKind.UNKNOWN)
    if coding is not None and coding != JOINED:
        notes.extend(_isoform_notes(coding, reference))
    found = Consequence(
        variant=variant,
        change=described.change,
        terms=view.terms,
        hgvs_c=hgvs_c,
        hgvs_g=hgvs_g,
        hgvs_p=described.hgvs,
        exon=view.exon,
        intron=view.intron,
        notes=tuple(notes),
        alternatives=tuple(alternative(variant, outcome, reference, hgvs_c) for outcome in possible),
        vep_protein_position=view.protein_position,
        vep_amino_acids=view.amino_acids,
        splice_changes=splicing.changes,
        splicing=SplicingLook.NOT_APPLICABLE if outside else _look(scores, splicing),
        alternatives_complete=_complete(placed, described, possible, splicing, reference),
        decay=decay_of(described.change, reference, placed),
        same_product_as=same_product(described.change, reference),
        splice_context=context,
    )
    return Effect(found, least, placed, coding, splicing)


def _holds_whole(alleles: Alleles, reference: TranscriptMap) -> bool:
    """Say whether a change takes away a whole exon or a whole intron."""
    stretches = (*reference.exons, *reference.introns)
    return any(alleles.start <= first and last <= alleles.end for first, last in stretches)


def _complete(
    alleles: Alleles, described: Described, possible: list[Outcome], splicing: SplicingView, reference: TranscriptMap
) -> bool:
    """Say whether the named product is all that is possible: not at a lost site, nor where an intron is missing."""
    if possible or splicing.lost or splicing.competing or described.change.kind is ChangeKind.UNKNOWN:
        return False
    return (alleles.start, alleles.end) not in reference.introns


def _look(scores: SpliceScores | None, splicing: SplicingView) -> SplicingLook:
    """Say what was looked at to know of splicing."""
    if scores is not None:
        return SplicingLook.MODEL
    return SplicingLook.INVARIANT_BASES if splicing.lost else SplicingLook.NOT_RUN


def _splice_notes(splicing: SplicingView, scores: SpliceScores | None) -> list[str]:
    """Say what happens to splice sites, for people."""
    notes = []
    for change in splicing.changes:
        score = "" if change.delta is None else f" (model: {change.score_before:.2f} to {change.score_after:.2f})"
        if change.effect is SpliceEffect.CREATED:
            notes.append(f"a new {change.site.side} {abs(change.offset)} bases from the {change.site}{score}")
        elif change.effect is SpliceEffect.NONE:
            notes.append(f"touches the {change.site}, which the splice model leaves as it is")
        else:
            notes.append(f"{change.site} {change.effect}{score}")
    if splicing.lost or splicing.competing:
        notes.append("what the RNA does is not known; see alternatives, which are not all that is possible")
    if splicing.lost and scores is None:
        notes.append("no splice model was run, so cryptic sites were not looked for")
    return notes


def possible_outcomes(
    alleles: Alleles, splicing: SplicingView, reference: TranscriptMap, unclear: bool, gene: EditedGene | None = None
) -> list[Outcome]:
    """Return every way of splicing that has to be thought of besides the named one, or where that is ``unclear``.

    ``gene`` is the gene with other changes in it as well.
    """
    exons = tandem_exons(alleles, reference)
    if exons is not None:
        # The second copy may be left out.
        return [one for one in (twice(reference, *exons), EditedGene(reference).as_named()) if one is not None]
    if not splicing.lost and not splicing.competing and not unclear:
        return []
    gene = gene or EditedGene(reference, alleles)
    if not splicing.lost and not splicing.competing:
        return outcomes_of_fusion(alleles, gene)
    found = [gene.as_named()] if splicing.as_named else []
    found += [outcome for lost in splicing.lost for outcome in outcomes_at(lost.site, gene, lost.cryptic)]
    found += [gene.cryptic(site, cryptic) for site, cryptic in splicing.competing]
    return each_once(found)


def each_once(outcomes: Iterable[Outcome | None]) -> list[Outcome]:
    """Return outcomes without those that are there already, and without those that cannot be."""
    found = {(one.rna.kind, one.rna.number, one.rna.position, one.rna.bases): one for one in outcomes if one}
    return list(found.values())


def _placed(alleles: Alleles, reference: TranscriptMap) -> Alleles:
    """Move a change to where its product can be told best; a copy of a whole exon stays where it is."""
    if len(alleles.ref) == len(alleles.alt) or tandem_exons(alleles, reference) is not None:
        return alleles
    return placed_for_product(alleles, reference)


def _moved_note(placed: Alleles, hgvs_c: str, reference: TranscriptMap) -> list[str]:
    """Say so where the name touches an intron and the product is that of an equal change in an exon."""
    if not hgvs_c or (placed.ref and placed.alt) or reference.segment(placed.end).kind != "exon":
        return []
    inside = name_in_place(placed, reference)
    if inside == hgvs_c:
        return []
    return [f"the same bases result from {inside}, which leaves the intron whole: its product is given"]


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


def _as_written(coding: CodingEdit | None, least: Alleles | None, placed: Alleles | None) -> CodingEdit | None:
    """Return the coding edit at the place where it was written; ``None`` where none can be shown."""
    if coding is None or coding == JOINED or least is None or placed is None:
        return None
    shift = placed.start - least.start
    return (coding[0] - shift, coding[1] - shift, least.alt)


_CANONICAL_TERMS = ("splice_donor_variant", "splice_acceptor_variant")
_PLAIN = ("missense_variant",)


def _plain(
    variant: Variant,
    edit: Edit,
    names: tuple[str, str],
    described: Described,
    view: VepView,
    scores: SpliceScores | None,
) -> Consequence:
    """Put together the consequence of a change that has nothing to do with splicing or stops."""
    return Consequence(
        variant,
        described.change,
        view.terms,
        *names,
        described.hgvs,
        view.exon,
        notes=(*edit.notes, *described.notes),
        vep_protein_position=view.protein_position,
        vep_amino_acids=view.amino_acids,
        splicing=SplicingLook.NOT_RUN if scores is None else SplicingLook.MODEL,
        splice_context=None if scores is None else scores.context,
    )


# A deletion of the first base together with as many bases in front of it takes the core promoter:
# Smale & Kadonaga, Annu Rev Biochem 2003, 72:449 (about 40 bases on either side).
CORE_PROMOTER_NT = 40
# Marks a product of joined exons, for which no single coding edit can be shown.
JOINED: CodingEdit = (0, 0, "")


def product_of(alleles: Alleles, reference: TranscriptMap) -> tuple[Described, CodingEdit | None, list[str]]:
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
            if alleles.alt == reverse_complement(alleles.ref):
                # The introns are turned round as well, and with them their splice sites.
                return (start_loss(reference, (last + 2) // 3) if first <= 3 else unknown()), None, []
            notes.append("spans an intron: on the chromosome the intron goes too; the exons are taken as joined")
        return from_coding(reference, *coding), coding, notes
    inside = coding_inside(start, end, reference)
    if inside is None:
        return _outside_coding(alleles, reference)
    return _partly_coding(alleles, inside, reference)


def _inserted(
    alleles: Alleles, left: int | None, right: int | None, reference: TranscriptMap
) -> tuple[Described, CodingEdit | None, list[str]]:
    """Find what an insertion does; ``left`` and ``right`` are the coding bases beside it."""
    if tandem_exons(alleles, reference) is not None:
        return unknown(), None, ["a whole exon is there twice with its splice sites; see alternatives"]
    at_end = alleles.start in (reference.coding_start, reference.coding_end + 1)
    if at_end or (left is None and right is None):
        return _outside_coding(alleles, reference)
    position = left + 1 if left is not None else right
    assert position is not None
    copied = exonic_copy(alleles, reference)
    coding = (position, position - 1, alleles.alt if copied is None else copied)
    notes = [] if copied is None else ["doubles introns as well: they are taken as spliced out of both copies"]
    return from_coding(reference, *coding), coding, notes


def _outside_coding(alleles: Alleles, reference: TranscriptMap) -> tuple[Described, CodingEdit | None, list[str]]:
    """Find what a change does that leaves every coding base: nothing, but at a splice site or an end of the gene."""
    at_an_end = _end_of_gene(alleles, reference)
    if at_an_end is not None:
        return at_an_end, None, []
    if (alleles.start, alleles.end) in reference.introns:
        number = reference.segment(alleles.start).number
        behind = reference.cds_position(alleles.end + 1)
        note = (
            f"intron {number} is cleanly gone from the DNA: the exons beside it stand joined as splicing joins them. "
            "How much RNA is made without the intron is not known"
        )
        if not alleles.alt or behind is None:
            return unchanged(reference), None, [note]
        return from_coding(reference, behind, behind - 1, alleles.alt), None, [note]
    hit, _ = disrupted_splice_sites(alleles, reference)
    decisive = any(changes_coding_rna(site, reference) for site in hit)
    return (unknown() if decisive else unchanged(reference)), None, []


def _end_of_gene(alleles: Alleles, reference: TranscriptMap) -> Described | None:
    """Describe a change that takes the beginning or the end of the gene, or doubles all of it; else ``None``."""
    start, end = alleles.start, alleles.end
    first, last = reference.exons[0][0], reference.exons[-1][1]
    if alleles.is_insertion:
        if start > last and start - len(alleles.alt) <= last:
            return replace(unknown(), notes=("a copy of the gene or of its end stands behind it",))
        return None
    if start <= first <= end and first - start >= CORE_PROMOTER_NT:
        return no_product(reference, "the beginning of the gene is lost")
    if alleles.alt == "" and start < first and end >= first - CORE_PROMOTER_NT:
        return replace(unknown(), notes=("the place where transcription begins is cut",))
    if start <= last < end or (start <= last == end and alleles.alt == "" and end - start >= CORE_PROMOTER_NT):
        note = "the end of the gene is lost and with it the signal for the poly(A) tail"
        return Described(replace(unknown().change, transcript_end_lost=True), UNKNOWN, (note,))
    return None


def coding_inside(start: int, end: int, reference: TranscriptMap) -> tuple[int, int] | None:
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
    if before and (behind or start < reference.exons[0][0]):
        lost = "the whole coding sequence is" if behind else "the beginning of the gene and the start codon are"
        return no_product(reference, f"{lost} lost"), None, []
    if before and right.kind in ("exon", "intron"):
        return start_loss(reference, (inside[1] + 2) // 3), None, []
    if behind:
        described = over_the_stop(reference, inside[0], alleles.alt)
        if right.kind == "downstream":
            described = _without_end(described)
        elif not left.kind == right.kind == "exon":
            described = replace(described, hgvs=UNKNOWN)
        return described, None, []
    if left.kind == right.kind == "intron" and left is not right and not alleles.alt:
        sites_kept = start > left.start + 1 and end < right.end - 1
        if sites_kept:
            note = "whole exons are lost from the DNA; the exons beside them are taken as joined"
            return from_coding(reference, *inside, ""), JOINED, [note]
    return unknown(), None, []


def _without_end(described: Described) -> Described:
    """Say that the end of the gene is lost with its stop codon: the RNA has no end of its own."""
    note = "the end of the gene is lost, and with it the stop codon and the signal for the poly(A) tail"
    return Described(replace(described.change, transcript_end_lost=True), UNKNOWN, (note,))


def alternative(variant: Variant, outcome: Outcome, reference: TranscriptMap, hgvs_c: str) -> Consequence:
    """Turn one possible outcome into a consequence."""
    change = outcome.described.change
    name = same_product(change, reference)
    return Consequence(
        variant=variant,
        change=change,
        terms=protein_terms(change),
        hgvs_c=hgvs_c,
        hgvs_p=outcome.described.hgvs,
        isoform=name,
        outcome=outcome.rna,
        notes=outcome.described.notes,
        decay=decay_of(change, reference, outcome.exon_lengths),
        same_product_as=name,
    )


# The products of the target's RNA events; they go with the transcript map that they belong to.
_event_products: WeakKeyDictionary[TranscriptMap, dict[str, str]] = WeakKeyDictionary()


def same_product(change: ProteinChange, reference: TranscriptMap) -> str:
    """Name the target's RNA event that has the same product, "" without one."""
    if change.protein is None:
        return ""
    products = _event_products.get(reference)
    if products is None:
        events = reference.target.isoforms
        made = {event.name: without(reference, event.lost_start, event.lost_end).change.protein for event in events}
        products = _event_products[reference] = {protein: name for name, protein in made.items() if protein}
    return products.get(change.protein, "")


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
    outside = alleles.end < reference.exons[0][0] or alleles.start > reference.exons[-1][1]
    if outside and _end_of_gene(alleles, reference) is None:
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


def _same(variant: Variant, edit: Edit, names: tuple[str, str], reference: TranscriptMap) -> Consequence:
    """Answer a change whose new bases are the old ones."""
    described = unchanged(reference)
    return Consequence(
        variant,
        described.change,
        ("no_sequence_alteration",),
        *names,
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


def _chain_first(hgvs: str) -> str:
    """Write the chain of residues that carry one as the reference of the name, ``T:p.Lys20Ala``."""
    chain, colon, _ = hgvs.removeprefix("p.").partition(":")
    return f"{chain}:{hgvs.replace(f'{chain}:', '')}" if colon else hgvs


def _from_protein(variant: Variant, parsed: ProteinText, reference: TranscriptMap) -> Consequence:
    """Compute the consequence of a protein description."""
    text = cleaned(variant.text)
    _refuse_ambiguous(text, reference)
    if parsed.kind is None:
        return _splice_label(variant, parsed, reference)
    described = from_text(text, parsed, reference)
    change = described.change
    residues = None
    if change.kind is ChangeKind.FRAMESHIFT and parsed.stop_distance is not None and parsed.stop_distance > 0:
        # How many bases the RNA gains or loses is not known; a few do not count here.
        residues = parsed.start + parsed.stop_distance - 2
    return Consequence(
        variant=variant,
        change=change,
        terms=protein_terms(change, has_start=reference.has_start),
        hgvs_p=_chain_first(described.hgvs),
        notes=described.notes,
        decay=decay_of(change, reference, residues=residues),
        same_product_as=same_product(change, reference),
    )


def _refuse_ambiguous(text: str, reference: TranscriptMap) -> None:
    """Refuse a bare ``A61T`` that may mean bases: residues win only where the base contradicts."""
    parts = is_ambiguous(text)
    if parts is None or not reference.cds:  # without a transcript bases are not meant
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
    _require_transcript(reference)
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
        alternatives=tuple(
            alternative(variant, outcome, reference, "") for outcome in outcomes_at(border, EditedGene(reference))
        ),
        alternatives_complete=False,
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
        decay=decay_of(described.change, reference, product.exon_lengths),
        same_product_as=product.isoform or same_product(described.change, reference),
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


def protein_terms(change: ProteinChange, *, has_start: bool = True) -> tuple[str, ...]:
    """Return the Sequence Ontology terms of a protein change of which the DNA is not known.

    ``has_start`` says whether the first residue is that of the start codon.

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
    if change.kind is ChangeKind.DELETION and change.start == 1 and has_start:
        terms.append("start_lost")
    return order(terms)
