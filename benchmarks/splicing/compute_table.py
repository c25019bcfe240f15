"""Compute the table of splice scores of CD19: every small change of the known genomic sequence.

Takes a tenth of a second for each change, two hours in all, on one core::

    PYTHONPATH=. nice python benchmarks/splicing/compute_table.py FOLDER
    PYTHONPATH=. python benchmarks/splicing/compute_table.py FOLDER write

The first command computes chunk by chunk, coding exons and their neighbourhood first, and
keeps each chunk in FOLDER; stopped, it goes on where it was. The second packs the chunks
that are there into ``epitope/variant/splice_model/data/table_cd19.npz`` and says what is
covered. Substitutions, deletions of 1 to 3 bases, insertions of 1 base, duplications of
2 and 3 bases.
"""

from __future__ import annotations

import pickle
import sys
import time
from pathlib import Path

import numpy as np

from epitope.target import load_target
from epitope.target.model import Transcript
from epitope.variant.splice_model.network import Change, weights_version
from epitope.variant.splice_model.scores import GeneSequence, gene_sequence, score_variants
from epitope.variant.splice_model.table import changes_at, pack, sequence_version

_ROOT = Path(__file__).resolve().parents[2]
_TABLE = _ROOT / "epitope" / "variant" / "splice_model" / "data" / "table_cd19.npz"
_CHUNK = 500
# How far from an exon a change comes early.
_NEAR = 50


def wanted_changes(transcript: Transcript, gene: GeneSequence) -> list[Change]:
    """Return the changes of the gene's contiguous known sequence, those nearest to exons first."""
    genome = transcript.genomic_start, transcript.genomic_start + len(transcript.genomic_sequence) - 1
    ends = sorted(gene.index(position) for position in genome)
    first, stop = max(ends[0], 0), min(ends[1] + 1, len(gene.bases))
    exons = [sorted((gene.index(exon.start), gene.index(exon.end))) for exon in transcript.exons]

    def distance(position: int) -> int:
        away = min(max(start - position, position - end, 0) for start, end in exons)
        return away // _NEAR

    positions = sorted(range(first, stop), key=distance)
    return list(dict.fromkeys(change for position in positions for change in changes_at(gene.bases, position)))


def main(folder: Path, write: bool) -> None:
    """Compute what is missing, or pack what is there."""
    transcript = load_target().transcript
    gene = gene_sequence(transcript)
    sequence, changes = gene.bases, wanted_changes(transcript, gene)
    folder.mkdir(parents=True, exist_ok=True)
    key = f"{weights_version()}_{sequence_version(sequence)}"
    chunks = [changes[start : start + _CHUNK] for start in range(0, len(changes), _CHUNK)]
    paths = [folder / f"{key}_{number:03}.pickle" for number in range(len(chunks))]
    if write:
        rows = [row for path in paths if path.exists() for row in pickle.loads(path.read_bytes())]
        np.savez_compressed(_TABLE, **pack(sequence, rows, weights_version()))
        print(f"{_TABLE.name}: {len(rows)} of {len(changes)} changes, {_TABLE.stat().st_size / 1e3:.0f} kB")
        return
    begun = time.monotonic()
    for number, (chunk, path) in enumerate(zip(chunks, paths, strict=True), start=1):
        if not path.exists():
            rows = [
                (change, scores.events) for change, scores in zip(chunk, score_variants(sequence, chunk), strict=True)
            ]
            path.write_bytes(pickle.dumps(rows))
        print(f"{number} of {len(chunks)} chunks, {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["write"]):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), bool(sys.argv[2:]))
