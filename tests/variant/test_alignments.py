"""One change has one name, whichever way it is aligned: held against a brute-force oracle.

The oracle knows the exon table and the bases of the known gene, lists every place at which
an indel gives the same sequence by trying them all, and takes the last one for the name.
``python -m tests.variant.test_alignments 10000`` runs as many random changes.
"""

from __future__ import annotations

import random
import sys
from itertools import pairwise

import pytest

from epitope.target import load_target
from epitope.variant.hgvs.alleles import consequence_of
from epitope.variant.model import Consequence

CD19 = load_target()
GENE, ORIGIN = CD19.transcript.genomic_sequence, CD19.transcript.genomic_start
EXONS = [(exon.start, exon.end) for exon in CD19.transcript.exons]
# A of the start codon, from the VEP calls: c.1 is chr16:28932001.
START = 28932001


def name_table() -> dict[int, str]:
    """Write down the c. position of every base of the transcript, one by one."""
    exonic = [position for start, end in EXONS for position in range(start, end + 1)]
    first, length = exonic.index(START), 1671
    names = {}
    for index, position in enumerate(exonic):
        number = index - first
        names[position] = str(number) if number < 0 else str(number + 1)
        if number >= length:
            names[position] = f"*{number - length + 1}"
    for (_, left), (right, _) in pairwise(EXONS):
        for position in range(left + 1, right):
            near = position - left <= right - position
            names[position] = f"{names[left]}+{position - left}" if near else f"{names[right]}-{right - position}"
    return names


NAMES = name_table()
BORDERS = [START, *[edge for exon in EXONS[:10] for edge in exon][1:-1]]


def span(start: int, end: int, named: bool) -> str:
    """Write a range of chromosome positions in c. or g."""
    first, last = (NAMES[start], NAMES[end]) if named else (str(start), str(end))
    text = first if start == end else f"{first}_{last}"
    return f"c.{text}" if named else f"NC_000016.10:g.{text}"


class Change:
    """An indel of the known gene and every place at which the same sequence results."""

    def __init__(self, start: int, removed: int, inserted: str) -> None:
        self.removed, self.size = removed, removed or len(inserted)
        at = start - ORIGIN
        edited = GENE[:at] + inserted + GENE[at + removed :]
        self.places = []
        for other in range(max(at - 60, 0), at + 60):
            bases = "" if removed else edited[other : other + self.size]
            if GENE[:other] + bases + GENE[other + removed :] == edited:
                self.places.append((other + ORIGIN, bases))

    def names(self, place: tuple[int, str], named: bool) -> list[str]:
        """Return the ways to write the change at one of its places, the HGVS name first."""
        start, bases = place
        if self.removed:
            return [span(start, start + self.removed - 1, named) + "del"]
        written = [span(start - 1, start, named) + f"ins{bases}"]
        if GENE[start - self.size - ORIGIN : start - ORIGIN] == bases:
            written.insert(0, span(start - self.size, start - 1, named) + "dup")
        return written

    def vcf(self, place: tuple[int, str]) -> str:
        """Write the change as VCF does, behind the base in front of it."""
        start, bases = place
        at = start - 1 - ORIGIN
        return f"chr16-{start - 1}-{GENE[at : at + 1 + self.removed]}-{GENE[at]}{bases}"

    def spellings(self) -> list[str]:
        """Return every way to write the change."""
        every = [self.vcf(place) for place in self.places]
        for named in (True, False):
            every += [text for place in self.places for text in self.names(place, named)]
        return every


def near_a_border(rng: random.Random) -> Change:
    """Draw a deletion, duplication or insertion near a border; half of them touch a repeat."""
    start = rng.choice(BORDERS) + rng.randrange(-12, 13)
    size = rng.choice((1, 1, 1, 2, 2, 3, 3, 4, 6, 9, 14))
    kind = rng.choice(("del", "dup", "ins", "more"))
    if kind == "del":
        return Change(start, size, "")
    if kind == "ins":
        return Change(start, 0, "".join(rng.choices("ACGT", k=size)))
    unit = GENE[start - size - ORIGIN : start - ORIGIN]
    # ``more``: two copies of the bases in front, which is no plain duplication of them.
    return Change(start, 0, unit if kind == "dup" else unit * 2)


def over_an_intron(rng: random.Random) -> Change:
    """Draw a deletion or tandem copy of a whole intron with a few bases on either side or short of it."""
    index = rng.randrange(8)
    start = EXONS[index][1] + rng.randrange(-9, 9)
    size = EXONS[index + 1][0] + rng.randrange(-9, 9) - start + 1
    if rng.random() < 0.6:
        return Change(start, size, "")
    return Change(start + size, 0, GENE[start - ORIGIN : start + size - ORIGIN])


