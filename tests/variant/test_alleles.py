"""Several changes at once: on one allele, on two, of unknown phase, and in the genotypes of a VCF file."""

from __future__ import annotations

from pathlib import Path

import pytest

import epitope
from epitope.api import assess_each, on_one_allele, read_variants
from epitope.errors import VariantError
from epitope.impact.verdicts.model import Assessment, Verdict
from epitope.target import load_target
from epitope.variant import consequence_of
from epitope.variant.hgvs.alleles import split_alleles
from epitope.variant.model import ChangeKind, Decay, SpliceModelUse, Variant

CD19 = load_target()


def of(text):
    return consequence_of(text, CD19)


def assessed(*variants):
    rows = assess_each(list(variants))
    assert all(isinstance(row, Assessment) for row in rows), rows
    return rows


def rules(assessment):
    return {piece.rule: piece for piece in assessment.evidence}


# One allele ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "c.[487C>T;488G>A]", "chr16:g.[28933042C>T;28933043G>A]", "[chr16-28933042-C-T;chr16-28933043-G-A]",
        "NM_001770.6:c.[488G>A;487C>T]", "[c.487C>T;chr16:g.28933043G>A]", "c.487_488delinsTA",
    ],
)  # fmt: skip
def test_two_changes_of_one_codon_are_one_change(text):
    assert of(text).hgvs_p == "p.Arg163Tyr"


def test_the_name_that_hgvs_gives_to_changes_of_one_codon_is_told():
    found = of("c.[487C>T;488G>A]")
    assert found.hgvs_c == "c.[487C>T;488G>A]"
    assert any("c.487_488delinsTA in HGVS" in note for note in found.notes)
    assert [member.hgvs_p for member in found.members] == ["p.Arg163Cys", "p.Arg163His"]


def test_changes_far_apart_stay_in_parts_and_give_one_protein():
    found = of("c.[183_185del;521T>G]")
    assert (found.hgvs_p, found.change.kind) == ("p.[Phe61del;Leu174Arg]", ChangeKind.SEVERAL)
    assert [part.hgvs_p for part in found.parts] == ["p.Phe61del", "p.Leu174Arg"]
    kept = CD19.sequence[:60] + CD19.sequence[61:173] + "R" + CD19.sequence[174:]
    assert found.change.protein == kept
    assert found.change.positions_lost == (61,)
    assert of("p.[Leu174Arg;Phe61del]").change.protein == kept


def test_neighbouring_residues_are_judged_as_one_change():
    found = of(f"p.[Arg163Leu;{CD19.residue(164)}164Ala]")
    assert found.change.kind is ChangeKind.DELINS
    assert [s.position for s in found.change.substitutions] == [163, 164]
    assert not found.parts


def test_a_second_frameshift_that_restores_the_frame_rescues_the_first():
    alone = [of("c.190del"), of("c.199dup")]
    assert all(found.change.kind is ChangeKind.FRAMESHIFT for found in alone)
    found = of("c.[190del;199dup]")
    assert found.change.kind is ChangeKind.DELINS
    assert len(found.change.protein) == 556
    assert found.decay.call is Decay.NOT_APPLICABLE
    assert any("together keep the reading frame" in note for note in found.notes)
    first, second = assessed("c.190del", "c.[190del;199dup]")
    assert first.antigen is Verdict.LOST
    assert second.antigen is not Verdict.LOST


def test_what_lies_behind_a_stop_is_moot():
    for text in ("c.[183del;521T>G]", "p.[Trp159Ter;Leu174Arg]", "c.[477G>A;900del]"):
        found = of(text)
        assert not found.parts
        assert any("lies behind the new stop and changes nothing more" in note for note in found.notes)
        assert found.change.kind in (ChangeKind.FRAMESHIFT, ChangeKind.NONSENSE)


def test_a_stop_behind_another_change_keeps_both():
    found = of("p.[Phe61del;Trp159Ter]")
    assert found.hgvs_p == "p.[Phe61del;Trp159Ter]"
    assert found.change.protein == CD19.sequence[:60] + CD19.sequence[61:158]


def test_decay_is_counted_on_the_rna_with_both_changes():
    base = CD19.transcript.coding_sequence[1499]
    alone, both = of("p.Tyr500Ter"), of(f"c.[1500{base}>A;1510_1530del]")
    assert alone.hgvs_p == both.hgvs_p
    assert both.decay.stop_to_last_junction_nt == alone.decay.stop_to_last_junction_nt - 21


