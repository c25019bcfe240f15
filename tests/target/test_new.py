"""Packs from records: what the files say arrives, what they do not say is left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import epitope
from epitope.api import new_target
from epitope.cli import app
from epitope.errors import OutputError, TargetError
from epitope.structure import bundled_structure
from epitope.target import load_target
from epitope.target.translation import reverse_complement

CODING = "ATGAACGCTTCTTGTAAATGGCTGGTTTGTGAATAA"
PROTEIN = "MNASCKWLVCE"
# 10 bases, exon 1 with 4 UTR and 15 coding, intron of 12, exon 2 with 21 coding and 5 UTR, 10 bases
GENE = "TTTTTTTTTT" + "CCCC" + CODING[:15] + "GTAAGTCCCCAG" + CODING[15:] + "TCTCT" + "AAAAAAAAAA"
EXONS, CDS = [(11, 29), (42, 67)], [(15, 29), (42, 62)]
FLAT = f"""ID   TOY_HUMAN               Reviewed;          11 AA.
AC   P00001;
DT   01-JAN-2000, integrated into UniProtKB/Swiss-Prot.
DT   01-JAN-2000, sequence version 1.
DT   01-JAN-2000, entry version 1.
DE   RecName: Full=Toy protein;
GN   Name=TOY1;
OS   Homo sapiens (Human).
OC   Eukaryota.
OX   NCBI_TaxID=9606;
FT   SIGNAL          1..?
FT   TOPO_DOM        1..6
FT                   /note="Extracellular"
FT   TRANSMEM        7..9
FT                   /note="Helical"
FT   CARBOHYD        2
FT                   /note="N-linked (GlcNAc...) asparagine"
FT   DISULFID        5..10
SQ   SEQUENCE   11 AA;  1234 MW;  0000000000000000 CRC64;
     {PROTEIN[:10]} {PROTEIN[10:]}
