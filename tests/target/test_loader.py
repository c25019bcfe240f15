"""The target file: what it holds, and what is refused."""

from __future__ import annotations

import hashlib
import shutil
from importlib import resources
from pathlib import Path

import pytest

from epitope.errors import TargetError
from epitope.target import load_target, loader

PACK = Path(str(resources.files("epitope.target"))) / "packs" / "cd19"
TOML = (PACK / "target.toml").read_text(encoding="utf-8")
FASTA = (PACK / "sequences.fa").read_text(encoding="utf-8")


def write(folder: Path, toml: str = TOML, fasta: str = FASTA) -> Path:
    shutil.copytree(PACK, folder, dirs_exist_ok=True)
    (folder / "sequences.fa").write_text(fasta, encoding="utf-8")
    file = folder / "antigen.toml"
    file.write_text(toml, encoding="utf-8")
    return file


def test_the_bundled_target_is_cd19_and_is_read_once() -> None:
    target = load_target()
    assert (target.name, target.uniprot_id, len(target.sequence)) == ("CD19", "P15391", 556)
    assert hashlib.sha256(target.sequence.encode()).hexdigest() == target.sequence_sha256
    assert load_target() is target


def test_a_copy_elsewhere_gives_the_same_target(tmp_path: Path) -> None:
    assert load_target(write(tmp_path)) == load_target()
    assert load_target(str(write(tmp_path))) == load_target()


def test_every_fact_names_a_known_source() -> None:
    target = load_target()
    used = {item.source for group in (
        target.regions, target.disulfides, target.sequons, target.epitopes, target.hot_spots,
        target.motifs, target.binders, target.polymorphisms, target.isoforms, target.statements,
        *(isoform.statements for isoform in target.isoforms),
    ) for item in group}  # fmt: skip
    assert used <= set(target.sources)
    assert all(source.citation for source in target.sources.values())


def test_regions_tile_the_protein() -> None:
    positions = [position for region in load_target().regions for position in region.positions]
    assert positions == list(range(1, 557))


def test_isoforms_are_found_in_any_case_and_carry_marker_and_objection() -> None:
    isoform = load_target().isoform("EX2Part")
    assert (isoform.lost_start, isoform.lost_end, isoform.cds_start, isoform.cds_end) == (1, 151, 192, 321)
    assert {statement.topic for statement in isoform.statements} == {"marker", "objection"}
    marker = next(s for s in isoform.statements if s.topic == "marker")
    assert marker.values["failure_mark_percent"] == 25


