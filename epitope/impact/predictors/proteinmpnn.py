"""ProteinMPNN in numpy: how well each residue type fits a backbone and its neighbours.

ProteinMPNN (Dauparas et al., Science 2022, 378:49) is a message-passing network that
designs sequences. Asked the other way round, with every other residue given, its
log-probability of a mutant minus that of the wild type says how a substitution fits,
and follows the loss of stability. This module holds the forward pass only, for one
chain: no sampling, no training, no complexes. The weights are those of the original
(``v_48_020``: 48 neighbours, 0.20 Å noise), converted by
``benchmarks/stability/convert_proteinmpnn.py``; licence and citation stand beside them.

The network decodes residues in an order, and each sees the sequence of those before
it. Here the residue in question always comes last, so it sees all others. Doing so for
each of n residues would cost n passes; instead the chain is halved again and again:
once all residues outside a block are decoded, decoding one half of the block serves
every residue of the other half. The cost is n log n residue updates and the result is
exact, for the order that `decoding_order` spells out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float32]
    IntArray = NDArray[np.intp]
    BoolArray = NDArray[np.bool_]

__all__ = ["ALPHABET", "conditional_log_probabilities", "decoding_order", "load_weights"]

#: Order of the last axis of every result; X is any residue outside the twenty.
ALPHABET = "ACDEFGHIKLMNPQRSTVWYX"

# The architecture of v_48_020, fixed by its weights (Dauparas et al. 2022, supplement).
_NEIGHBOURS = 48
_LAYERS = 3
_MESSAGE_SCALE = 30.0
_MAX_OFFSET = 32
_RBF_CENTRES_A = np.linspace(2.0, 22.0, 16, dtype=np.float32)
_RBF_WIDTH_A = 20.0 / 16
_LAYER_NORM_EPSILON = 1e-5
_DISTANCE_EPSILON_A2 = 1e-6
# Ideal virtual Cβ from N, Cα, C, as the original places it.
_VIRTUAL_CB = (-0.58273431, 0.56802827, -0.54067466)
# erf(x) = 1 - (a1 t + ... + a5 t^5) exp(-x^2), t = 1 / (1 + p x), for x >= 0
# (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26).
_ERF_P = 0.3275911
_HALF_ERF_A = np.float32(0.5) * np.array(
    [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429], dtype=np.float32
)
_CHUNK = 1 << 14
# The 25 atom pairs of an edge, in the order of the weights: atoms N, CA, C, O, CB are 0 to 4.
_ATOM_PAIRS = np.array(
    [
        *[(1, 1), (0, 0), (2, 2), (3, 3), (4, 4), (1, 0), (1, 2), (1, 3), (1, 4), (0, 2)],
        *[(0, 3), (0, 4), (4, 2), (4, 3), (3, 2), (0, 1), (2, 1), (3, 1), (4, 1), (2, 0)],
        *[(3, 0), (4, 0), (2, 4), (3, 4), (2, 3)],
    ]
)
# Large matrices are stored as 16-bit integers with one float32 scale per column.
_SCALE_SUFFIX = "/scale"
_WEIGHTS_FILE = "proteinmpnn_v_48_020.npz"


@cache
def load_weights() -> Mapping[str, FloatArray]:
    """Load the packaged weights, as float32, under the names of the original.

    Returns
    -------
    Mapping[str, numpy.ndarray]
        Parameter name to array; linear layers are ``(out, in)``.
    """
    path = resources.files("epitope.impact.predictors") / "data" / _WEIGHTS_FILE
    with path.open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return {
        name: value.astype(np.float32) if value.dtype != np.int16 else value * arrays[name + _SCALE_SUFFIX]
        for name, value in arrays.items()
        if not name.endswith(_SCALE_SUFFIX)
    }


def conditional_log_probabilities(
    backbone_A: ArrayLike,
    sequence: str,
    residue_index: ArrayLike | None = None,
    wanted: ArrayLike | None = None,
) -> FloatArray:
    """Return log p(residue type | backbone, all other residues) at every position.

    Parameters
    ----------
    backbone_A : array_like, shape (n, 4, 3)
        Coordinates of N, Cα, C and O in Å. Residues that lack one of the four are left
        out by the caller, here and in ``sequence``, as the original masks them.
    sequence : str
        One letter per residue, ``X`` for anything outside the twenty.
    residue_index : array_like of int, shape (n,), optional
        Position along the chain. Unobserved residues are gaps in it. Counts up from 0
        by default.
    wanted : array_like of bool, shape (n,), optional
        Positions to answer for, all by default; few are faster.

    Returns
    -------
    numpy.ndarray, shape (n, 21), float32
        Natural logarithms, columns in the order of `ALPHABET`; NaN where not wanted.

    Raises
    ------
    ValueError
        If shapes disagree or a coordinate is not finite.

    Notes
    -----
    Agrees with the original to about 1e-4 for equal weights and decoding order. The
    side chains play no part: two structures with one backbone get one answer.

    Examples
    --------
    >>> import numpy as np
    >>> steps = np.arange(12)
    >>> helix = np.stack([2.3 * np.cos(1.745 * steps), 2.3 * np.sin(1.745 * steps), 1.5 * steps], 1)
    >>> offsets = np.array([[-0.8, -0.4, -1.1], [0, 0, 0], [0.8, 0.4, 1.1], [0.5, 0.5, 2.3]])
    >>> backbone = helix[:, None] + offsets
    >>> log_p = conditional_log_probabilities(backbone, "A" * 12)
    >>> log_p.shape
    (12, 21)
    >>> bool(np.allclose(np.exp(log_p).sum(axis=1), 1, atol=1e-4))
    True
    """
    from threadpoolctl import threadpool_limits

    backbone = np.asarray(backbone_A, dtype=np.float32)
    n = len(sequence)
    index = np.arange(n) if residue_index is None else np.asarray(residue_index, dtype=np.intp)
    mask = np.ones(n, dtype=bool) if wanted is None else np.asarray(wanted, dtype=bool)
    if backbone.shape != (n, 4, 3) or index.shape != (n,) or mask.shape != (n,):
        raise ValueError(f"backbone {backbone.shape} and index {index.shape} do not fit {n} residues")
    if not np.isfinite(backbone).all():
        raise ValueError("every backbone coordinate must be finite; leave incomplete residues out")
    if n == 0:
        return np.empty((0, len(ALPHABET)), dtype=np.float32)
    types = np.array([ALPHABET.find(letter) % len(ALPHABET) for letter in sequence])
    # Thousands of small products: threads would cost more to wake than they save, and on a
    # busy machine ten times as much.
    with threadpool_limits(limits=1, user_api="blas"):
        weights = load_weights()
        neighbours, edges = _edge_features(backbone, index, weights)
        nodes, edges = _encode(neighbours, edges, weights)
        return _Decoder(nodes, edges, neighbours, types, weights).run(mask)


def decoding_order(n_residues: int, last: int) -> IntArray:
    """Return the order in which residues are decoded when ``last`` is asked about.

    Parameters
    ----------
    n_residues : int
        Length of the chain.
    last : int
        The residue that comes last, counted from 0.

    Returns
    -------
    numpy.ndarray of int, shape (n_residues,)
        Residue indices, first decoded first.

    Examples
    --------
    >>> decoding_order(8, 2).tolist()
    [4, 5, 6, 7, 0, 1, 3, 2]
    """
    order: list[int] = []
    start, stop = 0, n_residues
    while stop - start > 1:
        middle = (start + stop) // 2
        if last < middle:
            order.extend(range(middle, stop))
            stop = middle
        else:
            order.extend(range(start, middle))
            start = middle
    return np.array([*order, last], dtype=np.intp)


def _linear(x: FloatArray, weights: Mapping[str, FloatArray], name: str) -> FloatArray:
    """Apply the linear layer ``name`` to the last axis."""
    out: FloatArray = x @ weights[f"{name}.weight"].T
    bias = weights.get(f"{name}.bias")
    return out if bias is None else out + bias


def _layer_norm(x: FloatArray, weights: Mapping[str, FloatArray], name: str) -> FloatArray:
    """Normalise the last axis to mean 0 and variance 1, then scale and shift."""
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = np.square(centred).mean(axis=-1, keepdims=True)
    centred /= np.sqrt(variance + np.float32(_LAYER_NORM_EPSILON))
    out: FloatArray = centred * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return out


def _gelu(x: FloatArray) -> FloatArray:
    """Gaussian error linear unit x Φ(x); overwrites and returns the contiguous ``x``.

    With erf by Abramowitz and Stegun 7.1.26, off by less than 2e-7 and several times
    faster than an exact erf; in chunks that stay in the processor's cache.
    """
    flat = x.reshape(-1)
    for start in range(0, flat.size, _CHUNK):
        part = flat[start : start + _CHUNK]
        size = np.abs(part)
        t = size * np.float32(_ERF_P * np.sqrt(0.5))
        t += 1
        np.reciprocal(t, out=t)
        tail = np.full_like(t, _HALF_ERF_A[-1])
        for coefficient in _HALF_ERF_A[-2::-1]:
            tail *= t
            tail += coefficient
        tail *= t
        tail *= size
        np.square(size, out=size)
        size *= np.float32(-0.5)
        tail *= np.exp(size, out=size)
        np.maximum(part, 0, out=part)
        part -= tail
    return x


def _feed_forward(x: FloatArray, weights: Mapping[str, FloatArray], name: str) -> FloatArray:
    """Apply the position-wise block of a layer."""
    return _linear(_gelu(_linear(x, weights, f"{name}.W_in")), weights, f"{name}.W_out")


def _edge_features(
    backbone: FloatArray, index: IntArray, weights: Mapping[str, FloatArray]
) -> tuple[IntArray, FloatArray]:
    """Return the neighbours ``(n, k)`` of each residue and the embedded edges ``(n, k, 128)``."""
    n_to_ca, ca_to_c = backbone[:, 1] - backbone[:, 0], backbone[:, 2] - backbone[:, 1]
    a, b, c = (np.float32(value) for value in _VIRTUAL_CB)
    beta = a * np.cross(n_to_ca, ca_to_c) + b * n_to_ca + c * ca_to_c + backbone[:, 1]
    atoms = np.concatenate([backbone, beta[:, None]], axis=1)
    neighbours = _nearest(backbone[:, 1])
    difference = atoms[:, None, _ATOM_PAIRS[:, 0]] - atoms[neighbours][:, :, _ATOM_PAIRS[:, 1]]
    distance = np.sqrt(np.square(difference).sum(axis=-1) + np.float32(_DISTANCE_EPSILON_A2))
    scaled = (distance[..., None] - _RBF_CENTRES_A) / np.float32(_RBF_WIDTH_A)
    radial = np.exp(-np.square(scaled)).reshape(*neighbours.shape, -1)
    offset = np.clip(index[:, None] - index[neighbours] + _MAX_OFFSET, 0, 2 * _MAX_OFFSET)
    prefix = "features.embeddings.linear"
    position = weights[f"{prefix}.weight"].T[offset] + weights[f"{prefix}.bias"]
    edges = _linear(np.concatenate([position, radial], axis=-1), weights, "features.edge_embedding")
    edges = _layer_norm(edges, weights, "features.norm_edges")
    return neighbours, _linear(edges, weights, "W_e")


def _nearest(alpha: FloatArray) -> IntArray:
    """Return the indices of the nearest Cα, itself included, shape ``(n, min(n, 48))``."""
    squared = np.square(alpha[:, None] - alpha[None]).sum(axis=-1)
    k = min(_NEIGHBOURS, len(alpha))
    return np.asarray(np.argsort(squared, axis=1, kind="stable")[:, :k], dtype=np.intp)


def _encode(
    neighbours: IntArray, edges: FloatArray, weights: Mapping[str, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Pass messages three times; return residue ``(n, 128)`` and edge ``(n, k, 128)`` states."""
    width = edges.shape[-1]
    k = np.float32(neighbours.shape[1])
    nodes = np.zeros((len(neighbours), width), dtype=np.float32)
    for layer in range(_LAYERS):
        name = f"encoder_layers.{layer}"
        hidden = _message(nodes, edges, neighbours, weights, name, ("W1", "W2"))
        total = hidden.sum(axis=1) @ weights[f"{name}.W3.weight"].T + k * weights[f"{name}.W3.bias"]
        nodes = _layer_norm(nodes + total / np.float32(_MESSAGE_SCALE), weights, f"{name}.norm1")
        nodes = _layer_norm(nodes + _feed_forward(nodes, weights, f"{name}.dense"), weights, f"{name}.norm2")
        hidden = _message(nodes, edges, neighbours, weights, name, ("W11", "W12"))
        edges = _layer_norm(edges + _linear(hidden, weights, f"{name}.W13"), weights, f"{name}.norm3")
    return nodes, edges


