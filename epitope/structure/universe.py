"""A clean structure to an MDAnalysis `Universe`, in memory.

The arrays go straight from one library to the other, without a temporary file. Importing
MDAnalysis takes longer than most measurements, so a universe is made where one is asked for. Not a
reader: cleaning is the business of `epitope.structure.read`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gemmi
    import MDAnalysis

    from epitope.structure.atoms import AtomArrays


def to_universe(structure: gemmi.Structure) -> MDAnalysis.Universe:
    """Build a universe of the first model of a cleaned structure.

    Residues come in the order of the structure, chain by chain, so the n-th residue of the
    model is ``universe.residues[n]``. Author numbering throughout: ``chainIDs`` and
    ``segids`` are author chains, ``resids`` author numbers, ``icodes`` insertion codes. No
    periodic box is set: distances are those within the file's own coordinates.

    Parameters
    ----------
    structure
        As `epitope.structure.read.read_structure` returns it.

    Returns
    -------
    MDAnalysis.Universe
        With names, elements, types, record_types, occupancies, tempfactors, chainIDs,
        resnames, resids, resnums, icodes, segids and positions in ångström.

    Examples
    --------
    >>> from epitope.structure import bundled_structure, read_structure
    >>> universe = to_universe(read_structure(bundled_structure()))
    >>> universe.select_atoms("chainID A and resid 61 and name CA").resnames[0]
    'PHE'
    """
    from epitope.structure.atoms import AtomArrays

    return universe_of(AtomArrays.from_structure(structure))


def universe_of(atoms: AtomArrays) -> MDAnalysis.Universe:
    """Build a universe of all atoms of a structure; see `to_universe`."""
    import warnings

    import numpy as np

    with warnings.catch_warnings():  # in a notebook, its progress bars complain of missing widgets
        warnings.simplefilter("ignore")
        import MDAnalysis
    from MDAnalysis.coordinates.memory import MemoryReader
    from MDAnalysis.core import topologyattrs as attr
    from MDAnalysis.core.topology import Topology

    first = atoms.residue_starts
    chain_of_residue = atoms.chainIDs[first]
    chains = list(dict.fromkeys(chain_of_residue.tolist()))
    texts = {name: getattr(atoms, name).astype(object) for name in ("names", "elements", "record_types", "chainIDs")}
    topology = Topology(
        len(atoms),
        len(first),
        len(chains),
        attrs=[
            attr.Atomnames(texts["names"]),
            attr.Elements(texts["elements"]),
            attr.Atomtypes(texts["elements"].copy()),
            attr.RecordTypes(texts["record_types"]),
            attr.Occupancies(atoms.occupancies.copy()),
            attr.Tempfactors(atoms.tempfactors.copy()),
            attr.ChainIDs(texts["chainIDs"]),
            attr.Resids(atoms.resids[first]),
            attr.Resnums(atoms.resids[first]),
            attr.Resnames(atoms.resnames[first].astype(object)),
            attr.ICodes(atoms.icodes[first].astype(object)),
            attr.Segids(np.array(chains, dtype=object)),
        ],
        atom_resindex=atoms.resindices,
        residue_segindex=np.array([chains.index(name) for name in chain_of_residue.tolist()], dtype=np.int64),
    )
    return MDAnalysis.Universe(topology, atoms.positions[np.newaxis].copy(), format=MemoryReader, order="fac")
