"""Thresholds that several rules share, each with its source.

How they were calibrated is told in ``docs/rules.md``; the script that repeats it is
``benchmarks/stability/calibrate_rules.py``.
"""

BURIED_RSA = 0.15
"""Relative accessibility below which a residue counts as buried."""
CORE_RSA = 0.09
"""Deep core, the cut-off of Missense3D (Ittisoponpisan et al., J Mol Biol 2019, 431:2197)."""
LARGE_TO_SMALL_A3 = 25.0
"""Loss of residue volume that leaves a cavity in the core."""
SMALL_TO_LARGE_A3 = 25.0
"""Gain of residue volume that does not fit into the core."""
HYDROPATHY_DROP = 4.0
"""Fall on the Kyte-Doolittle scale that counts as hydrophobic to hydrophilic."""
EXPOSED_RSA = 0.40
"""Relative accessibility above which a residue is plainly on the surface."""
