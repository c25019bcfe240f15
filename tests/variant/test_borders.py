"""Where one thing ends and the next begins: splice sites, the last junction, what is said of a skipped exon."""

import pytest

from epitope.variant import consequence_of
from epitope.variant.hgvs.edit import Alleles
from epitope.variant.hgvs.splice_sites import disrupted_splice_sites


def test_a_deletion_over_a_border_hits_the_sites_of_which_it_takes_an_invariant_base(reference):
    for number, (first, last) in enumerate(reference.introns, start=1):
        for kept in range(5):
            behind = Alleles(first + kept, last + 3, "N", "")  # leaves so many bases of the intron at its beginning
            before = Alleles(first - 3, last - kept, "N", "")
            names = [[str(site) for site in disrupted_splice_sites(one, reference)[0]] for one in (behind, before)]
            donor, acceptor = f"donor of exon {number}", f"acceptor of exon {number + 1}"
            both = [donor, acceptor]
            expected = {0: [[], []], 1: [both, both]}  # the intron goes whole; its first or last base alone is left
            assert names == expected.get(kept, [[acceptor], [donor]])


def test_the_last_junction_lies_before_the_first_base_of_the_last_exon(reference):
    in_front = sum(end - start + 1 for start, end in reference.exons[:-1])
    assert reference.last_junction == in_front - reference.utr5_length


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("exon 3 skipped", "an RNA event, not a change of the DNA: exon 3 skipped"),
        ("exons 3 to 4 skipped", "an RNA event, not a change of the DNA: exons 3 to 4 skipped"),
        ("ex2part", "r.200_329del (any of 9 placements from 192_321)"),
    ],
)
def test_an_rna_event_says_which_it_is(cd19, text, note):
    assert any(note in one for one in consequence_of(text, cd19).notes)


def test_a_frameshift_that_stops_has_no_note_on_its_stop(cd19):
    assert not [note for note in consequence_of("c.183del", cd19).notes if "no stop" in note]


def test_a_protein_in_half_a_pair_of_brackets_is_read_and_one_in_none_is_the_same(cd19):
    for text in ("p.(Phe61del", "p.Phe61del)", "p.(Phe61del)", "p.Phe61del"):
        assert consequence_of(text, cd19).hgvs_p == "p.Phe61del"
