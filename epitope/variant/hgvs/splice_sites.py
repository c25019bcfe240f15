"""What a change does to splice sites: which it abolishes, weakens or makes.

Two ways of knowing: the bases that hardly vary (GT behind an exon, AG in front of one, the
last base of an exon) and the probabilities of the splice model, where it was asked. What
the RNA then looks like is in `epitope.variant.hgvs.outcomes`; VEP's splice terms are in
`epitope.variant.hgvs.terms`.
"""

from __future__ import annotations

from dataclasses import dataclass

from epitope.variant.hgvs.edit import Alleles
from epitope.variant.hgvs.outcomes import CrypticSite
from epitope.variant.hgvs.splice_scores import ScoredSite, SpliceScores
from epitope.variant.hgvs.transcript_map import TranscriptMap
from epitope.variant.model import SpliceChange, SpliceEffect, SpliceSide, SpliceSite

LIKELY = 0.5
"""A probability that falls or rises by this much changes splicing: the recommended cut-off of SpliceAI,
Jaganathan et al., Cell 2019, 176:535."""
POSSIBLE = 0.2
"""From here on a difference is noted: the cut-off of SpliceAI for high recall, same source."""
USABLE = 0.1
"""A site with a lower probability is taken as no site (own choice: no annotated site of the bundled gene that the
model can see scores below 0.4, and 0.1 is the smallest difference that the model's table holds)."""
MOST_CRYPTIC = 2
"""How many cryptic sites are listed for a lost one (own choice): the two most likely."""

# Bases of the intron at each border that are all but invariant: GT and AG.
_CANONICAL = 2


@dataclass(frozen=True, slots=True)
class LostSite:
    """A splice site that the change disrupts, and the sites that may be used instead."""

    site: SpliceSite
    cryptic: tuple[CrypticSite, ...] = ()


@dataclass(frozen=True, slots=True)
class SplicingView:
    """What happens to splice sites.

    ``changes`` are for people and rules; ``lost`` are the sites of which the outcomes have to
    be listed, ``competing`` the new ones that are strong enough to be used beside an
    annotated one, ``as_named`` says that every site that loses invariant bases may still work.
    """

    changes: tuple[SpliceChange, ...] = ()
    lost: tuple[LostSite, ...] = ()
    competing: tuple[tuple[SpliceSite, CrypticSite], ...] = ()
    as_named: bool = False


def splicing_view(alleles: Alleles, reference: TranscriptMap, scores: SpliceScores | None) -> SplicingView:
    """Say what a change does to every splice site.

    Parameters
    ----------
    alleles : Alleles
        The change, at its most 3' place.
    reference : TranscriptMap
        The transcript.
    scores : SpliceScores, optional
        What the splice model says; ``None`` where it was not asked.

    Returns
    -------
    SplicingView
        A site whose invariant bases go is abolished, unless the model sees it still (GC in
        place of GT: 15 to 18 % of such donors work, Lin et al., Hum Mutat 2019, 40:1856). Where
        only the last base of its exon goes, or bases are put in at its border, the model
        decides; without the model the site counts as weakened. Any other site needs the model.
    """
    hit, touched = disrupted_splice_sites(alleles, reference)
    sites = scores.sites if scores is not None else ()
    if not hit and not touched and not sites:
        return SplicingView()
    annotated = {
        (site.side, place): site for site, place in _annotated(reference) if not _goes_whole(site, alleles, reference)
    }
    places = {site: place for (_, place), site in annotated.items()}
    # Bases put in behind a border can take it over: what is then left there is left of the site.
    moved = {
        annotated[one.side, one.position]: one
        for one in sites
        if (one.side, one.position) in annotated and (not one.inserted or one.delta < 0)
    }
    changes: list[SpliceChange] = []
    lost: list[LostSite] = []
    for site in dict.fromkeys([*hit, *touched, *moved]):
        scored = moved.get(site)
        before, after = (scored.before, scored.after) if scored is not None else (None, None)
        effect, gone = _effect(scored, site in hit, site in touched, scores is not None)
        if effect is None:
            continue
        if scored is None and scores is not None:
            # The change moves this site by less than the model's threshold: what is left is not stored.
            before = scores.reference_scores.get((site.side, places[site]))
        place = reference.chromosome_position(places[site])
        changes.append(SpliceChange(site, effect, _offset(site, alleles, places[site]), place, before, after))
        if gone:
            lost.append(LostSite(site, _cryptic(site, reference, scores, places)))
    new = [
        (rival, one)
        for one in sites
        if one.delta >= POSSIBLE and (one.inserted or (one.side, one.position) not in annotated)
        if (rival := _rival(one, reference)) is not None
    ]
    changes += [_created(rival, one, reference) for rival, one in new]
    # One at the outer end of the first or last exon has no site to compete with: it is noted only.
    competing = tuple((rival, _as_cryptic(one)) for rival, one in new if one.delta >= LIKELY and rival in places)
    weakened = {change.site for change in changes if change.effect is SpliceEffect.WEAKENED}
    return SplicingView(tuple(changes), tuple(lost), competing, bool(hit) and weakened.issuperset(hit))


