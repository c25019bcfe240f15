"""Thresholds that several rules share, each with its source.

How they were calibrated is told in ``docs/rules.md``; the script that repeats it is
``benchmarks/stability/calibrate_rules.py``.
"""

BURIED_RSA = 0.15
"""Relative accessibility below which a residue counts as buried."""
CORE_RSA = 0.09
"""Deep core, the cut-off of Missense3D (Ittisoponpisan et al., J Mol Biol 2019, 431:2197)."""
POLAR_RSA = 0.20
"""Hydrogen bonds and salt bridges of residues below this are shielded from water."""
GLYCINE_RSA = 0.30
"""Glycine brought into a strand or helix matters below this."""
EXPOSED_RSA = 0.40
"""Relative accessibility above which a residue is plainly on the surface."""
LARGE_TO_SMALL_A3 = 40.0
"""Loss of residue volume that leaves a cavity in the core: one and a half methylene groups."""
SMALL_TO_LARGE_A3 = 40.0
"""Gain of residue volume that does not fit into the core."""
HYDROPATHY_DROP = 2.0
"""Fall on the Kyte-Doolittle scale that counts as hydrophobic to hydrophilic."""
HELIX_FIRST_TURN = 3
"""Residues at the beginning of a helix whose amides bond to nothing, so that proline may stand there
(Richardson & Richardson, Science 1988, 240:1648)."""
RULE_AGAINST_P = 0.35
"""Predicted probability of a loss below which a rule on a substitution does not count."""
COMMON_ALLELE_FREQUENCY = 0.01
"""Allele frequency from which a variant counts as common, the customary limit of a polymorphism."""
