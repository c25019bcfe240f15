"""Is the fold intact? Rules on what the new sequence holds: glycosylation sites and cysteines.

All are read off the product laid on the reference, whatever the kind of change, and outside
the cell only: sugars and disulfides are made in the ER.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.product import Product
from epitope.impact.verdicts.rules.base import Case, Rule, names
from epitope.impact.verdicts.rules.thresholds import EXPOSED_RSA
from epitope.target.model import RegionKind

SEQUON = "sequon N-X-S/T, X not Pro: Gavel & von Heijne, Protein Eng 1990, 3:433"


class SequonLost(Rule):
    """An N-glycosylation site of the target does not stand in the product."""

    id = "fold.sequon_lost"
    question = Question.FOLD
    threshold = "a sugar seen in the structure"
    source = f"{SEQUON}; structure"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for each site lost, as a doubt where the structure shows its sugar."""
        product = case.product
        if product is None or case.truncated:
            return
        for sequon in case.target.sequons:
            index = product.index(sequon.position)
            if index is not None and is_sequon(product.sequence[index : index + 3]):
                continue
            site = case.sites[sequon.position]
            seen = (
                f"which carries {site.glycan} in the structure"
                if site.glycan
                else "where the structure shows no sugar"
                if site.observed
                else "which was not observed"
            )
            yield self.evidence(
                f"The glycosylation site {site.name}, {seen}, is lost.",
                site.glycan or "none seen",
                positions=(sequon.position,),
                verdict=Verdict.AT_RISK if site.glycan else Verdict.INTACT,
            )


class SequonGained(Rule):
    """A new N-glycosylation site stands in the product."""

    id = "fold.sequon_gained"
    question = Question.FOLD
    threshold = EXPOSED_RSA
    unit = "RSA"
    source = f"{SEQUON}; a sugar is put on before the chain has folded and must stay outside"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for each new site, as a doubt where it is not plainly on the surface."""
        product = case.product
        if product is None:
            return
        for index in _new_sequons(case, product):
            places = [case.sites[p] for p in product.neighbours(index)]
            seen = [site for site in places if site.observed]
            new = product.position(index) is None
            where = f"beside {names(places)}" if new else f"at position {places[0].uniprot_position}"
            exposed = fmean(site.rsa_free for site in seen) if seen else None
            reach = min((s.min_distance_antibody_A for s in seen if s.min_distance_antibody_A > 0), default=None)
            yield self.evidence(
                f"A new glycosylation site arises {where}"
                + (", which was not observed" if exposed is None else f", {100 * exposed:.0f} % exposed")
                + (f", {reach:.0f} Å from the {case.epitope.word}" if reach is not None else "")
                + ".",
                None if exposed is None else round(exposed, 2),
                positions=tuple(site.uniprot_position for site in places),
                verdict=Verdict.AT_RISK if exposed is not None and exposed < EXPOSED_RSA else Verdict.INTACT,
            )


class CysteineInserted(Rule):
    """A cysteine more than the reference has, by insertion or in a foreign tail."""

    id = "fold.cysteine_inserted"
    question = Question.FOLD
    source = "oxidising folding of extracellular domains; Sevier & Kaiser, Nat Rev Mol Cell Biol 2002, 3:836"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for cysteines inserted outside the cell as a doubt; note those of a tail."""
        product = case.product
        if product is None:
            return
        new = [] if product.replaced else [i for i in product.changed if product.sequence[i] == "C"]
        if case.change.novel_tail:
            new = [i for i in new if _outside(case, product, i)]
            if new:
                yield self.evidence(
                    f"The foreign tail brings {len(new)} cysteine{'s' if len(new) > 1 else ''}.",
                    len(new),
                    verdict=Verdict.INTACT,
                )
            return
        for index in new:
            flanks = [case.sites[p] for p in product.neighbours(index)]
            if not _outside(case, product, index):
                continue
            yield self.evidence(
                f"A cysteine is inserted between {names(flanks).replace(', ', ' and ')}, unpaired and free to form "
                "a wrong disulfide.",
                positions=tuple(site.uniprot_position for site in flanks),
                verdict=Verdict.AT_RISK if any(site.observed for site in flanks) else Verdict.INTACT,
            )


SEQUENCE_NOTES = frozenset({SequonLost.id, SequonGained.id, CysteineInserted.id})
"""Rules that read the sequence alone: their notes say nothing of a fold that was not seen."""


def gained_sequons(case: Case) -> list[int]:
    """List where the product has a new sequon outside the cell: reference positions.

    An inserted asparagine is given by the residue in front of it.

    Parameters
    ----------
    case : Case
    """
    product = case.product
    return [] if product is None else [product.neighbours(index)[0] for index in _new_sequons(case, product)]


def _new_sequons(case: Case, product: Product) -> list[int]:
    """Return the index in the product of each new sequon; a foreign tail is left out."""
    reference = case.target.sequence
    end = product.before if case.change.novel_tail else product.changed.stop
    near = range(max(product.before - 2, 0), min(end, len(product.sequence)))
    return [
        i
        for i in near
        if is_sequon(product.sequence[i : i + 3])
        and not ((p := product.position(i)) is not None and is_sequon(reference[p - 1 : p + 2]))
        and _outside(case, product, i)
    ]


def _outside(case: Case, product: Product, index: int) -> bool:
    """Say whether a residue of the product, or all its known neighbours, are outside the cell."""
    places = product.neighbours(index)
    return bool(places) and all(case.target.kind_at(p) is RegionKind.EXTRACELLULAR for p in places)


def is_sequon(triplet: str) -> bool:
    """Say whether three residues are an N-glycosylation sequon.

    Examples
    --------
    >>> is_sequon("NQS"), is_sequon("NPS"), is_sequon("NA")
    (True, False, False)
    """
    return len(triplet) == 3 and triplet[0] == "N" and triplet[1] != "P" and triplet[2] in "ST"