def test_a_lost_splice_site_leaves_the_product_open_and_lists_the_products_with_the_other_change():
    found = consequence_of("c.[355+1G>A;521T>G]", CD19, splice_model=SpliceModelUse.OFF)
    assert found.change.kind is ChangeKind.UNKNOWN
    skipped = next(one for one in found.alternatives if "exon 2 skipped" in one.scenario)
    assert skipped.change.protein == CD19.sequence[:29] + CD19.sequence[118:173] + "R" + CD19.sequence[174:]


def test_an_rna_event_goes_with_a_change_of_the_dna():
    found = of("[ex2skip;c.521T>G]")
    assert found.hgvs_p == "p.[Glu30_Ser118del;Leu174Arg]"
    assert assessed("[ex2skip;c.521T>G]")[0].antigen is Verdict.LOST


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("c.[488G>T;488G>A]", ("c.488G>T", "c.488G>A", "bases")),
        ("c.[487_489del;488G>A]", ("c.487_489del", "c.488G>A", "bases")),
        ("c.[100_101insA;100_101insG]", ("c.100_101insA", "c.100_101insG", "bases")),
        ("p.[Phe61del;Pro60_Leu62del]", ("p.Pro60_Leu62del", "p.Phe61del", "residues")),
        ("[ex2skip;p.Phe61del]", ("ex2skip", "p.Phe61del", "residues")),
    ],
)
def test_changes_that_cannot_both_be_on_one_allele_are_refused_with_both_named(text, named):
    with pytest.raises(VariantError) as caught:
        of(text)
    one, other, what = named
    message = str(caught.value)
    assert one in message and other in message and f"change the same {what}" in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("c.[488G>T;99999A>G]", "c.99999A>G"),
        ("c.[488G>T];[521T>G];[61G>A]", "give each allele by itself"),
        ("c.[488G>T;521T>G", "a bracket is left open"),
        ("R163L, L174V", "as one allele: [R163L;L174V]"),
    ],
)
def test_an_allele_that_cannot_be_read_says_which_change_and_why(text, message):
    with pytest.raises(VariantError, match=message.replace("[", r"\[")):
        of(text)


def test_the_label_beside_an_allele_is_checked():
    assert of(Variant("c.[487C>T;488G>A]", label="p.R163Y")).label_check == "agrees"
    assert "p.Arg163Tyr" in of(Variant("c.[487C>T;488G>A]", label="p.R163H")).label_check


# What it means -------------------------------------------------------------------------------------------------------


def test_the_joint_answer_stands_beside_the_single_ones():
    (row,) = assessed("c.[182T>G;183C>G]")
    assert [str(member.fold) for member in row.members] == ["at risk", "intact"]
    assert row.fold is Verdict.INTACT
    table = epitope.assess("c.[182T>G;183C>G]")
    assert [member["hgvs_p"] for member in table["members"].iloc[0]] == ["p.Phe61Cys", "p.Phe61Leu"]


def test_an_allele_is_judged_at_least_as_gravely_as_each_part():
    gravity = [Verdict.INTACT, Verdict.NOT_ASSESSABLE, Verdict.AT_RISK, Verdict.LOST]
    for text in ("p.[Phe61del;Arg163Leu]", "p.[Trp52Arg;Lys220Glu]", "p.[Leu174Val;Asn138Ala]"):
        (row,) = assessed(text)
        for question in ("antigen", "fold", "epitope"):
            worst = max(gravity.index(getattr(member, question)) for member in row.members)
            assert gravity.index(getattr(row, question)) >= worst, (text, question)


def test_losses_that_are_small_alone_count_together():
    (row,) = assessed("p.[Cys38Ala;Cys97del]")
    assert {"fold.disulfide_lost", "fold.disulfide_broken"} <= set(rules(row))


def test_the_cost_of_several_substitutions_is_called_a_sum():
    (row,) = assessed("p.[Leu174Val;Arg163Leu]")
    alone = [assessed(text)[0].predictions.ddg_kcal_mol for text in ("p.Leu174Val", "p.Arg163Leu")]
    piece = rules(row)["fold.sum_of_substitutions"]
    assert piece.value == pytest.approx(sum(alone), abs=0.01)
    assert "not validated" in piece.sentence
    assert row.predictions.p_destabilising is None


def test_an_antigen_without_a_transcript_has_alleles_of_several_changes_too():
    bare = load_target("tissue_factor")
    first, second = bare.residue(20), bare.residue(60)
    found = consequence_of(f"p.[{first}20A;{second}60A]", bare)
    assert [s.position for s in found.change.substitutions] == [20, 60]


# Two alleles ---------------------------------------------------------------------------------------------------------