BROKEN = [
    ('name = "CD19"', 'name = "CD19', "not valid TOML"),
    ('name = "CD19"\n', "", "name: is missing"),
    ('name = "CD19"', "name = 19", "name: should be of type str, not int 19"),
    ("length = 556", "length = true", "length: should be of type int, not bool"),
    ("length = 556", "length = 555", "length: 555 declared, the coding sequence gives 556"),
    ('sequence_sha256 = "955c', 'sequence_sha256 = "055c', "sequence_sha256: differs"),
    ("end = 19\n", "end = 900\n", "regions[1].end: position 900 is outside the protein, 1-556"),
    ("start = 20\n", "start = 292\n", "regions[2].start: 292 lies behind the end"),
    ("first = 38", "first = 39", "disulfides[1].first: residue 39 should be C, the sequence has L"),
    ("position = 86", "position = 87", "sequons[1].position: residue 87 should be N"),
    ("position = 86", "position = 26", "residue 26 should be N"),
    ("[1, 28931971, 28932088, 1, 88]", "[1, 28931971, 28932088, 1, 87]", "exon 2: first coding"),
    ("[2, 28932346, 28932612", "[2, 28932347, 28932613", "genomic_record: differs"),
    ("[3, 28932911", '["3", 28932911', "transcript.exons: row 3 should be integers"),
    ('source = "uniprot"', 'source = "unipr0t"', "regions[1].source: unknown source 'unipr0t'"),
    ('coding_record = "NM', 'coding_record = "XM', "sequences.fa has no record"),
    ('"Y500"', '"Y501"', "motifs[1].residues: Y501 is not in the sequence"),
    ('"W159"', '"W158"', "hot_spots[1].residues: W158 is not in the sequence"),
    ("allele_frequency = 0.72", "allele_frequency = 72.0", "polymorphisms[1].allele_frequency: 72.0"),
    ("junction_shifts = 9", "junction_shifts = 10", "isoforms[1].junction_shifts: no repeat allows 10"),
    ('name = "ex2skip"', 'name = "EX2PART"', "isoforms[2].name: 'EX2PART' is listed twice"),
    ("lost_end = 151", "lost_end = 150", "isoforms[1].lost_end: translation cannot restart"),
    ("strand = 1", "strand = 2", "transcript.strand: should be 1 or -1, not 2"),
    ("strand = 1", "strand = -1", "exon 2: does not lie behind exon 1 on strand -1"),
    ("[2, 28932346,", "[3, 28932346,", "transcript.exons: row 2 is numbered 3"),
    ("[2, 28932346,", "[2, 28932080,", "exon 2: does not lie behind exon 1"),
    ("[5, 28935444, 28935554, 836, 946]", "[5, 28935444, 28935554]", "exon 5: has no coding bases"),
    ("responders_percent = 11.2", 'responders_percent = "x"', "values.responders_percent: should"),
    ("strand = 1", f"strand = {'[' * 20_000}", "not valid TOML"),
    ("strand = 1", f"strand{'.a' * 100_000} = 1", "more than 1000 dots"),
]  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "reason"), BROKEN, ids=[row[2][:40] for row in BROKEN])
def test_a_broken_file_is_refused_with_file_key_and_reason(tmp_path: Path, good: str, bad: str, reason: str) -> None:
    assert good in TOML
    with pytest.raises(TargetError) as caught:
        load_target(write(tmp_path, TOML.replace(good, bad, 1)))
    message = str(caught.value)
    assert message.startswith(str(tmp_path / "antigen.toml"))
    assert reason in message
    assert "\n" not in message


def test_a_missing_file_a_folder_and_binary_are_refused(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.toml", tmp_path, tmp_path / "binary.toml"):
        with pytest.raises(TargetError, match=path.name):
            load_target(path)


def test_a_file_longer_than_any_pack_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_MOST_LETTERS", 1_000)
    with pytest.raises(TargetError, match="longer than 1,000 characters"):
        load_target(write(tmp_path, TOML))


def test_sequences_with_other_letters_or_a_stop_inside_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="only A, C, G and T"):
        load_target(write(tmp_path, fasta=FASTA.replace("ATGCCACCTCC", "ATGCCACCTCN", 1)))
    with pytest.raises(TargetError, match="start codon to one stop codon"):
        genome_and_cds = FASTA.replace("GAACCTCTAGTGG", "TAACCTCTAGTGG")
        load_target(write(tmp_path, fasta=genome_and_cds))


def test_another_antigen_is_another_file(tmp_path: Path) -> None:
    toml = f'''
name = "Tiny"
gene = "TINY"
uniprot_id = "P00000"
uniprot_name = "TINY_HUMAN"
version = "1"
sequences = "tiny.fa"
length = 3
sequence_sha256 = "{hashlib.sha256(b"MCK").hexdigest()}"
[transcript]
accession = "NM_1.1"
ensembl = "ENST1"
assembly = "GRCh38"
chromosome = "chr1"
chromosome_accession = "NC_000001.11"
chromosome_length = 1000
strand = 1
coding_record = "cds"
genomic_record = "genome"
genomic_start = 101
source = "paper"
exons = [[1, 101, 106, 1, 6], [2, 111, 120, 7, 12]]
[[epitopes]]
binder = "Ab"
source = "paper"
loops = [{{ name = "all", start = 1, end = 3 }}]
[sources.paper]
citation = "A paper"
'''
    (tmp_path / "tiny.fa").write_text(">cds\nATGTGCAAATGA\n>genome\nATGTGCGTAGAAATGACCCC\n")
    (tmp_path / "tiny.toml").write_text(toml)
    assert load_target(tmp_path / "tiny.toml").sequence == "MCK"


