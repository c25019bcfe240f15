"""Which residue of a chain is which position of the target.

A file's own reference (DBREF, struct_ref) is believed only where the sequence agrees;
otherwise, and where there is none, a local alignment decides. Author numbers take no part:
an expression tag may well carry numbers of the target.
Not for finding homologues: a chain below the identity threshold is another protein.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from epitope.structure.model import DatabaseReference, ResidueId, SequenceDifference

if TYPE_CHECKING:
    from Bio.Align import PairwiseAligner

# Orthologues of primates share 80-95 % of an antigen's ectodomain, mutants more; unrelated
# or merely homologous immunoglobulin domains stay below 40 % (Rost, Protein Eng 1999, 12:85).
MIN_IDENTITY = 0.70
# Local alignments of unrelated sequences reach short identical stretches by chance; 30
# residues at 70 % do not occur by chance (same source, the twilight zone ends at 25-35 %
# for 80 residues and rises for shorter ones). Shorter peptides need the file's reference.
MIN_ALIGNED = 30
# A matching run at the end of an alignment, behind a mismatch or gap, is taken for a tag
# that resembles the target by chance unless it is at least this long.
MIN_TERMINAL_RUN = 3
# BLOSUM62 with the penalties of NCBI BLASTP's default.
GAP_OPEN, GAP_EXTEND = -11.0, -1.0


@dataclass(frozen=True, slots=True)
class Mapping:
    """A chain laid on the target.

    ``positions`` has one entry per residue of the chain, ``None`` outside the target.
    ``identity`` is the fraction of ``aligned`` residues that are identical; ``method`` is
    "reference" or "alignment".
    """

    positions: tuple[int | None, ...]
    identity: float
    aligned: int
    method: str

    @property
    def matches(self) -> bool:
        """Whether the chain is the target."""
        enough = self.method == "reference" or self.aligned >= MIN_ALIGNED
        return enough and self.aligned > 0 and self.identity >= MIN_IDENTITY


def map_chain(
    letters: str,
    labels: Sequence[int],
    authors: Sequence[ResidueId | None],
    target_sequence: str,
    *,
    references: Sequence[DatabaseReference] = (),
    differences: Sequence[SequenceDifference] = (),
) -> Mapping:
    """Lay a chain on the target by the file's references, or else by alignment.

    Parameters
    ----------
    letters
        One-letter sequence of the chain, unobserved residues included where known.
    labels, authors
        Label number and author name of each residue.
    target_sequence
        Sequence of the target.
    references
        What the file says of this chain, already limited to the target's accession.
    differences
        Residues the file declares different; those that it calls a tag are not mapped.
    """
    tags = {difference.residue for difference in differences if difference.is_tag}
    stated = _by_references(labels, authors, references, tags)
    if any(stated):
        mapping = _judge(letters, stated, target_sequence, "reference")
        if mapping.matches:
            return mapping
    free = [author is None or author not in tags for author in authors]
    aligned = _settle(letters, authors, target_sequence, _align(letters, target_sequence))
    kept = [position if ok else None for position, ok in zip(aligned, free, strict=True)]
    return _judge(letters, kept, target_sequence, "alignment")


def _by_references(
    labels: Sequence[int],
    authors: Sequence[ResidueId | None],
    references: Sequence[DatabaseReference],
    tags: set[ResidueId],
) -> list[int | None]:
    """Count along each referenced stretch from its first residue."""
    positions: list[int | None] = [None] * len(labels)
    for reference in references:
        if reference.label:
            ends = [reference.begin, reference.end]
            names: list[object] = list(labels)
        else:
            ends_of = ((reference.begin, reference.begin_code), (reference.end, reference.end_code))
            names = [None if a is None else (a.number, a.insertion_code) for a in authors]
            if any(end not in names for end in ends_of):
                continue
            ends = [names.index(end) for end in ends_of]
            names = list(range(len(names)))
        if any(end not in names for end in ends):
            continue
        first, last = (names.index(end) for end in ends)
        if last - first != reference.database_end - reference.database_begin:
            continue  # insertions or deletions inside: the alignment knows better
        for index in range(first, last + 1):
            if authors[index] not in tags:
                positions[index] = reference.database_begin + index - first
    return positions


def _settle(
    letters: str, authors: Sequence[ResidueId | None], target: str, positions: list[int | None]
) -> list[int | None]:
    """Let author numbers choose between placements that the alignment cannot tell apart.

    Beside a gap in what was observed a residue often fits on either side of it. The most
    common offset between author number and position then places it, where the residue is
    the target's at that place and the order is kept. Residues outside the alignment stay
    outside, whatever their numbers.
    """
    inside = [index for index, position in enumerate(positions) if position is not None]
    plain = [(i, a.number) for i in inside if (a := authors[i]) is not None and not a.insertion_code]
    if not plain:
        return positions
    offset = Counter((positions[i] or 0) - number for i, number in plain).most_common(1)[0][0]
    settled = list(positions)
    for index, number in plain:
        if 1 <= number + offset <= len(target) and letters[index] == target[number + offset - 1]:
            settled[index] = number + offset
    placed = [position for position in settled if position is not None]
    increasing = all(a < b for a, b in pairwise(placed))
    return settled if increasing else positions


def _judge(letters: str, positions: Sequence[int | None], target: str, method: str) -> Mapping:
    """Count how many of the mapped residues are those of the target; X counts as neither."""
    positions = [p if p is not None and 1 <= p <= len(target) else None for p in positions]
    pairs = [
        (letter, target[position - 1])
        for letter, position in zip(letters, positions, strict=True)
        if position is not None and letter != "X"
    ]
    identical = sum(a == b for a, b in pairs)
    return Mapping(tuple(positions), identical / len(pairs) if pairs else 0.0, len(pairs), method)


@lru_cache(maxsize=1)
def _aligner() -> PairwiseAligner:
    from Bio.Align import PairwiseAligner, substitution_matrices

    aligner = PairwiseAligner(mode="local", open_gap_score=GAP_OPEN, extend_gap_score=GAP_EXTEND)
    aligner.substitution_matrix = substitution_matrices.load("BLOSUM62")
    return aligner


def _align(letters: str, target: str) -> list[int | None]:
    """Align locally; return the target's position for each residue, ``None`` outside."""
    positions: list[int | None] = [None] * len(letters)
    known = set("ACDEFGHIKLMNPQRSTVWYX")
    query = "".join(letter if letter in known else "X" for letter in letters)
    aligner = _aligner()
    # Biopython rejects "U" (selenocysteine) in a target with this matrix.
    subject = "".join(letter if letter in known else "X" for letter in target)
    if not query or aligner.score(subject, query) <= 0:
        return positions
    for (target_start, _), (start, end) in zip(*aligner.align(subject, query)[0].aligned, strict=True):
        for index in range(start, end):
            positions[index] = int(target_start + index - start) + 1
    _trim(letters, target, positions, forward=True)
    _trim(letters, target, positions, forward=False)
    return positions


def _trim(letters: str, target: str, positions: list[int | None], *, forward: bool) -> None:
    """Unmap terminal residues until a run of identical residues is long enough."""
    order = range(len(letters)) if forward else range(len(letters) - 1, -1, -1)
    step = 1 if forward else -1
    run: list[int] = []
    pending: list[int] = []
    for index in order:
        position = positions[index]
        if position is None:
            continue
        pending.append(index)
        consecutive = not run or (index - run[-1] == step and position - (positions[run[-1]] or 0) == step)
        same = letters[index] == target[position - 1]
        run = [*run, index] if same and consecutive else [index] if same else []
        if len(run) >= MIN_TERMINAL_RUN:
            for outside in pending[: -len(run)]:
                positions[outside] = None
            return
    for outside in pending:
        positions[outside] = None