def _message(
    nodes: FloatArray,
    edges: FloatArray,
    neighbours: IntArray,
    weights: Mapping[str, FloatArray],
    layer: str,
    names: tuple[str, str],
) -> FloatArray:
    """Return the hidden message of each edge, before its last linear layer, ``(n, k, 128)``.

    The first linear layer acts on (residue, edge, neighbour) side by side; its three
    parts are applied apart, so that residues are not multiplied once per edge.
    """
    width = edges.shape[-1]
    first = weights[f"{layer}.{names[0]}.weight"]
    own, along, other = (first[:, part : part + width].T for part in range(0, 3 * width, width))
    hidden = edges @ along
    hidden += (nodes @ own + weights[f"{layer}.{names[0]}.bias"])[:, None]
    hidden += (nodes @ other)[neighbours]
    return _gelu(_linear(_gelu(hidden), weights, f"{layer}.{names[1]}"))


class _Decoder:
    """Decode every residue last, sharing the work between residues by halving blocks.

    ``seen[layer]`` holds what a decoded residue shows to later ones, its sequence and
    state; ``unseen[layer]`` what it shows before it is decoded, the encoder's state.
    """

    def __init__(
        self,
        nodes: FloatArray,
        edges: FloatArray,
        neighbours: IntArray,
        types: IntArray,
        weights: Mapping[str, FloatArray],
    ) -> None:
        width = nodes.shape[1]
        self.weights, self.neighbours, self.nodes = weights, neighbours, nodes
        self.decoded = np.zeros(len(nodes), dtype=bool)
        embedded = weights["W_s.weight"][types]
        self.own, self.along, self.other = [], [], []
        self.sequence, self.seen, self.unseen = [], [], []
        for layer in range(_LAYERS):
            first = weights[f"decoder_layers.{layer}.W1.weight"]
            own, along, letter, other = (first[:, part * width : (part + 1) * width].T for part in range(4))
            self.own.append(own)
            self.other.append(other)
            self.along.append(edges @ along + weights[f"decoder_layers.{layer}.W1.bias"])
            self.sequence.append(embedded @ letter)
            self.unseen.append(nodes @ other)
            self.seen.append(self.sequence[-1] + self.unseen[-1])

    def run(self, wanted: BoolArray) -> FloatArray:
        """Return the log-probabilities of every wanted residue decoded last, ``(n, 21)``."""
        last = np.full_like(self.nodes, np.nan)
        self._decode_each_last(0, len(self.nodes), wanted, last)
        logits = _linear(last, self.weights, "W_out")
        logits -= logits.max(axis=1, keepdims=True)
        return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), dtype=np.float32)

    def _decode_each_last(self, start: int, stop: int, wanted: BoolArray, last: FloatArray) -> None:
        """Fill ``last[start:stop]``, given that every residue outside the block is decoded."""
        if stop - start == 1:
            last[start] = self._decode(start, stop)[0]
            return
        middle = (start + stop) // 2
        for now, later in (((middle, stop), (start, middle)), ((start, middle), (middle, stop))):
            if not wanted[slice(*later)].any():
                continue
            self._decode(*now)
            self.decoded[slice(*now)] = True
            self._decode_each_last(*later, wanted, last)
            self.decoded[slice(*now)] = False

    def _decode(self, start: int, stop: int) -> FloatArray:
        """Decode a block in sequence order after all that is decoded; return its states."""
        neighbours = self.neighbours[start:stop]
        inside = (neighbours >= start) & (neighbours < np.arange(start, stop)[:, None])
        visible = (self.decoded[neighbours] | inside)[..., None]
        nodes = self.nodes[start:stop]
        k = np.float32(neighbours.shape[1])
        for layer in range(_LAYERS):
            name, weights = f"decoder_layers.{layer}", self.weights
            hidden = np.where(visible, self.seen[layer][neighbours], self.unseen[layer][neighbours])
            hidden += self.along[layer][start:stop]
            hidden += (nodes @ self.own[layer])[:, None]
            hidden = _gelu(_linear(_gelu(hidden), weights, f"{name}.W2"))
            total = hidden.sum(axis=1) @ weights[f"{name}.W3.weight"].T + k * weights[f"{name}.W3.bias"]
            nodes = _layer_norm(nodes + total / np.float32(_MESSAGE_SCALE), weights, f"{name}.norm1")
            nodes = _layer_norm(nodes + _feed_forward(nodes, weights, f"{name}.dense"), weights, f"{name}.norm2")
            if layer + 1 < _LAYERS:
                shown = self.sequence[layer + 1][start:stop] + nodes @ self.other[layer + 1]
                self.seen[layer + 1][start:stop] = shown
        return nodes
