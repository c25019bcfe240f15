"""CI-SpliceAI in numpy: the probability that a base is a splice acceptor or donor.

CI-SpliceAI (Strauch et al., PLoS ONE 2022, 17:e0269159) is the network of SpliceAI
(Jaganathan et al., Cell 2019, 176:535) trained anew on collapsed GENCODE isoforms: five
residual networks of 32 dilated convolutions, whose probabilities are averaged. Each base
sees 5,000 bases on either side. This module holds the forward pass only. The weights are
those of the original, packed by ``benchmarks/splicing/convert_cispliceai.py``; licence
and citation stand beside them.

Almost all work is in the convolutions, and they are done by overlap and save: a stretch
of the sequence is transformed, multiplied frequency by frequency, and transformed back.
Every step is a matrix product of a size that BLAS likes, and the whole needs a fourth of
the multiplications of a direct sum.

A variant touches few bases. The layers see further one by one, so the activations
that a change can reach form a cone; `Reference` keeps those of the reference, and
`Member.mutant` computes the cone anew and takes the rest from there. The result is the
same as that of a pass over the whole mutant sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from importlib.resources.abc import Traversable

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

__all__ = ["ACCEPTOR", "CONTEXT", "DONOR", "Change", "score_mutants", "score_sites", "weights_version"]

#: Bases on either side of a base that its score depends on.
CONTEXT = 5000
#: Columns of a score; column 0 is "neither".
ACCEPTOR, DONOR = 1, 2

# The architecture, fixed by the weights: taps and dilation of each of the 16 residual
# blocks (two convolutions each); every fourth block feeds the output through a 1 x 1 layer.
_BLOCKS = [*[(11, 1)] * 4, *[(11, 4)] * 4, *[(21, 10)] * 4, *[(41, 25)] * 4]
_BLOCKS_PER_SKIP = 4
_MEMBERS = 5
_CHANNELS = 32
_WEIGHTS_FILE = "cispliceai_1.2.2.npz"
# How a convolution is stored: `unpack`.
_LOW, _HIGH, _SCALE = "low", "high", "scale"
# Rows of one transform are a multiple of this, so that few sizes occur.
_ROW_STEP = 4


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a sequence: ``deleted`` bases from ``start`` (0-based) give way to ``inserted``."""

    start: int
    deleted: int
    inserted: str

    @property
    def shift(self) -> int:
        """By how many bases the sequence grows (negative: shrinks)."""
        return len(self.inserted) - self.deleted

    def apply(self, sequence: str) -> str:
        """Return the changed sequence.

        Examples
        --------
        >>> Change(2, 1, "TT").apply("AACAA")
        'AATTAA'
        """
        return sequence[: self.start] + self.inserted + sequence[self.start + self.deleted :]


def score_sites(sequence: str) -> FloatArray:
    """Return the probability of neither, acceptor and donor at every base of a transcript strand.

    Parameters
    ----------
    sequence : str
        Unspliced sequence, 5' to 3' in the sense of the transcript. Anything but A, C, G
        and T is unknown.

    Returns
    -------
    numpy.ndarray, shape (len(sequence), 3), float32
        Columns *neither*, *acceptor* (the first base of an exon) and *donor* (the last
        base of an exon).

    Notes
    -----
    What lies outside the sequence is unknown to the network, as an N within it. The
    original was trained, and annotates, with everything outside the gene unknown.

    Examples
    --------
    >>> exon = "ATGGCCGAGCTGAAGGAGCTGCAGGAGAAG"
    >>> intron = "GTAAGTGGCTTGGCAGCCTGTCCTGACTCTCTTTCCCTTCCTTCTGTTTCTAG"
    >>> score_sites(exon + intron + exon).shape
    (113, 3)
    """
    total = np.zeros((len(sequence), 3), dtype=np.float32)
    if sequence:
        with _one_thread():
            for member in members():
                total += member.reference(sequence).scores
    return total / np.float32(_MEMBERS)


