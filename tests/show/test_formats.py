"""The atlas as other programs read it, held against those programs where they are installed."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import epitope
from epitope.errors import OutputError, TargetError
from epitope.show import formats
from epitope.show.annotated_vcf import info_text
from epitope.variant.model import Variant
from epitope.variant.readers.tabix import find_index, indexed_lines, region_chunks
from epitope.variant.readers.vcf import read_vcf
from tests.second_antigen.make import write_pack
from tests.second_antigen.test_commands import OF_THE_BUNDLED_ANTIGEN
from tests.test_cli import one_line_on_stderr, run

ANSWERS = ["antigen", "fold", "epitope"]


@pytest.fixture(scope="module")
def atlas() -> pd.DataFrame:
    return epitope.scan()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, atlas: pd.DataFrame) -> Path:
    out = tmp_path_factory.mktemp("formats")
    epitope.write_formats(["vep", "dms-viz", "mave"], out, atlas=atlas)
    return out


@pytest.fixture(scope="module")
def alleles(folder: Path) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(gzip.decompress((folder / "atlas.tsv.gz").read_bytes())), sep="\t", na_values=".")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("syna1") / "pack")


def info(line: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in line.split("\t")[7].split(";"))


def records(folder: Path) -> list[str]:
    text = gzip.decompress((folder / "atlas.vcf.gz").read_bytes()).decode()
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_every_base_of_the_coding_sequence_is_replaced_by_the_three_others(alleles):
    coding = alleles[alleles["hgvs_c"].str.fullmatch(r"c\.\d+[ACGT]>[ACGT]")]
    length = len(epitope.load_target().transcript.coding_sequence)
    assert len(coding) == coding["hgvs_c"].nunique() == 3 * length
    assert (alleles["REF"] != alleles["ALT"]).all()


def test_each_allele_says_what_assess_says(alleles):
    some = alleles.iloc[::250]
    texts = [f"{r['#CHROM']}-{r['POS']}-{r['REF']}-{r['ALT']}" for r in some.to_dict("records")]
    told = epitope.assess(texts)
    told["consequence"] = told["consequence"].str.join(",")
    names = ["hgvs_c", "hgvs_p", "consequence", *ANSWERS, "splicing"]
    assert some[names].to_numpy().tolist() == told[names].to_numpy().tolist()
    assert some["ddg_kcal_mol"].tolist() == pytest.approx(told["ddg_kcal_mol"].tolist(), abs=1e-3, nan_ok=True)


def test_a_missense_change_away_from_splice_sites_has_the_row_of_the_atlas(alleles, atlas):
    single = atlas.assign(hgvs_c=atlas["hgvs_c"].str.split("; ")).explode("hgvs_c")
    both = alleles[alleles["consequence"] == "missense_variant"].merge(single, on=["hgvs_c", "hgvs_p"])
    plain = both[both["splice_delta_x"].fillna(0) == 0]
    assert len(plain) > 1000
    for name in ANSWERS:
        assert plain.loc[plain[f"{name}_x"] != plain[f"{name}_y"], "hgvs_c"].tolist() == []
    assert (plain["p_hot_spot_x"] - plain["p_hot_spot_y"]).abs().max() < 1e-4


def test_a_lost_splice_site_is_told_by_base(alleles):
    donor = alleles[alleles["hgvs_c"] == "c.559+1G>A"].iloc[0]
    assert donor["consequence"] == "splice_donor_variant"
    assert donor["fold"] == "lost"
    assert donor["splice_delta"] < -0.5


def test_the_vcf_file_and_the_table_hold_the_same(folder, alleles):
    lines = records(folder)
    assert len(lines) == len(alleles)
    for line, row in list(zip(lines, alleles.to_dict("records"), strict=True))[::100]:
        assert line.split("\t")[:5] == [row["#CHROM"], str(row["POS"]), ".", row["REF"], row["ALT"]]
        assert {name: info(line)[name] for name in ANSWERS} == {name: info_text(row[name]) for name in ANSWERS}
        assert ("ddg_kcal_mol" in info(line)) == (row["ddg_kcal_mol"] == row["ddg_kcal_mol"])


def test_our_own_reader_reads_the_vcf_file_back(folder, alleles):
    rows = list(read_vcf(folder / "atlas.vcf.gz", epitope.load_target()))
    assert all(isinstance(row, Variant) for row in rows)
    assert [row.text for row in rows] == [
        f"{r['#CHROM']}-{r['POS']}-{r['REF']}-{r['ALT']}" for r in alleles.to_dict("records")
    ]


def test_records_are_sorted_and_declared(folder):
    positions = [int(line.split("\t")[1]) for line in records(folder)]
    assert positions == sorted(positions)
    header = gzip.decompress((folder / "atlas.vcf.gz").read_bytes()).decode().split("#CHROM")[0]
    used = {name for line in records(folder) for name in info(line)}
    assert all(f"##INFO=<ID={name}," in header for name in used)


@pytest.mark.parametrize("name", ["atlas.vcf.gz", "atlas.tsv.gz"])
@pytest.mark.extras
def test_the_index_finds_the_alleles_of_a_base(folder, name):
    pytest.importorskip("pysam")
    index = find_index(folder / name)
    assert index is not None
    chunks = region_chunks(index, ["chr16"], 28933043, 28933043)
    found = [line for line in indexed_lines(folder / name, chunks) if b"\t28933043\t" in line]
    assert len(found) == 3
    if shutil.which("tabix"):
        asked = ["tabix", str(folder / name), "chr16:28933043-28933043"]
        assert subprocess.run(asked, capture_output=True, check=True).stdout == b"".join(found)


def test_without_pysam_the_files_are_written_and_a_note_says_how_to_index_them(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pysam", None)
    monkeypatch.setattr(formats, "scan_nucleotides", lambda _: pd.DataFrame(columns=list(formats.NUCLEOTIDE_COLUMNS)))
    (tmp_path / "atlas.vcf.gz.tbi").write_bytes(b"of another file")
    structure = epitope.load()
    made = formats.write_formats(["vep"], tmp_path, structure, epitope.provenance(structure))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["atlas.tsv.gz", "atlas.vcf.gz"]
    assert "epitope[formats]" in made.note


def test_the_same_atlas_gives_the_same_bytes(folder, tmp_path, atlas):
    epitope.write_formats(["dms-viz", "mave"], tmp_path, atlas=atlas)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_dms_viz_has_an_experiment_for_the_fold_and_one_for_the_antibody(folder):
    fold, binding = json.loads((folder / "dms_viz.json").read_text(encoding="utf-8")).values()
    if fold["metric_col"] != "ddg_kcal_mol":
        fold, binding = binding, fold
    assert (fold["metric_col"], fold["condition_col"]) == ("ddg_kcal_mol", None)
    assert (binding["metric_col"], binding["conditions"]) == ("hot_spot_score", ["B43"])
    row = next(r for r in binding["mut_metric_df"] if (r["reference_site"], r["mutant"]) == (163, "L"))
    assert (row["wildtype"], row["epitope"], row["condition"]) == ("R", "at risk", "B43")
    assert fold["sitemap"]["163"] == {"sequential_site": fold["sitemap"]["163"]["sequential_site"],
                                      "protein_site": "163", "chains": "A"}  # fmt: skip


@pytest.mark.extras
def test_configure_dms_viz_makes_the_same_experiments_of_the_tables(folder):
    dms = pytest.importorskip("configure_dms_viz.configure_dms_viz")
    tidy = pd.read_csv(folder / "dms_viz.csv")
    sitemap = pd.read_csv(folder / "dms_viz_sitemap.csv", dtype={"protein_site": str})
    for title, ours in json.loads((folder / "dms_viz.json").read_text(encoding="utf-8")).items():
        theirs = dms.make_experiment_dictionary(
            tidy,
            ours["metric_col"],
            sitemap,
            str(folder / "dms_viz.pdb"),
            condition_col=ours["condition_col"],
            tooltip_cols=ours["tooltip_cols"],
            included_chains="A",
            summary_stat="mean",
            title=title,
            description=ours["description"],
        )
        assert json.loads(json.dumps(theirs)) == ours
    site = dms.check_wildtype_residues(
        dms.get_structure(str(folder / "dms_viz.pdb")),
        tidy.rename(columns={"site": "reference_site"}),
        dms.format_sitemap_data(sitemap, tidy.rename(columns={"site": "reference_site"}), "A"),
        "none",
    )
    assert site[0] == pytest.approx(1.0)
    assert site[1] == pytest.approx(0.0)


def test_a_score_set_has_a_score_for_every_substitution_that_has_a_number(folder, atlas):
    for name, metric in (("mave_fold.csv", "ddg_kcal_mol"), ("mave_binding.csv", "hot_spot_score")):
        table = pd.read_csv(folder / name)
        assert table.columns[:2].tolist() == ["hgvs_pro", "score"]
        expected = atlas[(atlas["kind"] == "substitution") & atlas[metric].notna()].set_index("hgvs_p")[metric]
        assert table["hgvs_pro"].is_unique
        assert table.set_index("hgvs_pro")["score"].to_dict() == pytest.approx(expected.to_dict(), abs=1e-3, rel=1e-3)


@pytest.mark.extras
def test_mavehgvs_reads_every_variant_against_the_sequence(folder):
    mavehgvs = pytest.importorskip("mavehgvs")
    sequence = epitope.load_target().sequence
    for name in ("mave_fold.csv", "mave_binding.csv"):
        for text in pd.read_csv(folder / name)["hgvs_pro"]:
            assert str(mavehgvs.Variant(text, targetseq=sequence)) == text


def test_another_antigen_on_the_minus_strand_has_its_own_alleles(pack, tmp_path):
    structure = epitope.load(pack / "syna1_vhh.pdb", target=pack)
    for path in epitope.write_formats(["vep", "dms-viz", "mave"], tmp_path, structure):
        data = gzip.decompress(path.read_bytes()) if path.suffix in (".gz", ".tbi") else path.read_bytes()
        assert not OF_THE_BUNDLED_ANTIGEN.search(data.decode("latin-1")), path
    lines = records(tmp_path)[:: len(records(tmp_path)) // 12]
    texts = ["-".join(line.split("\t")[i] for i in (0, 1, 3, 4)) for line in lines]
    told = epitope.assess(texts, structure)
    assert told["error"].tolist() == [""] * len(lines)
    assert [info(line)["hgvs_c"] for line in lines] == told["hgvs_c"].tolist()


def test_vep_without_a_transcript_is_refused_and_nothing_is_written(tmp_path):
    bare = write_pack(tmp_path / "pack", transcript=False, facts=False, binder=False)
    structure = epitope.load(bare / "syna1_vhh.pdb", target=bare)
    with pytest.raises(TargetError, match="no transcript"):
        epitope.write_formats(["mave", "vep"], tmp_path / "out", structure)
    assert not (tmp_path / "out").exists()
    result = run("scan", "--format", "vep", "--out", tmp_path / "out", "--target", bare,
                 "--structure", bare / "syna1_vhh.pdb")  # fmt: skip
    assert result.returncode == 2
    assert "no transcript" in one_line_on_stderr(result)


def test_an_unknown_format_is_refused_by_name(tmp_path):
    with pytest.raises(OutputError, match="choose from vep, dms-viz, mave"):
        epitope.write_formats("bed", tmp_path)


@pytest.mark.parametrize("more", [(), ("--out", "atlas", "--json")])
def test_a_format_needs_a_folder_and_nothing_else_to_print(more):
    result = run("scan", "--format", "vep", *more)
    assert result.returncode == 2
    assert "--out" in one_line_on_stderr(result)


def test_the_command_names_what_it_wrote(tmp_path):
    result = run("scan", "--format", "mave", "--out", tmp_path)
    assert result.returncode == 0
    assert [Path(line).name for line in result.stdout.splitlines()] == ["mave_fold.csv", "mave_binding.csv"]
