"""Trajectories made from the bundled complex by elastic-network modes, whose amplitudes are known.

Atilgan et al., Biophys J 2001, 80:505: springs between Cα within 15 Å; the softest modes move whole residues.
Each mode follows a sine of its own frequency over a whole number of periods, so that modes are uncorrelated and the
fluctuation of each Cα is known exactly.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

import epitope

CUTOFF_A = 15.0


@cache
def softest_modes(n_modes: int = 4) -> np.ndarray:
    """Return the softest internal modes of the antigen's Cα, shape (n_modes, n_residues, 3), each of length 1."""
    from scipy.linalg import eigh

    ca = epitope.load().antigen_atoms.ca
    apart = ca[:, None] - ca[None]
    square = (apart**2).sum(axis=-1)
    np.fill_diagonal(square, np.inf)
    springs = (
        -np.einsum("ijk,ijl->ijkl", apart, apart) / square[..., None, None] * (square < CUTOFF_A**2)[..., None, None]
    )
    springs[np.arange(len(ca)), np.arange(len(ca))] = -springs.sum(axis=1)
    hessian = springs.transpose(0, 2, 1, 3).reshape(3 * len(ca), 3 * len(ca))
    _, vectors = eigh(hessian, subset_by_index=(6, 5 + n_modes))
    return vectors.T.reshape(n_modes, len(ca), 3)


def antigen_in_motion(
    n_frames: int = 64, amplitudes_A: tuple[float, ...] = (6.0, 4.0, 3.0, 2.0)
) -> tuple[Any, np.ndarray]:
    """Return positions of the bundled complex with a moving antigen, and the RMSF of its Cα.

    Positions have the shape (n_frames, n_atoms, 3), those of `epitope.load().complex.universe`. In the first
    frame nothing is moved.
    """
    held = epitope.load()
    atoms, modes = held.complex.antigen, softest_modes(len(amplitudes_A))
    residue = np.searchsorted(atoms.residues.resindices, atoms.resindices)
    phase = 2 * np.pi * np.arange(n_frames)[:, None] / n_frames * np.arange(1, len(amplitudes_A) + 1)
    shares = np.sin(phase) * np.array(amplitudes_A)
    frames = np.repeat(held.complex.universe.atoms.positions[None].astype(np.float64), n_frames, axis=0)
    frames[:, atoms.indices] += np.einsum("fm,mrx->frx", shares, modes)[:, residue]
    rmsf = np.sqrt(np.einsum("m,mrx->r", np.array(amplitudes_A) ** 2 / 2, modes**2))
    return frames, rmsf


def universe_of(frames: np.ndarray, **box: Any) -> Any:
    """Return the bundled complex as a universe with these frames in memory."""
    from MDAnalysis import Merge
    from MDAnalysis.coordinates.memory import MemoryReader

    made = Merge(epitope.load().complex.universe.atoms)
    made.load_new(frames.astype(np.float32), format=MemoryReader, order="fac", **box)
    return made


RUNNING_NUMBERS = {"A": 0, "L": 400, "H": 800}
CHARMM = {"HIS": "HSD"}
AMBER = {"HIS": "HIE", "CYS": "CYX"}


def as_simulated(
    names: dict[str, str], *, chains: bool = False, segments: tuple[str, ...] = (), numbers: str = "running"
) -> Any:
    """Return the protein of the bundled complex as a simulation has it.

    With a hydrogen on each nitrogen, water, ions and lipid behind it, residue names of a force field, CD of
    isoleucine, no elements, and OXT or, with CHARMM's histidine, OT1 and OT2 at the ends of chains. ``numbers`` are
    "running" through all chains with room for gaps, "each" from 1 in each chain, or "closed": running without room.
    """
    import MDAnalysis

    held = epitope.load().complex
    rows: list[tuple[str, str, int, int, str, np.ndarray]] = []
    count = start = 0
    for chain, offset in RUNNING_NUMBERS.items():
        residues = held.protein.select_atoms(f"chainID {chain}").residues
        for n, residue in enumerate(residues):
            since = residue.resid - residues[0].resid + 1
            number = {"running": offset + since, "each": since, "closed": start + n + 1}[numbers]
            name = names.get(residue.resname, residue.resname)
            atoms = {
                ("CD" if (residue.resname, a.name) == ("ILE", "CD1") else a.name): a.position for a in residue.atoms
            }
            atoms["HN"] = atoms["N"] + np.array([0.6, 0.6, 0.5])
            if n == len(residues) - 1:
                atoms.setdefault("OXT", atoms["C"] + np.array([0.7, 0.7, 0.8]))
                if names is CHARMM:
                    atoms["OT1"], atoms["OT2"] = atoms.pop("O"), atoms.pop("OXT")
            rows += [(called, name, number, count, chain, xyz) for called, xyz in atoms.items()]
            count += 1
        start += len(residues)
    for n in range(60):
        kind = ("TIP3", "SOD", "POPC")[n % 3]
        atom = {"TIP3": "OH2", "SOD": "SOD", "POPC": "P"}[kind]
        rows.append((atom, kind, 2000 + n, count, "W", np.array([n * 2.0, 0.0, 0.0])))
        count += 1
    atoms, resnames, resids, residue_of, chain_of, xyz = zip(*rows, strict=True)
    _, firsts = np.unique(residue_of, return_index=True)
    order = list(dict.fromkeys(chain_of))
    segment_of = [order.index(chain_of[i]) if segments else 0 for i in firsts]
    made = MDAnalysis.Universe.empty(
        len(rows),
        count,
        len(order) if segments else 1,
        atom_resindex=residue_of,
        residue_segindex=segment_of,
        trajectory=True,
    )
    made.add_TopologyAttr("names", list(atoms))
    made.add_TopologyAttr("resnames", [resnames[i] for i in firsts])
    made.add_TopologyAttr("resids", [resids[i] for i in firsts])
    made.add_TopologyAttr("segids", [*segments, "WAT"] if segments else ["SYSTEM"])
    if chains:
        made.add_TopologyAttr("chainIDs", list(chain_of))
    made.atoms.positions = np.array(xyz)
    return made