def test_a_pack_is_loaded_by_folder_by_file_and_by_name(tmp_path: Path) -> None:
    shutil.copytree(PACK, tmp_path / "mine")
    assert load_target(tmp_path / "mine") == load_target(tmp_path / "mine" / "target.toml") == load_target()
    assert load_target("CD19") is load_target("cd19") is load_target()
    with pytest.raises(TargetError, match=r"cd20: cannot be read: .*an installed pack \(cd19, tissue_factor\)"):
        load_target("cd20")


def test_a_name_and_a_protein_sequence_are_enough(tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_text('name = "Tiny"\nprotein_record = "tiny"\n')
    (tmp_path / "sequences.fa").write_text(">tiny made up\nMCKW\n")
    target = load_target(tmp_path)
    assert (target.name, target.sequence, target.known_transcript, target.regions) == ("Tiny", "MCKW", None, ())
    with pytest.raises(TargetError, match="Tiny: this target has no transcript, so DNA changes cannot be read"):
        assert target.transcript
    (tmp_path / "sequences.fa").write_text(">tiny\nMCKB\n")
    with pytest.raises(TargetError, match="has 'B'; only the twenty amino acids"):
        load_target(tmp_path)


def test_cohorts_and_known_variants_are_held_against_their_files(tmp_path: Path) -> None:
    for good, bad, reason in (
        ('label = "hgvs_c"', 'label = "hgvs"', "cohorts[2].file: cohorts/orlando2018.tsv has no column 'hgvs'"),
        ('variant = ["cdna_as_published"]', "variant = []", "cohorts[1].variant: should name one column"),
        ('file = "known_variants.tsv"', 'file = "none.tsv"', "none.tsv: cannot be read"),
        ("partners = [229, 231, 233]", "partners = [900]", "published_sites[1].partners: 900 is no position"),
    ):
        assert good in TOML
        with pytest.raises(TargetError) as caught:
            load_target(write(tmp_path, TOML.replace(good, bad, 1)))
        assert reason in str(caught.value)


def test_numbers_that_a_pack_names_and_does_not_hold_are_told(tmp_path: Path) -> None:
    shutil.copytree(PACK, tmp_path / "mine")
    (tmp_path / "mine" / "predictions.npz").unlink()
    with pytest.raises(TargetError, match=r"predictions: predictions\.npz is not in the folder of the pack"):
        load_target(tmp_path / "mine")


@pytest.mark.parametrize("elsewhere", ["../secret", "/etc/hostname", "a/../../secret", "..\\\\secret", "C:secret"])
@pytest.mark.parametrize("line", ['structure = "6AL5.cif"', 'predictions = "predictions.npz"',
    'sequences = "sequences.fa"', 'file = "known_variants.tsv"', 'file = "cohorts/zhao2021.tsv"'])  # fmt: skip
def test_a_pack_reads_no_file_outside_its_folder(tmp_path: Path, line: str, elsewhere: str) -> None:
    (tmp_path / "secret").write_text("kept to myself", encoding="utf-8")
    key = line.partition(" ")[0]
    file = write(tmp_path / "pack", TOML.replace(line, f'{key} = "{elsewhere}"', 1))
    with pytest.raises(TargetError, match=rf"{key}: .* leads out of the folder of the pack"):
        load_target(file)


@pytest.mark.parametrize("name", ["../../x", "a/b", ".hidden", "a\\nb", "x" * 100])
@pytest.mark.parametrize("line", ['name = "ex2part"', 'name = "zhao2021"'])
def test_what_files_are_called_by_cannot_be_a_path(tmp_path: Path, line: str, name: str) -> None:
    with pytest.raises(TargetError, match="cannot be the name of a file") as told:
        load_target(write(tmp_path, TOML.replace(line, f'name = "{name}"', 1)))
    assert "\n" not in str(told.value)