def _effect(scored: ScoredSite | None, hit: bool, touched: bool, asked: bool) -> tuple[SpliceEffect | None, bool]:
    """Say what happens to an annotated site, and whether the outcomes of its loss have to be listed."""
    if hit:
        works = scored is not None and scored.after >= USABLE
        return SpliceEffect.WEAKENED if works else SpliceEffect.ABOLISHED, True
    if touched and not asked:
        return SpliceEffect.WEAKENED, True
    if scored is None or scored.delta > -POSSIBLE:
        return (SpliceEffect.NONE if touched else None), False
    if scored.after < USABLE:
        return SpliceEffect.ABOLISHED, True
    return SpliceEffect.WEAKENED, scored.delta <= -LIKELY


def _annotated(reference: TranscriptMap) -> list[tuple[SpliceSite, int]]:
    """Return every splice site of the transcript with the exonic base at its border."""
    exons = reference.exons
    donors = [(SpliceSite(SpliceSide.DONOR, number), end) for number, (_, end) in enumerate(exons[:-1], 1)]
    acceptors = [(SpliceSite(SpliceSide.ACCEPTOR, number), start) for number, (start, _) in enumerate(exons[1:], 2)]
    return donors + acceptors


def _offset(site: SpliceSite, alleles: Alleles, border: int) -> int:
    """Count from a border to the nearest base of a change: 1 is the first intron base, -1 the last exon base."""
    low, high = min(alleles.start, alleles.end), max(alleles.start, alleles.end)
    if site.side is SpliceSide.DONOR:
        return low - border if low > border else min(high - border - 1, -1) if high <= border else 1
    return border - high if high < border else min(border - low - 1, -1) if low >= border else 1


def _created(site: SpliceSite, scored: ScoredSite, reference: TranscriptMap) -> SpliceChange:
    """Describe a new site by how far it moves the border of the annotated one."""
    border = reference.exons[site.exon - 1][site.side is SpliceSide.DONOR]
    offset = scored.position - border if site.side is SpliceSide.DONOR else border - scored.position
    place = reference.chromosome_position(scored.position)
    return SpliceChange(site, SpliceEffect.CREATED, offset, place, scored.before, scored.after)


def _rival(scored: ScoredSite, reference: TranscriptMap) -> SpliceSite | None:
    """Return the site that a new one can stand in for, by the exon that it would end or begin; ``None`` outside."""
    segment = reference.segment(scored.position)
    if segment.kind not in ("exon", "intron"):
        return None
    behind = scored.side is SpliceSide.ACCEPTOR and segment.kind == "intron"
    return SpliceSite(scored.side, segment.number + behind)


def _cryptic(
    site: SpliceSite, reference: TranscriptMap, scores: SpliceScores | None, places: dict[SpliceSite, int]
) -> tuple[CrypticSite, ...]:
    """Return the likeliest sites to be used in place of a lost one, best first; none without the model."""
    if scores is None:
        return ()
    found = {(one.position, one.inserted): one for one in scores.sites if one.side is site.side}
    for (side, position), score in scores.reference_scores.items():
        if side is site.side:
            found.setdefault((position, 0), ScoredSite(side, position, 0, score, score))
    usable = [
        one
        for one in found.values()
        if one.after >= USABLE
        and (one.inserted or one.position not in places.values())
        and _rival(one, reference) == site
    ]
    return tuple(map(_as_cryptic, sorted(usable, key=lambda one: -one.after)[:MOST_CRYPTIC]))


