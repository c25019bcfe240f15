"""CI-SpliceAI in numpy answers as the original network does, and says what a variant does to a site."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from epitope.errors import VariantError
from epitope.target import load_target
from epitope.variant.splice_model.network import (
    _BLOCKS,
    ACCEPTOR,
    DONOR,
    Change,
    Convolution,
    score_mutants,
    score_sites,
)
from epitope.variant.splice_model.scores import (
    EVENT_THRESHOLD,
    WINDOW,
    gene_sequence,
    normalise,
    score_variant,
    score_variants,
)

# Written by benchmarks/splicing/convert_cispliceai.py: scores of CD19 and of mutants of it that
# the original network gives (TensorFlow, its own single-precision weights), in half precision.
REFERENCE = Path(__file__).parents[1] / "data" / "cispliceai_reference.npz"
TOLERANCE = 5e-3
# Exons whose introns are known on both sides.
KNOWN_EXONS = range(1, 10)


@pytest.fixture(scope="module")
def original():
    with np.load(REFERENCE) as archive:
        return {name: archive[name] for name in archive.files}


@pytest.fixture(scope="module")
def transcript():
    return load_target().transcript


@pytest.fixture(scope="module")
def gene(transcript):
    return gene_sequence(transcript)


@pytest.fixture(scope="module")
def exons(transcript, gene):
    """First and last base of each exon, by its number."""
    return {exon.number: (gene.index(exon.start), gene.index(exon.end)) for exon in transcript.exons}


@pytest.fixture(scope="module")
def gene_scores(gene):
    return score_sites(gene.bases)


def random_sequence(size, seed=0):
    return "".join(np.random.default_rng(seed).choice(list("ACGT"), size))


def test_scores_of_cd19_are_those_of_the_original(original):
    ours = score_sites(str(original["sequence"]))
    assert np.abs(ours - original["scores0"]).max() < TOLERANCE


def test_scores_of_mutants_are_those_of_the_original(original):
    changes = []
    for text in original["changes"]:
        start, deleted, inserted = str(text).split(" ")
        changes.append(Change(int(start), int(deleted), inserted))
    _, mutants = score_mutants(str(original["sequence"]), changes, WINDOW)
    for number, (first, ours) in enumerate(mutants, start=1):
        theirs = original[f"scores{number}"]
        assert np.abs(ours - theirs[first : first + len(ours)]).max() < TOLERANCE


def test_the_stored_answers_are_for_the_bundled_target(original, gene):
    assert str(original["sequence"]) == gene.bases


@pytest.mark.parametrize(("taps", "dilation"), sorted(set(_BLOCKS)))
@pytest.mark.parametrize("size", [1, 37, 1004, 2600])
def test_a_convolution_is_the_sum_over_its_taps(taps, dilation, size):
    generator = np.random.default_rng(size)
    weight = generator.normal(size=(taps, 32, 32)).astype(np.float32)
    bias = generator.normal(size=32).astype(np.float32)
    x = generator.normal(size=(size + (taps - 1) * dilation, 32)).astype(np.float32)
    direct = bias + sum(x[tap * dilation : tap * dilation + size] @ weight[tap] for tap in range(taps))
    assert np.allclose(Convolution(weight, bias, dilation)(x), direct, atol=1e-3)


@pytest.mark.parametrize("window", [1, 60, 5000])
@pytest.mark.parametrize("change", [Change(0, 0, "A"), Change(150, 1, "G"), Change(299, 1, ""), Change(90, 7, "ACC")])
def test_a_mutant_scores_as_its_whole_sequence_does(change, window):
    sequence = random_sequence(300)
    _, ((first, scores),) = score_mutants(sequence, [change], window)
    whole = score_sites(change.apply(sequence))
    assert len(scores) == min(len(whole), change.start + len(change.inserted) + window) - first
    assert np.allclose(scores, whole[first : first + len(scores)], atol=1e-5)


def test_probabilities_sum_to_one_and_an_empty_sequence_has_none():
    assert np.allclose(score_sites("ACGTNNNNacgt").sum(axis=1), 1, atol=1e-5)
    assert score_sites("").shape == (0, 3)


def test_lower_case_is_read_as_upper_case():
    assert np.array_equal(score_sites("acgtACGTacgt"), score_sites("ACGTACGTACGT"))


def test_the_sites_of_cd19_are_found(exons, gene_scores):
    donors = [gene_scores[exons[number][1], DONOR] for number in KNOWN_EXONS]
    acceptors = [gene_scores[exons[number][0], ACCEPTOR] for number in KNOWN_EXONS if number > 1]
    assert min(donors) > 0.4
    assert min(acceptors) > 0.6
    assert np.median(donors) > 0.95
    assert np.median(acceptors) > 0.95


def test_no_other_base_of_cd19_scores_as_a_site_does(exons, gene_scores):
    rest = gene_scores.copy()
    for start, end in exons.values():
        if end < len(rest):
            rest[start, ACCEPTOR] = rest[end, DONOR] = 0
    assert rest[:, [ACCEPTOR, DONOR]].max() < 0.2


def test_every_site_is_lost_with_its_invariant_bases(exons, gene):
    lost = [("donor", exons[number][1], exons[number][1] + 1) for number in KNOWN_EXONS]
    lost += [("acceptor", exons[number][0], exons[number][0] - 2) for number in KNOWN_EXONS if number > 1]
    changes = [Change(place, 1, "C") for _, _, place in lost]
    for (kind, site, _), scores in zip(lost, score_variants(gene.bases, changes, window=50), strict=True):
        loss = next(event for event in scores.events if (event.kind, event.position) == (kind, site))
        assert loss.mutant < 0.02
        assert loss.delta < -0.4


@pytest.mark.parametrize(
    ("exon", "offset", "ref", "alt", "low", "high"),
    [
        (2, 5, "G", "A", -0.9, -0.5),  # c.355+5G>A weakens the donor of exon 2
        (1, 5, "G", "A", 0, 0),  # c.88+5G>A does not: the donor of exon 1 stays
        (1, 2, "T", "C", -0.5, -0.2),  # c.88+2T>C, GC in place of GT: a weak donor
    ],
)
def test_changes_beside_the_invariant_bases(exon, offset, ref, alt, low, high, exons, gene):
    site = exons[exon][1]
    events = score_variant(gene.bases, site + offset, ref, alt, window=50).events
    assert low <= sum(event.delta for event in events if event.position == site) <= high


@pytest.mark.parametrize(
    ("start", "ref", "alt", "change"),
    [
        (3, "A", "C", Change(3, 1, "C")),
        (2, "CA", "CC", Change(3, 1, "C")),
        (5, "A", "", Change(3, 1, "")),
        (6, "", "A", Change(3, 0, "A")),
        (4, "AA", "A", Change(3, 1, "")),
        (1, "GC", "GCGC", Change(1, 0, "GC")),
        (0, "", "G", Change(0, 0, "G")),
        (2, "CAA", "T", Change(2, 3, "T")),
        (3, "a", "c", Change(3, 1, "C")),
    ],
)
def test_a_change_is_written_in_one_way(start, ref, alt, change):
    assert normalise("GGCAAAT", start, ref, alt) == change


@pytest.mark.parametrize(("start", "ref", "alt"), [(0, "A", "C"), (7, "A", "C"), (0, "G", "N"), (9, "", "A")])
def test_a_change_that_contradicts_the_sequence_is_refused(start, ref, alt):
    with pytest.raises(VariantError, match="splice scores"):
        normalise("GGCAAAT", start, ref, alt)


def test_one_deletion_has_one_answer_however_it_is_written(exons, gene):
    # AGG|GTATGG: c.558, c.559 and c.559+1 are all G.
    place = exons[3][1]
    answers = [score_variant(gene.bases, place + shift, "G", "", window=50).events for shift in (-1, 0, 1)]
    assert answers[0] == answers[1] == answers[2]


def test_a_site_that_moves_with_its_junction_is_not_lost(exons, gene):
    # c.559+1del leaves AG|GTATGG: the donor is as strong as it was, its exon one base shorter.
    place = exons[3][1] + 1
    events = score_variant(gene.bases, place, "G", "", window=50).events
    assert not [event for event in events if event.kind == "donor"]


def test_a_deleted_site_is_lost(exons, gene):
    last = exons[4][1]
    events = score_variant(gene.bases, last - 6, gene.bases[last - 6 : last + 8], "", window=50).events
    assert any(event.kind == "donor" and event.mutant == 0 and event.delta < -0.9 for event in events)


def test_a_variant_far_from_every_site_has_no_event(exons, gene):
    place = exons[4][1] + 900
    other = "A" if gene.bases[place] != "A" else "C"
    assert score_variant(gene.bases, place, gene.bases[place], other, window=200).events == ()


def test_the_aligned_scores_are_those_of_the_events(exons, gene):
    place = exons[2][1] + 1
    scores = score_variant(gene.bases, place, "G", "A", window=50)
    assert scores.reference.shape == scores.mutant.shape == (101, 2)
    for event in scores.events:
        row, column = event.position - scores.first, ("acceptor", "donor").index(event.kind)
        assert scores.reference[row, column] == np.float32(event.reference)
        assert scores.mutant[row, column] == np.float32(event.mutant)
        assert abs(event.delta) >= EVENT_THRESHOLD


def test_the_result_says_how_much_context_was_known(gene):
    scores = score_variants(gene.bases, [Change(10, 1, "A"), Change(5500, 1, "A")], window=1)
    # Behind base 5573 (chr16:28937544) only coding exons are known.
    assert scores[0].context_known == (10, 5000)
    assert scores[1].context_known == (5000, 73 + sum(gene.bases[5574:].count(base) for base in "ACGT"))


def test_the_other_strand_reads_the_same_gene(transcript, gene):
    # The chromosome turned round: position p becomes 10^8 - p.
    far = 10**8
    turned = replace(
        transcript,
        strand=-1,
        genomic_sequence=transcript.genomic_sequence.translate(str.maketrans("ACGT", "TGCA"))[::-1],
        genomic_start=far - transcript.genomic_start - len(transcript.genomic_sequence) + 1,
        exons=tuple(replace(exon, start=far - exon.end, end=far - exon.start) for exon in transcript.exons),
    )
    mirrored = gene_sequence(turned)
    assert mirrored.bases == gene.bases
    assert mirrored.index(far - 28932346) == gene.index(28932346) == 375
    assert mirrored.position(375) == far - gene.position(375)


def test_the_weights_come_with_their_licence():
    text = (resources.files("epitope.variant.splice_model") / "data" / "cispliceai_LICENSE.txt").read_text("utf-8")
    assert "CC BY 4.0" in text
    assert "Strauch" in text
