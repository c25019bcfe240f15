"""What the tests of this room share: the bundled complex and some assessed variants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import epitope
from tests.trajectory import antigen_in_motion, universe_of

VARIANTS = ["p.Phe61del", "p.Ser269Ter", "L174V", "R163L", "T42R", "ex2part", "ex2skip", "p.Gly60del"]
HOSTILE = '</script><script>window.hacked=1</script><img src=x onerror="window.hacked=1">\'"`$x_1$'


@pytest.fixture(scope="session")
def structure():
    return epitope.load()


@pytest.fixture(scope="session")
def rows(structure):
    return epitope.assess_each([*VARIANTS, HOSTILE, "A" * 10_000], structure)


@pytest.fixture(scope="session")
def provenance(structure):
    return epitope.provenance(structure, "epitope report")


@pytest.fixture(scope="session")
def tables(structure):
    atlas = pd.DataFrame(
        [
            {
                "uniprot_position": p,
                "kind": "substitution",
                "reference": structure.target.residue(p),
                "alternate": a,
                "ddg_kcal_mol": (p * 7 + i) % 11 / 3 - 1,
            }
            for p in range(48, 138)
            for i, a in enumerate("ACDEFGHIKLMNPQRSTVWY")
        ]
    )
    cohort = pd.DataFrame(
        {
            "sample": ["R1", "R2"],
            "mechanism": ["CD19 mutation", "low RNA"],
            "mutations": [2, 0],
            "other_allele_state": ["both copies kept", "not measured"],
            "rna_low": ["no", "yes"],
        }
    )
    junctions = pd.DataFrame(
        {"sample": ["a", "b", "c"], "event": "ex2part", "ratio_percent": [5.0, np.nan, 31.0],
         "ratio_low_percent": [3.0, np.nan, 25.0], "ratio_high_percent": [8.0, np.nan, np.inf]}
    )  # fmt: skip
    comparison = epitope.compare(structure, "blinatumomab")
    frames = antigen_in_motion(12)[0]
    frames[1:] += np.random.default_rng(2).normal(0, 0.2, frames[1:].shape)
    dynamics = epitope.dynamics(universe_of(frames, dt=250.0), variants=["R163L", "p.Phe61del"], area_every=4)
    return {
        "atlas": atlas,
        "cohort": cohort,
        "junctions": junctions,
        "comparison": comparison,
        "dynamics": dynamics,
    }
