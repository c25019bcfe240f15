"""Valid and invalid spellings, as two tables."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epitope.errors import VariantError
from epitope.target import Target, load_target
from epitope.target.translation import translate
from epitope.variant.hgvs.alleles import consequence_of
from epitope.variant.model import Variant

CD19 = load_target()

SAME = {
    "p.Phe61del": "ΔF61 deltaPhe61 delF61 delPhe61 r.183_185del r.183_185delcuu "
    "p.Phe61del F61del p.F61del p.(Phe61del) (p.Phe61del) NP_001761:p.Phe61del P15391:p.F61del "
    "CD19:p.Phe61del p.phe61del p.Phe61delPhe c.183_185del c.183_185delCTT c.183_185del3 "
    "NM_001770.6:c.183_185del NM_001770:c.183_185del NM_001770.6(CD19):c.183_185del "
    "ENST00000538922:c.183_185del NC_000016.10(NM_001770.6):c.183_185del c.182_184del n.213_215del "
    "NC_000016.10:g.28932440_28932442del chr16:g.28932440_28932442del 16:g.28932440_28932442del "
    "NC_000016.10:28932438:TCT: NC_000016.10:28932438:3: NM_001770.6:211:TCT: chr16-28932436-CCTT-C",
    "p.Gly119_Gln186del": "ex3skip Δex3 exon3del r.356_559del c.356_559del",
    "p.Gly67dup": "c.199_201[2] c.199GGG[2] c.199_201GGG[2] c.199_201dup r.199_201dup r.199ggg[2]",
    "p.Glu405dup": "c.1203AGA[4] c.1203_1205[4] c.1203_1211AGA[4]",
    "p.Glu405del": "c.1203AGA[2] c.1203_1211AGA[2]",
    "p.Met1ext-5": "p.Met1ext-5 p.M1ext-5 p.(Met1ext-5)",
    "p.0": "p.0 r.0",
    "p.Arg163Leu": "c.G488T c.488G->T c.488G/T g.G28933043T r.488g>u r.(488g>u) r.488G>U NM_001770.6:r.488g>u "
    "ENSP00000437940.2:p.Arg163Leu ENSP00000437940:R163L CD19-R163L CD19_R163L R163->L "
    "R163L p.R163L p.Arg163Leu c.488G>T NC_000016.10:g.28933043G>T chr16-28933043-G-T "
    "chr16:28933043:G:T 16-28933043-G-T 16:28933043:G>T NC_000016.10:28933042:G:T chr16_28933043_G_T "
    "chr16:28933043G>T c.488g>t c.(488G>T) CHR16:g.28933043G>T Chr16-28933043-G-T CM000678.2:g.28933043G>T "
    "CM000678.2-28933043-G-T",
    "p.Ser269Ter": "S269* p.S269* p.Ser269Ter p.Ser269* p.S269X c.806C>A",
    "p.Met1_Leu151del": "ex2part EX2PART Ex2Part Δex2part ex2-part CD19-ex2part CD19:ex2part r.192_321del r.200_329del "
    "p.Met1_Leu151del p.M1_L151del p.1_151del",
    "p.Glu30_Ser118del": "ex2skip p.Glu30_Ser118del c.89_355del Δex2 \u2206ex2 ΔExon2 ex2del exon2skip r.89_355del "
    "CD19Δex2",
    "p.Tyr259CysfsTer9": "c.775_776insGT c.774_775dup p.Tyr259CysfsTer9 p.Y259Cfs*9 p.Tyr259CysfsX9",
    "p.Pro109fs": "p.109fs p.P109fs p.Pro109fsTer P109fs*",
    "p.?": "p.? p.Q186sp p.P278sp p.Q186splice Q186_splice X187_splice p.X187_splice "
    "IVS2-1G>A c.IVS2-1G>A IVS3+1_+2del NM_001770.6:IVS3-2A>G r.? r.(?) r.spl r.spl? r.(spl) c.559+1G>A c.560-2A>G c.?",
    "p.(=)": "p.= p.(=) c.= c.489= c.488G= r.= r.(=) r.*5= IVS2+5G>A c.199GGG[1] c.-3A>T c.89-30G>A g.=",
    "p.Leu174=": "p.Leu174= p.L174=",
    "p.Met1?": "p.Met1? p.M1? p.Met1Val c.1A>G c.2del c.-3_2del",
    "p.Ter557TrpextTer?": "p.Ter557TrpextTer? p.*557Wext*?",
}
SPELLINGS = [(text, name) for name, texts in SAME.items() for text in texts.split()]
SPELLINGS += [
    ("CD19 R163L", "p.Arg163Leu"),
    ("\u201cp.Arg163Leu\u201d,", "p.Arg163Leu"),
    ("p.Arg163Leu.", "p.Arg163Leu"),
    ("p.\u00a0Arg163\u00adLeu\ufeff", "p.Arg163Leu"),
    ("R163\u2192L", "p.Arg163Leu"),
    ("c.488G&gt;T", "p.Arg163Leu"),
    ("chr16:28,933,043 G>T", "p.Arg163Leu"),
    ("p.Phe61\u2011del", "p.Phe61del"),
    ("p.Ser269Stop", "p.Ser269Ter"),
    ("c.560\u20132A>G", "p.?"),
    ("rs2904880", "p.Leu174Val"),
    ("p.Ter557GlnextTer12", "p.Ter557GlnextTer12"),
    ("16\t28933043\t.\tG\tT\t50\tPASS\tDP=3;AF=0.5", "p.Arg163Leu"),
    ("chr16\t28933043\trs1\tG\tT", "p.Arg163Leu"),
    ("16  28932436  .  CCTT  C", "p.Phe61del"),
    ("c.[488G>T]", "p.Arg163Leu"),
    ("[c.488G>T];[c.488G>T]", "p.Arg163Leu"),
    ("CD19 Δex2", "p.Glu30_Ser118del"),
    ("Δexon 2", "p.Glu30_Ser118del"),
    ("delta exon 2", "p.Glu30_Ser118del"),
    ("exon 2 skipping", "p.Glu30_Ser118del"),
    ("exon 2 skip", "p.Glu30_Ser118del"),
    ("E2 skip", "p.Glu30_Ser118del"),
    ("skipping of exon 3", "p.Gly119_Gln186del"),
    ("exons 2-4 skipped", "p.Glu30_Pro278del"),
    ("CD19 ex2part", "p.Met1_Leu151del"),
]
SPELLINGS += [("c.179 CCTT>C", "p.Phe61del"), ("c.773 AGTATTAT>AAAAAAA", "p.Tyr259LysfsTer8")]


@pytest.mark.parametrize(("text", "name"), SPELLINGS)
def test_every_spelling_means_the_same_protein_change(cd19: Target, text: str, name: str) -> None:
    assert consequence_of(text, cd19).hgvs_p == name


INVALID = [
    ("", "empty variant"),
    ("   ", "empty variant"),
    ("c.179\u2013181del", "a dash between two positions; write 179_181 for the range"),
    ("c.179-181del", "a range is written 179_181"),
    ("rs123", "numbers of databases are not looked up"),
    ("p.Gly60del", "the reference residue at 60 is Pro (CD19, NP_001761/P15391), not Gly; check the numbering"),
    ("p.Gly900del", "position 900 is out of range; CD19 has 556 residues"),
    ("p.Met0Val", "position 0 is out of range"),
    ("p.Pro60_Gly61del", "the reference residue at 61 is Phe"),
    ("p.Phe61_Pro60del", "the range runs backwards"),
    ("p.Phe61ins", "an insertion names the two residues around it"),
    ("p.Phe61insGly", "names the two residues around it"),
    ("p.Pro60_Phe61insala", "is not a sequence of residues"),
    ("p.Phe61Foo", "Foo is not an amino acid"),
    ("p.Phe61J", "J is not an amino acid"),
    ("p.Phe61fsTer0", "fsTer0 is not possible"),
    ("p.Phe61delPro", "the residues at 61-61 are F, not P"),
    ("p.Gly100sp", "no splice site lies within a codon"),
    ("XX_000001:p.Phe61del", "XX_000001 is not known as CD19, which is CD19, CD19_HUMAN, NP_001761, P15391"),
    ("ex9part", "unknown event; CD19 has ex2part, ex2skip; an exon left out is written ex3skip"),
    ("ex99skip", "NM_001770.6 has exons 1 to 15"),
    ("banana", "not understood"),
    ("A61T", "ambiguous one-letter form; write p.A61T (residues) or c.61A>T (bases)"),
    ("c.187C>A", "the reference at c.187 is A (CD19, NM_001770.6), not C; check the numbering"),
    ("c.179 CCTA>C", "the reference at c.179 is CCTT (CD19, NM_001770.6), not CCTA"),
    ("chr16-28933043-A-T", "the reference at g.28933043 is G (CD19, NC_000016.10), not A"),
    ("c.183_185delAAA", "not AAA"),
    ("c.183_185delAA", "2 bases are written, the range has 3"),
    ("c.1672A>G", "c.1672 lies behind the coding sequence of NM_001770.6, c.1 to c.1671"),
    ("c.*218A>G", "the 3' UTR of NM_001770.6 has 217 bases, c.*1 to c.*217"),
    ("c.*0A>G", "the 3' UTR starts at c.*1"),
    ("c.0A>G", "there is no position 0"),
    ("c.-31A>G", "the 5' UTR of NM_001770.6 has 30 bases"),
    ("c.560+1G>A", "counts after the last base of an exon; exon 4 is c.560 to c.835"),
    ("c.88+9999G>A", "the intron has only 257 bases"),
    ("c.10_5del", "the range runs backwards"),
    ("c.61insA", "names the two bases around it"),
    ("c.61_63insA", "names two neighbouring bases"),
    ("c.88_89insA", "are in different exons"),
    ("c.61N>A", "only the bases A, C, G and T are read"),
    ("c.(10_20)_(30_40)del", "uncertain positions"),
    ("c.[61A>G;70C>T]", "the reference at c.61 is G"),
    ("r.61a>g", "the reference at r.61 is G (CD19, NM_001770.6), not A"),
    ("m.61A>G", "m. counts on the mitochondrial genome; CD19 lies on chr16"),
    ("NM_001770.5:c.61A>G", "NM_001770 version 5, but CD19 is described on NM_001770.6"),
    ("NM_000546:c.61A>G", "NM_000546 is not the transcript on which CD19 is described"),
    ("NC_000016.9:g.28944364G>T", "another build; only GRCh38"),
    ("CM000678.1:g.28944364G>T", "another build; only GRCh38"),
    ("chr16:g.28944364G>T", "28944364 lies in CD19 on GRCh37, and GRCh38 is read, where the same base is 28933043"),
    ("chr16-28944364-G-T", "lies in CD19 on GRCh37"),
    ("16:28944364:G>T", "lies in CD19 on GRCh37"),
    ("g.28944364G>T", "lies in CD19 on GRCh37"),
    ("chr16:g.28943000_28943300del", "lies in CD19 on GRCh37"),
    ("chr16:g.28950668A>T", "lies in CD19 on GRCh37"),
    ("chr99x:g.5A>G", "chr99x is no chromosome; CD19 lies on chr16 = NC_000016.10 (GRCh38)"),
    ("g.90338346A>G", "has 90338345 bases"),
    ("g.0A>G", "has 90338345 bases"),
    ("n.0A>G", "counts from the first base"),
    ("g.5+1A>G", "a g. position is a plain number"),
    ("g.1_90000000del", "changes of up to 100000 bases are read"),
    ("chr16-28933043-G-<DEL>", "symbolic allele"),
    ("chr16-28933043-G-G]17:198982]", "symbolic allele or breakend"),
    ("chr16-28933043-G-*", "stands for a deletion named elsewhere"),
    ("[c.61G>A];[c.70G>A]", "2 changes on two alleles (c.61G>A, c.70G>A)"),
    ("c.61G>A(;)70G>A", "2 changes whose alleles are not said (c.61G>A, c.70G>A)"),
    ("r.[89_355del,488g>u]", "two RNAs that one change gives"),
    ("R163L, L174V", "2 changes; give them one by one, or as one allele: [R163L;L174V]"),
    ("ex1skip", "the first exon is not left out by splicing"),
    ("ex15skip", "the last exon is not left out by splicing"),
    ("exon 2", "names an exon, not what happens to it; write ex2skip"),
    ("\u0394E2", "may be exon 2 or Glu2; write \u0394ex2 or p.Glu2del"),
    ("intron 2 retention", "a retained intron is not read as an event"),
    ("IVS15-1G>A", "NM_001770.6 has introns 1 to 14"),
    ("IVS2-1A>G", "the reference at c.356-1 is G"),
    ("r.88+1g>a", "lies in the spliced RNA, which has no introns"),
    ("r.0_1del", "there is no position 0"),
    ("c.199GCA[2]", "the reference at c.199 is GGG, not GCA"),
    ("c.1203_1205AGA[2]", "AGA stands there 3 times, 9 bases; give the whole range"),
    ("c.1206AGA[2]", "AGA also stands in front of c.1206; give its first copy"),
    ("c.1203AGA[99999]", "repeats of up to 10000 bases are read"),
    ("c.1372+9000A[3]", "intron has only"),
    ("c.1372+85A[3]", "is not known, so no copies can be counted"),
    ("c.88_89[3]", "a repeat lies in one exon or intron"),
    ("c.1203AGA[2]GAA[3]", "repeats of more than one unit are not read"),
    ("p.Glu403[5]", "repeats on the protein are not read"),
    ("p.Met1ext-0", "the count starts with the residue in front of Met1"),
    ("p.Pro60ext-5", "only Met1 is extended to the front"),
    ("p.Xaa187Leu", "Xaa may be any residue or, in older names, the stop; write the residue, or Ter"),
    ("p.P60", "the change is missing; write p.P60del or p.P60A"),
    ("P60", "names a residue, not what happens to it"),
    ("c.488G>", "the new base is missing"),
    ("c.488", "the change is missing"),
    ("c.61_62insN[10]", "what stands in brackets is not read"),
    ("c.61_62ins10", "the inserted bases are needed, not their number or origin"),
    ("c.61_63con70_72", "conversions are not read; write delins"),
    ("c.775fs", "a frameshift is a change of the protein"),
    ("c.banana", "c. description not understood"),
    ("r.banana", "r. description not understood; write 488g>u"),
    ("488G>T", "does not say what it counts on; write c.488G>T or g.488G>T"),
    ("183_185del", "may count residues or bases; write p.183_185del or c.183_185del"),
    ("NP_001761:c.488G>T", "NP_001761 names a protein, but its positions are those of a transcript"),
    ("NP_001171569.1:p.Arg163Leu", "NP_001171569.1 is not known as CD19"),
    ("16 28933043 28933043 G T", "two positions; write 16-28933043-REF-ALT"),
    ("16\t28933043\t.\tG\tT,A", "several new alleles; give them one by one"),
    ("16\t28933043\t.\tG\t<DEL>\t.\t.\tEND=3", "symbolic allele"),
    ("#CHROM\tPOS", "a comment or heading, not a variant"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), INVALID)
def test_a_bad_text_is_refused_with_one_clear_line(cd19: Target, text: str, reason: str) -> None:
    with pytest.raises(VariantError) as caught:
        consequence_of(text, cd19)
    message = str(caught.value)
    assert reason in message
    assert "\n" not in message
    assert message.startswith(" ".join(text.split())[:50])


ALPHABET = "pcgnrm.:_>*=?()[]+-; delinsdupfsextTerACGTPheLysMet0123456789chrNM<>\n\té"


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(alphabet=ALPHABET, max_size=60)))
def test_parsing_raises_nothing_but_its_own_error(text: str) -> None:
    try:
        assert consequence_of(text, CD19).hgvs_p is not None
    except VariantError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "A" * 10_000,
        "1" * 10_000,
        "c." + "A" * 10_000,
        "c.1_2ins" + "ACGT" * 2500,
        "p.(" * 3000,
        "p.F61_L62ins" + "Gly" * 3000,
        "p." + "1_" * 5000,
        "chr16" + "-" * 10_000,
        "chr16 1" + " " * 10_000,
        "ex2" + "skip" * 2500,
        "c." + "(" * 5000 + ")" * 5000,
        "NM_001770.6:" * 900,
        "c.1" + "A" * 5000 + ">" + " " * 5000,
        "[" * 5000 + ":1",
        "c.61G>A p." + " " * 10_000 + "]",
        "c.61G>A" + ",p.,c.1" * 2000 + "(",
        "c.[" + "61G>A;" * 2000 + "]",
        "c.1203AGA" + "[1]" * 3000,
        "ex 2" + " -" * 5000,
        "IVS2-1" + "[" * 10_000,
        "Δ" + "(" * 10_000,
        "16 1 . A " + "<" * 10_000,
    ],
)
def test_long_texts_are_answered_quickly(text: str) -> None:
    begin = time.process_time()
    try:
        assert consequence_of(text, CD19).variant.text == text
    except VariantError as error:
        assert len(str(error)) < 400
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    "text",
    [
        "NC_000016.10:g.28944364G>T",
        "chr16:g.28944364C>T",
        "chr16:g.28943259A>T",
        "chr16:g.28950669A>T",
        "chr16:g.28939000_28944000del",
    ],
)
def test_a_position_behind_the_gene_is_read_where_accession_bases_or_extent_speak_for_our_build(text):
    assert consequence_of(text, CD19).terms


def test_what_cannot_be_printed_is_shown_as_its_code() -> None:
    with pytest.raises(VariantError) as caught:
        consequence_of("p.F61\x1b[31mdel\u202e\x00", CD19)
    assert str(caught.value).startswith(r"p.F61\x1b[31mdel\u202e\x00: ")
    assert str(caught.value).isprintable()


def test_how_a_text_was_read_is_noted(cd19: Target) -> None:
    assert "IVS2 is read as intron 2 of NM_001770.6: c.356-1G>A" in consequence_of("IVS2-1G>A", cd19).notes
    note = "ENSP00000437940 was not checked to be CD19; the residues that are written were"
    assert note in consequence_of("ENSP00000437940.2:p.Arg163Leu", cd19).notes


@pytest.mark.parametrize("text", ["Δex2", "exon 2 skipping", "r.89_355del", "ex2del"])
def test_a_skipped_exon_is_the_event_that_the_target_names(cd19: Target, text: str) -> None:
    named, found = consequence_of("ex2skip", cd19), consequence_of(text, cd19)
    assert (found.isoform, found.change, found.terms) == ("ex2skip", named.change, named.terms)


@pytest.mark.parametrize("exon", range(2, 14))
def test_a_skipped_exon_has_the_product_of_its_coding_bases_deleted(cd19: Target, exon: int) -> None:
    rows = {row.number: row for row in cd19.transcript.exons}
    start, end = rows[exon].cds_start, rows[exon].cds_end
    skipped = consequence_of(f"exon {exon} skipping", cd19)
    deleted = consequence_of(f"c.{start}_{end}del", cd19)
    rna = consequence_of(f"r.{start}_{end}del", cd19)
    assert skipped.hgvs_p == deleted.hgvs_p == rna.hgvs_p
    assert skipped.change.protein == deleted.change.protein == rna.change.protein


@pytest.mark.parametrize(
    "change",
    ["488G>T", "183_185del", "400dup", "775_776insGT", "-3_2del", "1660_*3del", "-30_*15del", "1_3dup", "10_12inv"],
)
def test_an_rna_change_within_an_exon_has_the_product_of_the_dna_change(cd19: Target, change: str) -> None:
    rna, dna = consequence_of(f"r.{change}", cd19), consequence_of(f"c.{change}", cd19)
    assert rna.hgvs_p == dna.hgvs_p
    assert rna.change == dna.change
    assert rna.decay == dna.decay
    assert rna.hgvs_c == rna.hgvs_g == ""


@pytest.mark.parametrize("number", range(1, 14))
@pytest.mark.parametrize("side", ["+1", "-1"])
def test_a_legacy_intron_position_is_that_of_the_exon_table(cd19: Target, number: int, side: str) -> None:
    rows = {row.number: row for row in cd19.transcript.exons}
    coding = rows[number].cds_end if side == "+1" else rows[number + 1].cds_start
    found = consequence_of(f"IVS{number}{side}del", cd19)
    assert found.notes[0].endswith(f": c.{coding}{side}del")
    assert found.hgvs_p == consequence_of(f"c.{coding}{side}del", cd19).hgvs_p


@pytest.mark.parametrize("copies", range(7))
def test_a_repeat_is_the_sequence_with_so_many_copies(cd19: Target, copies: int) -> None:
    cds = cd19.transcript.coding_sequence
    assert cds[1202:1211] == "AGA" * 3
    product = translate(cds[:1202] + "AGA" * copies + cds[1211:]).rstrip("*")
    assert consequence_of(f"c.1203AGA[{copies}]", cd19).change.protein == product


@pytest.mark.parametrize(
    ("label", "agrees"),
    [("exon 3 skipping", True), ("r.356_559del", True), ("X186_splice", True), ("ex4skip", False), ("r.488g>u", False)],
)
def test_an_rna_label_is_held_against_what_could_follow(cd19: Target, label: str, agrees: bool) -> None:
    found = consequence_of(Variant("c.559+1G>A", label=label), cd19)
    assert (found.label_check == "agrees") == agrees


def test_mutated_spellings_give_an_answer_or_one_printable_line() -> None:
    rng = random.Random(20260)
    corpus = [text for text, _ in SPELLINGS] + [text for text, _ in INVALID if text.strip()]
    answered = 0
    for _ in range(2000):
        text = _mutated(rng.choice(corpus), rng, corpus)
        try:
            found = consequence_of(text, CD19)
        except VariantError as error:
            assert str(error).isprintable(), ascii(text)
            assert len(str(error)) < 400, ascii(text)
        else:
            assert found.hgvs_p, ascii(text)
            assert found.terms, ascii(text)
            answered += 1
    assert answered > 50


def _mutated(text: str, rng: random.Random, corpus: list[str]) -> str:
    """Insert, drop, replace, repeat, reverse or splice in a few characters."""
    for _ in range(rng.randrange(1, 5)):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.randrange(1, 5))
        other = rng.choice(corpus)
        text = rng.choice(
            [
                text[:start] + rng.choice(ALPHABET + "Δ\x1b\u202e\x00,/|u") + text[start:],
                text[:start] + text[end:],
                text[:start] + rng.choice(ALPHABET) + text[end:],
                text[:start] + text[start:end] * rng.randrange(2, 5) + text[end:],
                text[:start] + text[start:end][::-1] + text[end:],
                text[:start] + other[rng.randrange(len(other) + 1) :],
            ]
        )
    return text


@pytest.mark.parametrize("text", ["ΔE3", "deltaE3", "delE3"])
def test_a_letter_that_may_be_an_exon_or_a_glutamate_is_not_guessed(text):
    with pytest.raises(VariantError, match="may be exon 3 or Glu3; write Δex3 or p"):
        consequence_of(text, CD19)


def test_a_number_that_no_exon_has_is_that_of_a_residue():
    number = next(
        p for p in range(20, 291) if CD19.sequence[p - 2 : p + 1].find("E") == 1 and CD19.residue(p + 1) != "E"
    )
    assert consequence_of(f"delE{number}", CD19).hgvs_p == f"p.Glu{number}del"


def test_a_number_without_a_residue_is_not_read_as_one():
    with pytest.raises(VariantError, match="not understood"):
        consequence_of("del61", CD19)
