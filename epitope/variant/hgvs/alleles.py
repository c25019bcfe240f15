"""Text to `Consequence`, the entry point of this room: one change, or several on one allele.

Changes of one allele are made in one gene: those of one codon are one change, a second
frameshift is read on from the first, and what lies behind a stop is not made. What bears on
each other is judged as one; what stands apart in the protein stays in parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from epitope.errors import VariantError, shown
from epitope.target.model import Target
from epitope.variant.hgvs.brackets import UNKNOWN_PHASE, Bracketed, bracketed, joined
from epitope.variant.hgvs.consequence import (
    JOINED,
    Effect,
    alternative,
    coding_inside,
    consequence_of_change,
    each_once,
    effect_of_change,
    possible_outcomes,
    product_of,
    protein_terms,
    same_product,
)
from epitope.variant.hgvs.decay import decay_of, exon_lengths
from epitope.variant.hgvs.edit import Alleles, Edit, hgvs_names, least_alleles
from epitope.variant.hgvs.labels import CodingEdit
from epitope.variant.hgvs.outcomes import EditedGene
from epitope.variant.hgvs.protein import Described, describe, from_coding, unchanged, unknown
from epitope.variant.hgvs.spelling import cleaned
from epitope.variant.hgvs.terms import order
from epitope.variant.hgvs.transcript_map import TranscriptMap, transcript_map_of
from epitope.variant.model import (
    GONE,
    UNCHANGED,
    ChangeKind,
    Consequence,
    DecayCall,
    ProteinChange,
    SpliceModelUse,
    SplicingLook,
    Variant,
)

NEIGHBOURS = 2
"""Unchanged residues up to which two changes are judged as one: a sequon or a turn may reach over them."""
_ENDS = (ChangeKind.FRAMESHIFT, ChangeKind.NONSENSE)
# Changes that keep both ends of the protein, and can be made one after the other.
_INSIDE = (
    ChangeKind.SUBSTITUTION,
    ChangeKind.DELETION,
    ChangeKind.DELINS,
    ChangeKind.INSERTION,
    ChangeKind.DUPLICATION,
)
_LOOKS = (SplicingLook.NOT_RUN, SplicingLook.INVARIANT_BASES, SplicingLook.MODEL, SplicingLook.NOT_APPLICABLE)


def consequence_of(
    variant: str | Variant, target: Target, *, splice_model: SpliceModelUse = SpliceModelUse.TABLE
) -> Consequence:
    """Say what a variant does to transcript and protein.

    Parameters
    ----------
    variant : str or Variant
        HGVS on protein, DNA or RNA, VCF-like alleles, SPDI, or an RNA event by name or exon. A
        `Variant` may bring a label of its own, which is then checked. Several changes of one allele
        stand in brackets, ``c.[179_181del;521T>G]``.
    target : Target
        The antigen.
    splice_model : SpliceModelUse
        What to ask about splicing: only the table that comes with the model, which costs
        microseconds; what it does not hold computed as well, which costs a second for each
        variant; or nothing. `Consequence.splicing` says what was looked at.

    Returns
    -------
    Consequence
        Normalised names, Sequence Ontology terms, protein change and notes.

    Raises
    ------
    VariantError
        If the text is not understood or contradicts the reference, if changes of one allele
        overlap, or if a text names two alleles; the message is the whole story in one line.

    Notes
    -----
    Terms are those that Ensembl VEP gives for the change as written; the names are
    3'-shifted. A protein description has no ``hgvs_c``, because many DNA changes give it.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> target = load_target()
    >>> found = consequence_of("c.179 CCTT>C", target)
    >>> found.hgvs_c, found.hgvs_p, found.consequence
    ('c.183_185del', 'p.Phe61del', 'inframe_deletion')
    >>> consequence_of(Variant("c.179 CCTT>C", label="p.P60del"), target).label_check
    'published as p.P60del; c.179 CCTT>C removes Phe61: CCC TTC TTA → CCC TTA'
    >>> consequence_of("c.[487C>T;488G>A]", target).hgvs_p  # one codon
    'p.Arg163Tyr'
    """
    given = variant if isinstance(variant, Variant) else Variant(variant)
    several = _several(given.text)
    if several is None:
        found = consequence_of_change(given, target, splice_model)
    else:
        found = _together(given, several, target, splice_model)
    if not given.other_allele:
        return found
    return replace(found, other_allele=_other(given.other_allele, target, splice_model))


def _several(text: str) -> Bracketed | None:
    """Return the changes of a text that names several on one allele, ``None`` for any other text."""
    if "[" not in text:
        return None
    found = bracketed(cleaned(text))
    return found if found is not None and len(found.changes) > 1 and len(found.alleles) == 1 else None


def changes_of(text: str) -> tuple[str, ...]:
    """Return the changes of one allele, each as it would be written alone; a text of one change as it is."""
    found = _several(text)
    return (text,) if found is None else found.changes


def _other(text: str, target: Target, use: SpliceModelUse) -> Consequence:
    """Return what the other allele does; ``0`` and ``=`` are written on the protein."""
    return consequence_of(f"p.{text}" if text in (UNCHANGED, GONE) else text, target, splice_model=use)


def split_alleles(variant: Variant) -> tuple[Variant, ...]:
    """Give each allele of a text a variant of its own; one that names a single allele is returned as it is.

    Changes of which the phase is not known are given one by one, and together as they would be on one allele.

    Examples
    --------
    >>> [one.text for one in split_alleles(Variant("c.[179_181del];[521T>G]"))]
    ['c.179_181del', 'c.521T>G']
    >>> [one.text for one in split_alleles(Variant("c.179_181del(;)521T>G"))]
    ['c.179_181del', 'c.521T>G', 'c.[179_181del;521T>G]']
    """
    if "[" not in variant.text and UNKNOWN_PHASE not in variant.text:
        return (variant,)
    try:
        found = bracketed(cleaned(variant.text))
    except VariantError:
        return (variant,)  # refused where it is read, with the reason
    if found is None or len(found.alleles) < 2 or (found.phase_known and len(found.alleles) > 2):
        return (variant,)
    texts = [joined(allele) for allele in found.alleles]
    if not found.phase_known:
        note = "which alleles the changes lie on is not known"
        alone = [replace(variant, text=text, notes=(*variant.notes, note)) for text in texts]
        together = replace(variant, text=joined(texts), notes=(*variant.notes, f"{note}; here taken as one allele"))
        return (*alone, together)
    if texts[0] == texts[1]:
        note = "both alleles carry it"
        return (replace(variant, text=texts[0], notes=(*variant.notes, note), other_allele=texts[0]),)
    short = [text.removeprefix(found.name) for text in texts]
    others = [bare if bare in (UNCHANGED, GONE) else text for bare, text in zip(short, texts, strict=True)][::-1]
    return tuple(
        replace(variant, text=text, origin=f"{variant.origin} allele {number}".strip(), other_allele=other)
        for number, (text, bare, other) in enumerate(zip(texts, short, others, strict=True), start=1)
        if bare not in (UNCHANGED, GONE, "?")
    )


@dataclass(slots=True)
class _Run:
    """Coding changes that bear on each other, as one edit: of one codon, or up to where the frame is found again."""

    coding: CodingEdit
    effects: list[Effect]

    @property
    def shift(self) -> int:
        """By how many bases the rest is moved."""
        start, end, new = self.coding
        return len(new) - (end - start + 1)

    def takes(self, coding: CodingEdit, reference: TranscriptMap) -> bool:
        """Say whether a change further on belongs to this run."""
        first_codon, last_codon = (coding[0] - 1) // 3, (self.coding[1] - 1) // 3
        if first_codon <= last_codon:
            return True
        if self.shift % 3 == 0:
            return False
        made = from_coding(reference, *self.coding).change
        if made.kind not in _ENDS:
            return made.kind is not ChangeKind.START_LOSS
        # A stop in front of the next change ends what is made.
        return made.protein is None or 3 * len(made.protein) + 3 > coding[0] - 1 + self.shift

    def add(self, coding: CodingEdit, effect: Effect, reference: TranscriptMap) -> None:
        """Take a change into the run, with the bases between."""
        start, end, new = self.coding
        between = reference.cds[end : coding[0] - 1]
        self.coding = (start, coding[1], new + between + coding[2])
        self.effects.append(effect)


def _together(variant: Variant, several: Bracketed, target: Target, use: SpliceModelUse) -> Consequence:
    """Put the changes of one allele together."""
    reference = transcript_map_of(target)
    try:
        effects = [effect_of_change(Variant(text), target, use) for text in several.changes]
    except VariantError as error:
        raise VariantError(f"{shown(variant.text)}: {error}") from None
    effects.sort(key=lambda effect: _place(effect, reference))
    _refuse_overlap(variant, effects)
    effects = _apart(effects, reference)
    members = tuple(effect.consequence for effect in effects)
    placed = [effect.placed for effect in effects if effect.placed is not None]
    # A target without a transcript has no gene, and no change of the DNA either.
    gene = EditedGene(reference, *placed) if placed else None
    lengths = exon_lengths(reference, *placed) if placed else None
    runs = _runs(effects, reference)
    made, moot = _made(variant, runs, effects, reference)
    named, judged = _merged(made, reference, 0), _merged(made, reference, NEIGHBOURS)
    unclear = any(member.change.kind is ChangeKind.UNKNOWN for member in members)
    described = unknown() if unclear else _whole(named, judged, reference)
    parts = () if unclear else tuple(_part(variant, one, reference, lengths) for one in judged)
    hgvs_c = _names([member.hgvs_c for member in members])
    outcomes = each_once(
        outcome
        for effect in effects
        if effect.placed is not None and effect.splicing is not None
        for outcome in possible_outcomes(
            effect.placed, effect.splicing, reference, effect.consequence.change.kind is ChangeKind.UNKNOWN, gene
        )
    )
    looks = {member.splicing for member in members}
    found = Consequence(
        variant=variant,
        change=described.change,
        terms=_terms(members, parts),
        hgvs_c=hgvs_c,
        hgvs_g=_names([member.hgvs_g for member in members]),
        hgvs_p=described.hgvs,
        exon=",".join(dict.fromkeys(member.exon for member in members if member.exon)),
        intron=",".join(dict.fromkeys(member.intron for member in members if member.intron)),
        notes=(*described.notes, *_notes(runs, moot, looks, reference)),
        alternatives=tuple(alternative(variant, outcome, reference, hgvs_c) for outcome in outcomes),
        splice_changes=tuple(dict.fromkeys(change for member in members for change in member.splice_changes)),
        splicing=next(look for look in _LOOKS if look in looks),
        alternatives_complete=all(member.alternatives_complete for member in members),
        decay=next((part.decay for part in parts if part.decay != DecayCall()), DecayCall()),
        same_product_as=same_product(described.change, reference),
        splice_context=next((member.splice_context for member in members if member.splice_context), None),
        members=members,
        parts=parts if len(parts) > 1 else (),
    )
    if not variant.label:
        return found
    same = consequence_of(variant.label, target, splice_model=SpliceModelUse.OFF).hgvs_p == found.hgvs_p
    told = "agrees" if same else f"published as {shown(variant.label)}; together the changes give {found.hgvs_p}"
    return replace(found, label_check=told)


def _place(effect: Effect, reference: TranscriptMap) -> tuple[int, int]:
    """Say where a change stands, for sorting: DNA by its place in the gene, protein by its codon."""
    if effect.least is not None:
        return effect.least.start, effect.least.end
    start = effect.consequence.change.start
    place = reference.to_genome(3 * start - 2) if start and reference.cds and 3 * start <= reference.cds_length else 0
    return place, place


def _refuse_overlap(variant: Variant, effects: Sequence[Effect]) -> None:
    """Refuse changes of the same bases: on one allele only one of them can be."""
    for one, other in combinations(effects, 2):
        if one.least is not None and other.least is not None and one.least.overlaps(other.least):
            raise _contradiction(variant, one.consequence.variant.text, other.consequence.variant.text, "bases")


def _contradiction(variant: Variant, one: str, other: str, what: str) -> VariantError:
    """Write the message for two changes that cannot both be on one allele."""
    return VariantError(
        f"{shown(variant.text)}: {shown(one, 40)} and {shown(other, 40)} change the same {what}; they cannot both be "
        "on one allele; leave one out, or write what stands there now as one delins"
    )


def _apart(effects: list[Effect], reference: TranscriptMap) -> list[Effect]:
    """Leave changes where they were written if moving them for the sake of the name brought two together."""
    places = [effect.placed for effect in effects if effect.placed is not None]
    if not any(one.overlaps(other) for one, other in combinations(places, 2)):
        return effects
    return [
        effect
        if effect.least is None
        else replace(effect, placed=effect.least, coding=product_of(effect.least, reference)[1])
        for effect in effects
    ]


def _runs(effects: Sequence[Effect], reference: TranscriptMap) -> list[_Run]:
    """Put coding changes that bear on each other together."""
    items = []
    for effect in effects:
        coding = effect.coding
        if coding == JOINED and effect.placed is not None:
            inside = coding_inside(effect.placed.start, effect.placed.end, reference)
            coding = None if inside is None else (*inside, "")
        if coding is not None:
            items.append((coding, effect))
    runs: list[_Run] = []
    for coding, effect in sorted(items, key=lambda item: item[0][:2]):
        if runs and runs[-1].takes(coding, reference):
            runs[-1].add(coding, effect, reference)
        else:
            runs.append(_Run(coding, [effect]))
    return runs


def _made(
    variant: Variant, runs: Sequence[_Run], effects: Sequence[Effect], reference: TranscriptMap
) -> tuple[list[Described], list[str]]:
    """Return what becomes of the protein, in order along it, and the changes that lie behind a stop."""
    found = [(from_coding(reference, *run.coding), run.effects[0].consequence.variant.text) for run in runs]
    found += [
        (Described(effect.consequence.change, effect.consequence.hgvs_p), effect.consequence.variant.text)
        for effect in effects
        if effect.coding is None
    ]
    told = [(one, text) for one, text in found if one.change.kind not in (ChangeKind.NONE, ChangeKind.UNKNOWN)]
    told.sort(key=lambda item: _edit(item[0].change)[:2])
    kept: list[tuple[Described, str]] = []
    moot = []
    for one, text in told:
        if kept and kept[-1][0].change.kind in _ENDS:
            moot.append(text)
            continue
        if kept and _edit(one.change)[0] <= _edit(kept[-1][0].change)[1]:
            raise _contradiction(variant, kept[-1][1], text, "residues")
        kept.append((one, text))
    return [one for one, _ in kept], moot


def _edit(change: ProteinChange) -> tuple[int, int, str]:
    """Return the first and last residue that a change replaces, and by what; the last is in front for an insertion."""
    start, end = change.start or 1, change.end or 1
    if change.kind is ChangeKind.INSERTION:
        return start + 1, start, change.alternate
    if change.kind is ChangeKind.DUPLICATION:
        return end + 1, end, change.alternate
    return start, end, change.alternate


def _merged(made: Sequence[Described], reference: TranscriptMap, gap: int) -> list[Described]:
    """Describe changes with at most ``gap`` residues between them as one."""
    groups: list[list[Described]] = []
    for one in made:
        first = _edit(one.change)[0]
        inside = one.change.kind in _INSIDE and first > 1
        before = groups[-1][-1].change if groups else None
        if before and inside and before.kind in _INSIDE and first - _edit(before)[1] - 1 <= gap:
            groups[-1].append(one)
        else:
            groups.append([one])
    found = [group[0] if len(group) == 1 else describe(reference, _protein(group, reference) or "") for group in groups]
    return [one for one in found if one.change.kind is not ChangeKind.NONE]


def _protein(made: Sequence[Described], reference: TranscriptMap) -> str | None:
    """Return the protein with every change in it, ``None`` where it is not known."""
    text = reference.protein
    for change in reversed([one.change for one in made]):
        first, last, new = _edit(change)
        if change.kind in _INSIDE:
            text = text[: first - 1] + new + text[last:]
        elif change.kind in (*_ENDS, ChangeKind.STOP_LOSS) and change.protein is not None:
            text = text[: first - 1] + change.protein[first - 1 :]
        else:
            return None
    return text


def _whole(named: Sequence[Described], judged: Sequence[Described], reference: TranscriptMap) -> Described:
    """Describe the product of all changes."""
    if not judged:
        return unchanged(reference)
    name = joined([one.hgvs for one in named])
    notes = tuple(note for one in judged for note in one.notes)
    if len(judged) == 1:
        return Described(judged[0].change, name, notes)
    changes = [one.change for one in judged]
    lost = sorted({position for change in changes for position in change.positions_lost})
    change = ProteinChange(
        ChangeKind.SEVERAL,
        min(_edit(change)[0] for change in changes),
        max(_edit(change)[1] for change in changes),
        positions_lost=tuple(lost),
        substitutions=tuple(sub for change in changes for sub in change.substitutions if sub.position not in lost),
        novel_tail=changes[-1].novel_tail,
        protein=_protein(judged, reference),
        restart=changes[0].restart,
        transcript_end_lost=any(change.transcript_end_lost for change in changes),
    )
    return Described(change, name, notes)


def _part(
    variant: Variant, described: Described, reference: TranscriptMap, lengths: Sequence[int] | None
) -> Consequence:
    """Turn one part of the product into a consequence."""
    change = described.change
    return Consequence(
        variant,
        change,
        protein_terms(change),
        hgvs_p=described.hgvs,
        notes=described.notes,
        decay=decay_of(change, reference, lengths),
        same_product_as=same_product(change, reference),
    )


def _terms(members: Sequence[Consequence], parts: Sequence[Consequence]) -> tuple[str, ...]:
    """Return the terms of the product, with what the changes do at splice sites; those of the changes without one."""
    own = {term for part in parts for term in part.terms}
    other = {term for member in members for term in member.terms if term.startswith("splice_") or not own}
    return order(own | other)


def _names(names: Sequence[str]) -> str:
    """Write the changes as one allele, "" where one of them has no such name."""
    return joined(list(names)) if all(names) else ""


def _notes(runs: Sequence[_Run], moot: Sequence[str], looks: set[SplicingLook], reference: TranscriptMap) -> list[str]:
    """Say what the changes do to each other."""
    notes = []
    for run in runs:
        if len(run.effects) < 2:
            continue
        names = " and ".join(effect.consequence.hgvs_c or effect.consequence.variant.text for effect in run.effects)
        if run.shift % 3 == 0 and any(effect.placed is not None and effect.placed.shift % 3 for effect in run.effects):
            first, last = (run.coding[0] + 2) // 3, (run.coding[1] + 2) // 3
            notes.append(f"{names} together keep the reading frame; codons {first} to {last} are read in another one")
        else:
            one_name = _as_one(run, reference)
            notes.append(
                f"{names} lie in one codon and are one change of it" + (f", {one_name} in HGVS" if one_name else "")
            )
    if moot:
        notes.append(f"{', '.join(moot)} lies behind the new stop and changes nothing more")
    if SplicingLook.MODEL in looks:
        notes.append("the splice model was asked about each change alone")
    return notes


def _as_one(run: _Run, reference: TranscriptMap) -> str:
    """Name neighbouring changes of one codon as HGVS does, as one delins; "" where an intron lies between them."""
    start, end, new = run.coding
    first, last = reference.to_genome(start), reference.to_genome(end)
    if last - first != end - start:
        return ""
    alleles = Alleles(first, last, reference.bases(first, last), new)
    return hgvs_names(Edit(alleles, least_alleles(alleles)), reference)[0]
