"""The atlas in the formats that other programs read: Ensembl VEP, dms-viz, MaveDB.

Each format is a function from a complex to named files as bytes; `write_formats` puts them in
a folder and indexes what tabix indexes. Writes what `epitope.impact` measured; it assesses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epitope.errors import OutputError
from epitope.files import together
from epitope.impact.nucleotides import NUCLEOTIDE_COLUMNS, scan_nucleotides
from epitope.impact.scan import SUBSTITUTION, scan
from epitope.show.annotated_vcf import info_text
from epitope.show.atlas_files import WrittenAtlas
from epitope.show.coordinates import trimmed_pdb
from epitope.show.files import write_whole

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.measured import MeasuredComplex

_PLACE = ("chromosome", "position", "reference", "alternate")
_DIGITS = 4
DMS_ALPHABET = "RKHDEQNSTYWFAILMVGPC-*"
DMS_COLOURS = ("#0072B2", "#CC79A7", "#4C3549", "#009E73")
"""The order of residues and the colours of conditions that configure_dms_viz takes if it is not told others."""
_DMS_TOOLTIPS = ("hgvs_p", "antigen", "fold", "epitope", "nucleotides_changed")
_FOLD, _BINDING = "ddg_kcal_mol", "hot_spot_score"
_BESIDE_SCORE = {
    _FOLD: ("ddg_low_kcal_mol", "ddg_high_kcal_mol", "p_destabilising"),
    _BINDING: ("p_hot_spot",),
}


class _Tables:
    """The tables behind the formats, each computed once and only if a format wants it."""

    def __init__(self, structure: MeasuredComplex, atlas: pd.DataFrame | None) -> None:
        self.structure = structure
        self._atlas = atlas

    @cached_property
    def substitutions(self) -> pd.DataFrame:
        """The substitutions of the atlas."""
        atlas = scan(self.structure) if self._atlas is None else self._atlas
        return atlas[atlas["kind"] == SUBSTITUTION]

    @cached_property
    def nucleotides(self) -> pd.DataFrame:
        """Every change of one nucleotide."""
        return scan_nucleotides(self.structure)


def write_formats(
    names: Sequence[str],
    out: str | Path,
    structure: MeasuredComplex,
    provenance: Mapping[str, Any],
    *,
    atlas: pd.DataFrame | None = None,
) -> WrittenAtlas:
    """Write the atlas in the formats that are named.

    Parameters
    ----------
    names : sequence of {"vep", "dms-viz", "mave"}
    out : str or Path
        Folder to write, made if it is not there.
    structure : MeasuredComplex
    provenance : mapping
        What the result rests on; named in the header of a VCF file and described in dms-viz.
    atlas : pandas.DataFrame, optional
        As from `epitope.impact.scan.scan`; scanned now if it is needed and not given.

    Returns
    -------
    WrittenAtlas
        The files, and a note where an index could not be made. All files appear or none.

    Raises
    ------
    OutputError
        If a format is not known, or the folder or a file cannot be written.
    TargetError
        If a format needs a transcript and the target has none.
    """
    for name in names:
        if name not in FORMATS:
            raise OutputError(f"--format {name}: no such format; choose from {', '.join(FORMATS)}")
    tables = _Tables(structure, atlas)
    contents = {file: data for name in names for file, data in FORMATS[name](tables, provenance)}
    files: list[Path] = []
    not_indexed = []
    with together(out) as folder:
        for name, data in contents.items():
            index = f"{name}.tbi"
            files.append(Path(out, name))
            write_whole(folder / name, data)
            if name.endswith(".gz"):
                if _indexed(folder / name, folder / index):
                    files.append(Path(out, index))
                else:
                    Path(out, index).unlink(missing_ok=True)  # it is that of the file before
                    not_indexed.append(name)
    note = ""
    if not_indexed:
        note = (
            f'no index for {", ".join(not_indexed)}: needs pysam, pip install "epitope[formats]"; '
            "or run tabix (docs/formats.md)"
        )
    return WrittenAtlas(tuple(files), note)


def _indexed(path: Path, index: Path) -> bool:
    """Index a bgzip file as tabix does; say whether pysam is there to do it."""
    try:
        import pysam
    except ImportError:
        return False
    columns = {"preset": "vcf"} if path.name.endswith(".vcf.gz") else {"seq_col": 0, "start_col": 1, "end_col": 1}
    pysam.tabix_index(str(path), index=str(index), keep_original=True, **columns)
    return True


def _vep(tables: _Tables, provenance: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Make the files for VEP: the VCF file that ``--custom`` reads, and the same as a table."""
    table = tables.nucleotides
    yield "atlas.vcf.gz", "".join(_vcf_lines(table, tables.structure, provenance)).encode()
    named = table.rename(columns=dict(zip(_PLACE, ("#CHROM", "POS", "REF", "ALT"), strict=True)))
    text = named.to_csv(sep="\t", index=False, lineterminator="\n", float_format=f"%.{_DIGITS}g", na_rep=".")
    yield "atlas.tsv.gz", text.encode()


