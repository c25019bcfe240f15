"""Convert the weights of CI-SpliceAI and record what the original answers.

Run once, in an environment of its own with TensorFlow (which `epitope` does not need)::

    pip install tensorflow-cpu threadpoolctl biopython && pip download --no-deps cispliceai==1.2.2
    unzip cispliceai-1.2.2-py3-none-any.whl -d cispliceai
    PYTHONPATH=. python benchmarks/splicing/convert_cispliceai.py weights cispliceai
    PYTHONPATH=. python benchmarks/splicing/convert_cispliceai.py reference cispliceai

``weights`` writes ``epitope/variant/splice_model/data/cispliceai_1.2.2.npz``. The five
networks keep their own weights; the second normalisation of each block is folded into
the convolution in front of it, and convolutions are rounded to few bits (`_BITS`).
``reference`` runs the original graph in TensorFlow on CD19, on mutants of it and on
random sequences, prints how far the forward pass in numpy is from it, with the original's
weights and with the packed ones, and writes ``tests/data/cispliceai_reference.npz``: the
original's scores of CD19 and of the mutants.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

from epitope.target import load_target
from epitope.variant.splice_model import network
from epitope.variant.splice_model.network import Change
from epitope.variant.splice_model.scores import gene_sequence

_ROOT = Path(__file__).resolve().parents[2]
_WEIGHTS = _ROOT / "epitope" / "variant" / "splice_model" / "data" / "cispliceai_1.2.2.npz"
_REFERENCE = _ROOT / "tests" / "data" / "cispliceai_reference.npz"
_GRAPH = Path("cispliceai") / "data" / "CI-SpliceAI.pb"
_MEMBERS, _BLOCKS, _BLOCKS_PER_SKIP = 5, 16, 4
# Bits of a convolution's weight; 8 would move scores by up to 1e-2, 10 by 3e-3, 11 by 1.5e-3.
_BITS = 11
# Mutants of CD19 that the original is asked about: c.88+5G>A, c.89-2A>G, a deletion of three
# bases in exon 2 (c.183_185del), the duplication of two bases at the donor of exon 3, and a
# deletion that takes the donor of exon 4 away.
_CHANGES = (
    Change(122, 1, "A"),
    Change(373, 1, "G"),
    Change(469, 3, ""),
    Change(1144, 0, "GT"),
    Change(1532, 14, ""),
)
# Network, tap, input and output channel.
_CONVOLUTION_AXES = 4


def graph_of(folder: Path) -> tf.compat.v1.GraphDef:
    """Read the frozen graph of the original."""
    graph = tf.compat.v1.GraphDef()
    graph.ParseFromString((folder / _GRAPH).read_bytes())
    return graph


def original_weights(folder: Path) -> dict[str, np.ndarray]:
    """Return the weights as `epitope.variant.splice_model.network` names and stacks them, in single precision."""
    constants = {node.name: node.attr["value"].tensor for node in graph_of(folder).node if node.op == "Const"}
    networks = [_one_network(constants, f"_{member}" if member else "") for member in range(_MEMBERS)]
    return {name: np.stack([arrays[name] for arrays in networks]).astype(np.float32) for name in networks[0]}


def _one_network(constants: dict[str, object], suffix: str) -> dict[str, np.ndarray]:
    """Return the weights of one network of the ensemble, which ``suffix`` tells apart.

    The layers are numbered through: input, first skip, then blocks of two convolutions
    with a skip after every fourth, then the output.
    """

    def read(name: str) -> np.ndarray:
        return tf.make_ndarray(constants[name]).astype(np.float64)

    def layer(number: int) -> tuple[np.ndarray, np.ndarray]:
        name = f"model_1/conv1d_{number}"
        kernel = read(f"{name}/conv1d{suffix}/ExpandDims_1/ReadVariableOp/resource")
        return kernel, read(f"{name}/BiasAdd{suffix}/ReadVariableOp/resource")

    def normalisation(number: int) -> tuple[np.ndarray, np.ndarray]:
        name = f"model_1/batch_normalization_{number}/batchnorm{suffix}"
        variance, gamma, mean, beta = (
            read(f"{name}/{part}/resource")
            for part in ("ReadVariableOp", "mul/ReadVariableOp", "ReadVariableOp_1", "ReadVariableOp_2")
        )
        scale = gamma / np.sqrt(variance + read(f"{name}/add/y"))
        return scale, beta - mean * scale

    arrays = {}

    def put(name: str, weight: np.ndarray, bias: np.ndarray) -> None:
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = weight, bias

    for name, number in (("input", 1), ("skip0", 2), ("output", 39)):
        weight, bias = layer(number)
        put(name, weight[0], bias)
    number = 2
    for block in range(_BLOCKS):
        arrays[f"block{block}.scale"], arrays[f"block{block}.offset"] = normalisation(2 * block + 1)
        scale, offset = normalisation(2 * block + 2)
        weight, bias = layer(number + 1)
        put(f"block{block}.first", weight * scale, bias * scale + offset)
        put(f"block{block}.second", *layer(number + 2))
        number += 2
        if (block + 1) % _BLOCKS_PER_SKIP == 0:
            number += 1
            weight, bias = layer(number)
            put(f"skip{(block + 1) // _BLOCKS_PER_SKIP}", weight[0], bias)
    return arrays


def pack(arrays: dict[str, np.ndarray], bits: int = _BITS) -> dict[str, np.ndarray]:
    """Return the arrays as `network.unpack` reads them, convolutions rounded to ``bits`` bits."""
    packed = {}
    for name, array in arrays.items():
        if array.ndim < _CONVOLUTION_AXES:
            packed[name] = array
            continue
        scale = np.abs(array).max(axis=(1, 2), keepdims=True) / (2 ** (bits - 1) - 1)
        whole = np.round(array / scale).astype(np.int16)
        packed[f"{name}/low"] = (whole & 0xFF).astype(np.uint8)
        packed[f"{name}/high"] = (whole >> 8).astype(np.int8)
        packed[f"{name}/scale"] = scale.astype(np.float32)
    return packed


def write_weights(folder: Path) -> None:
    """Write the packed weights."""
    np.savez_compressed(_WEIGHTS, **pack(original_weights(folder)))
    print(f"{_WEIGHTS.name}: {_WEIGHTS.stat().st_size / 1e6:.2f} MB")


def original_answer(folder: Path, sequences: list[str]) -> list[np.ndarray]:
    """Run the original graph on each sequence, with everything around it unknown."""
    graph = graph_of(folder)
    wrapped = tf.compat.v1.wrap_function(lambda: tf.compat.v1.import_graph_def(graph, name=""), [])
    ends = [wrapped.graph.as_graph_element(f"{graph.node[index].name}:0") for index in (0, -1)]
    run = wrapped.prune(ends[0], ends[1])
    answers = []
    for sequence in sequences:
        one_hot = np.zeros((1, len(sequence) + 2 * network.CONTEXT, 4), dtype=np.float32)
        for column, base in enumerate("ACGT"):
            hits = [network.CONTEXT + place for place, letter in enumerate(sequence) if letter == base]
            one_hot[0, hits, column] = 1
        answers.append(np.asarray(run(tf.constant(one_hot)))[0])
    return answers


def largest_difference(answers: list[np.ndarray], sequences: list[str], arrays: dict[str, np.ndarray]) -> float:
    """Return how far the forward pass in numpy is from the original's answers, given weights."""
    networks = network.ensemble(arrays)
    network.members = lambda: networks
    pairs = zip(answers, sequences, strict=True)
    return max(float(np.abs(network.score_sites(sequence) - answer).max()) for answer, sequence in pairs)


