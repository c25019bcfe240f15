"""Stills of the molecule: one function for each, all drawn on the same stage.

Which parts are shown is decided by `epitope.show.presets`, how by `epitope.show.figures.stills`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from epitope.show.figures.registry import FigureInput
from epitope.show.figures.stills import still
from epitope.show.presets import scene

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def overview(given: FigureInput) -> Figure:
    """Draw the whole complex."""
    return still(given, scene(given.structure, "overview", given.assessments))


def epitope(given: FigureInput) -> Figure:
    """Draw the epitope with its contact residues."""
    return still(given, scene(given.structure, "epitope"))


def interface(given: FigureInput) -> Figure:
    """Draw both sides of the interface with the bonds between them."""
    return still(given, scene(given.structure, "interface"))


def site(given: FigureInput) -> Figure:
    """Draw the first variant's residue, or one that was named, with its neighbours and distances."""
    return still(given, scene(given.structure, "site", given.assessments, site=given.site))


def disulfides(given: FigureInput) -> Figure:
    """Draw the disulfides of the antigen."""
    return still(given, scene(given.structure, "disulfides", given.assessments))


def isoform(given: FigureInput) -> Figure:
    """Draw what an RNA event removes, the first of the target where none is named."""
    return still(given, scene(given.structure, "isoform", isoform=given.isoform))


def atlas(given: FigureInput) -> Figure:
    """Draw the antigen coloured by the mean predicted ΔΔG of the substitutions at each position."""
    table = given.atlas
    assert table is not None
    mean = table[table["kind"] == "substitution"].groupby("uniprot_position")["ddg_kcal_mol"].mean().dropna()
    values = dict(zip(mean.index.astype(int).tolist(), mean.astype(float).tolist(), strict=True))
    return still(given, scene(given.structure, "atlas", values=values, unit="kcal/mol, mean ΔΔG"))


def rmsf(given: FigureInput) -> Figure:
    """Draw the antigen coloured by the fluctuation of its residues in a trajectory."""
    found = given.dynamics
    assert found is not None
    table = found.fluctuations[found.fluctuations["side"] == "antigen"]
    values = dict(zip(table["position"].astype(int).tolist(), table["rmsf_A"].tolist(), strict=True))
    return still(given, scene(given.structure, "atlas", values=values, unit="Å, RMSF"))