def _vcf_lines(table: pd.DataFrame, structure: MeasuredComplex, provenance: Mapping[str, Any]) -> Iterator[str]:
    """Write the alleles as a VCF file without samples, a record for each."""
    transcript = structure.target.transcript
    told = [name for name in table.columns if name not in _PLACE]
    yield "##fileformat=VCFv4.3\n"
    rests_on = ("epitope_version", "rule_set", "target", "target_version", "structure_id", "structure_sha256")
    yield "".join(f"##epitope_{name.removeprefix('epitope_')}={provenance[name]}\n" for name in rests_on)
    yield (
        f"##contig=<ID={transcript.chromosome},length={transcript.chromosome_length},assembly={transcript.assembly}>\n"
    )
    for name in told:
        kind = "Float" if table[name].dtype.kind == "f" else "String"
        described = NUCLEOTIDE_COLUMNS[name].replace('"', "'")
        number = "." if name == "consequence" else "1"
        yield f'##INFO=<ID={name},Number={number},Type={kind},Description="{described}">\n'
    yield "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    for row in table.itertuples(index=False):
        values = {name: _vcf_value(name, getattr(row, name)) for name in told}
        info = ";".join(f"{name}={value}" for name, value in values.items() if value)
        yield f"{row.chromosome}\t{row.position}\t.\t{row.reference}\t{row.alternate}\t.\t.\t{info}\n"


def _vcf_value(name: str, value: object) -> str:
    """Write one value for INFO; the terms of a consequence as the list that they are."""
    if name == "consequence":
        return ",".join(map(info_text, str(value).split(",")))
    return info_text(value)


def _dms_viz(tables: _Tables, provenance: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Make the files for dms-viz: its JSON, and the tables and structure it is made from."""
    structure = tables.structure
    rows = tables.substitutions
    measured = rows[rows[_FOLD].notna() | rows[_BINDING].notna()]
    tidy = measured[[_FOLD, _BINDING, "p_destabilising", "p_hot_spot", *_DMS_TOOLTIPS]].round(_DIGITS)
    tidy.insert(0, "site", measured["uniprot_position"])
    tidy.insert(1, "wildtype", measured["reference"])
    tidy.insert(2, "mutant", measured["alternate"])
    tidy.insert(3, "condition", structure.antibody_name)
    sites = structure.residues[structure.residues["uniprot_position"].isin(tidy["site"])]
    codes = sites["insertion_code"].astype(str).str.strip()
    sitemap = sites.assign(
        sequential_site=range(1, len(sites) + 1),
        reference_site=sites["uniprot_position"],
        protein_site=sites["author_number"].astype(int).astype(str) + codes,
        chains=sites["chain"].astype(str).str[:1],
    )[["sequential_site", "reference_site", "protein_site", "chains"]]
    pdb = trimmed_pdb(structure, whole=True)
    name = structure.target.name
    described = (
        f"Predicted by epitope {provenance['epitope_version']}, rule set {provenance['rule_set']}, on {structure.id}. "
        "Research use only."
    )
    choices: dict[str, tuple[str, str | None]] = {
        f"{name}: predicted loss of folding stability, kcal/mol": (_FOLD, None)
    }
    if structure.antibody_name:
        choices[f"{name}: what the binding of {structure.antibody_name} rides on"] = (_BINDING, "condition")
    experiments = {
        title: _experiment(tidy, metric, condition, sitemap, pdb) | {"title": title, "description": described}
        for title, (metric, condition) in choices.items()
    }
    yield "dms_viz.csv", tidy.to_csv(index=False, lineterminator="\n").encode()
    yield "dms_viz_sitemap.csv", sitemap.to_csv(index=False, lineterminator="\n").encode()
    yield "dms_viz.pdb", pdb.encode()
    yield "dms_viz.json", json.dumps(experiments, indent=1, sort_keys=True, ensure_ascii=False).encode()


def _experiment(
    tidy: pd.DataFrame, metric: str, condition: str | None, sitemap: pd.DataFrame, pdb: str
) -> dict[str, Any]:
    """Return one experiment as dms-viz reads it, with the keys of configure_dms_viz."""
    rows = tidy[tidy[metric].notna()].rename(columns={"site": "reference_site"})
    kept = rows[["reference_site", "wildtype", "mutant", metric, *([condition] if condition else []), *_DMS_TOOLTIPS]]
    conditions = sorted(set(rows[condition])) if condition else []
    return {
        "mut_metric_df": json.loads(kept.to_json(orient="records")),
        "sitemap": json.loads(sitemap.set_index("reference_site").to_json(orient="index")),
        "metric_col": metric,
        "condition_col": condition,
        "conditions": conditions,
        "condition_colors": dict(zip(conditions or ["default"], DMS_COLOURS, strict=False)),
        "negative_condition_colors": None,
        "alphabet": list(DMS_ALPHABET),
        "pdb": pdb,
        "dataChains": sorted(set(sitemap["chains"])),
        "excludeChains": ["none"],
        "filter_cols": None,
        "filter_limits": None,
        "heatmap_limits": None,
        "tooltip_cols": {name: name for name in _DMS_TOOLTIPS},
        "excludedAminoAcids": None,
        "floor": None,
        "summary_stat": "mean",
    }


def _mave(tables: _Tables, provenance: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Make the score sets for MaveDB: variants in MAVE-HGVS on the protein, a file for each of the two numbers."""
    del provenance
    rows = tables.substitutions
    for name, metric in (("mave_fold.csv", _FOLD), ("mave_binding.csv", _BINDING)):
        scored = rows[rows[metric].notna()]
        if len(scored):
            table = scored[["hgvs_p", metric, *_BESIDE_SCORE[metric]]]
            table = table.rename(columns={"hgvs_p": "hgvs_pro", metric: "score"})
            text = table.to_csv(index=False, lineterminator="\n", float_format=f"%.{_DIGITS}g", na_rep="NA")
            yield name, text.encode()


FORMATS: dict[str, Callable[[_Tables, Mapping[str, Any]], Iterator[tuple[str, bytes]]]] = {
    "vep": _vep,
    "dms-viz": _dms_viz,
    "mave": _mave,
}
"""What `write_formats` knows, by name."""