def write_reference(folder: Path) -> None:
    """Store the original's answers for CD19, and print how far the package is from it."""
    reference = gene_sequence(load_target().transcript).bases
    mutants = [change.apply(reference) for change in _CHANGES]
    generator = np.random.default_rng(0)
    random = ["".join(generator.choice(list("ACGTN"), size, p=[0.24] * 4 + [0.04])) for size in (1, 900, 3000)]
    sequences = [reference, *mutants, *random]
    answers = original_answer(folder, sequences)
    exact = original_weights(folder)
    for label, arrays in (("the original's weights", exact), ("packed weights", network.unpack(pack(exact)))):
        for what, part in (("CD19 and mutants", slice(len(mutants) + 1)), ("random", slice(len(mutants) + 1, None))):
            difference = largest_difference(answers[part], sequences[part], arrays)
            print(f"{label}, {what}: largest difference {difference:.1e}")
    stored = {f"scores{number}": answer.astype(np.float16) for number, answer in enumerate(answers[: len(mutants) + 1])}
    np.savez_compressed(
        _REFERENCE,
        sequence=reference,
        changes=np.array([f"{change.start} {change.deleted} {change.inserted}" for change in _CHANGES]),
        **stored,
    )
    print(f"{_REFERENCE.name}: {_REFERENCE.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in ("weights", "reference"):
        {"weights": write_weights, "reference": write_reference}[sys.argv[1]](Path(sys.argv[2]))
    else:
        sys.exit(__doc__)
