"""What is printed can be read back, and means the same."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from epitope.errors import VariantError
from epitope.target import load_target
from epitope.target.translation import translate_to_stop
from epitope.variant.hgvs.alleles import consequence_of
from epitope.variant.hgvs.edit import edit_of, least_alleles
from epitope.variant.hgvs.grammar import DnaText, parse
from epitope.variant.hgvs.transcript_map import transcript_map_of
from epitope.variant.model import ChangeKind

CD19 = load_target()
REFERENCE = transcript_map_of(CD19)
BASES = st.text("ACGT", min_size=1, max_size=15)


@st.composite
def coding_changes(draw: st.DrawFn) -> str:
    """Draw a change inside one coding exon."""
    exon = draw(st.integers(0, len(REFERENCE.coding_exons) - 1))
    low, high = REFERENCE.exon_cds(exon)
    start = draw(st.integers(low, high - 1))
    end = draw(st.integers(start, min(high, start + 40)))
    span = str(start) if start == end else f"{start}_{end}"
    kind = draw(st.sampled_from(["sub", "del", "dup", "ins", "delins", "inv", "alleles"]))
    bases = draw(BASES)
    reference = REFERENCE.cds[start - 1 : end]
    return {
        "sub": f"c.{start}{REFERENCE.cds[start - 1]}>{bases[0]}",
        "del": f"c.{span}del",
        "dup": f"c.{span}dup",
        "ins": f"c.{start}_{start + 1}ins{bases}",
        "delins": f"c.{span}delins{bases}",
        "inv": f"c.{start}_{max(end, start + 1)}inv",
        "alleles": f"c.{start} {reference}>{reference[0]}{bases}",
    }[kind]


@st.composite
def genomic_changes(draw: st.DrawFn) -> str:
    """Draw a change of the known genome: exons, introns, borders and flanks."""
    start = draw(st.integers(REFERENCE.origin + 50, REFERENCE.origin + 5500))
    end = draw(st.integers(start, start + 30))
    reference = REFERENCE.bases(start, end)
    return f"chr16-{start}-{reference}-{reference[0]}{draw(st.text('ACGT', max_size=10))}"


def edited_genome(text: str) -> str:
    """Apply a DNA change to the known gene."""
    parsed = parse(text, CD19)
    assert isinstance(parsed, DnaText)
    change = edit_of(text, parsed, REFERENCE).least
    sequence, origin = REFERENCE.sequence, REFERENCE.origin
    return sequence[: change.start - origin] + change.alt + sequence[change.end + 1 - origin :]


@settings(max_examples=400, deadline=None)
@given(coding_changes())
def test_apply_describe_apply_gives_the_same_sequence(text: str) -> None:
    found = consequence_of(text, CD19)
    expected = edited_genome(text)
    assert edited_genome(found.hgvs_c) == expected
    assert edited_genome(found.hgvs_g or found.hgvs_c) == expected
    again = consequence_of(found.hgvs_c, CD19)
    assert (again.hgvs_c, again.hgvs_g, again.hgvs_p) == (found.hgvs_c, found.hgvs_g, found.hgvs_p)
    assert again.change == found.change


@settings(max_examples=400, deadline=None)
@given(genomic_changes())
def test_genomic_changes_round_trip_through_both_names(text: str) -> None:
    found = consequence_of(text, CD19)
    expected = edited_genome(text)
    for name in (found.hgvs_c, found.hgvs_g):
        if name:
            assert edited_genome(name) == expected
    if found.hgvs_c:
        again = consequence_of(found.hgvs_c, CD19)
        assert (again.hgvs_c, again.hgvs_p) == (found.hgvs_c, found.hgvs_p)


@settings(max_examples=400, deadline=None)
@given(coding_changes())
def test_the_protein_is_the_translation_of_the_edited_coding_sequence(text: str) -> None:
    parsed = parse(text, CD19)
    assert isinstance(parsed, DnaText)
    change = edit_of(text, parsed, REFERENCE).least
    first = REFERENCE.cds_position(change.start)
    last = REFERENCE.cds_position(change.end)
    if first is None or last is None:
        return
    start, end = (first, last) if not change.is_insertion else (last + 1, last)
    product, stopped = translate_to_stop(REFERENCE.cds[: start - 1] + change.alt + REFERENCE.cds[end:])
    found = consequence_of(text, CD19).change
    if found.kind is ChangeKind.NONE and first <= 4:
        # Bases in front of a start codon that stays whole belong to the 5' UTR.
        assert (REFERENCE.utr5 + REFERENCE.cds[: start - 1] + change.alt + REFERENCE.cds[end:]).endswith(REFERENCE.cds)
        return
    if found.kind is ChangeKind.START_LOSS or found.protein is None:
        assert found.kind is ChangeKind.START_LOSS or not stopped or found.kind is ChangeKind.UNKNOWN
        return
    assert found.protein == product


@settings(max_examples=400, deadline=None)
@given(coding_changes())
@example("c.1655_1669del")
@example("c.1634_1669del")
@example("c.1660_*5del")
@example("c.1669_*2delinsGGG")
@example("c.1668_*1del")
def test_a_printed_protein_name_is_read_back_to_the_same_protein(text: str) -> None:
    found = consequence_of(text, CD19)
    for one in (found, *found.alternatives):
        again = consequence_of(one.hgvs_p, CD19)
        assert again.hgvs_p == one.hgvs_p
        if one.change.kind is ChangeKind.FRAMESHIFT:
            # The new residues of a frame cannot be told from its name.
            assert (again.change.kind, again.change.start) == (one.change.kind, one.change.start)
        elif one.change.kind is ChangeKind.STOP_LOSS:
            # Nor can the residues behind a lost stop, beyond the first.
            for name in ("kind", "start", "end", "reference", "alternate", "positions_lost"):
                assert getattr(again.change, name) == getattr(one.change, name)
        elif one.hgvs_p not in ("p.(=)", "p.?", "p.Met1?", "p.0?"):
            assert again.change.protein == one.change.protein
            assert again.change.positions_lost == one.change.positions_lost


STOP_LOSSES = {
    # HGVS: p.Ter110GlnextTer17, extTer? where no new stop is found; VEP for residues lost with it.
    "c.1669T>C": "p.Ter557ArgextTer?",
    "c.1669_1671del": "p.Ter557extTer?",
    "c.1655_1669del": "p.Thr552_Ter557delinsArgextTer?",
    "c.1634_1669del": "p.Gly546_Ter557delextTer?",
    "c.1660_*5del": "p.Ser554_Ter557delextTer?",
    "c.1660_*5delinsTAA": "p.Ser554Ter",
}


@pytest.mark.parametrize(("text", "name"), STOP_LOSSES.items())
def test_a_lost_stop_has_a_name_that_says_what_is_not_known(text: str, name: str) -> None:
    assert consequence_of(text, CD19).hgvs_p == name


def test_only_the_stop_can_be_read_over() -> None:
    with pytest.raises(VariantError, match="only the stop codon, Ter557, can be extended"):
        consequence_of("p.Pro60_Phe61delextTer?", CD19)


def test_shared_bases_are_dropped_front_first() -> None:
    parsed = parse("chr16-28932436-CCTT-CT", CD19)
    assert isinstance(parsed, DnaText)
    change = least_alleles(edit_of("", parsed, REFERENCE).written)
    assert (change.start, change.end, change.ref, change.alt) == (28932437, 28932438, "CT", "")