def _as_cryptic(scored: ScoredSite) -> CrypticSite:
    """Return a scored site as one that may be used."""
    return CrypticSite(scored.side, scored.position, scored.inserted, round(scored.after, 4))


def disrupted_splice_sites(alleles: Alleles, reference: TranscriptMap) -> tuple[list[SpliceSite], list[SpliceSite]]:
    """Return the sites whose invariant intron bases a change hits, and those only touched in the exon.

    A site counts as touched when the last base of its exon changes or bases are put in
    right at the border. A site that goes together with its whole exon or its whole intron is
    not among them: nothing is left that would need it.
    """
    hit: list[SpliceSite] = []
    touched: list[SpliceSite] = []
    start, end = alleles.start, alleles.end
    segment = reference.segment(start)
    # Well inside an exon or intron there is no border: most changes end here.
    if segment.start + _CANONICAL < start and end < segment.end - _CANONICAL:
        return hit, touched
    for number, (first, last) in enumerate(reference.introns, start=1):
        if end < first - 1 or start > last + 1:
            continue
        at_border = alleles.is_insertion and (start == first or end == last)
        if first <= start and end <= last and not at_border:
            hit += _changed_ends(alleles, number, reference)
            continue
        if end >= first and start <= first + _CANONICAL - 1:
            hit.append(SpliceSite(SpliceSide.DONOR, number))
        elif end >= first - 1 and start <= first:
            touched.append(SpliceSite(SpliceSide.DONOR, number))
        if end >= last - _CANONICAL + 1 and start <= last:
            hit.append(SpliceSite(SpliceSide.ACCEPTOR, number + 1))
        elif alleles.is_insertion and end == last:
            touched.append(SpliceSite(SpliceSide.ACCEPTOR, number + 1))
    hit = [site for site in hit if not _goes_whole(site, alleles, reference)]
    return hit, [site for site in touched if not _goes_whole(site, alleles, reference)]


def _goes_whole(site: SpliceSite, alleles: Alleles, reference: TranscriptMap) -> bool:
    """Say whether a change takes away the whole exon or the whole intron of a site, and the site with it."""
    stretches = (reference.exons[site.exon - 1], reference.introns[site.intron - 1])
    return any(alleles.start <= first and last <= alleles.end for first, last in stretches)


def _changed_ends(alleles: Alleles, number: int, reference: TranscriptMap) -> list[SpliceSite]:
    """Return the sites whose invariant bases differ after a change inside an intron.

    Compared on the sequence, so that the place at which an indel is written does not matter.
    """
    first, last = reference.introns[number - 1]
    old = reference.bases(first, last)
    new = old[: alleles.start - first] + alleles.alt + old[alleles.end + 1 - first :]
    found = []
    if new[:_CANONICAL] != old[:_CANONICAL]:
        found.append(SpliceSite(SpliceSide.DONOR, number))
    if new[-_CANONICAL:] != old[-_CANONICAL:]:
        found.append(SpliceSite(SpliceSide.ACCEPTOR, number + 1))
    return found


def splice_site_of_residue(position: int, reference: TranscriptMap) -> SpliceSite | None:
    """Return the splice site nearest to a residue's codon, if it lies within a codon of it.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> from epitope.variant.hgvs.transcript_map import transcript_map_of
    >>> str(splice_site_of_residue(186, transcript_map_of(load_target())))
    'donor of exon 3'
    """
    first, last = position * 3 - 2, position * 3
    best: tuple[int, SpliceSite] | None = None
    for index in range(len(reference.coding_exons)):
        start, end = reference.exon_cds(index)
        exon = reference.leading_exons + index + 1
        candidates = []
        if index + 1 < len(reference.coding_exons):
            candidates.append((max(first - end, end - last, 0), SpliceSite(SpliceSide.DONOR, exon)))
        if index > 0:
            candidates.append((max(first - start, start - last, 0), SpliceSite(SpliceSide.ACCEPTOR, exon)))
        for distance, border in candidates:
            # A donor first: a codon split by an intron touches both ends of it.
            if distance <= 3 and (best is None or distance < best[0]):
                best = (distance, border)
    return best[1] if best else None


def changes_coding_rna(site: SpliceSite, reference: TranscriptMap) -> bool:
    """Say whether the loss of a site can change the protein: that of a coding exon, which may be skipped."""
    coding = reference.coding_exons
    return coding[0].number <= site.exon <= coding[-1].number
