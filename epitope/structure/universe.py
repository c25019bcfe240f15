"""A clean gemmi structure to an MDAnalysis `Universe`, in memory.

The arrays go straight from one library to the other, without a temporary file. Not a
reader: cleaning is the business of `epitope.structure.read`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gemmi
    import MDAnalysis


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
    import warnings

    import numpy as np

    with warnings.catch_warnings():  # in a notebook, its progress bars complain of missing widgets
        warnings.simplefilter("ignore")
        import MDAnalysis
    from MDAnalysis.coordinates.memory import MemoryReader
    from MDAnalysis.core import topologyattrs as attr
    from MDAnalysis.core.topology import Topology

    model = structure[0]
    residues = [(i, residue) for i, chain in enumerate(model) for residue in chain]
    sizes = [len(residue) for _, residue in residues]
    atoms = [atom for _, residue in residues for atom in residue]
    chain_of_residue = np.array([i for i, _ in residues], dtype=np.int64)
    residue_of_atom = np.repeat(np.arange(len(residues)), sizes)
    chains = np.array([chain.name for chain in model], dtype=object)
    elements = np.array([atom.element.name for atom in atoms], dtype=object)
    resids = np.array([residue.seqid.num for _, residue in residues], dtype=np.int64)
    records = np.array(["HETATM" if r.het_flag == "H" else "ATOM" for _, r in residues], dtype=object)
    topology = Topology(
        len(atoms),
        len(residues),
        len(chains),
        attrs=[
            attr.Atomnames(np.array([atom.name for atom in atoms], dtype=object)),
            attr.Elements(elements),
            attr.Atomtypes(elements.copy()),
            attr.RecordTypes(records[residue_of_atom]),
            attr.Occupancies(np.array([atom.occ for atom in atoms], dtype=np.float32)),
            attr.Tempfactors(np.array([atom.b_iso for atom in atoms], dtype=np.float32)),
            attr.ChainIDs(chains[chain_of_residue][residue_of_atom]),
            attr.Resids(resids),
            attr.Resnums(resids.copy()),
            attr.Resnames(np.array([residue.name for _, residue in residues], dtype=object)),
            attr.ICodes(np.array([r.seqid.icode.strip() for _, r in residues], dtype=object)),
            attr.Segids(chains),
        ],
        atom_resindex=residue_of_atom,
        residue_segindex=chain_of_residue,
    )
    positions = np.array([atom.pos.tolist() for atom in atoms], dtype=np.float32).reshape(-1, 3)
    return MDAnalysis.Universe(topology, positions[np.newaxis], format=MemoryReader, order="fac")