def is_exonic(position: int) -> bool:
    """Say whether a base has a c. position without an offset."""
    return NAMES[position].lstrip("-*").isdigit()


def facts(found: Consequence) -> tuple[object, ...]:
    """Return what must not depend on the spelling: names and products."""
    alternatives = [(item.hgvs_p, item.scenario) for item in found.alternatives]
    return found.hgvs_c, found.hgvs_g, found.hgvs_p, found.change, alternatives


def disagreement(change: Change) -> str:
    """Say how a change and its oracle differ, or return ""."""
    last = named = change.places[-1]
    if change.removed:
        # From exon to exon, where the change can be written so.
        ends = [(place, place[0] + change.removed - 1) for place in change.places]
        across = [place for place, end in ends if is_exonic(place[0]) and is_exonic(end) and change.removed > 60]
        named = across[-1] if across else last
    expected = change.names(named, True)[0], change.names(last, False)[0]
    first = facts(consequence_of(change.vcf(last), CD19))
    if first[:2] != expected:
        return f"{change.vcf(last)}: {first[:2]} should be {expected}"
    for text in change.spellings():
        found = facts(consequence_of(text, CD19))
        if found != first:
            return f"{text}: {found} should be that of {expected[0]}, {first}"
    return ""


def test_every_alignment_of_an_indel_at_a_border_has_the_name_and_product_of_the_oracle() -> None:
    rng = random.Random(8)
    changes = [near_a_border(rng) for _ in range(400)]
    assert sum(len(change.places) > 1 for change in changes) > 250
    across = [{NAMES[place[0]].isalnum() for place in change.places} for change in changes]
    assert sum(len(kinds) == 2 for kinds in across) > 30
    assert [found for found in map(disagreement, changes) if found] == []


def test_every_alignment_of_a_change_over_an_intron_has_one_name_and_product() -> None:
    rng = random.Random(9)
    changes = [over_an_intron(rng) for _ in range(10)]
    assert sum(len(change.places) > 1 for change in changes) > 5
    assert [found for found in map(disagreement, changes) if found] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("c.85_88+5dup", "c.85_88+5dup"),
        ("chr16:g.28932085_28932093dup", "c.85_88+5dup"),
        ("c.88+5_88+6insGAAGGTATG", "c.85_88+5dup"),
        ("c.559dup", "c.559+1dup"),
        ("c.559del", "c.559+1del"),
        ("c.356-1del", "c.358del"),
        ("c.80_100dup", "c.80_100dup"),
    ],
)
def test_a_change_over_a_border_has_the_name_that_hgvs_gives(text: str, name: str) -> None:
    assert consequence_of(text, CD19).hgvs_c == name


@pytest.mark.parametrize("text", ["c.80_100=", "c.1_1671=", "c.88_88+3=", "c.87_90delinsAGGA"])
def test_the_reference_written_over_a_border_is_no_change(text: str) -> None:
    given = f"c.87_90delins{CD19.transcript.coding_sequence[86:90]}" if "delins" in text else text
    found = consequence_of(given, CD19)
    assert found.consequence == "no_sequence_alteration"
    assert found.hgvs_p == "p.(=)"
    assert len(found.hgvs_c) < 20


def test_bases_that_differ_in_one_exon_leave_the_intron_alone() -> None:
    coding = CD19.transcript.coding_sequence
    written = f"NM_001770.6:{30 + 86}:{coding[86:90]}:{coding[86:89]}T"
    found = consequence_of(written, CD19)
    assert found.hgvs_c == f"c.90{coding[89]}>T"


def test_a_tandem_copy_from_exon_to_exon_doubles_the_exonic_bases_of_the_protein() -> None:
    coding, found = CD19.transcript.coding_sequence, consequence_of("c.80_100dup", CD19)
    product = found.change.protein
    assert product is not None
    from epitope.target.translation import translate_to_stop

    assert product == translate_to_stop(coding[:100] + coding[79:])[0]


def main() -> None:
    """Run as many random changes as the command line says."""
    rng = random.Random(20)
    count = int(sys.argv[1])
    changes = [over_an_intron(rng) if rng.random() < 0.02 else near_a_border(rng) for _ in range(count)]
    wrong = [found for found in map(disagreement, changes) if found]
    spellings = sum(len(change.spellings()) for change in changes)
    sys.stdout.write("\n".join([*wrong[:20], f"{count} changes, {spellings} spellings, {len(wrong)} wrong"]) + "\n")


if __name__ == "__main__":
    main()
