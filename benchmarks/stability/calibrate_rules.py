"""Measure the substitution rules on public stability data, threshold by threshold.

    python -m benchmarks.stability.calibrate_rules DATA

DATA is a folder with ``S8754.tsv`` and ``structures/`` (ΔΔG of folding, positive = destabilising;
Xu, Liu & Gong, GeoStab, after ThermoMutDB and ProTherm). For each rule it prints how often it
fires, how many of these substitutions lose 1 kcal/mol or more (precision, with a bootstrap
interval over groups of homologous proteins), and the mean ΔΔG; then the same with what the model
predicts of rows whose proteins it has not seen (``direct.tsv``), from which the grades are chosen;
then for a grid of the thresholds that were chosen by it. Writes ``rules.tsv``.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd

from benchmarks.stability.accuracy import read_rows
from benchmarks.stability.direct import DIRECT
from epitope.features import ResidueAtoms, chain_table
from epitope.impact.site import Site, sites_of
from epitope.impact.verdicts.model import Verdict
from epitope.impact.verdicts.rules import RULES, substitution
from epitope.impact.verdicts.rules.substitution import SubstitutionRule
from epitope.impact.verdicts.rules.thresholds import RULE_AGAINST_P
from epitope.structure import read_structure, to_universe

DESTABILISING_KCAL_MOL = 1.0
MEASURED = Path(__file__).with_name("rules.tsv")
"""What is measured of each rule, from which docs/rules.md is written."""
GRID = {
    "BURIED_RSA": (0.05, 0.09, 0.15, 0.20, 0.25, 0.30),
    "CORE_RSA": (0.05, 0.09, 0.15, 0.20),
    "POLAR_RSA": (0.10, 0.20, 0.30, 0.40),
    "EXPOSED_RSA": (0.30, 0.40, 0.50, 0.60),
    "GLYCINE_RSA": (0.20, 0.30, 0.40, 0.50),
    "LARGE_TO_SMALL_A3": (15.0, 25.0, 40.0, 60.0),
    "SMALL_TO_LARGE_A3": (10.0, 25.0, 40.0, 60.0),
    "HYDROPATHY_DROP": (2.0, 4.0, 6.0),
    "HELIX_FIRST_TURN": (0, 1, 2, 3, 4, 5),
}


def sites(folder: Path, pdb: str, chain: str) -> dict[str, Site]:
    """Measure one chain and key its residues by author number with insertion code."""
    universe = to_universe(read_structure(folder / f"{pdb.lower()}.pdb.gz"))
    atoms = ResidueAtoms.from_atomgroup(universe.select_atoms(f"protein and chainID {chain}"))
    table = chain_table(atoms)
    partner = table["disulfide_index"].to_numpy()
    table["uniprot_position"] = np.arange(len(atoms))
    table["residue"] = atoms.letters
    table["disulfide_partner"] = pd.array(np.where(partner >= 0, partner, -1), dtype="Int64")
    table["disulfide_partner"] = table["disulfide_partner"].mask(partner < 0)
    keys = [f"{n}{c.strip()}" for n, c in zip(atoms.numbers, atoms.insertion_codes, strict=True)]
    return dict(zip(keys, sites_of(table, chain_alone=True).values(), strict=True))


def load(data: Path) -> pd.DataFrame:
    """Join the measured rows with the site that each is about."""
    rows = read_rows(data)
    measured = cache(lambda pdb, chain: sites(data / "structures", pdb, chain))
    rows["site"] = [
        measured(pdb, chain).get(residue)
        for pdb, chain, residue in zip(rows["pdb"], rows["chain"], rows["residue"], strict=True)
    ]
    wrong = [s is None or s.residue != w for s, w in zip(rows["site"], rows["wild_type"], strict=True)]
    print(
        f"{len(rows)} rows, {sum(wrong)} without a matching residue; "
        f"{100 * (rows['ddg_kcal_mol'] >= DESTABILISING_KCAL_MOL).mean():.0f} % lose 1 kcal/mol or more"
    )
    return rows[~np.array(wrong)]


def fired(rule: SubstitutionRule, rows: pd.DataFrame) -> np.ndarray:
    """Say for which rows a rule fires."""
    return np.array(
        [rule.fires(site, mutant) is not None for site, mutant in zip(rows["site"], rows["mutant"], strict=True)]
    )


def figures(rows: pd.DataFrame) -> dict[str, float]:
    """Return rows, groups, precision with its 90 % interval, and mean ΔΔG of the rows a rule fired for."""
    bad = rows["ddg_kcal_mol"] >= DESTABILISING_KCAL_MOL
    generator = np.random.default_rng(0)
    groups = [group.to_numpy() for _, group in bad.groupby(rows["cluster"])]
    draws = [
        np.concatenate([groups[i] for i in generator.integers(len(groups), size=len(groups))]).mean()
        for _ in range(500)
    ]
    low, high = np.percentile(draws, [5, 95])
    return {
        "rows": len(rows),
        "groups": len(groups),
        "precision": bad.mean(),
        "low": low,
        "high": high,
        "mean_kcal_mol": rows["ddg_kcal_mol"].mean(),
    }


def summary(name: str, rows: pd.DataFrame) -> str:
    """Describe the rows a rule fired for."""
    if rows.empty:
        return f"{name:38s} {0:5d}"
    found = figures(rows)
    return (
        f"{name:38s} {found['rows']:5d} {found['groups']:5d}   {found['precision']:.2f} "
        f"({found['low']:.2f}-{found['high']:.2f})   {found['mean_kcal_mol']:5.2f}"
    )


def main(data: Path) -> None:
    """Print the table for the rules as they are, then for the grid."""
    rows = load(data)
    rules = [rule for rule in RULES.values() if isinstance(rule, SubstitutionRule)]
    print(f"{'rule':38s} {'rows':>5s} {'groups':>5s}   precision (90 %)    mean ddG")
    any_fired = np.zeros(len(rows), dtype=bool)
    records = []
    for rule in rules:
        hits = fired(rule, rows)
        any_fired |= hits
        records.append({"rule": rule.id} | figures(rows[hits]))
        print(summary(rule.id, rows[hits]))
    pd.DataFrame(records).round(2).to_csv(MEASURED, sep="\t", index=False)
    print(summary("any rule", rows[any_fired]))
    print(summary("no rule", rows[~any_fired]))
    print("\nwith the prediction for unseen proteins")
    grades(rules, rows)
    print("\nthresholds")
    for constant, values in GRID.items():
        for value in values:
            grid(rules, rows, constant, value)


def grades(rules: list[SubstitutionRule], rows: pd.DataFrame) -> None:
    """Print precision by predicted probability, with and without a rule that argues for at risk."""
    keys = ["pdb", "chain", "residue", "wild_type", "mutant"]
    known = pd.read_csv(DIRECT, sep="\t", dtype={"residue": str})
    predicted = rows[keys].merge(known, on=keys, how="left")
    p, flagged = (predicted[f"mpnn_{name}"].to_numpy(float) for name in ("probability", "flagged"))
    against = np.zeros(len(rows), dtype=bool)
    for rule in rules:
        if rule.verdict is Verdict.AT_RISK:
            against |= fired(rule, rows)
    bands = {
        "flagged": flagged == 1,
        "P 0.50 to flag": (p >= 0.5) & (flagged == 0),
        "P 0.35 to 0.50": (p >= RULE_AGAINST_P) & (p < 0.5),
        "P 0.20 to 0.35": (p >= 0.2) & (p < RULE_AGAINST_P),
        "P below 0.20": p < 0.2,
    }
    for name, chosen in bands.items():
        print(summary(f"{name}, a rule fires", rows[chosen & against]))
        print(summary(f"{name}, none", rows[chosen & ~against]))


def grid(rules: list[SubstitutionRule], rows: pd.DataFrame, constant: str, value: float) -> None:
    """Print the rules that depend on one threshold, with that threshold set to a value."""
    chosen = getattr(substitution, constant)
    with patch.object(substitution, constant, value):
        for rule in rules:
            if constant in type(rule).fires.__code__.co_names:
                hits = fired(rule, rows)
            elif rule.unit == "RSA" and rule.threshold == chosen:
                with patch.object(type(rule), "threshold", value):
                    hits = fired(rule, rows)
            elif hasattr(rule, "matters") and constant in rule.matters.__code__.co_names:
                hits = fired(rule, rows)
            else:
                continue
            print(summary(f"{constant}={value:g} {rule.id.removeprefix('fold.')}", rows[hits]))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
