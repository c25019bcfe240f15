"""Variants of the antigen that somebody has seen, by the protein change they make.

Entries of variant databases with their significance, allele frequencies, and published
cohorts, all from the target's pack. Having been seen is an annotation, not evidence for or
against anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from epitope.errors import TargetError, VariantError
from epitope.target.model import KnownAllele, Target
from epitope.target.residues import THREE
from epitope.variant.hgvs.alleles import consequence_of
from epitope.variant.readers.published import published_cohort


@dataclass(frozen=True, slots=True)
class KnownVariant:
    """What is known of one protein change.

    ``clinvar`` holds ids with their significance, ``gnomad_af`` the largest allele frequency of
    the changes that make it (``None`` where none is given), ``cohorts`` the published cohorts
    that have it, by name, each with the sample, "" where samples are not named.
    """

    hgvs_p: str
    clinvar: tuple[tuple[str, str], ...] = ()
    gnomad_af: float | None = None
    cohorts: tuple[tuple[str, str], ...] = ()


def known_variants(target: Target) -> dict[str, KnownVariant]:
    """Collect the known variants of a target by their HGVS name on the protein.

    Parameters
    ----------
    target : Target

    Returns
    -------
    dict of str to KnownVariant
        Empty for a target whose pack lists none. Changes that leave the protein as it is, or
        whose product is not known, are left out.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> known = known_variants(load_target())
    >>> known["p.Leu174Val"].gnomad_af, known["p.Phe61del"].cohorts[0][1]
    (0.7193, 'SJALL061893_R1')
    """
    found: dict[str, KnownVariant] = {}
    for allele in target.known_alleles:
        _add_allele(found, allele, target)
    for polymorphism in target.polymorphisms:
        name = f"p.{THREE[polymorphism.reference]}{polymorphism.position}{THREE[polymorphism.alternate]}"
        entry = found.get(name, KnownVariant(name))
        if entry.gnomad_af is None:
            found[name] = replace(entry, gnomad_af=polymorphism.allele_frequency)
    for cohort in target.cohorts:
        _add_cohort(found, cohort.name, target)
    return found


def _add_allele(found: dict[str, KnownVariant], allele: KnownAllele, target: Target) -> None:
    """Add one entry of a database, if it changes the protein."""
    parts = (allele.chromosome, str(allele.position), allele.reference, allele.alternate)
    name = _protein_name("-".join(parts), target)
    if not name:
        return
    entry = found.get(name, KnownVariant(name))
    frequencies = [af for af in (entry.gnomad_af, allele.allele_frequency) if af is not None]
    found[name] = replace(
        entry,
        clinvar=(*entry.clinvar, (allele.identifier, allele.significance.replace("_", " "))),
        gnomad_af=max(frequencies, default=None),
    )


def _add_cohort(found: dict[str, KnownVariant], cohort: str, target: Target) -> None:
    """Add the variants of a published cohort, by sample where samples are named."""
    for variant in published_cohort(cohort, target):
        name = _protein_name(variant.text, target)
        if name:
            where = dict(variant.annotations).get("sample", "")
            entry = found.get(name, KnownVariant(name))
            found[name] = replace(entry, cohorts=(*entry.cohorts, (cohort, where)))


def _protein_name(text: str, target: Target) -> str:
    """Return the protein name of a change, or nothing where there is none worth joining by."""
    try:
        name = consequence_of(text, target).hgvs_p
    except (VariantError, TargetError):  # a label of the cohort that cannot be read: the cohort table says so
        return ""
    return "" if name in ("", "p.?", "p.(=)") or name.endswith("=") else name
