"""The atlas: every single change of the antigen that the structure lets us judge.

Each substitution and single-residue deletion at every observed position, and each in-frame
exon skip that reaches what was observed; with consequence, rules, numbers, how many
nucleotides it takes, and who has seen it. A row says nothing of positions that were not
observed, and a label is a reading of its verdicts, not a further judgement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from epitope.errors import StructureError
from epitope.impact.predictors.model import (
    HOT_SPOT_FORMULA,
    HOT_SPOT_TERMS,
    PREDICTION_COLUMNS,
    Predictions,
    percent,
    spoken,
)
from epitope.impact.verdicts.assess import Assessor
from epitope.impact.verdicts.model import Assessment, Question, Verdict
from epitope.target.model import RegionKind
from epitope.target.residues import AMINO_ACIDS, THREE
from epitope.target.translation import codon_table
from epitope.variant.hgvs.alleles import consequence_of
from epitope.variant.hgvs.transcript_map import transcript_map_of
from epitope.variant.model import SplicingLook
from epitope.variant.readers.known import KnownVariant, known_variants

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.measured import MeasuredComplex
    from epitope.impact.site import Site
    from epitope.target.model import Target
    from epitope.variant.hgvs.transcript_map import TranscriptMap

SUBSTITUTION, DELETION, EXON_SKIP = "substitution", "deletion", "exon skip"
ESCAPE, LOSS, BOTH = "escape", "loss", "both"
_BASES = "ACGT"
_HARM = (Verdict.AT_RISK, Verdict.LOST)

ATLAS_COLUMNS: dict[str, str] = {
    "uniprot_position": "position of the change; of an exon skip, the first residue lost",
    "reference": "one-letter code of the antigen; of an exon skip, all residues lost",
    "alternate": "one-letter code of the replacement, 'del' for deletions and exon skips",
    "kind": "substitution, deletion (of one residue), exon skip (in frame)",
    "hgvs_p": "normalised HGVS name on the protein",
    "hgvs_c": "HGVS names on the coding sequence: of every single-nucleotide change that makes a substitution, "
    "of the deleted codon or exon; empty for substitutions that take more nucleotides",
    "consequence": "Sequence Ontology terms",
    "reachable_by_one_nucleotide": "whether replacing one nucleotide is enough; missing without a transcript",
    "nucleotides_changed": "fewest nucleotides to replace (substitutions), or number deleted; missing likewise",
    "codon_changes": "codons that need the fewest nucleotides, 'CTG>GTG', separated by '; '",
    "region": "region of the protein",
    "loop": "epitope loop, published or computed, else empty",
    "secondary_structure": "H helix, E strand, - neither",
    "rsa_free": "relative solvent accessibility of the antigen alone",
    "contact_4A": "whether a heavy atom is within 4.0 Å of the antibody, or of what else binds",
    "min_distance_antibody_A": "smallest heavy-atom distance to the antibody, or to what else binds, Å",
    "antigen": "is the antigen on the membrane: intact, at risk, lost, not assessable",
    "fold": "is its fold intact: the same four words",
    "epitope": "is the epitope intact: the same four words",
    "rules": "ids of the rules that argue against one of the three, separated by '; '",
    "rules_noted": "ids of the rules that fired as information only",
    "ddg_kcal_mol": "predicted loss of folding stability, positive = destabilising; biased towards loss",
    "ddg_low_kcal_mol": "lower end of its 90 % interval",
    "ddg_high_kcal_mol": "upper end of its 90 % interval",
    "p_destabilising": "P(ΔΔG ≥ 1 kcal/mol), calibrated",
    "destabilising": "whether the flag is up: right in at least 85 % of cross-validation",
    "hot_spot_score": f"how deep the residue sits in the antibody of the structure: {HOT_SPOT_FORMULA}",
    "p_hot_spot": "P(binding weakens by 1 kcal/mol or more), calibrated",
    "length_change_score": "how much an in-frame deletion or insertion strains the fold, 0 to 1; not calibrated",
    "length_change_grade": "the same as low, medium or high",
    "splice_delta": "largest change of a splice site's probability by the single-nucleotide changes of the row; "
    "missing where none is stored",
    "label": "escape: one nucleotide hits the epitope and no rule argues against the fold; loss: the fold is at "
    "risk or lost; both: fold and epitope are hit; else empty",
    "mechanism": "one sentence that says what happens",
    "clinvar_id": "ids of ClinVar, separated by '; '",
    "clinvar_significance": "their clinical significance",
    "gnomad_af": "allele frequency in gnomAD",
    "cohorts": "published cohorts with this change, each with its samples where they are named, separated by '; '",
    "antibodies": "which antibody sees the residue: contact in the structure, published hot spots of others",
    "notes": "what the row rests on: truncated side chains, neighbours not observed, resolution, how the antibody "
    "in the crystal differs from its relatives",
}
"""Columns of the atlas, in order, each with what it holds."""


def scan(structure: MeasuredComplex) -> pd.DataFrame:
    """Assess every single change of the observed antigen.

    Parameters
    ----------
    structure : MeasuredComplex

    Returns
    -------
    pandas.DataFrame
        One row per change with the columns of `ATLAS_COLUMNS`: the substitutions and the
        deletion of each position in order, then the exon skips.

    Raises
    ------
    StructureError
        If nothing of the antigen was observed.

    Examples
    --------
    >>> import epitope
    >>> atlas = scan(epitope.load())
    >>> columns = ["hgvs_c", "reachable_by_one_nucleotide", "label", "gnomad_af"]
    >>> atlas.loc[atlas["hgvs_p"] == "p.Leu174Val", columns].values.tolist()
    [['c.520C>G', True, '', 0.7193]]
    """
    import pandas as pd

    scanner = _Scanner(structure)
    if not scanner.observed:
        raise StructureError(
            f"{structure.id}: no residue of {structure.target.name} was observed; load a structure that shows it"
        )
    records = list(scanner.rows())
    table = pd.DataFrame(records, columns=list(ATLAS_COLUMNS))
    numbers = ("ddg_kcal_mol", "ddg_low_kcal_mol", "ddg_high_kcal_mol", "p_destabilising", "hot_spot_score",
               "p_hot_spot", "gnomad_af", "rsa_free", "min_distance_antibody_A", "length_change_score",
               "splice_delta")  # fmt: skip
    unsure = ("destabilising", "contact_4A", "reachable_by_one_nucleotide")
    return table.astype(
        dict.fromkeys(numbers, "float64") | dict.fromkeys(unsure, "boolean") | {"nucleotides_changed": "Int64"}
    )


def verdict_counts(atlas: pd.DataFrame) -> pd.DataFrame:
    """Count, for each kind of change and each question, the positions and rows that carry each verdict.

    Parameters
    ----------
    atlas : pandas.DataFrame
        As from `scan`.

    Returns
    -------
    pandas.DataFrame
        Columns ``kind``, ``question``, ``verdict``, ``rows`` and ``positions``.

    Examples
    --------
    >>> import epitope
    >>> counts = verdict_counts(scan(epitope.load()))
    >>> counts.columns.tolist()
    ['kind', 'question', 'verdict', 'rows', 'positions']
    """
    questions = [question.value for question in Question]
    long = atlas.melt(["kind", "uniprot_position"], questions, var_name="question", value_name="verdict")
    orders = {
        "kind": [SUBSTITUTION, DELETION, EXON_SKIP],
        "question": questions,
        "verdict": [verdict.value for verdict in Verdict],
    }
    counted = long.groupby(list(orders))["uniprot_position"].agg(["size", "nunique"])
    counted = counted.sort_index(key=lambda level: level.map(orders[str(level.name)].index))
    return counted.reset_index().rename(columns={"size": "rows", "nunique": "positions"})


@dataclass(frozen=True)
class CodonPath:
    """How a residue becomes another one in the DNA."""

    nucleotides: int
    codons: tuple[str, ...]
    hgvs_c: tuple[str, ...]


def codon_paths(target: Target, position: int) -> dict[str, CodonPath]:
    """Return the shortest ways from the codon of a residue to each other residue.

    Parameters
    ----------
    target : Target
    position : int
        UniProt position.

    Returns
    -------
    dict of str to CodonPath
        By one-letter code, ``*`` for a stop. ``codons`` lists every codon that takes the fewest
        nucleotides, ``hgvs_c`` the names of the changes where that is one.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> paths = codon_paths(load_target(), 174)
    >>> paths["V"].codons, paths["V"].hgvs_c, paths["K"].nucleotides
    (('CTC>GTC',), ('c.520C>G',), 3)
    """
    first = 3 * position - 2
    codon = target.transcript.coding_sequence[first - 1 : first + 2]
    by_residue: dict[str, list[tuple[int, str]]] = {}
    table = codon_table()
    for bases in product(_BASES, repeat=3):
        other = "".join(bases)
        distance = sum(a != b for a, b in zip(codon, other, strict=True))
        by_residue.setdefault(table[other], []).append((distance, other))
    paths = {}
    for residue, found in by_residue.items():
        fewest = min(distance for distance, _ in found)
        codons = [other for distance, other in found if distance == fewest]
        names = [_coding_name(codon, other, first) for other in codons] if fewest == 1 else []
        paths[residue] = CodonPath(fewest, tuple(f"{codon}>{other}" for other in codons), tuple(names))
    return paths


def _coding_name(codon: str, other: str, first: int) -> str:
    """Name the change of one nucleotide."""
    index = next(i for i in range(3) if codon[i] != other[i])
    return f"c.{first + index}{codon[index]}>{other[index]}"


class _Scanner:
    """All that the rows share: the assessor, what is known, and the names of the antibodies."""

    def __init__(self, structure: MeasuredComplex) -> None:
        self.structure = structure
        self.target = structure.target
        self.assessor = Assessor(structure)
        self.sites = self.assessor.sites
        self.observed = [p for p, site in self.sites.items() if site.observed]
        # What the crystal does not show is judged by sequence in the parts that bring the antigen to the membrane.
        judged = (RegionKind.SIGNAL_PEPTIDE, RegionKind.TRANSMEMBRANE)
        by_sequence = {p for region in self.target.regions if region.kind in judged for p in region.positions}
        self.positions = sorted({*self.observed, *by_sequence})
        self.known = known_variants(structure.target)
        self.titles = {cohort.name: cohort.title for cohort in self.target.cohorts}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield every row of the atlas as a record."""
        for position in self.positions:
            paths = codon_paths(self.target, position) if self.target.known_transcript else {}
            for alternate in AMINO_ACIDS:
                if alternate != self.sites[position].residue:
                    yield self._substitution(position, alternate, paths.get(alternate))
            yield self._deletion(position)
        if self.target.known_transcript:
            yield from self._exon_skips(transcript_map_of(self.target))

    def _substitution(self, position: int, alternate: str, path: CodonPath | None) -> dict[str, Any]:
        """Assess one substitution; without a transcript nothing is said of its codons."""
        site = self.sites[position]
        name = f"p.{THREE[site.residue]}{position}{THREE[alternate]}"
        found = self.assessor.assess(consequence_of(name, self.target))
        reachable = path.nucleotides == 1 if path else None
        return self._record(
            found,
            site,
            kind=SUBSTITUTION,
            reference=site.residue,
            alternate=alternate,
            hgvs_c="; ".join(path.hgvs_c) if path else "",
            reachable_by_one_nucleotide=reachable,
            nucleotides_changed=path.nucleotides if path else None,
            codon_changes="; ".join(path.codons) if path else "",
            label=_label(found, reachable is True),
            splice_delta=self._splice_delta(path) if path and reachable else None,
        )

    def _splice_delta(self, path: CodonPath) -> float | None:
        """Return the largest change of a splice site's probability by one nucleotide, ``None`` where none is stored."""
        found = [consequence_of(name, self.target) for name in path.hgvs_c]
        looked = [c for c in found if c.splicing is SplicingLook.MODEL]
        deltas = [change.delta or 0.0 for c in looked for change in c.splice_changes]
        return max(deltas, key=abs, default=0.0) if looked else None

    def _deletion(self, position: int) -> dict[str, Any]:
        """Assess the deletion of one residue."""
        site = self.sites[position]
        found = self.assessor.assess(consequence_of(f"p.{THREE[site.residue]}{position}del", self.target))
        known = self.target.known_transcript is not None
        dna = consequence_of(f"c.{3 * position - 2}_{3 * position}del", self.target) if known else None
        whole = dna is not None and dna.hgvs_p == found.consequence.hgvs_p
        lost = found.consequence.change.positions_lost
        notes = []
        if position not in lost:
            notes.append(f"the same product as losing {', '.join(self.sites[p].name for p in lost)}, its HGVS name")
        if known and not whole:
            notes.append("its codon is split by an intron, so no deletion of three bases is named")
        return self._record(
            found,
            site,
            notes=notes,
            kind=DELETION,
            reference=site.residue,
            alternate="del",
            hgvs_c=dna.hgvs_c if dna is not None and whole else "",
            reachable_by_one_nucleotide=False if known else None,
            nucleotides_changed=3 if known else None,
            codon_changes="",
            label=_label(found, False),
        )

    def _exon_skips(self, reference: TranscriptMap) -> Iterator[dict[str, Any]]:
        """Assess leaving out each exon that keeps the frame and reaches what was observed outside."""
        outside = {p for p in self.observed if self.sites[p].region == RegionKind.EXTRACELLULAR}
        exons = reference.coding_exons[1:-1]
        for exon in exons:
            if exon.cds_start is None or exon.cds_end is None or (exon.cds_end - exon.cds_start + 1) % 3:
                continue
            touched = range((exon.cds_start + 2) // 3, (exon.cds_end + 2) // 3 + 1)
            if outside.isdisjoint(touched):
                continue
            found = self.assessor.assess(consequence_of(f"exon {exon.number} skipped", self.target))
            lost = found.consequence.change.positions_lost
            yield self._record(
                found,
                self.sites[lost[0]],
                notes=(f"exon {exon.number}; an RNA event, or loss of the exon from the DNA",),
                kind=EXON_SKIP,
                reference="".join(self.target.residue(p) for p in lost),
                alternate="del",
                hgvs_c=f"c.{exon.cds_start}_{exon.cds_end}del",
                reachable_by_one_nucleotide=False,
                nucleotides_changed=exon.cds_end - exon.cds_start + 1,
                codon_changes="",
                label=_label(found, False),
            )

    def _record(self, found: Assessment, site: Site, *, notes: Sequence[str] = (), **given: Any) -> dict[str, Any]:
        """Put a row together."""
        numbers = found.predictions or _NO_NUMBERS
        known = self.known.get(found.consequence.hgvs_p, _NOT_KNOWN)
        harm = dict.fromkeys(e.rule for e in found.evidence if e.verdict in _HARM)
        single = given["kind"] != EXON_SKIP
        return given | {
            "uniprot_position": site.uniprot_position,
            "hgvs_p": found.consequence.hgvs_p,
            "consequence": found.consequence.consequence,
            "region": site.region,
            "loop": site.loop if single else ",".join(found.loops_lost),
            "secondary_structure": site.secondary_structure if single else "",
            "rsa_free": site.rsa_free if single else None,
            "contact_4A": site.contact_4A if single else None,
            "min_distance_antibody_A": site.min_distance_antibody_A if single else None,
            "antigen": str(found.antigen),
            "fold": str(found.fold),
            "epitope": str(found.epitope),
            "rules": "; ".join(harm),
            "rules_noted": "; ".join(dict.fromkeys(e.rule for e in found.evidence if e.rule not in harm)),
            **{name: getattr(numbers, name) for name in PREDICTION_COLUMNS},
            "destabilising": numbers.destabilising if found.predictions else None,
            "length_change_score": found.length_change_score,
            "length_change_grade": found.length_change_grade,
            "mechanism": found.mechanism,
            **self._known_columns(known),
            "antibodies": self._antibodies(site) if single else "",
            "notes": "; ".join([*notes, *(numbers.notes if found.predictions else found.not_assessed)]),
        }

    def _known_columns(self, known: KnownVariant) -> dict[str, Any]:
        """Return the columns that say who has seen a change."""
        where = {
            name: ", ".join(dict.fromkeys(sample for cohort, sample in known.cohorts if cohort == name and sample))
            for name, _ in known.cohorts
        }
        return {
            "clinvar_id": "; ".join(name for name, _ in known.clinvar),
            "clinvar_significance": "; ".join(dict.fromkeys(word for _, word in known.clinvar)),
            "gnomad_af": known.gnomad_af,
            "cohorts": "; ".join(f"{self.titles[name]} {samples}".strip() for name, samples in where.items()),
        }

    def _antibodies(self, site: Site) -> str:
        """Say which antibodies see a residue: in contact in the structure, or by published hot spots."""
        position = site.uniprot_position
        others = [spots.binder for spots in self.target.hot_spots if position in spots.positions]
        parts = [f"{self.structure.antibody_name} contact"] if site.contact_4A else []
        return "; ".join([*parts, *([f"hot spot of {' and '.join(others)}"] if others else [])])


_NO_NUMBERS = Predictions()
_NOT_KNOWN = KnownVariant("")


def _label(found: Assessment, reachable: bool) -> str:
    """Read the verdicts: what hits the epitope, what breaks the fold, what does both."""
    hit = any(
        e.question is Question.EPITOPE and e.verdict in _HARM and e.rule != "epitope.needs_the_fold"
        for e in found.evidence
    )
    broken = found.fold in _HARM
    if broken:
        return BOTH if hit else LOSS
    return ESCAPE if hit and reachable and found.fold is Verdict.INTACT else ""


CANDIDATE_COLUMNS: dict[str, str] = {
    "label": "escape or loss",
    "rank": "from 1",
    "uniprot_position": "position in the antigen",
    "residue": "one-letter code",
    "changes": "single-nucleotide changes of this label, strongest first",
    "hgvs_c": "their HGVS names on the coding sequence",
    "hot_spot_score": "largest of the changes",
    "p_hot_spot": "largest of the changes",
    "ddg_kcal_mol": "of the first change",
    "p_destabilising": "of the first change",
    "known": "what has been seen: ClinVar, gnomAD, cohorts",
    "reason": "why, in words",
}
"""Columns of `top_candidates`, in order."""


def top_candidates(atlas: pd.DataFrame, n: int = 10) -> pd.DataFrame:
    """Name the positions where one nucleotide does most, with the reasons.

    Parameters
    ----------
    atlas : pandas.DataFrame
        As from `scan`.
    n : int
        Positions of each label.

    Returns
    -------
    pandas.DataFrame
        Columns `CANDIDATE_COLUMNS`. Escape: substitutions that hit the epitope while no rule
        argues against the fold, by hot-spot score. Loss: substitutions that break the fold, by
        the probability that they cost 1 kcal/mol or more. One row per position.

    Examples
    --------
    >>> import epitope
    >>> top_candidates(scan(epitope.load()), 1)[["label", "residue", "uniprot_position"]].values.tolist()
    [['escape', 'V', 217], ['loss', 'W', 214]]
    """
    import pandas as pd

    single = atlas[atlas["reachable_by_one_nucleotide"].astype("boolean").fillna(False).astype(bool)]
    records = []
    for label, order in ((ESCAPE, "p_hot_spot"), (LOSS, "p_destabilising")):
        rows = single[single["label"] == label]
        if label == LOSS:
            rows = rows[rows["ddg_kcal_mol"].notna()]
        # The other number decides between equals, and then the name, so that the order is fixed.
        other = "ddg_kcal_mol" if label == ESCAPE else "rsa_free"
        rows = rows.sort_values([order, other, "hgvs_p"], ascending=[False, True, True], kind="stable")
        for rank, (_, group) in enumerate(rows.groupby("uniprot_position", sort=False), start=1):
            if rank > n:
                break
            changes = [{str(key): value for key, value in row.items()} for row in group.to_dict("records")]
            records.append({"label": label, "rank": rank} | _candidate(changes, label))
    return pd.DataFrame(records, columns=list(CANDIDATE_COLUMNS))


def _candidate(rows: Sequence[Mapping[str, Any]], label: str) -> dict[str, Any]:
    """Sum up the changes of one position."""
    best = rows[0]
    known = [f"{row['reference']}{row['uniprot_position']}{row['alternate']}: {words}" for row in rows
             if (words := _seen(row))]  # fmt: skip
    return {
        "uniprot_position": best["uniprot_position"],
        "residue": best["reference"],
        "changes": ", ".join(f"{row['reference']}{row['uniprot_position']}{row['alternate']}" for row in rows),
        "hgvs_c": ", ".join(str(row["hgvs_c"]).replace("; ", ", ") for row in rows),
        "hot_spot_score": best["hot_spot_score"],
        "p_hot_spot": best["p_hot_spot"],
        "ddg_kcal_mol": best["ddg_kcal_mol"],
        "p_destabilising": best["p_destabilising"],
        "known": "; ".join(known),
        "reason": _reason(best, label),
    }


def _reason(row: Mapping[str, Any], label: str) -> str:
    """Say why a change is a candidate."""
    name = f"{row['reference']}{row['uniprot_position']}{row['alternate']}"
    ddg = f"predicted ΔΔG {spoken(row['ddg_kcal_mol'])} kcal/mol"
    if label == ESCAPE:
        seen = f"{row['antibodies']}. " if row["antibodies"] else ""
        return (
            f"{name}: {seen}{percent(row['p_hot_spot'])} to weaken binding by 1 kcal/mol or more (hot-spot score "
            f"{row['hot_spot_score']:.1f}: {HOT_SPOT_TERMS}); no rule argues against the fold, {ddg}. "
            f"{row['mechanism']}"
        )
    return f"{name}: {percent(row['p_destabilising'])} to cost the fold 1 kcal/mol or more, {ddg}. {row['mechanism']}"


def _seen(row: Mapping[str, Any]) -> str:
    """Say who has seen a change."""
    frequency = row["gnomad_af"]
    parts = [
        f"ClinVar {row['clinvar_id']} ({row['clinvar_significance']})" if row["clinvar_id"] else "",
        f"gnomAD {frequency:.2g}" if frequency == frequency and frequency is not None else "",  # noqa: PLR0124
        row["cohorts"].replace("; ", ", "),
    ]
    return ", ".join(part for part in parts if part)
