"""A slow translator of its own, made to disagree: edit the chromosome, splice, translate.

Shares nothing with the package but the sequence and the exon table. An indel in a repeat has
several places, of which each is tried; the package must give one of the answers.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest
from Bio.Data.CodonTable import standard_dna_table

from epitope.target import load_target
from epitope.variant.hgvs.alleles import consequence_of
from epitope.variant.hgvs.transcript_map import transcript_map_of
from epitope.variant.model import ChangeKind, Consequence, SpliceModelUse

CD19 = load_target()
TRANSCRIPT = CD19.transcript
# Known bases of the gene, N where the genome is not known; exon ends as in the target file.
GENE, ORIGIN = transcript_map_of(CD19).sequence, transcript_map_of(CD19).origin
EXONS = [(exon.start, exon.end) for exon in TRANSCRIPT.exons]
START = EXONS[0][0] + 30
STOP = EXONS[13][0] + 1671 - sum(end - start + 1 for start, end in EXONS[:13]) + 30 - 1
CODONS = {**standard_dna_table.forward_table, **dict.fromkeys(standard_dna_table.stop_codons, "*")}
UNSPLICED, NO_START, NO_STOP = "splice site hit", "start lost", "no stop known"
ALLELES, SHARDS = 20_000, 8

Edit = tuple[int, int, str]


def bases(first: int, last: int) -> str:
    return GENE[first - ORIGIN : last + 1 - ORIGIN]


def edited(first: int, last: int, edits: tuple[Edit, ...], *, front: bool, behind: bool) -> str:
    """Return a stretch with the edits in it; insertions at its ends count to it or not."""
    out, at = [], first
    for start, end, new in sorted(edits):
        if start > end:
            here = first < start <= last or (start == first and front) or (start == last + 1 and behind)
            if here:
                out += [bases(at, start - 1), new]
                at = start
        elif start <= last and end >= first:
            out.append(bases(at, start - 1) if start > at else "")
            out.append(new if start >= first else "")
            at = max(at, min(end, last) + 1)
    return "".join(out) + bases(at, last)


def spliced(edits: tuple[Edit, ...], *, border: bool) -> str:
    """Return the protein, or why there is none; ``border`` says that bases put in at a border are exonic."""
    for (_, end), (start, _) in itertools.pairwise(EXONS):
        first, last = end + 1, start - 1
        if all(e < first or s > last for s, e, _ in edits):
            continue
        old, new = bases(first, last), edited(first, last, edits, front=False, behind=False)
        if (new[:2], new[-2:]) != (old[:2], old[-2:]):
            return UNSPLICED
    coding = []
    for start, end in EXONS:
        first = max(start, START)
        if first <= end:
            coding.append(edited(first, end, edits, front=border and first > START, behind=border))
    rna = "".join(coding)
    if rna[:3] != "ATG":
        return NO_START
    protein = []
    for index in range(0, len(rna) - 2, 3):
        residue = CODONS.get(rna[index : index + 3])
        if residue is None:
            return NO_STOP
        if residue == "*":
            return "".join(protein)
        protein.append(residue)
    return NO_STOP


def places(edit: Edit) -> Iterator[Edit]:
    """Yield every place at which an edit gives the same chromosome."""
    start, end, new = edit
    old = bases(start, end)
    while old and new and old[0] == new[0]:
        old, new, start = old[1:], new[1:], start + 1
    while old and new and old[-1] == new[-1]:
        old, new, end = old[:-1], new[:-1], end - 1
    yield start, end, new
    if bool(old) == bool(new):
        return
    for step in (-1, 1):
        first, last, turned = start, end, new
        while True:
            unit = turned or bases(first, last)
            beside = bases(first - 1, first - 1) if step < 0 else bases(last + 1, last + 1)
            if beside != (unit[-1] if step < 0 else unit[0]) or beside == "N":
                break
            first, last = first + step, last + step
            turned = turned and (turned[step:] + turned[:step] if step > 0 else turned[-1] + turned[:-1])
            yield first, last, turned


def slow(edits: list[Edit]) -> set[str]:
    combined = itertools.product(*(list(places(edit)) for edit in edits))
    return {spliced(combination, border=border) for combination in combined for border in (True, False)}


def fast(text: str) -> tuple[str, Consequence]:
    found = consequence_of(text, CD19, splice_model=SpliceModelUse.OFF)
    lost = any(one.change.kind is ChangeKind.START_LOSS for one in (found, *found.parts))
    if found.change.kind is ChangeKind.UNKNOWN:
        return UNSPLICED, found
    return (NO_START if lost else NO_STOP if found.change.protein is None else found.change.protein), found


def random_edit(source: random.Random) -> tuple[Edit, str] | None:
    """Draw a small change, most of them around exon borders, start and stop, with its text."""
    kind, where = source.random(), source.random()
    exon = source.choice(EXONS)
    if where < 0.5:
        at = source.choice(exon) + source.randint(-8, 8)
    elif where < 0.7:
        at = source.choice((START, STOP)) + source.randint(-8, 8)
    else:
        at = source.randint(*exon)
    if not EXONS[0][0] < at < EXONS[-1][1] - 9 or "N" in bases(at - 1, at + 9):
        return None
    new = "".join(source.choices("ACGT", k=source.randint(1, 6)))
    end = at + source.randint(0, 6)
    span = f"{at}" if end == at else f"{at}_{end}"
    if kind < 0.4:
        return ((at, at, new[0]), f"{at}{bases(at, at)}>{new[0]}") if new[0] != bases(at, at) else None
    if kind < 0.65:
        return (at, end, ""), f"{span}del"
    if kind < 0.85:
        return (at + 1, at, new), f"{at}_{at + 1}ins{new}"
    return ((at, end, new), f"{span}delins{new}") if new != bases(at, end) else None


def crosses_a_border(edits: list[Edit]) -> bool:
    """Say whether an edit takes bases of an exon and of the intron beside it."""
    spans = [place for edit in edits for place in places(edit) if place[0] <= place[1]]
    return any(
        first <= border < last for first, last, _ in spans for start, end in EXONS for border in (start - 1, end)
    )


@pytest.mark.parametrize("shard", range(SHARDS))
def test_alleles_of_one_and_two_changes_translate_as_the_edited_chromosome_does(shard: int) -> None:
    source = random.Random(1600 + shard)
    tried = cautious = 0
    while tried < ALLELES // SHARDS:
        drawn = [random_edit(source) for _ in range(source.choice((1, 2, 2)))]
        changes = [change for change in drawn if change is not None]
        if len(changes) < len(drawn):
            continue
        edits = [edit for edit, _ in changes]
        reach = [(min(s, e) - 1, max(s, e) + 1) for s, e, _ in edits]
        if len(edits) > 1 and max(first for first, _ in reach) <= min(last for _, last in reach):
            continue
        tried += 1
        texts = ";".join(text for _, text in changes)
        answer, found = fast(f"chr16:g.[{texts}]" if len(edits) > 1 else f"chr16:g.{texts}")
        if answer in slow(edits):
            continue
        # The one known divergence: where a change over a border leaves GT or AG in place, the package still
        # does not say how the RNA is spliced.
        assert answer == UNSPLICED and crosses_a_border(edits), (texts, found.hgvs_c, found.hgvs_p, slow(edits))
        cautious += 1
    assert cautious <= tried / 200
