"""Rows of a VCF file to the alleles that their genotypes tell: which changes one haplotype carries together.

A phased genotype says on which of two chromosomes an allele lies, within its phase set; a
homozygous one lies on both. Genotypes that are not phased say nothing of two changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from epitope.variant.hgvs.brackets import joined
from epitope.variant.model import UNCHANGED, SampleCall, Variant
from epitope.variant.readers.rows import InputRow

HAPLOTYPES = 2


def alleles_in_phase(rows: Iterable[InputRow], file: str) -> list[Variant]:
    """Return the alleles that carry more than one change, each once with the samples that have it.

    Parameters
    ----------
    rows : iterable of Variant or UnassessedRow
        As read from one VCF file.
    file : str
        Its name, for the origin.

    Returns
    -------
    list of Variant
        Texts in brackets, ``[chr16-28933042-C-T;chr16-28933043-G-A]``, in the order of their first change;
        ``other_allele`` is set where every change of the sample is in one phase set.

    Examples
    --------
    >>> phased = [Variant(text, calls=(SampleCall("S1", "0|1", haplotypes=(1,)),)) for text in ("c.487C>T", "c.488G>A")]
    >>> alleles_in_phase(phased, "calls.vcf")[0].text
    'c.[487C>T;488G>A]'
    """
    samples: dict[str, list[tuple[str, SampleCall]]] = {}
    for row in rows:
        if isinstance(row, Variant):
            for call in row.calls:
                samples.setdefault(call.sample, []).append((row.text, call))
    found: dict[tuple[str, str], Variant] = {}
    for carried in samples.values():
        for text, other, call in _alleles(carried):
            known = found.setdefault((text, other), Variant(text, f"{file}, in phase", other_allele=other))
            if call not in known.calls:
                found[text, other] = replace(known, calls=(*known.calls, call))
    return list(found.values())


def _alleles(carried: list[tuple[str, SampleCall]]) -> Iterator[tuple[str, str, SampleCall]]:
    """Yield the alleles of one sample with several changes: text, other allele, and the call."""
    phased = [call.phase_set for _, call in carried if len(call.haplotypes) == 1]
    sets = dict.fromkeys(phased or [""])
    complete = len(sets) == 1 and all(call.haplotypes for _, call in carried)
    for phase_set in sets:
        sides = [
            [text for text, call in carried if side in call.haplotypes and _told_with(call, phase_set)]
            for side in range(HAPLOTYPES)
        ]
        names = [joined(side) if side else UNCHANGED for side in sides]
        same = names[0] == names[1]
        for side, texts in enumerate(sides[:1] if same else sides):
            if len(texts) > 1:
                genotype = "1|1" if same else ("1|0", "0|1")[side]
                call = SampleCall(carried[0][1].sample, genotype, phase_set=phase_set)
                yield names[side], names[1 - side] if complete else "", call


def _told_with(call: SampleCall, phase_set: str) -> bool:
    """Say whether a call tells its haplotype in a phase set: it is of the set, or the same on both."""
    return call.phase_set == phase_set or len(call.haplotypes) == HAPLOTYPES