def score_mutants(
    sequence: str, changes: Sequence[Change], window: int
) -> tuple[FloatArray, list[tuple[int, FloatArray]]]:
    """Score a sequence, and each of its mutants around the change.

    Parameters
    ----------
    sequence : str
        The reference, as for `score_sites`.
    changes : sequence of Change
        Each is applied alone.
    window : int
        How many bases before and after the change are scored in the mutant.

    Returns
    -------
    reference : numpy.ndarray, shape (len(sequence), 3)
        What `score_sites` gives for the reference.
    mutants : list of (int, numpy.ndarray)
        For each change the first base scored, in the mutant's coordinates, and the scores
        from there, shape ``(n, 3)``.
    """
    reference = np.zeros((len(sequence), 3), dtype=np.float32)
    mutants: list[tuple[int, FloatArray]] = []
    with _one_thread():
        for number, member in enumerate(members()):
            states = member.reference(sequence, keep=True)
            reference += states.scores
            for index, change in enumerate(changes):
                first, scores = member.mutant(states, change, window)
                if number == 0:
                    mutants.append((first, scores))
                else:
                    mutants[index][1][:] += scores
    size = np.float32(_MEMBERS)
    return reference / size, [(first, scores / size) for first, scores in mutants]


@cache
def weights_version() -> str:
    """Return the first 12 hexadecimal digits of the SHA-256 of the packed weights."""
    return sha256(_weights_path().read_bytes()).hexdigest()[:12]


@cache
def members() -> tuple[Member, ...]:
    """Load the networks of the ensemble from the packaged weights."""
    with _weights_path().open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
        arrays = unpack({name: archive[name] for name in archive.files})
    return ensemble(arrays)


def ensemble(arrays: Mapping[str, FloatArray]) -> tuple[Member, ...]:
    """Return the networks whose weights are stacked along the first axis of each array."""
    return tuple(Member({name: stack[number] for name, stack in arrays.items()}) for number in range(_MEMBERS))


def unpack(archive: Mapping[str, NDArray[np.generic]]) -> dict[str, FloatArray]:
    """Return the arrays of a weights file as float32.

    Convolutions are stored as integers with one scale per network and output channel; the
    low byte and the rest stand in two arrays, because the rest compresses well.
    """
    arrays = {}
    for name, value in archive.items():
        stem, _, part = name.rpartition("/")
        if part == _LOW:
            whole = value.astype(np.float32) + 256 * archive[f"{stem}/{_HIGH}"].astype(np.float32)
            arrays[stem] = whole * archive[f"{stem}/{_SCALE}"].astype(np.float32)
        elif not stem:
            arrays[name] = value.astype(np.float32)
    return arrays


def _weights_path() -> Traversable:
    """Return where the packed weights are."""
    return resources.files("epitope.variant.splice_model") / "data" / _WEIGHTS_FILE


