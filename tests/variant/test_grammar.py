"""Valid and invalid spellings, as two tables."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epitope.errors import VariantError
from epitope.target import Target, load_target
from epitope.variant.hgvs.consequence import consequence_of

CD19 = load_target()

SAME = {
    "p.Phe61del": "p.Phe61del F61del p.F61del p.(Phe61del) (p.Phe61del) NP_001761:p.Phe61del P15391:p.F61del "
    "CD19:p.Phe61del p.phe61del p.Phe61delPhe c.183_185del c.183_185delCTT c.183_185del3 "
    "NM_001770.6:c.183_185del NM_001770:c.183_185del NM_001770.6(CD19):c.183_185del "
    "ENST00000538922:c.183_185del NC_000016.10(NM_001770.6):c.183_185del c.182_184del n.213_215del "
    "NC_000016.10:g.28932440_28932442del chr16:g.28932440_28932442del 16:g.28932440_28932442del "
    "NC_000016.10:28932438:TCT: NC_000016.10:28932438:3: NM_001770.6:211:TCT: chr16-28932436-CCTT-C",
    "p.Arg163Leu": "R163L p.R163L p.Arg163Leu c.488G>T NC_000016.10:g.28933043G>T chr16-28933043-G-T "
    "chr16:28933043:G:T 16-28933043-G-T 16:28933043:G>T NC_000016.10:28933042:G:T chr16_28933043_G_T "
    "chr16:28933043G>T c.488g>t c.(488G>T) CHR16:g.28933043G>T Chr16-28933043-G-T CM000678.2:g.28933043G>T "
    "CM000678.2-28933043-G-T",
    "p.Ser269Ter": "S269* p.S269* p.Ser269Ter p.Ser269* p.S269X c.806C>A",
    "p.Met1_Leu151del": "ex2part EX2PART Ex2Part p.Met1_Leu151del p.M1_L151del p.1_151del",
    "p.Glu30_Ser118del": "ex2skip p.Glu30_Ser118del c.89_355del",
    "p.Tyr259CysfsTer9": "c.775_776insGT c.774_775dup p.Tyr259CysfsTer9 p.Y259Cfs*9 p.Tyr259CysfsX9",
    "p.Pro109fs": "p.109fs p.P109fs p.Pro109fsTer P109fs*",
    "p.?": "p.? p.Q186sp p.P278sp p.Q186splice c.559+1G>A c.560-2A>G c.?",
    "p.(=)": "p.= p.(=) c.= c.489= c.488G= c.-3A>T c.89-30G>A g.=",
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
    ("p.Phe61ins", "ins is not an amino acid"),
    ("p.Phe61insGly", "names the two residues around it"),
    ("p.Pro60_Phe61insala", "is not a sequence of residues"),
    ("p.Phe61Foo", "Foo is not an amino acid"),
    ("p.Phe61J", "J is not an amino acid"),
    ("p.Phe61fsTer0", "fsTer0 is not possible"),
    ("p.Phe61delPro", "the residues at 61-61 are F, not P"),
    ("p.Gly100sp", "no splice site lies within a codon"),
    ("XX_000001:p.Phe61del", "unknown protein"),
    ("ex9skip", "unknown event; CD19 has ex2part, ex2skip"),
    ("exon 2 skipping", "unknown event"),
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
    ("c.[61A>G;70C>T]", "one change at a time"),
    ("r.61a>g", "RNA descriptions are not read"),
    ("m.61A>G", "mitochondrial descriptions are not read"),
    ("NM_001770.5:c.61A>G", "NM_001770 version 5, but CD19 is described on NM_001770.6"),
    ("NM_000546:c.61A>G", "unknown transcript NM_000546"),
    ("NC_000016.9:g.28944364G>T", "another build; only GRCh38"),
    ("CM000678.1:g.28944364G>T", "another build; only GRCh38"),
    ("chr16:g.28944364G>T", "28944364 lies in CD19 on GRCh37, and GRCh38 is read, where the same base is 28933043"),
    ("chr16-28944364-G-T", "lies in CD19 on GRCh37"),
    ("16:28944364:G>T", "lies in CD19 on GRCh37"),
    ("g.28944364G>T", "lies in CD19 on GRCh37"),
    ("chr16:g.28943000_28943300del", "lies in CD19 on GRCh37"),
    ("chr16:g.28950668A>T", "lies in CD19 on GRCh37"),
    ("chr99x:g.5A>G", "unknown chromosome"),
    ("g.90338346A>G", "has 90338345 bases"),
    ("g.0A>G", "has 90338345 bases"),
    ("n.0A>G", "counts from the first base"),
    ("g.5+1A>G", "a g. position is a plain number"),
    ("g.1_90000000del", "changes of up to 100000 bases are read"),
    ("chr16-28933043-G-<DEL>", "symbolic allele"),
    ("chr16-28933043-G-G]17:198982]", "symbolic allele or breakend"),
    ("chr16-28933043-G-*", "stands for a deletion named elsewhere"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), INVALID)
def test_a_bad_text_is_refused_with_one_clear_line(cd19: Target, text: str, reason: str) -> None:
    with pytest.raises(VariantError) as caught:
        consequence_of(text, cd19)
    message = str(caught.value)
    assert reason in message
    assert "\n" not in message
    assert message.startswith(text.strip()[:50])


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
    ],
)
def test_long_texts_are_answered_quickly(text: str) -> None:
    begin = time.process_time()
    try:
        assert consequence_of(text, CD19).variant.text == text
    except VariantError as error:
        assert len(str(error)) < 300
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