//
"""


def mirrored(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(len(GENE) + 1 - last, len(GENE) + 1 - first) for first, last in stretches]


def gff3(folder: Path, *, minus: bool = False, region: bool = True) -> list[Path]:
    """Write the gene at 1001 of a chromosome of 5000 bases."""
    lines = ["##gff-version 3", *(["##sequence-region chr9 1 5000"] if region else [])]
    lines.append("chr9\tt\tmRNA\t1011\t1067\t.\t+\t.\tID=T1;transcript_id=NM_1.1;gene=TOY1")
    for kind, stretches in (("exon", EXONS), ("CDS", CDS)):
        for first, last in mirrored(stretches) if minus else stretches:
            lines.append(f"chr9\tt\t{kind}\t{first + 1000}\t{last + 1000}\t.\t{'-' if minus else '+'}\t.\tParent=T1")
    (folder / "toy.gff3").write_text("\n".join(lines) + "\n")
    bases = reverse_complement(GENE) if minus else GENE
    (folder / "toy.fa").write_text(f">chr9:1001-{1000 + len(GENE)}\n{bases}\n")
    return [folder / "toy.gff3", folder / "toy.fa"]


def genbank(folder: Path, *, minus: bool = False, accession: str = "NC_000009.1") -> Path:
    from Bio import SeqIO
    from Bio.Seq import Seq
    from Bio.SeqFeature import CompoundLocation, SeqFeature, SimpleLocation
    from Bio.SeqRecord import SeqRecord

    strand = -1 if minus else 1
    record = SeqRecord(Seq(reverse_complement(GENE) if minus else GENE), id=accession, name="TOY")
    record.annotations["molecule_type"] = "DNA"
    for kind, stretches in (("mRNA", EXONS), ("CDS", CDS)):
        parts = [SimpleLocation(a - 1, b, strand) for a, b in (mirrored(stretches) if minus else stretches)]
        qualifiers = {"gene": ["TOY1"], "transcript_id": ["NM_1.1"], "protein_id": ["NP_1.1"]}
        record.features.append(SeqFeature(CompoundLocation(parts), type=kind, qualifiers=qualifiers))
    SeqIO.write(record, folder / "toy.gb", "genbank")
    return folder / "toy.gb"


def test_a_uniprot_record_gives_topology_disulfide_and_sugar_and_leaves_out_an_unknown_end(tmp_path: Path) -> None:
    (tmp_path / "toy.txt").write_text(FLAT)
    left_out = new_target(tmp_path / "pack", uniprot=tmp_path / "toy.txt")
    target = load_target(tmp_path / "pack")
    assert (target.name, target.uniprot_id, target.sequence) == ("TOY1", "P00001", PROTEIN)
    regions = [(r.kind.value, r.start, r.end) for r in target.regions]
    assert regions == [
        ("extracellular", 1, 6),
        ("transmembrane", 7, 9),
    ]
    assert [(d.first, d.second) for d in target.disulfides] == [(5, 10)]
    assert [s.position for s in target.sequons] == [2]
    assert any("signal" in line for line in left_out)
    assert "toy.txt" in target.sources["uniprot"].citation


def test_uniprot_json_and_text_give_the_same_pack(tmp_path: Path) -> None:
    def feature(kind: str, first: int, last: int, note: str = "") -> dict:
        return {"type": kind, "location": {"start": {"value": first}, "end": {"value": last}}, "description": note}

    record = {
        "primaryAccession": "P00001",
        "uniProtkbId": "TOY_HUMAN",
        "genes": [{"geneName": {"value": "TOY1"}}],
        "sequence": {"value": PROTEIN},
        "features": [
            feature("Topological domain", 1, 6, "Extracellular"),
            feature("Transmembrane", 7, 9, "Helical"),
            feature("Glycosylation", 2, 2, "N-linked"),
            feature("Disulfide bond", 5, 10),
        ],
    }
    (tmp_path / "toy.json").write_text(json.dumps(record))
    (tmp_path / "toy.txt").write_text(FLAT)
    for kind in ("json", "txt"):
        new_target(tmp_path / f"pack_{kind}", uniprot=tmp_path / f"toy.{kind}")
    one, other = (load_target(tmp_path / f"pack_{kind}") for kind in ("json", "txt"))
    assert (one.regions, one.disulfides, one.sequons) == (other.regions, other.disulfides, other.sequons)


@pytest.mark.parametrize("minus", [False, True])
def test_gff3_gives_the_transcript_on_either_strand_in_chromosome_positions(tmp_path: Path, minus: bool) -> None:
    rows, bases = gff3(tmp_path, minus=minus)
    assert new_target(tmp_path / "pack", gff3=rows, fasta=bases) == []
    transcript = load_target(tmp_path / "pack").transcript
    exons = mirrored(EXONS) if minus else EXONS
    assert [(e.start, e.end) for e in transcript.exons] == [(a + 1000, b + 1000) for a, b in exons]
    assert [(e.cds_start, e.cds_end) for e in transcript.exons] == [(1, 15), (16, 36)]
    assert (transcript.coding_sequence, transcript.strand) == (CODING, -1 if minus else 1)
    assert (transcript.accession, transcript.chromosome_length) == ("NM_1.1", 5000)


@pytest.mark.parametrize("minus", [False, True])
def test_genbank_without_a_place_counts_in_the_record(tmp_path: Path, minus: bool) -> None:
    new_target(tmp_path / "pack", genbank=genbank(tmp_path, minus=minus))
    transcript = load_target(tmp_path / "pack").transcript
    assert transcript.coding_sequence == CODING
    assert (transcript.genomic_start, transcript.chromosome_length) == (1, len(GENE))
    assert load_target(tmp_path / "pack").sequence == PROTEIN


def test_a_complement_region_of_refseq_is_turned_back_to_the_chromosome(tmp_path: Path) -> None:
    path = genbank(tmp_path)
    place = f"ACCESSION   NC_000009 REGION: complement(1001..{1000 + len(GENE)})"
    text = "\n".join(place if line.startswith("ACCESSION") else line for line in path.read_text().splitlines())
    path.write_text(text + "\n")
    new_target(tmp_path / "pack", genbank=path, chromosome_length=5000)
    transcript = load_target(tmp_path / "pack").transcript
    assert (transcript.strand, transcript.coding_sequence) == (-1, CODING)
    assert [(e.start, e.end) for e in transcript.exons] == [(a + 1000, b + 1000) for a, b in mirrored(EXONS)]


def test_without_the_length_of_the_chromosome_the_protein_alone_is_written(tmp_path: Path) -> None:
    rows, bases = gff3(tmp_path, region=False)
    (left_out,) = new_target(tmp_path / "pack", gff3=rows, fasta=bases)
    assert "--chromosome-length" in left_out
    target = load_target(tmp_path / "pack")
    assert target.known_transcript is None and target.sequence == PROTEIN


def test_records_are_combined_and_a_contradiction_is_refused(tmp_path: Path) -> None:
    (tmp_path / "toy.txt").write_text(FLAT)
    rows, bases = gff3(tmp_path)
    new_target(tmp_path / "pack", uniprot=tmp_path / "toy.txt", gff3=rows, fasta=bases)
    target = load_target(tmp_path / "pack")
    assert target.regions and target.known_transcript is not None
    (tmp_path / "toy.txt").write_text(
        FLAT.replace("MNASCKWLVC", "MNASCKWLVA").replace("FT   DISULFID        5..10\n", "")
    )
    with pytest.raises(TargetError, match="differ first at residue 10"):
        new_target(tmp_path / "other", uniprot=tmp_path / "toy.txt", gff3=rows, fasta=bases)
    assert not (tmp_path / "other").exists()


def test_a_pack_from_a_structure_gives_the_contacts_of_the_shipped_pack(tmp_path: Path) -> None:
    shipped = epitope.load(target="tissue_factor")
    new_target(tmp_path / "pack", structure=bundled_structure(shipped.target))
    assert epitope.load(target=tmp_path / "pack").contact_positions == shipped.contact_positions


def test_a_folder_with_content_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "toy.txt").write_text(FLAT)
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "mine").write_text("x")
    with pytest.raises(OutputError, match="not empty"):
        new_target(tmp_path / "pack", uniprot=tmp_path / "toy.txt")
    assert [path.name for path in (tmp_path / "pack").iterdir()] == ["mine"]


@pytest.mark.parametrize("option", ["--uniprot", "--genbank", "--structure"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"nothing of the kind\n"])
def test_a_file_of_another_kind_is_one_line_and_nothing_is_written(tmp_path: Path, option: str, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    result = CliRunner().invoke(app, ["target", "new", str(tmp_path / "pack"), option, str(tmp_path / "file")])
    assert isinstance(result.exception, epitope.errors.EpitopeError), result.exception
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_check_names_the_cost_of_what_is_missing_and_the_agreement_with_the_structure() -> None:
    result = CliRunner().invoke(app, ["target", "check", "tissue_factor"])
    assert "DNA changes" in result.output and "100.0% identical" in result.output
    assert "transcript" not in CliRunner().invoke(app, ["target", "check", "cd19"]).output.split("structure")[0]


def test_list_names_both_packs() -> None:
    output = CliRunner().invoke(app, ["target", "list"]).output
    assert "cd19" in output and "tissue_factor" in output