def _one_thread() -> AbstractContextManager[object]:
    """Return a context in which BLAS uses one thread: the products are too small to share."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits


class Convolution:
    """A dilated convolution along the sequence without padding, by overlap and save.

    Parameters
    ----------
    weight : numpy.ndarray, shape (taps, channels, channels)
        Taps in the order of the sequence, then input and output channel.
    bias : numpy.ndarray, shape (channels,)
        Added to every base.
    dilation : int
        Distance of neighbouring taps, in bases.
    """

    def __init__(self, weight: FloatArray, bias: FloatArray, dilation: int) -> None:
        self.weight, self.bias, self.dilation = weight, bias, dilation
        self.half = (len(weight) - 1) * dilation // 2
        self._spectra: dict[int, FloatArray] = {}

    def __call__(self, x: FloatArray) -> FloatArray:
        """Return the convolution of ``(n, channels)``, shorter by ``half`` at both ends."""
        taps, width = len(self.weight), x.shape[1] * self.dilation
        n_out = len(x) - 2 * self.half
        # A row is `dilation` bases: along rows, the convolution is an ordinary one.
        n_rows = -(-n_out // self.dilation)
        wanted = n_rows / max(1, round(n_rows / max(taps - 1, 6 * _ROW_STEP)))
        rows = _ROW_STEP * int(-(-wanted // _ROW_STEP))
        stretches = -(-n_rows // rows)
        size = rows + taps - 1
        missing = (stretches * rows + taps - 1) * self.dilation - len(x)
        if missing > 0:
            x = np.concatenate([x, np.zeros((missing, x.shape[1]), dtype=np.float32)])
        forward, backward = _transform(size, rows)
        flat = np.ascontiguousarray(x).reshape(-1)
        step = flat.itemsize
        overlapping = np.lib.stride_tricks.as_strided(
            flat, (stretches, size, width), (rows * width * step, width * step, step), writeable=False
        )
        split = (stretches, size // 2, 2, self.dilation, x.shape[1])
        paired = (forward @ overlapping).reshape(split).transpose(1, 0, 3, 2, 4)
        product = paired.reshape(size // 2, -1, 2 * x.shape[1]) @ self._spectrum(size)
        parts = product.reshape(paired.shape).transpose(1, 0, 3, 2, 4).reshape(stretches, size, width)
        out: FloatArray = np.matmul(backward, parts).reshape(-1, x.shape[1])[:n_out]
        out += self.bias
        return out

    def _spectrum(self, size: int) -> FloatArray:
        """Return the weights of each pair of rows of `_transform`, shape ``(size / 2, 2 c, 2 c)``."""
        if size not in self._spectra:
            taps, channels, _ = self.weight.shape
            forward, _ = _transform(size, 1)
            # The kernel is correlated, not convolved: its spectrum is the conjugate.
            spectrum = forward[:, :taps] @ self.weight.reshape(taps, -1)
            spectrum = spectrum.reshape(size // 2, 2, channels, channels)
            real, imaginary = spectrum[:, 0], -spectrum[:, 1]
            pairs = np.empty((size // 2, 2 * channels, 2 * channels), dtype=np.float32)
            pairs[:, :channels, :channels] = pairs[:, channels:, channels:] = real
            pairs[:, :channels, channels:], pairs[:, channels:, :channels] = imaginary, -imaginary
            # The first pair is the constant and the fastest wave, both real.
            pairs[0] = 0
            pairs[0, :channels, :channels], pairs[0, channels:, channels:] = spectrum[0]
            self._spectra[size] = pairs
        return self._spectra[size]


@cache
def _transform(size: int, rows: int) -> tuple[FloatArray, FloatArray]:
    """Return the discrete Fourier transform of real numbers, and the first rows of its inverse, as matrices.

    Spectra are laid out in pairs of rows: real and imaginary part of each frequency, but
    the constant and the fastest wave, which are real, share the first pair.
    """
    place = np.arange(size)
    angle = 2 * np.pi / size * (np.arange(1, size // 2)[:, None] * place % size)
    forward = np.empty((size, size))
    forward[0], forward[1] = 1, 1 - 2 * (place % 2)
    forward[2::2], forward[3::2] = np.cos(angle), -np.sin(angle)
    backward = forward.T[:rows] * (np.where(place < 2, 1, 2) / size)
    return forward.astype(np.float32), np.ascontiguousarray(backward, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Activations of consecutive bases; ``first`` is the base of row 0."""

    first: int
    values: FloatArray

    def rows(self, start: int, stop: int) -> FloatArray:
        """Return the rows of bases ``start`` to ``stop``, the last excluded."""
        return self.values[start - self.first : stop - self.first]


@dataclass(frozen=True, slots=True)
class Reference:
    """What one network computed for a reference: scores, and each block's input and middle."""

    scores: FloatArray
    inputs: list[Stretch]
    middles: list[Stretch]


@dataclass(frozen=True, slots=True)
class _Block:
    """A residual block: normalise, rectify, convolve, rectify, convolve, add."""

    scale: FloatArray
    offset: FloatArray
    first: Convolution
    second: Convolution

    def middle(self, x: FloatArray) -> FloatArray:
        """Return what stands between the two convolutions."""
        x = x * self.scale
        x += self.offset
        hidden = self.first(np.maximum(x, 0, out=x))
        return np.maximum(hidden, 0, out=hidden)