def test_two_alleles_become_two_rows_that_know_of_each_other():
    first, second = assessed("c.[183_185del];[521T>G]")
    assert [first.consequence.hgvs_p, second.consequence.hgvs_p] == ["p.Phe61del", "p.Leu174Arg"]
    assert "p.Leu174Arg" in rules(first)["antigen.other_allele"].sentence
    assert first.consequence.variant.origin.endswith("allele 1")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("c.[183del];[=]", "as in the reference"),
        ("c.[183del];[0]", "gives no protein"),
        ("c.[183del];[183del]", "p.Leu62Ter (antigen lost"),
    ],
)
def test_what_the_other_allele_gives_is_a_row_of_evidence(text, told):
    (row,) = assessed(text)
    assert row.antigen is Verdict.LOST
    assert told in rules(row)["antigen.other_allele"].sentence
    assert told in row.mechanism


def test_changes_of_unknown_phase_are_given_alone_and_together():
    rows = assessed("c.487C>T(;)488G>A")
    assert [row.consequence.hgvs_p for row in rows] == ["p.Arg163Cys", "p.Arg163His", "p.Arg163Tyr"]
    assert all("not known" in row.consequence.variant.notes[0] for row in rows)


@pytest.mark.parametrize("text", ["c.[488G>T]", "c.199GGG[2]", "p.Phe61del", "chr16-28933043-G-G]17:198982]", "c.[[;"])
def test_a_text_of_one_change_is_left_as_it_is(text):
    assert split_alleles(Variant(text)) == (Variant(text),)


def test_all_changes_given_can_be_said_to_be_on_one_allele():
    joint = on_one_allele(["c.487C>T", "c.488G>A"])
    assert of(joint).hgvs_p == "p.Arg163Tyr"
    with pytest.raises(VariantError, match="at least two"):
        on_one_allele(["c.487C>T"])


# Genotypes -----------------------------------------------------------------------------------------------------------

HEADER = """##fileformat=VCFv4.3
##contig=<ID=chr16,length=90338345>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{samples}
"""
PLACES = {"C": (28933042, "C", "T"), "G": (28933043, "G", "A"), "T": (28933076, "T", "G")}


def in_phase(folder: Path, *rows: tuple[str, str], samples: str = "S1"):
    """Write one record for each place and its genotypes; return the alleles read from them."""
    text = HEADER.format(samples=samples)
    for name, genotypes in rows:
        position, reference, alternate = PLACES[name]
        text += f"chr16\t{position}\t.\t{reference}\t{alternate}\t.\tPASS\t.\tGT:PS\t{genotypes}\n"
    path = folder / "calls.vcf"
    path.write_text(text)
    return [row for row in read_variants(path) if isinstance(row, Variant) and row.text.startswith("[")]


def test_phased_changes_of_one_codon_are_read_as_one(tmp_path):
    (joint,) = in_phase(tmp_path, ("C", "0|1:7"), ("G", "0|1:7"))
    assert of(joint).hgvs_p == "p.Arg163Tyr"
    assert [(call.sample, call.genotype) for call in joint.calls] == [("S1", "0|1")]
    assert joint.other_allele == "="


@pytest.mark.parametrize(
    "genotypes",
    [("0|1:7", "1|0:7"), ("0/1:.", "0/1:."), ("0|1:7", "0|1:8"), ("0|1:7", "0/0:."), ("0|1:7", "./.:.")],
)
def test_changes_in_trans_or_of_unknown_phase_are_not_joined(tmp_path, genotypes):
    assert not in_phase(tmp_path, ("C", genotypes[0]), ("G", genotypes[1]))


def test_a_homozygous_change_is_in_phase_with_every_other(tmp_path):
    (joint,) = in_phase(tmp_path, ("C", "0|1:7"), ("G", "1/1:."))
    assert of(joint).hgvs_p == "p.Arg163Tyr"
    assert joint.other_allele == "chr16-28933043-G-A"
    (both,) = in_phase(tmp_path, ("C", "1/1:."), ("G", "1/1:."))
    assert both.calls[0].genotype == "1|1"


def test_samples_with_the_same_allele_share_its_row(tmp_path):
    found = in_phase(tmp_path, ("C", "0|1:7\t1|0:.\t0|1:."), ("G", "0|1:7\t1|0:.\t0|0:."), samples="S1\tS2\tS3")
    assert [[call.sample for call in joint.calls] for joint in found] == [["S1", "S2"]]


def test_an_unphased_change_elsewhere_leaves_the_other_allele_open(tmp_path):
    (joint,) = in_phase(tmp_path, ("C", "0|1:7"), ("G", "0|1:7"), ("T", "0/1:."))
    assert joint.other_allele == ""
