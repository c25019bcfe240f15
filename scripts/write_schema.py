"""Write docs/tables.md and the list in docs/rules.md from the code, so that the pages cannot lie.

python scripts/write_schema.py
"""

from __future__ import annotations

import csv
from pathlib import Path

from epitope.bulk.columns import ATLAS_SUMMARY_COLUMNS, INTERFACE_COLUMNS, SURVEY_RESIDUE_COLUMNS
from epitope.bulk.columns import CONTACT_COLUMNS as SURVEY_CONTACT_COLUMNS
from epitope.features.columns import residue_columns
from epitope.features.dynamics import SUMMARY_COLUMNS
from epitope.features.frames import CONTACT_COLUMNS, FRAME_COLUMNS, RMSF_COLUMNS, SITE_COLUMNS
from epitope.features.interactions import INTERACTION_COLUMNS
from epitope.features.paratope import PARATOPE_COLUMNS
from epitope.impact.antibodies import ANTIBODY_COLUMNS, EPITOPE_COLUMNS, OVERLAP_COLUMNS
from epitope.impact.binders import BINDER_COLUMNS
from epitope.impact.nucleotides import NUCLEOTIDE_COLUMNS
from epitope.impact.scan import ATLAS_COLUMNS, CANDIDATE_COLUMNS
from epitope.impact.verdicts.rules import RULES
from epitope.show.annotated_vcf import ENTRY_PARTS
from epitope.show.tables import ASSESSMENT_COLUMNS
from epitope.target import load_target

DOCS = Path(__file__).parent.parent / "docs"
PAGE, RULES_PAGE = DOCS / "tables.md", DOCS / "rules.md"
BEGIN, END = "<!-- rules: written by scripts/write_schema.py -->", "<!-- end of rules -->"
NOTED = "nothing, noted"
MEASURED = Path(__file__).parent.parent / "benchmarks" / "stability" / "rules.tsv"
ELSEWHERE = {
    "fold.stability_model": "[stability](stability.md)",
    "epitope.hot_spot": "[binding](binding.md)",
}
"""Where the evidence for a rule stands that is none on a single substitution."""
DISTANCES = {
    "residue_1": "the first residue, measured against each other one",
    "residue_2": "the other residue",
    "side_chain_centroid_A": "distance of the side-chain centroids (atoms present, Cα excluded), Å",
    "min_heavy_atom_A": "smallest distance of heavy atoms, Å",
    "ca_A": "distance of the Cα, Å",
    "cb_A": "distance of the Cβ, Å (ideal position for Gly)",
    "side_chain_complete_1": "whether residue_1 has all side-chain atoms; if not, its centroid is that of a stump",
    "side_chain_complete_2": "the same for residue_2",
}


def section(title: str, words: str, columns: dict[str, str]) -> str:
    """Write one table of columns."""
    rows = "\n".join(f"| `{name}` | {what} |" for name, what in columns.items())
    return f"## {title}\n\n{words}\n\n| column | what it holds |\n|---|---|\n{rows}\n"


