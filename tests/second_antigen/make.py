"""A second antigen, made up: what no line of the package may know.

Its gene lies on the minus strand, its protein has no signal peptide and spans the membrane
twice, with the domain outside between the two segments; its binder is a VHH. The coordinates
are cut from the bundled structure (one domain and the variable domain of the heavy chain),
under other names, chains and numbers, so that they are real; the sequence around them is
written here. Nothing of it is a fact about any protein.
"""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import gemmi

from epitope.structure import bundled_structure
from epitope.target.translation import reverse_complement

NAME, BINDER = "SYNA1", "VHH-7"
INSIDE = "MSKRTPENDSGQKARRL"
SEGMENT_1 = "LVAVLLGLIVFAALLIVGAIF"
SEGMENT_2 = "IILGAVVLLFALIGVLAVLIF"
TAIL = "RKHQDEYSGSNKPTEYEDLMAQRSS"
SHIFT_OF_NUMBERS = 1000
FIRST, LAST = 21, 277  # of the domain in the bundled structure
VHH_LENGTH = 124
INTRON_NT, FLANK_NT, UTR_NT = 90, 60, 20
ORIGIN, CHROMOSOME_NT = 5_001, 1_000_000
_CODONS = dict(
    zip(
        "ACDEFGHIKLMNPQRSTVWY",
        [
            "GCT",
            "TGT",
            "GAC",
            "GAG",
            "TTT",
            "GGA",
            "CAC",
            "ATC",
            "AAG",
            "CTG",
            "ATG",
            "AAC",
            "CCA",
            "CAA",
            "CGT",
            "TCT",
            "ACC",
            "GTG",
            "TGG",
            "TAC",
        ],
        strict=True,
    )
)


def write_pack(folder: Path, *, transcript: bool = True, facts: bool = True, binder: bool = True) -> Path:
    """Write the pack with its structure; without transcript, facts or binder on demand."""
    folder.mkdir(parents=True, exist_ok=True)
    antigen, vhh = _write_structure(folder / "syna1_vhh.pdb")
    protein = INSIDE + SEGMENT_1 + antigen + SEGMENT_2 + TAIL
    text = f'name = "{NAME}"\nstructure = "syna1_vhh.pdb"\n'
    records = {"protein": protein}
    tables = ""
    if transcript:
        gene, more = _gene(protein)
        records |= gene
        tables += more
    else:
        text += 'protein_record = "protein"\n'
    if facts:
        text += 'gene = "SYNA1"\nuniprot_id = "X0SYN1"\nversion = "1"\n'
        tables += _topology(len(antigen), len(protein))
    if binder:
        tables += f'[[binders]]\nname = "{BINDER}"\nheavy_variable = "{vhh}"\nsource = "made"\n'
    (folder / "sequences.fa").write_text("".join(f">{name}\n{bases}\n" for name, bases in records.items()))
    tables += '[sources.made]\ncitation = "made for tests"\n'
    (folder / "target.toml").write_text(text + tables)
    return folder


def _topology(domain: int, length: int) -> str:
    """Write the regions: inside, membrane, outside, membrane, inside."""
    kinds = ("cytoplasmic", "transmembrane", "extracellular", "transmembrane", "cytoplasmic")
    sizes = (len(INSIDE), len(SEGMENT_1), domain, len(SEGMENT_2), len(TAIL))
    text, start = "", 1
    for kind, size in zip(kinds, sizes, strict=True):
        text += f'[[regions]]\nkind = "{kind}"\nstart = {start}\nend = {start + size - 1}\nsource = "made"\n'
        start += size
    assert start - 1 == length
    return text


def _gene(protein: str) -> tuple[dict[str, str], str]:
    """Write coding and genomic sequence of four exons on the minus strand, and their table."""
    draw = random.Random(7)

    def bases(count: int) -> str:
        return "".join(draw.choice("ACGT") for _ in range(count))

    coding = "".join(_CODONS[residue] for residue in protein) + "TGA"
    cuts = [0, 100, 250, 520, len(coding)]  # the second exon is in frame, 50 codons
    parts = [coding[a:b] for a, b in pairwise(cuts)]
    exons = [bases(UTR_NT) + parts[0], parts[1], parts[2], parts[3] + bases(UTR_NT)]
    along, places = bases(FLANK_NT), []
    for number, exon in enumerate(exons):
        places.append((len(along), len(along) + len(exon) - 1))
        along += exon
        if number < len(exons) - 1:
            along += "GTAAGT" + bases(INTRON_NT - 20) + "TTTCTTTTTTTTAG"
    along += bases(FLANK_NT)
    end = ORIGIN + len(along) - 1
    rows = ", ".join(
        f"[{number}, {end - last}, {end - first}, {cuts[number - 1] + 1}, {cuts[number]}]"
        for number, (first, last) in enumerate(places, start=1)
    )
    table = f"""[transcript]
accession = "NM_999001.1"
assembly = "GRCh38"
chromosome = "chr5"
chromosome_accession = "NC_000005.10"
chromosome_length = {CHROMOSOME_NT}
strand = -1
coding_record = "coding"
genomic_record = "gene"
genomic_start = {ORIGIN}
source = "made"
exons = [{rows}]
"""
    return {"coding": coding, "gene": reverse_complement(along)}, table


def _write_structure(path: Path) -> tuple[str, str]:
    """Cut out domain and VHH, rename and renumber; return both sequences, unobserved residues included."""
    given = gemmi.read_structure(str(bundled_structure()))
    given.merge_chain_parts()
    made, model = gemmi.Structure(), gemmi.Model(1)
    made.name, made.cell, made.spacegroup_hm = "SYNA", given.cell, given.spacegroup_hm
    sequences = []
    for old, new, first, last, shift in (("A", "X", FIRST, LAST, SHIFT_OF_NUMBERS), ("H", "N", 1, VHH_LENGTH, 0)):
        chain, entity = gemmi.Chain(new), given.get_entity_of(given[0][old].get_polymer())
        names = [gemmi.Entity.first_mon(name) for name in entity.full_sequence]
        for residue in given[0][old].get_polymer():
            if first <= residue.seqid.num <= last:
                copy = residue.clone()
                copy.seqid = gemmi.SeqId(residue.seqid.num + shift, " ")
                chain.add_residue(copy)
        model.add_chain(chain)
        start = given[0][old].get_polymer()[0]
        offset = start.label_seq - start.seqid.num
        kept = names[first - 1 + offset : last + offset]
        sequences.append((new, kept))
    made.add_model(model)
    made.setup_entities()
    for new, kept in sequences:
        made.get_entity_of(made[0][new].get_polymer()).full_sequence = kept
    made.assign_label_seq_id()
    made.write_pdb(str(path))
    antigen, vhh = (gemmi.one_letter_code(kept).replace("X", "Q").upper() for _, kept in sequences)
    return antigen, vhh
