"""Compute the table of splice scores of CD19: every small change of the known genomic sequence, and published ones.

Takes a tenth of a second for each change, two hours in all, on one core::

    PYTHONPATH=. nice python benchmarks/splicing/compute_table.py FOLDER
    PYTHONPATH=. python benchmarks/splicing/compute_table.py FOLDER write
    PYTHONPATH=. python benchmarks/splicing/compute_table.py published

The first command computes chunk by chunk, coding exons and their neighbourhood first, and
keeps each chunk in FOLDER; stopped, it goes on where it was. The second packs the chunks
that are there into ``epitope/variant/splice_model/data/table_cd19.npz`` and says what is
covered. Substitutions, deletions of 1 to 3 bases, insertions of 1 base, duplications of
2 and 3 bases. The third adds, within seconds, longer changes of the target's published cohorts.
"""

from __future__ import annotations

import pickle
import sys
import time
from pathlib import Path

import numpy as np

from epitope.errors import VariantError
from epitope.target import load_target
from epitope.target.model import Transcript
from epitope.variant.hgvs.alleles import consequence_of
from epitope.variant.hgvs.edit import edit_of
from epitope.variant.hgvs.grammar import DnaText, parse
from epitope.variant.hgvs.transcript_map import transcript_map_of
from epitope.variant.model import SpliceModelUse, Variant
from epitope.variant.readers.published import published_cohort
from epitope.variant.splice_model.network import Change, weights_version
from epitope.variant.splice_model.scores import GeneSequence, gene_sequence, normalise, score_variants
from epitope.variant.splice_model.table import Table, changes_at, pack, sequence_version

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


def published_changes() -> list[Change]:
    """Return the changes of DNA in the published cohorts of the target, within its gene."""
    target = load_target()
    reference, gene = transcript_map_of(target), gene_sequence(target.transcript)
    found = []
    for variant in (variant for cohort in target.cohorts for variant in published_cohort(cohort.name, target)):
        if not isinstance(variant, Variant):
            continue
        text = consequence_of(variant, target, splice_model=SpliceModelUse.OFF).hgvs_g
        if text:
            parsed = parse(Variant(text), target)
            assert isinstance(parsed, DnaText)
            least = edit_of(text, parsed, reference).least
            try:
                found.append(normalise(gene.bases, least.start - reference.exons[0][0], least.ref, least.alt))
            except VariantError as error:
                print(f"{variant.text}: left out ({error})")
    return list(dict.fromkeys(found))


def add_published() -> None:
    """Add the published changes that the table does not hold."""
    sequence = gene_sequence(load_target().transcript).bases
    with np.load(_TABLE) as archive:
        table = Table({name: archive[name] for name in archive.files})
    rows = [(change, table.events(change) or ()) for change in table.changes()]
    missing = [change for change in published_changes() if table.events(change) is None]
    rows += [(scores.change, scores.events) for scores in score_variants(sequence, missing)]
    np.savez_compressed(_TABLE, **pack(sequence, rows, weights_version()))
    print(f"{_TABLE.name}: {len(missing)} published changes added, {_TABLE.stat().st_size / 1e3:.0f} kB")


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
    if sys.argv[1:] == ["published"]:
        add_published()
        sys.exit()
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["write"]):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), bool(sys.argv[2:]))
