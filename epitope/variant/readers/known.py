"""Variants of the antigen that somebody has seen, by the protein change they make.

ClinVar with its significance, gnomAD's allele frequency, and the published cohorts of
relapsed patients, each read from a table that names the transcript it belongs to. Having
been seen is an annotation, not evidence for or against anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from epitope.errors import VariantError
from epitope.target.model import Target
from epitope.target.residues import THREE
from epitope.variant.hgvs.consequence import consequence_of
from epitope.variant.readers.published import COHORTS, published_cohort

CLINVAR = "clinvar2022"
_TRANSCRIPT = "# Transcript:"


@dataclass(frozen=True, slots=True)
class KnownVariant:
    """What is known of one protein change.

    ``clinvar`` holds ids with their significance, ``gnomad_af`` the largest allele frequency of
    the changes that make it (``None`` where none is given), ``cohorts`` the samples or rows
    of each published cohort that has it.
    """

    hgvs_p: str
    clinvar: tuple[tuple[str, str], ...] = ()
    gnomad_af: float | None = None
    cohorts: tuple[tuple[str, str], ...] = ()

    def in_cohort(self, name: str) -> str:
        """Return where a cohort has it, joined by "; ", or nothing."""
        return "; ".join(dict.fromkeys(where for cohort, where in self.cohorts if cohort == name))


def known_variants(target: Target) -> dict[str, KnownVariant]:
    """Collect the known variants of a target by their HGVS name on the protein.

    Parameters
    ----------
    target : Target

    Returns
    -------
    dict of str to KnownVariant
        Empty for a target on another transcript than that of the shipped tables. Changes
        that leave the protein as it is, or whose product is not known, are left out.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> known = known_variants(load_target())
    >>> known["p.Leu174Val"].gnomad_af, known["p.Phe61del"].in_cohort("zhao2021")
    (0.7193, 'SJALL061893_R1')
    """
    found: dict[str, KnownVariant] = {}
    if _transcript_of(CLINVAR) == target.transcript.accession:
        for row in _rows(CLINVAR):
            _add_clinvar(found, row, target)
    for polymorphism in target.polymorphisms:
        name = f"p.{THREE[polymorphism.reference]}{polymorphism.position}{THREE[polymorphism.alternate]}"
        entry = found.get(name, KnownVariant(name))
        if entry.gnomad_af is None:
            found[name] = replace(entry, gnomad_af=polymorphism.allele_frequency)
    for cohort in COHORTS:
        if _transcript_of(cohort) == target.transcript.accession:
            _add_cohort(found, cohort, target)
    return found


def _add_clinvar(found: dict[str, KnownVariant], row: dict[str, str], target: Target) -> None:
    """Add one row of ClinVar, if it changes the protein."""
    name = _protein_name("-".join(row[key] for key in ("chrom", "pos", "ref", "alt")), target)
    if not name:
        return
    entry = found.get(name, KnownVariant(name))
    significance = row["clinical_significance"].replace("_", " ")
    frequency = float(row["gnomad_af"]) if _is_number(row["gnomad_af"]) else None
    frequencies = [af for af in (entry.gnomad_af, frequency) if af is not None]
    found[name] = replace(
        entry,
        clinvar=(*entry.clinvar, (row["clinvar_id"], significance)),
        gnomad_af=max(frequencies, default=None),
    )


def _add_cohort(found: dict[str, KnownVariant], cohort: str, target: Target) -> None:
    """Add the variants of a published cohort, by sample where samples are named."""
    for variant in published_cohort(cohort):
        name = _protein_name(variant.text, target)
        if name:
            where = dict(variant.annotations).get("sample", "seen")
            entry = found.get(name, KnownVariant(name))
            found[name] = replace(entry, cohorts=(*entry.cohorts, (cohort, where)))


def _protein_name(text: str, target: Target) -> str:
    """Return the protein name of a change, or nothing where there is none worth joining by."""
    try:
        name = consequence_of(text, target).hgvs_p
    except VariantError:  # a label of the cohort that cannot be read: the cohort table says so
        return ""
    return "" if name in ("", "p.?", "p.(=)") or name.endswith("=") else name


def _is_number(text: str) -> bool:
    """Say whether a cell holds a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


@cache
def _lines(name: str) -> tuple[str, ...]:
    """Return the lines of a shipped table."""
    path = resources.files("epitope.variant.readers") / "data" / f"{name}.tsv"
    return tuple(line for line in path.read_text(encoding="utf-8").splitlines() if line)


def _transcript_of(name: str) -> str:
    """Return the transcript that a shipped table says it belongs to."""
    lines = (line for line in _lines(name) if line.startswith(_TRANSCRIPT))
    return next(lines, "").removeprefix(_TRANSCRIPT).strip()


def _rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a shipped table."""
    lines = [line for line in _lines(name) if not line.startswith("#")]
    columns = lines[0].split("\t")
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines[1:]]
