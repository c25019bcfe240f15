"""Speed of the variant room: variants parsed, normalised and given a consequence per second.

Prints one line per kind of text, of processor time on one core, best of three passes. Not for correctness:
that is the tests'. Run it as ``python benchmarks/variants.py [--count N]``.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable

from epitope.target import Target, load_target
from epitope.variant.hgvs.alleles import consequence_of
from epitope.variant.hgvs.transcript_map import TranscriptMap, transcript_map_of

GOAL_PER_SECOND = 20_000


def genomic_substitution(reference: TranscriptMap, rng: random.Random) -> str:
    """Return a VCF-like single-base change anywhere in the known genome."""
    position = rng.randrange(reference.coding_start, reference.coding_start + 5000)
    base = reference.bases(position, position)
    return f"chr16-{position}-{base}-{rng.choice('ACGT'.replace(base, ''))}"


def coding_substitution(reference: TranscriptMap, rng: random.Random) -> str:
    """Return a c. substitution."""
    position = rng.randrange(1, reference.cds_length + 1)
    base = reference.cds[position - 1]
    return f"c.{position}{base}>{rng.choice('ACGT'.replace(base, ''))}"


def coding_indel(reference: TranscriptMap, rng: random.Random) -> str:
    """Return a c. deletion, duplication, insertion or delins of 1-12 bases."""
    exon = rng.randrange(len(reference.coding_exons))
    low, high = reference.exon_cds(exon)
    start = rng.randrange(low, high - 13)
    end = start + rng.randrange(12)
    bases = "".join(rng.choices("ACGT", k=rng.randrange(1, 9)))
    span = str(start) if start == end else f"{start}_{end}"
    return rng.choice([f"c.{span}del", f"c.{span}dup", f"c.{start}_{start + 1}ins{bases}", f"c.{span}delins{bases}"])


def protein_change(reference: TranscriptMap, rng: random.Random) -> str:
    """Return a protein substitution or deletion in one-letter code."""
    position = rng.randrange(2, len(reference.protein) + 1)
    residue = reference.protein[position - 1]
    return f"p.{residue}{position}{rng.choice(['del', 'A', 'W', 'fs', '*'])}"


KINDS: dict[str, Callable[[TranscriptMap, random.Random], str]] = {
    "genomic substitutions": genomic_substitution,
    "coding substitutions": coding_substitution,
    "coding indels": coding_indel,
    "protein changes": protein_change,
}


def rate(texts: list[str], target: Target) -> float:
    """Return variants per second, the best of three passes."""
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()
        for text in texts:
            consequence_of(text, target)
        best = min(best, time.process_time() - begin)
    return len(texts) / best


def main() -> None:
    """Time each kind of text and a mixture of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000, help="variants of each kind")
    count = parser.parse_args().count
    target = load_target()
    reference = transcript_map_of(target)
    rng = random.Random(1)
    mixture: list[str] = []
    for name, make in KINDS.items():
        texts = [make(reference, rng) for _ in range(count)]
        mixture += texts
        sys.stdout.write(f"{name:24s} {rate(texts, target):10,.0f} per second\n")
    rng.shuffle(mixture)
    found = rate(mixture, target)
    sys.stdout.write(f"{'all, mixed':24s} {found:10,.0f} per second (goal {GOAL_PER_SECOND:,})\n")


if __name__ == "__main__":
    main()
