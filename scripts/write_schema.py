"""Write docs/tables.md from the schemas in the code, so that the page cannot lie.

    python scripts/write_schema.py
"""

from __future__ import annotations

from pathlib import Path

from epitope.features.columns import residue_columns
from epitope.show.tables import ASSESSMENT_COLUMNS
from epitope.target import load_target

PAGE = Path(__file__).parent.parent / "docs" / "tables.md"
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
                'JSON is `{"provenance": {…}, "assessments": […]}`.',
                ASSESSMENT_COLUMNS,
            ),
            section(
                "Residues",
                "`epitope.load().residues`, `epitope residues`: one row per UniProt position of the antigen.",
                residue_columns(load_target().epitope.loops),
            ),
            section("Distances", "`epitope distances`: one row per pair.", DISTANCES),
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