class Member:
    """One network of the ensemble.

    Parameters
    ----------
    weights : Mapping[str, numpy.ndarray]
        Arrays under the names that the converter gives them.
    """

    def __init__(self, weights: Mapping[str, FloatArray]) -> None:
        self._weights = weights
        self._blocks = []
        for number, (_, dilation) in enumerate(_BLOCKS):
            name = f"block{number}"
            first, second = (
                Convolution(weights[f"{name}.{which}.weight"], weights[f"{name}.{which}.bias"], dilation)
                for which in ("first", "second")
            )
            self._blocks.append(_Block(weights[f"{name}.scale"], weights[f"{name}.offset"], first, second))

    def reference(self, sequence: str, *, keep: bool = False) -> Reference:
        """Score a sequence; keep the activations if mutants are to follow."""
        padding = "N" * CONTEXT
        stretch = Stretch(-CONTEXT, self._embed(padding + sequence + padding))
        inputs, middles = [], []
        total = self._skip(0, stretch.rows(0, len(sequence)))
        for number, block in enumerate(self._blocks):
            middle = Stretch(stretch.first + block.first.half, block.middle(stretch.values))
            if keep:
                inputs.append(stretch)
                middles.append(middle)
            out = block.second(middle.values)
            first = middle.first + block.second.half
            out += stretch.rows(first, first + len(out))
            stretch = Stretch(first, out)
            if (number + 1) % _BLOCKS_PER_SKIP == 0:
                total += self._skip((number + 1) // _BLOCKS_PER_SKIP, stretch.rows(0, len(sequence)))
        inputs.append(stretch)
        return Reference(self._softmax(total), inputs, middles)

    def mutant(self, reference: Reference, change: Change, window: int) -> tuple[int, FloatArray]:
        """Score the bases around a change; return the first base scored and the scores.

        Parameters
        ----------
        reference : Reference
            Of the unchanged sequence, with activations.
        change : Change
            What changes.
        window : int
            Bases scored on either side, fewer at an end of the sequence.

        Returns
        -------
        first : int
            The first base scored, in the mutant's coordinates.
        scores : numpy.ndarray, shape (n, 3)
            As `score_sites` gives them for the mutant sequence.
        """
        low, high = change.start, change.start + len(change.inserted)
        size = len(reference.scores) + change.shift
        start, stop = max(0, low - window), min(size, high + window)
        # `changed` holds the bases low to high, all that differ from the reference and are needed.
        changed = self._embed(change.inserted)
        reach = CONTEXT
        total = self._skip(0, _join(reference.inputs[0], changed, (low, high), (start, stop), change.shift))
        for number, block in enumerate(self._blocks):
            half = block.first.half
            kept, kept_middle = reference.inputs[number], reference.middles[number]
            reach -= half
            inner = max(low - half, start - reach), min(high + half, stop + reach)
            around = inner[0] - half, inner[1] + half
            middle = block.middle(_join(kept, changed, (low, high), around, change.shift))
            reach -= half
            outer = max(inner[0] - half, start - reach), min(inner[1] + half, stop + reach)
            around = outer[0] - half, outer[1] + half
            out = block.second(_join(kept_middle, middle, inner, around, change.shift))
            out += _join(kept, changed, (low, high), outer, change.shift)
            changed, (low, high) = out, outer
            if (number + 1) % _BLOCKS_PER_SKIP == 0:
                rows = _join(reference.inputs[number + 1], changed, outer, (start, stop), change.shift)
                total += self._skip((number + 1) // _BLOCKS_PER_SKIP, rows)
        return start, self._softmax(total)

    def _embed(self, sequence: str) -> FloatArray:
        """Return the input layer's output for each base."""
        table = np.tile(self._weights["input.bias"], (256, 1))
        for row, base in zip(self._weights["input.weight"], b"ACGT", strict=True):
            table[[base, base | 0x20]] += row
        codes = np.frombuffer(sequence.encode("latin-1", "replace"), dtype=np.uint8)
        embedded: FloatArray = table[codes]
        return embedded

    def _skip(self, number: int, x: FloatArray) -> FloatArray:
        """Apply the 1 x 1 layer that feeds the output."""
        out: FloatArray = x @ self._weights[f"skip{number}.weight"] + self._weights[f"skip{number}.bias"]
        return out

    def _softmax(self, total: FloatArray) -> FloatArray:
        """Turn the sum of the skips into probabilities."""
        logits = total @ self._weights["output.weight"] + self._weights["output.bias"]
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        scores: FloatArray = logits / logits.sum(axis=1, keepdims=True)
        return scores


def _join(
    kept: Stretch, changed: FloatArray, bounds: tuple[int, int], wanted: tuple[int, int], shift: int
) -> FloatArray:
    """Return the rows ``wanted`` of a mutant: changed ones within ``bounds``, the reference's around them."""
    (low, high), (start, stop) = bounds, wanted
    if low <= start and stop <= high:
        return changed[start - low : stop - low]
    left, right = kept.rows(start, max(low, start)), kept.rows(min(high, stop) - shift, stop - shift)
    return np.concatenate([left, changed[max(start - low, 0) : stop - low], right])