def page() -> str:
    """Write the whole page."""
    return "\n".join(
        [
            "# Tables\n",
            "Written by `scripts/write_schema.py`. Missing values are empty in CSV and `null` in JSON; what the",
            "crystal does not show is missing, never zero. Units are in the names.\n",
            section(
                "Assessments",
                "`epitope.assess(…)`, `epitope assess`, `assessments.csv`: one row per variant, in the order given. "
                'JSON is `{"provenance": {…}, "given": […], "assessments": […]}` ([verify](verify.md)); with the extra '
                "`vrs` each assessment also has `vrs`, [its VRS identifiers](formats.md#ga4gh-vrs-identifiers).",
                ASSESSMENT_COLUMNS,
            ),
            section(
                "Residues",
                "`epitope.load().residues`, `epitope residues`: one row per UniProt position of the antigen.",
                residue_columns(load_target().epitopes[0].loops),
            ),
            section(
                "Atlas",
                "`epitope.scan()`, `epitope scan`, `atlas.csv`, `atlas.parquet`: one row per change; "
                "see [the atlas](atlas.md).",
                ATLAS_COLUMNS,
            ),
            section(
                "Candidates",
                "`epitope.top_candidates(…)`, `candidates.csv`: one row per position and label.",
                CANDIDATE_COLUMNS,
            ),
            section(
                "Compared antibodies",
                "`epitope.compare(…).summary`, `antibodies.csv`: one row per antibody; see [comparing](compare.md).",
                ANTIBODY_COLUMNS,
            ),
            section(
                "Compared epitopes",
                "`epitope.compare(…).table`, `epitope compare --csv`, `epitopes.csv`: one row per residue of any "
                "epitope and antibody.",
                EPITOPE_COLUMNS,
            ),
            section(
                "Overlap of epitopes",
                "`epitope.compare(…).overlap`, `overlap.csv`: one row per pair of antibodies that structures show.",
                OVERLAP_COLUMNS,
            ),
            section(
                "Paratopes",
                "`epitope.compare(…).paratope`, `paratope.csv`: one row per position of a CDR that differs, and of the "
                "framework within 5 Å of the antigen.",
                PARATOPE_COLUMNS,
            ),
            section(
                "Single nucleotides",
                "`epitope scan --format vep`: `atlas.tsv.gz`, one row per allele (its first four columns are called "
                "`#CHROM POS REF ALT`), and `atlas.vcf.gz`, where the others are INFO fields; see "
                "[formats](formats.md#ensembl-vep).",
                NUCLEOTIDE_COLUMNS,
            ),
            section(
                "An annotated VCF file",
                "`epitope assess --vcf … --out …`: the parts of an entry of the INFO field `EPITOPE`, separated by "
                "bars; see [formats](formats.md#an-annotated-vcf-file).",
                ENTRY_PARTS,
            ),
            section(
                "Contacts",
                "`epitope.contacts(…)`, `epitope contacts`, `contacts.csv`: one row per hydrogen bond and water, "
                "and one per pair of residues of every other kind; see [contacts](contacts.md).",
                INTERACTION_COLUMNS | {"lost_by": "names of the variants given that lose the contact"},
            ),
            section(
                "Binders",
                "`epitope.binders()`, `epitope target binders --csv`: one row per position that any binder of the "
                "target touches or needs, and binder; see [comparing](compare.md#every-binder-of-the-target).",
                BINDER_COLUMNS,
            ),
            section(
                "Frames of a trajectory",
                "`epitope.dynamics(…).frames`, `frames.csv`, `frames.parquet`: one row per frame; see "
                "[trajectories](dynamics.md).",
                FRAME_COLUMNS,
            ),
            section(
                "Summary of a trajectory",
                "`epitope.dynamics(…).summary`, `summary.json`: one row per column of the table of frames. Angles are "
                "counted within 180° of the first frame's.",
                SUMMARY_COLUMNS,
            ),
            section(
                "Contacts over the frames",
                "`epitope.dynamics(…).contacts`, `contacts.csv`: one row per pair of residues ever within 4.0 Å.",
                CONTACT_COLUMNS,
            ),
            section(
                "Fluctuations",
                "`epitope.dynamics(…).fluctuations`, `rmsf.csv`: one row per residue with a Cα.",
                RMSF_COLUMNS,
            ),
            section(
                "Sites of variants over the frames",
                "`epitope.dynamics(…, variants=…).sites`, `sites.csv`: one row per variant, residue and partner.",
                SITE_COLUMNS,
            ),
            section(
                "Surveys: one row per structure",
                "`epitope survey --out x.parquet`, in a folder `interface.parquet`; the last seven with `--atlas` "
                "alone. Lists are lists in Parquet and joined by blanks in CSV; see [surveys](survey.md).",
                INTERFACE_COLUMNS | ATLAS_SUMMARY_COLUMNS,
            ),
            section(
                "Surveys: interface residues",
                "`residues.parquet` of a survey in a folder: one row per antigen residue within 5 Å of what binds.",
                SURVEY_RESIDUE_COLUMNS,
            ),
            section(
                "Surveys: contacts",
                "`contacts.parquet` of a survey in a folder: one row per pair of residues within 5 Å.",
                SURVEY_CONTACT_COLUMNS,
            ),
            section("Distances", "`epitope distances`: one row per pair.", DISTANCES),
        ]
    )


def evidence() -> dict[str, str]:
    """Write, by rule, how often it was right of the measured substitutions it fired for."""
    with MEASURED.open(encoding="utf-8") as handle:
        return ELSEWHERE | {
            row["rule"]: f"{float(row['precision']):.2f} ({float(row['low']):.2f}–{float(row['high']):.2f}), "
            f"{row['rows']} rows in {row['groups']} groups"
            for row in csv.DictReader(handle, delimiter="\t")
        }


def rules_page(text: str) -> str:
    """Put the list of rules between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    known = evidence()
    rows = "\n".join(
        f"| `{rule.id}` | {(rule.__doc__ or '').splitlines()[0]} "
        f"| {NOTED if rule.verdict == 'intact' else rule.verdict} "
        f"| {'' if rule.threshold is None else rule.threshold} {rule.unit} | {rule.source} "
        f"| {known.get(rule.id, 'not calibrated')} |"
        for rule in RULES.values()
    )
    titles = ("rule", "what it looks for", "argues for, at most", "threshold", "source", "right, of measured ones")
    head = f"| {' | '.join(titles)} |\n{'|---' * len(titles)}|"
    return f"{before}{BEGIN}\n\n{head}\n{rows}\n\n{END}{after}"


if __name__ == "__main__":
    RULES_PAGE.write_text(rules_page(RULES_PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
